//! Agents: list, show, change, remove, act.

use http::Method;
use mc_api::{
    agent::{Activity, Agent, AgentDetail, AgentFacets, AgentUpdate},
    command::{ActionAccepted, ActionRequest, BulkActionAnswer, BulkActionRequest},
    list::List,
};

use crate::{Client, Result};

/// What to list, and how.
#[derive(Debug, Clone, Default)]
pub struct AgentQuery {
    /// Part of a name, hostname, id, tag or session id.
    pub q: Option<String>,
    /// Statuses, comma-separated.
    pub status: Option<String>,
    /// Kinds, comma-separated.
    pub kind: Option<String>,
    /// Tags, comma-separated.
    pub tag: Option<String>,
    /// Versions, comma-separated.
    pub version: Option<String>,
    /// Heard of within so many seconds.
    pub seen_within: Option<u64>,
    /// `name`, `status`, `kind`, `cpu`, `memory` or `seen`; with `-` in front, descending.
    pub sort: Option<String>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Items a page, 1 to 500.
    pub limit: Option<u32>,
}

impl Client {
    /// One page of the agents.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn agent_list(&self, query: &AgentQuery) -> Result<List<Agent>> {
        let query = query.clone();
        self.fetch(self.call(Method::GET, &["agents"]).query(vec![
            ("q", query.q),
            ("status", query.status),
            ("kind", query.kind),
            ("tag", query.tag),
            ("version", query.version),
            ("seen_within", query.seen_within.map(|seconds| seconds.to_string())),
            ("sort", query.sort),
            ("cursor", query.cursor),
            ("limit", query.limit.map(|limit| limit.to_string())),
        ]))
        .await
    }

    /// How many agents there are of each kind, status, tag and version.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn agent_facets(&self) -> Result<AgentFacets> {
        self.fetch(self.call(Method::GET, &["agents", "facets"])).await
    }

    /// One agent by its id or name.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn agent_show(&self, agent: &str) -> Result<AgentDetail> {
        self.fetch(self.call(Method::GET, &["agents", agent])).await
    }

    /// Renames an agent or sets its tags.
    ///
    /// # Errors
    /// See [`Error`](crate::Error); code `name_taken` when another agent has the name.
    pub async fn agent_update(&self, agent: &str, update: &AgentUpdate) -> Result<AgentDetail> {
        self.fetch(self.call(Method::PATCH, &["agents", agent]).json(update)?).await
    }

    /// Removes an agent: its credential is refused from then on. The reason goes to the audit trail.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn agent_remove(&self, agent: &str, reason: &str) -> Result<()> {
        let reason = (!reason.is_empty()).then(|| reason.to_owned());
        self.done(self.call(Method::DELETE, &["agents", agent]).query(vec![("reason", reason)])).await
    }

    /// Asks an agent to act; the answer names the command to follow.
    ///
    /// # Errors
    /// See [`Error`](crate::Error); codes `agent_offline`, `not_allowed_by_agent`.
    pub async fn agent_act(&self, agent: &str, request: &ActionRequest) -> Result<ActionAccepted> {
        self.fetch(self.call(Method::POST, &["agents", agent, "actions"]).json(request)?).await
    }

    /// Asks many agents to act; each has its own answer.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn agents_act(&self, request: &BulkActionRequest) -> Result<BulkActionAnswer> {
        self.fetch(self.call(Method::POST, &["actions"]).json(request)?).await
    }

    /// What happened to an agent, newest first.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn agent_activity(&self, agent: &str, cursor: Option<String>, limit: Option<u32>) -> Result<List<Activity>> {
        let query = vec![("cursor", cursor), ("limit", limit.map(|limit| limit.to_string()))];
        self.fetch(self.call(Method::GET, &["agents", agent, "activity"]).query(query)).await
    }
}
