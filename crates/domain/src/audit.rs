//! The audit trail: who did what, on what, from where, with what result.

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
