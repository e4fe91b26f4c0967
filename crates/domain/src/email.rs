//! E-mail addresses: ASCII only, so that no two look alike, and free of anything a mail's header could be broken with.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Where a person's mail goes. Compared without regard to case; the spelling is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

/// A string that is no e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an e-mail address: use one such as ada@example.org, in plain ASCII")]
pub struct NotAnEmail(pub String);

/// The longest address (RFC 5321), and the longest part before the `@`.
const MAX: usize = 254;
const LOCAL_MAX: usize = 64;
const LABEL_MAX: usize = 63;

impl Email {
    /// The address as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address for comparing: in lower case.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl PartialEq for Email {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Email {}

/// Dot-separated parts, none empty, all made of what `part` takes.
fn dotted(text: &str, max: usize, part: fn(&str) -> bool) -> bool {
    !text.is_empty() && text.len() <= max && text.split('.').all(|piece| !piece.is_empty() && part(piece))
}

fn atom(piece: &str) -> bool {
    piece.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&b))
}

fn label(piece: &str) -> bool {
    piece.len() <= LABEL_MAX
        && !piece.starts_with('-')
        && !piece.ends_with('-')
        && piece.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

impl FromStr for Email {
    type Err = NotAnEmail;
    fn from_str(text: &str) -> Result<Self, NotAnEmail> {
        let good = text.len() <= MAX
            && text.rsplit_once('@').is_some_and(|(local, domain)| dotted(local, LOCAL_MAX, atom) && dotted(domain, MAX, label));
        if good { Ok(Self(text.to_owned())) } else { Err(NotAnEmail(text.chars().take(64).collect())) }
    }
}

impl TryFrom<String> for Email {
    type Error = NotAnEmail;
    fn try_from(text: String) -> Result<Self, NotAnEmail> {
        text.parse()
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_other_things() {
        for good in ["ada@example.org", "a.b+c@x-y.example", "root@localhost", "o'neil@example.org"] {
            assert!(good.parse::<Email>().is_ok(), "{good}");
        }
        let long = format!("{}@example.org", "a".repeat(65));
        for bad in [
            "",
            "ada",
            "@example.org",
            "ada@",
            "a b@example.org",
            "ada@example..org",
            ".ada@example.org",
            "ada@-x.org",
            "аda@example.org",
            "ada@exämple.org",
            "a@b@c.org",
            "ada@example.org\r\nBcc: eve@example.org",
            "<ada@example.org>",
            "\"a\"@example.org",
            long.as_str(),
        ] {
            assert!(bad.parse::<Email>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn case_does_not_count_and_is_kept() {
        let one: Email = "Ada@Example.org".parse().expect("an address");
        assert_eq!(one, "ada@example.ORG".parse().expect("an address"));
        assert_eq!((one.as_str(), one.key().as_str()), ("Ada@Example.org", "ada@example.org"));
    }
}
