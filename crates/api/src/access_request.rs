//! Requests for access: a role or one action, for a while.

use mc_domain::{
    access_request::AccessState,
    id::{AccessRequestId, UserId},
    role::RoleName,
    time::Time,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A request for access, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccessRequest {
    /// Stable id.
    #[schema(value_type = String, format = "uuid")]
    pub id: AccessRequestId,
    /// Who asks.
    pub requester: Requester,
    /// The role that is asked for; absent when it is one action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub role: Option<RoleName>,
    /// The action that is asked for; absent when it is a role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The kind of thing the action is done to: `agent` or `everything`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_kind: Option<String>,
    /// The thing's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// What the thing was called when it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_name: Option<String>,
    /// Why.
    pub reason: String,
    /// For how long; once it is granted, the time that was granted.
    pub duration_seconds: u64,
    /// How it stands now.
    #[schema(value_type = crate::schema::AccessState)]
    pub state: AccessState,
    /// When it was asked.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// When it was decided, or taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decided_at: Option<Time>,
    /// Who decided it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<String>,
    /// What they said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision_reason: Option<String>,
    /// When the granted access ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Time>,
    /// When it was over, by itself or early.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Time>,
    /// Whether the caller may approve or deny it now.
    pub may_decide: bool,
}

/// Who asks for access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Requester {
    /// The user's id.
    #[schema(value_type = String, format = "uuid")]
    pub id: UserId,
    /// Login name.
    pub username: String,
}

/// What is asked for: a role, or one action on one thing.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessRequestCreate {
    /// A role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub role: Option<RoleName>,
    /// In place of a role: an action, `agent_kill`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The kind of thing it is done to; absent: what the action is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_kind: Option<String>,
    /// The thing, by id or name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// Why; approvers read it, and the audit trail keeps it. 1 to 500 characters.
    pub reason: String,
    /// For how long: 300 (5 minutes) to 2592000 (30 days).
    pub duration_seconds: u64,
}

/// Approval of a request.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AccessRequestApprove {
    /// A word to who asked, at most 500 characters.
    pub reason: String,
    /// For how long, when it is not what was asked for: 300 to 2592000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_seconds: Option<u64>,
}

/// Refusal of a request.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessRequestDeny {
    /// Why not, 1 to 500 characters.
    pub reason: String,
}
