//! Links from one document of this repository to another lead somewhere.

use std::path::Path;

use anyhow::{Context, Result};

use crate::{files, root};

/// Every link in a Markdown file to a file that does not exist.
pub(crate) fn check() -> Result<Vec<String>> {
    let top = root()?;
    let mut findings = Vec::new();
    for path in files()?.iter().filter(|path| path.extension().is_some_and(|extension| extension == "md")) {
        let text = std::fs::read_to_string(top.join(path)).with_context(|| format!("cannot read {}", path.display()))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        for target in targets(&text) {
            if !top.join(folder).join(target).exists() {
                findings.push(format!("{} links to {target}, which does not exist", path.display()));
            }
        }
    }
    Ok(findings)
}

/// The local files that a Markdown text links to, without their `#` parts.
fn targets(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| {
        let link = rest.split([')', ' ']).next()?;
        let file = link.split('#').next()?;
        (!file.is_empty() && !file.contains("://") && !file.starts_with("mailto:")).then_some(file)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_between_documents_lead_somewhere() {
        assert_eq!(check().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn only_local_files_are_targets() {
        let text = "[a](docs/a.md#part) [b](https://example.org/x) [c](#here) ![d](images/d.png \"title\")";
        assert_eq!(targets(text).collect::<Vec<_>>(), ["docs/a.md", "images/d.png"]);
    }
}
