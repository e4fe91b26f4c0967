//! What goes wrong between a client and its API server, and what there is much of.

use std::time::Duration;

use futures::{Stream, StreamExt as _, stream};
use mc_testkit::{kubelet::Speaks, program::LIMIT};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::{Api, entries, eventually, kube::KubeWorld};

/// The lines of an answer as they come.
struct Lines {
    body: std::pin::Pin<Box<dyn Stream<Item = reqwest::Result<bytes::Bytes>> + Send>>,
    rest: Vec<u8>,
}

impl Lines {
    async fn open(who: &Api, path: &str) -> Self {
        let answer = who.request("GET", &KubeWorld::path(path)).timeout(Duration::from_secs(600)).send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "{path}");
        Self { body: Box::pin(answer.bytes_stream()), rest: Vec::new() }
    }

    /// The next event; `Err` says how the stream ended.
    async fn next(&mut self) -> Result<Value, String> {
        loop {
            if let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.rest.drain(..=end).collect();
                return Ok(serde_json::from_slice(&line).expect("JSON"));
            }
            match timeout(LIMIT, self.body.next()).await.expect("something in time") {
                Some(Ok(piece)) => self.rest.extend_from_slice(&piece),
                Some(Err(error)) => return Err(format!("broken: {error}")),
                None => return Err("whole".to_owned()),
            }
        }
    }

    /// Reads on until the stream ends; answers how.
    async fn ends(&mut self) -> String {
        loop {
            if let Err(how) = self.next().await {
                return how;
            }
        }
    }
}

fn name(event: &Value) -> &str {
    event.pointer("/object/metadata/name").and_then(Value::as_str).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_opened_ends_with_what_it_stood_on() {
    let mut kube = KubeWorld::start().await;
    kube.fill("app-one", &["web"]).await;
    let reads = json!({"clusters": ["dev"], "namespaces": ["app-*"], "verbs": ["get", "list", "watch"]});
    let ann = kube.user("ann", reads).await;
    let watch = "/api/v1/namespaces/app-one/pods?watch=1";

    // The login ends, and a token made for the door with it.
    let made = ann.post("/api/v1/clusters/dev/credentials", &json!({})).await.json();
    let guest = ann.holding(made["token"].as_str().expect("a token"));
    let mut open = Lines::open(&guest, watch).await;
    assert_eq!(name(&open.next().await.expect("an event")), "web");
    assert_eq!(ann.post("/api/v1/auth/logout", &json!({})).await.status, 204);
    assert!(open.ends().await.starts_with("broken"), "it is not taken for all there was");

    // A role is taken away; a list of everything that was filtered is over as well when what may be seen is another.
    let ann = kube.world.login("ann").await;
    let (mut one, mut all) = (Lines::open(&ann, watch).await, Lines::open(&ann, "/api/v1/pods?watch=1").await);
    assert_eq!((name(&one.next().await.expect("an event")), name(&all.next().await.expect("an event"))), ("web", "web"));
    let less = json!({"name": "ann", "rules": [{"effect": "allow", "actions": ["kube_request"],
        "kubernetes": {"clusters": ["dev"], "namespaces": ["app-two"], "verbs": ["get", "list", "watch"]}}]});
    let changed = kube.world.admin.put("/api/v1/admin/roles/ann", &less).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert!(one.ends().await.starts_with("broken") && all.ends().await.starts_with("broken"));

    // The agent is lost in the middle, and comes back.
    let admin = kube.world.admin.clone();
    let mut open = Lines::open(&admin, watch).await;
    open.next().await.expect("an event");
    kube.agent.kill().await.expect("it is killed");
    assert!(open.ends().await.starts_with("broken"));
    let away = admin.get(&KubeWorld::path("/api/v1/namespaces")).await;
    assert_eq!((away.status, &away.json()["reason"]), (503, &json!("ServiceUnavailable")), "{}", away.text());
    kube.world.admin.waits_for("/api/v1/clusters/dev", |cluster| cluster["status"] == "offline").await;
    kube.agent.run().expect("it runs again");
    kube.world.admin.waits_for("/api/v1/clusters/dev", |cluster| cluster["status"] == "online").await;

    // The API server restarts.
    let mut open = Lines::open(&admin, watch).await;
    open.next().await.expect("an event");
    kube.peer.stop_server().await.expect("it stops");
    open.ends().await;
    let away = admin.get(&KubeWorld::path("/api/v1/namespaces")).await;
    assert_eq!(away.status, 503, "{}", away.text());
    assert!(away.text().contains("cluster dev cannot be reached"), "{}", away.text());
    kube.peer.start_server().await.expect("it starts");
    eventually("an answer of the new one", async || (admin.get(&KubeWorld::path("/api/v1/namespaces")).await.status == 200).then_some(()))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_begun_ends_in_the_trail_when_its_caller_does_not_wait() {
    let kube = KubeWorld::start().await;
    kube.fill("app-one", &[]).await;
    let _kubelet = kube.peer.add_pod("app-one", "web", Speaks::WebSocket).await.expect("a pod");
    let admin = &kube.world.admin;
    // The agent's connection to the API server stands; then that holds still.
    assert_eq!(admin.get(&KubeWorld::path("/version")).await.status, 200);
    kube.peer.hold_server(true).expect("it holds still");
    let pod = KubeWorld::path("/api/v1/namespaces/app-one/pods/web");
    let begun = |words: &'static str| move |entry: &Value| entry["detail"].as_str().is_some_and(|detail| detail.starts_with(words));
    let asked = admin.request("DELETE", &format!("{pod}?gracePeriodSeconds=0"));
    let (session, who) = (format!("{pod}/exec?command=sh&stdin=true&stdout=true"), admin.clone());
    let change = tokio::spawn(async move { asked.send().await.is_ok() });
    let session = tokio::spawn(async move { who.terminal(&session, "v5.channel.k8s.io").await.is_ok() });
    for (words, asking) in [("delete pods", change), ("get pods/exec", session)] {
        kube.world.audited("kube_request", |entry| entry["result"] == "started" && begun(words)(entry)).await;
        asking.abort();
        assert!(asking.await.is_err_and(|error| error.is_cancelled()), "nobody waits any more");
    }
    kube.peer.hold_server(false).expect("it goes on");
    for words in ["delete pods", "get pods/exec"] {
        kube.world.audited("kube_request", |entry| entry["result"] != "started" && begun(words)(entry)).await;
    }
    admin.waits_for("/api/v1/recordings", |list| entries(list).all(|recording| recording["ended_at"].is_string())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn much_passes_and_waits_for_whoever_reads_slowly() {
    const LARGE: usize = 100;
    const LARGE_BYTES: usize = 1_000_000;
    const SMALL: usize = 5_000;
    let kube = KubeWorld::start().await;
    for namespace in ["app-large", "app-small", "hidden"] {
        kube.fill(namespace, &[]).await;
    }
    let add = async |namespace: &str, count: usize, bytes: usize| {
        let path = format!("/api/v1/namespaces/{namespace}/configmaps");
        let objects = stream::iter(0..count).map(|number| {
            let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": format!("{namespace}-{number}")},
                "data": {"text": "x".repeat(bytes)}});
            let (peer, path) = (&kube.peer, &path);
            async move { peer.create(path, &object).await.expect("an object") }
        });
        objects.buffer_unordered(16).collect::<Vec<_>>().await;
    };
    add("app-large", LARGE, LARGE_BYTES).await;
    let reads = json!({"clusters": ["dev"], "namespaces": ["app-*"], "resources": ["configmaps"], "verbs": ["list", "watch"]});
    let ann = kube.user("ann", reads).await;

    // Somebody asks for all of it and does not read.
    let slow = kube.world.admin.request("GET", &KubeWorld::path("/api/v1/configmaps")).send().await.expect("an answer");
    // 100 MB, whole and filtered, beside it.
    for who in [&kube.world.admin, &ann] {
        let answer =
            who.request("GET", &KubeWorld::path("/api/v1/configmaps")).timeout(Duration::from_secs(300)).send().await.expect("an answer");
        let (mut body, mut bytes) = (answer.bytes_stream(), 0);
        while let Some(piece) = body.next().await {
            bytes += piece.expect("all of it").len();
        }
        assert!(bytes > LARGE * LARGE_BYTES, "{bytes}");
    }
    assert!(kube.world.admin.get(&KubeWorld::path("/version")).await.status == 200, "one who does not read holds up nobody");
    drop(slow);

    // A watch over 10,000 objects, of which the caller may see half.
    add("app-small", SMALL, 10).await;
    add("hidden", SMALL, 10).await;
    let mut watch = Lines::open(&ann, "/api/v1/configmaps?watch=1&fieldSelector=metadata.name!%3Dkube-root-ca.crt").await;
    let mut seen = std::collections::HashSet::new();
    while seen.len() < SMALL + LARGE {
        let event = watch.next().await.expect("an event");
        assert!(name(&event).starts_with("app-"), "{}", name(&event));
        seen.insert(name(&event).to_owned());
    }
    // It goes on: what is made next is told, and what may not be seen is not.
    let late = |name: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}});
    kube.peer.create("/api/v1/namespaces/hidden/configmaps", &late("late-hidden")).await.expect("an object");
    kube.peer.create("/api/v1/namespaces/app-small/configmaps", &late("late")).await.expect("an object");
    assert_eq!(name(&watch.next().await.expect("an event")), "late");
}
