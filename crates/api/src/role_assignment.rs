//! Roles given to users, service tokens and groups.

use mc_domain::{id::AssignmentId, role::RoleName, role_assignment::SubjectKind, time::Time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A role given to somebody beside their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoleAssignment {
    /// Stable id.
    #[schema(value_type = String, format = "uuid")]
    pub id: AssignmentId,
    /// Which role.
    #[schema(value_type = String)]
    pub role: RoleName,
    /// To whom.
    pub subject: Subject,
    /// When it ends by itself; absent: not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Time>,
    /// When it was given.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// Who gave it.
    pub created_by: String,
    /// Why.
    pub reason: String,
}

/// Who has a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Subject {
    /// What kind of subject.
    #[schema(value_type = crate::schema::SubjectKind)]
    pub kind: SubjectKind,
    /// The id of a user or token; a group's name.
    pub id: String,
    /// The name for people.
    pub name: String,
}

/// A role to be given.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleAssignmentCreate {
    /// Which role.
    #[schema(value_type = String)]
    pub role: RoleName,
    /// What kind of subject.
    #[schema(value_type = crate::schema::SubjectKind)]
    pub subject_kind: SubjectKind,
    /// A user's id or name, a service token's id, or a group as `provider:group`.
    pub subject: String,
    /// Ends after so many seconds: 60 to a year; absent: does not end by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_seconds: Option<u64>,
    /// Why; kept in the audit trail, at most 500 characters.
    #[serde(default)]
    pub reason: String,
}
