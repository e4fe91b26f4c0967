//! The audit trail.

use mc_domain::{actor::ActorKind, audit, time::Time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One line of the audit trail; also the payload of `audit_appended` events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// Stable id; sorts by time.
    pub id: String,
    /// Its place in the trail: 1, 2, 3, … without a gap.
    pub sequence: u64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
    /// What kind of actor.
    #[schema(value_type = crate::schema::ActorKind)]
    pub actor_kind: ActorKind,
    /// The actor's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor_id: Option<String>,
    /// The actor's name at that time.
    pub actor: String,
    /// What the actor showed to be let in: `session:ID` or `token:ID`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    /// Where it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What was done: `login`, `agent_restart`, …
    pub action: String,
    /// On what kind of thing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_kind: Option<String>,
    /// On which thing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<String>,
    /// Its name at that time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// How it ended.
    #[schema(value_type = crate::schema::AuditResult)]
    pub result: audit::AuditResult,
    /// Why, in the actor's words.
    pub reason: String,
    /// What happened, in ours.
    pub detail: String,
    /// How long it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<i64>,
    /// Correlation id.
    pub request_id: String,
    /// SHA-256 over the hash before it and the entry, in hex: a link of the chain.
    pub hash: String,
}

/// How an entry is bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BadKind {
    /// Its content, or what proves it, is not what was written.
    Changed,
    /// It is gone, and what followed it is there.
    Missing,
    /// The server never wrote it.
    Inserted,
    /// It stands where another one was.
    Reordered,
    /// It and all after it are gone.
    Truncated,
    /// A checkpoint, or the digest of removed entries, is forged or gone.
    Checkpoint,
}

/// The first bad entry of the trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FirstBad {
    /// Its place.
    pub sequence: u64,
    /// The id that stands there, if anything does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The time that stands there.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Time>,
    /// How it is bad.
    pub kind: BadKind,
    /// The same in words.
    pub text: String,
}

/// What a check of the whole trail found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Verification {
    /// Whether all of it is as it was written.
    pub ok: bool,
    /// Entries read.
    pub entries: u64,
    /// The oldest entry kept; 0 when there is none.
    pub first_sequence: u64,
    /// The newest good one.
    pub last_sequence: u64,
    /// Removed segments, by their signed digests.
    pub segments: u64,
    /// Signed checkpoints.
    pub checkpoints: u64,
    /// The newest entry that a checkpoint covers.
    pub covered_to: u64,
    /// The same in words.
    pub text: String,
    /// The first bad entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_bad: Option<FirstBad>,
    /// How long it took.
    pub took_ms: u64,
}

/// A signed statement of where the trail ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Checkpoint {
    /// 1, 2, 3, … without a gap.
    pub number: u64,
    /// The newest entry it covers.
    pub sequence: u64,
    /// When it was signed.
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
    /// That entry's hash, in hex.
    pub hash: String,
    /// How many entries were kept then.
    pub count: u64,
    /// The oldest entry kept then.
    pub first_sequence: u64,
    /// SHA-256 of the checkpoint before it, in hex.
    pub previous: String,
    /// The first entry that was found to be bad before this was signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_bad: Option<u64>,
    /// Which key signed it.
    pub key_id: String,
    /// Ed25519, in base64.
    pub signature: String,
}

/// The public key that checkpoints are checked with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditKey {
    /// Names the key.
    pub key_id: String,
    /// The Ed25519 key in PEM.
    pub public_key_pem: String,
}

/// How the trail's keeping itself stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditState {
    /// What was found to be wrong with the trail since the server started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bad: Option<String>,
    /// The newest entry that a checkpoint covers.
    pub covered_to: u64,
    /// When that checkpoint was signed.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_at: Option<Time>,
    /// What is wrong with the mirrors of checkpoints.
    pub mirrors: Vec<String>,
}

impl From<audit::AuditEntry> for AuditEntry {
    fn from(entry: audit::AuditEntry) -> Self {
        let seal = entry.seal.get();
        Self {
            sequence: seal.map_or(0, |seal| seal.sequence.0),
            hash: seal.map_or_else(String::new, |seal| hex::encode(seal.hash)),
            via: entry.via,
            id: entry.id.to_string(),
            at: entry.at,
            actor_kind: entry.actor_kind,
            actor_id: entry.actor_id,
            actor: entry.actor_name,
            address: entry.address,
            action: entry.action,
            resource_kind: entry.resource_kind,
            resource_id: entry.resource_id,
            resource: entry.resource_name,
            result: entry.result,
            reason: entry.reason,
            detail: entry.detail,
            duration_ms: entry.duration_ms,
            request_id: entry.request_id.to_string(),
        }
    }
}
