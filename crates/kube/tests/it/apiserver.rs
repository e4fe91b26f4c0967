//! What is derived from a request is what a real API server derives from it: it is asked by its own audit trail.

use std::collections::HashMap;

use anyhow::{Context as _, Result, ensure};
use mc_kube::request::{Attributes, Request};
use mc_testkit::{KubePeer, kube::Credential};
use proptest::{
    strategy::{Strategy as _, ValueTree as _},
    test_runner::TestRunner,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

use crate::{
    cases::cases,
    generated::request,
    requests::{read, told},
};

/// As many requests are generated.
const GENERATED: usize = 6_000;
/// As many go over one connection.
const BATCH: usize = 250;

/// A request as it is written to the server, and what must be found of it.
struct Sent {
    id: String,
    line: String,
    /// The target in the trail; `None` when it is not the canonical one that was sent.
    uri: Option<String>,
    request: Request,
    came_as: String,
}

/// Whether a target can stand in a request line as it is.
fn fits_a_line(target: &str) -> bool {
    target.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}#".contains(&byte))
}

fn prepared(method: &str, target: &str, sent: &mut Vec<Sent>) {
    let Ok(request) = read(method, target) else { return };
    let came_as = format!("{method} {target}");
    let mut add = |target: &str, uri: Option<String>| {
        let id = format!("request-{}", sent.len());
        sent.push(Sent { id, line: format!("{method} {target} HTTP/1.1"), uri, request: request.clone(), came_as: came_as.clone() });
    };
    add(request.target(), Some(request.target().to_owned()));
    // As it came, too: what was read is also what the server would have read of it.
    if target != request.target() && fits_a_line(target) {
        add(target, None);
    }
}

/// Sends requests one behind the other over one connection and reads until the server closes it.
async fn send(peer: &KubePeer, who: &Credential, batch: &[Sent]) -> Result<()> {
    let tls = TlsConnector::from(std::sync::Arc::new(who.tls(&["http/1.1"])?));
    let stream = TcpStream::connect(("127.0.0.1", peer.port())).await?;
    let stream = tls.connect(rustls_pki_types::ServerName::try_from("localhost")?, stream).await?;
    let (mut from, mut to) = tokio::io::split(stream);
    let mut text = String::new();
    for (number, sent) in batch.iter().enumerate() {
        let last = if number + 1 == batch.len() { "Connection: close\r\n" } else { "" };
        text += &format!("{}\r\nHost: localhost\r\nAudit-ID: {}\r\nContent-Length: 0\r\n{last}\r\n", sent.line, sent.id);
    }
    let writing = async move {
        to.write_all(text.as_bytes()).await?;
        to.flush().await?;
        anyhow::Ok(to)
    };
    let mut answers = Vec::new();
    let reading = async {
        // A server may close without the farewell of TLS.
        match from.read_to_end(&mut answers).await {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(()),
            Err(error) => Err(error.into()),
        }
    };
    let (written, read) = tokio::join!(writing, reading);
    written?;
    read
}

/// What the trail should say.
fn expected(request: &Request) -> (String, Value) {
    match request.attributes() {
        Attributes::Other { verb, .. } => ((*verb).to_owned(), Value::Null),
        Attributes::Resource(asked) => {
            let parts = [
                ("apiGroup", &asked.api_group),
                ("apiVersion", &asked.api_version),
                ("namespace", &asked.namespace),
                ("resource", &asked.resource),
                ("subresource", &asked.subresource),
                ("name", &asked.name),
            ];
            let parts = parts.into_iter().filter(|(_, value)| !value.is_empty());
            (asked.verb.to_owned(), parts.map(|(name, value)| (name.to_owned(), json!(value))).collect())
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_gate_sees_is_what_the_server_sees() {
    let peer = KubePeer::start().await.unwrap();
    // Somebody who may nothing: the trail is written before the answer, which is a refusal.
    let nobody = peer.authority().credential("nobody", None).unwrap();
    let mut sent = Vec::new();
    for (method, target, _) in cases() {
        prepared(method, target, &mut sent);
    }
    let from_table = sent.len();
    assert!(from_table > 100, "{from_table}");
    let mut runner = TestRunner::default();
    let strategy = request();
    for _ in 0..GENERATED {
        let (method, target) = strategy.new_tree(&mut runner).unwrap().current();
        prepared(method, &target, &mut sent);
    }
    // Most of what is generated must be worth sending, else this proves little.
    assert!(sent.len() > GENERATED, "only {} of {GENERATED} were sent", sent.len());
    for batch in sent.chunks(BATCH) {
        send(&peer, &nobody, batch).await.unwrap();
    }
    let events = peer.audit_events().unwrap();
    let received = |event: &&Value| event.pointer("/stage") == Some(&json!("RequestReceived"));
    let id = |event: &Value| event.pointer("/auditID").and_then(Value::as_str).map(str::to_owned);
    let events: HashMap<String, &Value> = events.iter().filter(received).filter_map(|event| Some((id(event)?, event))).collect();
    let wrong: Vec<String> =
        sent.iter().filter_map(|sent| difference(sent, events.get(&sent.id).copied()).err()).map(|e| e.to_string()).collect();
    assert!(
        wrong.is_empty(),
        "{} of {} differ, the first:\n{}",
        wrong.len(),
        sent.len(),
        wrong.iter().take(20).cloned().collect::<Vec<_>>().join("\n")
    );
    println!("{} requests compared", sent.len());
}

fn difference(sent: &Sent, event: Option<&Value>) -> Result<()> {
    let event = event.with_context(|| format!("{} ({}) is not in the trail", sent.came_as, sent.line))?;
    let (verb, object) = expected(&sent.request);
    let found = |name: &str| event.get(name).cloned().unwrap_or_default();
    ensure!(
        found("verb") == json!(verb) && found("objectRef") == object,
        "{} ({}): derived {}, the server saw {} {}",
        sent.came_as,
        sent.line,
        told(&sent.request),
        found("verb"),
        found("objectRef")
    );
    if let Some(uri) = &sent.uri {
        ensure!(found("requestURI") == json!(uri), "{}: sent {uri}, the server saw {}", sent.came_as, found("requestURI"));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_only_impersonate_is_whom_it_names() {
    let peer = KubePeer::start().await.unwrap();
    let client = peer.impersonator().client().unwrap();
    let url = format!("{}/api/v1/nodes", peer.url());
    assert_eq!(client.get(&url).send().await.unwrap().status(), 403);
    let as_admin = client.get(&url).header("Impersonate-User", "ann").header("Impersonate-Group", "system:masters");
    let answer = as_admin.header("Audit-ID", "as-ann").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let nodes: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(nodes.pointer("/items/0/metadata/name"), Some(&json!(mc_testkit::kube::FAKE_NODE)));
    let ready = nodes.pointer("/items/0/status/conditions/0").unwrap();
    assert_eq!((ready["type"].as_str(), ready["status"].as_str()), (Some("Ready"), Some("True")));
    let done = |event: &Value| event["auditID"] == "as-ann" && event["stage"] == "ResponseComplete";
    let event = peer.audit_events().unwrap().into_iter().find(done).unwrap();
    assert_eq!(event["user"]["username"], peer.impersonator().name());
    assert_eq!(event["impersonatedUser"]["username"], "ann");
    // The node is there for the real client too.
    let config = peer.kubeconfig(&peer.url(), peer.admin()).unwrap();
    let output = peer.kubectl(&config).args(["get", "nodes", "--no-headers"]).output().await.unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("fake-node") && text.contains("Ready"), "{text}");
    let helm = tokio::process::Command::new(&peer.programs().helm).arg("version").env_clear().output().await.unwrap();
    assert!(helm.status.success());
}
