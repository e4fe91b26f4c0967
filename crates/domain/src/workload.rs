//! Workloads: what an agent supervises.

use serde::{Deserialize, Serialize};

use crate::time::Time;

/// What kind of thing an agent looks after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentKind {
    /// The machine only.
    Host,
    /// A command the agent starts and supervises.
    Command,
    /// A systemd unit the agent adopted.
    Systemd,
    /// An OpenClaw gateway.
    Openclaw,
}

impl AgentKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Host, Self::Command, Self::Systemd, Self::Openclaw];

    /// The kind as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Command => "command",
            Self::Systemd => "systemd",
            Self::Openclaw => "openclaw",
        }
    }

    /// The kind from text.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Where a workload is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkloadState {
    /// There is no workload: the agent reports its machine only.
    None,
    /// Started, not yet up.
    Starting,
    /// Up.
    Running,
    /// Being restarted on request.
    Restarting,
    /// Being stopped.
    Stopping,
    /// Stopped on request, or ended well and not to be started again.
    Stopped,
    /// Ended badly; waiting to be started again.
    Backoff,
    /// Ended badly too often in too short a time; still tried, seldom.
    CrashLoop,
    /// The process lives but does not serve: OpenClaw's zombie after a failed in-process restart.
    Zombie,
    /// Cannot be started: the configuration or the program is wrong.
    Failed,
}

impl WorkloadState {
    /// All states.
    pub const ALL: [Self; 10] = [
        Self::None,
        Self::Starting,
        Self::Running,
        Self::Restarting,
        Self::Stopping,
        Self::Stopped,
        Self::Backoff,
        Self::CrashLoop,
        Self::Zombie,
        Self::Failed,
    ];

    /// The state as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Restarting => "restarting",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::Backoff => "backoff",
            Self::CrashLoop => "crash_loop",
            Self::Zombie => "zombie",
            Self::Failed => "failed",
        }
    }

    /// The state from text; `None` (no workload) is "none".
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// How one liveness fact stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactState {
    /// As it should be.
    Ok,
    /// Not yet, and that is expected.
    Waiting,
    /// Wrong.
    Bad,
    /// Not known.
    Unknown,
}

impl FactState {
    /// The state as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Waiting => "waiting",
            Self::Bad => "bad",
            Self::Unknown => "unknown",
        }
    }

    /// The state from text.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        match text {
            "ok" => Self::Ok,
            "waiting" => Self::Waiting,
            "bad" => Self::Bad,
            _ => Self::Unknown,
        }
    }
}

/// One liveness fact with its own age: `process`, `port`, `ready`, `lock`, `hello`, `linked`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Which fact.
    pub name: String,
    /// How it stands.
    pub state: FactState,
    /// In a few words: `pid 2741`, `closed`, `failing: gateway-draining`.
    pub detail: String,
    /// Since when it stands so.
    pub since: Time,
}

/// What an agent says of its workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workload {
    /// Where it is in its life.
    pub state: WorkloadState,
    /// Why, when that needs saying: `exit code 1, next try in 8 s`.
    pub detail: String,
    /// What runs: the command line's program and arguments with secrets masked, the unit, or `openclaw 2026.9.6`.
    pub title: String,
    /// Process id while it runs.
    pub pid: Option<u32>,
    /// When the current run began.
    pub started_at: Option<Time>,
    /// Restarts since the agent began, wanted or not.
    pub restarts: u32,
    /// Last exit code, or minus the signal's number.
    pub last_exit: Option<i32>,
    /// The separate liveness facts.
    pub facts: Vec<Fact>,
}

impl Default for Workload {
    fn default() -> Self {
        Self {
            state: WorkloadState::None,
            detail: String::new(),
            title: String::new(),
            pid: None,
            started_at: None,
            restarts: 0,
            last_exit: None,
            facts: Vec::new(),
        }
    }
}
