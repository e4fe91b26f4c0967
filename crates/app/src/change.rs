//! What live events carry: domain values, made into the API's types by whoever sends them.

use std::sync::Arc;

use mc_domain::{
    audit::AuditEntry,
    command::Command,
    id::{AgentId, UserId},
    join_token::JoinToken,
};

use crate::{
    fleet::view::{AgentView, Stats},
    identity::user::UserView,
};

/// One change.
#[derive(Debug, Clone)]
pub enum Change {
    /// An agent is new or changed.
    Agent(Arc<AgentView>),
    /// An agent was removed.
    AgentRemoved(AgentId),
    /// Fresh figures of an agent.
    AgentStats(AgentId, Stats),
    /// A command is new or moved on.
    Command(Arc<Command>),
    /// The audit trail grew.
    Audit(Arc<AuditEntry>),
    /// A join token is new or changed.
    JoinToken(Arc<JoinToken>),
    /// A user is new or changed.
    User(Arc<UserView>),
    /// A user was deleted.
    UserRemoved(UserId),
}
