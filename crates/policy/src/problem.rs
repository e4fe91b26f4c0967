//! What is wrong with a role, and where.

use std::fmt;

/// One thing that is wrong with a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where: `title`, `rule 2, agents.tags`, `line 4`.
    pub at: String,
    /// What is wrong and what to do.
    pub text: String,
    /// Told to who saves the role, but no reason not to load one that was saved before: an action or a kind of thing went away since.
    pub(crate) gone: bool,
}

impl Problem {
    pub(crate) fn new(at: impl Into<String>, text: impl Into<String>) -> Self {
        Self { at: at.into(), text: text.into(), gone: false }
    }

    pub(crate) fn gone(at: impl Into<String>, text: impl Into<String>) -> Self {
        Self { gone: true, ..Self::new(at, text) }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.text)
    }
}
