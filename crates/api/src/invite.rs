//! Invites.

use mc_domain::{id::InviteId, invite::InviteState, role::RoleName, time::Time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A right to make one account. Its secret is shown once, when it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Invite {
    /// Stable id.
    #[schema(value_type = String, format = "uuid")]
    pub id: InviteId,
    /// The role of the account to be.
    #[schema(value_type = String)]
    pub role: RoleName,
    /// Whom it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What it is for.
    pub note: String,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// When it ends by itself.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Time,
    /// When it was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub used_at: Option<Time>,
    /// The account that was made with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_by: Option<String>,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Time>,
    /// How it stands.
    #[schema(value_type = crate::schema::InviteState)]
    pub state: InviteState,
}

/// An invite to be made.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct InviteCreate {
    /// The role of the account to be.
    #[schema(value_type = String)]
    pub role: RoleName,
    /// Whom it is for; empty for anybody who holds the link.
    #[serde(default)]
    pub email: String,
    /// What it is for, in one line of at most 200 characters.
    #[serde(default)]
    pub note: String,
    /// How long it works, in seconds: 60 to 7776000 (90 days); 7 days when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_seconds: Option<u64>,
    /// Whether it is sent to the address.
    #[serde(default)]
    pub send: bool,
}

/// A new invite with its secret, which is never shown again.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct InviteCreated {
    /// The invite.
    pub invite: Invite,
    /// The secret.
    pub token: String,
    /// The page's address with the secret.
    pub url: String,
}

/// The secret of an invite.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct InviteLook {
    /// From the link (`/invite#token=…`).
    pub token: String,
}

/// What an invite offers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct InviteOffer {
    /// The role of the account to be.
    #[schema(value_type = String)]
    pub role: RoleName,
    /// Whom it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// When it ends by itself.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Time,
    /// Who made it.
    pub invited_by: String,
}

/// The account to be made with an invite.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct InviteAccept {
    /// From the link (`/invite#token=…`).
    pub token: String,
    /// Login name.
    pub username: String,
    /// Password, at least 12 characters.
    #[schema(format = Password)]
    pub password: String,
    /// The name people see.
    #[serde(default)]
    pub display_name: String,
}
