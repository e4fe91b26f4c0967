//! Requests for access: a role or one action, for a while, when somebody else says yes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    id::{AccessRequestId, AssignmentId, UserId},
    role::RoleName,
    time::Time,
};

/// The shortest and the longest time that access is granted for.
pub const DURATION: std::ops::RangeInclusive<Duration> = Duration::from_secs(5 * 60)..=Duration::from_secs(30 * 86_400);
/// How long a request waits for somebody to decide it.
pub const PENDING_FOR: Duration = Duration::from_secs(7 * 86_400);
/// The most requests of one person that wait at a time.
pub const PENDING_MAX: u64 = 20;

/// How a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessState {
    /// It waits for somebody to decide it.
    Pending,
    /// It was granted and the access is there.
    Approved,
    /// It was refused.
    Denied,
    /// Who asked took it back.
    Cancelled,
    /// The granted time is over, or nobody decided it in time.
    Expired,
    /// The granted access was ended early.
    Ended,
}

impl AccessState {
    /// All states.
    pub const ALL: [Self; 6] = [Self::Pending, Self::Approved, Self::Denied, Self::Cancelled, Self::Expired, Self::Ended];

    /// The state as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Ended => "ended",
        }
    }

    /// The state from text.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// A role.
    Role(RoleName),
    /// One action on one thing.
    Action {
        /// The action's name.
        action: String,
        /// The kind of thing: `agent`, `everything`.
        kind: String,
        /// The thing's id; empty for everything.
        thing: String,
        /// What the thing was called then.
        name: String,
    },
}

impl Wanted {
    /// What is asked for, in words: `role operator`, `agent_kill on alpha`.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Role(role) => format!("role {role}"),
            Self::Action { action, name, .. } if name.is_empty() => action.clone(),
            Self::Action { action, name, .. } => format!("{action} on {name}"),
        }
    }

    /// The one word that rules about approving can name: the role or the action.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Role(role) => role.as_str(),
            Self::Action { action, .. } => action,
        }
    }
}

/// A request for access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessRequest {
    /// Stable id.
    pub id: AccessRequestId,
    /// Who asks.
    pub requester: UserId,
    /// Login name of who asks.
    pub requester_name: String,
    /// For what.
    pub wanted: Wanted,
    /// Why.
    pub reason: String,
    /// For how long; once it is granted, the time that was granted.
    pub duration: Duration,
    /// How it stands, as it is stored: see [`AccessRequest::state_at`].
    pub state: AccessState,
    /// When it was asked.
    pub created_at: Time,
    /// When it was decided, or taken back.
    pub decided_at: Option<Time>,
    /// Who decided it, by name.
    pub decided_by: Option<String>,
    /// What they said.
    pub decision_reason: Option<String>,
    /// When the granted access ends by itself.
    pub expires_at: Option<Time>,
    /// When it was over, by itself or early.
    pub ended_at: Option<Time>,
    /// What was given.
    pub assignment: Option<AssignmentId>,
}

impl AccessRequest {
    /// How it stands at that moment: its time may be over before that was noted.
    #[must_use]
    pub fn state_at(&self, now: Time) -> AccessState {
        match self.state {
            AccessState::Pending if now >= self.created_at.after(PENDING_FOR) => AccessState::Expired,
            AccessState::Approved if self.expires_at.is_some_and(|end| now >= end) => AccessState::Expired,
            state => state,
        }
    }

    /// The role that carries a grant of one action: made for it, and gone with it.
    #[must_use]
    pub fn grant_role(&self) -> Option<RoleName> {
        match &self.wanted {
            Wanted::Role(_) => None,
            Wanted::Action { .. } => format!("grant-{}", self.id.0.simple()).parse().ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(state: AccessState, expires_at: Option<Time>) -> AccessRequest {
        AccessRequest {
            id: AccessRequestId::new(),
            requester: UserId::new(),
            requester_name: "bob".to_owned(),
            wanted: Wanted::Action { action: "agent_kill".into(), kind: "agent".into(), thing: "x".into(), name: "alpha".into() },
            reason: "on call".to_owned(),
            duration: Duration::from_secs(600),
            state,
            created_at: Time::from_micros(0),
            decided_at: None,
            decided_by: None,
            decision_reason: None,
            expires_at,
            ended_at: None,
            assignment: None,
        }
    }

    #[test]
    fn time_passes_without_anybody_noting_it() {
        let at = Time::from_micros;
        let granted = request(AccessState::Approved, Some(at(10)));
        assert_eq!((granted.state_at(at(9)), granted.state_at(at(10))), (AccessState::Approved, AccessState::Expired));
        let waiting = request(AccessState::Pending, None);
        let over = at(0).after(PENDING_FOR);
        assert_eq!((waiting.state_at(at(10)), waiting.state_at(over)), (AccessState::Pending, AccessState::Expired));
        assert_eq!(request(AccessState::Ended, Some(at(10))).state_at(at(20)), AccessState::Ended);
    }

    #[test]
    fn a_grant_of_one_action_has_a_role_of_its_own() {
        let one = request(AccessState::Pending, None);
        assert!(one.grant_role().is_some_and(|role| role.as_str().starts_with("grant-") && role.as_str().len() == 38));
        assert_eq!(one.wanted.label(), "agent_kill on alpha");
        assert_eq!(Wanted::Role("ops".parse().expect("a role name")).label(), "role ops");
    }
}
