//! Checks of the house that are more than a line of make.
//!
//! `cargo run -p xtask -- edges|lines|links` runs one of them; the test suite runs all. What is a plain command belongs in `scripts/`.

mod edges;
mod lines;
mod links;

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result, bail};

/// A check answers with what it found, in words.
type Check = fn() -> Result<Vec<String>>;

/// The checks by name.
const CHECKS: &[(&str, Check)] = &[("edges", edges::check), ("lines", lines::check), ("links", links::check)];

fn main() -> Result<ExitCode> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let mut out = std::io::stdout().lock();
    let mut clean = true;
    for name in &wanted {
        let Some((_, check)) = CHECKS.iter().find(|(known, _)| known == name) else {
            bail!("no check is called {name:?}: use edges, lines or links");
        };
        for finding in check()? {
            writeln!(out, "{name}: {finding}")?;
            clean = false;
        }
    }
    if wanted.is_empty() {
        bail!("say which check: edges, lines or links");
    }
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The top of the repository.
fn root() -> Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(here.parent().context("xtask lies in the repository")?.to_owned())
}

/// The files that git tracks or would track, relative to the top: what `.gitignore` names is left out.
fn files() -> Result<Vec<PathBuf>> {
    let output = std::process::Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root()?)
        .output()
        .context("cannot run git; install it with: apt-get install git")?;
    if !output.status.success() {
        bail!("git ls-files failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let listing = String::from_utf8(output.stdout).context("a file name is not UTF-8")?;
    let top = root()?;
    // A file deleted but not yet committed is still listed.
    Ok(listing.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from).filter(|path| top.join(path).is_file()).collect())
}
