//! API tokens: what programs show instead of a login. Personal ones act as their owner, service ones as themselves.

use std::{fmt, str::FromStr, time::Duration};

use crate::{
    id::{TokenId, UserId},
    role::RoleName,
    scope::{Scope, like},
    time::Time,
};

/// What every token's text begins with.
pub const PREFIX: &str = "mct_";
/// How much of a token's text is kept to recognise it by: the prefix and four characters.
pub const SHOWN: usize = 8;
/// How long a token lives when nobody says.
pub const LIFE_DEFAULT: Duration = Duration::from_secs(90 * 86_400);
/// The shortest life of a token.
pub const LIFE_MIN: Duration = Duration::from_secs(1);
/// How long the old secret works after a rotation when nobody says.
pub const OVERLAP_DEFAULT: Duration = Duration::from_secs(86_400);
/// The longest overlap of a rotation.
pub const OVERLAP_MAX: Duration = Duration::from_secs(30 * 86_400);
/// Scopes of one token.
pub const SCOPES_MAX: usize = 64;
/// Roles of one service token.
pub const ROLES_MAX: usize = 16;
/// Tokens one person, or all services together, may have at a time.
pub const LIVE_MAX: u64 = 200;
/// Addresses remembered of one token.
pub const ADDRESSES_MAX: usize = 20;

/// Whose a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A person's: it acts as that person, within its scopes.
    Personal,
    /// Nobody's: it has roles of its own.
    Service,
}

impl TokenKind {
    /// The kind as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Personal => "personal",
            Self::Service => "service",
        }
    }
}

/// A string that names no kind of token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no kind of token: use personal or service")]
pub struct NotAKind(pub String);

impl FromStr for TokenKind {
    type Err = NotAKind;
    fn from_str(text: &str) -> Result<Self, NotAKind> {
        [Self::Personal, Self::Service]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| NotAKind(text.chars().take(64).collect()))
    }
}

/// What people call a token: 1 to 64 printable characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenName(String);

impl TokenName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A string that cannot name a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a token's name has 1 to 64 characters, such as \"deploy from CI\", and no control characters")]
pub struct BadTokenName;

impl FromStr for TokenName {
    type Err = BadTokenName;
    fn from_str(text: &str) -> Result<Self, BadTokenName> {
        // Besides control characters, those that turn the direction of text around: a name must look like what it is.
        let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let text = text.trim();
        let good = (1..=64).contains(&text.chars().count()) && !text.chars().any(|c| c.is_control() || turns(c));
        if good { Ok(Self(text.to_owned())) } else { Err(BadTokenName) }
    }
}

impl fmt::Display for TokenName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a token stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenState {
    /// It works.
    Active,
    /// Its time is over.
    Expired,
    /// Somebody revoked it.
    Revoked,
}

impl TokenState {
    /// The state as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// A token as it is stored: hashes, never its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Stable id.
    pub id: TokenId,
    /// What people call it.
    pub name: TokenName,
    /// Whose it is: a person's; `None` for a service token.
    pub owner: Option<UserId>,
    /// What it is limited to.
    pub scopes: Vec<Scope>,
    /// The roles a service token always has; a personal one has its owner's.
    pub roles: Vec<RoleName>,
    /// Hex SHA-256 of its text.
    pub hash: String,
    /// The beginning of its text, to recognise it by.
    pub prefix: String,
    /// Hex SHA-256 of its text before the last rotation.
    pub old_hash: Option<String>,
    /// Until when that still works.
    pub old_until: Option<Time>,
    /// When it was made.
    pub created_at: Time,
    /// Who made it, by name.
    pub created_by: String,
    /// When it ends.
    pub expires_at: Time,
    /// When it was revoked.
    pub revoked_at: Option<Time>,
    /// When it last got a new secret.
    pub rotated_at: Option<Time>,
    /// When it was last used.
    pub last_used_at: Option<Time>,
    /// From where.
    pub last_used_address: Option<String>,
    /// How often it was used.
    pub uses: u64,
}

/// Where a token was used from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenAddress {
    /// The address.
    pub address: String,
    /// First use from there.
    pub first_used_at: Time,
    /// Last use from there.
    pub last_used_at: Time,
    /// Uses from there.
    pub uses: u64,
}

/// Uses of a token from one address that are not stored yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenUse {
    /// Which token.
    pub token: TokenId,
    /// From where; empty when it is not known.
    pub address: String,
    /// The first of these uses.
    pub first: Time,
    /// The last of these uses.
    pub last: Time,
    /// How many.
    pub uses: u64,
}

impl ApiToken {
    /// Whose it is.
    #[must_use]
    pub const fn kind(&self) -> TokenKind {
        if self.owner.is_some() { TokenKind::Personal } else { TokenKind::Service }
    }

    /// How it stands.
    #[must_use]
    pub fn state(&self, now: Time) -> TokenState {
        if self.revoked_at.is_some() {
            TokenState::Revoked
        } else if self.expires_at <= now {
            TokenState::Expired
        } else {
            TokenState::Active
        }
    }

    /// Whether the secret with this hash opens anything now: the newest, or the one before while both work.
    #[must_use]
    pub fn admits(&self, hash: &str, now: Time) -> bool {
        let old = self.old_hash.as_deref() == Some(hash) && self.old_until.is_some_and(|until| until > now);
        self.state(now) == TokenState::Active && (self.hash == hash || old)
    }

    /// How long each of its secrets lives: what it was given when it was made, or at its last rotation.
    #[must_use]
    pub fn life(&self) -> Duration {
        self.expires_at.since(self.rotated_at.unwrap_or(self.created_at))
    }
}

/// Actions that a token names in its scopes by their whole name or cannot do: `*` is no wish to make more tokens.
const BY_NAME_ONLY: [&str; 2] = ["token_create", "token_rotate"];

/// Actions no token may ever do: what proves who a person is, is changed by that person.
const NEVER: [&str; 10] = [
    "me_update",
    "me_email_verify",
    "me_password",
    "me_session*",
    "me_totp_*",
    "me_recovery_codes",
    "me_passkey_*",
    "me_step_up*",
    "me_identity_*",
    "user_*reset*",
];

/// Actions that every token may do: to learn what it is and what it may.
const ALWAYS: [&str; 2] = ["me_show", "me_why"];

/// Whether a token with these scopes may do an action at all, if its roles allow it.
///
/// # Errors
/// The name of the rule that says no.
pub fn within(scopes: &[Scope], action: &str) -> Result<(), &'static str> {
    if NEVER.iter().any(|pattern| like(pattern, action)) {
        return Err("token:never");
    }
    let by_name = BY_NAME_ONLY.contains(&action);
    let named = |scope: &Scope| if by_name { scope.as_str() == action } else { scope.covers(action) };
    if ALWAYS.contains(&action) || scopes.iter().any(named) { Ok(()) } else { Err("token:scopes") }
}

/// Whether everything that `narrow` covers is covered by one scope of `wide`.
///
/// A `*` in a pattern of `narrow` is matched as a character: only a `*` of `wide` takes it, and that takes whatever it stands for too.
#[must_use]
pub fn no_wider(narrow: &[Scope], wide: &[Scope]) -> bool {
    let by_name = |scope: &Scope| !BY_NAME_ONLY.contains(&scope.as_str()) || wide.contains(scope);
    narrow.iter().all(|scope| by_name(scope) && wide.iter().any(|wide| wide.covers(scope.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(texts: &[&str]) -> Vec<Scope> {
        texts.iter().map(|text| text.parse().expect("a scope")).collect()
    }

    fn token() -> ApiToken {
        let at = Time::from_micros(0);
        ApiToken {
            id: TokenId::new(),
            name: "ci".parse().expect("a name"),
            owner: Some(UserId::new()),
            scopes: scopes(&["*"]),
            roles: Vec::new(),
            hash: "new".into(),
            prefix: "mct_AbCd".into(),
            old_hash: Some("old".into()),
            old_until: Some(at.after(Duration::from_secs(10))),
            created_at: at,
            created_by: "ada".into(),
            expires_at: at.after(Duration::from_secs(100)),
            revoked_at: None,
            rotated_at: None,
            last_used_at: None,
            last_used_address: None,
            uses: 0,
        }
    }

    #[test]
    fn both_secrets_work_during_the_overlap_and_none_after_the_end() {
        let (token, at) = (token(), |seconds: i64| Time::from_micros(seconds * 1_000_000));
        assert!(token.admits("new", at(0)) && token.admits("old", at(9)));
        assert!(!token.admits("old", at(10)) && token.admits("new", at(99)));
        assert!(!token.admits("new", at(100)) && !token.admits("", at(0)));
        let revoked = ApiToken { revoked_at: Some(at(1)), ..token };
        assert!(!revoked.admits("new", at(2)) && !revoked.admits("old", at(2)));
        assert_eq!(revoked.state(at(200)), TokenState::Revoked);
    }

    #[test]
    fn scopes_narrow_and_some_things_are_for_people() {
        assert_eq!(within(&scopes(&["agent_*"]), "agent_kill"), Ok(()));
        assert_eq!(within(&scopes(&["agent_*"]), "user_list"), Err("token:scopes"));
        assert_eq!(within(&scopes(&["agent_*"]), "me_show"), Ok(()));
        for action in ["me_password", "me_totp_confirm", "me_passkey_add", "me_step_up_begin", "me_sessions_end", "user_reset_link"] {
            assert_eq!(within(&scopes(&["*", action]), action), Err("token:never"), "{action}");
        }
        assert_eq!(within(&scopes(&["*", "token_*"]), "token_create"), Err("token:scopes"));
        assert_eq!(within(&scopes(&["token_create"]), "token_create"), Ok(()));
        assert_eq!(within(&scopes(&["*"]), "user_second_factor_reset"), Err("token:never"));
    }

    #[test]
    fn a_token_makes_none_that_is_wider() {
        assert!(no_wider(&scopes(&["agent_list", "agent_*"]), &scopes(&["agent_*"])));
        assert!(no_wider(&scopes(&["agent_*"]), &scopes(&["a*"])));
        assert!(!no_wider(&scopes(&["a*"]), &scopes(&["agent_*"])));
        assert!(!no_wider(&scopes(&["*"]), &scopes(&["agent_*", "user_*"])));
        assert!(!no_wider(&scopes(&["*_list"]), &scopes(&["agent_*"])));
        assert!(!no_wider(&scopes(&["token_create"]), &scopes(&["*"])), "making tokens is given by name");
    }

    #[test]
    fn names_are_what_they_look_like() {
        assert_eq!(" deploy from CI ".parse::<TokenName>().map(|name| name.to_string()), Ok("deploy from CI".to_owned()));
        for bad in ["", "   ", "a\nb", "a\u{202e}b", &"x".repeat(65)] {
            assert_eq!(bad.parse::<TokenName>(), Err(BadTokenName), "{bad:?}");
        }
    }
}
