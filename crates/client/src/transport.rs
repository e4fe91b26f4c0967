//! One request and its answer: address, credentials, renewal of the session, errors.
//!
//! What the operations mean lives in the nouns' files, how the session is kept fresh in `renewal.rs`, what a broken connection means in
//! `reason.rs`.

use std::{fmt, sync::Arc, time::Duration};

use http::{HeaderMap, Method, StatusCode, header};
use mc_api::problem::Problem;
use mc_domain::time::{Clock, SystemClock};
use reqwest::{Response, Url};
use secrecy::SecretString;
use serde::{Serialize, de::DeserializeOwned};
use tokio::sync::Mutex;

use crate::{
    Error, Result, ServerUrl,
    renewal::bearer,
    session::{MemoryStore, Session, SessionStore},
    trust::{Noted, Trust, client_config},
};

/// How long a connection may take to come up.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a request may take in all, streams excepted.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
/// Silence after which a connection is asked whether it still lives, and how long its answer may take.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// The largest answer read as a whole.
const ANSWER_MAX_BYTES: usize = 64 * 1024 * 1024;

/// How a client is set up.
pub struct Options {
    /// The server.
    pub server: ServerUrl,
    /// Which certificates are trusted.
    pub trust: Trust,
    /// An API token to show instead of a session.
    pub token: Option<SecretString>,
    /// Where the session is kept.
    pub store: Arc<dyn SessionStore>,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// `User-Agent`: the program and its version.
    pub user_agent: String,
}

impl Options {
    /// For `server`, trusting as told, with the machine's clock and a session in memory.
    #[must_use]
    pub fn new(server: ServerUrl, trust: Trust) -> Self {
        Self {
            server,
            trust,
            token: None,
            store: Arc::new(MemoryStore::default()),
            clock: Arc::new(SystemClock),
            user_agent: concat!("mc-client/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// A client of one server with at most one session. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) server: ServerUrl,
    pub(crate) http: reqwest::Client,
    pub(crate) tls: rustls::ClientConfig,
    pub(crate) trust: Trust,
    pub(crate) noted: Arc<Noted>,
    pub(crate) token: Option<SecretString>,
    pub(crate) store: Arc<dyn SessionStore>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) session: Mutex<Option<Session>>,
}

/// One request before it is sent.
pub(crate) struct Call {
    method: Method,
    url: Url,
    body: Option<Vec<u8>>,
    streams: bool,
}

impl Call {
    /// With query parameters; absent values are left out.
    pub(crate) fn query(mut self, pairs: Vec<(&'static str, Option<String>)>) -> Self {
        for (name, value) in pairs {
            if let Some(value) = value {
                self.url.query_pairs_mut().append_pair(name, &value);
            }
        }
        self
    }

    /// With a JSON body.
    pub(crate) fn json<T: Serialize>(mut self, body: &T) -> Result<Self> {
        let bytes = serde_json::to_vec(body).map_err(|error| Error::BadSetting(format!("the request cannot be written: {error}")))?;
        self.body = Some(bytes);
        Ok(self)
    }

    /// The whole address, for somebody else to ask.
    pub(crate) fn address(self) -> String {
        self.url.into()
    }

    /// The address without the server's.
    pub(crate) fn path_and_query(&self) -> String {
        let query = self.url.query().map(|query| format!("?{query}")).unwrap_or_default();
        format!("{}{query}", self.url.path())
    }

    /// The answer is read piece by piece and may take for ever.
    pub(crate) const fn streaming(mut self) -> Self {
        self.streams = true;
        self
    }
}

impl Client {
    /// A client; nothing is connected yet.
    ///
    /// # Errors
    /// When the TLS settings or the session store cannot be used.
    pub fn new(options: Options) -> Result<Self> {
        let noted = Arc::new(Noted::default());
        let tls = client_config(&options.trust, &noted)?;
        let mut http_tls = tls.clone();
        http_tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(http_tls)
            .https_only(true)
            .user_agent(options.user_agent)
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_keepalive(KEEP_ALIVE)
            .http2_keep_alive_interval(KEEP_ALIVE)
            .http2_keep_alive_timeout(KEEP_ALIVE)
            .redirect(reqwest::redirect::Policy::none());
        if options.server.is_loopback() {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|error| Error::BadSetting(format!("TLS cannot be set up: {error}")))?;
        let session = options.store.lock()?.load()?;
        let Options { server, trust, token, store, clock, .. } = options;
        Ok(Self { inner: Arc::new(Inner { server, http, tls, trust, noted, token, store, clock, session: Mutex::new(session) }) })
    }

    /// The server's address.
    #[must_use]
    pub fn server(&self) -> &ServerUrl {
        &self.inner.server
    }

    pub(crate) fn tls(&self) -> rustls::ClientConfig {
        self.inner.tls.clone()
    }

    /// A call below `/api/v1`; every piece of the path is escaped.
    pub(crate) fn call(&self, method: Method, path: &[&str]) -> Call {
        self.call_at(method, ["api", "v1"].iter().chain(path))
    }

    /// A call anywhere at the server; every piece of the path is escaped.
    pub(crate) fn call_at<'a>(&self, method: Method, path: impl IntoIterator<Item = &'a &'a str>) -> Call {
        let mut url = self.inner.server.url().clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.clear().extend(path);
        }
        Call { method, url, body: None, streams: false }
    }

    /// A call at the root of the server.
    pub(crate) fn root_call(&self, path: &str) -> Call {
        let mut url = self.inner.server.url().clone();
        url.set_path(path);
        Call { method: Method::GET, url, body: None, streams: false }
    }

    /// Sends with the API token, or with the session's token, renewing it when it ends soon or is refused.
    pub(crate) async fn send(&self, call: Call) -> Result<Response> {
        let token = self.access_token().await?;
        let response = self.dispatch(&call, bearer(&token)).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return self.checked(response).await;
        }
        let token = self.renewed(Some(&token)).await?;
        let response = self.dispatch(&call, bearer(&token)).await?;
        self.checked(response).await
    }

    /// Sends without credentials.
    pub(crate) async fn send_public(&self, call: Call) -> Result<Response> {
        let response = self.dispatch(&call, HeaderMap::new()).await?;
        self.checked(response).await
    }

    /// Sends and reads a JSON answer.
    pub(crate) async fn fetch<T: DeserializeOwned>(&self, call: Call) -> Result<T> {
        let response = self.send(call).await?;
        self.json(response).await
    }

    /// Sends, and ignores the answer's body.
    pub(crate) async fn done(&self, call: Call) -> Result<()> {
        self.send(call).await.map(drop)
    }

    /// Reads a JSON answer.
    pub(crate) async fn json<T: DeserializeOwned>(&self, response: Response) -> Result<T> {
        let body = self.whole(response).await?;
        serde_json::from_slice(&body).map_err(|error| self.bad_answer(error))
    }

    pub(crate) async fn dispatch(&self, call: &Call, headers: HeaderMap) -> Result<Response> {
        let mut request = self.inner.http.request(call.method.clone(), call.url.clone()).headers(headers);
        if !call.streams {
            request = request.timeout(REQUEST_TIMEOUT);
        }
        if let Some(body) = &call.body {
            request = request.header(header::CONTENT_TYPE, "application/json").body(body.clone());
        }
        request.send().await.map_err(|error| self.transport_error(&error))
    }

    pub(crate) async fn checked(&self, response: Response) -> Result<Response> {
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let request_id = response.headers().get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned();
        let body = self.whole(response).await?;
        let problem = serde_json::from_slice(&body).unwrap_or_else(|_| Problem {
            code: "unknown".into(),
            title: status.canonical_reason().unwrap_or("Unknown").to_owned(),
            status: status.as_u16(),
            detail: format!("{} answered {status}", self.inner.server),
            request_id,
        });
        Err(Error::Problem(Box::new(problem)))
    }

    async fn whole(&self, mut response: Response) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| self.transport_error(&error))? {
            if body.len() + piece.len() > ANSWER_MAX_BYTES {
                return Err(self.bad_answer("it is larger than 64 MiB"));
            }
            body.extend_from_slice(&piece);
        }
        Ok(body)
    }

    pub(crate) fn bad_answer(&self, reason: impl fmt::Display) -> Error {
        Error::BadAnswer { server: self.inner.server.to_string(), reason: reason.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_escaped_piece_by_piece() {
        let server = "localhost:1".parse().expect("address");
        let client = Client::new(Options::new(server, Trust::Pin(crate::trust::CaPin::of(b"x")))).expect("client");
        let call = client.call(Method::GET, &["agents", "../users?x#y"]).query(vec![("q", Some("a&b".into())), ("sort", None)]);
        assert_eq!(call.url.as_str(), "https://localhost:1/api/v1/agents/..%2Fusers%3Fx%23y?q=a%26b");
    }
}
