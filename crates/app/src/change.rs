//! What live events carry: domain values, made into the API's types by whoever sends them.

use std::sync::Arc;

use mc_domain::{
    access_request::AccessRequest,
    agent::Agent,
    audit::AuditEntry,
    command::Command,
    id::{AgentId, UserId},
    join_token::JoinToken,
    name::ClusterName,
    role::RoleName,
};

use crate::{
    fleet::view::{AgentView, Stats},
    identity::user::UserView,
    kube::cluster::ClusterView,
};

/// One change.
#[derive(Debug, Clone)]
pub enum Change {
    /// An agent is new or changed.
    Agent(Arc<AgentView>),
    /// An agent was removed; how it was then.
    AgentRemoved(Arc<Agent>),
    /// Something that rules can say of an agent changed: who saw it before and does not see it now is told that it is gone.
    AgentHidden {
        /// How it was.
        before: Arc<Agent>,
        /// How it is.
        now: Arc<Agent>,
    },
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
    /// A role, or who has it, changed.
    Role(RoleName),
    /// A request for access is new or was decided, or what it granted is over.
    AccessRequest(Arc<AccessRequest>),
    /// A cluster is new, or how it is changed.
    Cluster(Arc<ClusterView>),
    /// A cluster's agent was removed.
    ClusterRemoved(ClusterName),
}
