//! What a broken connection means: an untrusted certificate is told apart from a network that does not answer.

use crate::{Client, Error};

impl Client {
    /// What a failed connection means: an untrusted certificate is told apart from a network that does not answer.
    pub(crate) fn transport_error(&self, error: &(dyn std::error::Error + 'static)) -> Error {
        let server = self.inner.server.to_string();
        let innermost = std::iter::successors(Some(error), |error| inner(*error)).last().unwrap_or(error);
        if let Some(tls) = innermost.downcast_ref::<rustls::Error>() {
            return match tls {
                rustls::Error::InvalidCertificate(why) => {
                    Error::Untrusted { server, reason: certificate_reason(why), pin: self.inner.noted.refused() }
                }
                other => Error::Unreachable { server, reason: format!("TLS failed: {other}") },
            };
        }
        let reason = match error.downcast_ref::<reqwest::Error>() {
            Some(error) if error.is_timeout() => "no answer in time".to_owned(),
            Some(error) if error.is_body() || error.is_decode() => "the connection broke before the answer was complete".to_owned(),
            _ => plain(innermost),
        };
        Error::Unreachable { server, reason }
    }
}

/// The cause of an error. An I/O error hides the error it wraps from `source`, so it is asked for it.
fn inner<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a (dyn std::error::Error + 'static)> {
    if let Some(wrapped) = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        return Some(wrapped);
    }
    error.source()
}

fn certificate_reason(why: &rustls::CertificateError) -> String {
    use rustls::CertificateError as Why;
    match why {
        Why::UnknownIssuer => "it comes from an authority that is not trusted here".into(),
        Why::Expired | Why::ExpiredContext { .. } => "it has expired, or a clock is wrong".into(),
        Why::NotValidYet | Why::NotValidYetContext { .. } => "it is not valid yet, or a clock is wrong".into(),
        Why::NotValidForName | Why::NotValidForNameContext { .. } => "it is not for this host name".into(),
        other => other.to_string(),
    }
}

fn plain(error: &(dyn std::error::Error + 'static)) -> String {
    let Some(io) = error.downcast_ref::<std::io::Error>() else { return error.to_string() };
    match io.kind() {
        std::io::ErrorKind::ConnectionRefused => "connection refused; is the server running?".into(),
        std::io::ErrorKind::TimedOut => "no answer in time".into(),
        std::io::ErrorKind::ConnectionReset | std::io::ErrorKind::UnexpectedEof => "the connection broke".into(),
        _ => io.to_string(),
    }
}
