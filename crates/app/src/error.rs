//! The one error of this room. It is closed: a table in each entry point maps it to that entry point's answers.
//!
//! Texts are for users: they say what to do and never carry secrets, SQL or paths of the server.

use mc_policy::Denied;
use mc_store::StoreError;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// What was asked makes no sense.
    #[error("{0}")]
    Invalid(String),
    /// The caller is not known: a code and what to do.
    #[error("{text}")]
    Unauthenticated {
        /// Stable code.
        code: &'static str,
        /// For people.
        text: &'static str,
    },
    /// There is no such thing, or the caller may not know that there is.
    #[error("{0}")]
    NotFound(String),
    /// The gate said no.
    #[error("{0}")]
    Denied(#[from] Box<Denied>),
    /// Allowed, but not now or not by this credential: a code and what to do.
    #[error("{text}")]
    Forbidden {
        /// Stable code.
        code: &'static str,
        /// For people.
        text: &'static str,
    },
    /// It cannot be done as things are: a code and what to do.
    #[error("{text}")]
    Conflict {
        /// Stable code.
        code: &'static str,
        /// For people.
        text: String,
    },
    /// Too many tries: how long to wait.
    #[error("too many tries: wait {} seconds", seconds(*wait))]
    TooMany {
        /// How long.
        wait: std::time::Duration,
    },
    /// Something this needs does not answer now.
    #[error("{0}")]
    Unavailable(String),
    /// A fault of ours. The text goes to the log, never to the caller.
    #[error("{0}")]
    Internal(String),
}

impl AppError {
    pub(crate) fn conflict(code: &'static str, text: impl Into<String>) -> Self {
        Self::Conflict { code, text: text.into() }
    }
}

/// Whole seconds, never none.
#[must_use]
pub fn seconds(wait: std::time::Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NameTaken => Self::conflict("name_taken", "the name is taken: choose another"),
            StoreError::EmailTaken => Self::conflict("email_taken", "another user has this e-mail address"),
            StoreError::SeatsFull => Self::conflict("seats_full", "all seats are taken: disable a user, or raise the seat cap"),
            StoreError::LastAdmin => Self::conflict("last_admin", "this is the last active admin: make another user admin first"),
            StoreError::NotFound => Self::NotFound("it does not exist (any more)".to_owned()),
            StoreError::Conflict(text) => Self::conflict("conflict", text),
            StoreError::Full => Self::Unavailable("the server's disk is full: nothing can be stored until there is room".to_owned()),
            StoreError::Unavailable(why) => {
                tracing::warn!(why, "the database does not answer");
                Self::Unavailable("the database does not answer: try again in a moment".to_owned())
            }
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<std::io::Error> for AppError {
    fn from(error: std::io::Error) -> Self {
        Self::Internal(error.to_string())
    }
}
