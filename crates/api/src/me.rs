//! The caller's own profile, sessions, logins and preferences.

use std::collections::BTreeMap;

use mc_domain::{
    id::{LoginId, SessionId, UserId},
    login::{LoginMethod, LoginRecord, LoginResult},
    preference,
    role::RoleName,
    session,
    time::Time,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The caller's own account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Profile {
    /// Stable id.
    #[schema(value_type = String, format = "uuid")]
    pub id: UserId,
    /// Login name.
    pub username: String,
    /// The name people see.
    pub display_name: String,
    /// Where the person's mail goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether the person proved that the address is theirs.
    pub email_verified: bool,
    /// The role the account always has.
    #[schema(value_type = String)]
    pub role: RoleName,
    /// All roles in force, with where each comes from.
    pub roles: Vec<HeldRole>,
    /// When the account was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// When a session last began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_login_at: Option<Time>,
    /// When the password was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub password_set_at: Option<Time>,
    /// Whether there is a password.
    pub has_password: bool,
    /// Whether a second factor is set up.
    pub second_factor: bool,
    /// Identity providers that are linked, by name.
    pub providers: Vec<String>,
}

/// A role in force.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct HeldRole {
    /// The role.
    #[schema(value_type = String)]
    pub role: RoleName,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Time>,
    /// Where it comes from: `account`, `assignment`, or a group of an identity provider.
    pub source: String,
}

/// Changes to one's own profile; absent fields stay.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct MeUpdate {
    /// The name people see; empty removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Where mail goes; empty removes it. Another address is to be verified again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// A new password for oneself.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct MePassword {
    /// The password until now.
    #[schema(format = Password)]
    pub current: String,
    /// The password from now on, at least 12 characters.
    #[schema(format = Password)]
    pub new: String,
}

/// A login on one device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Session {
    /// Stable id.
    #[schema(value_type = String, format = "uuid")]
    pub id: SessionId,
    /// The `User-Agent` of the login.
    pub device: String,
    /// The address it came from.
    pub address: String,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// When it was last refreshed.
    #[schema(value_type = String, format = DateTime)]
    pub last_used_at: Time,
    /// When it ends unless it is used.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Time,
    /// Whether it is the one that asks.
    pub current: bool,
    /// How it began: `password`, `passkey`, `oidc:NAME`, `setup` or `invite`.
    #[schema(value_type = String)]
    pub method: LoginMethod,
}

impl Session {
    /// A session, as the holder of `current` sees it.
    #[must_use]
    pub fn new(session: session::Session, current: Option<SessionId>) -> Self {
        Self {
            current: current == Some(session.id),
            id: session.id,
            device: session.device,
            address: session.address,
            created_at: session.created_at,
            last_used_at: session.last_used_at,
            expires_at: session.expires_at,
            method: session.method,
        }
    }
}

/// A try to log in as the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Login {
    /// Stable id.
    #[schema(value_type = String, format = "uuid")]
    pub id: LoginId,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
    /// From where.
    pub address: String,
    /// The `User-Agent`.
    pub device: String,
    /// How it ended.
    #[schema(value_type = crate::schema::LoginResult)]
    pub result: LoginResult,
    /// How it was tried: `password`, `passkey`, `oidc:NAME`, `setup` or `invite`.
    #[schema(value_type = String)]
    pub method: LoginMethod,
}

impl From<LoginRecord> for Login {
    fn from(record: LoginRecord) -> Self {
        Self { id: record.id, at: record.at, address: record.address, device: record.device, result: record.result, method: record.method }
    }
}

/// How the page looks and opens for the caller. What is left out is as by default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Preferences {
    /// Light, dark, or what the machine prefers.
    #[schema(value_type = crate::schema::Theme)]
    pub theme: preference::Theme,
    /// The one colour for what can be acted on.
    #[schema(value_type = crate::schema::Accent)]
    pub accent: preference::Accent,
    /// Size of text in pixels.
    #[schema(minimum = 12, maximum = 20)]
    pub font_size: u8,
    /// Roundness of corners in pixels.
    #[schema(maximum = 16)]
    pub radius: u8,
    /// How the rail on the left begins.
    #[schema(value_type = crate::schema::Sidebar)]
    pub sidebar: preference::Sidebar,
    /// Whether things move; `system` follows the machine's wish.
    #[schema(value_type = crate::schema::Animations)]
    pub animations: preference::Animations,
    /// A name of the IANA database (`Europe/Berlin`); absent is the browser's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Default filters and saved views: a page's name and the query it opens with; at most 50.
    pub views: BTreeMap<String, String>,
}

impl Default for Preferences {
    fn default() -> Self {
        preference::Preferences::default().into()
    }
}

impl From<preference::Preferences> for Preferences {
    fn from(kept: preference::Preferences) -> Self {
        let preference::Preferences { theme, accent, font_size, radius, sidebar, animations, time_zone, views } = kept;
        Self { theme, accent, font_size, radius, sidebar, animations, time_zone, views }
    }
}

impl From<Preferences> for preference::Preferences {
    fn from(wish: Preferences) -> Self {
        let Preferences { theme, accent, font_size, radius, sidebar, animations, time_zone, views } = wish;
        Self { theme, accent, font_size, radius, sidebar, animations, time_zone, views }
    }
}
