//! `GET /api/v1/clusters/{name}/exec`: the same kubectl over a WebSocket, with standard input, and a terminal if one is asked for.
//!
//! Binary messages, whose first byte is the channel, as Kubernetes' own `v5.channel` has them: 0 standard input, 1 standard output, 2 standard
//! error, 3 the end, 4 the terminal's size, 255 that another channel is closed.

use std::time::Duration;

use axum::{
    extract::{
        Path, State, WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket, rejection::WebSocketUpgradeRejection},
    },
    response::Response,
};
use bytes::{Bytes, BytesMut};
use futures::{
    SinkExt as _, StreamExt as _,
    stream::{SplitSink, SplitStream},
};
use mc_api::{
    exec::{ExecLine, TerminalSize},
    problem::Problem,
};
use mc_app::kube::exec::{ExecEnd, ExecWish};
use tokio::{
    sync::mpsc,
    time::{Instant, interval_at, timeout},
};

use super::{
    Http,
    caller::Caller,
    exec_run::{Said, Told, begin},
    problem::Refusal,
    query::Query,
};

/// The largest message taken.
const MESSAGE_MAX: usize = 256 * 1024;
/// How often a silent page is asked whether it lives.
const PING: Duration = Duration::from_secs(20);
/// How long a page may take to read one message.
const SEND_WITHIN: Duration = Duration::from_secs(30);
/// A terminal whose size nobody said.
const SIZE: (u16, u16) = (80, 24);
/// The WebSocket close code for an end in order.
const DONE: u16 = 1000;

/// The channels.
const STDIN: u8 = 0;
const STDOUT: u8 = 1;
const STDERR: u8 = 2;
const END: u8 = 3;
const RESIZE: u8 = 4;
const CLOSED: u8 = 255;

/// Run a kubectl beside the cluster, as the caller, over a WebSocket. Messages are binary; their first byte is the channel: 0 standard input, 1
/// standard output, 2 standard error, 3 the end as JSON (`{"exit_code":0}` or `{"error":"…"}`), 4 the terminal's size as JSON
/// (`{"Width":80,"Height":24}`), 255 and a channel's number: that channel is closed.
#[utoipa::path(get, path = "/api/v1/clusters/{name}/exec", tag = "clusters",
    params(("name" = String, Path), ("command" = Vec<String>, Query, description = "An argument; given once for each"),
        ("tty" = Option<bool>, Query, description = "Whether it gets a terminal"), ("cols" = Option<u16>, Query, description = "The terminal's columns"),
        ("rows" = Option<u16>, Query, description = "The terminal's rows")),
    responses((status = 101, description = "The connection is a WebSocket now"), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn cluster_exec_socket(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(name): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Refusal> {
    let wish = wish(pairs)?;
    // Whoever may not know the cluster is told that first, whatever they speak.
    let Ok(upgrade) = upgrade else {
        http.app().cluster_show(&ctx, &name)?;
        return Err(Refusal::invalid("this path speaks WebSocket only; to run a command without one, POST it here"));
    };
    let exec = http.app().cluster_exec(&ctx, &name, wish).await?;
    let (tell, said) = begin(http, exec);
    Ok(upgrade.max_message_size(MESSAGE_MAX).on_upgrade(move |socket| async move {
        let (write, read) = socket.split();
        tokio::select! {
            () = hear(read, tell) => {}
            () = say(write, said) => {}
        }
    }))
}

fn wish(pairs: Vec<(String, String)>) -> Result<ExecWish, Refusal> {
    let (mut command, mut terminal, mut size) = (Vec::new(), false, SIZE);
    let number = |text: &str| match text.parse::<u16>() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(Refusal::invalid("cols and rows are numbers from 1 to 65535")),
    };
    for (key, value) in pairs {
        match key.as_str() {
            "command" => command.push(value),
            "tty" => terminal = matches!(value.as_str(), "true" | "1"),
            "cols" => size.0 = number(&value)?,
            "rows" => size.1 = number(&value)?,
            _ => {}
        }
    }
    Ok(ExecWish { command, stdin: true, terminal: terminal.then_some(size) })
}

/// Passes on what the page says, until it is gone.
async fn hear(mut socket: SplitStream<WebSocket>, tell: mpsc::Sender<Told>) {
    while let Some(Ok(message)) = socket.next().await {
        let told = match message {
            Message::Binary(data) => told(data),
            Message::Close(_) => return,
            _ => None,
        };
        if let Some(told) = told
            && tell.send(told).await.is_err()
        {
            // It has ended; its last word is on its way.
            std::future::pending::<()>().await;
        }
    }
}

/// A message's meaning; none of what is not known.
fn told(mut data: Bytes) -> Option<Told> {
    let channel = *data.first()?;
    let rest = data.split_off(1);
    match channel {
        STDIN if rest.is_empty() => None,
        STDIN => Some(Told::Stdin(rest)),
        RESIZE => {
            let size: TerminalSize = serde_json::from_slice(&rest).ok()?;
            (size.width > 0 && size.height > 0).then_some(Told::Size(size.width, size.height))
        }
        CLOSED if rest.first() == Some(&STDIN) => Some(Told::End),
        _ => None,
    }
}

/// Passes on what the kubectl says, until its end or the page does not read any more.
async fn say(mut socket: SplitSink<WebSocket, Message>, mut said: mpsc::Receiver<Said>) {
    let mut ping = interval_at(Instant::now() + PING, PING);
    loop {
        let message = tokio::select! {
            next = said.recv() => match next {
                Some(Said::Stdout(data)) => on(STDOUT, &data),
                Some(Said::Stderr(data)) => on(STDERR, &data),
                Some(Said::End(end)) => {
                    let close = Message::Close(Some(CloseFrame { code: DONE, reason: "".into() }));
                    for message in [on(END, &ended(end)), close] {
                        // The page may be gone.
                        let _ = timeout(SEND_WITHIN, socket.send(message)).await;
                    }
                    return;
                }
                None => return,
            },
            _ = ping.tick() => Message::Ping(Bytes::new()),
        };
        if !matches!(timeout(SEND_WITHIN, socket.send(message)).await, Ok(Ok(()))) {
            return;
        }
    }
}

fn on(channel: u8, data: &[u8]) -> Message {
    let mut message = BytesMut::with_capacity(data.len() + 1);
    message.extend_from_slice(&[channel]);
    message.extend_from_slice(data);
    Message::Binary(message.freeze())
}

fn ended(end: ExecEnd) -> Vec<u8> {
    let line = match end {
        ExecEnd::Exited(exit_code) => ExecLine::Ended { exit_code },
        ExecEnd::Cut(error) => ExecLine::Cut { error },
    };
    // A line of ours always serialises.
    serde_json::to_vec(&line).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_mean_what_kubernetes_says() {
        let told = |data: &'static [u8]| told(Bytes::from_static(data));
        assert!(matches!(told(b"\0abc"), Some(Told::Stdin(data)) if data == "abc"));
        assert!(matches!(told(b"\x04{\"Width\":91,\"Height\":37}"), Some(Told::Size(91, 37))));
        assert!(matches!(told(b"\xff\0"), Some(Told::End)));
        for nothing in [b"".as_slice(), b"\0", b"\x04{}", b"\x04{\"Width\":0,\"Height\":1}", b"\xff\x01", b"\xff", b"\x09x"] {
            assert!(told(nothing).is_none(), "{nothing:?}");
        }
    }

    #[test]
    fn a_command_is_asked_for_word_by_word() {
        let pairs =
            |text: &str| text.split('&').map(|pair| pair.split_once('=').map(|(k, v)| (k.to_owned(), v.to_owned())).unwrap()).collect();
        let one = wish(pairs("command=get&command=pods")).unwrap();
        assert_eq!((one.command, one.terminal), (vec!["get".to_owned(), "pods".to_owned()], None));
        assert_eq!(wish(pairs("command=x&tty=true&cols=91&rows=37")).unwrap().terminal, Some((91, 37)));
        assert_eq!(wish(pairs("command=x&tty=1")).unwrap().terminal, Some(SIZE));
        assert!(wish(pairs("command=x&cols=0")).is_err());
    }
}
