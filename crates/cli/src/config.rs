//! The configuration file: servers, whom to trust, sessions, which cluster.
//!
//! The file holds tokens, so it is made with mode 0600 and replaced as a whole, never half written. A lock file beside it keeps two
//! programs from renewing one session at the same time.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{ErrorKind, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use mc_domain::time::Time;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// One server and the session there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Context {
    /// `https://host:8443`.
    pub(crate) server: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ca_pin: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ca_file: Option<PathBuf>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) username: Option<String>,
    /// The cluster that kubectl speaks to when none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cluster: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tokens: Option<Tokens>,
    /// An API token that is used instead of a session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) token: Option<Secret>,
}

impl Context {
    /// Whether there is something to show the server.
    pub(crate) const fn logged_in(&self) -> bool {
        self.tokens.is_some() || self.token.is_some()
    }
}

/// A secret that is written to the file and nowhere else.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Secret(pub(crate) String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// A session's secrets.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) access_expires_at: Time,
    pub(crate) refresh: String,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("access_expires_at", &self.access_expires_at).finish_non_exhaustive()
    }
}

/// The whole file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Config {
    /// The context that is used when none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) current: Option<String>,
    #[serde(default)]
    pub(crate) contexts: BTreeMap<String, Context>,
    /// That `mc` uses the file of `mk8s`, and has said so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) shared: bool,
}

impl Config {
    /// Reads the file; a missing one is empty.
    pub(crate) fn load(path: &Path) -> Result<Self, Failure> {
        let bad = |why: String| Failure::failed(format!("cannot read {}: {why}", path.display()));
        match std::fs::read_to_string(path) {
            Ok(text) if text.trim().is_empty() => Ok(Self::default()),
            // The parser's message quotes the file, and the file holds tokens.
            Ok(text) => serde_saphyr::from_str(&text).map_err(|_| bad("it is not valid; repair it, or remove it and log in again".into())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(bad(error.to_string())),
        }
    }

    pub(crate) fn save(&self, path: &Path) -> Result<(), Failure> {
        let bad = |why: String| Failure::failed(format!("cannot write {}: {why}", path.display()));
        let text = serde_saphyr::to_string(self).map_err(|error| bad(error.to_string()))?;
        let fresh = path.with_extension(format!("{}.new", std::process::id()));
        let written = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh).and_then(|mut file| {
            file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            std::fs::rename(&fresh, path)
        });
        written.map_err(|error| {
            let _ = std::fs::remove_file(&fresh);
            bad(error.to_string())
        })
    }

    /// The context to use: the named one, else the current one.
    pub(crate) fn pick<'a>(&'a self, named: Option<&'a str>) -> Option<(&'a str, &'a Context)> {
        let name = named.or(self.current.as_deref())?;
        self.contexts.get_key_value(name).map(|(name, context)| (name.as_str(), context))
    }
}

/// The configuration while no other program may change it.
pub(crate) struct Locked {
    path: PathBuf,
    /// Holds the lock until it is closed.
    _lock: File,
}

impl Locked {
    /// Waits for the lock. The directory is made when it is missing.
    pub(crate) fn take(path: &Path) -> Result<Self, Failure> {
        let lock_path = path.with_extension("lock");
        let open = || {
            if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty() && !parent.exists()) {
                std::fs::DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
            }
            let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&lock_path)?;
            file.lock()?;
            Ok(file)
        };
        let lock = open().map_err(|error: std::io::Error| Failure::failed(format!("cannot lock {}: {error}", lock_path.display())))?;
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// Reads the file as it is now.
    pub(crate) fn load(&self) -> Result<Config, Failure> {
        Config::load(&self.path)
    }

    /// Changes the file.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Config)) -> Result<(), Failure> {
        let mut config = self.load()?;
        let before = config.clone();
        change(&mut config);
        if config == before { Ok(()) } else { config.save(&self.path) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_round_trips_with_mode_0600() {
        let dir = tempfile::tempdir().expect("dir");
        let path = dir.path().join("new/config.yaml");
        let locked = Locked::take(&path).expect("lock");
        let context = Context {
            server: "https://localhost:8443".into(),
            ca_pin: Some("sha256:00".into()),
            tokens: Some(Tokens { access: "a: b\n'x'".into(), access_expires_at: Time::from_micros(1_000), refresh: "r".into() }),
            ..Context::default()
        };
        locked
            .change(|config| {
                config.current = Some("default".into());
                config.contexts.insert("default".into(), context.clone());
            })
            .expect("saved");
        let config = locked.load().expect("loads");
        assert_eq!(config.pick(None), Some(("default", &context)));
        assert_eq!(config.pick(Some("other")), None);
        let mode = |path: &Path| std::fs::metadata(path).expect("exists").permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().expect("parent")), 0o700);
    }

    #[test]
    fn a_damaged_file_is_an_error_that_quotes_nothing() {
        let dir = tempfile::tempdir().expect("dir");
        let path = dir.path().join("config.yaml");
        std::fs::write(&path, "contexts: [secret-token").expect("written");
        let text = Config::load(&path).expect_err("damaged").text().map(str::to_owned).expect("text");
        assert!(text.contains("config.yaml") && !text.contains("secret-token"), "{text}");
    }
}
