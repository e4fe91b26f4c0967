//! From a loopback address of its own to central's agent port: TCP, TLS 1.3, HTTP/2, and the gRPC client over it.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, anyhow};
use futures::future::BoxFuture;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use mc_wire::{FRAME_MAX_BYTES, SERVER_NAME, v1::agent_link_client::AgentLinkClient};
use rustls::{ClientConfig, RootCertStore, client::Resumption, client::WebPkiServerVerifier, crypto::CryptoProvider};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::{
    net::{TcpSocket, TcpStream},
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tower::util::BoxCloneSyncService;

/// How long TCP and TLS together may take, as with real agents.
const DIAL_LIMIT: Duration = Duration::from_secs(15);
/// HTTP/2 asks a silent peer after this long, as real agents do.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// HTTP/2 windows of real agents.
const WINDOW_BYTES: u32 = 64 * 1024;

/// A gRPC client over one connection.
pub(crate) type Link = AgentLinkClient<BoxCloneSyncService<http::Request<tonic::body::Body>, http::Response<Incoming>, hyper::Error>>;

/// What makes the TLS settings of ten thousand agents without ten thousand copies of what they share.
#[derive(Clone)]
pub(crate) struct Tls {
    provider: Arc<CryptoProvider>,
    verifier: Arc<WebPkiServerVerifier>,
}

impl Tls {
    /// Trusts this authority and no other.
    pub(crate) fn new(ca: &CertificateDer<'static>) -> anyhow::Result<Self> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(ca.clone())?;
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build()?;
        Ok(Self { provider, verifier })
    }

    /// Settings for the agent port, with a client certificate when there is one.
    pub(crate) fn agent(&self, own: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>) -> anyhow::Result<Arc<ClientConfig>> {
        let builder = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_webpki_verifier(Arc::clone(&self.verifier));
        let mut config = match own {
            Some((chain, key)) => builder.with_client_auth_cert(chain, key)?,
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        config.resumption = Resumption::disabled();
        Ok(Arc::new(config))
    }

    /// Settings for the people's port, as a browser on HTTP/1.1.
    pub(crate) fn people(&self) -> anyhow::Result<Arc<ClientConfig>> {
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_webpki_verifier(Arc::clone(&self.verifier))
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

/// A TLS connection to `server` from the loopback address `from`.
pub(crate) async fn tls(server: SocketAddr, from: Ipv4Addr, config: Arc<ClientConfig>) -> anyhow::Result<TlsStream<TcpStream>> {
    let connecting = async {
        let socket = TcpSocket::new_v4()?;
        // The limit on joins is for each address; a fleet has many.
        socket.bind(SocketAddr::from((from, 0))).with_context(|| format!("cannot dial from {from}"))?;
        let tcp = socket.connect(server).await.with_context(|| format!("cannot reach {server}"))?;
        tcp.set_nodelay(true)?;
        let name = ServerName::try_from(SERVER_NAME)?;
        anyhow::Ok(TlsConnector::from(config).connect(name, tcp).await?)
    };
    timeout(DIAL_LIMIT, connecting).await.map_err(|_| anyhow!("{server} did not answer within {} s", DIAL_LIMIT.as_secs()))?
}

/// A gRPC client over a fresh connection. The connection ends when the client and its streams are dropped.
pub(crate) async fn grpc(server: SocketAddr, from: Ipv4Addr, config: Arc<ClientConfig>) -> anyhow::Result<Link> {
    let stream = tls(server, from, config).await?;
    let (sender, connection) = hyper::client::conn::http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .keep_alive_interval(KEEP_ALIVE)
        .keep_alive_timeout(KEEP_ALIVE)
        .keep_alive_while_idle(true)
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(WINDOW_BYTES)
        .handshake::<_, tonic::body::Body>(TokioIo::new(stream))
        .await?;
    // How it ends is seen on the stream of frames.
    tokio::spawn(async move { drop(connection.await) });
    let service = tower::service_fn(move |request: http::Request<tonic::body::Body>| {
        let mut sender = sender.clone();
        Box::pin(async move { sender.send_request(request).await }) as BoxFuture<'static, _>
    });
    let origin = http::Uri::builder().scheme("https").authority(SERVER_NAME).path_and_query("/").build()?;
    Ok(AgentLinkClient::with_origin(BoxCloneSyncService::new(service), origin)
        .max_decoding_message_size(FRAME_MAX_BYTES)
        .max_encoding_message_size(FRAME_MAX_BYTES))
}
