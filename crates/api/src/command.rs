//! Actions on agents and the commands they become.

use mc_domain::{
    command::{self, CommandAction, CommandState},
    id::{AgentId, CommandId},
    time::Time,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An action on one agent.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ActionRequest {
    /// What to do.
    #[schema(value_type = crate::schema::CommandAction)]
    pub action: CommandAction,
    /// Why; kept in the audit trail. At most 500 characters; may be empty for `check`.
    #[serde(default)]
    pub reason: String,
    /// Seconds until it counts as timed out; 1 to 3600, default 120.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<u32>,
}

/// The action was accepted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ActionAccepted {
    /// Follow it at `/api/v1/commands/{id}` or in the live events.
    #[schema(value_type = String, format = "uuid")]
    pub command_id: CommandId,
}

/// An action on many agents.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BulkActionRequest {
    /// Names or ids; at most 1,000.
    pub agents: Vec<String>,
    /// What to do.
    #[schema(value_type = crate::schema::CommandAction)]
    pub action: CommandAction,
    /// Why.
    #[serde(default)]
    pub reason: String,
    /// Seconds until it counts as timed out; 1 to 3600, default 120.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<u32>,
}

/// What became of an action on one of many agents.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BulkActionItem {
    /// As asked.
    pub agent: String,
    /// Set when it was accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "uuid")]
    pub command_id: Option<CommandId>,
    /// Set when it was not: the problem's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Set when it was not: what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// What became of an action on many agents, in the order asked.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BulkActionAnswer {
    /// One for each agent asked.
    pub items: Vec<BulkActionItem>,
}

/// One action sent to one agent; also the payload of `command_changed` events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Command {
    /// Stable id.
    #[schema(value_type = String, format = "uuid")]
    pub id: CommandId,
    /// To which agent.
    #[schema(value_type = String, format = "uuid")]
    pub agent_id: AgentId,
    /// The agent's name when it was sent.
    pub agent_name: String,
    /// What was asked.
    #[schema(value_type = crate::schema::CommandAction)]
    pub action: CommandAction,
    /// Why.
    pub reason: String,
    /// Who asked.
    pub actor: String,
    /// Where it is.
    #[schema(value_type = crate::schema::CommandState)]
    pub state: CommandState,
    /// The latest progress in words.
    pub progress: String,
    /// The result or the error in words.
    pub result: String,
    /// When it was asked.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Time>,
    /// When it counts as timed out.
    #[schema(value_type = String, format = DateTime)]
    pub deadline: Time,
    /// Correlation id.
    pub request_id: String,
}

impl From<command::Command> for Command {
    fn from(command: command::Command) -> Self {
        Self {
            id: command.id,
            agent_id: command.agent_id,
            agent_name: command.agent_name,
            action: command.action,
            reason: command.reason,
            actor: command.actor_name,
            state: command.state,
            progress: command.progress,
            result: command.result,
            created_at: command.created_at,
            finished_at: command.finished_at,
            deadline: command.deadline,
            request_id: command.request_id.to_string(),
        }
    }
}
