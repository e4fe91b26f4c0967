//! A real Kubernetes API server: requests straight to it against the same ones through the door, the server and a real agent.

use std::{fs, process::Stdio, time::Duration};

use anyhow::{Context, ensure};
use futures::{StreamExt as _, stream};
use mc_api::join_token::JoinTokenCreate;
use mc_testkit::{KubePeer, kubelet::Speaks};
use reqwest::{Client, Response};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::{
    process::Child,
    time::{Instant, sleep, timeout},
};

use crate::{
    central::{program, run_with_secret},
    process::Watched,
    run::Bench,
    stats::Latencies,
};

const NAME: &str = "bench-kube";
const CLUSTER: &str = "bench";
/// What the door may add to a small request, in milliseconds (p50).
const ADDED_MS: f64 = 2.0;
/// At least 80 % of the throughput: at most this much of the time.
const TIME_RATIO: f64 = 1.25;
/// Objects that are listed and watched, and how much each holds.
const OBJECTS: usize = 10_000;
const OBJECT_BYTES: usize = 2_000;
/// Watches that are open at once.
const WATCHES: usize = 1_000;
/// Connections that they come over: a server takes so many streams over one, and clients open another then.
const WATCHERS: usize = 5;
/// How much of a log is read.
const LOG_BYTES: usize = 100_000_000;
/// Small requests each way before it is measured.
const WARM: usize = 20;
/// How often a long answer is read each way.
const READS: usize = 5;
const LIST: &str = "/api/v1/namespaces/default/configmaps";
/// How long anything may take.
const LIMIT: Duration = Duration::from_secs(120);

/// One way to the API server.
struct Way {
    client: Client,
    url: String,
    token: Option<String>,
}

impl Way {
    async fn get(&self, path: &str) -> anyhow::Result<Response> {
        let request = self.client.get(format!("{}{path}", self.url));
        let request = match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let response = request.send().await?;
        ensure!(response.status().is_success(), "GET {path} answers {}", response.status());
        Ok(response)
    }

    /// How long a small request takes.
    async fn small(&self) -> anyhow::Result<Duration> {
        let began = Instant::now();
        self.get("/api/v1/namespaces/default").await?.bytes().await?;
        Ok(began.elapsed())
    }

    /// Reads an answer of at least so many bytes: bytes a second.
    async fn read(&self, path: &str, at_least: usize) -> anyhow::Result<f64> {
        let began = Instant::now();
        let mut body = self.get(path).await?.bytes_stream();
        let mut bytes = 0;
        while let Some(piece) = body.next().await {
            bytes += piece?.len();
        }
        ensure!(bytes >= at_least, "GET {path} answers {bytes} bytes");
        Ok(bytes as f64 / began.elapsed().as_secs_f64())
    }

    /// Events a second of a watch that begins with all objects.
    async fn watch(&self) -> anyhow::Result<f64> {
        let began = Instant::now();
        let mut body = self.get(&format!("{LIST}?watch=1&resourceVersion=0")).await?.bytes_stream();
        let mut events = 0;
        while events < OBJECTS {
            let piece = timeout(LIMIT, body.next()).await.context("the watch says nothing")?.context("the watch ended")??;
            events += piece.iter().filter(|byte| **byte == b'\n').count();
        }
        Ok(events as f64 / began.elapsed().as_secs_f64())
    }
}

/// The best of some measurements each way, in turns, so that both meet the same machine.
async fn best(ways: [&Way; 2], measure: impl AsyncFn(&Way) -> anyhow::Result<f64>) -> anyhow::Result<[f64; 2]> {
    let mut best = [0.0_f64; 2];
    for _ in 0..READS {
        for (best, way) in best.iter_mut().zip(ways) {
            *best = best.max(measure(way).await?);
        }
    }
    Ok(best)
}

/// Latencies, throughput, and what a watch costs.
pub(super) async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let peer = KubePeer::start().await?;
    peer.bind("everybody", "cluster-admin", &[("Group", "system:authenticated")]).await?;
    let _kubelet = peer.add_pod("default", "web", Speaks::WebSocket).await?;
    fill(&peer).await?;
    let mut agent = start(bench, &peer).await?;
    let direct = Way { client: peer.admin().client()?, url: peer.url(), token: None };
    let door = Way {
        client: people(bench)?,
        url: format!("https://localhost:{}/k8s/clusters/{CLUSTER}", bench.central.people.port()),
        token: Some(bench.token.clone()),
    };
    let done = measure(bench, &direct, &door, &agent).await;
    if let Some(pid) = agent.id().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw) {
        kill_process(pid, Signal::TERM)?;
    }
    timeout(Duration::from_secs(20), agent.wait()).await.context("mc-agent did not end in time")??;
    bench.client.agent_remove(NAME, "the bench is done with it").await?;
    done
}

async fn measure(bench: &mut Bench, direct: &Way, door: &Way, agent: &Child) -> anyhow::Result<()> {
    let samples = bench.size.samples;
    // Connections are opened and caches filled first; then in turns.
    let (mut straight, mut through) = (Latencies::default(), Latencies::default());
    for number in 0..WARM + samples {
        let (one, other) = (direct.small().await?, door.small().await?);
        if number >= WARM {
            straight.add(one);
            through.add(other);
        }
    }
    bench.figure("kube API: a small request, direct, p50", straight.percentile_ms(50), "ms", None);
    bench.figure(
        "kube API: the same through server and agent, p50 above direct",
        through.percentile_ms(50) - straight.percentile_ms(50),
        "ms",
        Some(ADDED_MS),
    );
    bench.figure("kube API: the same, p99 above direct", through.percentile_ms(99) - straight.percentile_ms(99), "ms", None);

    let ways = [direct, door];
    let [straight, through] = best(ways, async |way| way.read(LIST, OBJECTS * OBJECT_BYTES).await).await?;
    bench.figure("kube API: a list of 10,000 objects, direct", straight / 1e6, "MB/s", None);
    bench.figure("kube API: the same through server and agent", through / 1e6, "MB/s", None);
    bench.figure("kube API: time of the same against direct", straight / through, "times", Some(TIME_RATIO));
    let log = format!("/api/v1/namespaces/default/pods/web/log?limitBytes={LOG_BYTES}");
    let [straight, through] = best(ways, async |way| way.read(&log, LOG_BYTES).await).await?;
    bench.figure("kube API: a log of 100 MB, direct", straight / 1e6, "MB/s", None);
    bench.figure("kube API: the same through server and agent", through / 1e6, "MB/s", None);
    bench.figure("kube API: time of the same against direct (log)", straight / through, "times", Some(TIME_RATIO));
    let [straight, through] = best(ways, Way::watch).await?;
    bench.figure("kube API: events of a watch, direct", straight, "events/s", None);
    bench.figure("kube API: the same through server and agent", through, "events/s", None);
    bench.figure("kube API: time of the same against direct (watch)", straight / through, "times", Some(TIME_RATIO));

    let central = bench.watch_central()?;
    let agent = Watched::new(agent.id().context("mc-agent ended by itself")?, "mc-agent")?;
    let (server_before, agent_before) = (central.resident_bytes()?, agent.resident_bytes()?);
    let watchers: Vec<Way> = (0..WATCHERS)
        .map(|_| Ok(Way { client: people(bench)?, url: door.url.clone(), token: door.token.clone() }))
        .collect::<anyhow::Result<_>>()?;
    let opened = stream::iter((0..WATCHES).zip(watchers.iter().cycle()))
        .map(|(number, watcher)| async move {
            let path =
                format!("/api/v1/namespaces/default/configmaps?watch=1&fieldSelector=metadata.name%3Dobject-{number}&resourceVersion=0");
            let mut body = watcher.get(&path).await?.bytes_stream();
            let first = timeout(LIMIT, body.next()).await.context("a watch says nothing")?;
            first.context("a watch ended")??;
            anyhow::Ok(body)
        })
        .buffer_unordered(32)
        .collect::<Vec<_>>()
        .await;
    let open = opened.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    sleep(Duration::from_secs(2)).await;
    let each = |before: f64, now: f64| (now - before) / 1e3 / WATCHES as f64;
    bench.figure("server: memory for each of 1,000 watches", each(server_before, central.resident_bytes()?), "KB", None);
    bench.figure("mc-agent: memory for each of 1,000 watches", each(agent_before, agent.resident_bytes()?), "KB", None);
    drop(open);
    Ok(())
}

/// Somebody who asks the server. Nothing is asked for compressed, as with the direct one.
fn people(bench: &Bench) -> anyhow::Result<Client> {
    let ca = reqwest::Certificate::from_pem(&fs::read(bench.central.data_dir().join("ca.pem"))?)?;
    Ok(Client::builder().tls_certs_only([ca]).no_proxy().no_gzip().timeout(LIMIT).build()?)
}

/// The objects that are listed and watched.
async fn fill(peer: &KubePeer) -> anyhow::Result<()> {
    let client = peer.admin().client()?;
    let url = format!("{}/api/v1/namespaces/default/configmaps", peer.url());
    let object = |number: usize| -> Value {
        json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": format!("object-{number}")},
            "data": {"text": "x".repeat(OBJECT_BYTES)},
        })
    };
    // Each answer is read to its end: bodies that nobody reads fill the window that they share, and the next one waits for ever.
    let made = stream::iter(0..OBJECTS).map(|number| {
        let request = client.post(&url).body(object(number).to_string()).header("content-type", "application/json");
        async move { request.send().await?.error_for_status()?.bytes().await }
    });
    let answers: Vec<_> = made.buffer_unordered(32).collect().await;
    for answer in answers {
        answer.context("an object was not created")?;
    }
    Ok(())
}

/// A real agent that looks after the API server.
async fn start(bench: &Bench, peer: &KubePeer) -> anyhow::Result<Child> {
    let made = bench.client.join_token_create(&JoinTokenCreate::default()).await?;
    let (bin_dir, scratch) = (bench.central.bin_dir().to_owned(), bench.central.scratch().to_owned());
    let data_dir = scratch.join(NAME);
    let mut join = program(&bin_dir, "mc-agent", &scratch)?;
    join.args(["join", "--server", &made.server, "--token-file", "-", "--ca-pin", &made.ca_pin, "--name", NAME, "--data-dir"])
        .arg(&data_dir);
    run_with_secret(join, &made.token).await.context("the agent could not join")?;
    let kubeconfig = peer.kubeconfig(&peer.url(), peer.impersonator())?;
    let config = scratch.join("kube.toml");
    let text =
        format!("[kubernetes]\ncluster = \"{CLUSTER}\"\nkubeconfig = \"{}\"\n[allow]\nkubernetes = [\"read\"]\n", kubeconfig.display());
    fs::write(&config, text)?;
    let mut command = program(&bin_dir, "mc-agent", &scratch)?;
    command.args(["run", "--data-dir"]).arg(&data_dir).arg("--config").arg(&config);
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().context("cannot start mc-agent")?;
    let began = Instant::now();
    let url = format!("https://localhost:{}/api/v1/clusters/{CLUSTER}", bench.central.people.port());
    let client = people(bench)?;
    loop {
        let answer = client.get(&url).bearer_auth(&bench.token).send().await?;
        if answer.status().is_success() && answer.json::<Value>().await?.get("status") == Some(&json!("online")) {
            return Ok(child);
        }
        ensure!(began.elapsed() < LIMIT, "the cluster is not online after {} s", LIMIT.as_secs());
        sleep(Duration::from_millis(100)).await;
    }
}
