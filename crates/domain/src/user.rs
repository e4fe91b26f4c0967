//! Users: people who log in.

pub use crate::password::{PASSWORD_MAX_BYTES, PASSWORD_MIN_CHARS, WeakPassword};
use crate::{email::Email, id::UserId, name::UserName, role::RoleName, time::Time};

/// The longest display name, in characters.
pub const DISPLAY_NAME_MAX: usize = 80;

/// A person who may log in, or could before being disabled or deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Stable id.
    pub id: UserId,
    /// Login name. It stays reserved when the user is deleted.
    pub name: UserName,
    /// The name people see; empty when only the login name is known.
    pub display_name: DisplayName,
    /// Where the person's mail goes.
    pub email: Option<Email>,
    /// When the person proved that the address is theirs.
    pub email_verified_at: Option<Time>,
    /// The role the user always has; assignments add others.
    pub role: RoleName,
    /// When set, the user cannot log in and open sessions are refused.
    pub disabled_at: Option<Time>,
    /// When set, the account is gone but for its name and what it did. A deleted user is disabled too.
    pub deleted_at: Option<Time>,
    /// When the account was made.
    pub created_at: Time,
    /// Last authenticated request, to the minute.
    pub last_active_at: Option<Time>,
    /// When a session last began.
    pub last_login_at: Option<Time>,
    /// When the password was set; `None` when there is none.
    pub password_set_at: Option<Time>,
}

impl User {
    /// A new user, active, without address and without password.
    #[must_use]
    pub fn new(id: UserId, name: UserName, role: RoleName, created_at: Time) -> Self {
        Self {
            id,
            name,
            display_name: DisplayName::default(),
            email: None,
            email_verified_at: None,
            role,
            disabled_at: None,
            deleted_at: None,
            created_at,
            last_active_at: None,
            last_login_at: None,
            password_set_at: None,
        }
    }

    /// Whether the user can log in.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        self.disabled_at.is_none() && self.deleted_at.is_none()
    }

    /// The address, when it is proved to be the person's own.
    #[must_use]
    pub fn verified_email(&self) -> Option<&Email> {
        self.email.as_ref().filter(|_| self.email_verified_at.is_some())
    }

    /// How to call the person: the display name, else the login name.
    #[must_use]
    pub fn called(&self) -> &str {
        if self.display_name.as_str().is_empty() { self.name.as_str() } else { self.display_name.as_str() }
    }
}

/// The name people see. Unlike the login name it may hold any letters, but nothing invisible, and it identifies nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DisplayName(String);

/// A string that is no display name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a display name has at most 80 characters, and none of them invisible")]
pub struct BadDisplayName;

impl DisplayName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Characters that are not seen but change what is: controls, marks of direction, zero-width spaces and joiners.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

impl std::str::FromStr for DisplayName {
    type Err = BadDisplayName;
    fn from_str(text: &str) -> Result<Self, BadDisplayName> {
        let text = text.trim();
        let good = text.chars().count() <= DISPLAY_NAME_MAX && !text.chars().any(is_invisible);
        if good { Ok(Self(text.to_owned())) } else { Err(BadDisplayName) }
    }
}

impl std::fmt::Display for DisplayName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_names_hold_any_letters_and_nothing_invisible() {
        for good in ["", "Ada Lovelace", "Zoë Ångström", "山田 太郎", "O'Neil-Smith, Jr."] {
            assert_eq!(good.parse::<DisplayName>().map(|name| name.to_string()), Ok(good.to_owned()));
        }
        assert_eq!("  Ada ".parse::<DisplayName>().map(|name| name.to_string()), Ok("Ada".to_owned()));
        for bad in ["a\nb", "admin\u{202e}nimda", "ad\u{200b}min", &"x".repeat(81)] {
            assert!(bad.parse::<DisplayName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_person_is_called_by_the_name_they_chose() {
        let name = "ada".parse().expect("a name");
        let mut user = User::new(UserId::new(), name, crate::role::Role::Viewer.into(), Time::default());
        assert_eq!(user.called(), "ada");
        user.display_name = "Ada Lovelace".parse().expect("a name");
        assert_eq!(user.called(), "Ada Lovelace");
    }
}
