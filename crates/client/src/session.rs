//! The session of a logged-in caller, and where it is kept between runs.
//!
//! Refresh tokens rotate and a token used twice ends the session, so two programs that share one session must never renew it at the
//! same time: a store is locked, read again, renewed, saved, unlocked.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use mc_domain::time::Time;
use secrecy::{ExposeSecret, SecretString};

/// One login.
#[derive(Clone)]
pub struct Session {
    /// Login name.
    pub username: String,
    /// For `Authorization: Bearer`.
    pub access_token: SecretString,
    /// When the access token ends, by this machine's clock.
    pub access_expires_at: Time,
    /// The value of the cookie `__Host-mc_refresh`.
    pub refresh_token: SecretString,
}

impl Session {
    /// Whether both hold the same access token.
    pub(crate) fn same_access(&self, other: &SecretString) -> bool {
        self.access_token.expose_secret() == other.expose_secret()
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("username", &self.username)
            .field("access_expires_at", &self.access_expires_at)
            .finish_non_exhaustive()
    }
}

/// The session could not be read or kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StoreError(pub String);

/// Where the session is kept.
pub trait SessionStore: Send + Sync + 'static {
    /// Locks it against every other program; the lock ends when the answer is dropped. May block.
    ///
    /// # Errors
    /// When it cannot be opened or locked.
    fn lock(&self) -> Result<Box<dyn LockedSession>, StoreError>;
}

/// A session store while it is locked.
pub trait LockedSession: Send {
    /// Reads the session.
    ///
    /// # Errors
    /// When it cannot be read.
    fn load(&mut self) -> Result<Option<Session>, StoreError>;

    /// Keeps the session, or forgets it.
    ///
    /// # Errors
    /// When it cannot be written.
    fn save(&mut self, session: Option<&Session>) -> Result<(), StoreError>;
}

/// Keeps the session in memory, for programs that log in anew each time.
#[derive(Clone, Default)]
pub struct MemoryStore(Arc<Mutex<Option<Session>>>);

impl SessionStore for MemoryStore {
    fn lock(&self) -> Result<Box<dyn LockedSession>, StoreError> {
        Ok(Box::new(self.clone()))
    }
}

impl LockedSession for MemoryStore {
    fn load(&mut self) -> Result<Option<Session>, StoreError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    fn save(&mut self, session: Option<&Session>) -> Result<(), StoreError> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = session.cloned();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_holds_no_token() {
        let session = Session {
            username: "ada".into(),
            access_token: "access-secret".into(),
            access_expires_at: Time::from_micros(0),
            refresh_token: "refresh-secret".into(),
        };
        let text = format!("{session:?}");
        assert!(text.contains("ada") && !text.contains("secret"), "{text}");
    }
}
