//! Users.

use mc_domain::{id::UserId, role::RoleName, time::Time};
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
    /// The name people see; empty when only the login name is known.
    pub display_name: String,
    /// Where the person's mail goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether the person proved that the address is theirs.
    pub email_verified: bool,
    /// The role the user always has: `admin`, `operator`, `developer`, `viewer`, or one that was made.
    #[schema(value_type = String)]
    pub role: RoleName,
    /// Whether the user can log in.
    pub active: bool,
    /// Until when strangers are held up who try to log in as this user; the user's own devices are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub locked_until: Option<Time>,
    /// Whether a second factor is set up.
    pub second_factor: bool,
    /// Identity providers that are linked, by name.
    pub providers: Vec<String>,
    /// When the account was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// Last request, to the minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_active_at: Option<Time>,
    /// When a session last began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_login_at: Option<Time>,
}

/// A new user.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct UserCreate {
    /// Login name.
    pub username: String,
    /// Password, at least 12 characters. Without one, `invite` must be true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = Password)]
    pub password: Option<String>,
    /// True makes the account without a password, and a link with which its owner sets one.
    #[serde(default)]
    pub invite: bool,
    /// The role the user always has: `admin`, `operator`, `developer`, `viewer`, or one that was made.
    #[schema(value_type = String)]
    pub role: RoleName,
    /// The name people see.
    #[serde(default)]
    pub display_name: String,
    /// Where the person's mail goes; empty for nowhere.
    #[serde(default)]
    pub email: String,
}

/// A user that was made.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct UserCreated {
    /// The user.
    #[serde(flatten)]
    pub user: User,
    /// The link with which the user sets the first password, when there is none. It was sent too, when there is an address and mail is set up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<ResetLink>,
}

/// A link with which a user sets a new password. It works once; a newer one ends it.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct ResetLink {
    /// Where it leads.
    pub url: String,
    /// When it ends by itself.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Time,
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
    /// The name people see; empty removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Where the person's mail goes; empty removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// True lets strangers who are held up at this account try at once again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unlock: Option<bool>,
}
