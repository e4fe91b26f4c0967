//! One TLS connection to central and the gRPC channel over it. Errors say in one line what to do.

use std::{error::Error as StdError, io, sync::Arc, time::Duration};

use hyper_util::rt::TokioIo;
use mc_wire::SERVER_NAME;
use rustls::{AlertDescription, CertificateError, ClientConfig, RootCertStore, client::Resumption, crypto::CryptoProvider};
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tonic::transport::{Channel, Endpoint};

use crate::{
    identity::{Credential, Identity},
    pin::{CaPin, PinMismatch, PinVerifier},
};

/// How long address, TCP and TLS together may take.
const DIAL_LIMIT: Duration = Duration::from_secs(15);
/// A connection that is silent this long is asked for a sign of life, which has as long again to arrive.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// Small windows: an agent has little to receive, and memory is per agent.
const WINDOW_BYTES: u32 = 64 * 1024;

/// Why central could not be reached.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DialError {
    #[error("cannot find {server}: {source}; check the address")]
    Resolve { server: String, source: io::Error },
    #[error("cannot reach {server}: {source}; check that central runs and that its agent port is open")]
    Connect { server: String, source: io::Error },
    #[error("cannot reach {server}: no answer within {} s; check address and firewall", DIAL_LIMIT.as_secs())]
    Timeout { server: String },
    #[error("the CA pin does not match {server}: copy the join command anew from the page of the right server")]
    WrongPin { server: String },
    #[error("{server} shows a certificate of another CA than the one this agent joined: if central was set up anew, join again")]
    WrongCa { server: String },
    #[error("the certificate of {server} is not valid at this machine's time: set the clock")]
    Clock { server: String },
    #[error("{server} refuses this agent's certificate: if the agent was removed or central was set up anew, join again")]
    Refused { server: String },
    #[error("{server} does not speak TLS 1.3 as central does ({reason}): use central's agent port, usually 8444")]
    NotCentral { server: String, reason: String },
    #[error("this agent's key or certificate cannot be used ({0}): join again")]
    Credential(String),
}

/// What is believed of the server.
pub(crate) enum Trust<'a> {
    /// Before joining: the pin of the CA.
    Pin(&'a CaPin),
    /// After joining: the CA.
    Roots(&'a [CertificateDer<'static>]),
}

/// The cryptography used by everything here.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

fn tls_config(trust: &Trust<'_>, credential: Option<&Credential>) -> Result<ClientConfig, DialError> {
    let bad = |error: rustls::Error| DialError::Credential(error.to_string());
    let builder = ClientConfig::builder_with_provider(provider()).with_protocol_versions(&[&rustls::version::TLS13]).map_err(bad)?;
    let builder = match trust {
        Trust::Pin(pin) => builder.dangerous().with_custom_certificate_verifier(Arc::new(PinVerifier::new((*pin).clone(), provider()))),
        Trust::Roots(certificates) => {
            let mut roots = RootCertStore::empty();
            for certificate in *certificates {
                roots.add(certificate.clone()).map_err(bad)?;
            }
            builder.with_root_certificates(roots)
        }
    };
    let mut config = match credential {
        Some(Credential::Certificate { chain, key, .. }) => builder.with_client_auth_cert(chain.clone(), key.clone_key()).map_err(bad)?,
        Some(Credential::ApiKey(_)) | None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    // A resumed session would skip the check of a certificate that was revoked meanwhile.
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// Opens a TLS connection to `server` (`host:port`).
pub(crate) async fn dial(server: &str, trust: &Trust<'_>, credential: Option<&Credential>) -> Result<TlsStream<TcpStream>, DialError> {
    let config = tls_config(trust, credential)?;
    let connecting = async {
        let resolve = |source| DialError::Resolve { server: server.to_owned(), source };
        let addresses = tokio::net::lookup_host(server).await.map_err(resolve)?.collect::<Vec<_>>();
        let connect = |source| DialError::Connect { server: server.to_owned(), source };
        let tcp = TcpStream::connect(addresses.as_slice()).await.map_err(connect)?;
        tcp.set_nodelay(true).map_err(connect)?;
        let name = ServerName::try_from(SERVER_NAME).map_err(|error| DialError::Credential(error.to_string()))?;
        TlsConnector::from(Arc::new(config)).connect(name, tcp).await.map_err(|error| handshake_error(server, &error))
    };
    timeout(DIAL_LIMIT, connecting).await.map_err(|_| DialError::Timeout { server: server.to_owned() })?
}

fn handshake_error(server: &str, error: &io::Error) -> DialError {
    let server = server.to_owned();
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidCertificate(CertificateError::Other(other))) if other.0.is::<PinMismatch>() => {
            DialError::WrongPin { server }
        }
        Some(rustls::Error::InvalidCertificate(
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. },
        )) => DialError::Clock { server },
        Some(rustls::Error::InvalidCertificate(_)) => DialError::WrongCa { server },
        Some(rustls::Error::AlertReceived(alert)) if refuses_certificate(*alert) => DialError::Refused { server },
        _ => DialError::NotCentral { server, reason: error.to_string() },
    }
}

const fn refuses_certificate(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateRequired
            | AlertDescription::AccessDenied
            | AlertDescription::DecryptError
    )
}

/// Whether an error that came after the handshake is central's refusal of our certificate: TLS 1.3 says so only on the first read.
pub(crate) fn is_refusal(error: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref).and_then(|inner| inner.downcast_ref());
        if let Some(rustls::Error::AlertReceived(alert)) = inner.or_else(|| error.downcast_ref::<rustls::Error>()) {
            return refuses_certificate(*alert);
        }
        next = error.source();
    }
    false
}

/// The innermost cause of an error, in one line.
pub(crate) fn innermost(error: &(dyn StdError + 'static)) -> String {
    let mut last = error;
    while let Some(next) = last.source() {
        last = next;
    }
    last.to_string().replace('\n', " ")
}

/// A gRPC channel over one fresh connection. It does not reconnect by itself: that is the link's decision.
pub(crate) async fn open(server: &str, trust: &Trust<'_>, credential: Option<&Credential>) -> Result<Channel, DialError> {
    let stream = dial(server, trust, credential).await?;
    let mut stream = Some(TokioIo::new(stream));
    let connector = tower::service_fn(move |_: http::Uri| {
        let taken = stream.take();
        async move { taken.ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected)) }
    });
    let closed = |error: tonic::transport::Error| {
        if is_refusal(&error) {
            DialError::Refused { server: server.to_owned() }
        } else {
            DialError::NotCentral { server: server.to_owned(), reason: innermost(&error) }
        }
    };
    // The scheme only shapes the request line; encryption is the connector's.
    Endpoint::from_shared(format!("http://{SERVER_NAME}"))
        .map_err(closed)?
        .http2_keep_alive_interval(KEEP_ALIVE)
        .keep_alive_timeout(KEEP_ALIVE)
        .keep_alive_while_idle(true)
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(WINDOW_BYTES)
        .buffer_size(8)
        .connect_with_connector(connector)
        .await
        .map_err(closed)
}

/// [`open`] for an agent that joined.
pub(crate) async fn open_as(identity: &Identity) -> Result<Channel, DialError> {
    open(&identity.file.server, &Trust::Roots(&identity.ca), Some(&identity.credential)).await
}
