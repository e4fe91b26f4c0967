//! Log lines.

use mc_domain::{log, time::Time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One line of a log. With `follow`, the answer is `application/x-ndjson`, one of these a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogLine {
    /// Place in this log; grows.
    pub seq: i64,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
    /// How serious.
    #[schema(value_type = crate::schema::LogLevel)]
    pub level: log::LogLevel,
    /// From where: `stdout`, `stderr`, `journal`, or a file's path.
    pub source: String,
    /// The text.
    pub message: String,
}

/// Lines of a log, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogLines {
    /// The lines.
    pub items: Vec<LogLine>,
    /// Whether older lines that match exist: ask again with `before` set to the first line's `seq`.
    pub more: bool,
}
