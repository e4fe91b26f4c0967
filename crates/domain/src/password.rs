//! What a password must be. The rules that need no lists are here; the lists of common and breached ones are `mc-app`'s.

use serde::{Deserialize, Serialize};

use crate::name::UserName;

/// The shortest password accepted, in characters.
pub const PASSWORD_MIN_CHARS: usize = 12;
/// The longest password accepted, in bytes: bcrypt reads no further than 72.
pub const PASSWORD_MAX_BYTES: usize = 72;

/// Why a new password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WeakPassword {
    /// Fewer than [`PASSWORD_MIN_CHARS`] characters.
    #[error("the password is too short: use at least 12 characters")]
    TooShort,
    /// More than [`PASSWORD_MAX_BYTES`] bytes.
    #[error("the password is too long: use at most 72 bytes")]
    TooLong,
    /// Contains the user name, or repeats one character.
    #[error("the password is too easy to guess: do not use the user name or one repeated character")]
    Guessable,
    /// On the list of passwords that people use and breaches made known.
    #[error("the password is on lists that attackers try first: choose another")]
    Common,
    /// Made of words, dates and patterns that a program guesses soon.
    #[error("the password is too easy to guess: add a word or two that have nothing to do with each other")]
    Predictable,
}

impl WeakPassword {
    /// All reasons.
    pub const ALL: [Self; 5] = [Self::TooShort, Self::TooLong, Self::Guessable, Self::Common, Self::Predictable];
}

/// What is thought of a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judgement {
    /// From 0 (guessed at once) to 4 (not in this life).
    pub score: u8,
    /// Why it is refused; `None` when it is good enough.
    pub problem: Option<WeakPassword>,
}

/// Whether `password` keeps the rules that need no lists, for the user `name` when one is known.
///
/// # Errors
/// Says which rule it breaks.
pub fn password_shape(name: Option<&UserName>, password: &str) -> Result<(), WeakPassword> {
    if password.chars().count() < PASSWORD_MIN_CHARS {
        return Err(WeakPassword::TooShort);
    }
    if password.len() > PASSWORD_MAX_BYTES {
        return Err(WeakPassword::TooLong);
    }
    let first = password.chars().next();
    let repeated = password.chars().all(|c| Some(c) == first);
    let has_name = name.is_some_and(|name| name.as_str().len() >= 3 && password.to_lowercase().contains(name.as_str()));
    if repeated || has_name { Err(WeakPassword::Guessable) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_judged() {
        let name: UserName = "alice".parse().expect("a valid name");
        let judge = |password: &str| password_shape(Some(&name), password);
        assert_eq!(judge("short"), Err(WeakPassword::TooShort));
        assert_eq!(judge(&"x1".repeat(40)), Err(WeakPassword::TooLong));
        assert_eq!(judge("aaaaaaaaaaaaa"), Err(WeakPassword::Guessable));
        assert_eq!(judge("Alice-likes-tea"), Err(WeakPassword::Guessable));
        assert_eq!(password_shape(None, "Alice-likes-tea"), Ok(()));
        assert_eq!(judge("correct horse battery"), Ok(()));
    }
}
