//! No source file past 500 lines: a longer one is two things, and the second has a name of its own.

use std::{ffi::OsStr, path::Path};

use anyhow::{Context, Result};

use crate::{files, root};

/// The longest source file allowed.
const MOST: usize = 500;
/// What people write by hand.
const SOURCES: &[&str] = &["rs", "ts", "tsx", "js", "mjs", "css", "sh", "py", "proto"];
/// Written by a program from something else that is checked: its length says nothing.
const GENERATED: &[&str] = &["web/src/api/schema.d.ts"];

/// Every source file that is too long.
pub(crate) fn check() -> Result<Vec<String>> {
    let top = root()?;
    let mut findings = Vec::new();
    for path in files()?.iter().filter(|path| is_source(path)) {
        let text = std::fs::read_to_string(top.join(path)).with_context(|| format!("cannot read {}", path.display()))?;
        findings.extend(too_long(path, &text));
    }
    Ok(findings)
}

fn is_source(path: &Path) -> bool {
    let known = path.extension().and_then(OsStr::to_str).is_some_and(|extension| SOURCES.contains(&extension));
    known && !GENERATED.iter().any(|generated| path == Path::new(generated))
}

fn too_long(path: &Path, text: &str) -> Option<String> {
    let lines = text.lines().count();
    (lines > MOST).then(|| format!("{} has {lines} lines, more than {MOST}: find its second thing and give it a file", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_source_file_is_too_long() {
        assert_eq!(check().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn the_limit_is_inclusive() {
        let path = Path::new("a.rs");
        assert_eq!(too_long(path, &"x\n".repeat(MOST)), None);
        assert!(too_long(path, &"x\n".repeat(MOST + 1)).is_some());
    }

    #[test]
    fn generated_files_and_documents_are_left_alone() {
        assert!(is_source(Path::new("crates/domain/src/lib.rs")));
        assert!(!is_source(Path::new("web/src/api/schema.d.ts")));
        assert!(!is_source(Path::new("Cargo.lock")));
    }
}
