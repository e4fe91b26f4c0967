//! Clients that say a byte now and then, to hold on to what others need.

use std::{net::SocketAddr, sync::Arc};

use mc_testkit::{RawAgent, Server, program::LIMIT, server::Setup};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, ServerName, pem::PemObject};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::support::{Engine, World, eventually};

/// A TLS connection to one of a server's ports.
async fn dial(server: &Server, address: SocketAddr, name: &'static str, alpn: &[u8]) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(server.ca_file()).expect("an authority")).expect("a certificate");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("versions");
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![alpn.to_vec()];
    let tcp = TcpStream::connect(address).await.expect("it listens");
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(name).expect("a name"), tcp).await.expect("TLS")
}

fn people(server: &Server) -> SocketAddr {
    server.url().replace("https://localhost", "127.0.0.1").parse().expect("an address")
}

fn hasty(setup: Setup) -> Setup {
    setup.variable("MC_HTTP__BODY_WITHIN", "1s").variable("MC_AGENTS__KNOWN_WITHIN", "1s")
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let world = World::with(Engine::Sqlite, hasty).await;
    let token = world.admin.token.clone().expect("a token");
    for (path, more) in [("/api/v1/auth/login", String::new()), ("/api/v1/join-tokens", format!("authorization: Bearer {token}\r\n"))] {
        let mut stream = dial(&world.server, people(&world.server), "localhost", b"http/1.1").await;
        let head =
            format!("POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n{more}\r\n{{");
        stream.write_all(head.as_bytes()).await.expect("sent");
        let mut answer = Vec::new();
        let read = timeout(LIMIT, stream.read_to_end(&mut answer)).await.expect("an end in time");
        let text = String::from_utf8_lossy(&answer);
        assert!(text.starts_with("HTTP/1.1 408") && text.contains("too_slow"), "{path}: {read:?} {text}");
    }
    // Those who are quick are not held up, and a body that is there at once is whole.
    assert_eq!(world.admin.post("/api/v1/join-tokens", &json!({})).await.status, 201);
}

#[tokio::test]
async fn a_connection_over_which_no_agent_calls_is_closed() {
    let world = World::with(Engine::Sqlite, hasty).await;
    let agent = world.agent("real").await;
    let (mut link, _) = agent.connect().await.expect("it connects");
    let preface: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    // One that says nothing at all after its handshake, and one that speaks HTTP/2 and opens no stream.
    for said in [&b""[..], preface] {
        let mut stream = dial(&world.server, world.server.agent_address(), mc_wire::SERVER_NAME, b"h2").await;
        stream.write_all(said).await.expect("sent");
        let mut answer = Vec::new();
        // Ended in order or cut: but ended.
        let ended = timeout(LIMIT, stream.read_to_end(&mut answer)).await;
        assert!(ended.is_ok(), "{} bytes said, {} heard, and it is still open", said.len(), answer.len());
    }
    // The agent that was there first has been longer than that, and stays.
    link.beat(1).await.expect("its stream is open");
    let nobody = RawAgent { credential: mc_testkit::raw_agent::RawCredential::Nothing, ..agent.clone() };
    assert!(nobody.open().await.is_err());
    link.beat(2).await.expect("and goes on");
}

#[tokio::test]
async fn plain_http_is_sent_to_the_public_address_only() {
    let mut world = World::with(Engine::Sqlite, |setup| {
        setup.argument("--http-redirect=127.0.0.1:0").variable("MC_HTTP__PUBLIC_URL", "https://mission.example.com")
    })
    .await;
    let program = world.server.program().expect("it runs");
    let address: SocketAddr = program
        .find(|line| line.strip_prefix("sending plain HTTP on ")?.strip_suffix(" to HTTPS")?.parse().ok())
        .await
        .expect("an address");
    let ask = |request: &'static str| async move {
        let mut stream = TcpStream::connect(address).await.expect("it listens");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        timeout(LIMIT, stream.read_to_string(&mut answer)).await.expect("in time").expect("text");
        answer.to_lowercase()
    };
    let there = ask("GET /agents?q=1 HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\n\r\n").await;
    assert!(there.starts_with("http/1.1 308") && there.contains("location: https://mission.example.com/agents?q=1\r\n"), "{there}");
    assert!(!there.contains("evil"), "{there}");
    let refused = ask("POST /api/v1/auth/login HTTP/1.1\r\nHost: mission.example.com\r\nContent-Length: 2\r\n\r\n{}").await;
    assert!(refused.starts_with("http/1.1 403") && !refused.contains("location"), "{refused}");
    // One that never finishes its request does not keep others from theirs.
    let mut slow = TcpStream::connect(address).await.expect("it listens");
    slow.write_all(b"GET / HT").await.expect("sent");
    assert!(ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.contains("location: https://mission.example.com/\r\n"));
    let mut rest = Vec::new();
    let ended = timeout(LIMIT, slow.read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "it is closed in the end");
    eventually("the server to be well", async || (world.stranger().get("/health").await.status == 200).then_some(())).await;
}
