//! The audit trail.

use mc_domain::{actor::ActorKind, audit, time::Time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One line of the audit trail; also the payload of `audit_appended` events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// Stable id; sorts by time.
    pub id: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
    /// What kind of actor.
    #[schema(value_type = crate::schema::ActorKind)]
    pub actor_kind: ActorKind,
    /// The actor's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor_id: Option<String>,
    /// The actor's name at that time.
    pub actor: String,
    /// Where it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What was done: `login`, `agent_restart`, …
    pub action: String,
    /// On what kind of thing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_kind: Option<String>,
    /// On which thing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<String>,
    /// Its name at that time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// How it ended.
    #[schema(value_type = crate::schema::AuditResult)]
    pub result: audit::AuditResult,
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

impl From<audit::AuditEntry> for AuditEntry {
    fn from(entry: audit::AuditEntry) -> Self {
        Self {
            id: entry.id.to_string(),
            at: entry.at,
            actor_kind: entry.actor_kind,
            actor_id: entry.actor_id,
            actor: entry.actor_name,
            address: entry.address,
            action: entry.action,
            resource_kind: entry.resource_kind,
            resource_id: entry.resource_id,
            resource: entry.resource_name,
            result: entry.result,
            reason: entry.reason,
            detail: entry.detail,
            duration_ms: entry.duration_ms,
            request_id: entry.request_id.to_string(),
        }
    }
}
