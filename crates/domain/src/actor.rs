//! Who does something.

use serde::{Deserialize, Serialize};

use crate::{
    id::{AgentId, SessionId, UserId},
    role::Role,
};

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A logged-in user.
    User {
        /// The user.
        id: UserId,
        /// Login name, for the audit trail.
        name: String,
        /// The role now, not the role at login.
        role: Role,
        /// The login it comes from.
        session: SessionId,
    },
    /// An agent, known by its certificate or key.
    Agent {
        /// The agent.
        id: AgentId,
        /// Its name.
        name: String,
    },
    /// Somebody with the data directory in their hands: the server's own command line.
    Console,
    /// The server itself: expiry, timeouts, retention.
    System,
    /// Nobody we know: a failed login, a refused connection.
    Nobody,
}

/// The kind of an actor, as the audit trail keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A user.
    User,
    /// An agent.
    Agent,
    /// The server's own command line.
    Console,
    /// The server itself.
    System,
    /// Unauthenticated.
    Nobody,
}

impl ActorKind {
    /// The kind as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Agent => "agent",
            Self::Console => "console",
            Self::System => "system",
            Self::Nobody => "nobody",
        }
    }

    /// The kind from text; `Nobody` when it is none.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        match text {
            "user" => Self::User,
            "agent" => Self::Agent,
            "console" => Self::Console,
            "system" => Self::System,
            _ => Self::Nobody,
        }
    }
}

impl Actor {
    /// The kind of this actor.
    #[must_use]
    pub const fn kind(&self) -> ActorKind {
        match self {
            Self::User { .. } => ActorKind::User,
            Self::Agent { .. } => ActorKind::Agent,
            Self::Console => ActorKind::Console,
            Self::System => ActorKind::System,
            Self::Nobody => ActorKind::Nobody,
        }
    }

    /// The id of a user or agent, as text.
    #[must_use]
    pub fn id(&self) -> Option<String> {
        match self {
            Self::User { id, .. } => Some(id.to_string()),
            Self::Agent { id, .. } => Some(id.to_string()),
            Self::Console | Self::System | Self::Nobody => None,
        }
    }

    /// A name to show: the user's, the agent's, or the kind.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::User { name, .. } | Self::Agent { name, .. } => name,
            other => other.kind().as_str(),
        }
    }
}
