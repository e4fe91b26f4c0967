//! Live events: what open pages are told the moment it happens. The order and the delivery are `mc-bus`'s.

use serde::{Deserialize, Serialize};

use crate::action::{self, Action};

/// What an event is about. The payload is the API's own type for that thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// An agent is new or changed; payload: the agent as in the list.
    AgentChanged,
    /// An agent was removed; payload: `{id}`.
    AgentRemoved,
    /// Fresh figures of an agent; payload: `{id, cpu_percent, memory_used_bytes, memory_total_bytes}`.
    AgentStats,
    /// A command is new or moved on; payload: the command.
    CommandChanged,
    /// The audit trail grew; payload: the entry.
    AuditAppended,
    /// A join token is new or changed; payload: the token without its secret.
    JoinTokenChanged,
    /// A user is new or changed; payload: the user.
    UserChanged,
    /// A user was deleted; payload: `{id}`.
    UserRemoved,
    /// A role changed, or who has it; payload: `{name}`.
    RoleChanged,
    /// A request for access is new or was decided, or what it granted is over; payload: `{id, state}`.
    AccessRequestChanged,
    /// A cluster is new, or how it is changed; payload: the cluster as in the list.
    ClusterChanged,
    /// A cluster's agent was removed; payload: `{name}`.
    ClusterRemoved,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::AgentChanged,
        Self::AgentRemoved,
        Self::AgentStats,
        Self::CommandChanged,
        Self::AuditAppended,
        Self::JoinTokenChanged,
        Self::UserChanged,
        Self::UserRemoved,
        Self::RoleChanged,
        Self::AccessRequestChanged,
        Self::ClusterChanged,
        Self::ClusterRemoved,
    ];

    /// The action whose holders may see events of this kind: the one that reads the thing itself.
    #[must_use]
    pub const fn action(self) -> &'static str {
        match self {
            Self::AgentChanged | Self::AgentRemoved | Self::AgentStats => action::AgentList::NAME,
            Self::CommandChanged => action::CommandList::NAME,
            Self::AuditAppended => action::AuditList::NAME,
            Self::JoinTokenChanged => action::JoinTokenList::NAME,
            Self::UserChanged | Self::UserRemoved => action::UserList::NAME,
            Self::RoleChanged => action::RoleList::NAME,
            Self::AccessRequestChanged => action::AccessRequestList::NAME,
            Self::ClusterChanged | Self::ClusterRemoved => action::KubeRequest::NAME,
        }
    }
}
