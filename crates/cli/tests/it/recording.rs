//! `mc recordings`: a real kubectl in a container that is none, seen again.

use std::process::Stdio;

use mc_testkit::{Agent, KubePeer, Server, kubelet::Speaks, program::LIMIT};
use serde_json::json;
use tokio::io::AsyncWriteExt as _;

use crate::{mc::Mc, terminal::on_a_terminal};

/// A session of the admin's in the pod, through the door.
async fn session(server: &Server, peer: &KubePeer, token: &str, typed: &str) {
    let door = format!("{}/k8s/clusters/dev", server.url());
    let config = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "dev",
        "clusters": [{"name": "dev", "cluster": {"server": door, "certificate-authority": server.ca_file()}}],
        "users": [{"name": "me", "user": {"token": token}}],
        "contexts": [{"name": "dev", "context": {"cluster": "dev", "user": "me"}}],
    });
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), config.to_string()).expect("written");
    let running = async {
        // The agent tells of its cluster a moment after it is connected.
        loop {
            let mut command = peer.kubectl(file.path());
            command
                .args(["exec", "-n", "app", "web", "-i", "--", "sh"])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped());
            let mut child = command.spawn().expect("kubectl");
            child.stdin.take().expect("stdin").write_all(typed.as_bytes()).await.expect("typed");
            let output = child.wait_with_output().await.expect("it ends");
            if output.status.code() == Some(4) {
                return;
            }
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(said.contains("no such cluster") || said.contains("NotFound"), "{said}");
        }
    };
    tokio::time::timeout(LIMIT, running).await.expect("a session in time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_is_played_again() {
    let (server, peer) = (Server::start().await.expect("server"), KubePeer::start().await.expect("an API server"));
    let admin = server.admin().await.expect("admin");
    peer.bind("mission-control", "cluster-admin", &[("Group", "mission-control:admin")]).await.expect("a binding");
    let _kubelet = peer.add_pod("app", "web", Speaks::WebSocket).await.expect("a pod");
    let kubeconfig = peer.kubeconfig(&peer.url(), peer.impersonator()).expect("a kubeconfig");
    let config = format!(
        "[kubernetes]\ncluster = \"dev\"\nkubeconfig = \"{}\"\n[allow]\nkubernetes = [\"read\", \"write\", \"connect\"]\n",
        kubeconfig.display()
    );
    let _agent = Agent::start(&server, &admin, "beside-dev", &config).await.expect("an agent");
    let mc = Mc::admin(&server).await;
    let token = mc.json(&["tokens", "create", "kubectl", "--scope", "kube_request"]).await;
    let token = token["secret"].as_str().expect("a secret");
    session(&server, &peer, token, "echo in the \u{1b}]0;title\u{7}container\nexit 4\n").await;

    let listed = async {
        loop {
            let list = mc.json(&["recordings", "list", "--cluster", "dev", "--user", "admin"]).await;
            let first = list["items"][0].clone();
            if !first["ended_at"].is_null() {
                return first;
            }
        }
    };
    let recording = tokio::time::timeout(LIMIT, listed).await.expect("it ends");
    let id = recording["id"].as_str().expect("an id");
    mc.run(&["recordings", "list"]).await.exits(0).prints("app/web");
    mc.run(&["recordings", "list", "--cluster", "prod", "-o", "json"]).await.exits(0).prints("\"items\": []");
    let shown = mc.run(&["recordings", "show", &id[..18]]).await.exits(0);
    assert!(shown.out.contains("Exit code") && shown.out.contains('4') && shown.out.contains("sh"), "{}", shown.out);
    assert_eq!(mc.json(&["recording", "show", id]).await["exit_code"], 4);

    mc.run(&["recordings", "play", id]).await.exits(2).says("played in a terminal");
    let raw = mc.run(&["recordings", "play", id, "--raw"]).await.exits(0);
    assert_eq!(raw.out, "in the \u{1b}]0;title\u{7}container\n");
    let (code, played) = on_a_terminal(&mc, &format!("recordings play {id} --idle-limit 1s --speed 100"), "").await;
    assert!(code == 0 && played.contains("in the container") && !played.contains("title"), "{code} {played:?}");

    let file = mc.path("session.cast");
    let name = file.to_str().expect("text");
    mc.run(&["recordings", "download", id, "--file", name]).await.exits(0);
    let text = std::fs::read_to_string(&file).expect("written");
    assert!(text.starts_with("{") && text.contains("\"version\":2") && text.ends_with("container\\n\"]\n"), "{text}");
    mc.run(&["recordings", "show", "0197c3a1-6f2e-7c3d-9a51-2f0c6c1d7e13"]).await.exits(5);
}
