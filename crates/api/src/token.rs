//! API tokens.

use mc_domain::{api_token, id::TokenId, time::Time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whose a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// A person's: it acts as its owner, within its scopes.
    Personal,
    /// Nobody's: it has roles of its own.
    Service,
}

/// How a token stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenState {
    /// It works.
    Active,
    /// Its time is over.
    Expired,
    /// It was revoked.
    Revoked,
}

/// A new token.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TokenCreate {
    /// What people call it, up to 64 characters.
    pub name: String,
    /// Whose it is.
    pub kind: TokenKind,
    /// What it is limited to: names of actions, with `*` for any part of them. `*` alone is everything its roles allow.
    pub scopes: Vec<String>,
    /// The roles of a service token; a personal one has its owner's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Seconds it lives; default 7,776,000 (90 days), at most what the server allows (a year, unless set otherwise).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_seconds: Option<u64>,
}

/// How a token is rotated.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct TokenRotate {
    /// Seconds the old secret still works; 0 ends it now, default 86,400 (a day), at most 2,592,000 (30 days).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap_seconds: Option<u64>,
}

/// A token with its secret, shown this once.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct TokenSecret {
    /// The token.
    pub token: Token,
    /// The secret, for `Authorization: Bearer`: `mct_`, 43 characters, and a checksum of 6.
    pub secret: String,
}

impl std::fmt::Debug for TokenSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenSecret").field("token", &self.token).finish_non_exhaustive()
    }
}

/// A token without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Token {
    /// Stable id.
    #[schema(value_type = String, format = "uuid")]
    pub id: TokenId,
    /// What people call it.
    pub name: String,
    /// Whose it is.
    pub kind: TokenKind,
    /// Login name of its owner; absent for a service token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// What it is limited to.
    pub scopes: Vec<String>,
    /// The roles a service token was made with; others may be assigned to it.
    pub roles: Vec<String>,
    /// How its secret begins, to recognise it by.
    pub prefix: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// Who made it.
    pub created_by: String,
    /// When it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Time>,
    /// When it was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Time>,
    /// When it last got a new secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub rotated_at: Option<Time>,
    /// Until when the secret before that works.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub old_until: Option<Time>,
    /// When it was last used; other servers' uses show within half a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Time>,
    /// From where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_used_address: Option<String>,
    /// How often it was used.
    pub uses: u64,
    /// How it stands.
    pub state: TokenState,
    /// The latest addresses it was used from; only where one token is asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<TokenAddress>,
}

/// Where a token was used from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenAddress {
    /// The address.
    pub address: String,
    /// First use from there.
    #[schema(value_type = String, format = DateTime)]
    pub first_used_at: Time,
    /// Last use from there.
    #[schema(value_type = String, format = DateTime)]
    pub last_used_at: Time,
    /// Uses from there.
    pub uses: u64,
}

impl From<TokenKind> for api_token::TokenKind {
    fn from(kind: TokenKind) -> Self {
        match kind {
            TokenKind::Personal => Self::Personal,
            TokenKind::Service => Self::Service,
        }
    }
}

impl From<api_token::TokenKind> for TokenKind {
    fn from(kind: api_token::TokenKind) -> Self {
        match kind {
            api_token::TokenKind::Personal => Self::Personal,
            api_token::TokenKind::Service => Self::Service,
        }
    }
}

impl From<api_token::TokenState> for TokenState {
    fn from(state: api_token::TokenState) -> Self {
        match state {
            api_token::TokenState::Active => Self::Active,
            api_token::TokenState::Expired => Self::Expired,
            api_token::TokenState::Revoked => Self::Revoked,
        }
    }
}

impl From<api_token::TokenAddress> for TokenAddress {
    fn from(place: api_token::TokenAddress) -> Self {
        Self { address: place.address, first_used_at: place.first_used_at, last_used_at: place.last_used_at, uses: place.uses }
    }
}

impl Token {
    /// A token as it stands now.
    #[must_use]
    pub fn of(token: api_token::ApiToken, now: Time) -> Self {
        Self {
            state: token.state(now).into(),
            kind: token.kind().into(),
            id: token.id,
            name: token.name.to_string(),
            // A personal token is made by its owner, and names of users do not change.
            owner: token.owner.map(|_| token.created_by.clone()),
            scopes: token.scopes.into_iter().map(String::from).collect(),
            roles: token.roles.into_iter().map(String::from).collect(),
            prefix: token.prefix,
            created_at: token.created_at,
            created_by: token.created_by,
            expires_at: Some(token.expires_at),
            revoked_at: token.revoked_at,
            rotated_at: token.rotated_at,
            old_until: token.old_until.filter(|until| *until > now),
            last_used_at: token.last_used_at,
            last_used_address: token.last_used_address,
            uses: token.uses,
            addresses: Vec::new(),
        }
    }
}
