//! `/k8s/clusters/{name}/…`: the door for clients of Kubernetes. Answers of its own are in the form such clients read.

use std::time::Duration;

use axum::{
    body::{Body, Bytes, HttpBody as _},
    extract::{Path, Request, State},
    response::{IntoResponse, Response},
};
use futures::{Stream, StreamExt as _, stream};
use http::{HeaderName, HeaderValue, StatusCode, header, request::Parts};
use hyper_util::rt::TokioIo;
use mc_app::{
    AppError,
    kube::{
        BodyError,
        credential::Guest,
        door::{Asked, Passed, Refused},
        exec::DoorKey,
        standing::Standing,
    },
    terminals::recorder::Session,
};
use mc_domain::ctx::Ctx;
use mc_hub::{KubernetesResponse, Tunnel, TunnelReader, TunnelWriter};
use serde_json::json;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    time::{Instant, Interval, MissedTickBehavior, interval_at},
};

use super::{
    Http,
    problem::Refusal,
    request::{self, Address},
};

/// What stands before a cluster's name.
const PREFIX: &str = "/k8s/clusters/";
/// How a bearer token comes in a WebSocket's list of protocols, for browsers.
const TOKEN_PROTOCOL: &str = "base64url.bearer.authorization.k8s.io.";
/// Headers of an answer that are not passed on. A filtered answer is shorter than the API server said; and what stands behind an API server,
/// such as a pod's own page, has no say in what a browser keeps of this one.
const NOT_ANSWERED: [HeaderName; 5] = [
    header::CONTENT_LENGTH,
    header::SET_COOKIE,
    header::STRICT_TRANSPORT_SECURITY,
    header::ALT_SVC,
    HeaderName::from_static("clear-site-data"),
];
/// How often it is looked at whether what was opened may stay open.
const LOOK: Duration = Duration::from_secs(2);
/// How much is read at once of a connection that was taken over.
const READ_BYTES: usize = 16 * 1024;

/// Any request to a cluster.
pub(crate) async fn kube(State(http): State<Http>, Path(name): Path<Vec<(String, String)>>, request: Request) -> Response {
    let name = name.into_iter().next().map(|(_, name)| name).unwrap_or_default();
    match pass(&http, &name, request).await {
        Ok(response) => response,
        Err(refused) => refused,
    }
}

async fn pass(http: &Http, cluster: &str, mut request: Request) -> Result<Response, Response> {
    let on_upgrade = request.headers().contains_key(header::UPGRADE).then(|| hyper::upgrade::on(&mut request));
    let (parts, body) = request.into_parts();
    let (ctx, guest) = caller(http, &parts, cluster).await.map_err(|refusal| status(refusal.status(), "Unauthorized", refusal.detail()))?;
    let asked = asked(&parts, body, on_upgrade.is_some());
    let passed = http.app().kube_request(&ctx, guest, cluster, asked).await.map_err(|refused| refusal(&refused))?;
    let Passed { tunnel, response, partly, session, standing } = passed;
    let Tunnel { reader, writer } = tunnel;
    let mut lasting = Lasting::new(http.clone(), standing);
    if response.status == 101 {
        let Some(on_upgrade) = on_upgrade else { return Err(broken("the API server takes over a connection that was not offered")) };
        tokio::spawn(async move {
            // Whoever offered the connection may have gone.
            if let Ok(upgraded) = on_upgrade.await {
                tokio::select! {
                    () = both_ways(TokioIo::new(upgraded), reader, writer, session) => {}
                    _ = lasting.over() => {}
                }
            }
        });
        return answer(&response, Body::empty()).map_err(|()| broken("the API server's answer has a head that is none"));
    }
    let data = received(reader, lasting);
    let body = match partly {
        Some((form, seen)) => Body::from_stream(mc_app::kube::filtered(data, form, seen)),
        None => Body::from_stream(data),
    };
    answer(&response, body).map_err(|()| broken("the API server's answer has a head that is none"))
}

/// Who calls: a bearer token. Cookies open nothing here, so no other site can use them.
async fn caller(http: &Http, parts: &Parts, cluster: &str) -> Result<(Ctx, Guest), Refusal> {
    let bearer = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer ")).map(str::to_owned);
    let token = bearer.or_else(|| protocol_token(parts)).ok_or_else(Refusal::unauthenticated)?;
    // A connection of a kubectl that an agent runs takes that run's secret, and nothing else.
    if let Some(key) = parts.extensions.get::<DoorKey>() {
        return Ok(http.app().exec_authenticate(key, cluster, &token).await?);
    }
    let address = parts.extensions.get::<Address>().map(|address| address.0.to_string());
    Ok(http.app().kube_authenticate(&token, cluster, request::current_id(), address).await?)
}

fn protocol_token(parts: &Parts) -> Option<String> {
    use base64::Engine as _;
    let protocols = parts.headers.get(header::SEC_WEBSOCKET_PROTOCOL)?.to_str().ok()?;
    let token = protocols.split(',').find_map(|protocol| protocol.trim().strip_prefix(TOKEN_PROTOCOL))?;
    String::from_utf8(base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token.trim_end_matches('=')).ok()?).ok()
}

fn asked(parts: &Parts, body: Body, upgrade: bool) -> Asked {
    // The path as it came: what was decoded could be read in two ways.
    let behind = parts.uri.path().strip_prefix(PREFIX).unwrap_or_default();
    let path = behind.find('/').and_then(|slash| behind.get(slash..)).unwrap_or("/");
    Asked {
        method: parts.method.as_str().to_owned(),
        path: path.to_owned(),
        query: parts.uri.query().map(str::to_owned),
        headers: parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect(),
        body: (!body.is_end_stream() && !upgrade).then(|| body.into_data_stream().map(Result::ok).boxed()),
        upgrade,
    }
}

/// What was opened, and whether it may stay open.
struct Lasting {
    http: Http,
    standing: Standing,
    look: Interval,
}

impl Lasting {
    fn new(http: Http, standing: Standing) -> Self {
        let mut look = interval_at(Instant::now() + LOOK, LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { http, standing, look }
    }

    /// Returns when it may not stay open any more, with the reason. Nothing is lost when this is dropped and called again.
    async fn over(&mut self) -> &'static str {
        loop {
            tokio::select! {
                _ = self.look.tick() => {}
                () = self.http.0.draining.cancelled() => return "the server ends",
            }
            if !self.http.app().kube_still(&mut self.standing).await {
                return "the caller may not see this any more";
            }
        }
    }
}

fn received(reader: TunnelReader, lasting: Lasting) -> impl Stream<Item = Result<Bytes, BodyError>> + Unpin {
    Box::pin(stream::try_unfold((reader, lasting), |(mut reader, mut lasting)| async move {
        let data = tokio::select! {
            data = reader.data() => data?,
            why = lasting.over() => return Err(BodyError::Over(why)),
        };
        Ok(data.map(|data| (data, (reader, lasting))))
    }))
    // Whoever serves it may ask once more after the end.
    .fuse()
}

/// Passes bytes on both ways until the agent's side has ended, or ours is gone; of a session that is recorded only what its recording took.
pub(super) async fn both_ways(io: impl AsyncRead + AsyncWrite, mut reader: TunnelReader, writer: TunnelWriter, session: Option<Session>) {
    let (mut from_client, mut to_client) = tokio::io::split(io);
    let down = async {
        while let Ok(Some(data)) = reader.data().await {
            let taken = match &session {
                Some(session) => session.down(&data).await.is_ok(),
                None => true,
            };
            if !taken || to_client.write_all(&data).await.is_err() {
                return;
            }
        }
        // The client may be gone.
        let _ = to_client.shutdown().await;
    };
    let up = async {
        let mut buffer = bytes::BytesMut::with_capacity(READ_BYTES);
        loop {
            buffer.reserve(READ_BYTES);
            match from_client.read_buf(&mut buffer).await {
                Ok(0) => {
                    if writer.end().await.is_err() {
                        return;
                    }
                    // The API server has the last word.
                    std::future::pending::<()>().await;
                }
                Ok(_) => {
                    let data = buffer.split().freeze();
                    let taken = match &session {
                        Some(session) => session.up(&data).await.is_ok(),
                        None => true,
                    };
                    if !taken || writer.data(data).await.is_err() {
                        return;
                    }
                }
                Err(_) => return,
            }
        }
    };
    let recorded = async {
        match &session {
            Some(session) => session.over().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = recorded => {}
        () = down => {}
        () = up => {}
    }
}

fn answer(head: &KubernetesResponse, body: Body) -> Result<Response, ()> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(head.status).map_err(|_| ())?;
    for (name, value) in &head.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| ())?;
        if !NOT_ANSWERED.contains(&name) {
            response.headers_mut().append(name, HeaderValue::from_bytes(value).map_err(|_| ())?);
        }
    }
    if head.status == 101 {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    }
    Ok(response)
}

/// An answer as API servers give it, so that their clients show its text.
fn status(code: StatusCode, reason: &str, message: &str) -> Response {
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": reason, "code": code.as_u16(),
    });
    (code, axum::Json(status)).into_response()
}

fn broken(message: &str) -> Response {
    status(StatusCode::BAD_GATEWAY, "InternalError", message)
}

fn refusal(refused: &Refused) -> Response {
    match refused {
        Refused::NotAcceptable => {
            let text = "your roles let you see a part of the answer, which cannot be had in the form you ask for: ask for JSON";
            status(StatusCode::NOT_ACCEPTABLE, "NotAcceptable", text)
        }
        Refused::Unreachable(text) => status(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", text),
        Refused::Busy(text) => status(StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", text),
        Refused::App(error) => {
            let (code, reason) = match error {
                AppError::Invalid(_) => (StatusCode::BAD_REQUEST, "BadRequest"),
                AppError::Unauthenticated { .. } => (StatusCode::UNAUTHORIZED, "Unauthorized"),
                AppError::NotFound(_) => (StatusCode::NOT_FOUND, "NotFound"),
                AppError::Denied(_) | AppError::Forbidden { .. } | AppError::Conflict { .. } => (StatusCode::FORBIDDEN, "Forbidden"),
                AppError::TooMany { .. } => (StatusCode::TOO_MANY_REQUESTS, "TooManyRequests"),
                AppError::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable"),
                AppError::Internal(text) => {
                    tracing::error!("{text}");
                    return status(
                        StatusCode::INTERNAL_SERVER_ERROR,
                        "InternalError",
                        "something went wrong here: the server's log says what",
                    );
                }
            };
            status(code, reason, &error.to_string())
        }
    }
}
