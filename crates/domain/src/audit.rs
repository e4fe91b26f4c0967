//! The audit trail: who did what, on what, from where, with what result.

use std::{
    fmt,
    str::FromStr,
    sync::{Arc, OnceLock},
};

use serde::{Deserialize, Serialize};

use crate::{
    actor::ActorKind,
    ctx::Ctx,
    id::{AuditId, RequestId},
    time::Time,
};

/// How what was tried ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditResult {
    /// It was begun; another entry with the same correlation id says how it ended.
    Started,
    /// It was done.
    Ok,
    /// It was tried and failed.
    Failed,
    /// The gate or a credential check refused it.
    Denied,
}

impl AuditResult {
    /// The result as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::Denied => "denied",
        }
    }

    /// The result from text.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        [Self::Started, Self::Ok, Self::Failed, Self::Denied].into_iter().find(|r| r.as_str() == text)
    }
}

/// An entry's place in the trail: 1, 2, 3, … without a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sequence(pub u64);

/// A text that is no place in the trail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no place in the audit trail: it is a whole number such as 4711")]
pub struct NotASequence(pub String);

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Sequence {
    type Err = NotASequence;
    fn from_str(text: &str) -> Result<Self, NotASequence> {
        text.parse().map(Self).map_err(|_| NotASequence(text.chars().take(64).collect()))
    }
}

/// What the trail adds to an entry when it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seal {
    /// Its place.
    pub sequence: Sequence,
    /// SHA-256 over the hash before it and the entry's canonical bytes.
    pub hash: [u8; 32],
    /// HMAC-SHA-256 over that hash with the server's key.
    pub mac: [u8; 32],
}

/// An entry's seal once it is stored. Clones of an entry share it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sealed(Arc<OnceLock<Seal>>);

impl Sealed {
    /// The seal; `None` while the entry is not stored.
    #[must_use]
    pub fn get(&self) -> Option<Seal> {
        self.0.get().copied()
    }

    /// Notes the seal, once what holds the entry is durable. A seal never changes.
    pub fn set(&self, seal: Seal) {
        // An entry is stored once; a second seal would be of another row with the same id, which the store refuses.
        let _ = self.0.set(seal);
    }
}

impl From<Seal> for Sealed {
    fn from(seal: Seal) -> Self {
        let sealed = Self::default();
        sealed.set(seal);
        sealed
    }
}

/// One line of the audit trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Stable id; sorts by time.
    pub id: AuditId,
    /// When.
    pub at: Time,
    /// What kind of actor.
    pub actor_kind: ActorKind,
    /// The actor's id, when it has one.
    pub actor_id: Option<String>,
    /// The actor's name at that time.
    pub actor_name: String,
    /// What the actor showed to be let in: `session:ID` or `token:ID`.
    pub via: Option<String>,
    /// Where it came from.
    pub address: Option<String>,
    /// What was done: an action's name, or `login`, `agent_connect`, …
    pub action: String,
    /// On what kind of thing: `agent`, `user`, `session`, …
    pub resource_kind: Option<String>,
    /// On which thing.
    pub resource_id: Option<String>,
    /// Its name at that time.
    pub resource_name: Option<String>,
    /// How it ended.
    pub result: AuditResult,
    /// Why, in the actor's words.
    pub reason: String,
    /// What happened, in ours. Never a secret.
    pub detail: String,
    /// How long it took, in milliseconds, when that is known.
    pub duration_ms: Option<i64>,
    /// Correlation id.
    pub request_id: RequestId,
    /// Its place in the trail and what proves it, once it is stored.
    pub seal: Sealed,
}

impl AuditEntry {
    /// An entry by the context's actor, on nothing yet.
    #[must_use]
    pub fn new(ctx: &Ctx, at: Time, action: impl Into<String>, result: AuditResult) -> Self {
        Self {
            id: AuditId::new(),
            at,
            actor_kind: ctx.actor.kind(),
            actor_id: ctx.actor.id(),
            actor_name: ctx.actor.name().to_owned(),
            via: ctx.actor.via(),
            address: ctx.address.clone(),
            action: action.into(),
            resource_kind: None,
            resource_id: None,
            resource_name: None,
            result,
            reason: String::new(),
            detail: String::new(),
            duration_ms: None,
            request_id: ctx.request_id,
            seal: Sealed::default(),
        }
    }

    /// The same, about a thing.
    #[must_use]
    pub fn on(mut self, kind: &str, id: impl ToString, name: impl ToString) -> Self {
        self.resource_kind = Some(kind.to_owned());
        self.resource_id = Some(id.to_string());
        self.resource_name = Some(name.to_string());
        self
    }

    /// The same, with the actor's reason.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = reason.into();
        self
    }

    /// The same, with what happened.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// The same, with how long it took.
    #[must_use]
    pub fn took(mut self, duration: std::time::Duration) -> Self {
        self.duration_ms = i64::try_from(duration.as_millis()).ok();
        self
    }
}
