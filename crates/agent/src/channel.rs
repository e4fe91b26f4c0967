//! One TLS connection to central and the gRPC channel over it. Errors say in one line what to do.

use std::{error::Error as StdError, io, sync::Arc, time::Duration};

use hyper_util::rt::TokioIo;
use mc_wire::{SERVER_NAME, TUNNEL_PROTOCOL, TUNNEL_WINDOW_BYTES, TUNNELS_WINDOW_BYTES};
use rustls::{AlertDescription, CertificateError, ClientConfig, RootCertStore, client::Resumption, crypto::CryptoProvider};
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tonic::transport::{Channel, Endpoint};

use crate::{
    identity::{Credential, Identity},
    pin::{CaPin, PinMismatch, PinVerifier},
    witness::{Testimony, Witnessed},
};

/// How long address, TCP and TLS together may take.
const DIAL_LIMIT: Duration = Duration::from_secs(15);
/// A connection that is silent this long is asked for a sign of life, which has as long again to arrive.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// Small windows: an agent has little to receive, and memory is per agent.
const WINDOW_BYTES: u32 = 64 * 1024;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// Joining, renewing, the link.
    Link,
    /// Tunnels.
    Tunnels,
}

impl Use {
    const fn protocol(self) -> &'static [u8] {
        match self {
            Self::Link => b"h2",
            Self::Tunnels => TUNNEL_PROTOCOL,
        }
    }

    /// Bytes on their way to us: of one stream, and of all.
    const fn windows(self) -> (u32, u32) {
        match self {
            Self::Link => (WINDOW_BYTES, WINDOW_BYTES),
            Self::Tunnels => (TUNNEL_WINDOW_BYTES, TUNNELS_WINDOW_BYTES),
        }
    }
}

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
    #[error("{server} does not answer as central does ({reason}): use the address of central's agent port, usually 8444")]
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

fn tls_config(trust: &Trust<'_>, credential: Option<&Credential>, use_of: Use) -> Result<ClientConfig, DialError> {
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
    config.alpn_protocols = vec![use_of.protocol().to_vec()];
    // A resumed session would skip the check of a certificate that was revoked meanwhile.
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// Opens a TLS connection to `server` (`host:port`).
pub(crate) async fn dial(
    server: &str,
    trust: &Trust<'_>,
    credential: Option<&Credential>,
    use_of: Use,
) -> Result<TlsStream<TcpStream>, DialError> {
    let config = tls_config(trust, credential, use_of)?;
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

pub(crate) const fn refuses_certificate(alert: AlertDescription) -> bool {
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

/// The innermost cause of an error, in one line.
pub(crate) fn innermost(error: &(dyn StdError + 'static)) -> String {
    let mut last = error;
    while let Some(next) = last.source() {
        last = next;
    }
    last.to_string().replace('\n', " ")
}

/// A gRPC channel, and what is known of the end of its connection.
pub(crate) struct Opened {
    pub(crate) channel: Channel,
    pub(crate) testimony: Testimony,
}

/// A gRPC channel over one fresh connection. It does not reconnect by itself: that is the link's decision.
pub(crate) async fn open(server: &str, trust: &Trust<'_>, credential: Option<&Credential>, use_of: Use) -> Result<Opened, DialError> {
    let stream = dial(server, trust, credential, use_of).await?;
    let testimony = Testimony::new(matches!(credential, Some(Credential::Certificate { .. })));
    let mut stream = Some(TokioIo::new(Witnessed { stream, testimony: testimony.clone() }));
    let connector = tower::service_fn(move |_: http::Uri| {
        let taken = stream.take();
        async move { taken.ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected)) }
    });
    let closed = |error: tonic::transport::Error| ended(server, &testimony, innermost(&error));
    // The scheme only shapes the request line; encryption is the connector's.
    let channel = Endpoint::from_shared(format!("http://{SERVER_NAME}"))
        .map_err(closed)?
        .http2_keep_alive_interval(KEEP_ALIVE)
        .keep_alive_timeout(KEEP_ALIVE)
        .keep_alive_while_idle(true)
        .initial_stream_window_size(use_of.windows().0)
        .initial_connection_window_size(use_of.windows().1)
        .buffer_size(8)
        .connect_with_connector(connector)
        .await
        .map_err(closed)?;
    Ok(Opened { channel, testimony })
}

fn ended(server: &str, testimony: &Testimony, other: String) -> DialError {
    let server = server.to_owned();
    if testimony.refused() { DialError::Refused { server } } else { DialError::NotCentral { server, reason: testimony.words(other) } }
}

/// [`open`] for an agent that joined.
pub(crate) async fn open_as(identity: &Identity) -> Result<Opened, DialError> {
    open(&identity.file.server, &Trust::Roots(&identity.ca), Some(&identity.credential), Use::Link).await
}

/// A connection beside the link's, for tunnels.
pub(crate) async fn open_for_tunnels(identity: &Identity) -> Result<Opened, DialError> {
    open(&identity.file.server, &Trust::Roots(&identity.ca), Some(&identity.credential), Use::Tunnels).await
}

/// Whether central answers and takes our credential's certificate, without opening a stream, which would look like a second agent.
pub(crate) async fn probe(identity: &Identity) -> Result<(), DialError> {
    /// The beginning of every HTTP/2 connection, and an empty frame of settings (RFC 9113, 3.4 and 6.5).
    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    let server = &identity.file.server;
    let stream = dial(server, &Trust::Roots(&identity.ca), Some(&identity.credential), Use::Link).await?;
    let testimony = Testimony::new(matches!(identity.credential, Credential::Certificate { .. }));
    let mut stream = Witnessed { stream, testimony: testimony.clone() };
    let greeting = async {
        stream.write_all(PREFACE).await?;
        stream.flush().await?;
        stream.read_u8().await
    };
    match timeout(DIAL_LIMIT, greeting).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(ended(server, &testimony, error.to_string())),
        Err(_) => Err(DialError::Timeout { server: server.clone() }),
    }
}
