//! Commands: one action sent to one agent, from click to result.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    id::{AgentId, CommandId, RequestId, UserId},
    time::Time,
};

/// What can be asked of an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandAction {
    /// Stop gracefully, then start.
    Restart,
    /// Stop by force and stay stopped.
    Kill,
    /// Check health now and report.
    Check,
}

impl CommandAction {
    /// All actions.
    pub const ALL: [Self; 3] = [Self::Restart, Self::Kill, Self::Check];

    /// The action as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::Kill => "kill",
            Self::Check => "check",
        }
    }

    /// Whether it needs a confirmation in the page.
    #[must_use]
    pub const fn destructive(self) -> bool {
        matches!(self, Self::Restart | Self::Kill)
    }
}

impl fmt::Display for CommandAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A string that names no action.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an action: use restart, kill or check")]
pub struct NotAnAction(pub String);

impl FromStr for CommandAction {
    type Err = NotAnAction;
    fn from_str(text: &str) -> Result<Self, NotAnAction> {
        Self::ALL.into_iter().find(|action| action.as_str() == text).ok_or_else(|| NotAnAction(text.chars().take(64).collect()))
    }
}

/// Where a command is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandState {
    /// Stored, on its way to the agent.
    Sent,
    /// The agent works on it.
    Running,
    /// Ended well.
    Done,
    /// Ended badly; the error says why.
    Failed,
    /// No result in time.
    TimedOut,
    /// Cancelled by a user.
    Cancelled,
}

impl CommandState {
    /// All states.
    pub const ALL: [Self; 6] = [Self::Sent, Self::Running, Self::Done, Self::Failed, Self::TimedOut, Self::Cancelled];

    /// The state as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::TimedOut => "timed_out",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state from text.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether nothing more will happen to it, except a late result.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Sent | Self::Running)
    }
}

/// One action sent to one agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Stable id.
    pub id: CommandId,
    /// To which agent.
    pub agent_id: AgentId,
    /// The agent's name when it was sent.
    pub agent_name: String,
    /// What was asked.
    pub action: CommandAction,
    /// Why, in the user's words; at most 500 characters.
    pub reason: String,
    /// Who asked.
    pub user_id: Option<UserId>,
    /// Who asked, by name.
    pub actor_name: String,
    /// Correlation id of the request.
    pub request_id: RequestId,
    /// Where it is.
    pub state: CommandState,
    /// The latest progress in words: `stopping`, `starting`, `waiting for /readyz`.
    pub progress: String,
    /// The result or the error in words.
    pub result: String,
    /// When it was asked.
    pub created_at: Time,
    /// When it ended.
    pub finished_at: Option<Time>,
    /// After this moment without a result it is timed out.
    pub deadline: Time,
}

/// What an agent says about a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandUpdate {
    /// Which command.
    pub id: CommandId,
    /// Where it is now.
    pub state: CommandState,
    /// Progress in words while it runs; the result or error when it ended.
    pub text: String,
}
