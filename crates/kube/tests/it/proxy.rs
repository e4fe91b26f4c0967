//! A door of a few lines: what is judged is sent on to a real API server as its admin, and of what comes back goes on what may be seen.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use futures::StreamExt as _;
use mc_kube::filter::{Filter, FilterError, Form, OfNamespaces, accept, filtered};
use mc_testkit::KubePeer;

use crate::filters::App;

/// No request has a longer body.
const BODY_MAX: usize = 1 << 20;

/// A running door; it ends when dropped.
pub(crate) struct Door {
    url: String,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Door {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What an answer broke off for.
#[derive(Debug)]
struct Broken(#[expect(dead_code, reason = "shown when a test fails")] String);

impl From<FilterError> for Broken {
    fn from(error: FilterError) -> Self {
        Self(error.to_string())
    }
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Broken {}

struct Behind {
    url: String,
    client: reqwest::Client,
}

impl Door {
    /// Opens one before `peer`.
    pub(crate) async fn open(peer: &KubePeer) -> Result<Self> {
        let behind = Arc::new(Behind { url: peer.url(), client: peer.admin().client()? });
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let router = axum::Router::new().fallback(pass).with_state(behind);
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Ok(Self { url, task })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

async fn pass(State(behind): State<Arc<Behind>>, request: Request) -> Response {
    match passed(&behind, request).await {
        Ok(answer) => answer,
        Err(error) => (StatusCode::BAD_GATEWAY, format!("{error:#}")).into_response(),
    }
}

async fn passed(behind: &Behind, request: Request) -> Result<Response> {
    let (head, body) = request.into_parts();
    let read = match mc_kube::request::Request::read(head.method.as_str(), head.uri.path(), head.uri.query()) {
        Ok(read) => read,
        Err(refusal) => return Ok((StatusCode::BAD_REQUEST, refusal.to_string()).into_response()),
    };
    let many = read.attributes().resource().filter(|asked| asked.reads_many());
    let mut headers = HeaderMap::new();
    for name in [header::ACCEPT, header::CONTENT_TYPE, header::USER_AGENT] {
        if let Some(value) = head.headers.get(&name) {
            headers.insert(name, value.clone());
        }
    }
    if let Some(asked) = many {
        let accept = head.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
        let Some(accept) = accept::filterable(accept, &asked.api_group) else { return Ok(StatusCode::NOT_ACCEPTABLE.into_response()) };
        headers.insert(header::ACCEPT, accept.parse()?);
    }
    let body = axum::body::to_bytes(body, BODY_MAX).await?;
    let sent = behind.client.request(head.method, format!("{}{}", behind.url, read.target())).headers(headers).body(body).send().await?;
    let status = sent.status();
    let kind = sent.headers().get(header::CONTENT_TYPE).cloned().context("the server says not what it answers with")?;
    let encoding = sent.headers().get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap_or("?").to_owned());
    let stream = sent.bytes_stream().map(|piece| piece.map_err(|error| Broken(error.to_string())));
    let body = match many.filter(|_| status == StatusCode::OK) {
        None => Body::from_stream(stream),
        Some(asked) => {
            let form = Form::of(kind.to_str()?, encoding.as_deref(), asked.verb == "watch")?;
            if asked.is_about_namespaces() {
                Body::from_stream(filtered(stream, Filter::new(form, OfNamespaces(App))))
            } else {
                Body::from_stream(filtered(stream, Filter::new(form, App)))
            }
        }
    };
    Ok((status, [(header::CONTENT_TYPE, kind)], body).into_response())
}
