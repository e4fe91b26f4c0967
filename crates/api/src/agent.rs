//! Agents.

use mc_domain::{
    agent::{AgentStatus, CredentialKind},
    id::AgentId,
    time::Time,
    workload::{AgentKind, FactState, WorkloadState},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One liveness fact with its own age.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fact {
    /// `linked`, `process`, `port`, `lock`, `ready`, `hello`, …
    pub name: String,
    /// How it stands.
    #[schema(value_type = crate::schema::FactState)]
    pub state: FactState,
    /// In a few words.
    pub detail: String,
    /// Since when it stands so.
    #[schema(value_type = String, format = DateTime)]
    pub since: Time,
}

/// What the agent supervises.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Workload {
    /// Where it is in its life.
    #[schema(value_type = crate::schema::WorkloadState)]
    pub state: WorkloadState,
    /// Why, when that needs saying.
    pub detail: String,
    /// What runs.
    pub title: String,
    /// Process id while it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// When the current run began.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Time>,
    /// Restarts since the agent began.
    pub restarts: u32,
    /// Last exit code, or minus the signal's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_exit: Option<i32>,
}

/// An agent as a row of the list; also the payload of `agent_changed` events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Agent {
    /// Stable id.
    #[schema(value_type = String, format = "uuid")]
    pub id: AgentId,
    /// Unique name.
    pub name: String,
    /// What it looks after.
    #[schema(value_type = crate::schema::AgentKind)]
    pub kind: AgentKind,
    /// The one word for it.
    #[schema(value_type = crate::schema::AgentStatus)]
    pub status: AgentStatus,
    /// Why, in words, when the status is not `online`: `offline unexpectedly`, `said goodbye: …`, `crash loop: exit code 1`.
    pub status_detail: String,
    /// Since when the status stands.
    #[schema(value_type = String, format = DateTime)]
    pub status_since: Time,
    /// The machine's name.
    pub hostname: String,
    /// The agent program's version.
    pub version: String,
    /// Labels, sorted.
    pub tags: Vec<String>,
    /// Where its workload is in its life.
    #[schema(value_type = crate::schema::WorkloadState)]
    pub workload_state: WorkloadState,
    /// What its workload is.
    pub workload_title: String,
    /// Whether its stream is open now.
    pub connected: bool,
    /// Last frame heard; for a connected agent at most a heartbeat ago.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_seen_at: Option<Time>,
    /// CPU of its machine, 0 to 100, from the last report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_percent: Option<f64>,
    /// Memory in use on its machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_used_bytes: Option<f64>,
    /// Memory of its machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_total_bytes: Option<f64>,
    /// CPU over the last hour in 5-minute averages, oldest first; gaps are null.
    pub cpu_history: Vec<Option<f32>>,
}

/// Everything about one agent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AgentDetail {
    /// The agent as in the list.
    #[serde(flatten)]
    pub agent: Agent,
    /// `linux 6.12.3`.
    pub os: String,
    /// `x86_64`.
    pub arch: String,
    /// Address it dials from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What it offers.
    pub capabilities: Vec<String>,
    /// What its owner allows to be asked.
    pub allow: Vec<String>,
    /// The separate liveness facts, `linked` first.
    pub facts: Vec<Fact>,
    /// What it supervises.
    pub workload: Workload,
    /// How it proves who it is.
    #[schema(value_type = crate::schema::CredentialKind)]
    pub credential: CredentialKind,
    /// How its API key begins, to recognise it by; absent for an agent with a certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key_prefix: Option<String>,
    /// When its certificate ends; it renews by itself at two thirds of its life.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub certificate_expires_at: Option<Time>,
    /// The agent's clock minus the server's, in milliseconds.
    pub clock_skew_ms: i64,
    /// When it joined.
    #[schema(value_type = String, format = DateTime)]
    pub joined_at: Time,
    /// The running process's id at the agent's side, new on each start: the agent's session.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "uuid")]
    pub session_id: Option<mc_domain::id::InstanceId>,
}

/// Changes to an agent; absent fields stay.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct AgentUpdate {
    /// A new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// All its tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
}

/// How many agents there are of each value of a facet, over the whole fleet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgentFacets {
    /// By status.
    pub status: Vec<FacetCount>,
    /// By kind.
    pub kind: Vec<FacetCount>,
    /// By tag, most used first, at most 200.
    pub tag: Vec<FacetCount>,
    /// By version.
    pub version: Vec<FacetCount>,
}

/// One value of a facet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FacetCount {
    /// The value.
    pub value: String,
    /// How many agents have it.
    pub count: u64,
}

/// One thing that happened to an agent: an audit entry without addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Activity {
    /// Stable id.
    pub id: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
    /// Who: a user's or the agent's name, or `system`.
    pub actor: String,
    /// What: `agent_restart`, `agent_connect`, `agent_disconnect`, …
    pub action: String,
    /// How it ended.
    #[schema(value_type = crate::schema::AuditResult)]
    pub result: mc_domain::audit::AuditResult,
    /// Why, in the actor's words.
    pub reason: String,
    /// What happened, in ours.
    pub detail: String,
    /// How long it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<i64>,
    /// Correlation id.
    pub request_id: String,
}
