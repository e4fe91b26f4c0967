//! Live events, frame by frame, down to the close code.

use std::sync::Arc;

use futures::StreamExt;
use mc_testkit::program::LIMIT;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{self, Message, client::IntoClientRequest},
};

use super::Api;

/// What came.
#[derive(Debug)]
pub(crate) enum Heard {
    /// A frame.
    Frame(Value),
    /// The end, with its code.
    Closed(u16),
}

/// An open WebSocket.
pub(crate) type Socket = WebSocketStream<TlsStream<TcpStream>>;

/// Opens a WebSocket as a caller.
pub(crate) async fn socket(api: &Api, tls: &Arc<ClientConfig>, path: &str) -> Result<Socket, tungstenite::Error> {
    let mut request = format!("wss://{}{path}", api.host).into_client_request().expect("a request");
    let token = format!("Bearer {}", api.token.as_deref().unwrap_or_default());
    request.headers_mut().insert("authorization", token.parse().expect("a header"));
    let tcp = TcpStream::connect(&api.host).await.expect("the server listens");
    let name = ServerName::try_from("127.0.0.1").expect("a name");
    let tls = TlsConnector::from(Arc::clone(tls)).connect(name, tcp).await.expect("TLS");
    Ok(client_async(request, tls).await?.0)
}

/// An open stream of events.
pub(crate) struct Events {
    socket: Socket,
    /// The first frame.
    pub(crate) hello: Value,
}

impl Events {
    pub(crate) async fn open(api: &Api, tls: &Arc<ClientConfig>, since: Option<&str>) -> Self {
        let query = since.map(|since| format!("?since={since}")).unwrap_or_default();
        let socket = socket(api, tls, &format!("/api/v1/events{query}")).await.expect("a WebSocket");
        let mut events = Self { socket, hello: Value::Null };
        events.hello = events.frame().await;
        assert_eq!(events.hello["type"], "hello");
        events
    }

    /// `EPOCH:SEQ` as the hello told it.
    pub(crate) fn place(&self) -> String {
        format!("{}:{}", self.hello["epoch"].as_str().expect("an epoch"), self.hello["seq"])
    }

    /// What comes next.
    pub(crate) async fn next(&mut self) -> Heard {
        loop {
            let message = tokio::time::timeout(LIMIT, self.socket.next()).await.expect("a frame in time");
            match message {
                Some(Ok(Message::Text(text))) => return Heard::Frame(serde_json::from_str(&text).expect("JSON")),
                Some(Ok(Message::Close(close))) => return Heard::Closed(close.map_or(1005, |close| close.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Heard::Closed(1006),
            }
        }
    }

    /// The next frame.
    pub(crate) async fn frame(&mut self) -> Value {
        match self.next().await {
            Heard::Frame(frame) => frame,
            Heard::Closed(code) => panic!("the events ended with {code}"),
        }
    }

    /// Everything until the page is told to read all of it anew.
    pub(crate) async fn anew(&mut self) -> Vec<Value> {
        let mut all: Vec<Value> = Vec::new();
        loop {
            let frame = self.frame().await;
            if frame["type"] == "hello" {
                return all;
            }
            all.extend(frame["events"].as_array().into_iter().flatten().cloned());
        }
    }

    /// Everything until an event is as wanted; that event is the last.
    pub(crate) async fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut all: Vec<Value> = Vec::new();
        let deadline = tokio::time::Instant::now() + LIMIT;
        loop {
            let frame = tokio::time::timeout_at(deadline, self.frame()).await;
            let frame = frame.unwrap_or_else(|_| panic!("what was waited for did not come; what came was {all:#?}"));
            for event in frame["events"].as_array().into_iter().flatten() {
                all.push(event.clone());
                if wanted(event) {
                    return all;
                }
            }
        }
    }

    /// Everything until the stream begins anew: what the page shows was judged by other roles.
    pub(crate) async fn until_anew(&mut self) -> Vec<Value> {
        let mut all = Vec::new();
        loop {
            let frame = self.frame().await;
            if frame["type"] == "hello" {
                assert_eq!(frame["resumed"], false);
                return all;
            }
            all.extend(frame["events"].as_array().into_iter().flatten().cloned());
        }
    }

    /// The code with which the server ends it.
    pub(crate) async fn close_code(&mut self) -> u16 {
        loop {
            if let Heard::Closed(code) = self.next().await {
                return code;
            }
        }
    }
}
