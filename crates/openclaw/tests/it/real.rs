//! The whole story with a real OpenClaw gateway: started, seen ready, restarted, read, broken, mended, killed.

use std::{
    future::pending,
    time::{Duration, Instant},
};

use mc_domain::{
    log::LogLevel,
    time::{Clock, SystemClock, Time},
    workload::{FactState, WorkloadState},
};
use mc_openclaw::{Gateway, GatewayConfig, GatewayError, Observation, client::Connection, config, logs::parse_line};
use mc_testkit::openclaw::OpenclawGateway;
use serde_json::{Value, json};

use crate::fake::states;

/// Bounds one step; it only catches a gateway that hangs.
const PATIENCE: Duration = Duration::from_secs(240);

/// Looks until `wanted` is true of what is seen.
async fn see(gateway: &Gateway, peer: &OpenclawGateway, what: &str, wanted: impl Fn(&Observation) -> bool) -> Observation {
    let began = Instant::now();
    loop {
        let seen = gateway.observe(SystemClock.now()).await;
        if wanted(&seen) {
            return seen;
        }
        assert!(began.elapsed() < PATIENCE, "never seen {what}: {seen:#?}\n{}", peer.output());
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

async fn restart(gateway: &Gateway) -> (Result<Observation, GatewayError>, Vec<String>) {
    let mut told = Vec::new();
    let done = gateway.restart(&SystemClock, |text: &str| told.push(text.to_owned()), pending()).await;
    (done, told)
}

#[tokio::test]
async fn a_real_gateway_is_seen_restarted_broken_mended_and_killed() {
    let mut peer = OpenclawGateway::start().await.unwrap();
    let gateway = Gateway::new(GatewayConfig { state_dir: peer.state_dir(), config_path: Some(peer.config_path()) });
    gateway.expect_pid(peer.pid());
    let pid = peer.pid();
    let began = SystemClock.now();

    let first = gateway.observe(SystemClock.now()).await;
    assert_eq!((first.state, first.pid), (WorkloadState::Starting, pid), "{first:?}");
    let early = gateway.restart(&SystemClock, |_: &str| (), pending()).await;
    assert!(matches!(early, Err(GatewayError::StillStarting)), "{early:?}");

    let ready = see(&gateway, &peer, "ready", |seen| seen.state == WorkloadState::Running).await;
    assert!(ready.facts.iter().all(|fact| fact.state == FactState::Ok), "{ready:#?}");
    assert_eq!((ready.pid, ready.port, ready.title), (pid, peer.port(), format!("openclaw {}", peer.version())));
    assert!(ready.boot_id.is_some() && ready.started_at.is_some_and(|at| at >= began.before(Duration::from_secs(5))));
    assert_eq!(ready.log_file, Some(peer.log_file()));
    chat_and_call(&peer).await;

    let (restarted, told) = restart(&gateway).await;
    let restarted = restarted.unwrap_or_else(|failed| panic!("{failed}\n{told:#?}\n{}", peer.output()));
    assert_eq!((restarted.state, restarted.pid), (WorkloadState::Running, pid));
    assert!(restarted.boot_id.is_some() && restarted.boot_id != ready.boot_id, "{restarted:?}");
    assert!(restarted.started_at > ready.started_at);
    assert!(told.len() >= 2 && told.last().unwrap().starts_with("ready again"), "{told:?}");

    let text = std::fs::read_to_string(peer.log_file()).unwrap();
    let lines = text.lines().map(|line| parse_line(line, "gateway.log", Time::default())).collect::<Vec<_>>();
    assert!(lines.len() > 20 && lines.iter().all(|line| line.at > began.before(Duration::from_secs(60))), "times were not understood");
    assert!(lines.iter().any(|line| line.message.starts_with("[gateway] ") && line.level == LogLevel::Info));
    assert!(!text.contains(peer.token()));

    peer.break_config().unwrap();
    let (failed, told) = restart(&gateway).await;
    let Err(GatewayError::Zombie { detail }) = failed else { panic!("no zombie: {failed:?}\n{told:#?}") };
    assert!(detail.contains("nonsense"), "the log's reason is quoted: {detail}");
    let zombie = gateway.observe(SystemClock.now()).await;
    assert_eq!((zombie.state, zombie.pid), (WorkloadState::Zombie, pid));
    assert_eq!(states(&zombie)[..3], [("process", FactState::Ok), ("lock", FactState::Bad), ("port", FactState::Bad)]);

    peer.mend_config().unwrap();
    let (mended, told) = restart(&gateway).await;
    let mended = mended.unwrap_or_else(|failed| panic!("{failed}\n{told:#?}\n{}", peer.output()));
    assert_eq!((mended.state, mended.pid), (WorkloadState::Running, pid));
    assert!(mended.facts.iter().all(|fact| fact.state == FactState::Ok), "{mended:#?}");

    gateway.kill().await.unwrap();
    let stopped = gateway.observe(SystemClock.now()).await;
    assert_eq!((stopped.state, stopped.pid), (WorkloadState::Stopped, None));

    // The lock it left behind does not keep the next one from starting.
    peer.spawn().unwrap();
    gateway.expect_pid(peer.pid());
    let again = see(&gateway, &peer, "running again", |seen| seen.state == WorkloadState::Running).await;
    assert_eq!(again.pid, peer.pid());
}

/// Calls work on the real protocol, and a chat reaches the model provider and comes back.
async fn chat_and_call(peer: &OpenclawGateway) {
    let credential = config::read(&peer.config_path()).unwrap().credential;
    let address = ([127, 0, 0, 1], peer.port()).into();
    let scopes = ["operator.read", "operator.write", "operator.admin"];
    let mut connection = Connection::open(address, &credential, &scopes, Duration::from_secs(60)).await.unwrap();
    assert_eq!(connection.call("health", &json!({})).await.unwrap()["ok"], true);
    let message = json!({"sessionKey": "agent:main:main", "message": "hello from beside", "idempotencyKey": "test-1"});
    connection.call("chat.send", &message).await.unwrap();
    let began = Instant::now();
    let mut history = Value::Null;
    // The gateway puts the time before what was said.
    while !history.to_string().contains("ECHO: ") {
        assert!(began.elapsed() < PATIENCE, "no echo: {history}\n{}", peer.output());
        tokio::time::sleep(Duration::from_millis(500)).await;
        history = connection.call("chat.history", &json!({"sessionKey": "agent:main:main", "limit": 20})).await.unwrap();
    }
    connection.close().await;
}
