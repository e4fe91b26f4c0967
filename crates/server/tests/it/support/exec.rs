//! The WebSocket of a kubectl that the agent runs.

use futures::{SinkExt as _, StreamExt as _};
use mc_testkit::program::LIMIT;
use serde_json::Value;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Error as SocketError, Message};

use super::{Api, Socket, eventually};

/// Where kubectls of the cluster `dev` are asked for.
pub(crate) const EXEC: &str = "/api/v1/clusters/dev/exec";

/// A request's path with these arguments.
fn path(command: &[&str], more: &str) -> String {
    let words: Vec<String> = command.iter().map(|word| format!("command={word}")).collect();
    format!("{EXEC}?{}{more}", words.join("&"))
}

pub(crate) async fn open(who: &Api, command: &[&str], more: &str) -> Socket {
    who.socket(&path(command, more)).await.expect("a WebSocket")
}

/// The status of a WebSocket that is not opened.
pub(crate) async fn refused(who: &Api, command: &[&str]) -> u16 {
    match who.socket(&path(command, "")).await {
        Err(SocketError::Http(answer)) => answer.status().as_u16(),
        other => panic!("{:?}", other.map(|_| "opened")),
    }
}

pub(crate) async fn tell(socket: &mut Socket, channel: u8, data: &[u8]) {
    socket.send(Message::binary([&[channel], data].concat())).await.expect("sent");
}

/// The next message: its channel, and what it says.
pub(crate) async fn next(socket: &mut Socket) -> (u8, Vec<u8>) {
    loop {
        match timeout(LIMIT, socket.next()).await.expect("a message in time") {
            Some(Ok(Message::Binary(data))) => return (data[0], data[1..].to_vec()),
            Some(Ok(Message::Ping(_))) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// Reads until this was said.
pub(crate) async fn until(socket: &mut Socket, wanted: &str) {
    let mut said = String::new();
    while !said.contains(wanted) {
        let (channel, data) = next(socket).await;
        assert_eq!(channel, 1, "{said:?} and then {}", String::from_utf8_lossy(&data));
        said += &String::from_utf8_lossy(&data);
    }
}

/// Everything to the end: standard output, standard error, and how it ended.
pub(crate) async fn heard(socket: &mut Socket) -> (String, String, Value) {
    let (mut out, mut err) = (String::new(), String::new());
    loop {
        let (channel, data) = next(socket).await;
        match channel {
            1 => out += &String::from_utf8_lossy(&data),
            2 => err += &String::from_utf8_lossy(&data),
            3 => return (out, err, serde_json::from_slice(&data).expect("JSON")),
            other => panic!("channel {other}"),
        }
    }
}

/// Waits until nothing of the process group lives that is led by the process which said its number.
pub(crate) async fn gone(said: &str) {
    let group: i32 = said.trim().parse().unwrap_or_else(|_| panic!("no number: {said:?}"));
    let group = rustix::process::Pid::from_raw(group).expect("a number");
    eventually("the end of all it started", async || rustix::process::test_kill_process_group(group).is_err().then_some(())).await;
}
