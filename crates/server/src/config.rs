//! The configuration: file, then environment, then flags; the last word wins.
//!
//! Keys are the same everywhere: `[agents] listen` in the file is `MC_AGENTS__LISTEN` in the environment. Unknown keys are errors.

mod mail;
mod recordings;
mod shown;

use std::{
    fs,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail};
use mc_app::Settings;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use toml::{Table, Value};

pub(crate) use self::{mail::Mail, recordings::Recordings};

/// The whole configuration.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    pub(crate) http: Http,
    pub(crate) agents: Agents,
    pub(crate) database: Database,
    pub(crate) auth: Auth,
    pub(crate) mail: Mail,
    pub(crate) audit: Audit,
    pub(crate) recordings: Recordings,
    pub(crate) log: Log,
}

/// The port for people and their tools.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Http {
    /// Where to listen.
    pub(crate) listen: SocketAddr,
    /// What people type, when it differs: behind a proxy, with a DNS name.
    pub(crate) public_url: Option<String>,
    /// A certificate chain of your own, in PEM; without one the internal authority makes one.
    pub(crate) tls_cert: Option<PathBuf>,
    /// Its key.
    pub(crate) tls_key: Option<PathBuf>,
    /// Names to ask an ACME authority for a certificate for.
    pub(crate) acme_domain: Vec<String>,
    /// The authority's directory.
    pub(crate) acme_directory: String,
    /// Whom to trust at the directory's address, in PEM; the system's authorities without it.
    pub(crate) acme_ca: Option<PathBuf>,
    /// Where the authority may write to.
    pub(crate) acme_contact: Option<String>,
    /// Where to send people from plain HTTP to HTTPS.
    pub(crate) redirect: Option<SocketAddr>,
    /// How long a request's body may take.
    #[serde(deserialize_with = "duration")]
    pub(crate) body_within: Duration,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub(crate) trusted_proxies: Vec<IpAddr>,
}

/// Let's Encrypt.
const ACME_DIRECTORY: &str = "https://acme-v02.api.letsencrypt.org/directory";

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8443)),
            public_url: None,
            tls_cert: None,
            tls_key: None,
            acme_domain: Vec::new(),
            acme_directory: ACME_DIRECTORY.to_owned(),
            acme_ca: None,
            acme_contact: None,
            redirect: None,
            body_within: Duration::from_secs(30),
            trusted_proxies: Vec::new(),
        }
    }
}

/// The port for agents.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Agents {
    /// Where to listen.
    pub(crate) listen: SocketAddr,
    /// What agents dial, when it differs: `host:port`.
    pub(crate) address: Option<String>,
    /// How often agents send a heartbeat.
    #[serde(deserialize_with = "duration")]
    pub(crate) heartbeat: Duration,
    /// After how long without one an agent is offline.
    #[serde(deserialize_with = "duration")]
    pub(crate) offline_after: Duration,
    /// How long an agent's certificate lives.
    #[serde(deserialize_with = "duration")]
    pub(crate) certificate_life: Duration,
    /// How long a connection may take to become an agent's.
    #[serde(deserialize_with = "duration")]
    pub(crate) known_within: Duration,
}

impl Default for Agents {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8444)),
            address: None,
            heartbeat: Duration::from_secs(30),
            offline_after: Duration::from_secs(60),
            certificate_life: Duration::from_secs(7 * 86_400),
            known_within: Duration::from_secs(30),
        }
    }
}

/// Where things are stored.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Database {
    /// `postgres://…`; without one SQLite in the data directory.
    pub(crate) url: Option<SecretString>,
}

/// Logging in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Auth {
    /// How long an access token lives.
    #[serde(deserialize_with = "duration")]
    pub(crate) access_life: Duration,
    /// How long a login lives without being used.
    #[serde(deserialize_with = "duration")]
    pub(crate) refresh_life: Duration,
    /// Whether identity providers on loopback may be asked without TLS: for tests and development.
    #[serde(deserialize_with = "truth")]
    pub(crate) oidc_http_loopback: bool,
    /// How long a proof of who one is counts, for roles that ask for one before destructive actions.
    #[serde(deserialize_with = "duration")]
    pub(crate) step_up_life: Duration,
    /// How long an API token may live at most.
    #[serde(deserialize_with = "duration")]
    pub(crate) token_life_max: Duration,
    /// Keys that seal secrets at rest: 32 bytes in base64, one a line, newest first; without one `keys/seal.key` in the data directory.
    pub(crate) seal_key: Option<SecretString>,
    /// The file with the keys that sign access tokens; `keys/jwt.pem` without one.
    pub(crate) jwt_key_file: Option<PathBuf>,
    /// Go on with this server's keys although the database knows others, which are lost.
    #[serde(deserialize_with = "truth")]
    pub(crate) accept_new_keys: bool,
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            access_life: Duration::from_secs(86_400),
            refresh_life: Duration::from_secs(30 * 86_400),
            step_up_life: Duration::from_secs(600),
            token_life_max: Duration::from_secs(365 * 86_400),
            oidc_http_loopback: false,
            seal_key: None,
            jwt_key_file: None,
            accept_new_keys: false,
        }
    }
}

/// The audit trail.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Audit {
    /// How long entries are kept.
    #[serde(deserialize_with = "duration")]
    pub(crate) retention: Duration,
    /// A file that gets a copy of each checkpoint.
    pub(crate) mirror_file: Option<PathBuf>,
    /// A URL that gets a copy of each checkpoint.
    pub(crate) mirror_webhook: Option<SecretString>,
    /// Go on although `keys/audit.key` is lost or another one.
    #[serde(deserialize_with = "truth")]
    pub(crate) accept_new_key: bool,
}

impl Default for Audit {
    fn default() -> Self {
        Self { retention: Duration::from_secs(90 * 86_400), mirror_file: None, mirror_webhook: None, accept_new_key: false }
    }
}

/// The server's own log.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Log {
    /// A tracing filter: `info`, `warn,mc_app=debug`.
    pub(crate) filter: String,
    /// How lines look on stderr.
    pub(crate) format: LogFormat,
}

impl Default for Log {
    fn default() -> Self {
        Self { filter: "info".to_owned(), format: LogFormat::Text }
    }
}

/// How lines of the log look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    Text,
    Json,
}

/// The cost of password hashes.
const BCRYPT_COST: u32 = 12;

/// True or false; the environment gives it as text.
fn truth<'de, D: serde::Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Given {
        Truth(bool),
        Text(String),
    }
    match Given::deserialize(from)? {
        Given::Truth(truth) => Ok(truth),
        Given::Text(text) => text.parse().map_err(|_| serde::de::Error::custom(format!("{text:?} is neither true nor false"))),
    }
}

fn duration<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(from)?;
    humantime::parse_duration(&text).map_err(|error| serde::de::Error::custom(format!("{text:?} is no duration such as \"30s\": {error}")))
}

/// Names of the environment that are not made of a section and a key.
const SHORT_NAMES: [(&str, &str, &str); 6] = [
    ("DATABASE_URL", "database", "url"),
    ("MC_SMTP_URL", "mail", "smtp_url"),
    ("MC_LOG", "log", "filter"),
    ("MC_LOG_FORMAT", "log", "format"),
    ("MC_SEAL_KEY", "auth", "seal_key"),
    ("MC_JWT_KEY_FILE", "auth", "jwt_key_file"),
];

impl Config {
    /// Reads the file, if one is named, and lays the environment and `flags` (section, key, value) over it.
    pub(crate) fn load(file: Option<&Path>, flags: &[(&str, &str, Option<String>)]) -> anyhow::Result<Self> {
        let mut table = match file {
            None => Table::new(),
            Some(path) => {
                let text = fs::read_to_string(path).with_context(|| format!("cannot read the configuration {}", path.display()))?;
                // Read once for its own sake: errors name the line and column of the file.
                toml::from_str::<Self>(&text).map_err(|error| {
                    anyhow::anyhow!("the configuration {} is not valid: {}", path.display(), in_one_line(&error, &text))
                })?;
                toml::from_str(&text)?
            }
        };
        for (section, key, value) in environment() {
            set(&mut table, &section, &key, value);
        }
        for (section, key, value) in flags {
            if let Some(value) = value {
                set(&mut table, section, key, value.clone());
            }
        }
        let config: Self = Value::Table(table)
            .try_into()
            .map_err(|error| anyhow::anyhow!("the configuration is not valid: {}", in_one_line(&error, "")))?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> anyhow::Result<()> {
        if self.http.tls_cert.is_some() != self.http.tls_key.is_some() {
            bail!("tls_cert and tls_key go together: give both or neither");
        }
        if self.http.tls_cert.is_some() && !self.http.acme_domain.is_empty() {
            bail!("tls_cert and acme_domain exclude each other: the certificate comes from files or from an ACME authority");
        }
        if !self.http.acme_directory.starts_with("https://") {
            bail!("http.acme_directory must begin with https://");
        }
        if self.http.body_within.is_zero() || self.agents.known_within.is_zero() {
            bail!("http.body_within and agents.known_within must be longer than nothing");
        }
        if let Some(url) = &self.database.url
            && !url.expose_secret().starts_with("postgres://")
            && !url.expose_secret().starts_with("postgresql://")
        {
            bail!("DATABASE_URL must begin with postgres:// (leave it out for SQLite)");
        }
        if self.agents.heartbeat < Duration::from_secs(1) || self.agents.offline_after < self.agents.heartbeat {
            bail!("agents.heartbeat must be at least 1s and agents.offline_after no shorter than it");
        }
        if self.agents.certificate_life < Duration::from_secs(86_400) {
            bail!("agents.certificate_life must be at least 1day: agents renew at two thirds of it");
        }
        if self.audit.retention < Duration::from_secs(86_400) {
            bail!("audit.retention must be at least 1day");
        }
        self.recordings.check()?;
        if self.audit.mirror_webhook.as_ref().is_some_and(|url| !is_web_address(url.expose_secret())) {
            bail!("audit.mirror_webhook must begin with https:// (or http:// within a machine or a network of yours)");
        }
        if self.public_url_host().is_none() && self.http.public_url.is_some() {
            bail!("http.public_url must look like https://host or https://host:port");
        }
        self.mail().map(drop)
    }

    fn public_url_host(&self) -> Option<String> {
        let uri: http::Uri = self.http.public_url.as_ref()?.parse().ok()?;
        (uri.scheme_str() == Some("https")).then_some(())?;
        uri.host().map(ToOwned::to_owned)
    }

    /// The host people and agents use, when none is configured: what we listen on, or this machine's name.
    fn host(&self, listen: SocketAddr) -> String {
        self.public_url_host().unwrap_or_else(|| match listen.ip() {
            ip if ip.is_unspecified() => hostname(),
            IpAddr::V6(ip) => format!("[{ip}]"),
            ip @ IpAddr::V4(_) => ip.to_string(),
        })
    }

    /// Names and addresses the server's certificate carries.
    pub(crate) fn certificate_names(&self) -> Vec<String> {
        let mut names = vec![mc_wire::SERVER_NAME.to_owned(), "localhost".into(), "127.0.0.1".into(), "::1".into(), hostname()];
        names.extend(self.public_url_host());
        names.extend(self.http.acme_domain.iter().cloned());
        names.extend(self.agents.address.as_ref().and_then(|address| address.rsplit_once(':')).map(|(host, _)| host.to_owned()));
        for listen in [self.http.listen, self.agents.listen] {
            if !listen.ip().is_unspecified() {
                names.push(listen.ip().to_string());
            }
        }
        names.iter_mut().for_each(|name| *name = name.trim_matches(['[', ']']).to_owned());
        names.sort();
        names.dedup();
        names.retain(|name| !name.is_empty());
        names
    }

    /// What the people's port needs.
    pub(crate) fn people(&self) -> crate::http::Settings {
        // A certificate of our own authority is trusted by few browsers, and one that was told to come by HTTPS only would do so for every
        // port of the machine's name, `localhost` included.
        let named = |host: String| host != "localhost" && host.trim_matches(['[', ']']).parse::<IpAddr>().is_err();
        crate::http::Settings {
            trusted_proxies: self.http.trusted_proxies.iter().map(IpAddr::to_canonical).collect(),
            hsts: self.http.tls_cert.is_some() || !self.http.acme_domain.is_empty() || self.public_url_host().is_some_and(named),
            body_within: self.http.body_within,
        }
    }

    /// What `mc-app` needs, once the ports are bound.
    pub(crate) fn settings(&self, data_dir: PathBuf, http: SocketAddr, agents: SocketAddr) -> anyhow::Result<Settings> {
        Ok(Settings {
            data_dir,
            agent_address: self.agents.address.clone().unwrap_or_else(|| format!("{}:{}", self.host(agents), agents.port())),
            public_url: self.http.public_url.clone().unwrap_or_else(|| format!("https://{}:{}", self.host(http), http.port())),
            access_life: self.auth.access_life,
            refresh_life: self.auth.refresh_life,
            step_up_life: self.auth.step_up_life,
            token_life_max: self.auth.token_life_max,
            heartbeat: self.agents.heartbeat,
            offline_after: self.agents.offline_after,
            certificate_life: self.agents.certificate_life,
            jwt_key_file: self.auth.jwt_key_file.clone(),
            seal_key: self.auth.seal_key.clone(),
            oidc_http_loopback: self.auth.oidc_http_loopback,
            audit: mc_app::settings::AuditSettings {
                retention: self.audit.retention,
                mirror_file: self.audit.mirror_file.clone(),
                mirror_webhook: self.audit.mirror_webhook.clone(),
            },
            recordings: self.recordings.settings(),
            bcrypt_cost: BCRYPT_COST,
            mail: self.mail()?,
        })
    }
}

fn is_web_address(text: &str) -> bool {
    let scheme = text.parse::<http::Uri>().ok().and_then(|uri| uri.scheme_str().map(ToOwned::to_owned));
    matches!(scheme.as_deref(), Some("http" | "https"))
}

/// What is wrong with a configuration and where, without the excerpt that TOML's own errors draw over several lines.
fn in_one_line(error: &toml::de::Error, text: &str) -> String {
    let message = error.message().replace('\n', ", ");
    let Some(before) = error.span().and_then(|span| text.get(..span.start)) else { return message };
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {line}, column {column}: {message}")
}

/// This machine's name.
pub(crate) fn hostname() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// A variable of the environment, by its full name.
pub(crate) fn variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "this is the one home of the environment")]
    let value = std::env::var(name);
    value.ok().filter(|value| !value.is_empty())
}

fn environment() -> Vec<(String, String, String)> {
    let short = SHORT_NAMES.iter().filter_map(|(name, section, key)| Some(((*section).to_owned(), (*key).to_owned(), variable(name)?)));
    let long = std::env::vars_os().filter_map(|(name, value)| {
        let (section, key) = name.to_str()?.strip_prefix("MC_")?.split_once("__")?;
        // A value that is no text keeps its place, so that its key is named as wrong.
        Some((section.to_lowercase(), key.to_lowercase(), value.to_string_lossy().into_owned()))
    });
    short.chain(long).collect()
}

/// Sets a key; a value that looks like a list becomes one.
fn set(table: &mut Table, section: &str, key: &str, value: String) {
    let section = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
    if let Value::Table(section) = section {
        let list = |text: &str| Value::Array(text.split(',').map(|item| Value::String(item.trim().to_owned())).collect());
        let value = if matches!(key, "trusted_proxies" | "acme_domain") { list(&value) } else { Value::String(value) };
        section.insert(key.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, flags: &[(&str, &str, Option<String>)]) -> anyhow::Result<Config> {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("c.toml");
        fs::write(&path, text).expect("writes");
        Config::load(Some(&path), flags)
    }

    #[test]
    fn flags_win_over_the_file() {
        let flags = [("http", "listen", Some("127.0.0.1:1".to_owned()))];
        let config = load("[http]\nlisten = \"127.0.0.1:2\"\n[agents]\nheartbeat = \"5s\"\n", &flags).expect("loads");
        assert_eq!(config.http.listen.port(), 1);
        assert_eq!(config.agents.heartbeat, Duration::from_secs(5));
    }

    #[test]
    fn mistakes_name_their_place() {
        let error = format!("{:#}", load("[http]\nlisen = \"x\"\n", &[]).expect_err("a typo"));
        assert!(error.contains("line 2") && error.contains("lisen"), "{error}");
        let error = format!("{:#}", load("[agents]\nheartbeat = \"soon\"\n", &[]).expect_err("no duration"));
        assert!(error.contains("soon"), "{error}");
        assert!(load("[http]\ntls_cert = \"x\"\n", &[]).is_err());
    }

    #[test]
    fn the_audit_trail_is_kept_for_a_day_at_least() {
        assert!(load("[audit]\nretention = \"1h\"\n", &[]).is_err());
        assert!(load("[audit]\nmirror_webhook = \"file:///etc/passwd\"\n", &[]).is_err());
        let config = load("[audit]\nretention = \"30d\"\naccept_new_key = true\n", &[]).expect("loads");
        assert_eq!((config.audit.retention.as_secs(), config.audit.accept_new_key), (30 * 86_400, true));
    }

    #[test]
    fn what_is_shown_loads_again_and_hides_the_database() {
        let config = load("[database]\nurl = \"postgres://u:hunter2@h/d\"\n", &[]).expect("loads");
        let shown = config.shown();
        assert!(!shown.contains("hunter2"));
        load(&shown, &[]).expect("loads again");
    }
}
