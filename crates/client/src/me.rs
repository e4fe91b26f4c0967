//! The caller's own profile, password, sessions and login history.

use http::Method;
use mc_api::{
    list::List,
    me::{Login, MePassword, MeUpdate, Preferences, Profile, Session},
};
use mc_domain::id::SessionId;

use crate::{Client, Result};

impl Client {
    /// The caller's own profile.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn me_profile(&self) -> Result<Profile> {
        self.fetch(self.call(Method::GET, &["me"])).await
    }

    /// Changes one's own display name or address.
    ///
    /// # Errors
    /// See [`Error`](crate::Error); code `email_taken`.
    pub async fn me_update(&self, request: &MeUpdate) -> Result<Profile> {
        self.fetch(self.call(Method::PATCH, &["me"]).json(request)?).await
    }

    /// Has the link sent that proves one's own address.
    ///
    /// # Errors
    /// See [`Error`](crate::Error); codes `no_email`, `email_verified`, `mail_off`.
    pub async fn me_email_verify(&self) -> Result<()> {
        self.done(self.call(Method::POST, &["me", "email", "verify"])).await
    }

    /// Changes one's own password; all other sessions end.
    ///
    /// # Errors
    /// See [`Error`](crate::Error); codes `wrong_password`, `rate_limited`.
    pub async fn me_password(&self, request: &MePassword) -> Result<()> {
        self.done(self.call(Method::POST, &["me", "password"]).json(request)?).await
    }

    /// One's own open sessions.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn me_sessions(&self) -> Result<List<Session>> {
        self.fetch(self.call(Method::GET, &["me", "sessions"])).await
    }

    /// Ends one of one's own sessions.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn me_session_end(&self, id: SessionId) -> Result<()> {
        self.done(self.call(Method::DELETE, &["me", "sessions", &id.to_string()])).await
    }

    /// Ends all of one's own sessions but this.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn me_sessions_end(&self) -> Result<()> {
        self.done(self.call(Method::DELETE, &["me", "sessions"])).await
    }

    /// The newest of one's own logins.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn me_logins(&self, limit: u32) -> Result<List<Login>> {
        self.fetch(self.call(Method::GET, &["me", "logins"]).query(vec![("limit", Some(limit.to_string()))])).await
    }

    /// One's own preferences.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn me_preferences(&self) -> Result<Preferences> {
        self.fetch(self.call(Method::GET, &["me", "preferences"])).await
    }

    /// Keeps one's own preferences: all of them.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn me_preferences_update(&self, request: &Preferences) -> Result<Preferences> {
        self.fetch(self.call(Method::PUT, &["me", "preferences"]).json(request)?).await
    }
}
