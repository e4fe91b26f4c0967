//! Roles: the built-in ones, and the names of all.

use std::{borrow::Borrow, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A built-in role. Each allows what the ones before it allow, and more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads everything but users, audit and secrets.
    Viewer,
    /// Also restarts and checks what it works on.
    Developer,
    /// Also acts on every agent and admits new ones.
    Operator,
    /// Everything, users included.
    Admin,
}

impl Role {
    /// All roles, weakest first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Developer, Self::Operator, Self::Admin];

    /// The role's name as users type it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Developer => "developer",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A string that names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a built-in role: use admin, operator, developer or viewer")]
pub struct NotARole(pub String);

impl FromStr for Role {
    type Err = NotARole;
    fn from_str(text: &str) -> Result<Self, NotARole> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| NotARole(text.chars().take(64).collect()))
    }
}

/// The longest name of a role, in characters.
pub const ROLE_NAME_MAX: usize = 40;

/// The name of a role, built-in or made by an admin: a lower-case letter, then lower-case letters, digits and dashes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RoleName(String);

impl RoleName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The built-in role of this name, if it is one.
    #[must_use]
    pub fn built_in(&self) -> Option<Role> {
        self.0.parse().ok()
    }
}

/// A string that cannot name a role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} cannot name a role: use a lower-case letter, then up to 39 lower-case letters, digits and dashes")]
pub struct BadRoleName(pub String);

impl FromStr for RoleName {
    type Err = BadRoleName;
    fn from_str(text: &str) -> Result<Self, BadRoleName> {
        let good = text.len() <= ROLE_NAME_MAX
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if good { Ok(Self(text.to_owned())) } else { Err(BadRoleName(text.chars().take(64).collect())) }
    }
}

impl TryFrom<String> for RoleName {
    type Error = BadRoleName;
    fn try_from(text: String) -> Result<Self, BadRoleName> {
        text.parse()
    }
}

impl From<RoleName> for String {
    fn from(name: RoleName) -> Self {
        name.0
    }
}

impl From<Role> for RoleName {
    fn from(role: Role) -> Self {
        Self(role.as_str().to_owned())
    }
}

impl PartialEq<Role> for RoleName {
    fn eq(&self, role: &Role) -> bool {
        self.0 == role.as_str()
    }
}

impl Borrow<str> for RoleName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn role_names_are_judged() {
        for good in ["viewer", "ops-eu", "k8s-dev-2", "a"] {
            assert_eq!(good.parse::<RoleName>().map(String::from).as_deref(), Ok(good));
        }
        for bad in ["", "Admin", "-x", "2x", "a b", "\u{430}dmin", "ro/le", &"a".repeat(41)] {
            assert!(bad.parse::<RoleName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_built_in_role_is_known_by_its_name() {
        for role in Role::ALL {
            assert_eq!(RoleName::from(role).built_in(), Some(role));
            assert_eq!(RoleName::from(role), role);
        }
        assert_eq!("ops".parse::<RoleName>().map(|name| name.built_in()), Ok(None));
    }
}
