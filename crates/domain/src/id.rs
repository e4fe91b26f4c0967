//! Typed ids. All are UUIDv7, so that they sort by the time they were made.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A string that is no id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an id: ids look like 0197c3a1-6f2e-7c3d-9a51-2f0c6c1d7e11")]
pub struct NotAnId(pub String);

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id that sorts after every id made before it on this machine.
            #[must_use]
            #[expect(clippy::new_without_default, reason = "a default that differs on each call would surprise")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                Uuid::parse_str(text).map(Self).map_err(|_| NotAnId(text.chars().take(64).collect()))
            }
        }
    )+};
}

ids! {
    /// An enrolled agent.
    AgentId,
    /// A person, or a service that logs in like one.
    UserId,
    /// One login of a user on one device: the refresh-token family.
    SessionId,
    /// One action sent to one agent.
    CommandId,
    /// A join token, not its secret.
    JoinTokenId,
    /// An identity provider.
    ProviderId,
    /// An API token, not its secret.
    TokenId,
    /// One try to log in.
    LoginId,
    /// An invite, not its secret.
    InviteId,
    /// A passkey of a user.
    PasskeyId,
    /// A role given to somebody.
    AssignmentId,
    /// A request for access.
    AccessRequestId,
    /// A recorded session.
    RecordingId,
    /// One line of the audit trail.
    AuditId,
    /// One request from outside; the audit trail's correlation id.
    RequestId,
    /// One run of an agent process; tells a reconnect from a clone.
    InstanceId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_round_trip_and_refuse_nonsense() {
        let id = AgentId::new();
        assert_eq!(id.to_string().parse::<AgentId>(), Ok(id));
        assert!("not-an-id".parse::<AgentId>().is_err());
    }

    #[test]
    fn ids_sort_by_creation() {
        let first = CommandId::new();
        let second = CommandId::new();
        assert!(first < second);
    }
}
