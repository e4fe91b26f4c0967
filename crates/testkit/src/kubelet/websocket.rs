//! `exec` and `attach` over WebSocket, from the kubelet's side.

use anyhow::{Context as _, Result, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures::{SinkExt as _, StreamExt as _};
use http::{Request, Response};
use hyper::{body::Incoming, upgrade::Upgraded};
use hyper_util::rt::TokioIo;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        handshake::derive_accept_key,
        protocol::{CloseFrame, Role, frame::coding::CloseCode},
    },
};

use super::{
    Body, Speaks,
    container::{self, Input, Pipes, Printed},
    query,
    spdy_session::{FAREWELL, command},
    switching,
};

/// The protocols, the best first.
const PROTOCOLS: [&str; 5] =
    ["v5.channel.k8s.io", "v4.channel.k8s.io", "v4.base64.channel.k8s.io", "channel.k8s.io", "base64.channel.k8s.io"];

/// Takes the connection over.
pub(super) fn begin(mut request: Request<Incoming>, speaks: Speaks) -> Result<Response<Body>> {
    ensure!(!request.uri().path().starts_with("/portForward/"), "unable to upgrade: ports are forwarded over SPDY/3.1 here");
    let value = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let key = value("sec-websocket-key").context("no key")?;
    let offered = value("sec-websocket-protocol").unwrap_or_default();
    let spoken = PROTOCOLS.into_iter().skip(usize::from(speaks == Speaks::Spdy));
    let chosen = spoken.into_iter().find(|known| offered.split(',').any(|offered| offered.trim() == *known));
    ensure!(chosen.is_some() || offered.is_empty(), "unable to upgrade: none of {offered} is spoken here");
    let chosen = chosen.unwrap_or_default();
    let (query, path) = (query(&request), request.uri().path().to_owned());
    let upgrading = hyper::upgrade::on(&mut request);
    let base64 = chosen.contains("base64");
    tokio::spawn(async move {
        let Ok(upgraded) = upgrading.await else { return };
        let socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, None).await;
        // A client that goes away ends it.
        let _ = session(socket, base64, &path, &query).await;
    });
    let accept = derive_accept_key(key.as_bytes());
    let mut headers = vec![("connection", "Upgrade"), ("upgrade", "websocket"), ("sec-websocket-accept", accept.as_str())];
    if !chosen.is_empty() {
        headers.push(("sec-websocket-protocol", chosen));
    }
    switching(&headers)
}

type Socket = WebSocketStream<TokioIo<Upgraded>>;

async fn session(mut socket: Socket, base64: bool, path: &str, query: &[(String, String)]) -> Result<()> {
    let tty = query.iter().any(|(name, value)| name == "tty" && matches!(value.as_str(), "1" | "true"));
    let Pipes { input, mut printed, ended } = container::run(command(path, query), tty);
    let mut input = Some(input);
    // An empty message says that the stream is there.
    send(&mut socket, base64, 1, &[]).await?;
    loop {
        tokio::select! {
            piece = printed.recv() => match piece {
                Some(Printed::Out(bytes)) => send(&mut socket, base64, 1, &bytes).await?,
                Some(Printed::Err(bytes)) => send(&mut socket, base64, 2, &bytes).await?,
                None => break,
            },
            message = socket.next() => {
                let bytes = match message.context("the client went")?? {
                    Message::Binary(bytes) => bytes,
                    Message::Text(text) => Bytes::copy_from_slice(text.as_bytes()),
                    Message::Close(_) => return Ok(()),
                    _ => continue,
                };
                match take(&bytes, base64)? {
                    Some((0, typed)) if !typed.is_empty() => {
                        if let Some(to) = &input {
                            let _ = to.send(Input::Typed(Bytes::from(typed))).await;
                        }
                    }
                    Some((4, size)) => {
                        if let (Some(to), Ok(size)) = (&input, serde_json::from_slice(&size)) {
                            let _ = to.send(Input::Size(size)).await;
                        }
                    }
                    Some((255, stream)) if stream == [0] => input = None,
                    _ => {}
                }
            }
        }
    }
    send(&mut socket, base64, 3, container::status(ended.await?).as_bytes()).await?;
    let normal = CloseFrame { code: CloseCode::Normal, reason: "".into() };
    socket.close(Some(normal)).await?;
    let gone = async { while socket.next().await.is_some() {} };
    let _ = tokio::time::timeout(FAREWELL, gone).await;
    Ok(())
}

async fn send(socket: &mut Socket, base64: bool, channel: u8, bytes: &[u8]) -> Result<()> {
    let message =
        if base64 { Message::text(format!("{channel}{}", STANDARD.encode(bytes))) } else { Message::binary([&[channel], bytes].concat()) };
    Ok(socket.send(message).await?)
}

fn take(bytes: &[u8], base64: bool) -> Result<Option<(u8, Vec<u8>)>> {
    let Some((channel, rest)) = bytes.split_first() else { return Ok(None) };
    if base64 {
        return Ok(Some((channel.wrapping_sub(b'0'), STANDARD.decode(rest)?)));
    }
    Ok(Some((*channel, rest.to_vec())))
}
