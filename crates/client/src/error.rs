//! What can go wrong between a caller and the server, and which class of failure that is.

use mc_api::{problem::Problem, second_factor::SecondFactor};

use crate::{session::StoreError, trust::CaPin};

/// Why an operation did not succeed. The text is one line for people.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The server refused, and said why.
    #[error("{}", said(.0))]
    Problem(Box<Problem>),
    /// There is no session.
    #[error("not logged in")]
    NotLoggedIn,
    /// The password was right; a second factor is asked for.
    #[error("a second factor is asked for")]
    SecondFactor(Box<SecondFactor>),
    /// The session ended: it expired, was revoked, or the user was disabled.
    #[error("the session has ended")]
    SessionEnded,
    /// The API token opens nothing: it was revoked or rotated, has expired, or its owner was disabled.
    #[error("the token is refused: it was revoked or rotated, has expired, or its owner was disabled")]
    TokenRefused,
    /// No connection, or it broke.
    #[error("cannot reach {server}: {reason}")]
    Unreachable {
        /// Where.
        server: String,
        /// Why, in a few words.
        reason: String,
    },
    /// The server's certificate comes from an authority that is not trusted here. `pin` names that authority when the chain holds one that
    /// the certificate verifies against.
    #[error("the certificate of {server} is not trusted: {reason}")]
    Untrusted {
        /// Where.
        server: String,
        /// Why.
        reason: String,
        /// The pin that would make it trusted.
        pin: Option<CaPin>,
    },
    /// The answer is none that this program understands.
    #[error(
        "{server} gave an answer this program does not understand ({reason}): is it a Mission Control server of about the same version?"
    )]
    BadAnswer {
        /// Where.
        server: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A setting of the client is wrong: the address, the CA file, the pin.
    #[error("{0}")]
    BadSetting(String),
    /// The session could not be read or kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn said(problem: &Problem) -> String {
    let text = if problem.detail.is_empty() { &problem.title } else { &problem.detail };
    if problem.status >= 500 { format!("{text} (request {})", problem.request_id) } else { text.clone() }
}

/// The class of a failure: what a program's exit code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// It was tried and failed.
    Failed,
    /// The request was wrong.
    Usage,
    /// There is no session, or it has ended.
    NotLoggedIn,
    /// The caller may not.
    Forbidden,
    /// There is no such thing.
    NotFound,
    /// The server cannot be reached or trusted, or is not ready.
    Unreachable,
}

impl Error {
    /// The class of this failure.
    #[must_use]
    pub fn class(&self) -> Class {
        match self {
            Self::Problem(problem) => match problem.status {
                400 | 413 | 422 => Class::Usage,
                401 => Class::NotLoggedIn,
                403 => Class::Forbidden,
                404 => Class::NotFound,
                502..=504 => Class::Unreachable,
                _ => Class::Failed,
            },
            Self::NotLoggedIn | Self::SecondFactor(_) | Self::SessionEnded | Self::TokenRefused => Class::NotLoggedIn,
            Self::Unreachable { .. } | Self::Untrusted { .. } => Class::Unreachable,
            Self::BadSetting(_) => Class::Usage,
            Self::BadAnswer { .. } | Self::Store(_) => Class::Failed,
        }
    }

    /// The problem's code, when the server refused.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Problem(problem) => Some(&problem.code),
            _ => None,
        }
    }

    /// Whether the server answered that there is no such thing.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.class() == Class::NotFound
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(status: u16) -> Error {
        let problem = Problem {
            code: "some_code".into(),
            title: "Title".into(),
            status,
            detail: "what to do".into(),
            request_id: "0197c3a1-6f2e-7c3d-9a51-2f0c6c1d7e11".into(),
        };
        Error::Problem(Box::new(problem))
    }

    #[test]
    fn statuses_fall_into_classes() {
        let cases = [
            (400, Class::Usage),
            (401, Class::NotLoggedIn),
            (403, Class::Forbidden),
            (404, Class::NotFound),
            (409, Class::Failed),
            (429, Class::Failed),
            (500, Class::Failed),
            (503, Class::Unreachable),
        ];
        for (status, class) in cases {
            assert_eq!(problem(status).class(), class, "{status}");
        }
    }

    #[test]
    fn only_the_servers_own_faults_show_the_request() {
        assert_eq!(problem(409).to_string(), "what to do");
        assert!(problem(500).to_string().contains("0197c3a1"));
    }
}
