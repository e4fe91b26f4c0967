//! Users.

use mc_domain::{id::UserId, role::RoleName, time::Time, user};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct User {
    /// Stable id.
    #[schema(value_type = String, format = "uuid")]
    pub id: UserId,
    /// Login name.
    pub username: String,
    /// The role the user always has: `admin`, `operator`, `developer`, `viewer`, or one that was made.
    #[schema(value_type = String)]
    pub role: RoleName,
    /// Whether the user can log in.
    pub active: bool,
    /// When the account was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// Last request, to the minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_active_at: Option<Time>,
}

impl From<user::User> for User {
    fn from(user: user::User) -> Self {
        Self {
            id: user.id,
            username: user.name.to_string(),
            role: user.role,
            active: user.disabled_at.is_none(),
            created_at: user.created_at,
            last_active_at: user.last_active_at,
        }
    }
}

/// A new user.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct UserCreate {
    /// Login name.
    pub username: String,
    /// Password, at least 12 characters.
    #[schema(format = Password)]
    pub password: String,
    /// The role the user always has: `admin`, `operator`, `developer`, `viewer`, or one that was made.
    #[schema(value_type = String)]
    pub role: RoleName,
}

/// A user's role.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UserSetRole {
    /// The new role.
    #[schema(value_type = String)]
    pub role: RoleName,
}

/// Changes to a user; absent fields stay.
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct UserUpdate {
    /// False disables the user and ends every session; true enables again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// A new password; ends every session of the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = Password)]
    pub password: Option<String>,
}
