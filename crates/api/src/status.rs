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
    /// Where agents dial.
    pub agent_address: String,
    /// How the keeping of the audit trail stands.
    pub audit: AuditState,
}
