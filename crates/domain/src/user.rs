//! Users: people who log in.

use crate::{id::UserId, name::UserName, role::RoleName, time::Time};

/// A person who may log in, or could before being disabled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Stable id.
    pub id: UserId,
    /// Login name.
    pub name: UserName,
    /// The role the user always has.
    pub role: RoleName,
    /// When set, the user cannot log in and open sessions are refused.
    pub disabled_at: Option<Time>,
    /// When the account was made.
    pub created_at: Time,
    /// Last authenticated request, to the minute.
    pub last_active_at: Option<Time>,
}

/// The shortest password accepted, in characters.
pub const PASSWORD_MIN_CHARS: usize = 12;
/// The longest password accepted, in bytes: bcrypt reads no further than 72.
pub const PASSWORD_MAX_BYTES: usize = 72;

/// Why a new password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
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
}

/// Whether `password` is good enough for the user `name`.
///
/// # Errors
/// Says which rule it breaks.
pub fn password_check(name: &UserName, password: &str) -> Result<(), WeakPassword> {
    if password.chars().count() < PASSWORD_MIN_CHARS {
        return Err(WeakPassword::TooShort);
    }
    if password.len() > PASSWORD_MAX_BYTES {
        return Err(WeakPassword::TooLong);
    }
    let first = password.chars().next();
    let repeated = password.chars().all(|c| Some(c) == first);
    let has_name = name.as_str().len() >= 3 && password.to_lowercase().contains(name.as_str());
    if repeated || has_name { Err(WeakPassword::Guessable) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_judged() {
        let name: UserName = "alice".parse().expect("a valid name");
        assert_eq!(password_check(&name, "short"), Err(WeakPassword::TooShort));
        assert_eq!(password_check(&name, &"x1".repeat(40)), Err(WeakPassword::TooLong));
        assert_eq!(password_check(&name, "aaaaaaaaaaaaa"), Err(WeakPassword::Guessable));
        assert_eq!(password_check(&name, "Alice-likes-tea"), Err(WeakPassword::Guessable));
        assert_eq!(password_check(&name, "correct horse battery"), Ok(()));
    }
}
