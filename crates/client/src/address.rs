//! Where a server is.

use std::{fmt, str::FromStr};

use reqwest::Url;

use crate::{Error, Result};

/// The address of a server: `https://host:8443`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerUrl(Url);

impl ServerUrl {
    pub(crate) const fn url(&self) -> &Url {
        &self.0
    }

    /// The host without its port.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    pub(crate) fn is_loopback(&self) -> bool {
        let host = self.host();
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
        host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.origin().ascii_serialization())
    }
}

impl FromStr for ServerUrl {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let bad =
            |why: &str| Error::BadSetting(format!("{text:?} is not a server's address: {why}, such as https://central.example.org:8443"));
        let text = text.trim();
        let full = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let url = Url::parse(&full).map_err(|_| bad("use an address"))?;
        if url.scheme() != "https" {
            return Err(bad("only https is spoken: use an address"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(bad("a name and password do not belong there: use an address"));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(bad("it has no host: use an address"));
        }
        Url::parse(&url.origin().ascii_serialization()).map(Self).map_err(|_| bad("use an address"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_reduced_to_their_origin() {
        let cases = [
            ("localhost:8443", "https://localhost:8443"),
            ("https://central.example.org/", "https://central.example.org"),
            ("https://central.example.org:8443/setup#token=x", "https://central.example.org:8443"),
            ("https://[::1]:8443", "https://[::1]:8443"),
        ];
        for (given, expected) in cases {
            assert_eq!(given.parse::<ServerUrl>().map(|url| url.to_string()).ok().as_deref(), Some(expected), "{given}");
        }
        for bad in ["", "http://localhost", "ftp://x", "https://user:secret@host", "https://"] {
            assert!(bad.parse::<ServerUrl>().is_err(), "{bad}");
        }
    }
}
