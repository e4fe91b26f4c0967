//! The server's own state.

use mc_domain::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{audit::AuditState, overview::FleetCounts};

/// Answer of `/health`, for anybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// `ok`, or `unavailable` while the database does not answer or the server drains.
    pub status: String,
    /// Names of what is not as it should be while the server still serves, such as `acme`; who is logged in reads more under `/api/v1/status`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// A certificate authority that was replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OldAuthority {
    /// Hash of its certificate.
    pub pin: String,
    /// When it was replaced.
    #[schema(value_type = String, format = DateTime)]
    pub replaced_at: Time,
    /// Until when agents may show certificates of it.
    #[schema(value_type = String, format = DateTime)]
    pub agents_until: Time,
}

/// The server, for a logged-in caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Status {
    /// The server's version.
    pub version: String,
    /// `sqlite` or `postgres`.
    pub database: String,
    /// When this process began.
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Time,
    /// Streams open now.
    pub connected_agents: u64,
    /// The fleet now.
    pub fleet: FleetCounts,
    /// Hash of the internal CA's certificate, to pin.
    pub ca_pin: String,
    /// Authorities that were replaced, newest first.
    #[serde(default)]
    pub old_authorities: Vec<OldAuthority>,
    /// What is not as it should be, in words.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// Where agents dial.
    pub agent_address: String,
    /// How the keeping of the audit trail stands.
    pub audit: AuditState,
}
