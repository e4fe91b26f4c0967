//! Join tokens: what admits a new agent.

use crate::{id::JoinTokenId, name::Tag, time::Time, workload::AgentKind};

/// A join token as it is stored: its hash, never its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinToken {
    /// Stable id.
    pub id: JoinTokenId,
    /// Hex SHA-256 of the token's text.
    pub hash: String,
    /// The beginning of its text, to recognise it by; empty for one made before this was kept.
    pub prefix: String,
    /// Only agents of this kind may use it.
    pub kind: Option<AgentKind>,
    /// Tags that its agents get.
    pub tags: Vec<Tag>,
    /// Whether an agent may ask for an API key instead of a certificate.
    pub allow_api_key: bool,
    /// How often it may be used in all.
    pub uses: u32,
    /// How often it was used.
    pub used: u32,
    /// When an agent last joined with it.
    pub last_used_at: Option<Time>,
    /// From where.
    pub last_used_address: Option<String>,
    /// When it was made.
    pub created_at: Time,
    /// When it ends.
    pub expires_at: Time,
    /// When it was revoked.
    pub revoked_at: Option<Time>,
    /// Who made it, by name.
    pub created_by: String,
}

/// Why a join token does not admit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub enum JoinRefused {
    /// No such token, or revoked: the two look alike to whoever guesses.
    Unknown,
    /// Past its time.
    Expired,
    /// Used as often as allowed.
    UsedUp,
    /// Made for another kind of agent.
    WrongKind,
    /// Made for agents with a certificate.
    ApiKeyRefused,
}

impl JoinRefused {
    /// What happened and what to do.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Unknown => "the join token is not valid: make a new one with `mc agents join-token`",
            Self::Expired => "the join token has expired: make a new one with `mc agents join-token`",
            Self::UsedUp => "the join token was already used: make a new one with `mc agents join-token`",
            Self::WrongKind => "the join token is for another kind of agent: make a new one with `mc agents join-token --kind`",
            Self::ApiKeyRefused => {
                "the join token does not admit agents with an API key: make one with `mc agents join-token --allow-api-key`"
            }
        }
    }
}
