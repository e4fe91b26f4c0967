//! Recorded sessions.

use mc_domain::{
    id::{RecordingId, RequestId},
    recording::{self, RecordingEnding, RecordingKind},
    time::Time,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A recorded session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Recording {
    /// Stable id.
    #[schema(value_type = String)]
    pub id: RecordingId,
    /// `kubectl_exec`: `exec` or `attach` of a Kubernetes API.
    #[schema(value_type = crate::schema::RecordingKind)]
    pub kind: RecordingKind,
    /// The cluster's name.
    pub cluster: String,
    /// The namespace.
    pub namespace: String,
    /// The pod.
    pub pod: String,
    /// The container; empty when the request left it to the API server.
    pub container: String,
    /// Whose session it was, by name.
    pub user: String,
    /// What was run; empty where a running program was attached to.
    pub command: Vec<String>,
    /// Whether it had a terminal.
    pub tty: bool,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Time,
    /// When it ended; `null` while it goes on.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Time>,
    /// Why it ended: `closed`, `unreadable`, `not_stored`, `stopped`, or `unknown` when the server was gone before it could say.
    #[schema(value_type = Option<crate::schema::RecordingEnding>)]
    pub ending: Option<RecordingEnding>,
    /// The program's exit code, where it was told.
    pub exit_code: Option<i32>,
    /// Bytes that passed in the streams that are recorded; noted every 20 seconds while it goes on.
    pub bytes: u64,
    /// The terminal's width at the beginning.
    pub cols: u16,
    /// The terminal's height at the beginning.
    pub rows: u16,
    /// The request, as the audit trail knows it.
    #[schema(value_type = String)]
    pub request_id: RequestId,
    /// Whether more passed than is kept of one recording.
    pub truncated: bool,
}

impl From<recording::Recording> for Recording {
    fn from(recording: recording::Recording) -> Self {
        Self {
            id: recording.id,
            kind: recording.kind,
            cluster: recording.cluster,
            namespace: recording.namespace,
            pod: recording.pod,
            container: recording.container,
            user: recording.user_name,
            command: recording.command,
            tty: recording.tty,
            started_at: recording.started_at,
            ended_at: recording.ended_at,
            ending: recording.ending,
            exit_code: recording.exit_code,
            bytes: recording.progress.bytes,
            cols: recording.progress.cols,
            rows: recording.progress.rows,
            request_id: recording.request_id,
            truncated: recording.progress.truncated,
        }
    }
}
