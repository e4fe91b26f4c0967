//! Requests to providers: where they may go, and how much they may bring back.
//!
//! Addresses come from an admin or from a provider's own documents, so a wrong one must do no harm: HTTPS only (plain HTTP to loopback where
//! the server was told so at its start, for tests and development), no redirects, never to link-local, multicast or unspecified addresses
//! (where clouds keep their machines' credentials), ten seconds, one MiB.

use std::{
    error::Error as StdError,
    future::Future,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use http::{Request, Response};
use openidconnect::AsyncHttpClient;
use reqwest::dns::{Name, Resolve, Resolving};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use rustls_pki_types::{CertificateDer, pem::PemObject as _};
use url::{Host, Url};

use crate::OidcError;

/// How long a connection may take to come up.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// How long a request may take in all.
pub(crate) const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// The largest answer that is read.
const ANSWER_MAX: usize = 1024 * 1024;

/// Sends requests to one provider.
#[derive(Debug, Clone)]
pub(crate) struct Net {
    client: reqwest::Client,
    http_loopback: bool,
}

/// Why an address may not be asked.
///
/// # Errors
/// Says what would be right.
pub fn check_url(text: &str, http_loopback: bool) -> Result<Url, OidcError> {
    let bad = |why: &str| OidcError::Settings(format!("{:?} cannot be used: {why}", text.chars().take(200).collect::<String>()));
    let url = Url::parse(text).map_err(|_| bad("it is no URL"))?;
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(bad("leave out user, password and fragment"));
    }
    let literal = match url.host() {
        None => return Err(bad("it has no host")),
        Some(Host::Domain(_)) => None,
        Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
        Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip).to_canonical()),
    };
    if literal.is_some_and(|ip| !reachable(ip)) {
        return Err(bad("this address is not for identity providers"));
    }
    let loopback = literal.is_some_and(|ip| ip.is_loopback()) || url.host_str() == Some("localhost");
    match url.scheme() {
        "https" => Ok(url),
        "http" if loopback && http_loopback => Ok(url),
        _ => Err(bad("it must begin with https://")),
    }
}

/// Whether a provider can be at this address.
fn reachable(ip: IpAddr) -> bool {
    let link_local = match ip {
        IpAddr::V4(ip) => ip.is_link_local() || ip.is_broadcast(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    };
    !(link_local || ip.is_multicast() || ip.is_unspecified())
}

/// Looks names up, and forgets answers that lead nowhere good.
struct Guarded;

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let good: Vec<SocketAddr> = found.filter(|address| reachable(address.ip().to_canonical())).collect();
            if good.is_empty() {
                return Err(Box::<dyn StdError + Send + Sync>::from("the name leads to no address that may be asked"));
            }
            Ok(Box::new(good.into_iter()) as Box<dyn Iterator<Item = SocketAddr> + Send>)
        })
    }
}

impl Net {
    /// Trusts the system's authorities and those of `ca_pem`.
    pub(crate) fn new(ca_pem: Option<&str>, http_loopback: bool) -> Result<Self, OidcError> {
        let bad = |why: &str| OidcError::Settings(format!("the CA certificates cannot be used: {why}"));
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if let Some(pem) = ca_pem {
            let own: Vec<CertificateDer<'static>> =
                CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>().map_err(|_| bad("they are not valid PEM"))?;
            if own.is_empty() {
                return Err(bad("there is none in the text"));
            }
            for certificate in own {
                roots.add(certificate).map_err(|_| bad("one is no authority's certificate"))?;
            }
        }
        let tls = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|_| bad("TLS cannot be set up"))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .https_only(!http_loopback)
            .redirect(reqwest::redirect::Policy::none())
            .dns_resolver(Arc::new(Guarded))
            .connect_timeout(CONNECT_WITHIN)
            .timeout(ANSWER_WITHIN)
            .pool_idle_timeout(Duration::from_secs(30))
            .user_agent(concat!("mission-control/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|_| bad("TLS cannot be set up"))?;
        Ok(Self { client, http_loopback })
    }

    /// An address out of a provider's document, checked like the issuer's.
    pub(crate) fn url(&self, text: &str) -> Result<Url, OidcError> {
        check_url(text, self.http_loopback)
    }

    /// Sends a request whose address is checked here, and reads the whole answer.
    pub(crate) async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, OidcError> {
        let url = self.url(&request.uri().to_string())?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let (parts, body) = request.into_parts();
        let sent = self.client.request(parts.method, url).headers(parts.headers).body(body).send().await;
        let mut answer = sent.map_err(|error| lost(&host, &error))?;
        let mut whole = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(|error| lost(&host, &error))? {
            if whole.len() + piece.len() > ANSWER_MAX {
                return Err(OidcError::unavailable(format!("{host} answered more than 1 MiB")));
            }
            whole.extend_from_slice(&piece);
        }
        let mut response = Response::new(whole);
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        Ok(response)
    }

    /// Reads a JSON document.
    pub(crate) async fn json<T: serde::de::DeserializeOwned>(&self, url: &Url, bearer: Option<&str>) -> Result<T, OidcError> {
        let mut request = Request::get(url.as_str()).header("accept", "application/json");
        if let Some(token) = bearer {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.body(Vec::new()).map_err(|_| OidcError::unavailable("a request could not be made"))?;
        let answer = self.send(request).await?;
        let host = url.host_str().unwrap_or_default();
        if !answer.status().is_success() {
            return Err(OidcError::unavailable(format!("{host} answered {}", answer.status().as_u16())));
        }
        serde_json::from_slice(answer.body())
            .map_err(|_| OidcError::unavailable(format!("{host} answered something else than was asked for")))
    }
}

impl<'c> AsyncHttpClient<'c> for Net {
    type Error = OidcError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Vec<u8>>, OidcError>> + Send + 'c>>;

    fn call(&'c self, request: Request<Vec<u8>>) -> Self::Future {
        Box::pin(self.send(request))
    }
}

fn lost(host: &str, error: &reqwest::Error) -> OidcError {
    let why = if error.is_timeout() {
        "took too long"
    } else if error.is_connect() {
        "cannot be reached, or its certificate is not trusted"
    } else {
        "broke off"
    };
    OidcError::Unavailable(format!("{host} {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_is_asked_and_http_on_loopback_when_told_so() {
        assert!(check_url("https://login.example.com/tenant", false).is_ok());
        assert!(check_url("https://10.0.0.5:8443", false).is_ok(), "many providers live in private networks");
        for bad in [
            "http://login.example.com",
            "http://127.0.0.1:9",
            "ftp://x",
            "file:///etc/passwd",
            "nonsense",
            "https://u:p@x/",
            "https://x/#y",
        ] {
            assert!(check_url(bad, false).is_err(), "{bad}");
        }
        for good in ["http://127.0.0.1:9/", "http://localhost:9", "http://[::1]:9"] {
            assert!(check_url(good, true).is_ok(), "{good}");
        }
        assert!(check_url("http://10.0.0.5", true).is_err());
        assert!(check_url("http://localhost.example.com", true).is_err());
    }

    #[test]
    fn addresses_of_the_machines_own_cloud_are_refused() {
        for bad in [
            "https://169.254.169.254/latest",
            "https://[fe80::1]/",
            "https://0.0.0.0/",
            "https://[::]/",
            "https://224.0.0.1/",
            "https://[::ffff:169.254.169.254]/",
        ] {
            assert!(check_url(bad, true).is_err(), "{bad}");
        }
    }

    #[test]
    fn certificates_of_ones_own_are_read() {
        assert!(Net::new(None, false).is_ok());
        assert!(Net::new(Some("nonsense"), false).is_err());
        assert!(Net::new(Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), false).is_err());
    }
}
