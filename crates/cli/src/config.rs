//! The environment and the configuration file: servers, whom to trust, sessions. Nothing else reads the environment.
//!
//! The file holds tokens, so it is made with mode 0600 and replaced as a whole, never half written. A lock file beside it keeps two
//! programs from renewing one session at the same time.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{ErrorKind, IsTerminal as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use mc_domain::time::Time;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// What the program reads from its surroundings.
pub(crate) struct Environment {
    /// The name it was called by: `mc` or `mk8s`.
    pub(crate) program: &'static str,
    /// The configuration file; `None` when there is no home directory to keep it in.
    pub(crate) config: Option<PathBuf>,
    /// An API token to use instead of what the configuration holds.
    pub(crate) token: Option<Secret>,
    /// The server to use instead of a context, and whom to trust there.
    pub(crate) server: Option<Context>,
    /// Whether stdin, stdout and stderr are terminals.
    pub(crate) stdin_terminal: bool,
    pub(crate) stdout_terminal: bool,
    pub(crate) stderr_terminal: bool,
    /// Whether there is a desktop on which a browser can open.
    pub(crate) desktop: bool,
    /// Whether the user wants no colours.
    pub(crate) no_color: bool,
    /// The terminal's width in columns.
    pub(crate) width: Option<u16>,
}

impl Environment {
    pub(crate) fn read() -> Self {
        let called = std::env::args_os().next().map(PathBuf::from).unwrap_or_default();
        let program = if called.file_stem().is_some_and(|name| name == "mk8s") { "mk8s" } else { "mc" };
        let value = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let home = || value("HOME").map(PathBuf::from);
        let config = value("MC_CONFIG").map(PathBuf::from).or_else(|| {
            if program == "mk8s" {
                return home().map(|home| home.join(".mk8s/config.yaml"));
            }
            let base = value("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
            base.or_else(|| home().map(|home| home.join(".config"))).map(|base| base.join("mc/config.yaml"))
        });
        let words = |name: &str| value(name).and_then(|text| text.into_string().ok());
        let server = words("MC_SERVER").map(|server| Context {
            server,
            ca_pin: words("MC_CA_PIN"),
            ca_file: value("MC_CA_FILE").map(PathBuf::from),
            ..Context::default()
        });
        let stdout_terminal = std::io::stdout().is_terminal();
        let width = rustix::termios::tcgetwinsize(std::io::stdout()).ok().map(|size| size.ws_col).filter(|columns| *columns > 0);
        Self {
            program,
            config,
            token: words("MC_TOKEN").map(|token| Secret(token.trim().to_owned())),
            server,
            stdin_terminal: std::io::stdin().is_terminal(),
            stdout_terminal,
            stderr_terminal: std::io::stderr().is_terminal(),
            desktop: value("DISPLAY").or_else(|| value("WAYLAND_DISPLAY")).is_some(),
            no_color: value("NO_COLOR").is_some() || value("TERM").is_some_and(|term| term == "dumb"),
            width: width.filter(|_| stdout_terminal),
        }
    }

    /// Where the configuration is kept.
    pub(crate) fn config_path(&self) -> Result<&Path, Failure> {
        self.config.as_deref().ok_or_else(|| Failure::failed("no place for the configuration: set HOME or MC_CONFIG"))
    }
}

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

    fn save(&self, path: &Path) -> Result<(), Failure> {
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
