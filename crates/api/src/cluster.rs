//! Kubernetes clusters.

use mc_domain::{cluster::ClusterStatus, id::AgentId, time::Time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A Kubernetes cluster; also the payload of `cluster_changed` events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Cluster {
    /// Its name.
    pub name: String,
    /// Whether it can be used.
    #[schema(value_type = crate::schema::ClusterStatus)]
    pub status: ClusterStatus,
    /// Why its API server does not answer its agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// Its API server's version: `v1.34.1`; absent while it has never answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Its nodes; absent when the agent may not count them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nodes: Option<Ready>,
    /// What should run in it; kinds that the agent may not count are left out.
    pub workloads: Vec<Workloads>,
    /// The agent that it is reached through.
    pub agent: ClusterAgent,
    /// Requests that went through central in the last minute.
    pub requests_per_minute: u64,
    /// When the agent last said how the cluster is.
    #[schema(value_type = String, format = DateTime)]
    pub last_seen_at: Time,
    /// When an agent first said that it looks after it.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
}

/// How many of how many are as they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Ready {
    /// Those that are.
    pub ready: u32,
    /// All of them.
    pub all: u32,
}

/// Workloads of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Workloads {
    /// `deployments`, `statefulsets`, `daemonsets`.
    pub kind: String,
    /// Those whose pods are all ready.
    pub ready: u32,
    /// All of them.
    pub all: u32,
}

/// The agent that a cluster is reached through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClusterAgent {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: AgentId,
    /// Its name.
    pub name: String,
}

/// A token for one cluster's door.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ClusterCredential {
    /// The token: `Authorization: Bearer …` at `/k8s/clusters/{name}/…`.
    pub token: String,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Time,
}

/// Requests to ask the gate about, without making them.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ClusterCheck {
    /// The requests; at most 100.
    pub items: Vec<ClusterCheckItem>,
}

/// One request. Empty texts for what does not apply.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClusterCheckItem {
    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`, …
    pub verb: String,
    /// The API group; empty: the core.
    #[serde(default)]
    pub api_group: String,
    /// `pods`, `deployments`, …
    pub resource: String,
    /// `log`, `exec`, `scale`, …
    #[serde(default)]
    pub subresource: String,
    /// The namespace; `*`: every one; empty: none.
    #[serde(default)]
    pub namespace: String,
    /// The object; empty: not one, but all.
    #[serde(default)]
    pub name: String,
}

/// What the gate would say, in the order that was asked.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ClusterChecked {
    /// The answers.
    pub items: Vec<ClusterCheckedItem>,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClusterCheckedItem {
    /// Whether the request would be let through.
    pub allowed: bool,
    /// Whether its answer would show only what the caller may see: `list` and `watch`.
    pub partly: bool,
    /// Why, in a sentence.
    pub reason: String,
}
