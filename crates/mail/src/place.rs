//! Where mail goes: the SMTP server of a URL such as `smtp://user:password@mail.example.org:587`.

use std::fmt;

use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use url::{Host, Url};

/// How the way to the server is kept private.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// TLS from the first byte: `smtps://`.
    Wrapped,
    /// Plain words until STARTTLS; a server that does not offer it gets nothing: `smtp://`.
    Required,
    /// None: for a server on this very machine, or by explicit wish (`?tls=none`).
    None,
}

/// An SMTP server and how to log in there.
#[derive(Clone)]
pub struct Place {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) encryption: Encryption,
    pub(crate) login: Option<(String, SecretString)>,
}

/// A URL that names no SMTP server. It never repeats the URL, which may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the SMTP URL is not valid: {0}")]
pub struct BadPlace(pub &'static str);

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("encryption", &self.encryption)
            .finish_non_exhaustive()
    }
}

impl Place {
    /// Reads a URL.
    ///
    /// # Errors
    /// [`BadPlace`] with what to write instead.
    pub fn parse(url: &str) -> Result<Self, BadPlace> {
        let url: Url = url.trim().parse().map_err(|_| BadPlace("use smtp://USER:PASSWORD@HOST:587 or smtps://USER:PASSWORD@HOST"))?;
        let wrapped = match url.scheme() {
            "smtp" => false,
            "smtps" => true,
            _ => return Err(BadPlace("it must begin with smtp:// (STARTTLS) or smtps:// (TLS from the start)")),
        };
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(BadPlace("the host is missing"))?.to_owned();
        let wish = match url.query() {
            None | Some("") => None,
            Some("tls=required") => Some(Encryption::Required),
            Some("tls=none") if !wrapped => Some(Encryption::None),
            Some(_) => return Err(BadPlace("after the ? only tls=required or, with smtp://, tls=none may stand")),
        };
        let encryption = match (wrapped, wish) {
            (true, _) => Encryption::Wrapped,
            (false, Some(wish)) => wish,
            (false, None) if is_loopback(&host) => Encryption::None,
            (false, None) => Encryption::Required,
        };
        let port = url.port().unwrap_or(if wrapped { 465 } else { 587 });
        let decoded =
            |text: &str| percent_decode_str(text).decode_utf8().map(String::from).map_err(|_| BadPlace("user and password must be UTF-8"));
        let login = match (url.username(), url.password()) {
            ("", None) => None,
            ("", Some(_)) | (_, None) => return Err(BadPlace("user and password go together")),
            (user, Some(password)) => Some((decoded(user)?, decoded(password)?.into())),
        };
        Ok(Self { host, port, encryption, login })
    }

    /// How the way to the server is kept private.
    #[must_use]
    pub const fn encryption(&self) -> Encryption {
        self.encryption
    }
}

/// Whether the host can only be this machine. URLs of other schemes than the web's keep an IPv4 address as a plain name.
fn is_loopback(host: &str) -> bool {
    match Host::parse(host) {
        Ok(Host::Ipv4(address)) => address.is_loopback(),
        Ok(Host::Ipv6(address)) => address.is_loopback(),
        Ok(Host::Domain(name)) => name == "localhost",
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn place(url: &str) -> Place {
        Place::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"))
    }

    #[test]
    fn plain_words_leave_this_machine_only_when_asked_for() {
        assert_eq!(place("smtp://mail.example.org").encryption, Encryption::Required);
        assert_eq!(place("smtp://localhost").encryption, Encryption::None);
        assert_eq!(place("smtp://127.0.0.1:25").encryption, Encryption::None);
        assert_eq!(place("smtp://[::1]:25").encryption, Encryption::None);
        assert_eq!(place("smtp://localhost?tls=required").encryption, Encryption::Required);
        assert_eq!(place("smtp://mail.example.org?tls=none").encryption, Encryption::None);
        assert_eq!(place("smtps://localhost").encryption, Encryption::Wrapped);
        assert!(Place::parse("smtps://mail.example.org?tls=none").is_err());
        assert!(Place::parse("smtp://mail.example.org?tls=maybe").is_err());
    }

    #[test]
    fn ports_and_logins_are_read() {
        let full = place("smtp://ada%40example.org:p%3Ass@mail.example.org:2525");
        let (user, password) = full.login.clone().expect("a login");
        assert_eq!((user.as_str(), password.expose_secret(), full.port), ("ada@example.org", "p:ss", 2525));
        assert_eq!(place("smtp://mail.example.org").port, 587);
        assert_eq!(place("smtps://mail.example.org").port, 465);
    }

    #[test]
    fn no_error_and_no_debug_repeats_the_password() {
        for bad in ["http://u:hunter2@h", "smtp://:hunter2@h", "hunter2", "smtp://u:hunter2@h?x=1", "smtp://u@h"] {
            let error = Place::parse(bad).expect_err(bad).to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
        assert!(!format!("{:?}", place("smtp://ada:hunter2@h")).contains("hunter2"));
    }
}
