//! Running a kubectl beside a cluster.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A kubectl to run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExecRequest {
    /// Its arguments, one each: `["get", "pods", "-n", "app"]`.
    pub command: Vec<String>,
    /// What it reads on standard input: at most 8 MiB. Left out, it reads nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stdin: Option<String>,
}

/// One line of the answer. The last one is `exit_code` or `error`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum ExecLine {
    /// Something it said.
    Said {
        /// Where.
        stream: ExecStream,
        /// What.
        data: String,
    },
    /// It ended by itself.
    Ended {
        /// Its exit code.
        exit_code: i32,
    },
    /// It did not run to its end.
    Cut {
        /// Why, in a sentence.
        error: String,
    },
}

/// Where a program says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ExecStream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// How large a terminal is, as Kubernetes writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TerminalSize {
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}
