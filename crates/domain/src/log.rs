//! Log lines and their levels.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::time::Time;

/// How serious a log line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// Finest detail.
    Trace,
    /// Detail for developers.
    Debug,
    /// Normal.
    Info,
    /// Something to look at.
    Warn,
    /// Something went wrong.
    Error,
}

impl LogLevel {
    /// All levels, least serious first. A level's place is the number the database and the wire keep.
    pub const ALL: [Self; 5] = [Self::Trace, Self::Debug, Self::Info, Self::Warn, Self::Error];

    /// The level as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }

    /// The level as its place in [`LogLevel::ALL`].
    #[must_use]
    pub const fn number(self) -> i16 {
        self as i16
    }

    /// The level at a place of [`LogLevel::ALL`]; `Info` for any other number.
    #[must_use]
    pub fn from_number(number: i16) -> Self {
        usize::try_from(number).ok().and_then(|n| Self::ALL.get(n).copied()).unwrap_or(Self::Info)
    }

    /// The level named by any of the usual spellings (`WARNING`, `err`, `fatal`, `notice`, …), in any case.
    #[must_use]
    pub fn from_any_spelling(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "trace" | "silly" | "verbose" | "finest" => Some(Self::Trace),
            "debug" | "dbg" | "fine" => Some(Self::Debug),
            "info" | "inf" | "information" | "notice" | "log" => Some(Self::Info),
            "warn" | "wrn" | "warning" => Some(Self::Warn),
            "error" | "err" | "fatal" | "critical" | "crit" | "panic" | "emerg" | "alert" | "severe" => Some(Self::Error),
            _ => None,
        }
    }
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A string that names no level.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a level: use trace, debug, info, warn or error")]
pub struct NotALevel(pub String);

impl FromStr for LogLevel {
    type Err = NotALevel;
    fn from_str(text: &str) -> Result<Self, NotALevel> {
        Self::ALL.into_iter().find(|l| l.as_str() == text).ok_or_else(|| NotALevel(text.chars().take(64).collect()))
    }
}

/// The longest line kept, in bytes; longer ones are cut and end in `…`.
pub const LINE_MAX_BYTES: usize = 16 * 1024;

/// One line of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// When it was written, corrected for the agent's clock.
    pub at: Time,
    /// How serious.
    pub level: LogLevel,
    /// From where: `stdout`, `stderr`, `journal`, or a file's path.
    pub source: String,
    /// The text, without its line end.
    pub message: String,
}
