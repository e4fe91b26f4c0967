//! Live events over a WebSocket.

use futures::StreamExt;
use http::header::AUTHORIZATION;
use mc_api::event::EventFrame;
use rustls_pki_types::ServerName;
use secrecy::ExposeSecret;
use std::sync::Arc;
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{self, Message, client::IntoClientRequest, protocol::WebSocketConfig},
};

use crate::{Client, Error, Result, renewal::secret_header, transport::CONNECT_TIMEOUT};

/// The largest frame accepted.
const FRAME_MAX_BYTES: usize = 16 * 1024 * 1024;

/// Where to go on: what an earlier stream had delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    /// The server's run.
    pub epoch: String,
    /// The newest number delivered.
    pub seq: u64,
}

/// An open stream of events.
pub struct EventStream {
    client: Client,
    socket: WebSocketStream<TlsStream<TcpStream>>,
}

impl Client {
    /// Opens the stream of live events. The first frame is `hello`.
    ///
    /// # Errors
    /// See [`Error`]. Does not pass a proxy.
    pub async fn event_follow(&self, since: Option<&Since>) -> Result<EventStream> {
        let token = self.access_token().await?;
        let url = self.server().url();
        let origin = url.origin().ascii_serialization().replacen("https", "wss", 1);
        let query = since.map(|since| format!("?since={}:{}", since.epoch, since.seq)).unwrap_or_default();
        let mut request =
            format!("{origin}/api/v1/events{query}").into_client_request().map_err(|error| Error::BadSetting(error.to_string()))?;
        request.headers_mut().insert(AUTHORIZATION, secret_header(&format!("Bearer {}", token.expose_secret()))?);

        let host = self.server().host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(host.clone()).map_err(|_| Error::BadSetting(format!("{host:?} is not a host name")))?;
        let port = url.port_or_known_default().unwrap_or(443);
        let config = WebSocketConfig::default().max_message_size(Some(FRAME_MAX_BYTES)).max_frame_size(Some(FRAME_MAX_BYTES));
        let connect = async {
            let tcp = TcpStream::connect((host.as_str(), port)).await.map_err(|error| self.transport_error(&error))?;
            let tls = TlsConnector::from(Arc::new(self.tls())).connect(name, tcp).await.map_err(|error| self.transport_error(&error))?;
            let (socket, _) = client_async_with_config(request, tls, Some(config)).await.map_err(|error| self.socket_error(&error))?;
            Ok(EventStream { client: self.clone(), socket })
        };
        let late = || Error::Unreachable { server: self.server().to_string(), reason: "no answer in time".into() };
        timeout(CONNECT_TIMEOUT, Box::pin(connect)).await.unwrap_or_else(|_| Err(late()))
    }

    fn socket_error(&self, error: &tungstenite::Error) -> Error {
        match error {
            tungstenite::Error::Http(response) if response.status() == http::StatusCode::UNAUTHORIZED => {
                if self.inner.token.is_some() {
                    Error::TokenRefused
                } else {
                    Error::SessionEnded
                }
            }
            tungstenite::Error::Http(response) => self.bad_answer(format!("the live events answered {}", response.status())),
            tungstenite::Error::Io(error) => self.transport_error(error),
            other => Error::Unreachable { server: self.server().to_string(), reason: other.to_string() },
        }
    }
}

impl EventStream {
    /// The next frame; `None` when the server ended the stream. Pings are answered on the way. Safe to drop and call again.
    ///
    /// # Errors
    /// When the connection breaks or the server sends something else.
    pub async fn next(&mut self) -> Result<Option<EventFrame>> {
        loop {
            match self.socket.next().await {
                None | Some(Ok(Message::Close(_))) => return Ok(None),
                Some(Ok(Message::Text(text))) => {
                    return serde_json::from_str(&text).map(Some).map_err(|error| self.client.bad_answer(error));
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(self.client.socket_error(&error)),
            }
        }
    }
}
