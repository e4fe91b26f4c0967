//! Sessions into containers through the door: recorded, seen by whom they concern, and not there at all where they cannot be recorded.

use std::process::Stdio;

use mc_testkit::{Agent, KubePeer, Kubelet, kubelet::Speaks, program::LIMIT};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use crate::support::{Api, Engine, World, entries, eventually, on_both_engines, terminal::Terminal};

on_both_engines!(kubectl_is_recorded, what_cannot_be_stored_does_not_pass);

const V5: &str = "v5.channel.k8s.io";

/// A server, an agent beside an API server, and two pods: on an old node, and on a new one.
struct Fleet {
    world: World,
    _agent: Agent,
    peer: KubePeer,
    old: Kubelet,
    new: Kubelet,
}

impl Fleet {
    async fn start(engine: Engine, variables: &[(&str, &str)]) -> Self {
        let peer = KubePeer::start().await.unwrap();
        let groups = [("Group", "mission-control:admin"), ("Group", "mission-control:hands")];
        peer.bind("mission-control", "cluster-admin", &groups).await.unwrap();
        let old = peer.add_pod("app", "old", Speaks::Spdy).await.unwrap();
        let new = peer.add_pod("app", "new", Speaks::WebSocket).await.unwrap();
        let world = World::with(engine, |setup| variables.iter().fold(setup, |setup, (name, value)| setup.variable(*name, *value))).await;
        let everything = json!([{"effect": "allow", "actions": ["kube_request"], "kubernetes": {"clusters": ["dev"]}},
            {"effect": "allow", "actions": ["recording_list", "recording_show", "recording_cast"]}]);
        world.role_add("hands", everything).await;
        let kubeconfig = peer.kubeconfig(&peer.url(), peer.impersonator()).unwrap();
        let config = format!(
            "[kubernetes]\ncluster = \"dev\"\nkubeconfig = \"{}\"\n[allow]\nkubernetes = [\"read\", \"write\", \"connect\"]\n",
            kubeconfig.display()
        );
        let agent = Agent::start(&world.server, &world.server.login("admin").await.unwrap(), "beside-dev", &config).await.unwrap();
        let fleet = Self { world, _agent: agent, peer, old, new };
        fleet.world.admin.waits_for("/api/v1/clusters", |list| list["items"][0]["status"] == "online").await;
        let pod = fleet.world.admin.get(&format!("{DOOR}/api/v1/namespaces/app/pods/new")).await;
        assert_eq!(pod.status, 200, "{}", pod.text());
        fleet
    }

    /// kubectl at the door as this caller; its exit code, stdout and stderr.
    async fn kubectl(&self, caller: &Api, words: &[&str], typed: &str) -> (i32, String, String) {
        let authority = std::fs::read(self.world.server.ca_file()).unwrap();
        let config = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "dev",
            "clusters": [{"name": "dev", "cluster": {"server": format!("https://{}{DOOR}", caller.host), "certificate-authority-data": base64(&authority)}}],
            "users": [{"name": "me", "user": {"token": caller.token}}],
            "contexts": [{"name": "dev", "context": {"cluster": "dev", "user": "me"}}],
        });
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), config.to_string()).unwrap();
        let mut command = self.peer.kubectl(file.path());
        let mut child = command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(typed.as_bytes()).await.unwrap();
        let output = tokio::time::timeout(LIMIT, child.wait_with_output()).await.unwrap().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    }

    /// A session in the new pod, as a page opens it.
    async fn terminal(&self, caller: &Api, query: &str, protocols: &str) -> Result<Terminal, (u16, String)> {
        caller.terminal(&format!("{DOOR}/api/v1/namespaces/app/pods/new/exec?container=c&stdout=true&{query}"), protocols).await
    }

    /// The newest recording, once it has ended.
    async fn ended(&self, caller: &Api, count: usize) -> Value {
        eventually("the end of a recording", async || {
            let list = caller.get("/api/v1/recordings").await.json();
            let items: Vec<&Value> = entries(&list).collect();
            let newest = items.first().filter(|newest| items.len() == count && !newest["ended_at"].is_null());
            newest.map(|newest| (*newest).clone())
        })
        .await
    }
}

const DOOR: &str = "/k8s/clusters/dev";

fn base64(bytes: &[u8]) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    STANDARD.encode(bytes)
}

fn id(recording: &Value) -> String {
    recording["id"].as_str().unwrap().to_owned()
}

/// A cast: its head, and all that was printed; that every line is one.
fn cast(text: &str) -> (Value, String) {
    let mut lines = text.lines();
    let head: Value = serde_json::from_str(lines.next().expect("a head")).expect("JSON");
    let mut printed = String::new();
    let mut last = 0.0;
    for line in lines {
        let (at, code, text): (f64, String, String) = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert!(at >= last, "{line} comes after {last}");
        last = at;
        if code == "o" {
            printed += &text;
        }
    }
    (head, printed)
}

async fn cast_of(caller: &Api, recording: &Value) -> (Value, String) {
    let answer = caller.get(&format!("/api/v1/recordings/{}/cast", id(recording))).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/x-asciicast"), "{}", answer.text());
    cast(&answer.text())
}

async fn kubectl_is_recorded(engine: Engine) {
    let fleet = Fleet::start(engine, &[]).await;
    let (admin, hands) = (&fleet.world.admin, fleet.world.user("hands", "hands").await);
    let mut count = 0;
    for pod in ["old", "new"] {
        let exec = ["exec", "-n", "app", pod, "-c", "c", "-i", "--", "sh"];
        let (code, out, err) = fleet.kubectl(&hands, &exec, "echo seen\nerr oops\nnothing secret\nexit 3\n").await;
        assert_eq!((code, out.as_str()), (3, "seen\n"), "{err}");
        count += 1;
        let recording = fleet.ended(&hands, count).await;
        assert_eq!(recording["command"], json!(["sh"]), "{recording:#}");
        let parts = ["cluster", "namespace", "pod", "container", "user", "kind", "ending"].map(|part| recording[part].as_str().unwrap());
        assert_eq!(parts, ["dev", "app", pod, "c", "hands", "kubectl_exec", "closed"]);
        assert_eq!((&recording["exit_code"], &recording["tty"], &recording["truncated"]), (&json!(3), &json!(false), &json!(false)));
        let (head, printed) = cast_of(admin, &recording).await;
        assert_eq!((&head["version"], &head["width"], &head["height"]), (&json!(2), &json!(80), &json!(24)));
        assert!(printed.contains("seen\n") && printed.contains("oops\n") && printed.contains("nothing: not found"), "{printed}");
        assert!(!printed.contains("secret"), "what is typed is not recorded");

        let request = recording["request_id"].as_str().unwrap();
        let begun = fleet.world.audited("kube_request", |entry| entry["request_id"] == request && entry["result"] == "started").await;
        assert!(begun["detail"].as_str().unwrap().contains(&id(&recording)), "{begun}");
        let ended = fleet.world.audited("recording_end", |entry| entry["resource_id"] == id(&recording)).await;
        assert_eq!((&ended["request_id"], &ended["actor"], &ended["result"]), (&json!(request), &json!("hands"), &json!("ok")));
        let text = admin.get(&format!("/api/v1/recordings/{}/cast", id(&recording))).await.text();
        let digest = hex(&text);
        assert!(
            ended["detail"].as_str().unwrap().contains(&format!("exit code 3; {} bytes; sha256 {digest}", recording["bytes"])),
            "{ended}"
        );
        fleet.world.audited("recording_cast", |entry| entry["resource_id"] == id(&recording) && entry["actor"] == "admin").await;
    }
    assert!(fleet.old.asked().iter().any(|asked| asked.ends_with("SPDY/3.1")), "{:?}", fleet.old.asked());
    assert!(fleet.new.asked().iter().any(|asked| asked.ends_with("websocket")), "{:?}", fleet.new.asked());
    seen_by_whom_they_concern(&fleet, &hands).await;

    let (code, _, err) = fleet.kubectl(&hands, &["attach", "-n", "app", "new", "-c", "c", "-i"], "echo attached\nexit 0\n").await;
    assert_eq!(code, 0, "{err}");
    let recording = fleet.ended(&hands, count + 1).await;
    assert_eq!((&recording["command"], &recording["exit_code"]), (&json!([]), &json!(0)));
    assert_eq!(cast_of(&hands, &recording).await.1, "attached\n");
}

async fn seen_by_whom_they_concern(fleet: &Fleet, hands: &Api) {
    let other = fleet.world.user("other", "hands").await;
    let viewer = fleet.world.user("viewer", "viewer").await;
    let mine = hands.get("/api/v1/recordings?limit=1").await.json();
    assert_eq!(entries(&mine).count(), 1);
    let next = hands.get(&format!("/api/v1/recordings?limit=1&cursor={}", mine["next_cursor"].as_str().unwrap())).await.json();
    assert_eq!((entries(&next).count(), &next["next_cursor"]), (1, &Value::Null));
    let recording = mine["items"][0].clone();
    let paths = [format!("/api/v1/recordings/{}", id(&recording)), format!("/api/v1/recordings/{}/cast", id(&recording))];
    for path in &paths {
        for (who, status) in [(hands, 200), (&fleet.world.admin, 200), (&other, 404), (&viewer, 404), (&fleet.world.stranger(), 401)] {
            assert_eq!(who.get(path).await.status, status, "{path}");
        }
    }
    for (who, count) in [(&fleet.world.admin, 2), (&other, 0), (&viewer, 0)] {
        assert_eq!(entries(&who.get("/api/v1/recordings").await.json()).count(), count);
    }
    let of = async |query: &str| entries(&fleet.world.admin.get(&format!("/api/v1/recordings?{query}")).await.json()).count();
    assert_eq!((of("user=hands").await, of("user=admin").await, of("cluster=dev").await, of("cluster=prod").await), (2, 0, 2, 0));
    let admins = json!([{"effect": "allow", "actions": ["recording_*"]}]);
    fleet.world.role_add("auditors", admins).await;
    fleet.world.role_give("auditors", "viewer").await;
    assert_eq!(viewer.get(&paths[1]).await.status, 200, "who may see everybody's");
}

fn hex(text: &str) -> String {
    use sha2::{Digest as _, Sha256};
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_is_watched_while_it_goes_on() {
    let fleet = Fleet::start(Engine::Sqlite, &[("MC_RECORDINGS__STDIN", "true")]).await;
    let admin = &fleet.world.admin;
    let mut terminal = fleet.terminal(admin, "command=sh&tty=true&stdin=true", V5).await.unwrap();
    terminal.send(4, br#"{"Width":100,"Height":30}"#).await;
    terminal.prints("$ ").await;
    terminal.types("size\r").await;
    terminal.prints("100 30").await;
    let live = eventually("it is listed", async || entries(&admin.get("/api/v1/recordings").await.json()).next().cloned()).await;
    assert_eq!((&live["ended_at"], &live["tty"]), (&Value::Null, &json!(true)));

    let path = format!("/api/v1/recordings/{}/cast?follow=true", id(&live));
    let mut watched = admin.request("GET", &path).send().await.unwrap();
    let mut text = String::new();
    let mut until = async |text: &mut String, wanted: &str| {
        let reading = async {
            while !text.contains(wanted) {
                text.push_str(&String::from_utf8_lossy(
                    &watched.chunk().await.unwrap().unwrap_or_else(|| panic!("{wanted:?} is not in {text}")),
                ));
            }
        };
        tokio::time::timeout(LIMIT, Box::pin(reading)).await.unwrap();
    };
    until(&mut text, "100 30").await;
    terminal.send(4, br#"{"Width":120,"Height":40}"#).await;
    terminal.types("echo while you watch\r").await;
    until(&mut text, "while you watch\\n").await;
    terminal.types("exit 7\r").await;
    terminal.ends().await;
    assert!(terminal.status.contains("\"message\":\"7\""), "{}", terminal.status);
    let rest = tokio::time::timeout(LIMIT, watched.text()).await.unwrap().unwrap();
    let (head, printed) = cast(&(text.clone() + &rest));
    assert_eq!((&head["width"], &head["height"]), (&json!(100), &json!(30)));
    assert_eq!(printed, terminal.printed, "who watched saw the same");
    assert!(text.contains("\"r\",\"120x40\"") && text.contains("\"i\",\"echo while you watch\\r\""), "{text}");

    let recording = fleet.ended(admin, 1).await;
    assert_eq!((&recording["cols"], &recording["rows"], &recording["exit_code"]), (&json!(100), &json!(30), &json!(7)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_read_does_not_pass() {
    let fleet = Fleet::start(Engine::Sqlite, &[("MC_RECORDINGS__MAX_MIB", "1")]).await;
    let admin = &fleet.world.admin;
    let asked = fleet.new.asked().len();
    for (query, protocols) in [("command=sh", "v9.channel.k8s.io"), ("command=sh", "chat, superchat")] {
        let (status, text) = fleet.terminal(admin, query, protocols).await.err().expect("a refusal");
        assert!(status == 400 && text.contains("WebSocket protocol of Kubernetes"), "{status} {text}");
    }
    let plain = admin.post(&format!("{DOOR}/api/v1/namespaces/app/pods/new/exec?command=sh"), &json!({})).await;
    assert_eq!(plain.status, 400, "{}", plain.text());
    let run = admin.post(&format!("{DOOR}/api/v1/nodes/node-of-new/proxy/run/app/new/c?cmd=id"), &json!({})).await;
    assert!(run.status == 400 && run.text().contains("recorded"), "{}", run.text());
    assert_eq!(fleet.new.asked().len(), asked, "nothing of it reached the node: {:?}", fleet.new.asked());
    assert_eq!(entries(&admin.get("/api/v1/recordings").await.json()).count(), 0);

    // A node that refuses: no session, no recording.
    let refused = admin.terminal(&format!("{DOOR}/api/v1/namespaces/app/pods/old/exec?container=c&command=sh&stdin=true"), V5).await;
    assert!(refused.is_err_and(|(status, _)| status != 101));
    assert_eq!(entries(&admin.get("/api/v1/recordings").await.json()).count(), 0);

    let mut terminal = fleet.terminal(admin, "command=sh&stdin=true", V5).await.unwrap();
    terminal.types("echo before\n").await;
    terminal.prints("before\n").await;
    terminal.send(9, b"x").await;
    terminal.types("echo after\n").await;
    terminal.ends().await;
    assert_eq!(terminal.printed, "before\n");
    let recording = fleet.ended(admin, 1).await;
    assert_eq!(recording["ending"], "unreadable");
    assert_eq!(cast_of(admin, &recording).await.1, "before\n");
    let entry = fleet.world.audited("recording_end", |entry| entry["resource_id"] == id(&recording)).await;
    assert!(
        entry["result"] == "failed" && entry["detail"].as_str().unwrap().starts_with("what passes belongs to no known stream"),
        "{entry}"
    );

    // More than is kept of one passes all the same, and the recording says so.
    let (code, out, err) = fleet.kubectl(admin, &["exec", "-n", "app", "new", "--", "flood", "3000000"], "").await;
    assert_eq!((code, out.len()), (0, 3_000_000), "{err}");
    let recording = fleet.ended(admin, 2).await;
    assert_eq!((&recording["truncated"], &recording["bytes"], &recording["exit_code"]), (&json!(true), &json!(3_000_000), &json!(0)));
    let text = admin.get(&format!("/api/v1/recordings/{}/cast", id(&recording))).await.text();
    assert!((900_000..=1_049_000).contains(&text.len()), "{}", text.len());
    assert!(text.trim_end().ends_with("\"the recording is full: what follows is not recorded\"]"), "{}", &text[text.len() - 200..]);
    assert!(out.starts_with(&cast(&text).1));
}

async fn what_cannot_be_stored_does_not_pass(engine: Engine) {
    let mut fleet = Fleet::start(engine, &[]).await;
    let admin = fleet.world.admin.clone();
    let mut terminal = fleet.terminal(&admin, "command=sh&stdin=true", V5).await.unwrap();
    terminal.types("echo kept\n").await;
    terminal.prints("kept\n").await;
    if engine == Engine::Postgres {
        // The pieces' table goes away: the session ends, because it cannot be recorded.
        let gone = "ALTER TABLE telemetry.recording_part RENAME TO gone";
        fleet.world.db.execute(fleet.world.server.data_dir(), gone).await.unwrap();
        terminal.types("echo lost\n").await;
        terminal.ends().await;
        let recording = fleet.ended(&admin, 1).await;
        assert_eq!(recording["ending"], "not_stored");
        fleet.world.db.execute(fleet.world.server.data_dir(), "ALTER TABLE telemetry.gone RENAME TO recording_part").await.unwrap();
    } else {
        // The server is gone in the middle: what was stored stays, and that nobody saw the end is said.
        let live = id(&entries(&admin.get("/api/v1/recordings").await.json()).next().unwrap().clone());
        let path = format!("/api/v1/recordings/{live}/cast");
        eventually("a piece is stored", async || admin.get(&path).await.text().contains("kept").then_some(())).await;
        fleet.world.server.kill().await.unwrap();
        fleet.world.server.start_again().await.unwrap();
        let recording = fleet.ended(&admin, 1).await;
        assert_eq!((&recording["ending"], &recording["exit_code"]), (&json!("unknown"), &Value::Null));
        assert_eq!(cast_of(&admin, &recording).await.1, "kept\n");
    }
    // Without a place for its row a session does not begin.
    let asked = fleet.new.asked().len();
    fleet.world.db.execute(fleet.world.server.data_dir(), "ALTER TABLE recording RENAME TO gone").await.unwrap();
    let pod = format!("{DOOR}/api/v1/namespaces/app/pods/new");
    eventually("the cluster", async || (admin.get(&pod).await.status == 200).then_some(())).await;
    assert!(fleet.terminal(&admin, "command=sh", V5).await.is_err_and(|(status, _)| status >= 500));
    assert_eq!(fleet.new.asked().len(), asked, "{:?}", fleet.new.asked());
    fleet.world.db.execute(fleet.world.server.data_dir(), "ALTER TABLE gone RENAME TO recording").await.unwrap();

    // What is past its time goes with the next look, which a start makes.
    fleet.world.server.stop().await.unwrap();
    fleet.world.db.execute(fleet.world.server.data_dir(), "UPDATE recording SET ended_at = 1").await.unwrap();
    fleet.world.server.start_again().await.unwrap();
    fleet.world.audited("recording_retention", |entry| entry["detail"].as_str().is_some_and(|text| text.starts_with("1 recordings"))).await;
    assert_eq!(entries(&admin.get("/api/v1/recordings").await.json()).count(), 0);
}
