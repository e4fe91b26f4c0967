//! Raw calls of the HTTP interface: any credentials, any headers, and the whole answer.

use std::{net::IpAddr, sync::Arc};

use mc_testkit::{Server, program::LIMIT, server::PASSWORD};
use reqwest::{Method, RequestBuilder, header::HeaderMap};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use serde_json::{Value, json};

use super::{Events, events::Socket, terminal::Terminal};

/// A caller.
#[derive(Clone)]
pub(crate) struct Api {
    http: reqwest::Client,
    tls: Arc<ClientConfig>,
    /// `127.0.0.1:PORT`.
    pub(crate) host: String,
    pub(crate) token: Option<String>,
}

impl Api {
    /// Somebody without credentials.
    pub(crate) fn new(server: &Server) -> Self {
        Self::from_address(server, None)
    }

    /// Somebody without credentials who calls from this address.
    pub(crate) fn from_address(server: &Server, address: Option<IpAddr>) -> Self {
        let tls = tls(server);
        let builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls.clone())
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(LIMIT)
            .local_address(address);
        let host = server.url().replace("https://localhost", "127.0.0.1");
        Self { http: builder.build().expect("a client"), tls: Arc::new(tls), host, token: None }
    }

    /// Somebody who shows a client certificate, as agents do at their own port.
    pub(crate) fn certified(server: &Server, certificate: &str, key: &str) -> Self {
        let chain = CertificateDer::pem_slice_iter(certificate.as_bytes()).collect::<Result<_, _>>().expect("a certificate");
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("a key");
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(server.ca_file()).expect("the authority's certificate")).expect("a certificate");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("versions");
        let tls = builder.with_root_certificates(roots).with_client_auth_cert(chain, key).expect("a pair");
        let builder = reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().timeout(LIMIT);
        Self { http: builder.build().expect("a client"), ..Self::new(server) }
    }

    /// The same with a bearer token.
    pub(crate) fn holding(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// A request to be finished by the caller.
    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method: Method = method.to_uppercase().parse().expect("a method");
        let request = self.http.request(method, format!("https://{}{path}", self.host));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.request("GET", path)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        send(self.request("DELETE", path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        send(self.request("POST", path).json(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        send(self.request("PUT", path).json(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        send(self.request("PATCH", path).json(body)).await
    }

    /// A call with cookies instead of a bearer token, as a page of `origin` makes it.
    pub(crate) async fn with_cookies(&self, method: &str, path: &str, cookies: &str, origin: Option<&str>) -> Answer {
        let request = Self { token: None, ..self.clone() }.request(method, path).header("cookie", cookies);
        send(match origin {
            Some(origin) => request.header("origin", origin),
            None => request,
        })
        .await
    }

    pub(crate) async fn login(&self, username: &str, password: &str) -> Answer {
        self.post("/api/v1/auth/login", &json!({"username": username, "password": password})).await
    }

    pub(crate) async fn set_up(&self, token: &str, username: &str) -> Answer {
        self.post("/api/v1/setup", &json!({"token": token, "username": username, "password": PASSWORD})).await
    }

    /// Trades a refresh token, as our own page does.
    pub(crate) async fn refresh(&self, token: &str) -> Answer {
        let origin = format!("https://{}", self.host);
        self.with_cookies("POST", "/api/v1/auth/refresh", &format!("__Host-mc_refresh={token}"), Some(&origin)).await
    }

    /// Opens a WebSocket.
    pub(crate) async fn socket(&self, path: &str) -> Result<Socket, tokio_tungstenite::tungstenite::Error> {
        super::events::socket(self, &self.tls, path).await
    }

    /// Follows the live events.
    pub(crate) async fn events(&self, since: Option<&str>) -> Events {
        Events::open(self, &self.tls, since).await
    }

    /// Opens a session into a container at the Kubernetes door; or the status of the refusal and its text.
    pub(crate) async fn terminal(&self, path: &str, protocols: &str) -> Result<Terminal, (u16, String)> {
        Terminal::open(self, &self.tls, path, protocols).await
    }

    /// Asks now and after every live event until the answer is as wanted.
    pub(crate) async fn waits_for(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut events = self.events(None).await;
        let mut last = Value::Null;
        let asking = async {
            loop {
                let answer = self.get(path).await;
                if answer.status == 200 {
                    last = answer.json();
                    if wanted(&last) {
                        return;
                    }
                }
                events.frame().await;
            }
        };
        let late = tokio::time::timeout(LIMIT, Box::pin(asking)).await.is_err();
        assert!(!late, "{path} did not become as wanted; it was {last:#}");
        last
    }
}

pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, body: response.bytes().await.expect("a whole answer").to_vec() }
}

/// TLS that trusts the server's own authority.
fn tls(server: &Server) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(server.ca_file()).expect("the authority's certificate")).expect("a certificate");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("versions");
    builder.with_root_certificates(roots).with_no_client_auth()
}

/// What the server said.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The stable code of a problem; empty when it is none.
    pub(crate) fn code(&self) -> String {
        let problem: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        problem["code"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub(crate) fn request_id(&self) -> String {
        self.header("x-request-id").to_owned()
    }

    /// The value of a cookie it sets, with its attributes.
    pub(crate) fn cookie(&self, name: &str) -> Option<(String, String)> {
        let set = self.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
        set.filter_map(|cookie| cookie.strip_prefix(name)?.strip_prefix('='))
            .map(|cookie| cookie.split_once("; ").unwrap_or((cookie, "")))
            .map(|(value, attributes)| (value.to_owned(), attributes.to_owned()))
            .next()
    }

    /// The refresh token it gives.
    pub(crate) fn refresh_token(&self) -> String {
        self.cookie("__Host-mc_refresh").expect("a refresh cookie").0
    }

    /// The access token it gives.
    pub(crate) fn access_token(&self) -> String {
        self.json()["access_token"].as_str().expect("an access token").to_owned()
    }
}
