//! Looking at a gateway in every state it was seen in.

use std::time::Duration;

use mc_domain::{
    time::{Clock, SystemClock},
    workload::{FactState, WorkloadState},
};
use mc_openclaw::Pace;
use tokio_tungstenite::tungstenite::Message;

use crate::fake::{Fake, Mode, TOKEN, at, fact, pace, states};

#[tokio::test]
async fn a_ready_gateway_is_running_and_every_fact_is_fine() {
    let fake = Fake::ready().await;
    let seen = fake.gateway().observe(at(0)).await;
    assert_eq!((seen.state, seen.detail.as_str(), seen.title.as_str()), (WorkloadState::Running, "", "openclaw 2026.9.6"));
    assert!(seen.facts.iter().all(|fact| fact.state == FactState::Ok && fact.since == at(0)), "{:?}", seen.facts);
    assert_eq!(seen.facts.iter().map(|fact| fact.name.as_str()).collect::<Vec<_>>(), ["process", "lock", "port", "ready", "hello"]);
    assert_eq!((seen.pid, seen.port, seen.boot_id.as_deref()), (Some(fake.pid()), fake.port(), Some("boot-1")));
    assert_eq!(seen.started_at.unwrap().to_string(), "2026-11-22T06:50:24.946Z");
    assert_eq!(seen.log_file, Some(fake.log_file()));
}

#[tokio::test]
async fn a_hello_is_said_seldom_but_to_every_boot_and_on_request() {
    let fake = Fake::ready().await;
    let gateway = fake.gateway();
    for (secs, hellos) in [(0, 1), (5, 1), (59, 1), (61, 2), (65, 2)] {
        gateway.observe(at(secs)).await;
        assert_eq!(fake.hellos(), hellos, "after {secs} s");
    }
    gateway.check(at(66)).await;
    assert_eq!(fake.hellos(), 3);
    fake.lock("boot-2");
    let seen = gateway.observe(at(67)).await;
    assert_eq!((fake.hellos(), seen.boot_id.as_deref()), (4, Some("boot-2")));
}

#[tokio::test]
async fn facts_keep_their_age_while_they_stand() {
    let mut fake = Fake::ready().await;
    let gateway = fake.gateway();
    gateway.observe(at(0)).await;
    fake.open(Mode::Failing("agent-database:main")).await;
    let seen = gateway.observe(at(5)).await;
    assert_eq!((seen.state, seen.detail.as_str()), (WorkloadState::Running, "failing: agent-database:main"));
    assert_eq!((fact(&seen, "port").since, fact(&seen, "ready").since), (at(0), at(5)));
    assert_eq!(fact(&seen, "ready").state, FactState::Bad);
}

#[tokio::test]
async fn a_gateway_that_starts_is_waited_for() {
    let mut fake = Fake::stopped().await;
    let pid = fake.spawn().await;
    let gateway = fake.gateway();
    assert_eq!(gateway.observe(at(0)).await.pid, Some(pid), "found by its title and its open database");
    fake.lock("boot-1");
    let seen = gateway.observe(at(10)).await;
    assert_eq!((seen.state, seen.detail), (WorkloadState::Starting, format!("port {} is not open yet", fake.port())));
    fake.open(Mode::Starting).await;
    let seen = gateway.observe(at(20)).await;
    assert_eq!((seen.state, seen.detail.as_str()), (WorkloadState::Starting, "waits for startup-sidecars"));
    let waiting = [("ready", FactState::Waiting), ("hello", FactState::Waiting)];
    assert_eq!(states(&seen)[3..], waiting);
    assert_eq!(fake.hellos(), 0, "a starting gateway is not disturbed");
    fake.open(Mode::Unavailable).await;
    assert_eq!(fact(&gateway.observe(at(25)).await, "hello").state, FactState::Waiting);
    fake.open(Mode::Ready).await;
    assert_eq!(fact(&gateway.observe(at(30)).await, "hello").state, FactState::Ok);
}

#[tokio::test]
async fn draining_and_suspended_are_told_apart() {
    let mut fake = Fake::ready().await;
    let gateway = fake.gateway();
    gateway.observe(at(0)).await;
    fake.open(Mode::Draining).await;
    let seen = gateway.observe(at(5)).await;
    assert_eq!((seen.state, seen.detail.as_str()), (WorkloadState::Running, "draining: takes no new work"));
    fake.open(Mode::Suspended).await;
    let seen = gateway.check(at(10)).await;
    assert_eq!((seen.state, seen.detail.as_str()), (WorkloadState::Running, "suspended (prepared): refuses work"));
}

#[tokio::test]
async fn a_wrong_token_is_named_and_never_shown() {
    let fake = Fake::ready().await;
    fake.configure("wrong-but-secret");
    let gateway = fake.gateway();
    let seen = gateway.observe(at(0)).await;
    assert_eq!(seen.state, WorkloadState::Running);
    assert_eq!(fact(&seen, "hello").state, FactState::Bad);
    assert!(fact(&seen, "hello").detail.starts_with("refused: AUTH_TOKEN_MISMATCH"), "{seen:?}");
    assert!(seen.detail.starts_with("refuses our hello: AUTH_TOKEN_MISMATCH"), "{seen:?}");
    assert!(!format!("{gateway:?} {seen:?}").contains("wrong-but-secret"));
    // The right token is tried at once, not after a minute.
    fake.configure(TOKEN);
    let seen = gateway.observe(at(5)).await;
    assert_eq!((fact(&seen, "hello").state, seen.detail.as_str()), (FactState::Ok, ""));
}

#[tokio::test]
async fn a_token_kept_elsewhere_leaves_the_hello_unknown_unless_it_is_given() {
    let fake = Fake::ready().await;
    fake.configure("${OPENCLAW_GATEWAY_TOKEN}");
    let seen = fake.gateway().observe(at(0)).await;
    assert_eq!((seen.state, fact(&seen, "hello").state, fake.hellos()), (WorkloadState::Running, FactState::Unknown, 0));
    let seen = fake.gateway().with_token(TOKEN.into()).observe(at(0)).await;
    assert_eq!(fact(&seen, "hello").state, FactState::Ok);
}

#[tokio::test]
async fn a_page_for_every_path_is_no_gateway() {
    let mut fake = Fake::ready().await;
    fake.open(Mode::Html).await;
    let seen = fake.gateway().observe(at(0)).await;
    assert_eq!(
        (seen.state, fact(&seen, "ready").state, fact(&seen, "hello").state),
        (WorkloadState::Failed, FactState::Bad, FactState::Unknown)
    );
    assert!(seen.detail.contains("no OpenClaw gateway"), "{seen:?}");
}

#[tokio::test]
async fn a_gateway_that_says_nothing_is_busy_first_and_a_zombie_later() {
    let mut fake = Fake::ready().await;
    let gateway = fake.gateway_at(Pace { probe: Duration::from_millis(300), ..pace() });
    while fact(&gateway.observe(at(0)).await, "ready").state != FactState::Ok {}
    fake.open(Mode::Silent).await;
    assert_eq!(gateway.observe(at(5)).await.state, WorkloadState::Running);
    assert_eq!(gateway.observe(at(66)).await.state, WorkloadState::Zombie);
}

#[tokio::test]
async fn a_failed_restart_is_a_zombie_with_its_reason() {
    let mut fake = Fake::ready().await;
    let gateway = fake.gateway();
    gateway.observe(at(0)).await;
    fake.close().await;
    fake.unlock();
    let time = at(3);
    let log = serde_json::json!({"_meta": {"logLevelName": "ERROR"}, "time": time, "message": "gateway startup failed: Invalid config\ngateway: Unrecognized key"});
    std::fs::write(fake.log_file(), format!("{log}\n")).unwrap();
    assert_eq!(gateway.observe(at(5)).await.state, WorkloadState::Starting, "between two boots the lock is gone for a moment");
    let seen = gateway.observe(at(21)).await;
    assert_eq!(seen.state, WorkloadState::Zombie);
    assert!(seen.detail.ends_with("its log says: gateway startup failed: Invalid config gateway: Unrecognized key"), "{}", seen.detail);
    let expected = [
        ("process", FactState::Ok),
        ("lock", FactState::Bad),
        ("port", FactState::Bad),
        ("ready", FactState::Bad),
        ("hello", FactState::Unknown),
    ];
    assert_eq!(states(&seen), expected);
    // A later boot that comes up is running again, whoever started it.
    fake.lock("boot-2");
    fake.open(Mode::Ready).await;
    assert_eq!(gateway.observe(at(30)).await.state, WorkloadState::Running);
}

#[tokio::test]
async fn a_zombie_is_recognised_by_someone_who_never_saw_it_alive() {
    let mut fake = Fake::stopped().await;
    let pid = fake.spawn().await;
    let gateway = fake.gateway_at(Pace { first_start: Duration::ZERO, ..pace() });
    gateway.observe(at(0)).await;
    let seen = gateway.observe(at(16)).await;
    assert_eq!((seen.state, seen.pid), (WorkloadState::Zombie, Some(pid)));
}

#[tokio::test]
async fn a_killed_gateway_is_stopped_and_its_lock_is_stale() {
    let mut fake = Fake::ready().await;
    let (gateway, pid) = (fake.gateway(), fake.pid());
    gateway.observe(at(0)).await;
    fake.end().await;
    fake.close().await;
    let seen = gateway.observe(at(5)).await;
    assert_eq!((seen.state, seen.pid, seen.started_at), (WorkloadState::Stopped, None, None));
    assert_eq!(seen.detail, format!("pid {pid} ended without giving its lock back: it was killed or crashed"));
    assert!(states(&seen)[..4].iter().all(|(_, state)| *state == FactState::Bad), "{seen:?}");
}

#[tokio::test]
async fn nothing_at_all_is_stopped() {
    let fake = Fake::stopped().await;
    let seen = fake.gateway().observe(at(0)).await;
    assert_eq!((seen.state, seen.detail.as_str(), seen.title.as_str()), (WorkloadState::Stopped, "not running", "openclaw"));
}

#[tokio::test]
async fn a_process_from_a_supervisor_is_known_before_its_lock() {
    let fake = Fake::stopped().await;
    let mut child = tokio::process::Command::new("sleep").arg("600").kill_on_drop(true).spawn().unwrap();
    let gateway = fake.gateway();
    gateway.expect_pid(child.id());
    let seen = gateway.observe(SystemClock.now()).await;
    assert_eq!((seen.state, seen.pid), (WorkloadState::Starting, child.id()));
    assert_eq!(fact(&seen, "lock").state, FactState::Waiting);
    gateway.expect_pid(None);
    child.kill().await.unwrap();
}

#[tokio::test]
async fn a_broken_configuration_is_remarked_and_the_last_good_one_used() {
    let fake = Fake::ready().await;
    let gateway = fake.gateway();
    gateway.observe(at(0)).await;
    fake.write_config("{\n  gateway: {");
    let seen = gateway.check(at(5)).await;
    assert_eq!(seen.state, WorkloadState::Running);
    assert_eq!(seen.detail, "openclaw.json cannot be understood, line 2: a key was expected");
    assert_eq!(fact(&seen, "hello").state, FactState::Ok);
}

#[tokio::test]
async fn noise_on_the_websocket_is_a_bad_hello_and_nothing_worse() {
    let mut fake = Fake::ready().await;
    let gateway = fake.gateway();
    let huge = Message::text("x".repeat(mc_openclaw::protocol::FRAME_MAX_BYTES + 1));
    for (step, noise) in
        [Message::text("<html>"), Message::binary(vec![0; 4096]), Message::text(r#"{"type":7}"#), huge].into_iter().enumerate()
    {
        fake.open(Mode::Noise(noise)).await;
        let seen = gateway.check(at(i64::try_from(step).unwrap())).await;
        assert_eq!((seen.state, fact(&seen, "hello").state), (WorkloadState::Running, FactState::Bad), "step {step}");
        assert!(fact(&seen, "hello").detail.len() < 300);
    }
}
