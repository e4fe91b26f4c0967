//! An agent's stream: how it begins, what ends it, and how each end looks to people.

use mc_domain::time::{Clock, SystemClock, Time};
use mc_testkit::RawAgent;
use mc_wire::v1::{self, agent_frame::Frame, disconnect::Reason};
use serde_json::{Value, json};
use tonic::Code;

use crate::support::{Engine, World, on_both_engines};

on_both_engines!(
    a_goodbye_is_a_planned_absence,
    a_lost_agent_is_degraded_and_then_offline,
    a_silent_agent_is_missed,
    the_last_sign_of_life_outlives_a_restart,
    an_hour_of_clock_skew_is_shown_and_corrected,
);

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

async fn a_goodbye_is_a_planned_absence(engine: Engine) {
    let mut world = World::start(engine).await;
    let agent = world.agent("a").await;
    let (link, welcome) = agent.connect().await.expect("it connects");
    assert_eq!((welcome.name.as_str(), welcome.agent_id), ("a", agent.id.to_string()));
    assert_eq!((welcome.heartbeat_seconds, welcome.last_batch), (30, 0));
    let online = world.agent_becomes("a", |agent| agent["status"] == "online").await;
    assert_eq!(online["session_id"], agent.instance.to_string());
    assert_eq!(online["facts"][0]["name"], "linked");
    link.goodbye("maintenance").await.expect("it leaves");
    let away = world.agent_becomes("a", |agent| agent["status"] == "offline").await;
    assert_eq!(away["status_detail"], "said goodbye");
    let entry = world.audited("agent_disconnect", |_| true).await;
    assert_eq!((text(&entry["result"]), text(&entry["detail"])), ("ok", "goodbye: maintenance"));
    assert_eq!((text(&entry["actor_kind"]), text(&entry["actor"])), ("agent", "a"));

    world.server.stop().await.expect("it ends");
    world.server.start_again().await.expect("it starts again");
    let away = world.admin.get("/api/v1/agents/a").await.json();
    assert_eq!((text(&away["status"]), text(&away["status_detail"])), ("offline", "said goodbye"));
}

async fn a_lost_agent_is_degraded_and_then_offline(engine: Engine) {
    let world = World::hasty(engine).await;
    let agent = world.agent("a").await;
    let (mut link, _) = agent.connect().await.expect("it connects");
    world.agent_becomes("a", |agent| agent["status"] == "online").await;
    let mut events = world.admin.events(None).await;
    let before = SystemClock.now();
    link.beat(1).await.expect("a heartbeat");
    link.cut();
    let seen = events.until(|event| event["kind"] == "agent_changed" && event["data"]["status"] == "offline").await;
    let statuses: Vec<&str> =
        seen.iter().filter(|event| event["kind"] == "agent_changed").map(|event| text(&event["data"]["status"])).collect();
    assert_eq!(statuses, ["degraded", "offline"], "lost moments ago, then lost");
    let last = &seen.last().expect("an event")["data"];
    assert_eq!(last["status_detail"], "offline unexpectedly");
    let seen_at: Time = text(&last["last_seen_at"]).parse().expect("a time");
    // Times are told in milliseconds.
    assert!(seen_at.as_micros() + 1_000 > before.as_micros(), "the last frame counts, not the first: {seen_at} {before}");
    let entry = world.audited("agent_disconnect", |_| true).await;
    assert_eq!(entry["result"], "failed");
    assert!(text(&entry["detail"]).starts_with("unexpectedly: "), "{entry}");
    assert!(world.audit("agent_protocol_error").await.is_empty(), "a broken connection is no fault of the agent");

    let (_link, _) = agent.connect().await.expect("it comes back");
    let back = world.audited("agent_connect", |entry| text(&entry["detail"]).starts_with("back after ")).await;
    assert_eq!(back["result"], "ok");
}

async fn a_silent_agent_is_missed(engine: Engine) {
    let world = World::hasty(engine).await;
    let agent = world.agent("a").await;
    let (mut link, welcome) = agent.connect().await.expect("it connects");
    assert_eq!(welcome.heartbeat_seconds, 1);
    // From here on it says nothing, while its connection stands.
    let last = link.disconnect().await.expect("it is told");
    assert!(last.message.contains("nothing was heard"), "{last:?}");
    let away = world.agent_becomes("a", |agent| agent["status"] == "offline").await;
    assert_eq!((text(&away["status_detail"]), &away["connected"]), ("offline unexpectedly", &json!(false)));
    assert_eq!(away["facts"][0]["detail"], "lost without a goodbye");
    world.audited("agent_disconnect", |entry| entry["detail"] == "unexpectedly: nothing heard for 2 s").await;
}

async fn the_last_sign_of_life_outlives_a_restart(engine: Engine) {
    let mut world = World::start(engine).await;
    let (here, left, never) = (world.agent("here").await, world.agent("left").await, world.agent("never").await);
    assert_eq!(never.name, "never");
    let (mut link, _) = here.connect().await.expect("it connects");
    left.connect().await.expect("it connects").0.goodbye("").await.expect("it leaves");
    world.agent_becomes("left", |agent| agent["status"] == "offline").await;
    link.beat(1).await.expect("a heartbeat");
    world.server.stop().await.expect("it ends");
    world.server.start_again().await.expect("it starts again");
    let show = async |name: &str| world.admin.get(&format!("/api/v1/agents/{name}")).await.json();
    let (here, left, never) = (show("here").await, show("left").await, show("never").await);
    assert_eq!(text(&here["status"]), "degraded", "it is expected back any moment: {here:#}");
    assert_eq!((text(&left["status"]), text(&left["status_detail"])), ("offline", "said goodbye"));
    assert_eq!((text(&never["status"]), text(&never["status_detail"])), ("offline", "never connected"));
    world.audited("agent_disconnect", |entry| entry["resource"] == "here" && entry["detail"] == "ended by the server").await;
}

async fn an_hour_of_clock_skew_is_shown_and_corrected(engine: Engine) {
    let world = World::start(engine).await;
    let hour = 3_600_000_000_i64;
    for (name, skew) in [("ahead", hour), ("behind", -hour)] {
        let agent = world.agent(name).await;
        let mut hello = agent.hello();
        hello.now_micros += skew;
        let (mut link, welcome) = agent.connect_with(hello).await.expect("it works");
        let told = (SystemClock.now().as_micros() - welcome.now_micros).abs();
        assert!(told < hour / 2, "central tells its own time");
        let shown = world.admin.get(&format!("/api/v1/agents/{name}")).await.json();
        let off = shown["clock_skew_ms"].as_i64().expect("a number") - skew / 1_000;
        assert!(off.abs() < 60_000, "{shown}");

        let mut batch = mc_testkit::raw_agent::lines(1, ["skewed".to_owned()]);
        batch.lines[0].at_micros += skew;
        // A little ago, for the skew is known only as well as the hello was quick.
        let at_micros = SystemClock.now().as_micros() + skew - 10_000_000;
        batch.samples = vec![v1::Sample { at_micros, metrics: vec![0], values: vec![12.5] }];
        link.telemetry(batch).await.expect("it is stored");
        let log = world.admin.get(&format!("/api/v1/agents/{name}/logs")).await.json();
        let at: Time = text(&log["items"][0]["at"]).parse().expect("a time");
        assert!((SystemClock.now().as_micros() - at.as_micros()).abs() < hour / 2, "{log}");
        let metrics = world.admin.get(&format!("/api/v1/agents/{name}/metrics?names=cpu_percent")).await.json();
        assert_eq!(metrics["series"][0]["points"].as_array().map(Vec::len), Some(1), "{metrics}");
    }
}

/// Opens a stream with these bytes after the hello and returns how the stream ended.
async fn after_hello(agent: &RawAgent, bytes: Vec<u8>) -> Option<Code> {
    let (mut link, _) = agent.connect().await.expect("it connects");
    link.send_bytes(bytes).await.expect("sent");
    loop {
        match link.next().await {
            Ok(Some(_)) => {}
            Ok(None) => return None,
            Err(status) => return Some(status.code()),
        }
    }
}

#[tokio::test]
async fn frames_that_are_none_end_the_stream_and_nothing_else() {
    let world = World::start(Engine::Sqlite).await;
    let (agent, other) = (world.agent("a").await, world.agent("other").await);
    let (mut steady, _) = other.connect().await.expect("it connects");
    for (n, bytes) in [vec![0xff; 40], vec![0; mc_wire::FRAME_MAX_BYTES + 1], b"GET / HTTP/1.1\r\n\r\n".to_vec()].into_iter().enumerate() {
        after_hello(&agent, bytes).await;
        world.admin.waits_for("/api/v1/admin/audit?action=agent_protocol_error", |list| list["total"] == n + 1).await;
        let away = world.agent_becomes("a", |agent| agent["connected"] == false).await;
        assert_eq!(away["status_detail"], "connection lost, waiting for it to come back");
    }
    let entry = world.audit("agent_protocol_error").await.remove(0);
    assert_eq!((text(&entry["resource"]), text(&entry["detail"])), ("a", "a frame was too large or malformed"));
    steady.beat(1).await.expect("others are not touched");
    agent.connect().await.expect("and it may come back");
}

#[tokio::test]
async fn a_stream_begins_with_a_hello_that_makes_sense() {
    let world = World::start(Engine::Sqlite).await;
    let agent = world.agent("a").await;
    let mut link = agent.open().await.expect("it opens");
    link.send(Frame::Heartbeat(v1::Heartbeat { sequence: 1 })).await.expect("sent");
    let last = link.disconnect().await.expect("it is told");
    assert_eq!((last.reason(), last.message.as_str()), (Reason::ProtocolError, "expected a hello first"));
    world.audited("agent_protocol_error", |entry| entry["detail"] == "the stream did not begin with a hello").await;

    let mut nameless = agent.hello();
    nameless.instance_id = "not an id".to_owned();
    let mut link = agent.greet(nameless).await.expect("it opens");
    assert_eq!(link.disconnect().await.expect("it is told").reason(), Reason::ProtocolError);

    let mut future = agent.hello();
    (future.protocol_min, future.protocol_max) = (98, 99);
    let mut link = agent.greet(future).await.expect("it opens");
    let last = link.disconnect().await.expect("it is told");
    assert_eq!(last.reason(), Reason::UnsupportedVersion);
    assert!(!last.message.is_empty() && !last.message.contains('\n'), "{last:?}");

    let mut wide = agent.hello();
    (wide.protocol_min, wide.protocol_max) = (1, 99);
    let (mut link, welcome) = agent.connect_with(wide).await.expect("it connects");
    assert_eq!(welcome.protocol, 1, "the newest that both know");
    link.send_bytes(vec![0xfa, 0x07, 0x00]).await.expect("sent");
    link.beat(1).await.expect("frames of a newer agent are skipped");
}

#[tokio::test]
async fn draining_tells_agents_when_to_return() {
    let mut world = World::start(Engine::Sqlite).await;
    let mut links = Vec::new();
    for n in 0..3 {
        let agent = world.agent(&format!("a{n}")).await;
        links.push((agent.connect().await.expect("it connects").0, agent));
    }
    let stopping = async { world.server.stop().await.expect("it ends well") };
    let told = async {
        let mut told = Vec::new();
        for (link, _) in &mut links {
            told.push(link.disconnect().await.expect("it is told"));
            while let Ok(Some(_)) = link.next().await {}
        }
        told
    };
    let ((), told) = tokio::join!(stopping, told);
    for last in told {
        assert_eq!(last.reason(), Reason::ShuttingDown);
        assert!((1..=60_000).contains(&last.retry_after_ms), "spread over a time: {last:?}");
    }
    world.server.start_again().await.expect("it starts again");
    for (_, agent) in &links {
        agent.connect().await.expect("it returns");
    }
}

#[tokio::test]
async fn reports_of_the_workload_are_seen_at_once() {
    let world = World::start(Engine::Sqlite).await;
    let agent = world.agent("a").await;
    let (link, _) = agent.connect().await.expect("it connects");
    let cases = [
        ("crash_loop", "degraded", "crash loop: exit code 1"),
        ("stopped", "stopped", "stopped: exit code 1"),
        ("sunny", "degraded", "failed: exit code 1"),
    ];
    for (state, status, detail) in cases {
        let report = v1::WorkloadReport {
            state: state.to_owned(),
            detail: "exit code 1".to_owned(),
            title: "t".repeat(2_000),
            ..Default::default()
        };
        link.send(Frame::Workload(report)).await.expect("sent");
        let shown = world.agent_becomes("a", |agent| agent["status"] == status && agent["status_detail"] == detail).await;
        assert!(text(&shown["workload"]["title"]).len() <= 500, "what agents say is cut");
    }
}

#[tokio::test]
async fn the_last_sign_of_life_is_at_most_a_heartbeat_old() {
    let world = World::start(Engine::Sqlite).await;
    let agent = world.agent("a").await;
    let (mut link, _) = agent.connect().await.expect("it connects");
    let before = SystemClock.now();
    link.beat(1).await.expect("a heartbeat");
    crate::support::eventually("the heartbeat's time", async || {
        let shown = world.admin.get("/api/v1/agents/a").await.json();
        let seen: Time = text(&shown["last_seen_at"]).parse().expect("a time");
        (seen.as_micros() + 1_000 > before.as_micros()).then_some(())
    })
    .await;
}
