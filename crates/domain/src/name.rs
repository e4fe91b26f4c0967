//! Names that people type: parsed at the edge, trusted inside.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Why a string is not a name of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {given:?} is not valid: {rule}")]
pub struct BadName {
    /// What was being named: "agent name", "tag", "user name".
    pub what: &'static str,
    /// The string as given, cut to 64 characters.
    pub given: String,
    /// What would be valid, in words.
    pub rule: &'static str,
}

/// First character from `first`, the rest from `rest`, at most `max` bytes: all names are ASCII, so that no two look alike.
fn fits(text: &str, max: usize, first: fn(u8) -> bool, rest: fn(u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    bytes.len() <= max && bytes.first().is_some_and(|b| first(*b)) && bytes.iter().skip(1).all(|b| rest(*b))
}

const fn lower_or_digit(b: u8) -> bool {
    b.is_ascii_lowercase() || b.is_ascii_digit()
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident: $what:literal, $max:literal, $rule:literal, $rest:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = BadName;
            fn from_str(text: &str) -> Result<Self, BadName> {
                if fits(text, $max, lower_or_digit, $rest) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(BadName { what: $what, given: text.chars().take(64).collect(), rule: $rule })
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadName;
            fn try_from(text: String) -> Result<Self, BadName> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

names! {
    /// An agent's name, unique among the agents that are not removed.
    AgentName: "agent name", 63, "use 1 to 63 of a-z, 0-9, '.' and '-', beginning with a letter or digit",
        |b| lower_or_digit(b) || b == b'.' || b == b'-';
    /// A cluster's name, unique, as it stands in the addresses under `/k8s/clusters/`.
    ClusterName: "cluster name", 63, "use 1 to 63 of a-z, 0-9, '.' and '-', beginning with a letter or digit",
        |b| lower_or_digit(b) || b == b'.' || b == b'-';
    /// A user's login name, unique.
    UserName: "user name", 32, "use 1 to 32 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit",
        |b| lower_or_digit(b) || b == b'.' || b == b'-' || b == b'_';
    /// An identity provider's name, as it stands in the addresses of its routes.
    ProviderName: "provider name", 30, "use 1 to 30 of a-z, 0-9 and '-', beginning with a letter or digit",
        |b| lower_or_digit(b) || b == b'-';
    /// A label on an agent: `prod`, `team:payments`.
    Tag: "tag", 63, "use 1 to 63 of a-z, 0-9, '.', '_', ':', '=', '/' and '-', beginning with a letter or digit",
        |b| lower_or_digit(b) || matches!(b, b'.' | b'-' | b'_' | b':' | b'=' | b'/');
}

impl UserName {
    /// The nearest valid name to what somebody is called elsewhere: lower-cased, what does not belong into a name left out, cut to 28 so that
    /// a number can follow. `None` when nothing is left. The alphabet is ASCII, so no name can look like another one.
    #[must_use]
    pub fn from_outside(text: &str) -> Option<Self> {
        let kept = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let name: String =
            text.chars().map(|c| c.to_ascii_lowercase()).filter(kept).skip_while(|c| !c.is_ascii_alphanumeric()).take(28).collect();
        name.parse().ok()
    }

    /// The same name with a number behind it, for when it is taken.
    #[must_use]
    pub fn numbered(&self, number: u32) -> Option<Self> {
        let base: String = self.0.chars().take(28).collect();
        format!("{base}-{number}").parse().ok()
    }
}

impl AgentName {
    /// The nearest valid name to a hostname: lower-cased, other characters replaced by `-`, cut to 63.
    ///
    /// # Errors
    /// When nothing of the hostname can begin a name.
    pub fn from_hostname(hostname: &str) -> Result<Self, BadName> {
        let mapped: String = hostname
            .to_ascii_lowercase()
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '.' || c == '-' { c } else { '-' })
            .skip_while(|c| !c.is_ascii_alphanumeric())
            .take(63)
            .collect();
        mapped.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agent_names_follow_the_published_pattern() {
        for good in ["a", "web-1.lan", "0", "x".repeat(63).as_str()] {
            assert!(good.parse::<AgentName>().is_ok(), "{good}");
        }
        for bad in ["", "-a", ".a", "A", "a_b", "ä", "a b", "x".repeat(64).as_str()] {
            assert!(bad.parse::<AgentName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn user_names_refuse_look_alikes() {
        assert!("admin".parse::<UserName>().is_ok());
        assert!("аdmin".parse::<UserName>().is_err(), "Cyrillic а");
        assert!("Admin".parse::<UserName>().is_err());
    }

    #[test]
    fn names_from_elsewhere_become_user_names() {
        let name = |text: &str| UserName::from_outside(text).map(String::from);
        assert_eq!(name("Ada.Lovelace").as_deref(), Some("ada.lovelace"));
        assert_eq!(name("\u{430}dmin").as_deref(), Some("dmin"), "a Cyrillic letter is no Latin one");
        assert_eq!(name("\u{ff21}da").as_deref(), Some("da"));
        assert_eq!(name("..\u{202e}--").as_deref(), None);
        assert_eq!(name(&"x".repeat(99)).map(|name| name.len()), Some(28));
        let ada = UserName::from_outside("ada").expect("a name");
        assert_eq!(ada.numbered(2).map(String::from).as_deref(), Some("ada-2"));
    }

    #[test]
    fn hostnames_become_names() {
        assert_eq!(AgentName::from_hostname("Build_7.LAN").map(String::from), Ok("build-7.lan".to_owned()));
        assert!(AgentName::from_hostname("___").is_err());
    }
}
