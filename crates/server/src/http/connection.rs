//! Serving connections: HTTP/1.1 and HTTP/2, upgrades, and an end that lets requests under way finish.

use std::{net::SocketAddr, time::Duration};

use axum::Router;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::mpsc,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::tls::Accepted;

/// How long a client may take to send its request's head.
const HEAD_WITHIN: Duration = Duration::from_secs(15);
/// How long requests under way get when the server ends.
const DRAIN_WITHIN: Duration = Duration::from_secs(10);

/// Where a connection comes from, before any proxy is believed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(Duration::from_secs(30)).max_concurrent_streams(256);
    builder
}

/// Serves one connection, whatever it came over, to its end.
pub(super) async fn serve_one(io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, router: Router) {
    let served = builder().serve_connection_with_upgrades(TokioIo::new(io), TowerToHyperService::new(router)).await;
    if let Err(error) = served {
        tracing::debug!(%error, "connection ended");
    }
}

/// Serves connections until `stop`, then lets requests under way finish.
pub(crate) async fn serve(mut accepted: mpsc::Receiver<Accepted>, router: Router, stop: CancellationToken) {
    let builder = builder();
    let open = GracefulShutdown::new();
    loop {
        let (peer, stream) = tokio::select! {
            next = accepted.recv() => match next {
                Some((peer, Ok(stream))) => (peer, stream),
                // Scanners and browsers that do not trust the certificate: nothing to tell anybody.
                Some((peer, Err(error))) => { tracing::debug!(%peer, %error, "no TLS"); continue }
                None => break,
            },
            () = stop.cancelled() => break,
        };
        let router = router.clone().map_request(move |mut request: http::Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(Peer(peer));
            request
        });
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), TowerToHyperService::new(router)).into_owned();
        let connection = open.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%peer, error = %error, "connection ended");
            }
        });
    }
    drop(accepted);
    if tokio::time::timeout(DRAIN_WITHIN, open.shutdown()).await.is_err() {
        tracing::warn!("some requests were cut off because they took too long to finish");
    }
}
