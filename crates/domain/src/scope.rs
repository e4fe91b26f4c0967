//! Scopes: what a token is limited to, as patterns over the names of actions.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The longest scope, in characters.
pub const SCOPE_MAX: usize = 64;

/// A pattern over action names: `agent_*` is every action on agents, `*` every action there is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scope(String);

impl Scope {
    /// Whether the action of that name is within this scope.
    #[must_use]
    pub fn covers(&self, action: &str) -> bool {
        like(&self.0, action)
    }

    /// The scope as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether `text` fits `pattern`, in which `*` stands for any number of characters.
#[must_use]
pub fn like(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

/// A string that is no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a scope: use the name of an action, with * for any part of it, such as agent_* or *_list")]
pub struct BadScope(pub String);

impl FromStr for Scope {
    type Err = BadScope;
    fn from_str(text: &str) -> Result<Self, BadScope> {
        let good = (1..=SCOPE_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b == b'*');
        if good { Ok(Self(text.to_owned())) } else { Err(BadScope(text.chars().take(SCOPE_MAX).collect())) }
    }
}

impl TryFrom<String> for Scope {
    type Error = BadScope;
    fn try_from(text: String) -> Result<Self, BadScope> {
        text.parse()
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.0
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_people_expect() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("*", "agent_list", true),
            ("agent_*", "agent_list", true),
            ("agent_*", "agents_act", false),
            ("*_list", "agent_list", true),
            ("*_list", "agent_lists", false),
            ("a*b*c", "abc", true),
            ("a*b*c", "ac", false),
            ("a*a", "a", false),
            ("agent_list", "agent_list", true),
            ("agent_list", "agent_list2", false),
            ("", "", true),
            ("", "x", false),
            ("**", "x", true),
        ] {
            assert_eq!(like(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn scopes_are_judged() {
        assert!("agent_*".parse::<Scope>().is_ok_and(|scope| scope.covers("agent_kill") && !scope.covers("user_list")));
        for bad in ["", "Agent", "a b", "a-b", &"a".repeat(65)] {
            assert!(bad.parse::<Scope>().is_err(), "{bad}");
        }
    }
}
