//! `mc-agent install`: writes a systemd unit that runs this program.

use std::path::{Path, PathBuf};

use crate::identity::{DataDir, IdentityError};

/// Why no unit was written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InstallError {
    #[error(transparent)]
    Identity(#[from] IdentityError),
    #[error("cannot tell where this program lies: {0}")]
    Program(std::io::Error),
    #[error("cannot find {}: {source}", path.display())]
    Path { path: PathBuf, source: std::io::Error },
    #[error("{} cannot stand in a unit file: use a path without line breaks and control characters", .0.display())]
    Unquotable(PathBuf),
    #[error("{} is there already and differs: remove it first, or choose another with --unit", .0.display())]
    Exists(PathBuf),
    #[error("cannot write {}: {source}; run this as root, or choose another file with --unit", path.display())]
    Write { path: PathBuf, source: std::io::Error },
}

/// Writes the unit; returns what to do next.
pub(crate) fn install(data_dir: &Path, config: Option<&Path>, unit: &Path) -> Result<String, InstallError> {
    DataDir::joined(data_dir)?;
    let program = std::env::current_exe().map_err(InstallError::Program)?;
    let whole = |path: &Path| path.canonicalize().map_err(|source| InstallError::Path { path: path.to_owned(), source });
    let mut command = format!("{} run --data-dir {}", quoted(&program)?, quoted(&whole(data_dir)?)?);
    if let Some(config) = config {
        command.push_str(" --config ");
        command.push_str(&quoted(&whole(config)?)?);
    }
    let text = unit_text(&command);
    match std::fs::read_to_string(unit) {
        Ok(there) if there != text => return Err(InstallError::Exists(unit.to_owned())),
        _ => std::fs::write(unit, text).map_err(|source| InstallError::Write { path: unit.to_owned(), source })?,
    }
    let name = unit.file_name().unwrap_or_default().to_string_lossy();
    Ok(format!("Wrote {}.\n\nNext: systemctl daemon-reload && systemctl enable --now {name}", unit.display()))
}

/// The workload is the agent's to stop, within its own time; what is left after that is systemd's.
fn unit_text(command: &str) -> String {
    format!(
        "[Unit]\nDescription=Mission Control agent\nAfter=network-online.target\nWants=network-online.target\n\n\
         [Service]\nExecStart={command}\nRestart=always\nRestartSec=2\nKillMode=mixed\nTimeoutStopSec=90\n\n\
         [Install]\nWantedBy=multi-user.target\n"
    )
}

/// As systemd reads a command line: quotes and backslashes escaped, `%` and `$` doubled.
fn quoted(path: &Path) -> Result<String, InstallError> {
    let text = path.to_str().filter(|text| !text.chars().any(char::is_control)).ok_or_else(|| InstallError::Unquotable(path.to_owned()))?;
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%").replace('$', "$$");
    Ok(format!("\"{escaped}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_paths_are_quoted_for_systemd() {
        assert_eq!(quoted(Path::new("/a b/100%/\"x\"")).ok().as_deref(), Some("\"/a b/100%%/\\\"x\\\"\""));
        assert!(quoted(Path::new("/a\nExecStart=/bin/evil")).is_err());
    }
}
