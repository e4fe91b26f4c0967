//! One Kubernetes cluster: requests to its API server, passed on as somebody else.
//!
//! Central has decided whether the caller may ask for what a request asks for. Here it is read once more, by the same rules, because the
//! machine's owner has the last word: only what the configuration allows is sent, and never as the agent itself.

use std::{future::Future, path::PathBuf, sync::Arc};

use bytes::{Bytes, BytesMut};
use futures::{FutureExt as _, StreamExt as _};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::{Frame as BodyFrame, Incoming};
use hyper_util::rt::TokioIo;
use mc_kube::{
    client::{ApiServer, Identity, empty},
    request::{Attributes, Request},
};
use mc_wire::v1::{self, tunnel_failed::Reason, tunnel_frame::Frame};
use tokio::sync::{OnceCell, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tower::BoxError;

use crate::{
    config::{KubernetesAllow, KubernetesConfig},
    tunnel::{self, Failure, Gone, Inbox, Outbox},
};

/// Pieces of a body between the tunnel and the API server.
const BODY_PIECES: usize = 4;

/// The cluster that this agent looks after.
#[derive(Clone)]
pub(crate) struct Kubernetes(Arc<Cluster>);

struct Cluster {
    kubeconfig: Option<PathBuf>,
    allow: KubernetesAllow,
    server: OnceCell<ApiServer>,
}

/// Headers that belong to one connection (RFC 9110, 7.6.1), and those that are written anew.
const NOT_PASSED_ON: [HeaderName; 7] = [
    header::CONNECTION,
    header::HOST,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
];

impl Kubernetes {
    pub(crate) fn new(config: &KubernetesConfig) -> Self {
        Self(Arc::new(Cluster { kubeconfig: config.kubeconfig.clone(), allow: config.allow, server: OnceCell::new() }))
    }

    pub(super) async fn server(&self) -> Result<&ApiServer, Failure> {
        let opening = || ApiServer::open(self.0.kubeconfig.as_deref());
        self.0.server.get_or_try_init(opening).await.map_err(|error| Failure::new(Reason::Unreachable, error.to_string()))
    }

    /// Sends a request on, and passes on what comes.
    pub(crate) async fn serve(&self, asked: v1::KubernetesRequest, inbox: Inbox, outbox: &Outbox) -> Result<(), Failure> {
        let (head, identity) = self.check(&asked)?;
        let server = self.server().await?;
        let (fed, body) = mpsc::channel(BODY_PIECES);
        let body = if asked.body {
            StreamBody::new(ReceiverStream::new(body).map(|piece: Result<Bytes, BoxError>| piece.map(BodyFrame::data))).boxed_unsync()
        } else {
            empty()
        };
        let sending = async {
            let sent = server.send(head.map(|()| body), Some(&identity)).await;
            sent.map_err(|error| Failure::new(Reason::Unreachable, error.to_string()))
        };
        if asked.body {
            // An answer may come before the whole body was read: the body then goes on beside it.
            let answering = async {
                let response = answered(sending, outbox).await?;
                pass_on(response, outbox).await
            };
            let feeding = async {
                feed(inbox, fed).await;
                std::future::pending::<Result<(), Failure>>().await
            };
            tokio::select! {
                done = answering => done,
                done = feeding => done,
            }
        } else {
            let response = answered(sending, outbox).await?;
            if response.status() == StatusCode::SWITCHING_PROTOCOLS {
                both_ways(response, inbox, outbox).await
            } else {
                pass_on(response, outbox).await
            }
        }
    }

    /// Whether the owner allows it; the request to send, and as whom.
    fn check(&self, asked: &v1::KubernetesRequest) -> Result<(http::Request<()>, Identity), Failure> {
        let refuse = |text: &str| Failure::new(Reason::NotAllowed, text);
        let (path, query) = asked.target.split_once('?').map_or((asked.target.as_str(), None), |(path, query)| (path, Some(query)));
        let read = Request::read(&asked.method, path, query).map_err(|error| refuse(&error.to_string()))?;
        if read.target() != asked.target {
            return Err(refuse("the request is not spelt as this agent spells it: update one of the two"));
        }
        self.0.allow.check(read.attributes(), asked.upgrade).map_err(|needed| {
            Failure::new(Reason::NotAllowed, format!("this agent's owner does not allow it: \"{needed}\" is not in kubernetes.allow"))
        })?;
        let whom = asked.impersonation.as_ref().filter(|whom| !whom.user.is_empty());
        let whom = whom.ok_or_else(|| refuse("a request without a caller is not sent"))?;
        let identity = Identity {
            user: whom.user.clone(),
            groups: whom.groups.clone(),
            extra: whom.extra.iter().map(|extra| (extra.key.clone(), extra.values.clone())).collect(),
        };
        let mut head = http::Request::builder().method(asked.method.as_str()).uri(asked.target.as_str());
        if let Some(headers) = head.headers_mut() {
            for given in &asked.headers {
                let name = HeaderName::from_bytes(given.name.as_bytes()).map_err(|_| refuse("a header's name is none"))?;
                let value = HeaderValue::from_bytes(&given.value).map_err(|_| refuse("a header's value is none"))?;
                if !NOT_PASSED_ON.contains(&name) && (asked.upgrade || name != header::UPGRADE) {
                    headers.append(name, value);
                }
            }
            if asked.upgrade {
                headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
            }
        }
        Ok((head.body(()).map_err(|_| refuse("the request is none"))?, identity))
    }
}

fn gone() -> Failure {
    Failure::new(Reason::Broken, "central let go of the tunnel")
}

/// Waits for the answer's head and tells it to central.
async fn answered(
    sending: impl Future<Output = Result<Response<Incoming>, Failure>>,
    outbox: &Outbox,
) -> Result<Response<Incoming>, Failure> {
    let response = tokio::select! {
        response = sending => response?,
        () = outbox.gone() => return Err(gone()),
    };
    outbox.say(Frame::Response(told(&response))).await.map_err(|Gone| gone())?;
    Ok(response)
}

/// Passes central's bytes to the API server.
async fn feed(mut inbox: Inbox, body: mpsc::Sender<Result<Bytes, BoxError>>) {
    loop {
        let piece = match inbox.data().await {
            Ok(Some(data)) => Ok(data),
            Ok(None) => return,
            Err(Gone) => Err("the caller broke off".into()),
        };
        // An API server that has heard enough does not take the rest.
        let last = piece.is_err();
        if body.send(piece).await.is_err() || last {
            return;
        }
    }
}

/// The head of an answer for central.
fn told(response: &Response<Incoming>) -> v1::HttpResponse {
    let pass = |name: &HeaderName| !NOT_PASSED_ON.contains(name);
    let headers = |all: &HeaderMap| {
        all.iter()
            .filter(|(name, _)| pass(name))
            .map(|(name, value)| v1::HttpHeader { name: name.as_str().to_owned(), value: value.as_bytes().to_vec() })
            .collect()
    };
    v1::HttpResponse { status: response.status().as_u16().into(), headers: headers(response.headers()) }
}

/// An answer's bytes as they come; what has come already goes as one piece, as far as a piece may be long.
async fn pass_on(response: Response<Incoming>, outbox: &Outbox) -> Result<(), Failure> {
    let mut frames = response.into_body().into_data_stream();
    let mut held = BytesMut::new();
    let mut over = None;
    while over.is_none() {
        let mut next = tokio::select! {
            next = frames.next() => Some(next),
            () = outbox.gone() => return Ok(()),
        };
        while let Some(came) = next.take() {
            match came {
                Some(Ok(data)) => held.extend_from_slice(&data),
                Some(Err(error)) => over = Some(Err(Failure::new(Reason::Broken, format!("the API server broke off: {error}")))),
                None => over = Some(Ok(())),
            }
            if over.is_none() && held.len() < mc_wire::DATA_MAX_BYTES {
                next = frames.next().now_or_never();
            }
        }
        while !held.is_empty() {
            let piece = held.split_to(held.len().min(mc_wire::DATA_MAX_BYTES)).freeze();
            outbox.say(Frame::Data(piece)).await.map_err(|Gone| gone())?;
        }
    }
    over.unwrap_or(Ok(()))?;
    outbox.say(Frame::End(v1::TunnelEnd {})).await.map_err(|Gone| gone())
}

/// A connection that was taken over: bytes both ways until the API server ends it, or central lets go.
async fn both_ways(response: Response<Incoming>, inbox: Inbox, outbox: &Outbox) -> Result<(), Failure> {
    let broken = |error: &dyn std::error::Error| Failure::new(Reason::Broken, format!("the API server broke off: {error}"));
    let upgraded = hyper::upgrade::on(response).await.map_err(|error| broken(&error))?;
    tunnel::both_ways(TokioIo::new(upgraded), inbox, outbox).await.map_err(|error| broken(&error))
}

impl KubernetesAllow {
    /// Whether a request is allowed; else what it would need.
    fn check(self, attributes: &Attributes, upgrade: bool) -> Result<(), &'static str> {
        let connects = upgrade || attributes.resource().is_some_and(|asked| asked.connects() || asked.verb == "proxy");
        let reads = matches!(attributes.verb(), "get" | "list" | "watch" | "head");
        match (connects, reads) {
            (true, _) => self.connect.then_some(()).ok_or("connect"),
            (false, true) => self.read.then_some(()).ok_or("read"),
            (false, false) => self.write.then_some(()).ok_or("write"),
        }
    }
}
