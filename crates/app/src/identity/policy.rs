//! Whether a new password is good enough: its shape, the lists of common and breached ones, and how soon a program would guess it. All of
//! it is known here; no password is ever sent anywhere to be asked about.

use mc_domain::{
    name::UserName,
    password::{Judgement, WeakPassword, password_shape},
    user::PASSWORD_MAX_BYTES,
};
use sha2::{Digest, Sha256};
use zxcvbn::Score;

use crate::{App, error::AppError};

/// The longest text that is judged at all, in bytes.
const JUDGED_MAX: usize = 1_024;
/// First bytes of the SHA-256 of passwords of at least twelve characters that breaches made known, in order: see `scripts/passwords.sh`.
static BREACHED: &[u8] = include_bytes!("breached.bin");
/// Bytes of each.
const PREFIX: usize = 5;

/// What is thought of a password, for a user of this name when one is known.
pub(crate) fn judge(name: Option<&UserName>, password: &str) -> Judgement {
    let known: Vec<&str> = name.map(UserName::as_str).into_iter().chain(["mission", "control", "missioncontrol"]).collect();
    let cut: String = password.char_indices().take_while(|(at, _)| *at < PASSWORD_MAX_BYTES).map(|(_, c)| c).collect();
    let score = zxcvbn::zxcvbn(&cut, &known).score();
    let breached = is_breached(password);
    let problem = password_shape(name, password).err();
    let problem = problem.or_else(|| breached.then_some(WeakPassword::Common));
    let problem = problem.or_else(|| (score < Score::Two).then_some(WeakPassword::Predictable));
    // What is refused is never shown as strong.
    let score = if problem.is_some() { u8::from(score).min(1) } else { u8::from(score) };
    Judgement { score: if breached { 0 } else { score }, problem }
}

/// Refuses a password that is not good enough.
pub(crate) fn check(name: &UserName, password: &str) -> Result<(), AppError> {
    judge(Some(name), password).problem.map_or(Ok(()), |problem| Err(AppError::Invalid(problem.to_string())))
}

/// Whether a breach made it known, in this or in lower case.
fn is_breached(password: &str) -> bool {
    let known = |text: &str| {
        let digest = Sha256::digest(text.as_bytes());
        digest.first_chunk::<PREFIX>().is_some_and(|wanted| BREACHED.as_chunks::<PREFIX>().0.binary_search(wanted).is_ok())
    };
    known(password) || known(&password.to_lowercase())
}

impl App {
    /// What is thought of a password, for whoever is choosing one. Nothing of it is kept.
    ///
    /// # Errors
    /// When the text is longer than any password can be.
    pub fn password_judge(&self, name: Option<&str>, password: &str) -> Result<Judgement, AppError> {
        if password.len() > JUDGED_MAX {
            return Err(AppError::Invalid(format!("at most {JUDGED_MAX} bytes are judged")));
        }
        Ok(judge(name.and_then(|name| name.parse().ok()).as_ref(), password))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(password: &str) -> Option<WeakPassword> {
        judge(Some(&"alice".parse().expect("a name")), password).problem
    }

    #[test]
    fn common_and_predictable_passwords_are_refused() {
        for common in ["1q2w3e4r5t6y", "qwertyuiop123", "Password123456", "iloveyou1234567"] {
            assert!(matches!(problem(common), Some(WeakPassword::Common | WeakPassword::Predictable)), "{common}: {:?}", problem(common));
        }
        assert_eq!(problem("qwertyuiopasdfghjkl"), Some(WeakPassword::Common));
        assert_eq!(problem("abcdefghijklmnop"), Some(WeakPassword::Common));
        assert_eq!(problem("missioncontrol"), Some(WeakPassword::Predictable));
        assert_eq!(problem("short"), Some(WeakPassword::TooShort));
        assert_eq!(problem("alice goes to the sea"), Some(WeakPassword::Guessable));
    }

    #[test]
    fn what_is_good_is_taken() {
        for good in ["a long enough password", "correct horse battery", "entirely different words", "another long password", "tR7#kq!9zLm2"]
        {
            let judged = judge(None, good);
            assert_eq!(judged.problem, None, "{good}");
            assert!(judged.score >= 2, "{good}: {}", judged.score);
        }
    }

    #[test]
    fn the_list_is_in_order() {
        let (list, rest) = BREACHED.as_chunks::<PREFIX>();
        assert!(rest.is_empty() && list.len() > 10_000, "{}", list.len());
        assert!(list.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn long_texts_cost_no_more_than_short_ones() {
        let judged = judge(None, &"aB3$".repeat(200));
        assert_eq!((judged.problem, judged.score), (Some(WeakPassword::TooLong), 1));
    }
}
