//! Who does something.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    id::{AgentId, SessionId, TokenId, UserId},
    role::RoleName,
    scope::Scope,
    time::Time,
};

/// What a person at a login still has to do before anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Owed {
    /// Nothing.
    Nothing,
    /// To set up the second factor that a role demands; also when nobody has looked yet whether one does.
    SecondFactor,
}

/// What a user showed to be let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// A login.
    Session {
        /// Which login.
        id: SessionId,
        /// When the person last proved who they are: at the login, or since.
        verified_at: Time,
        /// What the person has to do first.
        owed: Owed,
    },
    /// A personal token.
    Token {
        /// Which token.
        id: TokenId,
        /// Its name.
        name: String,
        /// What it is limited to.
        scopes: Arc<[Scope]>,
    },
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A logged-in user.
    User {
        /// The user.
        id: UserId,
        /// Login name, for the audit trail.
        name: String,
        /// The roles now, not those at login.
        roles: Arc<[RoleName]>,
        /// What was shown.
        credential: Credential,
    },
    /// A program with a service token.
    Service {
        /// Its token.
        id: TokenId,
        /// The token's name.
        name: String,
        /// The roles now.
        roles: Arc<[RoleName]>,
        /// What the token is limited to.
        scopes: Arc<[Scope]>,
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
    /// A service token.
    Service,
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
            Self::Service => "service",
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
            "service" => Self::Service,
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
            Self::Service { .. } => ActorKind::Service,
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
            Self::Service { id, .. } => Some(id.to_string()),
            Self::Agent { id, .. } => Some(id.to_string()),
            Self::Console | Self::System | Self::Nobody => None,
        }
    }

    /// What the person at a login has to do first; nobody else owes anything.
    #[must_use]
    pub const fn owed(&self) -> Owed {
        match self {
            Self::User { credential: Credential::Session { owed, .. }, .. } => *owed,
            _ => Owed::Nothing,
        }
    }

    /// The roles of a user or a service; nobody else has any.
    #[must_use]
    pub fn roles(&self) -> &[RoleName] {
        match self {
            Self::User { roles, .. } | Self::Service { roles, .. } => roles,
            Self::Agent { .. } | Self::Console | Self::System | Self::Nobody => &[],
        }
    }

    /// What a token limits this actor to; `None` when nothing does.
    #[must_use]
    pub fn scopes(&self) -> Option<&[Scope]> {
        match self {
            Self::User { credential: Credential::Token { scopes, .. }, .. } | Self::Service { scopes, .. } => Some(scopes),
            _ => None,
        }
    }

    /// Whether what this actor showed allows an action at all, if its roles do: a token is limited by its scopes.
    ///
    /// # Errors
    /// The name of the rule that says no.
    pub fn within(&self, action: &str) -> Result<(), &'static str> {
        self.scopes().map_or(Ok(()), |scopes| crate::api_token::within(scopes, action))
    }

    /// The login this actor comes from, when it is a user at a session.
    #[must_use]
    pub const fn session(&self) -> Option<SessionId> {
        match self {
            Self::User { credential: Credential::Session { id, .. }, .. } => Some(*id),
            _ => None,
        }
    }

    /// What was shown to be let in, as the audit trail keeps it: `session:ID` or `token:ID`.
    #[must_use]
    pub fn via(&self) -> Option<String> {
        match self {
            Self::User { credential: Credential::Session { id, .. }, .. } => Some(format!("session:{id}")),
            Self::User { credential: Credential::Token { id, .. }, .. } | Self::Service { id, .. } => Some(format!("token:{id}")),
            Self::Agent { .. } | Self::Console | Self::System | Self::Nobody => None,
        }
    }

    /// A name to show: the user's, the token's, the agent's, or the kind.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::User { name, .. } | Self::Service { name, .. } | Self::Agent { name, .. } => name,
            other => other.kind().as_str(),
        }
    }
}
