//! Users, invites and the settings of identity.

use http::Method;
use mc_api::{
    invite::{Invite, InviteCreate, InviteCreated},
    list::List,
    me::Session,
    setting::{IdentitySettings, IdentitySettingsUpdate},
    user::{ResetLink, User, UserCreate, UserCreated, UserSetRole, UserUpdate},
};
use mc_domain::id::{InviteId, UserId};

use crate::{Client, Result};

/// Which users to list.
#[derive(Debug, Clone, Default)]
pub struct UserQuery {
    /// Part of the login name, display name or address.
    pub q: Option<String>,
    /// `active`, `disabled` or `locked`.
    pub status: Option<String>,
    /// The role the user always has.
    pub role: Option<String>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// How many in one page.
    pub limit: Option<u32>,
}

impl Client {
    /// A page of users, by name.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn user_list(&self, query: &UserQuery) -> Result<List<User>> {
        let query = query.clone();
        self.fetch(self.call(Method::GET, &["admin", "users"]).query(vec![
            ("q", query.q),
            ("status", query.status),
            ("role", query.role),
            ("cursor", query.cursor),
            ("limit", query.limit.map(|limit| limit.to_string())),
        ]))
        .await
    }

    /// One user.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn user_show(&self, id: UserId) -> Result<User> {
        self.fetch(self.call(Method::GET, &["admin", "users", &id.to_string()])).await
    }

    /// Makes a user.
    ///
    /// # Errors
    /// See [`Error`](crate::Error); codes `name_taken`, `email_taken`, `seats_full`.
    pub async fn user_create(&self, request: &UserCreate) -> Result<UserCreated> {
        self.fetch(self.call(Method::POST, &["admin", "users"]).json(request)?).await
    }

    /// Gives a user another role.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn user_set_role(&self, id: UserId, request: &UserSetRole) -> Result<User> {
        self.fetch(self.call(Method::PUT, &["admin", "users", &id.to_string(), "roles"]).json(request)?).await
    }

    /// Disables, enables or unlocks a user, or changes the password, display name or address.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn user_update(&self, id: UserId, request: &UserUpdate) -> Result<User> {
        self.fetch(self.call(Method::PATCH, &["admin", "users", &id.to_string()]).json(request)?).await
    }

    /// Deletes a user.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn user_delete(&self, id: UserId) -> Result<()> {
        self.done(self.call(Method::DELETE, &["admin", "users", &id.to_string()])).await
    }

    /// Makes a link with which a user sets a new password.
    ///
    /// # Errors
    /// See [`Error`](crate::Error); code `user_disabled`.
    pub async fn user_reset_link(&self, id: UserId) -> Result<ResetLink> {
        self.fetch(self.call(Method::POST, &["admin", "users", &id.to_string(), "reset-link"])).await
    }

    /// A user's open sessions.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn user_sessions(&self, id: UserId) -> Result<List<Session>> {
        self.fetch(self.call(Method::GET, &["admin", "users", &id.to_string(), "sessions"])).await
    }

    /// Ends all sessions of a user.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn user_sessions_end(&self, id: UserId) -> Result<()> {
        self.done(self.call(Method::DELETE, &["admin", "users", &id.to_string(), "sessions"])).await
    }

    /// The newest invites.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn invite_list(&self) -> Result<List<Invite>> {
        self.fetch(self.call(Method::GET, &["admin", "invites"])).await
    }

    /// Makes an invite.
    ///
    /// # Errors
    /// See [`Error`](crate::Error); code `mail_off`.
    pub async fn invite_create(&self, request: &InviteCreate) -> Result<InviteCreated> {
        self.fetch(self.call(Method::POST, &["admin", "invites"]).json(request)?).await
    }

    /// Revokes an invite.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn invite_revoke(&self, id: InviteId) -> Result<()> {
        self.done(self.call(Method::DELETE, &["admin", "invites", &id.to_string()])).await
    }

    /// The settings of identity.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn settings_show(&self) -> Result<IdentitySettings> {
        self.fetch(self.call(Method::GET, &["admin", "settings"])).await
    }

    /// Changes the settings of identity: all of them.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn settings_update(&self, request: &IdentitySettingsUpdate) -> Result<IdentitySettings> {
        self.fetch(self.call(Method::PUT, &["admin", "settings"]).json(request)?).await
    }
}
