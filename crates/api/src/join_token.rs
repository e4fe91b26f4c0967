//! Join tokens.

use mc_domain::{id::JoinTokenId, join_token, time::Time, workload::AgentKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A new join token.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct JoinTokenCreate {
    /// Seconds it lives; 60 to 2,592,000 (30 days), default 3600.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_seconds: Option<u64>,
    /// How many agents it admits; 1 to 10,000, default 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses: Option<u32>,
    /// Admit only this kind of agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<crate::schema::AgentKind>)]
    pub kind: Option<AgentKind>,
    /// Tags its agents get.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Admit agents that cannot hold a certificate; they get an API key.
    #[serde(default)]
    pub allow_api_key: bool,
}

/// A new join token with its secret, shown this once.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct JoinTokenCreated {
    /// The secret.
    pub token: String,
    /// Hash of the internal CA's certificate: `sha256:` and hex.
    pub ca_pin: String,
    /// Where agents dial: `host:8444`.
    pub server: String,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Time,
    /// The command to paste on the machine.
    pub command: String,
    /// Stable id, to revoke it.
    #[schema(value_type = String, format = "uuid")]
    pub id: JoinTokenId,
}

/// A join token without its secret; also the payload of `join_token_changed` events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JoinToken {
    /// Stable id.
    #[schema(value_type = String, format = "uuid")]
    pub id: JoinTokenId,
    /// How its secret begins, to recognise it by.
    #[serde(default)]
    pub prefix: String,
    /// Admits only this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<crate::schema::AgentKind>)]
    pub kind: Option<AgentKind>,
    /// Tags its agents get.
    pub tags: Vec<String>,
    /// Whether it admits agents with an API key.
    pub allow_api_key: bool,
    /// How many agents it admits.
    pub uses: u32,
    /// How many it admitted.
    pub used: u32,
    /// When an agent last joined with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Time>,
    /// From where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_address: Option<String>,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Time,
    /// When it was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Time>,
}

impl From<join_token::JoinToken> for JoinToken {
    fn from(token: join_token::JoinToken) -> Self {
        Self {
            id: token.id,
            prefix: token.prefix,
            kind: token.kind,
            tags: token.tags.iter().map(ToString::to_string).collect(),
            allow_api_key: token.allow_api_key,
            uses: token.uses,
            used: token.used,
            last_used_at: token.last_used_at,
            last_used_address: token.last_used_address,
            created_by: token.created_by,
            created_at: token.created_at,
            expires_at: token.expires_at,
            revoked_at: token.revoked_at,
        }
    }
}
