//! Agents: enrolled programs that dial out to central.

use serde::{Deserialize, Serialize};

use crate::{
    id::{AgentId, InstanceId},
    name::{AgentName, Tag},
    time::Time,
    workload::{AgentKind, Workload, WorkloadState},
};

/// How an agent's id stands in its certificate, as a URI: `mission-control://agent/<id>`.
pub const AGENT_URI_PREFIX: &str = "mission-control://agent/";

/// How an agent proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// A certificate from the internal CA, over mutual TLS.
    Certificate,
    /// An API key, for agents that cannot hold a certificate.
    ApiKey,
}

/// What is stored of an agent's credential. Never the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// A certificate by its serial number (lower-case hex). `next` is the serial of a renewed certificate that was not used yet.
    Certificate {
        /// Serial in use.
        serial: String,
        /// Renewed, not yet used.
        next: Option<String>,
        /// When the newest one ends.
        not_after: Time,
    },
    /// An API key by the SHA-256 of its text, in hex.
    ApiKey {
        /// Hex SHA-256.
        hash: String,
        /// The beginning of its text, to recognise it by; empty for one made before this was kept.
        prefix: String,
    },
}

impl Credential {
    /// Which kind it is.
    #[must_use]
    pub const fn kind(&self) -> CredentialKind {
        match self {
            Self::Certificate { .. } => CredentialKind::Certificate,
            Self::ApiKey { .. } => CredentialKind::ApiKey,
        }
    }
}

/// What an agent says of itself when it connects.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Identity {
    /// The machine's name.
    pub hostname: String,
    /// `linux 6.12.3`.
    pub os: String,
    /// `x86_64`.
    pub arch: String,
    /// The agent program's version.
    pub version: String,
    /// What it offers: `workload`, `host`, …
    pub capabilities: Vec<String>,
    /// What its owner allows central to ask: `restart`, `kill`, `check`.
    pub allow: Vec<String>,
}

/// An agent as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Stable id; also in its certificate.
    pub id: AgentId,
    /// Unique name.
    pub name: AgentName,
    /// What it looks after.
    pub kind: AgentKind,
    /// What it said of itself last.
    pub identity: Identity,
    /// Labels.
    pub tags: Vec<Tag>,
    /// How it proves who it is.
    pub credential: Credential,
    /// When it joined.
    pub joined_at: Time,
    /// Who made the join token it joined with; `None` for those that joined before that was kept.
    pub owner: Option<String>,
    /// Last sign of life that reached the database (batched, so up to a minute old).
    pub last_seen_at: Option<Time>,
    /// The last goodbye it said, if nothing was heard since: a planned absence.
    pub goodbye_at: Option<Time>,
    /// Its workload as last reported.
    pub workload: Workload,
    /// When it was removed; its credential is refused from then on.
    pub removed_at: Option<Time>,
}

/// The one word for an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentStatus {
    /// Nothing heard for longer than the offline threshold, or it said goodbye.
    Offline,
    /// Heard of, and something is not as it should be: the link was lost moments ago, or the workload is not well.
    Degraded,
    /// Linked, and its workload was stopped on request.
    Stopped,
    /// Linked, and all is well.
    Online,
}

impl AgentStatus {
    /// All states, most urgent first.
    pub const ALL: [Self; 4] = [Self::Offline, Self::Degraded, Self::Stopped, Self::Online];

    /// The state as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::Degraded => "degraded",
            Self::Stopped => "stopped",
            Self::Online => "online",
        }
    }

    /// The state from text.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// The link between an agent and central, as central sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Whether a stream is open now.
    pub connected: bool,
    /// Since when it is (or is not).
    pub since: Time,
    /// Last frame heard.
    pub last_seen_at: Option<Time>,
    /// Address it dials from.
    pub address: Option<String>,
    /// The process at the other end.
    pub instance: Option<InstanceId>,
    /// Whether its last absence began without a goodbye.
    pub unexpected: bool,
    /// The agent's clock minus ours, in milliseconds, at the last hello.
    pub clock_skew_ms: i64,
}

/// The status that follows from the link and the workload.
///
/// A link lost without a goodbye is `degraded` until `offline_after` has passed since the last frame, then `offline`.
#[must_use]
pub fn status(link: &Link, workload: WorkloadState, now: Time, offline_after: std::time::Duration) -> AgentStatus {
    if !link.connected {
        let heard_recently = link.last_seen_at.is_some_and(|seen| now.since(seen) < offline_after);
        return if link.unexpected && heard_recently { AgentStatus::Degraded } else { AgentStatus::Offline };
    }
    match workload {
        WorkloadState::Stopped => AgentStatus::Stopped,
        WorkloadState::None | WorkloadState::Running => AgentStatus::Online,
        _ => AgentStatus::Degraded,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn link(connected: bool, unexpected: bool, seen_ago: u64) -> (Link, Time) {
        let now = Time::from_micros(1_000_000_000);
        let seen = now.before(Duration::from_secs(seen_ago));
        let link = Link { connected, since: seen, last_seen_at: Some(seen), address: None, instance: None, unexpected, clock_skew_ms: 0 };
        (link, now)
    }

    #[test]
    fn status_follows_link_and_workload() {
        let after = Duration::from_secs(60);
        let cases = [
            (true, false, 1, WorkloadState::Running, AgentStatus::Online),
            (true, false, 1, WorkloadState::None, AgentStatus::Online),
            (true, false, 1, WorkloadState::Stopped, AgentStatus::Stopped),
            (true, false, 1, WorkloadState::CrashLoop, AgentStatus::Degraded),
            (false, true, 5, WorkloadState::Running, AgentStatus::Degraded),
            (false, true, 61, WorkloadState::Running, AgentStatus::Offline),
            (false, false, 1, WorkloadState::Running, AgentStatus::Offline),
        ];
        for (connected, unexpected, ago, workload, expected) in cases {
            let (link, now) = link(connected, unexpected, ago);
            assert_eq!(status(&link, workload, now, after), expected, "{connected} {unexpected} {ago} {workload:?}");
        }
    }
}
