//! What `openclaw.json` says that matters from outside: the port, how to authenticate, where the log goes.
//!
//! Read leniently (JSON5, unknown keys) and kept small: everything else in that file is the gateway's own business. A secret that the
//! file only points to (`${NAME}`, a secret reference) is [`Credential::Elsewhere`].

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::{files, json5};

/// The port a gateway listens on when its configuration names none.
pub const DEFAULT_PORT: u16 = 18789;
/// The largest configuration file that is read, in bytes.
const CONFIG_MAX_BYTES: u64 = 4 * 1024 * 1024;

/// What to present to the gateway.
#[derive(Debug, Clone)]
pub enum Credential {
    /// `gateway.auth.token`.
    Token(SecretString),
    /// `gateway.auth.password`.
    Password(SecretString),
    /// The gateway asks for nothing.
    Open,
    /// In the gateway's environment, a secret store or a flag: not to be read from the file.
    Elsewhere,
}

impl Credential {
    /// Whether both would present the same thing.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Token(a), Self::Token(b)) | (Self::Password(a), Self::Password(b)) => a.expose_secret() == b.expose_secret(),
            (Self::Open, Self::Open) | (Self::Elsewhere, Self::Elsewhere) => true,
            _ => false,
        }
    }
}

/// The part of the gateway's configuration that is looked at.
#[derive(Debug, Clone)]
pub struct Config {
    /// `gateway.port`; a flag or the environment may override it, so the lock file's port counts more.
    pub port: Option<u16>,
    /// `gateway.bind`: `loopback`, `lan`, `tailnet`, `auto` or `custom`. Every mode serves 127.0.0.1 too.
    pub bind: Option<String>,
    /// How to authenticate.
    pub credential: Credential,
    /// Whether `gateway.tls.enabled` is set.
    pub tls: bool,
    /// Whether `commands.restart` lets SIGUSR2 restart it; it does unless set to false.
    pub restart_allowed: bool,
    /// `logging.file`.
    pub log_file: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self { port: None, bind: None, credential: Credential::Elsewhere, tls: false, restart_allowed: true, log_file: None }
    }
}

/// A configuration that cannot be read. The text never quotes the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigProblem {
    /// It is no JSON.
    #[error("openclaw.json cannot be understood, {0}")]
    Malformed(String),
    /// The file system refused.
    #[error("openclaw.json cannot be read: {0}")]
    Unreadable(ErrorKind),
    /// It is larger than any sensible configuration.
    #[error("openclaw.json is larger than 4 MiB")]
    TooLarge,
}

/// The file a gateway with this state directory reads when it is not told another.
#[must_use]
pub fn path_in(state_dir: &Path) -> PathBuf {
    state_dir.join("openclaw.json")
}

/// Reads the configuration at `path`. A file that does not exist is a gateway that was started unconfigured.
///
/// # Errors
/// When the file is there but cannot be read or understood.
pub fn read(path: &Path) -> Result<Config, ConfigProblem> {
    let text = match files::read(path, CONFIG_MAX_BYTES + 1) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Config::default()),
        Err(error) => return Err(ConfigProblem::Unreadable(error.kind())),
    };
    if text.len() as u64 > CONFIG_MAX_BYTES {
        return Err(ConfigProblem::TooLarge);
    }
    parse(&String::from_utf8_lossy(&text))
}

/// Understands the text of a configuration.
///
/// # Errors
/// When it is neither JSON nor JSON5.
pub fn parse(text: &str) -> Result<Config, ConfigProblem> {
    let root = json5::parse(text).map_err(|bad| ConfigProblem::Malformed(bad.to_string()))?;
    let gateway = root.get("gateway");
    let in_gateway = |name: &str| gateway.and_then(|gateway| gateway.get(name));
    let log_file = root.pointer("/logging/file").and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    Ok(Config {
        port: in_gateway("port").and_then(Value::as_u64).and_then(|port| u16::try_from(port).ok()).filter(|port| *port > 0),
        bind: in_gateway("bind").and_then(Value::as_str).map(str::to_owned),
        credential: credential(in_gateway("auth")),
        tls: in_gateway("tls").and_then(|tls| tls.get("enabled")).and_then(Value::as_bool).unwrap_or(false),
        restart_allowed: root.pointer("/commands/restart").and_then(Value::as_bool).unwrap_or(true),
        log_file: log_file.map(PathBuf::from),
    })
}

fn credential(auth: Option<&Value>) -> Credential {
    let secret = |name: &str| {
        let text = auth?.get(name)?.as_str()?.trim();
        // `${NAME}` is filled in from the gateway's own environment, which is not ours to read.
        (!text.is_empty() && !text.contains("${")).then(|| SecretString::from(text))
    };
    let (token, password) = (secret("token").map(Credential::Token), secret("password").map(Credential::Password));
    let chosen = match auth.and_then(|auth| auth.get("mode")).and_then(Value::as_str) {
        Some("none") => Some(Credential::Open),
        Some("password") => password,
        Some("token") => token,
        _ => token.or(password),
    };
    chosen.unwrap_or(Credential::Elsewhere)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usual_configuration_is_understood() {
        let config = parse(
            r#"{ "gateway": { "mode": "local", "port": 28789, "bind": "lan", "auth": { "mode": "token", "token": "lab-token" }, "tls": {"enabled": true} },
                 "logging": {"file": "/srv/gw/gateway.log"}, "commands": {"restart": false}, "models": {"anything": [1, 2]} }"#,
        )
        .unwrap();
        assert!(!config.restart_allowed && Config::default().restart_allowed);
        assert_eq!((config.port, config.bind.as_deref(), config.tls), (Some(28789), Some("lan"), true));
        assert_eq!(config.log_file, Some(PathBuf::from("/srv/gw/gateway.log")));
        assert!(config.credential.same_as(&Credential::Token(SecretString::from("lab-token"))));
        assert!(!format!("{config:?}").contains("lab-token"), "a secret shows in Debug");
    }

    #[test]
    fn a_comment_trailing_commas_and_odd_values_do_no_harm() {
        let config = parse("{ // mine\n gateway: { port: 99999, bind: 3, auth: { password: 'pw', }, }, logging: { file: ' ' } }").unwrap();
        assert_eq!((config.port, config.bind, config.log_file), (None, None, None));
        assert!(matches!(config.credential, Credential::Password(_)));
    }

    #[test]
    fn secrets_kept_elsewhere_are_known_to_be_elsewhere() {
        for auth in [
            r#"{"mode":"token","token":"${GATEWAY_TOKEN}"}"#,
            r#"{"mode":"token","token":{"source":"env","id":"T"}}"#,
            r#"{"mode":"password"}"#,
            "{}",
            "null",
        ] {
            let config = parse(&format!(r#"{{"gateway":{{"auth":{auth}}}}}"#)).unwrap();
            assert!(matches!(config.credential, Credential::Elsewhere), "{auth}");
        }
        assert!(matches!(parse(r#"{"gateway":{"auth":{"mode":"none"}}}"#).unwrap().credential, Credential::Open));
    }

    #[test]
    fn problems_name_the_line_and_never_the_secret() {
        let problem = parse("{\n\"gateway\": {\"auth\": {\"token\": \"s3cret\"} \"port\": 1}").unwrap_err();
        assert_eq!(problem.to_string(), "openclaw.json cannot be understood, line 2: a comma or the end of the object was expected");
    }

    #[test]
    fn a_missing_file_is_an_unconfigured_gateway() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(read(&path_in(dir.path())).unwrap().port, None);
        assert_eq!(read(dir.path()).unwrap_err(), ConfigProblem::Unreadable(ErrorKind::InvalidInput));
    }
}
