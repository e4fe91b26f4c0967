//! A gateway that does what a test tells it: HTTP and WebSocket on one port, lock files, and a process that takes signals.
//!
//! Its frames and bodies are those captured from OpenClaw 2026.9.6.

use std::{
    fs,
    path::PathBuf,
    process::Stdio,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures::{SinkExt, StreamExt};
use mc_domain::{
    time::Time,
    workload::{Fact, FactState},
};
use mc_openclaw::{Gateway, GatewayConfig, Observation, Pace, process::Process};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines},
    net::{TcpListener, TcpStream},
    process::{Child, ChildStdout, Command},
    task::JoinHandle,
};
use tokio_tungstenite::{accept_async, tungstenite::Message};

/// The token the fake gateway wants.
pub(crate) const TOKEN: &str = "lab-token-0123456789abcdef";
const HELLO: &str = include_str!("../fixtures/hello-ok.json");
const HANDSHAKES: &str = include_str!("../fixtures/handshakes.json");

/// Says "up", then the name of every restart signal it gets. `$0` gives it a gateway's title; the argument is its open database.
const PROCESS: &str = r#"
    for my $name ("USR1", "USR2") { $SIG{$name} = sub { syswrite(STDOUT, "$name\n") }; }
    open(my $database, "<", $ARGV[0]) or die; $0 = "openclaw-gateway"; syswrite(STDOUT, "up\n"); sleep 60 while 1;
"#;

/// How the port answers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Mode {
    Ready,
    Starting,
    Draining,
    /// Draining, and the hello says that it is suspended.
    Suspended,
    Failing(&'static str),
    /// 200 and a page for everything.
    Html,
    /// Accepts connections and says nothing.
    Silent,
    /// Ready, but its WebSocket refuses for now.
    Unavailable,
    /// Ready, but its WebSocket sends this instead of a challenge.
    Noise(Message),
}

pub(crate) fn at(secs: i64) -> Time {
    Time::from_micros((2_000_000_000 + secs) * 1_000_000)
}

/// The usual patience, for the tests run on busy machines; only the looks follow each other faster.
pub(crate) fn pace() -> Pace {
    Pace { poll: Duration::from_millis(20), ..Pace::default() }
}

#[derive(Debug)]
struct Shared {
    mode: Mutex<Mode>,
    boot_id: Mutex<String>,
    hellos: AtomicUsize,
}

pub(crate) struct Fake {
    dir: TempDir,
    port: u16,
    shared: Arc<Shared>,
    server: Option<JoinHandle<()>>,
    process: Option<(Child, Lines<BufReader<ChildStdout>>)>,
}

impl Fake {
    /// A gateway that is up and ready.
    pub(crate) async fn ready() -> Self {
        let mut fake = Self::stopped().await;
        fake.spawn().await;
        fake.lock("boot-1");
        fake.open(Mode::Ready).await;
        fake
    }

    /// A configured gateway without process, lock or open port.
    pub(crate) async fn stopped() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("state")).unwrap();
        fs::write(dir.path().join("state/openclaw.sqlite"), "").unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let shared = Shared { mode: Mutex::new(Mode::Ready), boot_id: Mutex::new("boot-0".into()), hellos: AtomicUsize::new(0) };
        let fake = Self { dir, port, shared: Arc::new(shared), server: None, process: None };
        fake.configure(TOKEN);
        fake
    }

    pub(crate) fn gateway(&self) -> Gateway {
        self.gateway_at(pace())
    }

    pub(crate) fn gateway_at(&self, pace: Pace) -> Gateway {
        Gateway::new(GatewayConfig { state_dir: self.dir.path().into(), config_path: None }).with_pace(pace)
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn log_file(&self) -> PathBuf {
        self.dir.path().join("gateway.log")
    }

    pub(crate) fn configure(&self, token: &str) {
        self.write_config(
            &json!({"gateway": {"port": self.port, "auth": {"mode": "token", "token": token}}, "logging": {"file": self.log_file()}})
                .to_string(),
        );
    }

    pub(crate) fn write_config(&self, text: &str) {
        fs::write(self.dir.path().join("openclaw.json"), text).unwrap();
    }

    /// Starts the process; it takes signals when this returns.
    pub(crate) async fn spawn(&mut self) -> u32 {
        let mut command = Command::new("perl");
        command.arg("-e").arg(PROCESS).arg(self.dir.path().join("state/openclaw.sqlite"));
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert_eq!(lines.next_line().await.unwrap().as_deref(), Some("up"));
        let pid = child.id().unwrap();
        self.process = Some((child, lines));
        pid
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.as_ref().unwrap().0.id().unwrap()
    }

    /// The next signal the process gets.
    pub(crate) async fn signal(&mut self) -> String {
        self.process.as_mut().unwrap().1.next_line().await.unwrap().expect("the process ended")
    }

    /// Kills the process and waits until it is gone. Its lock stays.
    pub(crate) async fn end(&mut self) {
        let (mut child, _) = self.process.take().unwrap();
        child.kill().await.unwrap();
    }

    /// Waits until somebody else has killed the process.
    pub(crate) async fn ended(&mut self) {
        let (mut child, _) = self.process.take().unwrap();
        child.wait().await.unwrap();
    }

    /// Takes the lock for a boot.
    pub(crate) fn lock(&self, boot: &str) {
        let process = Process::by_pid(self.pid()).unwrap();
        let lock = json!({"pid": process.pid, "ownerId": boot, "createdAt": "2026-11-22T06:50:24.946Z", "port": self.port,
            "configPath": "/srv/gw/openclaw.json", "startTime": process.started});
        let folder = self.dir.path().join("tmp/openclaw-0");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("gateway.state.lock"), format!("{lock:#}\n{}", "\t ".repeat(125))).unwrap();
        *self.shared.boot_id.lock().unwrap() = boot.to_owned();
    }

    pub(crate) fn unlock(&self) {
        fs::remove_file(self.dir.path().join("tmp/openclaw-0/gateway.state.lock")).unwrap();
    }

    /// Opens the port, or changes how it answers.
    pub(crate) async fn open(&mut self, mode: Mode) {
        *self.shared.mode.lock().unwrap() = mode;
        if self.server.is_none() {
            let (listener, shared) = (TcpListener::bind(("127.0.0.1", self.port)).await.unwrap(), Arc::clone(&self.shared));
            self.server = Some(tokio::spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(answer(stream, Arc::clone(&shared)));
                }
            }));
        }
    }

    /// Closes the port.
    pub(crate) async fn close(&mut self) {
        if let Some(server) = self.server.take() {
            server.abort();
            assert!(server.await.unwrap_err().is_cancelled());
        }
    }

    /// How many clients connected by WebSocket so far.
    pub(crate) fn hellos(&self) -> usize {
        self.shared.hellos.load(Ordering::SeqCst)
    }
}

/// Answers one connection: a WebSocket when the request asks for one, else HTTP. An ended connection ends the exchange.
async fn answer(stream: TcpStream, shared: Arc<Shared>) {
    let mode = shared.mode.lock().unwrap().clone();
    let mut head = vec![0; 2048];
    if mode == Mode::Silent {
        // Waits until the client gives up.
        let mut stream = stream;
        while stream.read(&mut head).await.is_ok_and(|count| count > 0) {}
        return;
    }
    let Ok(count) = stream.peek(&mut head).await else { return };
    let head = String::from_utf8_lossy(&head[..count]).to_lowercase();
    if mode != Mode::Html && head.contains("upgrade: websocket") {
        shared.hellos.fetch_add(1, Ordering::SeqCst);
        let _ended = talk(stream, &shared, mode).await;
    } else if !head.is_empty() {
        let _ended = page(stream, &head, &mode).await;
    }
}

async fn page(mut stream: TcpStream, head: &str, mode: &Mode) -> std::io::Result<()> {
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let (status, kind, body) = match (path.as_str(), body(&path, mode)) {
        (_, Some(body)) => (if body["ok"] == false || body["ready"] == false { 503 } else { 200 }, "application/json", body.to_string()),
        _ => (200, "text/html", "<!doctype html><title>OpenClaw</title>".to_owned()),
    };
    // What was peeked at is taken off the socket, so that closing it does not reset the connection.
    stream.read_exact(&mut vec![0; head.len()]).await?;
    let length = body.len();
    stream
        .write_all(
            format!("HTTP/1.1 {status} x\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
                .as_bytes(),
        )
        .await?;
    stream.shutdown().await
}

fn body(path: &str, mode: &Mode) -> Option<Value> {
    let (ready, startup) = match mode {
        Mode::Html | Mode::Silent => return None,
        Mode::Starting => (json!(["startup-sidecars"]), "starting"),
        Mode::Draining | Mode::Suspended => (json!(["gateway-draining"]), "draining"),
        Mode::Failing(what) => (json!([what]), "started"),
        Mode::Ready | Mode::Unavailable | Mode::Noise(_) => (json!([]), "started"),
    };
    match path {
        "/readyz" => Some(json!({"ready": ready == json!([]), "failing": ready, "uptimeMs": 6165, "eventLoop": {"degraded": false}})),
        "/startupz" => Some(json!({"ok": startup == "started", "status": startup, "version": "2026.9.6", "uptimeMs": 6108})),
        _ => None,
    }
}

async fn talk(stream: TcpStream, shared: &Shared, mode: Mode) -> Result<(), tokio_tungstenite::tungstenite::Error> {
    let mut socket = accept_async(stream).await?;
    if let Mode::Noise(noise) = mode {
        socket.send(noise).await?;
        return socket.close(None).await;
    }
    let nonce =
        json!({"type": "event", "event": "connect.challenge", "payload": {"nonce": "b36cecf4-54f9-4c0b-a237-1be937b33412", "ts": 1}});
    socket.send(Message::text(nonce.to_string())).await?;
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else { continue };
        let request: Value = serde_json::from_str(&text).unwrap();
        let mut answer = respond(&request, &mode, &shared.boot_id.lock().unwrap());
        answer["id"] = request["id"].clone();
        // Events may come between a request and its answer.
        socket.send(Message::text(json!({"type": "event", "event": "tick", "payload": {"ts": 1}, "seq": 1}).to_string())).await?;
        socket.send(Message::text(answer.to_string())).await?;
    }
    Ok(())
}

fn respond(request: &Value, mode: &Mode, boot_id: &str) -> Value {
    let refusal = |error: Value| json!({"type": "res", "ok": false, "error": error});
    match request["method"].as_str().unwrap() {
        "connect" if *mode == Mode::Unavailable => {
            refusal(json!({"code": "UNAVAILABLE", "message": "startup-sidecars", "retryable": true, "retryAfterMs": 500}))
        }
        "connect" if request["params"]["auth"]["token"] != TOKEN => {
            refusal(serde_json::from_str::<Value>(HANDSHAKES).unwrap()["wrong_token"]["error"].clone())
        }
        "connect" => {
            let mut hello: Value = serde_json::from_str(HELLO).unwrap();
            hello["payload"]["server"]["bootId"] = boot_id.into();
            hello["payload"]["snapshot"]["suspension"]["phase"] = if *mode == Mode::Suspended { "prepared" } else { "accepting" }.into();
            hello
        }
        "health" => json!({"type": "res", "ok": true, "payload": {"ok": true}}),
        other => refusal(json!({"code": "INVALID_REQUEST", "message": format!("unknown method: {other}")})),
    }
}

pub(crate) fn fact<'a>(seen: &'a Observation, name: &str) -> &'a Fact {
    seen.facts.iter().find(|fact| fact.name == name).unwrap()
}

/// The facts as `name state` pairs: what a test compares.
pub(crate) fn states(seen: &Observation) -> Vec<(&str, FactState)> {
    seen.facts.iter().map(|fact| (fact.name.as_str(), fact.state)).collect()
}
