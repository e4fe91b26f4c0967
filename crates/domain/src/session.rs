//! Login sessions: one user on one device.

use crate::{
    id::{SessionId, UserId},
    login::LoginMethod,
    time::Time,
};

/// A login and the chain of refresh tokens that keeps it alive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Stable id; the refresh-token family.
    pub id: SessionId,
    /// Whose login it is.
    pub user_id: UserId,
    /// Address the login came from.
    pub address: String,
    /// `User-Agent` of the login, cut to 200 characters.
    pub device: String,
    /// How the user came in.
    pub method: LoginMethod,
    /// When the person last proved who they are: at the login, or since.
    pub verified_at: Time,
    /// When the login happened.
    pub created_at: Time,
    /// Last refresh.
    pub last_used_at: Time,
    /// When the session ends by itself.
    pub expires_at: Time,
    /// When it was ended by logout, an admin, or detected token reuse.
    pub revoked_at: Option<Time>,
    /// Groups that an identity provider said the person is in, as `provider:group`; empty for a login with a password.
    pub groups: Vec<String>,
    /// Whether an identity provider said, at the login, that a second factor was shown there; never so for a login with a password.
    pub second_factor: bool,
}
