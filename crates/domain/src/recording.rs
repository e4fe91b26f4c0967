//! Recordings: what passed in a session into a container, as it was seen.

use serde::{Deserialize, Serialize};

use crate::{
    id::{RecordingId, RequestId, UserId},
    time::Time,
};

/// What was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordingKind {
    /// `exec` or `attach` of a Kubernetes API.
    KubectlExec,
}

impl RecordingKind {
    /// The kind as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KubectlExec => "kubectl_exec",
        }
    }

    /// The kind from text.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        [Self::KubectlExec].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Why a recording ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordingEnding {
    /// The session ended: one of its sides hung up.
    Closed,
    /// What passed could not be read, so it was not passed on.
    Unreadable,
    /// What passed could not be stored, so it was not passed on.
    NotStored,
    /// The server stopped.
    Stopped,
    /// The server was gone before it could say how it ended.
    Unknown,
}

impl RecordingEnding {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Closed, Self::Unreadable, Self::NotStored, Self::Stopped, Self::Unknown];

    /// The ending as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Unreadable => "unreadable",
            Self::NotStored => "not_stored",
            Self::Stopped => "stopped",
            Self::Unknown => "unknown",
        }
    }

    /// The ending from text.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ending| ending.as_str() == text)
    }
}

/// How far a recording is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RecordingProgress {
    /// Bytes that passed in the streams that are recorded, those behind the limit too.
    pub bytes: u64,
    /// The terminal's width at the beginning; 80 where there is none.
    pub cols: u16,
    /// The terminal's height at the beginning; 24 where there is none.
    pub rows: u16,
    /// Whether more passed than is kept of one recording.
    pub truncated: bool,
}

/// A recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// Stable id.
    pub id: RecordingId,
    /// Of what.
    pub kind: RecordingKind,
    /// The cluster's name.
    pub cluster: String,
    /// The namespace.
    pub namespace: String,
    /// The pod.
    pub pod: String,
    /// The container; empty when the request left it to the API server.
    pub container: String,
    /// What was run; empty where a running program was attached to.
    pub command: Vec<String>,
    /// Whether it had a terminal.
    pub tty: bool,
    /// Whose session it was; `None` for a service token's.
    pub user_id: Option<UserId>,
    /// Their name at that time.
    pub user_name: String,
    /// The request, as the audit trail knows it.
    pub request_id: RequestId,
    /// When it began.
    pub started_at: Time,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// Why it ended.
    pub ending: Option<RecordingEnding>,
    /// The program's exit code, where it was told.
    pub exit_code: Option<i32>,
    /// How far it is.
    pub progress: RecordingProgress,
}

impl Recording {
    /// What was done where: `sh -l in app/web`.
    #[must_use]
    pub fn label(&self) -> String {
        let what = if self.command.is_empty() { "attach".to_owned() } else { self.command.join(" ") };
        let container = if self.container.is_empty() { String::new() } else { format!(" ({})", self.container) };
        format!("{} in {}/{}{container}", what.chars().take(120).collect::<String>(), self.namespace, self.pod)
    }
}
