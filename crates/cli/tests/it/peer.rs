//! A server with one cluster whose kubectl does what these tests want of it: it breaks off, fails, or tells what reached it.

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use futures::{SinkExt as _, StreamExt as _};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose};
use rustls::pki_types::PrivateKeyDer;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    process::Command,
    task::JoinHandle,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, handshake::derive_accept_key, protocol::Role},
};

use crate::mc::Mc;

type Socket = WebSocketStream<TlsStream<TcpStream>>;

/// The server; ends when dropped.
pub(crate) struct Peer {
    mc: Mc,
    port: u16,
    ca_file: PathBuf,
    asked: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Peer {
    pub(crate) async fn start() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("key")).expect("CA");
        let key = KeyPair::generate().expect("key");
        let leaf = CertificateParams::new(vec!["localhost".into()]).expect("name").signed_by(&key, &ca).expect("leaf");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).expect("key"))
            .expect("config");
        let mc = Mc::new();
        let ca_file = mc.path("ca.pem");
        fs::write(&ca_file, ca.pem()).expect("written");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let port = listener.local_addr().expect("address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let task = tokio::spawn(serve(listener, TlsAcceptor::from(Arc::new(config)), Arc::clone(&asked)));
        Self { mc, port, ca_file, asked, task }
    }

    /// `mc` as a caller of this server, without a kubectl.
    pub(crate) fn command(&self) -> Command {
        let mut command = self.mc.command();
        command.env("MC_SERVER", format!("https://localhost:{}", self.port)).env("MC_CA_FILE", &self.ca_file).env("MC_TOKEN", "a-token");
        command.env("PATH", "/usr/bin:/bin").env("MC_CLUSTER", "dev");
        command
    }

    /// What was asked of the cluster's kubectl.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("lock").clone()
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, asked: Arc<Mutex<Vec<String>>>) {
    while let Ok((tcp, _)) = listener.accept().await {
        let (acceptor, asked) = (acceptor.clone(), Arc::clone(&asked));
        tokio::spawn(async move {
            let Ok(mut stream) = acceptor.accept(tcp).await else { return };
            let mut received = Vec::new();
            while !received.windows(4).any(|end| end == b"\r\n\r\n") {
                if !matches!(stream.read_buf(&mut received).await, Ok(1..)) {
                    return;
                }
            }
            let head = String::from_utf8_lossy(&received).into_owned();
            let header = |name: &str| {
                let found = head.lines().find_map(|line| line.split_once(':').filter(|(key, _)| key.eq_ignore_ascii_case(name)));
                found.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
            };
            let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
            assert_eq!(header("authorization"), "Bearer a-token");
            if let Some(query) = target.strip_prefix("/api/v1/clusters/dev/exec?") {
                asked.lock().expect("lock").push(query.to_owned());
                if query.contains("command=refused") {
                    let problem = json!({"code": "denied", "title": "Denied", "status": 403, "detail": "your role does not allow it", "request_id": "r"});
                    return answer(&mut stream, "403 Forbidden", &problem).await;
                }
                let accept = derive_accept_key(header("sec-websocket-key").as_bytes());
                let reply = format!(
                    "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: {accept}\r\n\r\n"
                );
                stream.write_all(reply.as_bytes()).await.expect("answered");
                let socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
                pretend(query, socket).await;
            } else {
                answer(&mut stream, "200 OK", &cluster()).await;
            }
        });
    }
}

async fn answer(stream: &mut TlsStream<TcpStream>, status: &str, body: &Value) {
    let body = body.to_string();
    let reply =
        format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
    let _ = stream.write_all(reply.as_bytes()).await;
    let _ = stream.shutdown().await;
}

fn cluster() -> Value {
    json!({
        "name": "dev", "status": "online", "workloads": [], "agent": {"id": "01a204d6-a0b4-7122-bd1e-c46e96398155", "name": "alpha"},
        "requests_per_minute": 0, "last_seen_at": "2026-11-22T00:00:00Z", "created_at": "2026-11-22T00:00:00Z",
    })
}

/// Does as a kubectl would that was told this.
async fn pretend(query: &str, mut socket: Socket) {
    let says = |channel: u8, text: &str| Message::Binary([&[channel], text.as_bytes()].concat().into());
    let verb = query.split('&').next().and_then(|first| first.strip_prefix("command=")).unwrap_or_default().to_owned();
    let all: Vec<Message> = match verb.as_str() {
        "get" => vec![says(1, "out\n"), says(2, "err\n"), says(3, r#"{"exit_code":3}"#)],
        "fails" => vec![says(1, "out\n"), says(3, r#"{"error":"the agent went away"}"#)],
        "breaks" => vec![says(1, "out\n")],
        "apply" => {
            let mut heard = Vec::new();
            while let Some(Ok(message)) = socket.next().await {
                match &message.into_data()[..] {
                    [255, 0] => break,
                    [0, data @ ..] => heard.extend_from_slice(data),
                    other => panic!("unexpected: {other:?}"),
                }
            }
            vec![says(1, &format!("{} bytes\n", heard.len())), says(3, r#"{"exit_code":0}"#)]
        }
        "exec" => return converse(&mut socket).await,
        other => panic!("nobody does {other}"),
    };
    for message in all {
        let _ = socket.send(message).await;
    }
    // Whoever listens closes; a connection that breaks off does not wait for that.
    if verb != "breaks" {
        while let Some(Ok(_)) = socket.next().await {}
    }
}

/// Tells whatever is typed, until it is a `q`.
async fn converse(socket: &mut Socket) {
    let mut tell = vec![b"\x01ready\r\n".to_vec()];
    loop {
        for message in tell.drain(..) {
            socket.send(Message::Binary(message.into())).await.expect("sent");
        }
        let Some(Ok(message)) = socket.next().await else { return };
        match &message.into_data()[..] {
            [0, typed @ ..] if typed.contains(&b'q') => {
                let _ = socket.send(Message::Binary(b"\x03{\"exit_code\":7}".to_vec().into())).await;
            }
            [0, typed @ ..] => tell.push(format!("\x01typed {typed:?}\r\n").into_bytes()),
            [4, size @ ..] => tell.push(format!("\x01size {}\r\n", String::from_utf8_lossy(size)).into_bytes()),
            _ => return,
        }
    }
}
