//! Password hashes: bcrypt, off the async threads, a few at a time.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::error::AppError;

/// How many hashes are computed at once: each takes a core for a quarter of a second.
const AT_ONCE: usize = 2;
/// How many logins may wait for their turn.
const WAITING: usize = 64;

/// Hashes and checks passwords.
pub(crate) struct Passwords {
    cost: u32,
    /// A hash no password has, so that an unknown user takes as long as a wrong password.
    nobody: Arc<str>,
    turns: Arc<Semaphore>,
    queue: Arc<Semaphore>,
}

impl Passwords {
    pub(crate) fn new(cost: u32) -> Result<Self, AppError> {
        let salt: [u8; 16] = rand::random();
        // Never matches anything: only its cost matters, and 31 characters of a hash nobody computed.
        let encoded = bcrypt::hash_with_salt("", 4, salt).map_err(|_| AppError::Internal("bcrypt failed".to_owned()))?;
        let text = encoded.format_for_version(bcrypt::Version::TwoB);
        let nobody = text.replacen("$04$", &format!("${cost:02}$"), 1).into();
        Ok(Self { cost, nobody, turns: Arc::new(Semaphore::new(AT_ONCE)), queue: Arc::new(Semaphore::new(WAITING)) })
    }

    pub(crate) async fn hash(&self, password: SecretString) -> Result<String, AppError> {
        let cost = self.cost;
        self.blocking(move || bcrypt::hash(password.expose_secret(), cost))
            .await?
            .map_err(|_| AppError::Internal("bcrypt failed".to_owned()))
    }

    /// Whether `password` has this hash. Without a hash it takes as long and says no.
    pub(crate) async fn verify(&self, password: SecretString, hash: Option<String>) -> Result<bool, AppError> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.to_string());
        let same = self.blocking(move || bcrypt::verify(password.expose_secret(), &hash)).await?.unwrap_or(false);
        Ok(known && same)
    }

    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
        let busy = || AppError::Unavailable("too many logins at once: try again in a moment".to_owned());
        let _place = self.queue.try_acquire().map_err(|_| busy())?;
        let _turn = self.turns.acquire().await.map_err(|_| busy())?;
        tokio::task::spawn_blocking(work).await.map_err(|_| AppError::Internal("a password task was cancelled".to_owned()))
    }
}

/// Hashes a password for the server's own command line, which has no async threads to spare.
///
/// # Errors
/// When bcrypt refuses the input.
pub fn hash_for_console(password: &SecretString, cost: u32) -> Result<String, AppError> {
    bcrypt::hash(password.expose_secret(), cost).map_err(|_| AppError::Internal("bcrypt failed".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn hashes_verify_and_nobody_never_does() {
        let passwords = Passwords::new(4).expect("makes");
        let hash = passwords.hash("correct horse".into()).await.expect("hashes");
        assert!(passwords.verify("correct horse".into(), Some(hash.clone())).await.expect("answers"));
        assert!(!passwords.verify("wrong".into(), Some(hash)).await.expect("answers"));
        assert!(!passwords.verify(String::new().into(), None).await.expect("answers"));
    }

    #[test]
    fn an_unknown_user_costs_as_much_as_a_known_one() {
        let passwords = Passwords::new(12).expect("makes");
        assert!(passwords.nobody.starts_with("$2b$12$"));
        assert_eq!(passwords.nobody.len(), 60);
    }
}
