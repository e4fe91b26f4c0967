//! What a browser loads before the login page works: the document and every file it names, compressed.

use std::collections::BTreeSet;

use anyhow::ensure;

use crate::run::Bench;

const FIRST_LOAD_KB: f64 = 300.0;
/// More than a page has.
const FILES_MAX: usize = 200;

/// Bytes of the bodies.
pub(super) async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let mut wire = bench.central.wire(None).await?;
    let document = wire.get_ok("/login", false).await?;
    let mut bytes = wire.get_ok("/login", true).await?.len();
    let files = files(&String::from_utf8_lossy(&document));
    ensure!(!files.is_empty(), "the page names no files: was it built into the server?");
    for file in &files {
        bytes += wire.get_ok(file, true).await?.len();
    }
    bench.figure("page: first load of the login page (gzip)", bytes as f64 / 1e3, "KB", Some(FIRST_LOAD_KB));
    bench.figure("page: files of the first load", files.len() as f64 + 1.0, "", None);
    Ok(())
}

/// The page's own files that a document names in `src` and `href`.
fn files(document: &str) -> BTreeSet<String> {
    let named = |attribute: &str| {
        let parts: Vec<String> = document.split(attribute).skip(1).filter_map(|rest| Some(rest.split('"').next()?.to_owned())).collect();
        parts
    };
    let own = |file: &String| file.starts_with('/') && !file.starts_with("//");
    named("src=\"").into_iter().chain(named("href=\"")).filter(own).take(FILES_MAX).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn scripts_styles_and_preloads_are_found_once() {
        let document = r#"<link rel="icon" href="/favicon.svg"><script src="/theme.js"></script><script type="module" src="/assets/a.js">
            </script><link rel="modulepreload" href="/assets/b.js"><link rel="stylesheet" href="/assets/a.css"><a href="https://x.example/">
            <link rel="modulepreload" href="/assets/b.js">"#;
        let found: Vec<String> = super::files(document).into_iter().collect();
        assert_eq!(found, ["/assets/a.css", "/assets/a.js", "/assets/b.js", "/favicon.svg", "/theme.js"]);
    }
}
