//! A client of the Kubernetes door that speaks `v5.channel.k8s.io`, message by message, as a page does.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures::{SinkExt as _, StreamExt as _};
use mc_testkit::program::LIMIT;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, client::IntoClientRequest},
};

use super::Api;

/// An open session.
pub(crate) struct Terminal {
    socket: WebSocketStream<TlsStream<TcpStream>>,
    /// What was printed so far.
    pub(crate) printed: String,
    /// What the error channel said.
    pub(crate) status: String,
}

impl Terminal {
    /// Opens one; or the status of the refusal and its text.
    pub(crate) async fn open(api: &Api, tls: &Arc<ClientConfig>, path: &str, protocols: &str) -> Result<Self, (u16, String)> {
        let mut request = format!("wss://{}{path}", api.host).into_client_request().expect("a request");
        let token = URL_SAFE_NO_PAD.encode(api.token.as_deref().unwrap_or_default());
        let protocols = format!("base64url.bearer.authorization.k8s.io.{token}, {protocols}");
        request.headers_mut().insert("sec-websocket-protocol", protocols.parse().expect("a header"));
        // As browsers ask; what would be compressed could not be recorded.
        request.headers_mut().insert("sec-websocket-extensions", "permessage-deflate; client_max_window_bits".parse().expect("a header"));
        let tcp = TcpStream::connect(&api.host).await.expect("the server listens");
        let name = ServerName::try_from("127.0.0.1").expect("a name");
        let tls = TlsConnector::from(Arc::clone(tls)).connect(name, tcp).await.expect("TLS");
        match tokio::time::timeout(LIMIT, client_async(request, tls)).await.expect("an answer in time") {
            Ok((socket, answer)) => {
                assert_eq!(answer.headers().get("sec-websocket-extensions"), None);
                Ok(Self { socket, printed: String::new(), status: String::new() })
            }
            Err(Error::Http(answer)) => {
                let text = answer.body().as_ref().map(|body| String::from_utf8_lossy(body).into_owned());
                Err((answer.status().as_u16(), text.unwrap_or_default()))
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Sends a message of a channel.
    pub(crate) async fn send(&mut self, channel: u8, bytes: &[u8]) {
        // A connection that was ended meanwhile is what some tests are about.
        let _ = self.socket.send(Message::binary([&[channel], bytes].concat())).await;
    }

    /// Types.
    pub(crate) async fn types(&mut self, text: &str) {
        self.send(0, text.as_bytes()).await;
    }

    /// Reads until this was printed.
    pub(crate) async fn prints(&mut self, text: &str) {
        let reading = async {
            while !self.printed.contains(text) {
                assert!(self.message().await, "it ended before {text:?}: {:?} {}", self.printed, self.status);
            }
        };
        let late = tokio::time::timeout(LIMIT, Box::pin(reading)).await.is_err();
        assert!(!late, "{text:?} was not printed");
    }

    /// Reads to the end.
    pub(crate) async fn ends(&mut self) {
        let reading = async { while self.message().await {} };
        tokio::time::timeout(LIMIT, Box::pin(reading)).await.expect("an end in time");
    }

    async fn message(&mut self) -> bool {
        match self.socket.next().await {
            Some(Ok(Message::Binary(bytes))) => {
                match bytes.split_first() {
                    Some((1 | 2, text)) => self.printed += &String::from_utf8_lossy(text),
                    Some((3, text)) => self.status += &String::from_utf8_lossy(text),
                    _ => {}
                }
                true
            }
            Some(Ok(Message::Close(_)) | Err(_)) | None => false,
            Some(Ok(_)) => true,
        }
    }
}
