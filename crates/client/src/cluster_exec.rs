//! kubectl run by a cluster's agent, as the caller: live over a WebSocket, or its output line by line.
//!
//! A message's first byte is its channel, as in Kubernetes' own `v5.channel`; 255 before a channel's number closes that channel.

use bytes::Bytes;
use futures::{
    SinkExt as _, StreamExt as _,
    stream::{SplitSink, SplitStream},
};
use http::Method;
use mc_api::exec::{ExecLine, ExecRequest, TerminalSize};
use serde::Deserialize;
use tokio_tungstenite::tungstenite::Message;

use crate::{Client, Result, socket::Socket, stream::JsonLines};

const STDIN: u8 = 0;
const STDOUT: u8 = 1;
const STDERR: u8 = 2;
const END: u8 = 3;
const SIZE: u8 = 4;
const CLOSED: u8 = 255;

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum ExecEnd {
    /// By itself.
    Exited {
        /// kubectl's exit code.
        exit_code: i32,
    },
    /// It could not run to its end.
    Failed {
        /// Why.
        error: String,
    },
}

/// What comes from a running kubectl.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExecEvent {
    /// It wrote to stdout, or to its terminal.
    Stdout(Bytes),
    /// It wrote to stderr.
    Stderr(Bytes),
    /// It ended; nothing comes after this.
    End(ExecEnd),
}

/// The way to a running kubectl.
pub struct ExecInput {
    client: Client,
    sink: SplitSink<Socket, Message>,
}

/// What a running kubectl says.
pub struct ExecOutput {
    client: Client,
    stream: SplitStream<Socket>,
}

impl Client {
    /// Runs kubectl in this cluster and reads its output line by line.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn cluster_exec(&self, name: &str, exec: &ExecRequest) -> Result<JsonLines<ExecLine>> {
        let call = self.call(Method::POST, &["clusters", name, "exec"]).json(exec)?.streaming();
        Ok(JsonLines::new(self.clone(), self.send(call).await?))
    }

    /// Runs kubectl in this cluster, live; on a terminal of this size, if one is given.
    ///
    /// # Errors
    /// See [`Error`](crate::Error). Does not pass a proxy.
    pub async fn cluster_exec_open(
        &self,
        name: &str,
        command: &[String],
        terminal: Option<TerminalSize>,
    ) -> Result<(ExecInput, ExecOutput)> {
        let mut query: Vec<_> = command.iter().map(|argument| ("command", Some(argument.clone()))).collect();
        if let Some(size) = terminal {
            query.push(("tty", Some("true".into())));
            query.push(("cols", Some(size.width.to_string())));
            query.push(("rows", Some(size.height.to_string())));
        }
        let call = self.call(Method::GET, &["clusters", name, "exec"]).query(query);
        let (sink, stream) = self.open_socket(&call.path_and_query()).await?.split();
        Ok((ExecInput { client: self.clone(), sink }, ExecOutput { client: self.clone(), stream }))
    }
}

impl ExecInput {
    /// Sends to its stdin.
    ///
    /// # Errors
    /// When the connection broke.
    pub async fn stdin(&mut self, data: &[u8]) -> Result<()> {
        self.send(STDIN, data).await
    }

    /// Ends its stdin.
    ///
    /// # Errors
    /// When the connection broke.
    pub async fn stdin_end(&mut self) -> Result<()> {
        self.send(CLOSED, &[STDIN]).await
    }

    /// Tells its terminal's new size.
    ///
    /// # Errors
    /// When the connection broke.
    pub async fn resize(&mut self, size: TerminalSize) -> Result<()> {
        let text = serde_json::to_vec(&size).map_err(|error| self.client.bad_answer(error))?;
        self.send(SIZE, &text).await
    }

    async fn send(&mut self, channel: u8, data: &[u8]) -> Result<()> {
        let mut message = Vec::with_capacity(data.len() + 1);
        message.push(channel);
        message.extend_from_slice(data);
        self.sink.send(Message::Binary(message.into())).await.map_err(|error| self.client.socket_error(error))
    }
}

impl ExecOutput {
    /// What comes next; `None` when the connection ended before kubectl did. Safe to drop and call again.
    ///
    /// # Errors
    /// When the connection breaks or the server sends something else.
    pub async fn next(&mut self) -> Result<Option<ExecEvent>> {
        loop {
            match self.stream.next().await {
                None | Some(Ok(Message::Close(_))) => return Ok(None),
                Some(Ok(Message::Binary(data))) => {
                    if let Some(event) = event(data).map_err(|error| self.client.bad_answer(error))? {
                        return Ok(Some(event));
                    }
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(self.client.socket_error(error)),
            }
        }
    }
}

/// What a message says; `None` for what needs no answer, such as a channel that was closed.
fn event(mut message: Bytes) -> std::result::Result<Option<ExecEvent>, serde_json::Error> {
    if message.is_empty() {
        return Ok(None);
    }
    let channel = message.split_to(1);
    match channel.first() {
        Some(&STDOUT) => Ok(Some(ExecEvent::Stdout(message))),
        Some(&STDERR) => Ok(Some(ExecEvent::Stderr(message))),
        Some(&END) => serde_json::from_slice(&message).map(|end| Some(ExecEvent::End(end))),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(message: &'static [u8]) -> Option<ExecEvent> {
        event(Bytes::from_static(message)).expect("a message")
    }

    #[test]
    fn messages_are_told_by_their_first_byte() {
        assert_eq!(read(b"\x01out"), Some(ExecEvent::Stdout("out".into())));
        assert_eq!(read(b"\x02err"), Some(ExecEvent::Stderr("err".into())));
        assert_eq!(read(b"\x03{\"exit_code\":7}"), Some(ExecEvent::End(ExecEnd::Exited { exit_code: 7 })));
        assert_eq!(read(b"\x03{\"error\":\"gone\"}"), Some(ExecEvent::End(ExecEnd::Failed { error: "gone".into() })));
        for nothing in [&b""[..], b"\xff\x01", b"\x63later"] {
            assert_eq!(read(nothing), None);
        }
        assert!(event(Bytes::from_static(b"\x03nonsense")).is_err());
    }
}
