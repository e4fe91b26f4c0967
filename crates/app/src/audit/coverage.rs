//! What the code writes into the trail is what docs/audit.md says it does.

use std::{collections::BTreeSet, fs, path::Path};

use mc_domain::action::ALL;

const HOME: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn sources(dir: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            sources(&entry.path(), found);
        } else if entry.path().extension().is_some_and(|ending| ending == "rs") && entry.file_name() != "coverage.rs" {
            let text = fs::read_to_string(entry.path()).unwrap();
            // Tests make up actions.
            found.push(text.split("#[cfg(test)]").next().unwrap().to_owned());
        }
    }
}

/// Words in quotation marks that stand where an entry's action stands.
fn emitted() -> BTreeSet<String> {
    let mut texts = Vec::new();
    for room in ["app", "store", "server"] {
        sources(&Path::new(HOME).join("crates").join(room).join("src"), &mut texts);
    }
    let mut words = BTreeSet::new();
    for text in &texts {
        for call in ["AuditEntry::new(", "agent_entry(", "cluster_entry(", "by_system(", " entry(", "self.spend(", "factor_failed("] {
            for rest in text.split(call).skip(1) {
                let whole = rest.split("AuditResult::").next().unwrap().split(", result)").next().unwrap();
                let arguments = whole.split(".await").next().unwrap();
                if arguments.len() < 300 {
                    words.extend(arguments.split('"').skip(1).step_by(2).map(ToOwned::to_owned));
                }
            }
        }
    }
    words.retain(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '_') && word.len() > 3);
    words.extend([mc_trail::verify::KEY_CHANGED.to_owned(), "user_enable".to_owned(), "user_disable".to_owned()]);
    words
}

/// Names in the first column of the guide's tables of actions.
fn documented() -> BTreeSet<String> {
    let guide = fs::read_to_string(Path::new(HOME).join("docs/audit.md")).unwrap();
    let chapter = guide.split("## What is recorded").nth(1).unwrap().split("\n## ").next().unwrap();
    let first = chapter.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    first.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(ToOwned::to_owned).collect()
}

#[test]
fn the_guide_knows_every_entry_that_the_code_writes() {
    let (emitted, documented) = (emitted(), documented());
    assert!(emitted.len() > 15 && emitted.contains("login") && emitted.contains("agent_disconnect"), "{emitted:?}");
    let actions: BTreeSet<String> = ALL.iter().map(|action| action.name.to_owned()).collect();
    let unknown: Vec<_> = emitted.iter().filter(|word| !documented.contains(*word) && !actions.contains(*word)).collect();
    assert!(unknown.is_empty(), "docs/audit.md does not name {unknown:?}");
    let stale: Vec<_> = documented.iter().filter(|word| !emitted.contains(*word) && !actions.contains(*word)).collect();
    assert!(stale.is_empty(), "docs/audit.md names {stale:?}, and nothing writes that");
}
