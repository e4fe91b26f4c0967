//! What a real kubectl says to a real API server, as it passes between them.

use std::{process::Stdio, sync::Arc};

use anyhow::{Context as _, Result};
use mc_kube::session::{Event, Flow, Outcome, Protocol, Session};
use mc_testkit::{KubePeer, kubelet::Speaks, program::LIMIT};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::{Mutex, mpsc},
};
use tokio_rustls::TlsConnector;

use crate::sessions::{Heard, Passed};

/// A connection that was taken over, once it has ended.
#[derive(Debug)]
struct Ended {
    heard: Heard,
    outcome: Outcome,
    upgrade: String,
}

/// A plain address in front of the API server, where the caller is the admin.
async fn between(peer: &KubePeer) -> Result<(String, mpsc::UnboundedReceiver<Result<Ended>>)> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let tls = TlsConnector::from(Arc::new(peer.admin().tls(&["http/1.1"])?));
    let (port, (told, ended)) = (peer.port(), mpsc::unbounded_channel());
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (tls, told) = (tls.clone(), told.clone());
            tokio::spawn(async move {
                if let Some(ended) = pass(client, tls, port).await.transpose() {
                    let _ = told.send(ended);
                }
            });
        }
    });
    Ok((url, ended))
}

/// A message's head.
async fn head(from: &mut (impl tokio::io::AsyncRead + Unpin)) -> Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(from.read_u8().await?);
    }
    Ok(String::from_utf8(head)?)
}

async fn pass(mut client: TcpStream, tls: TlsConnector, port: u16) -> Result<Option<Ended>> {
    let server = TcpStream::connect(("127.0.0.1", port)).await?;
    let mut server = tls.connect(rustls_pki_types::ServerName::try_from("localhost")?, server).await?;
    // Clients open connections that they then do not need.
    let Ok(asked) = head(&mut client).await else { return Ok(None) };
    server.write_all(asked.as_bytes()).await?;
    if !asked.to_ascii_lowercase().contains("\r\nupgrade:") {
        let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
        return Ok(None);
    }
    let answer = head(&mut server).await?;
    client.write_all(answer.as_bytes()).await?;
    if !answer.starts_with("HTTP/1.1 101") {
        let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
        return Ok(None);
    }
    let headers: Vec<(String, String)> = answer
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let protocol = Protocol::of(headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())))?;
    let upgrade = headers.iter().find(|(name, _)| name == "upgrade").context("no upgrade")?.1.clone();
    let both = Mutex::new((Session::new(protocol), Heard::default()));
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) = (client.split(), tokio::io::split(server));
    let up = async {
        let mut piece = vec![0; 777];
        loop {
            let read = from_client.read(&mut piece).await?;
            let (session, heard) = &mut *both.lock().await;
            session.up(&piece[..read], &mut |event: Event<'_>| heard.take(event))?;
            match read {
                0 => to_server.shutdown().await?,
                read => to_server.write_all(&piece[..read]).await?,
            }
            if read == 0 {
                return anyhow::Ok(());
            }
        }
    };
    let down = async {
        let mut piece = vec![0; 777];
        loop {
            // Either side may hang up.
            let read = from_server.read(&mut piece).await.unwrap_or(0);
            let (session, heard) = &mut *both.lock().await;
            session.down(&piece[..read], &mut |event: Event<'_>| heard.take(event))?;
            if read == 0 || to_client.write_all(&piece[..read]).await.is_err() {
                return anyhow::Ok(());
            }
        }
    };
    tokio::select! {
        ended = down => ended?,
        // A client that hangs up with a reset is gone like any other.
        Err(error) = up => if !error.is::<std::io::Error>() { return Err(error) },
    }
    let (session, heard) = both.into_inner();
    Ok(Some(Ended { heard, outcome: session.outcome(), upgrade }))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_kubectl_does_in_a_container_is_told() {
    let peer = KubePeer::start().await.unwrap();
    let (url, mut ended) = between(&peer).await.unwrap();
    let config = peer.kubeconfig(&url, peer.admin()).unwrap();
    for (pod, speaks, upgrade) in [("old", Speaks::Spdy, "SPDY/3.1"), ("new", Speaks::WebSocket, "websocket")] {
        let kubelet = peer.add_pod("app", pod, speaks).await.unwrap();
        let mut kubectl = async |words: &[&str], typed: &str| {
            let mut command = peer.kubectl(&config);
            let mut child = command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            child.stdin.take().unwrap().write_all(typed.as_bytes()).await.unwrap();
            let output = tokio::time::timeout(LIMIT, child.wait_with_output()).await.unwrap().unwrap();
            let (out, err) = (String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned());
            let passed = tokio::time::timeout(LIMIT, ended.recv()).await.unwrap_or_else(|_| panic!("{words:?}: {out} {err}")).unwrap();
            let passed = passed.unwrap_or_else(|error| panic!("{words:?}: {error:#}: {out} {err}"));
            assert_eq!(passed.upgrade.to_lowercase(), upgrade.to_lowercase(), "{words:?}: {:?}", kubelet.asked());
            assert_eq!(passed.heard.all(Flow::Stdout), out, "{words:?}: {err}");
            (passed, output.status.code().unwrap(), out, err)
        };
        let exec = |words: &[&'static str]| [&["exec", "-n", "app", pod, "-c", "c"], words].concat();

        let (passed, code, out, err) = kubectl(&exec(&["--", "echo", "hello", "there"]), "").await;
        assert_eq!((passed.outcome.exit_code, code, out.as_str()), (Some(0), 0, "hello there\n"), "{err}");

        let (passed, code, out, err) = kubectl(&exec(&["--", "no-such-program"]), "").await;
        assert_eq!((passed.outcome.exit_code, code, out.as_str()), (Some(127), 127, ""), "{err}");
        assert_eq!(passed.heard.all(Flow::Stderr), "no-such-program: not found\n");
        assert!(err.contains("no-such-program: not found"), "{err}");

        let much = "a line that is typed\n".repeat(20_000);
        let (passed, code, out, _) = kubectl(&exec(&["-i", "--", "cat"]), &much).await;
        assert_eq!((passed.outcome.exit_code, code), (Some(0), 0));
        assert!(out == much && passed.heard.all(Flow::Stdin) == much);

        let (passed, code, out, err) = kubectl(&["attach", "-i", "-n", "app", pod, "-c", "c"], "echo here\nexit 5\n").await;
        assert_eq!((passed.outcome.exit_code, code, out.as_str()), (Some(5), 5, "here\n"), "{err}");
        assert!(passed.heard.0.iter().all(|passed| matches!(passed, Passed::Data(..))), "no terminal has no size");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_and_ports_work_as_with_a_real_node() {
    let peer = KubePeer::start().await.unwrap();
    let config = peer.kubeconfig(&peer.url(), peer.admin()).unwrap();
    let _kubelet = peer.add_pod("app", "web", Speaks::WebSocket).await.unwrap();
    let logs = peer.kubectl(&config).args(["logs", "-n", "app", "web", "--tail", "2"]).output().await.unwrap();
    assert_eq!(String::from_utf8_lossy(&logs.stdout), "app/web/c line 2\napp/web/c line 3\n", "{}", String::from_utf8_lossy(&logs.stderr));

    let mut command = peer.kubectl(&config);
    let mut child = command.args(["port-forward", "-n", "app", "web", ":8080"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    let mut stdout = child.stdout.take().unwrap();
    let port: u16 = tokio::time::timeout(LIMIT, async {
        loop {
            said.push(char::from(stdout.read_u8().await.unwrap()));
            if let Some(port) = said.strip_prefix("Forwarding from 127.0.0.1:").and_then(|rest| rest.strip_suffix(" -> 8080\n")) {
                return port.parse().unwrap();
            }
        }
    })
    .await
    .unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(b"knock").await.unwrap();
    let mut answer = [0; 11];
    tokio::time::timeout(LIMIT, stream.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(&answer, b"8080: knock");
    child.kill().await.unwrap();
}
