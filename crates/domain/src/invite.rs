//! Invites: how somebody new makes an account of their own.

use serde::{Deserialize, Serialize};

use crate::{email::Email, id::InviteId, role::RoleName, time::Time};

/// The longest note on an invite, in characters.
pub const INVITE_NOTE_MAX: usize = 200;

/// A right to make one account. The secret itself is known to whoever holds the link only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invite {
    /// Stable id.
    pub id: InviteId,
    /// The role of the account to be.
    pub role: RoleName,
    /// Whom it is for.
    pub email: Option<Email>,
    /// What it is for, in the words of who made it.
    pub note: String,
    /// Who made it, by name.
    pub created_by: String,
    /// When it was made.
    pub created_at: Time,
    /// When it ends by itself.
    pub expires_at: Time,
    /// When it was used.
    pub used_at: Option<Time>,
    /// The account that was made with it, by name.
    pub used_by: Option<String>,
    /// When it was revoked.
    pub revoked_at: Option<Time>,
}

/// How an invite stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InviteState {
    /// It can be used.
    Open,
    /// It was used.
    Used,
    /// Its time is over.
    Expired,
    /// It was revoked.
    Revoked,
}

impl InviteState {
    /// All states.
    pub const ALL: [Self; 4] = [Self::Open, Self::Used, Self::Expired, Self::Revoked];

    /// The state as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Used => "used",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

impl Invite {
    /// How it stands now.
    #[must_use]
    pub fn state(&self, now: Time) -> InviteState {
        if self.used_at.is_some() {
            InviteState::Used
        } else if self.revoked_at.is_some() {
            InviteState::Revoked
        } else if self.expires_at <= now {
            InviteState::Expired
        } else {
            InviteState::Open
        }
    }
}
