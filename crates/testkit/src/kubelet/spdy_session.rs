//! `exec`, `attach` and `port-forward` over SPDY/3.1, from the kubelet's side.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::{Request, Response};
use hyper::{body::Incoming, upgrade::Upgraded};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, ReadHalf, WriteHalf};

use super::{
    Body,
    container::{self, Input, Pipes, Printed},
    query,
    spdy::{FIN, Frame, Headers, Reader, Writer},
    switching,
};

/// How long a client may take to go by itself.
pub(super) const FAREWELL: std::time::Duration = std::time::Duration::from_secs(2);

/// Takes the connection over.
pub(super) fn begin(mut request: Request<Incoming>) -> Result<Response<Body>> {
    let offered = request.headers().get("x-stream-protocol-version").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let forward = request.uri().path().starts_with("/portForward/");
    let version = if forward { "portforward.k8s.io" } else { "v4.channel.k8s.io" };
    let spoken = offered.as_deref().unwrap_or_default().split(',').any(|offered| offered.trim() == version);
    let more = request.headers().get_all("x-stream-protocol-version").iter().any(|value| value.as_bytes() == version.as_bytes());
    anyhow::ensure!(spoken || more, "unable to upgrade: the client speaks {offered:?}, not {version}");
    let (query, path) = (query(&request), request.uri().path().to_owned());
    let upgrading = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let Ok(upgraded) = upgrading.await else { return };
        let wire = Wire::new(upgraded);
        // A client that goes away ends it.
        let _ = if forward { echo(wire).await } else { session(wire, &path, &query).await };
    });
    switching(&[("connection", "Upgrade"), ("upgrade", "SPDY/3.1"), ("x-stream-protocol-version", version)])
}

struct Wire {
    from: ReadHalf<TokioIo<Upgraded>>,
    to: WriteHalf<TokioIo<Upgraded>>,
    reader: Reader,
    writer: Writer,
}

impl Wire {
    fn new(upgraded: Upgraded) -> Self {
        let (from, to) = tokio::io::split(TokioIo::new(upgraded));
        Self { from, to, reader: Reader::default(), writer: Writer::default() }
    }

    /// The next frame. Safe to be given up between two.
    async fn frame(&mut self) -> Result<Frame> {
        loop {
            if let Some(frame) = self.reader.frame()? {
                return Ok(frame);
            }
            let mut piece = [0; 4_096];
            let read = self.from.read(&mut piece).await?;
            anyhow::ensure!(read > 0, "the client went");
            self.reader.push(piece.get(..read).unwrap_or_default());
        }
    }

    async fn send(&mut self, frame: &[u8]) -> Result<()> {
        self.to.write_all(frame).await?;
        Ok(self.to.flush().await?)
    }

    async fn opened(&mut self, stream: u32) -> Result<()> {
        let reply = self.writer.syn_reply(stream, &[]);
        self.send(&reply).await
    }

    async fn pong(&mut self, id: u32) -> Result<()> {
        self.send(&Writer::other(6, &id.to_be_bytes())).await
    }
}

/// `exec` and `attach`.
async fn session(mut wire: Wire, path: &str, query: &[(String, String)]) -> Result<()> {
    let asks = |name: &str| query.iter().any(|(known, value)| known == name && matches!(value.as_str(), "1" | "true"));
    let tty = asks("tty");
    let wanted = 1 + usize::from(asks("input")) + usize::from(asks("output")) + usize::from(asks("error") && !tty) + usize::from(tty);
    let mut streams: HashMap<String, u32> = HashMap::new();
    while streams.len() < wanted {
        match wire.frame().await? {
            Frame::SynStream(stream, headers) => {
                let name = headers.get("streamtype").context("a stream without a type")?;
                streams.insert(name.clone(), stream);
                wire.opened(stream).await?;
            }
            Frame::Ping(id) => wire.pong(id).await?,
            _ => {}
        }
    }
    let Pipes { input, mut printed, ended } = container::run(command(path, query), tty);
    let mut input = Some(input);
    loop {
        tokio::select! {
            piece = printed.recv() => match piece {
                Some(Printed::Out(bytes)) => to(&mut wire, streams.get("stdout"), &bytes).await?,
                Some(Printed::Err(bytes)) => to(&mut wire, streams.get("stderr"), &bytes).await?,
                None => break,
            },
            frame = wire.frame() => match frame? {
                Frame::Data(stream, bytes, last) if streams.get("stdin") == Some(&stream) => {
                    if let Some(to) = input.as_ref().filter(|_| !bytes.is_empty()) {
                        // A program that does not read has ended.
                        let _ = to.send(Input::Typed(Bytes::from(bytes))).await;
                    }
                    if last {
                        input = None;
                    }
                }
                Frame::Data(stream, bytes, _) if streams.get("resize") == Some(&stream) => {
                    if let (Some(to), Ok(size)) = (&input, serde_json::from_slice::<Value>(&bytes)) {
                        let _ = to.send(Input::Size(size)).await;
                    }
                }
                Frame::Ping(id) => wire.pong(id).await?,
                _ => {}
            },
        }
    }
    let error = streams.get("error").copied().unwrap_or_default();
    wire.send(&Writer::data(error, 0, container::status(ended.await?).as_bytes())).await?;
    for stream in streams.values() {
        wire.send(&Writer::data(*stream, FIN, &[])).await?;
    }
    wire.send(&Writer::other(7, &[0; 8])).await?;
    // To close with something unread would be a reset, which can overtake what was sent.
    let gone = async { while wire.frame().await.is_ok() {} };
    let _ = tokio::time::timeout(FAREWELL, gone).await;
    Ok(wire.to.shutdown().await?)
}

async fn to(wire: &mut Wire, stream: Option<&u32>, bytes: &[u8]) -> Result<()> {
    match stream {
        Some(stream) => wire.send(&Writer::data(*stream, 0, bytes)).await,
        None => Ok(()),
    }
}

/// The program that is run; `attach` finds a shell.
pub(super) fn command(path: &str, query: &[(String, String)]) -> Vec<String> {
    if path.starts_with("/attach/") {
        return vec!["sh".to_owned()];
    }
    query.iter().filter(|(name, _)| name == "command").map(|(_, word)| word.clone()).collect()
}

/// `port-forward`: what comes to a port goes back with the port's number before it.
async fn echo(mut wire: Wire) -> Result<()> {
    let mut data: HashMap<u32, String> = HashMap::new();
    loop {
        match wire.frame().await? {
            Frame::SynStream(stream, headers) => {
                let value = |headers: &Headers, name: &str| headers.get(name).cloned().unwrap_or_default();
                if value(&headers, "streamtype") == "data" {
                    data.insert(stream, value(&headers, "port"));
                }
                wire.opened(stream).await?;
            }
            Frame::Data(stream, bytes, last) => {
                if let Some(port) = data.get(&stream) {
                    let answer = if bytes.is_empty() { Vec::new() } else { [format!("{port}: ").as_bytes(), &bytes].concat() };
                    wire.send(&Writer::data(stream, u8::from(last) * FIN, &answer)).await?;
                } else if last {
                    wire.send(&Writer::data(stream, FIN, &[])).await?;
                }
            }
            Frame::Ping(id) => wire.pong(id).await?,
            Frame::Other(_) => {}
        }
    }
}
