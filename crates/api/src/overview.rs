//! The overview: is everything well, what changed, what can I do about it.

use mc_domain::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::agent::{Activity, Agent};

/// How many agents are in each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct FleetCounts {
    /// All that are not removed.
    pub total: u64,
    /// Well.
    pub online: u64,
    /// Not as they should be.
    pub degraded: u64,
    /// Not heard of.
    pub offline: u64,
    /// Stopped on request.
    pub stopped: u64,
}

/// The counts at one moment of the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FleetPoint {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
    /// The counts then.
    pub counts: FleetCounts,
}

/// Everything the first view shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Overview {
    /// The fleet now.
    pub fleet: FleetCounts,
    /// The fleet over the last 24 hours, oldest first, a point every 5 minutes at most.
    pub history: Vec<FleetPoint>,
    /// What is wrong, worst and longest first; at most 50.
    pub attention: Vec<Agent>,
    /// Busiest by CPU; at most 8.
    pub busiest: Vec<Agent>,
    /// What happened lately to agents, newest first; at most 20.
    pub recent: Vec<RecentActivity>,
    /// Actions asked for since midnight UTC.
    pub actions_today: ActionCounts,
}

/// Something that happened, with the agent it happened to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecentActivity {
    /// The agent's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// The agent's name at that time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_name: Option<String>,
    /// What happened.
    #[serde(flatten)]
    pub activity: Activity,
}

/// How many actions ended how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct ActionCounts {
    /// Asked for.
    pub total: u64,
    /// Failed or timed out.
    pub failed: u64,
    /// Still under way.
    pub running: u64,
}
