//! WebSockets to the server: the live events, and kubectl run elsewhere.
//!
//! They need HTTP/1.1 and a connection of their own, so they do not pass a proxy.

use std::{io::ErrorKind, sync::Arc};

use http::{StatusCode, header::AUTHORIZATION};
use mc_api::problem::Problem;
use rustls_pki_types::ServerName;
use secrecy::{ExposeSecret, SecretString};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{self, client::IntoClientRequest, error::ProtocolError, protocol::WebSocketConfig},
};

use crate::{Client, Error, Result, renewal::secret_header, transport::CONNECT_TIMEOUT};

/// The largest frame accepted.
const FRAME_MAX_BYTES: usize = 16 * 1024 * 1024;

/// An open WebSocket.
pub(crate) type Socket = WebSocketStream<TlsStream<TcpStream>>;

impl Client {
    /// A TLS connection of its own.
    pub(crate) async fn tls_stream(&self) -> Result<TlsStream<TcpStream>> {
        let host = self.server().host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(host.clone()).map_err(|_| Error::BadSetting(format!("{host:?} is not a host name")))?;
        let port = self.server().url().port_or_known_default().unwrap_or(443);
        let connect = async {
            let tcp = TcpStream::connect((host.as_str(), port)).await.map_err(|error| self.transport_error(&error))?;
            // Single keystrokes go this way.
            tcp.set_nodelay(true).map_err(|error| self.transport_error(&error))?;
            TlsConnector::from(Arc::new(self.tls())).connect(name, tcp).await.map_err(|error| self.transport_error(&error))
        };
        timeout(CONNECT_TIMEOUT, Box::pin(connect)).await.unwrap_or_else(|_| Err(self.late()))
    }

    /// Opens a WebSocket at this path with its query, as the caller. A token that is refused is renewed once.
    pub(crate) async fn open_socket(&self, path: &str) -> Result<Socket> {
        let token = self.access_token().await?;
        match self.try_socket(path, &token).await {
            Err(Error::SessionEnded) => {
                let token = self.renewed(Some(&token)).await?;
                self.try_socket(path, &token).await
            }
            other => other,
        }
    }

    async fn try_socket(&self, path: &str, token: &SecretString) -> Result<Socket> {
        let origin = self.server().to_string().replacen("https", "wss", 1);
        let mut request = format!("{origin}{path}").into_client_request().map_err(|error| Error::BadSetting(error.to_string()))?;
        request.headers_mut().insert(AUTHORIZATION, secret_header(&format!("Bearer {}", token.expose_secret()))?);
        let config = WebSocketConfig::default().max_message_size(Some(FRAME_MAX_BYTES)).max_frame_size(Some(FRAME_MAX_BYTES));
        let tls = self.tls_stream().await?;
        let opening = client_async_with_config(request, tls, Some(config));
        let opened = timeout(CONNECT_TIMEOUT, Box::pin(opening)).await.unwrap_or_else(|_| Err(tungstenite::Error::ConnectionClosed));
        opened.map(|(socket, _)| socket).map_err(|error| self.socket_error(error))
    }

    fn late(&self) -> Error {
        Error::Unreachable { server: self.server().to_string(), reason: "no answer in time".into() }
    }

    fn broken(&self) -> Error {
        Error::Unreachable { server: self.server().to_string(), reason: "the connection broke".into() }
    }

    pub(crate) fn socket_error(&self, error: tungstenite::Error) -> Error {
        match error {
            tungstenite::Error::Http(response) => {
                let (head, body) = response.into_parts();
                self.refusal(head.status, &body.unwrap_or_default())
            }
            tungstenite::Error::Io(error)
                if matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe) =>
            {
                self.broken()
            }
            tungstenite::Error::Io(error) => self.transport_error(&error),
            tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => self.broken(),
            other => Error::Unreachable { server: self.server().to_string(), reason: other.to_string() },
        }
    }

    /// What an answer other than 101 means. Its body may have been cut off.
    fn refusal(&self, status: StatusCode, body: &[u8]) -> Error {
        if status == StatusCode::UNAUTHORIZED {
            return if self.inner.token.is_some() { Error::TokenRefused } else { Error::SessionEnded };
        }
        if status.is_success() || status.is_redirection() || status.is_informational() {
            return self.bad_answer(format!("a WebSocket was asked for, and it answered {status}"));
        }
        let problem = serde_json::from_slice(body).unwrap_or_else(|_| Problem {
            code: "unknown".into(),
            title: status.canonical_reason().unwrap_or("Unknown").to_owned(),
            status: status.as_u16(),
            detail: format!("{} answered {status}", self.server()),
            request_id: String::new(),
        });
        Error::Problem(Box::new(problem))
    }
}
