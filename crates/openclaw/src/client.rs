//! A WebSocket client for the gateway: connect, say hello, call methods.
//!
//! Loopback only: the shared token travels in the clear and a device-less client is accepted nowhere else.

use std::{net::SocketAddr, time::Duration};

use futures::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{self, Message, protocol::WebSocketConfig},
};

use crate::{
    config::Credential,
    protocol::{BadFrame, FRAME_MAX_BYTES, Frame, Hello, PROTOCOL, Refusal, connect_request, request},
};

/// How many frames that were not asked for are skipped while one answer is awaited.
const SKIP_MAX: usize = 10_000;

/// Why a connection or a call failed. Never holds the credential.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The address is not on this machine.
    #[error("{0} is not loopback: the gateway's shared token is not sent over a network")]
    NotLoopback(SocketAddr),
    /// Nobody listens.
    #[error("no connection: {0}")]
    Connect(std::io::ErrorKind),
    /// The other side speaks no WebSocket, or stopped doing so.
    #[error("no WebSocket: {0}")]
    WebSocket(String),
    /// The gateway closed the connection.
    #[error("the gateway closed the connection{0}")]
    Closed(String),
    /// The gateway said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A frame made no sense.
    #[error(transparent)]
    Frame(#[from] BadFrame),
    /// The answer to `connect` was no hello of protocol 4.
    #[error("the answer to connect is no hello of protocol {PROTOCOL}")]
    NoHello,
    /// No answer in time.
    #[error("no answer within {} s", .0.as_secs())]
    TimedOut(Duration),
}

impl From<tungstenite::Error> for ClientError {
    fn from(error: tungstenite::Error) -> Self {
        match error {
            tungstenite::Error::ConnectionClosed | tungstenite::Error::AlreadyClosed => Self::Closed(String::new()),
            tungstenite::Error::Io(error) => Self::WebSocket(error.kind().to_string()),
            other => Self::WebSocket(other.to_string().chars().take(200).collect()),
        }
    }
}

/// An open connection to a gateway that said hello.
#[derive(Debug)]
pub struct Connection {
    socket: WebSocketStream<TcpStream>,
    hello: Hello,
    calls: u64,
    patience: Duration,
}

impl Connection {
    /// Connects and says hello. `patience` bounds this and every later call.
    ///
    /// Ask for no more `scopes` than the calls need; a hello needs none.
    ///
    /// # Errors
    /// When the gateway is not there, refuses, or says nothing in time.
    pub async fn open(address: SocketAddr, credential: &Credential, scopes: &[&str], patience: Duration) -> Result<Self, ClientError> {
        if !address.ip().is_loopback() {
            return Err(ClientError::NotLoopback(address));
        }
        // Boxed: the handshake is large and rare.
        let opening = Box::pin(open(address, credential, scopes));
        let (socket, hello) = timeout(patience, opening).await.map_err(|_| ClientError::TimedOut(patience))??;
        Ok(Self { socket, hello, calls: 0, patience })
    }

    /// What the gateway said of itself.
    #[must_use]
    pub const fn hello(&self) -> &Hello {
        &self.hello
    }

    /// Calls `method` and waits for its answer.
    ///
    /// # Errors
    /// When the gateway refuses, goes away, or does not answer in time.
    pub async fn call(&mut self, method: &str, params: &Value) -> Result<Value, ClientError> {
        self.calls += 1;
        let id = format!("r{}", self.calls);
        let exchange = async {
            self.socket.send(Message::text(request(&id, method, params))).await?;
            answer(&mut self.socket, &id).await
        };
        timeout(self.patience, exchange).await.map_err(|_| ClientError::TimedOut(self.patience))?
    }

    /// Says goodbye. A gateway that does not answer the goodbye is left alone.
    pub async fn close(mut self) {
        if timeout(self.patience, self.socket.close(None)).await.is_err() {
            tracing::debug!("the gateway did not take a goodbye");
        }
    }
}

async fn open(address: SocketAddr, credential: &Credential, scopes: &[&str]) -> Result<(WebSocketStream<TcpStream>, Hello), ClientError> {
    let stream = TcpStream::connect(address).await.map_err(|error| ClientError::Connect(error.kind()))?;
    let limits = WebSocketConfig::default()
        .read_buffer_size(16 * 1024)
        .write_buffer_size(0)
        .max_message_size(Some(FRAME_MAX_BYTES))
        .max_frame_size(Some(FRAME_MAX_BYTES));
    let (mut socket, _) = client_async_with_config(format!("ws://{address}/"), stream, Some(limits)).await?;
    loop {
        match next(&mut socket).await? {
            Frame::Event { name, .. } if name == "connect.challenge" => break,
            // A gateway that is going down says so instead of asking.
            Frame::Response { outcome: Err(refusal), .. } => return Err(refusal.into()),
            _ => {}
        }
    }
    socket.send(Message::text(connect_request("c1", credential, scopes))).await?;
    let hello = Hello::parse(&answer(&mut socket, "c1").await?).filter(|hello| hello.protocol == PROTOCOL);
    Ok((socket, hello.ok_or(ClientError::NoHello)?))
}

async fn answer(socket: &mut WebSocketStream<TcpStream>, wanted: &str) -> Result<Value, ClientError> {
    for _ in 0..SKIP_MAX {
        if let Frame::Response { id, outcome } = next(socket).await?
            && id == wanted
        {
            return Ok(outcome?);
        }
    }
    Err(ClientError::WebSocket("too many frames and no answer among them".to_owned()))
}

async fn next(socket: &mut WebSocketStream<TcpStream>) -> Result<Frame, ClientError> {
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => return Ok(Frame::parse(text.as_bytes())?),
            Some(Ok(Message::Close(frame))) => {
                let why =
                    frame.map(|frame| format!(" ({}: {})", u16::from(frame.code), frame.reason.chars().take(200).collect::<String>()));
                return Err(ClientError::Closed(why.unwrap_or_default()));
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(error.into()),
            None => return Err(ClientError::Closed(String::new())),
        }
    }
}
