//! What one may not see does not exist: every way of reading the fleet, for somebody who may see a part of it.

use mc_wire::v1;
use serde_json::{Value, json};

use crate::support::{Api, Engine, World, entries, on_both_engines};

on_both_engines!(a_part_of_the_fleet_is_the_whole_fleet, what_is_shown_follows_the_roles);

const PROD: &str = "prod-only";

async fn world(engine: Engine) -> (World, Api) {
    let world = World::start(engine).await;
    let rules = json!([
        {"effect": "allow", "actions": ["agent_*", "command_*"], "agents": {"tags": ["prod"]}},
        {"effect": "allow", "actions": ["overview_show", "event_follow", "status_show"]},
    ]);
    world.role_add(PROD, rules).await;
    let limited = world.user("limited", PROD).await;
    (world, limited)
}

async fn tag(world: &World, name: &str, tags: Value) {
    assert_eq!(world.admin.patch(&format!("/api/v1/agents/{name}"), &json!({"tags": tags})).await.status, 200);
}

async fn a_part_of_the_fleet_is_the_whole_fleet(engine: Engine) {
    let (world, limited) = world(engine).await;
    let mut links = Vec::new();
    for (name, label) in [("shown", "prod"), ("secret-1", "stage"), ("secret-2", "stage")] {
        let (link, _) = world.agent(name).await.connect().await.expect("it connects");
        links.push(link);
        tag(&world, name, json!([label])).await;
        world.act(name, json!({"action": "check", "reason": "why"})).await;
    }
    let read = async |path: &str| {
        let answer = limited.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert!(!answer.text().contains("secret") && !answer.text().contains("stage"), "{path}: {}", answer.text());
        answer.json()
    };
    for path in ["/api/v1/agents", "/api/v1/agents?sort=-cpu&limit=1", "/api/v1/agents?status=online,degraded,offline,stopped"] {
        assert_eq!(read(path).await["total"], 1, "{path}");
    }
    for path in ["/api/v1/agents?q=secret", "/api/v1/agents?tag=stage"] {
        assert_eq!(read(path).await["total"], 0, "{path}");
    }
    let facets = read("/api/v1/agents/facets").await;
    for facet in ["status", "kind", "tag", "version"] {
        let total: u64 = facets[facet].as_array().expect("counts").iter().filter_map(|count| count["count"].as_u64()).sum();
        assert_eq!(total, 1, "{facet}: {facets}");
    }
    let overview = read("/api/v1/overview").await;
    assert_eq!((&overview["fleet"]["total"], &overview["actions_today"]["total"]), (&json!(1), &json!(1)), "{overview:#}");
    assert!(!overview["recent"].as_array().expect("a list").is_empty() && overview["history"] == json!([]), "{overview:#}");
    let status = read("/api/v1/status").await;
    assert_eq!((&status["fleet"]["total"], &status["connected_agents"]), (&json!(1), &json!(1)));
    let commands = read("/api/v1/commands").await;
    assert_eq!((&commands["total"], entries(&commands).count()), (&json!(1), 1));
    assert!(read("/api/v1/agents/shown/activity").await["items"][0]["action"].is_string());
    for path in
        ["agents/secret-1", "agents/secret-1/logs", "agents/secret-1/metrics", "agents/secret-1/activity", "commands?agent=secret-1"]
    {
        assert_eq!(limited.get(&format!("/api/v1/{path}")).await.status, 404, "{path}");
    }
    let wish = json!({"agents": ["shown", "secret-1", "none"], "action": "check", "reason": "why"});
    let acted = limited.post("/api/v1/actions", &wish).await.json();
    let codes: Vec<&Value> = acted["items"].as_array().expect("items").iter().map(|item| &item["code"]).collect();
    assert_eq!(codes, [&Value::Null, &json!("not_found"), &json!("not_found")]);
    let why = limited.get("/api/v1/why?action=agent_kill&resource=secret-1").await;
    assert_eq!((why.status, limited.get("/api/v1/why?action=agent_kill&resource=none").await.status), (404, 404));
    assert_eq!(world.admin.get("/api/v1/agents").await.json()["total"], 3, "it is there");
}

async fn what_is_shown_follows_the_roles(engine: Engine) {
    let (world, limited) = world(engine).await;
    let (mut link, _) = world.agent("moving").await.connect().await.expect("it connects");
    world.agent("marker").await;
    tag(&world, "marker", json!(["prod"])).await;
    let id = world.admin.get("/api/v1/agents/moving").await.json()["id"].clone();
    let mut events = limited.events(None).await;
    let about = |event: &Value| event["data"]["id"] == id || event["data"]["agent_id"] == id;
    let marked = |word: &'static str| move |event: &Value| event["kind"] == "agent_changed" && event["data"]["tags"][0] == word;

    let mut figures = mc_testkit::raw_agent::lines(1, []);
    let at_micros = mc_domain::time::Clock::now(&mc_domain::time::SystemClock).as_micros();
    figures.samples = vec![v1::Sample { at_micros, metrics: vec![0, 1, 2], values: vec![12.5, 1e9, 4e9] }];
    link.telemetry(figures).await.expect("it is stored");
    world.act("moving", json!({"action": "check"})).await;
    tag(&world, "marker", json!(["a", "prod"])).await;
    assert!(!events.until(marked("a")).await.iter().any(about), "neither figures nor commands of what is not seen");

    tag(&world, "moving", json!(["prod"])).await;
    events.until(|event| event["kind"] == "agent_changed" && about(event)).await;
    tag(&world, "moving", json!(["stage"])).await;
    let gone = events.until(|event| event["kind"] == "agent_removed").await;
    assert_eq!(gone.last().expect("an event")["data"], json!({"id": id}), "gone from the page, and not said where to");

    let given = world.role_give("viewer", "limited").await;
    events.until_anew().await;
    tag(&world, "moving", json!(["other"])).await;
    events.until(|event| event["kind"] == "agent_changed" && about(event)).await;
    let path = format!("/api/v1/admin/role-assignments/{}", given["id"].as_str().expect("an id"));
    assert_eq!(world.admin.delete(&path).await.status, 204);
    tag(&world, "moving", json!(["stage"])).await;
    let mut after = events.until_anew().await;
    tag(&world, "marker", json!(["b", "prod"])).await;
    after.extend(events.until(marked("b")).await);
    assert!(!after.iter().any(|event| event["data"]["tags"] == json!(["stage"])), "nothing after it was taken away: {after:#?}");
}
