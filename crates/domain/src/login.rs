//! Logins: how somebody came in, and the history of tries.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    id::{LoginId, UserId},
    time::Time,
};

/// How somebody came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum LoginMethod {
    /// User name and password.
    Password,
    /// A passkey, without a password.
    Passkey,
    /// An identity provider, by name.
    Oidc(String),
    /// The first set-up.
    Setup,
    /// An invite.
    Invite,
}

/// A string that is no way to come in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no login method")]
pub struct NotAMethod(pub String);

impl fmt::Display for LoginMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Password => f.write_str("password"),
            Self::Passkey => f.write_str("passkey"),
            Self::Oidc(name) => write!(f, "oidc:{name}"),
            Self::Setup => f.write_str("setup"),
            Self::Invite => f.write_str("invite"),
        }
    }
}

impl FromStr for LoginMethod {
    type Err = NotAMethod;
    fn from_str(text: &str) -> Result<Self, NotAMethod> {
        match text {
            "password" => Ok(Self::Password),
            "passkey" => Ok(Self::Passkey),
            "setup" => Ok(Self::Setup),
            "invite" => Ok(Self::Invite),
            other => match other.strip_prefix("oidc:") {
                Some(name) if !name.is_empty() => Ok(Self::Oidc(name.to_owned())),
                _ => Err(NotAMethod(other.chars().take(64).collect())),
            },
        }
    }
}

impl TryFrom<String> for LoginMethod {
    type Error = NotAMethod;
    fn try_from(text: String) -> Result<Self, NotAMethod> {
        text.parse()
    }
}

impl From<LoginMethod> for String {
    fn from(method: LoginMethod) -> Self {
        method.to_string()
    }
}

/// How a try to come in ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginResult {
    /// A session began.
    Ok,
    /// The password was wrong.
    WrongPassword,
    /// The password was right, the second factor was not.
    WrongFactor,
    /// The account is disabled.
    Disabled,
}

impl LoginResult {
    /// All results.
    pub const ALL: [Self; 4] = [Self::Ok, Self::WrongPassword, Self::WrongFactor, Self::Disabled];

    /// The result as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::WrongPassword => "wrong_password",
            Self::WrongFactor => "wrong_factor",
            Self::Disabled => "disabled",
        }
    }
}

impl FromStr for LoginResult {
    type Err = NotAMethod;
    fn from_str(text: &str) -> Result<Self, NotAMethod> {
        Self::ALL.into_iter().find(|result| result.as_str() == text).ok_or_else(|| NotAMethod(text.chars().take(64).collect()))
    }
}

/// One try to come in as a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginRecord {
    /// Stable id; sorts by time.
    pub id: LoginId,
    /// As whom.
    pub user_id: UserId,
    /// When.
    pub at: Time,
    /// How.
    pub method: LoginMethod,
    /// How it ended.
    pub result: LoginResult,
    /// From where.
    pub address: String,
    /// `User-Agent`, cut to 200 characters.
    pub device: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_read_back() {
        for method in
            [LoginMethod::Password, LoginMethod::Passkey, LoginMethod::Oidc("entra".into()), LoginMethod::Setup, LoginMethod::Invite]
        {
            assert_eq!(method.to_string().parse(), Ok(method));
        }
        assert!("oidc:".parse::<LoginMethod>().is_err() && "magic".parse::<LoginMethod>().is_err());
    }
}
