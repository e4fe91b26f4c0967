//! What the server was told at start.

use std::{path::PathBuf, time::Duration};

use mc_hub::Timing;
use secrecy::SecretString;

/// Settings of everything here. `mc-server` reads them from flags, environment and file.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where keys and SQLite files live.
    pub data_dir: PathBuf,
    /// Where agents dial, as told to them: `host:8444`.
    pub agent_address: String,
    /// Where people go: `https://host:8443`.
    pub public_url: String,
    /// How long an access token lives.
    pub access_life: Duration,
    /// How long a login lives without being used.
    pub refresh_life: Duration,
    /// How long a proof of who one is counts, for roles that ask for one before destructive actions.
    pub step_up_life: Duration,
    /// How long an API token may live at most.
    pub token_life_max: Duration,
    /// How often agents send a heartbeat.
    pub heartbeat: Duration,
    /// An agent not heard for this long is offline.
    pub offline_after: Duration,
    /// How long an agent's certificate lives.
    pub certificate_life: Duration,
    /// The file with the keys that sign access tokens; `None`: `keys/jwt.pem`.
    pub jwt_key_file: Option<PathBuf>,
    /// Keys that seal secrets at rest, one a line, newest first; `None`: `keys/seal.key`.
    pub seal_key: Option<SecretString>,
    /// Whether identity providers on loopback may be asked without TLS: for tests and development.
    pub oidc_http_loopback: bool,
    /// How mail is sent; without it none is.
    pub mail: Option<mc_mail::Settings>,
    /// The audit trail.
    pub audit: AuditSettings,
    /// Recorded sessions.
    pub recordings: RecordingSettings,
    /// bcrypt cost of password hashes.
    pub bcrypt_cost: u32,
}

/// Settings of the audit trail.
#[derive(Debug, Clone)]
pub struct AuditSettings {
    /// How long entries are kept; at least a day.
    pub retention: Duration,
    /// A file that gets a copy of each checkpoint.
    pub mirror_file: Option<PathBuf>,
    /// A URL that gets a copy of each checkpoint; it may hold a token.
    pub mirror_webhook: Option<SecretString>,
}

/// Settings of recorded sessions.
#[derive(Debug, Clone)]
pub struct RecordingSettings {
    /// Whether what is typed is recorded too, passwords with it.
    pub stdin: bool,
    /// The most text that is kept of one session, in bytes.
    pub max_bytes: u64,
    /// How long recordings are kept; at least a day.
    pub retention: Duration,
}

impl Settings {
    /// Times of agents' links.
    #[must_use]
    pub fn timing(&self) -> Timing {
        Timing { heartbeat: self.heartbeat, silence: self.offline_after, clone_probe: Duration::from_secs(5).min(self.offline_after) }
    }
}
