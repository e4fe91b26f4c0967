//! People: passwords, tokens, sessions, users, the first set-up.

pub(crate) mod api_token;
pub mod device;
pub mod enrolment;
pub(crate) mod guard;
mod guesses;
mod identity_link;
pub mod invite;
pub mod link;
pub mod login;
mod mails;
pub mod oidc;
mod oidc_login;
mod oidc_session;
pub mod passkey;
mod password;
mod policy;
pub mod profile;
pub mod provider;
mod provider_wish;
mod recovery_code;
pub mod second_factor;
pub mod session;
mod setting;
pub mod setup;
pub mod step_up;
pub(crate) mod token;
pub mod token_wish;
pub mod totp;
pub mod user;

use std::{
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use dashmap::DashMap;
use mc_domain::{
    id::{SessionId, UserId},
    session::Session,
    time::Time,
    user::User,
};
pub use password::hash_for_console;

use crate::{error::AppError, settings::Settings};

/// What identity keeps in memory.
pub(crate) struct Identity {
    pub(crate) passwords: password::Passwords,
    pub(crate) tokens: token::Tokens,
    /// Slows down those who guess.
    pub(crate) guard: guard::Guard,
    /// Live sessions seen lately, with when they were read: saves a query a request. Changes made here are dropped at once.
    pub(crate) sessions: DashMap<SessionId, (Time, Session, User)>,
    /// What speaks to each identity provider.
    pub(crate) relyings: provider::Relyings,
    /// The relying party of passkeys.
    pub(crate) passkeys: passkey::Passkeys,
    /// What roles demand of their holders.
    pub(crate) demanded: step_up::Demanded,
    /// Wrong codes.
    pub(crate) guesses: guesses::Guesses,
    pub(crate) api_tokens: api_token::ApiTokens,
    /// Counts who was forgotten: whoever follows something for long is looked at again.
    pub(crate) forgotten: AtomicU64,
    /// Users seen since the last flush.
    pub(crate) active: DashMap<UserId, Time>,
}

impl Identity {
    pub(crate) fn open(keys: &Path, settings: &Settings) -> Result<Self, AppError> {
        Ok(Self {
            passwords: password::Passwords::new(settings.bcrypt_cost)?,
            tokens: token::Tokens::open(settings.jwt_key_file.clone().unwrap_or_else(|| keys.join("jwt.pem")), settings.access_life)?,
            guard: guard::Guard::default(),
            sessions: DashMap::new(),
            forgotten: AtomicU64::new(0),
            relyings: DashMap::new(),
            passkeys: passkey::Passkeys::new(&settings.public_url),
            demanded: step_up::Demanded::default(),
            guesses: guesses::Guesses::default(),
            api_tokens: api_token::ApiTokens::default(),
            active: DashMap::new(),
        })
    }

    /// Forgets what is cached of a user, so that the next request reads the truth.
    pub(crate) fn forget_user(&self, user: UserId) {
        self.forgotten.fetch_add(1, Ordering::AcqRel);
        self.sessions.retain(|_, (_, _, cached)| cached.id != user);
        self.api_tokens.forget_owner(user);
    }
}
