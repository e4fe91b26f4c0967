//! Why something is allowed or not, and what would be.

use mc_domain::{id::UserId, role::RoleName, time::Time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    audit::AuditEntry,
    role::{Effect, RoleForm},
};

/// What the gate decides, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Decision {
    /// Whether it is allowed.
    pub allowed: bool,
    /// The rule that decided: `role:viewer`, `role:deployers#2`, `default:deny`.
    pub rule: String,
    /// The same as a sentence.
    pub text: String,
    /// What each of the caller's roles says of it.
    pub roles: Vec<RoleSays>,
}

/// What one role says of an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoleSays {
    /// Which role.
    #[schema(value_type = String)]
    pub role: RoleName,
    /// What it does; absent when none of its rules fits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
    /// Which of its rules, in words.
    pub because: String,
}

/// Who could do this?
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SimulateWho {
    /// The action's name.
    pub action: String,
    /// The kind of the thing: `agent`, `user`, …; absent: no single thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_kind: Option<String>,
    /// The thing, by id or name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
}

/// Who could.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WhoAnswer {
    /// Every active user, by name.
    pub items: Vec<WhoItem>,
}

/// Whether one user could.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WhoItem {
    /// The user.
    pub user: UserRef,
    /// Whether they could.
    pub allowed: bool,
    /// The rule that decides.
    pub rule: String,
}

/// A user by id and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UserRef {
    /// Stable id.
    #[schema(value_type = String, format = "uuid")]
    pub id: UserId,
    /// Login name.
    pub username: String,
}

/// What could this user do?
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SimulateWhat {
    /// The user, by id or name.
    pub user: String,
}

/// On how much something is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// On everything it is done to.
    All,
    /// On some of it.
    Some,
    /// On none of it.
    None,
}

/// What the user could.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WhatAnswer {
    /// The user.
    pub user: UserRef,
    /// The roles they have now: their own, and those given to them. Groups count once they log in by their identity provider.
    #[schema(value_type = Vec<String>)]
    pub roles: Vec<RoleName>,
    /// Every action there is.
    pub items: Vec<WhatItem>,
}

/// On how much a user could do one action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WhatItem {
    /// The action's name.
    pub action: String,
    /// What it is done to.
    pub on: String,
    /// On all of it, some, or none.
    pub allowed: Extent,
    /// The rule that decides; for `some`, of the first that is allowed.
    pub rule: String,
}

/// Which past actions would a changed role have refused?
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SimulatePast {
    /// The role as it would be: a new one, or an existing one changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<RoleForm>,
    /// Or a role that would be deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub deleted: Option<RoleName>,
    /// Not before (RFC 3339); absent: 7 days ago.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub from: Option<Time>,
    /// How many entries are looked at, newest first: 1 to 10000, default 1000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// What would have been different.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PastAnswer {
    /// How many entries were looked at.
    pub checked: u64,
    /// Those that the change would have decided otherwise, newest first. They are judged by today's users and agents.
    pub items: Vec<PastItem>,
}

/// A past action that would be decided otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PastItem {
    /// What was done.
    pub entry: AuditEntry,
    /// Whether it is allowed as the roles are now.
    pub before: bool,
    /// Whether it would be with the change.
    pub after: bool,
    /// The rule that would decide with the change.
    pub rule: String,
}
