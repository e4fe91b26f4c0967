//! How a command ends when it does not end well: an exit code and one line for people.

use std::process::ExitCode;

use mc_client::{Class, Error};

/// Exit codes; scripts rely on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Done,
    Failed,
    Usage,
    NotLoggedIn,
    Forbidden,
    NotFound,
    Unreachable,
    /// As the program that was run did.
    Program(u8),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::NotLoggedIn => 3,
            Exit::Forbidden => 4,
            Exit::NotFound => 5,
            Exit::Unreachable => 6,
            Exit::Program(code) => code,
        })
    }
}

/// A command's bad end.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    text: String,
}

impl Failure {
    pub(crate) fn new(exit: Exit, text: impl Into<String>) -> Self {
        Self { exit, text: text.into() }
    }

    pub(crate) fn failed(text: impl Into<String>) -> Self {
        Self::new(Exit::Failed, text)
    }

    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self::new(Exit::Usage, text)
    }

    /// The output already says what went wrong.
    pub(crate) const fn told(exit: Exit) -> Self {
        Self { exit, text: String::new() }
    }

    /// What to print, if anything.
    pub(crate) fn text(&self) -> Option<&str> {
        (!self.text.is_empty()).then_some(&self.text)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let exit = match error.class() {
            Class::Failed => Exit::Failed,
            Class::Usage => Exit::Usage,
            Class::NotLoggedIn => Exit::NotLoggedIn,
            Class::Forbidden => Exit::Forbidden,
            Class::NotFound => Exit::NotFound,
            Class::Unreachable => Exit::Unreachable,
        };
        let text = match &error {
            Error::NotLoggedIn | Error::SessionEnded => format!("{error}: run `mc login`"),
            Error::TokenRefused => format!("{error}. Make another with `mc tokens create`, or run `mc login`"),
            Error::Untrusted { pin: Some(pin), .. } => {
                format!(
                    "{error}. If the server's owner confirms this pin, run `mc login --ca-pin {pin}`; or pass --ca-file with the ca.pem of its data directory"
                )
            }
            Error::Untrusted { pin: None, .. } => format!("{error}. Pass --ca-file with the authority's certificate to `mc login`"),
            other => other.to_string(),
        };
        Self::new(exit, text)
    }
}
