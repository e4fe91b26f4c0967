//! Connections of agents: their TLS, and what is known of the peer before its first frame.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    num::NonZeroU32,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use mc_app::{App, trust};
use mc_domain::{actor::Actor, ctx::Ctx, id::RequestId};
use mc_wire::{
    DATA_MAX_BYTES, FRAME_MAX_BYTES, TUNNEL_PROTOCOL, TUNNEL_WINDOW_BYTES, TUNNELS_MAX, TUNNELS_WINDOW_BYTES,
    v1::agent_link_server::AgentLinkServer,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::mpsc,
    time::Sleep,
};
use tokio_rustls::server::TlsStream;
use tokio_stream::{Stream, StreamExt, wrappers::ReceiverStream};
use tokio_util::sync::CancellationToken;
use tonic::transport::{Server, server::Connected};

use super::link::Service;
use crate::{http::rate::network, tls::Accepted};

/// Refusals written to the audit trail a minute, in all; more are counted in the next one.
const AUDITED: NonZeroU32 = NonZeroU32::MIN.saturating_add(29);
/// Joins tried a minute from one address.
const JOINS: NonZeroU32 = NonZeroU32::MIN.saturating_add(119);
/// HTTP/2 asks a silent peer after this long whether it lives, and waits as long for the answer.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// What is known of a peer once its TLS stands.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    pub(crate) certificate: Option<Result<trust::AgentCertificate, trust::BadCertificate>>,
    /// Whether somebody we know has called over it.
    known: Arc<AtomicBool>,
}

impl Peer {
    /// An agent has called, or has just become one: the connection may stay.
    pub(crate) fn is_known(&self) {
        self.known.store(true, Ordering::Relaxed);
    }
}

/// A connection with what is known of its peer.
pub(crate) struct Io {
    stream: TlsStream<TcpStream>,
    peer: Peer,
    /// Until when somebody we know must have called. Whoever only holds the connection open goes.
    deadline: Pin<Box<Sleep>>,
}

impl Connected for Io {
    type ConnectInfo = Peer;
    fn connect_info(&self) -> Peer {
        self.peer.clone()
    }
}

impl AsyncRead for Io {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let known = self.peer.known.load(Ordering::Relaxed);
        if !known && self.deadline.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "no agent called over this connection")));
        }
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Io {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Refused connections on their way to the audit trail, at a bounded rate, and limits on joining.
pub(crate) struct Doorman {
    app: Arc<App>,
    audited: DefaultDirectRateLimiter,
    more: AtomicU64,
    joins: DefaultKeyedRateLimiter<IpAddr>,
}

impl Doorman {
    fn new(app: Arc<App>) -> Self {
        let audited = RateLimiter::direct(Quota::per_minute(AUDITED));
        Self { app, audited, more: AtomicU64::new(0), joins: RateLimiter::keyed(Quota::per_minute(JOINS)) }
    }

    /// A context for a peer nobody knows yet.
    pub(crate) fn ctx(&self, address: SocketAddr) -> Ctx {
        Ctx { actor: Actor::Nobody, request_id: RequestId::new(), address: Some(address.ip().to_string()), now: self.app.now() }
    }

    /// Whether this refusal may be audited now; the text says how many could not be.
    pub(crate) fn audit(&self, address: SocketAddr, what: &str) {
        if self.audited.check().is_err() {
            self.more.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let more = self.more.swap(0, Ordering::Relaxed);
        let what = if more > 0 { format!("{what} (and {more} more refusals before it)") } else { what.to_owned() };
        self.app.agent_refused(&self.ctx(address), what);
    }

    /// Whether this address may try to join again now.
    pub(crate) fn may_join(&self, address: SocketAddr) -> bool {
        if self.joins.len() > 10_000 {
            self.joins.retain_recent();
        }
        self.joins.check_key(&network(address.ip())).is_ok()
    }
}

/// How much may be on its way over one connection.
struct Windows {
    stream: u32,
    connection: u32,
    streams: u32,
    /// The largest frame that the agent may send.
    frame: u32,
}

/// One stream and a few calls an agent: small windows keep ten thousand of them small.
const LINKS: Windows = Windows { stream: 64 * 1024, connection: 128 * 1024, streams: 16, frame: 16 * 1024 };
/// Only agents that were asked to open one, and the window is only used by what its caller does not read.
/// A piece of data is one frame.
const TUNNELS: Windows =
    Windows { stream: TUNNEL_WINDOW_BYTES, connection: TUNNELS_WINDOW_BYTES, streams: TUNNELS_MAX, frame: DATA_MAX_BYTES as u32 + 1_024 };

/// Serves agents until `stop`.
pub(crate) async fn serve(
    app: Arc<App>,
    accepted: mpsc::Receiver<Accepted>,
    known_within: Duration,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let doorman = Arc::new(Doorman::new(Arc::clone(&app)));
    let service = AgentLinkServer::new(Service::new(app, Arc::clone(&doorman)))
        .max_decoding_message_size(FRAME_MAX_BYTES)
        .max_encoding_message_size(FRAME_MAX_BYTES);
    let (to_links, links) = mpsc::channel(16);
    let (to_tunnels, tunnels) = mpsc::channel(16);
    let sorting = sort(peers(accepted, doorman, known_within), to_links, to_tunnels);
    let serving = |windows: &Windows, peers| {
        Server::builder()
            .http2_keepalive_interval(Some(KEEP_ALIVE))
            .http2_keepalive_timeout(Some(KEEP_ALIVE))
            .initial_stream_window_size(windows.stream)
            .initial_connection_window_size(windows.connection)
            .max_concurrent_streams(windows.streams)
            .max_frame_size(windows.frame)
            .add_service(service.clone())
            .serve_with_incoming_shutdown(ReceiverStream::new(peers), stop.clone().cancelled_owned())
    };
    let (links, tunnels, ()) = tokio::join!(serving(&LINKS, links), serving(&TUNNELS, tunnels), sorting);
    Ok(links.and(tunnels)?)
}

/// Parts connections by what they are for.
async fn sort(peers: impl Stream<Item = io::Result<Io>>, links: mpsc::Sender<io::Result<Io>>, tunnels: mpsc::Sender<io::Result<Io>>) {
    let mut peers = std::pin::pin!(peers);
    loop {
        let peer = tokio::select! {
            peer = peers.next() => peer,
            () = links.closed() => return,
        };
        let Some(peer) = peer else { return };
        let for_tunnels = peer.as_ref().is_ok_and(|io| io.stream.get_ref().1.alpn_protocol() == Some(TUNNEL_PROTOCOL));
        // Whoever does not take it any more is ending.
        let _ = if for_tunnels { tunnels.send(peer).await } else { links.send(peer).await };
    }
}

/// Connections whose TLS stands; the others are audited.
fn peers(accepted: mpsc::Receiver<Accepted>, doorman: Arc<Doorman>, known_within: Duration) -> impl Stream<Item = io::Result<Io>> {
    ReceiverStream::new(accepted).filter_map(move |(address, stream)| match stream {
        Ok(stream) => {
            let certificate =
                stream.get_ref().1.peer_certificates().and_then(|chain| chain.first()).map(|der| trust::agent_certificate(der));
            let peer = Peer { address, certificate, known: Arc::default() };
            Some(Ok(Io { peer, stream, deadline: Box::pin(tokio::time::sleep(known_within)) }))
        }
        Err(error) if is_probe(&error) => None,
        Err(error) => {
            doorman.audit(address, &format!("TLS refused: {}", reason(&error)));
            None
        }
    })
}

/// Load balancers and port scanners open a connection and close it again.
fn is_probe(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe)
}

/// Why TLS failed, in words.
fn reason(error: &io::Error) -> String {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match tls {
        Some(rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer)) => {
            "the certificate is of another authority".to_owned()
        }
        Some(rustls::Error::InvalidCertificate(rustls::CertificateError::Expired | rustls::CertificateError::ExpiredContext { .. })) => {
            "the certificate has expired".to_owned()
        }
        Some(rustls::Error::InvalidCertificate(_)) => "the certificate is not valid".to_owned(),
        Some(rustls::Error::AlertReceived(_)) => "the peer does not trust this server".to_owned(),
        Some(_) => "the peer does not speak TLS 1.3 as we do".to_owned(),
        None => error.to_string(),
    }
}
