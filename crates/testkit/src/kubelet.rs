//! The port of a node that is none: what an API server asks a kubelet for (`logs`, `exec`, `attach`, `port-forward`), over SPDY/3.1 and
//! WebSocket as kubelets speak them. Containers run the few programs of [`container`].

pub mod container;
pub mod spdy;
mod spdy_session;
mod websocket;

use std::{convert::Infallible, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body_util::{Full, StreamBody, combinators::BoxBody};
use hyper::{
    body::{Frame, Incoming},
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_rustls::TlsAcceptor;

use crate::kube::Credential;

/// Lines that a followed log has at once, and how soon another comes.
const LOG_LINES: usize = 3;
const LOG_EVERY: Duration = Duration::from_millis(50);
/// Lines in a piece of a long log: about 32 KB.
const LOG_PIECE_LINES: usize = 400;

type Body = BoxBody<Bytes, Infallible>;

/// A running one.
#[derive(Debug)]
pub struct Kubelet {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
    serving: JoinHandle<()>,
}

impl Drop for Kubelet {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// What it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaks {
    /// SPDY/3.1, and WebSocket up to `v4.channel.k8s.io`: kubectl falls back to SPDY.
    Spdy,
    /// `v5.channel.k8s.io` too.
    WebSocket,
}

impl Kubelet {
    /// Starts one with a certificate of this server's.
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn start(server: &Credential, speaks: Speaks) -> Result<Self> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let chain = vec![CertificateDer::from_pem_slice(server.certificate().as_bytes())?];
        let key = PrivateKeyDer::from_pem_slice(server.key().as_bytes())?;
        let tls = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let tls = TlsAcceptor::from(Arc::new(tls.with_no_client_auth().with_single_cert(chain, key)?));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let serving = tokio::spawn(serve(listener, tls, Arc::clone(&asked), speaks));
        Ok(Self { port, asked, serving })
    }

    /// Its port on this machine.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// What it was asked for: `POST /exec/app/web/c?command=sh SPDY/3.1`.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().clone()
    }
}

async fn serve(listener: TcpListener, tls: TlsAcceptor, asked: Arc<Mutex<Vec<String>>>, speaks: Speaks) {
    while let Ok((stream, _)) = listener.accept().await {
        let (tls, asked) = (tls.clone(), Arc::clone(&asked));
        tokio::spawn(async move {
            let Ok(stream) = tls.accept(stream).await else { return };
            let service = service_fn(|request| {
                let upgrade = upgrade(request.headers()).unwrap_or_default();
                asked.lock().push(format!("{} {} {upgrade}", request.method(), request.uri()).trim_end().to_owned());
                async move { Ok::<_, Infallible>(answer(request, speaks).await) }
            });
            // Whoever asked may go when they like.
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades().await;
        });
    }
}

fn upgrade(headers: &HeaderMap) -> Option<String> {
    Some(headers.get(header::UPGRADE)?.to_str().ok()?.to_owned())
}

async fn answer(request: Request<Incoming>, speaks: Speaks) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let failed = |error: anyhow::Error| text(StatusCode::BAD_REQUEST, &format!("{error:#}"));
    match parts.as_slice() {
        ["containerLogs", namespace, pod, container] => logs(&request, namespace, pod, container),
        ["exec" | "attach" | "portForward", ..] => match upgrade(request.headers()).unwrap_or_default().to_lowercase().as_str() {
            "spdy/3.1" => spdy_session::begin(request).unwrap_or_else(failed),
            "websocket" => websocket::begin(request, speaks).unwrap_or_else(failed),
            _ => text(StatusCode::BAD_REQUEST, "Upgrade request required"),
        },
        _ => text(StatusCode::NOT_FOUND, "404 page not found"),
    }
}

/// `app/web/c line 1`, …: as many as asked for, and with `follow` one more every moment until whoever asked goes. With `limitBytes` it is long
/// enough for those.
fn logs(request: &Request<Incoming>, namespace: &str, pod: &str, container: &str) -> Response<Body> {
    let query = query(request);
    let one = |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    if let Some(bytes) = one("limitBytes").and_then(|bytes| bytes.parse().ok()) {
        return Response::new(BoxBody::new(StreamBody::new(stream::iter(long_log(bytes)).map(|piece| Ok(Frame::data(piece))))));
    }
    let last: usize = one("tailLines").and_then(|lines| lines.parse().ok()).unwrap_or(LOG_LINES);
    let name = format!("{namespace}/{pod}/{container}");
    let line = move |number: usize| Ok::<_, Infallible>(Frame::data(Bytes::from(format!("{name} line {number}\n"))));
    let there = stream::iter((LOG_LINES.saturating_sub(last) + 1)..=LOG_LINES);
    if one("follow").as_deref() != Some("true") {
        return Response::new(BoxBody::new(StreamBody::new(there.map(line))));
    }
    let more = stream::unfold(LOG_LINES + 1, |number| async move {
        tokio::time::sleep(LOG_EVERY).await;
        Some((number, number + 1))
    });
    Response::new(BoxBody::new(StreamBody::new(there.chain(more).map(line))))
}

/// Exactly so many bytes of lines, in the pieces that a kubelet reads its files by.
fn long_log(bytes: usize) -> impl Iterator<Item = Bytes> {
    let lines = Bytes::from("a line of a log that is as long as a line of a log may be: 2026-01-01T00:00:00Z\n".repeat(LOG_PIECE_LINES));
    let whole = lines.len();
    (0..bytes.div_ceil(whole)).map(move |number| lines.slice(..whole.min(bytes - number * whole)))
}

/// The parameters of a request, decoded.
fn query(request: &Request<Incoming>) -> Vec<(String, String)> {
    url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()).into_owned().collect()
}

fn text(status: StatusCode, text: &str) -> Response<Body> {
    let mut response = Response::new(BoxBody::new(Full::new(Bytes::from(text.to_owned()))));
    *response.status_mut() = status;
    response
}

fn switching(headers: &[(&'static str, &str)]) -> Result<Response<Body>> {
    let mut response = text(StatusCode::SWITCHING_PROTOCOLS, "");
    for (name, value) in headers {
        response.headers_mut().insert(*name, value.parse().context("a header's value")?);
    }
    Ok(response)
}
