//! Live events over a WebSocket.

use futures::StreamExt;
use mc_api::event::EventFrame;
use tokio_tungstenite::tungstenite::Message;

use crate::{Client, Result, socket::Socket};

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
    socket: Socket,
}

impl Client {
    /// Opens the stream of live events. The first frame is `hello`.
    ///
    /// # Errors
    /// See [`Error`](crate::Error). Does not pass a proxy.
    pub async fn event_follow(&self, since: Option<&Since>) -> Result<EventStream> {
        let query = since.map(|since| format!("?since={}:{}", since.epoch, since.seq)).unwrap_or_default();
        let socket = self.open_socket(&format!("/api/v1/events{query}")).await?;
        Ok(EventStream { client: self.clone(), socket })
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
                Some(Err(error)) => return Err(self.client.socket_error(error)),
            }
        }
    }
}
