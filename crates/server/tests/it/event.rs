//! Live events: everything after one came, in order, as far as one may see it, and no longer than one's session.

use mc_wire::v1::{self, agent_frame::Frame};
use serde_json::{Value, json};

use crate::support::{Engine, Heard, World};

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().filter_map(|event| event["kind"].as_str()).collect()
}

#[tokio::test]
async fn who_comes_back_misses_nothing() {
    let mut world = World::start(Engine::Sqlite).await;
    let mut events = world.admin.events(None).await;
    assert_eq!(events.hello["resumed"], false);
    world.agent("one").await;
    let seen = events.until(|event| event["kind"] == "agent_changed").await;
    let numbers: Vec<u64> = seen.iter().filter_map(|event| event["seq"].as_u64()).collect();
    assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
    let epoch = events.hello["epoch"].as_str().expect("an epoch").to_owned();
    let place = format!("{epoch}:{}", numbers.last().expect("a number"));
    drop(events);

    world.agent("two").await;
    let mut resumed = world.admin.events(Some(&place)).await;
    assert_eq!((&resumed.hello["resumed"], &resumed.hello["epoch"]), (&json!(true), &json!(epoch)));
    let missed = resumed.until(|event| event["kind"] == "agent_changed").await;
    assert!(missed[0]["seq"].as_u64() > numbers.last().copied(), "nothing twice");
    assert_eq!(missed.last().expect("an event")["data"]["name"], "two");
    assert!(kinds(&missed).contains(&"join_token_changed") && kinds(&missed).contains(&"audit_appended"), "{:?}", kinds(&missed));

    for nonsense in ["x", "x:1", &format!("{epoch}:x"), &format!("{epoch}:999999")] {
        assert_eq!(world.admin.events(Some(nonsense)).await.hello["resumed"], false, "{nonsense}");
    }
    world.server.kill().await.expect("it dies");
    world.server.start_again().await.expect("it starts again");
    let fresh = world.admin.events(Some(&resumed.place())).await;
    assert_eq!(fresh.hello["resumed"], false, "numbers count within one run of the server");
    assert_ne!(fresh.hello["epoch"], json!(epoch));
}

#[tokio::test]
async fn each_role_sees_what_it_may_read() {
    let world = World::start(Engine::Sqlite).await;
    let viewer = world.user("viewer", "viewer").await;
    let operator = world.user("operator", "operator").await;
    let (mut seen_by_viewer, mut seen_by_operator, mut seen_by_admin) =
        (viewer.events(None).await, operator.events(None).await, world.admin.events(None).await);
    world.agent("a").await;
    world.user_add("new", "viewer").await;
    world.agent("last").await;
    let last = |event: &Value| event["kind"] == "agent_changed" && event["data"]["name"] == "last";
    let viewers = seen_by_viewer.until(last).await;
    assert!(kinds(&viewers).iter().all(|kind| *kind == "agent_changed"), "{:?}", kinds(&viewers));
    let operators = seen_by_operator.until(last).await;
    assert!(kinds(&operators).iter().all(|kind| ["agent_changed", "join_token_changed"].contains(kind)), "{:?}", kinds(&operators));
    assert!(kinds(&operators).contains(&"join_token_changed"));
    let admins = seen_by_admin.until(last).await;
    for kind in ["agent_changed", "join_token_changed", "audit_appended", "user_changed"] {
        assert!(kinds(&admins).contains(&kind), "{kind}: {:?}", kinds(&admins));
    }
}

#[tokio::test]
async fn the_end_of_a_session_ends_its_events() {
    let world = World::start(Engine::Sqlite).await;
    let viewer = world.user("viewer", "viewer").await;
    let id = world.user_add("off", "viewer").await;
    let off = world.login("off").await;
    let (mut logged_out, mut disabled) = (viewer.events(None).await, off.events(None).await);
    assert_eq!(viewer.post("/api/v1/auth/logout", &json!({})).await.status, 204);
    assert_eq!(world.admin.patch(&format!("/api/v1/admin/users/{id}"), &json!({"active": false})).await.status, 200);
    assert_eq!(tokio::join!(logged_out.close_code(), disabled.close_code()), (4401, 4401));
    world.admin.events(None).await;
}

#[tokio::test]
async fn a_role_that_changes_changes_what_is_seen() {
    let world = World::start(Engine::Sqlite).await;
    let id = world.user_add("vera", "admin").await;
    let vera = world.login("vera").await;
    world.agent("a").await;
    let mut events = vera.events(None).await;
    let tags = async |tag: &str| world.admin.patch("/api/v1/agents/a", &json!({"tags": [tag]})).await.status;
    let with = |tag: &'static str| move |event: &Value| event["kind"] == "agent_changed" && event["data"]["tags"] == json!([tag]);
    assert_eq!(tags("before").await, 200);
    let mut seen = events.until(with("before")).await;
    let path = format!("/api/v1/admin/users/{id}/roles");
    assert_eq!(world.admin.put(&path, &json!({"role": "viewer"})).await.status, 200);
    seen.extend(events.until_anew().await);
    assert!(kinds(&seen).contains(&"audit_appended"), "{:?}", kinds(&seen));
    for tag in ["after", "last"] {
        assert_eq!(tags(tag).await, 200);
        let seen = events.until(with(tag)).await;
        assert!(!kinds(&seen).contains(&"audit_appended"), "not one more: {:?}", kinds(&seen));
    }
}

#[tokio::test]
async fn many_changes_of_one_thing_become_few() {
    const REPORTS: u32 = 1_000;
    let world = World::start(Engine::Sqlite).await;
    let agent = world.agent("a").await;
    let (mut link, _) = agent.connect().await.expect("it connects");
    let mut events = world.admin.events(None).await;
    for n in 1..=REPORTS {
        let report = v1::WorkloadReport { state: "running".to_owned(), restarts: n, title: format!("run {n}"), ..Default::default() };
        link.send(Frame::Workload(report)).await.expect("sent");
    }
    link.beat(1).await.expect("all were taken");
    let last = format!("run {REPORTS}");
    let seen = events.until(|event| event["kind"] == "agent_changed" && event["data"]["workload_title"] == last).await;
    let changes = kinds(&seen).iter().filter(|kind| **kind == "agent_changed").count();
    assert!(changes < usize::try_from(REPORTS).expect("a size") / 2, "{changes} of {REPORTS}");
    assert_eq!(world.admin.get("/api/v1/agents/a").await.json()["workload"]["restarts"], REPORTS);
}

#[tokio::test]
async fn a_server_that_ends_says_so_to_open_pages() {
    let mut world = World::start(Engine::Sqlite).await;
    let mut events = world.admin.events(None).await;
    let (stopped, code) = tokio::join!(world.server.stop(), events.close_code());
    stopped.expect("it ends well");
    assert_eq!(code, 1012, "restarting: come back");
}

#[tokio::test]
async fn figures_arrive_live() {
    let world = World::start(Engine::Sqlite).await;
    let agent = world.agent("a").await;
    let (mut link, _) = agent.connect().await.expect("it connects");
    let mut events = world.admin.events(None).await;
    let mut batch = mc_testkit::raw_agent::lines(1, []);
    let at_micros = mc_domain::time::Clock::now(&mc_domain::time::SystemClock).as_micros();
    batch.samples = vec![v1::Sample { at_micros, metrics: vec![0, 1, 2], values: vec![12.5, 1e9, 4e9] }];
    link.telemetry(batch).await.expect("it is stored");
    let seen = events.until(|event| event["kind"] == "agent_stats").await;
    let data = &seen.last().expect("an event")["data"];
    let expected = json!({"id": agent.id, "cpu_percent": 12.5, "memory_used_bytes": 1e9, "memory_total_bytes": 4e9});
    assert_eq!(*data, expected);
    let listed = world.admin.get("/api/v1/agents").await.json();
    assert_eq!(listed["items"][0]["cpu_percent"], 12.5);
    drop(events);
    let mut quiet = world.admin.events(None).await;
    world.agent("b").await;
    assert!(matches!(quiet.next().await, Heard::Frame(_)), "and go on for whoever comes later");
}
