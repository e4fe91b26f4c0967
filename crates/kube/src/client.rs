//! Requests to one API server, with the agent's own credential.
//!
//! Which server and which credential come from a kubeconfig or from the pod that the program runs in. HTTP/1.1, because `exec` and its like
//! take the connection over; requests at once are connections at once.

use std::{path::Path, time::Duration};

use bytes::Bytes;
use futures::{FutureExt as _, future::BoxFuture};
use http::{HeaderName, HeaderValue, Request, Response};
use http_body_util::{BodyExt as _, Empty, combinators::UnsyncBoxBody};
use hyper::body::Incoming;
use hyper_util::{client::legacy, rt::TokioExecutor};
use kube_client::{
    Config,
    client::ConfigExt as _,
    config::{KubeConfigOptions, Kubeconfig},
};
use tower::{BoxError, ServiceBuilder, ServiceExt as _, util::BoxCloneSyncService};

use crate::impersonate;

/// A body to send.
pub type Body = UnsyncBoxBody<Bytes, BoxError>;

/// How long a connection to the API server may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// Why there is no API server to ask.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file cannot be read or understood.
    #[error("the kubeconfig cannot be used: {0}")]
    Kubeconfig(String),
    /// There is no pod around the program.
    #[error("this is no pod with a service account ({0}): name a kubeconfig")]
    NoPod(String),
    /// A certificate, key or token in it is none.
    #[error("the credential for the API server cannot be used: {0}")]
    Credential(String),
}

/// The API server did not answer; why, in one line.
#[derive(Debug, thiserror::Error)]
#[error("the API server does not answer: {0}")]
pub struct SendError(String);

/// Whom the API server is to take the sender for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// The user's name.
    pub user: String,
    /// The groups; the server adds `system:authenticated` by itself.
    pub groups: Vec<String>,
    /// More about the user, by key (lower case).
    pub extra: Vec<(String, Vec<String>)>,
}

/// An API server.
#[derive(Clone)]
pub struct ApiServer {
    service: BoxCloneSyncService<Request<Body>, Response<Incoming>, BoxError>,
}

impl std::fmt::Debug for ApiServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiServer").finish_non_exhaustive()
    }
}

/// The innermost cause, in one line: the outer ones say where in the program it came from.
fn cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut last = error;
    while let Some(next) = last.source() {
        last = next;
    }
    last.to_string().replace('\n', " ").chars().take(200).collect()
}

impl ApiServer {
    /// Reads how to reach the server: from `kubeconfig` (its current context), or from the pod around the program.
    ///
    /// # Errors
    /// When that cannot be read or used. Whether the server answers is not asked.
    pub async fn open(kubeconfig: Option<&Path>) -> Result<Self, OpenError> {
        let mut config = match kubeconfig {
            Some(path) => {
                let unusable = |error: kube_client::config::KubeconfigError| OpenError::Kubeconfig(cause(&error));
                let file = Kubeconfig::read_from(path).map_err(unusable)?;
                Config::from_custom_kubeconfig(file, &KubeConfigOptions::default()).await.map_err(unusable)?
            }
            None => Config::incluster().map_err(|error| OpenError::NoPod(cause(&error)))?,
        };
        // Whoever calls says whom to impersonate; the file does not.
        config.auth_info.impersonate = None;
        config.auth_info.impersonate_groups = None;
        let unusable = |error: kube_client::Error| OpenError::Credential(cause(&error));
        let mut connector = legacy::connect::HttpConnector::new();
        connector.enforce_http(false);
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT_WITHIN));
        let connector = config.rustls_https_connector_with_connector(connector).map_err(unusable)?;
        let client = legacy::Client::builder(TokioExecutor::new()).build::<_, Body>(connector);
        let service = ServiceBuilder::new()
            .layer(config.base_uri_layer())
            .option_layer(config.auth_layer().map_err(unusable)?)
            .map_err(BoxError::from)
            .service(client);
        Ok(Self { service: BoxCloneSyncService::new(service) })
    }

    /// Sends a request whose URI is path and query only. `identity` is whom it is to be taken for; without one it is the program's own.
    ///
    /// # Errors
    /// When the server cannot be reached, or the identity has characters that no header can hold.
    pub async fn send(&self, mut request: Request<Body>, identity: Option<&Identity>) -> Result<Response<Incoming>, SendError> {
        let headers = request.headers_mut();
        let forged: Vec<HeaderName> = headers
            .keys()
            .filter(|name| impersonate::is_impersonation(name.as_str()) || *name == http::header::AUTHORIZATION)
            .cloned()
            .collect();
        for name in forged {
            headers.remove(name);
        }
        for (name, value) in identity.into_iter().flat_map(headers_of) {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| SendError(error.to_string()))?;
            headers.append(name, HeaderValue::from_bytes(value.as_bytes()).map_err(|error| SendError(error.to_string()))?);
        }
        self.called(request).await.map_err(|error| SendError(cause(&*error)))
    }

    /// Boxed here, where all lifetimes are known: futures around it could not be proved to be `Send` otherwise.
    fn called(&self, request: Request<Body>) -> BoxFuture<'static, Result<Response<Incoming>, BoxError>> {
        self.service.clone().oneshot(request).boxed()
    }

    /// Reads a small JSON document of at most `limit` bytes as the program itself.
    ///
    /// # Errors
    /// When the server does not answer, refuses, or answers more.
    pub async fn read(&self, target: &str, accept: &'static str, limit: usize) -> Result<Bytes, SendError> {
        let request =
            Request::get(target).header(http::header::ACCEPT, accept).body(empty()).map_err(|error| SendError(error.to_string()))?;
        let response = self.send(request, None).await?;
        let status = response.status();
        let body = http_body_util::Limited::new(response.into_body(), limit).collect().await.map_err(|error| SendError(cause(&*error)))?;
        if status.is_success() { Ok(body.to_bytes()) } else { Err(SendError(format!("it answers {status}"))) }
    }
}

/// No body.
#[must_use]
pub fn empty() -> Body {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

fn headers_of(identity: &Identity) -> Vec<(String, String)> {
    let user = std::iter::once(("impersonate-user".to_owned(), identity.user.clone()));
    let groups = identity.groups.iter().map(|group| ("impersonate-group".to_owned(), group.clone()));
    let extra = identity.extra.iter().flat_map(|(key, values)| {
        let name = format!("impersonate-extra-{}", percent_encoding::utf8_percent_encode(key, percent_encoding::NON_ALPHANUMERIC));
        values.iter().map(move |value| (name.clone(), value.clone()))
    });
    user.chain(groups).chain(extra).collect()
}
