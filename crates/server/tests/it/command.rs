//! Commands: from the request to the result, whatever happens between.

use mc_domain::id::InstanceId;
use mc_testkit::RawAgent;
use mc_wire::v1::{disconnect::Reason, server_frame::Frame};
use serde_json::{Value, json};

use crate::support::{Engine, World, entries, on_both_engines};

on_both_engines!(
    a_command_is_seen_from_click_to_result,
    an_agent_that_is_away_fails_at_once,
    what_the_agents_owner_does_not_allow_is_not_sent,
    a_command_times_out_and_a_late_result_still_lands,
    a_cancelled_command_stays_cancelled,
    whoever_waits_is_answered_at_the_end,
    a_result_that_arrives_after_a_reconnect_lands,
    a_result_that_arrives_after_a_restart_of_the_server_lands,
    an_agent_that_was_restarted_loses_its_command,
    an_agent_cannot_speak_for_another,
    many_agents_are_asked_at_once,
);

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

/// The audit trail of one correlation id, oldest first.
async fn trail(world: &World, request_id: &str) -> Vec<(String, String, String)> {
    let list = world.admin.get(&format!("/api/v1/admin/audit?q={request_id}")).await.json();
    let mut steps: Vec<_> = entries(&list)
        .map(|entry| {
            assert_eq!(entry["request_id"], request_id);
            (text(&entry["action"]).to_owned(), text(&entry["result"]).to_owned(), text(&entry["detail"]).to_owned())
        })
        .collect();
    steps.reverse();
    steps
}

fn step(action: &str, result: &str, detail: &str) -> (String, String, String) {
    (action.to_owned(), result.to_owned(), detail.to_owned())
}

async fn a_command_is_seen_from_click_to_result(engine: Engine) {
    let world = World::start(engine).await;
    let agent = world.agent("a").await;
    let (mut link, _) = agent.connect().await.expect("it connects");
    let mut events = world.admin.events(None).await;
    let (id, request) = world.act("a", json!({"action": "restart", "reason": "new config", "timeout_seconds": 30})).await;
    let sent = link.command().await.expect("it arrives");
    assert_eq!((sent.action.as_str(), sent.reason.as_str(), sent.actor.as_str()), ("restart", "new config", "admin"));
    assert_eq!((&sent.command_id, &sent.request_id, sent.timeout_seconds), (&id, &request, 30));
    let state = |wanted: &'static str, progress: &'static str| {
        move |event: &Value| event["kind"] == "command_changed" && event["data"]["state"] == wanted && event["data"]["progress"] == progress
    };
    events.until(state("sent", "")).await;
    for progress in ["stopping", "stopped", "starting"] {
        link.report(&id, "running", progress).await.expect("taken");
        events.until(state("running", progress)).await;
    }
    let open = world.admin.get("/api/v1/commands?agent=a&open=true").await.json();
    assert_eq!(open["total"], 1);
    link.report(&id, "done", "running again, pid 7").await.expect("taken");
    let done = events.until(state("done", "starting")).await;
    let done = &done.last().expect("an event")["data"];
    assert_eq!((text(&done["result"]), text(&done["actor"]), text(&done["reason"])), ("running again, pid 7", "admin", "new config"));
    assert_eq!(world.admin.get(&format!("/api/v1/commands/{id}")).await.json(), *done, "the event carries what the API shows");
    assert_eq!(world.admin.get("/api/v1/commands?agent=a&open=true").await.json()["total"], 0);
    assert_eq!(trail(&world, &request).await, [step("agent_restart", "started", ""), step("agent_restart", "ok", "running again, pid 7")]);
    let activity = world.admin.get("/api/v1/agents/a/activity").await.json();
    let last = entries(&activity).next().expect("an entry");
    assert_eq!((text(&last["actor"]), text(&last["reason"]), text(&last["request_id"])), ("admin", "new config", request.as_str()));
    assert!(last["duration_ms"].is_i64() && last.get("address").is_none());

    let (id, request) = world.act("a", json!({"action": "kill", "reason": "stuck"})).await;
    link.report(&id, "failed", "no permission to signal pid 7").await.expect("taken");
    assert_eq!(text(&world.command_in(&id, "failed").await["result"]), "no permission to signal pid 7");
    assert_eq!(trail(&world, &request).await[1], step("agent_kill", "failed", "failed: no permission to signal pid 7"));
}

async fn an_agent_that_is_away_fails_at_once(engine: Engine) {
    let world = World::start(engine).await;
    let agent = world.agent("a").await;
    let wish = json!({"action": "restart", "reason": "why"});
    let never = world.admin.post("/api/v1/agents/a/actions", &wish).await;
    assert_eq!((never.status, never.code().as_str()), (409, "agent_offline"));
    agent.connect().await.expect("it connects").0.goodbye("").await.expect("it leaves");
    world.agent_becomes("a", |agent| agent["connected"] == false && agent["last_seen_at"].is_string()).await;
    let away = world.admin.post("/api/v1/agents/a/actions", &wish).await;
    assert_eq!(away.code(), "agent_offline");
    assert!(text(&away.json()["detail"]).contains("last heard of"), "{}", away.text());
    assert_eq!(world.admin.get("/api/v1/commands").await.json()["total"], 0);
    let steps = trail(&world, &away.request_id()).await;
    assert_eq!((steps.len(), steps[0].0.as_str(), steps[0].1.as_str()), (1, "agent_restart", "failed"));
    let missing = world.admin.post("/api/v1/agents/nobody/actions", &wish).await;
    assert_eq!((missing.status, missing.code().as_str()), (404, "not_found"));
}

async fn what_the_agents_owner_does_not_allow_is_not_sent(engine: Engine) {
    let world = World::start(engine).await;
    let agent = world.agent_allowing("a", &["check"]).await;
    let (mut link, _) = agent.connect().await.expect("it connects");
    let refused = world.admin.post("/api/v1/agents/a/actions", &json!({"action": "kill", "reason": "why"})).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "not_allowed_by_agent"));
    assert!(text(&refused.json()["detail"]).contains("[allow]"), "it says where to allow it: {}", refused.text());
    assert_eq!(trail(&world, &refused.request_id()).await[0].1, "failed");
    let (id, _) = world.act("a", json!({"action": "check"})).await;
    assert_eq!(link.command().await.expect("what is allowed arrives").command_id, id);
}

async fn a_command_times_out_and_a_late_result_still_lands(engine: Engine) {
    let world = World::start(engine).await;
    let agent = world.agent("a").await;
    let (mut link, _) = agent.connect().await.expect("it connects");
    for wrong in [0, 3_601] {
        let wish = json!({"action": "check", "timeout_seconds": wrong});
        assert_eq!(world.admin.post("/api/v1/agents/a/actions", &wish).await.status, 400);
    }
    let (id, request) = world.act("a", json!({"action": "check", "timeout_seconds": 1})).await;
    let cancelled = link.find(|frame| if let Frame::Cancel(cancel) = frame { Some(cancel.command_id.clone()) } else { None }).await;
    assert_eq!(cancelled.expect("the agent is told to give up"), id);
    let late = world.command_in(&id, "timed_out").await;
    assert_eq!(text(&late["result"]), "no result within 1 s");
    for state in ["running", "cancelled"] {
        link.report(&id, state, "as told").await.expect("taken");
        assert_eq!(world.admin.get(&format!("/api/v1/commands/{id}")).await.json()["state"], "timed_out", "giving up is no result");
    }
    link.report(&id, "done", "well after all").await.expect("taken");
    assert_eq!(text(&world.command_in(&id, "done").await["result"]), "well after all");
    link.report(&id, "failed", "changed my mind").await.expect("taken");
    assert_eq!(world.admin.get(&format!("/api/v1/commands/{id}")).await.json()["state"], "done", "the first result counts");
    let steps = trail(&world, &request).await;
    let results: Vec<&str> = steps.iter().map(|(_, result, _)| result.as_str()).collect();
    assert_eq!(results, ["started", "failed", "ok"], "{steps:?}");
}

async fn a_cancelled_command_stays_cancelled(engine: Engine) {
    let world = World::start(engine).await;
    let agent = world.agent("a").await;
    let (mut link, _) = agent.connect().await.expect("it connects");
    let (id, request) = world.act("a", json!({"action": "restart", "reason": "why"})).await;
    link.command().await.expect("it arrives");
    let path = format!("/api/v1/commands/{id}/cancel");
    let cancelled = world.admin.post(&path, &json!({})).await;
    assert_eq!((cancelled.status, text(&cancelled.json()["state"])), (200, "cancelled"));
    assert_eq!(text(&cancelled.json()["result"]), "cancelled by admin");
    let told = link.find(|frame| if let Frame::Cancel(cancel) = frame { Some(cancel.command_id.clone()) } else { None }).await;
    assert_eq!(told.expect("the agent is told"), id);
    link.report(&id, "done", "too late").await.expect("it may forget it");
    assert_eq!(world.admin.get(&format!("/api/v1/commands/{id}")).await.json()["state"], "cancelled");
    let again = world.admin.post(&path, &json!({})).await;
    assert_eq!((again.status, again.code().as_str()), (409, "already_ended"));
    assert_eq!(trail(&world, &request).await[1], step("agent_restart", "failed", "cancelled: cancelled by admin"));
    assert_eq!(trail(&world, &cancelled.request_id()).await, [step("command_cancel", "ok", "")]);
}

async fn a_result_that_arrives_after_a_reconnect_lands(engine: Engine) {
    let world = World::start(engine).await;
    let agent = world.agent("a").await;
    let (mut link, _) = agent.connect().await.expect("it connects");
    let (id, request) = world.act("a", json!({"action": "restart", "reason": "why"})).await;
    link.command().await.expect("it arrives");
    link.cut();
    world.agent_becomes("a", |agent| agent["connected"] == false).await;
    assert_eq!(world.admin.get(&format!("/api/v1/commands/{id}")).await.json()["state"], "sent", "the agent still works on it");
    let mut hello = agent.hello();
    hello.unfinished_commands = vec![id.clone()];
    let (mut link, _) = agent.connect_with(hello).await.expect("it comes back");
    link.report(&id, "done", "meanwhile").await.expect("taken");
    assert_eq!(text(&world.command_in(&id, "done").await["result"]), "meanwhile");
    assert_eq!(trail(&world, &request).await.len(), 2);
}

async fn a_result_that_arrives_after_a_restart_of_the_server_lands(engine: Engine) {
    let mut world = World::start(engine).await;
    let agent = world.agent("a").await;
    let (mut link, _) = agent.connect().await.expect("it connects");
    let (id, request) = world.act("a", json!({"action": "restart", "reason": "why"})).await;
    link.command().await.expect("it arrives");
    world.server.kill().await.expect("it dies");
    world.server.start_again().await.expect("it starts again");
    let mut hello = agent.hello();
    hello.unfinished_commands = vec![id.clone()];
    let (mut link, _) = agent.connect_with(hello).await.expect("it comes back");
    link.report(&id, "done", "meanwhile").await.expect("taken");
    let done = world.command_in(&id, "done").await;
    assert_eq!((text(&done["result"]), text(&done["request_id"])), ("meanwhile", request.as_str()));
    let steps = trail(&world, &request).await;
    assert_eq!(steps, [step("agent_restart", "started", ""), step("agent_restart", "ok", "meanwhile")]);
}

async fn an_agent_that_was_restarted_loses_its_command(engine: Engine) {
    let world = World::start(engine).await;
    let agent = world.agent("a").await;
    let (mut link, _) = agent.connect().await.expect("it connects");
    let (id, _) = world.act("a", json!({"action": "restart", "reason": "why"})).await;
    link.command().await.expect("it arrives");
    link.cut();
    world.agent_becomes("a", |agent| agent["connected"] == false).await;
    let restarted = RawAgent { instance: InstanceId::new(), ..agent };
    let _link = restarted.connect().await.expect("it comes back and knows nothing");
    let lost = world.command_in(&id, "failed").await;
    assert_eq!(text(&lost["result"]), "the agent was restarted before it was done");
}

async fn an_agent_cannot_speak_for_another(engine: Engine) {
    let world = World::start(engine).await;
    let (agent, other) = (world.agent("a").await, world.agent("b").await);
    let (mut link, _) = agent.connect().await.expect("it connects");
    let (mut thief, _) = other.connect().await.expect("it connects");
    let (id, request) = world.act("a", json!({"action": "restart", "reason": "why"})).await;
    for state in ["running", "done", "failed"] {
        thief.report(&id, state, "by somebody else").await.expect("it may forget what is not its own");
    }
    let command = world.admin.get(&format!("/api/v1/commands/{id}")).await.json();
    assert_eq!((text(&command["state"]), text(&command["progress"])), ("sent", ""));
    let mut hello = other.hello();
    hello.unfinished_commands = vec![id.clone()];
    other.connect_with(hello).await.expect("it connects");
    link.report(&id, "done", "by the right one").await.expect("taken");
    assert_eq!(text(&world.command_in(&id, "done").await["result"]), "by the right one");
    assert_eq!(trail(&world, &request).await.len(), 2);
    for nonsense in ["timed_out", "sunny", ""] {
        let (mut link, _) = agent.connect().await.expect("it connects");
        link.tell(&id, nonsense, "").await.expect("sent");
        assert_eq!(link.disconnect().await.expect("nonsense ends the stream").reason(), Reason::ProtocolError, "{nonsense:?}");
    }
    world.audited("agent_protocol_error", |entry| entry["detail"] == "a command update made no sense").await;
}

async fn many_agents_are_asked_at_once(engine: Engine) {
    let world = World::start(engine).await;
    let (here, away) = (world.agent("here").await, world.agent("away").await);
    assert_eq!(away.name, "away");
    let (mut link, _) = here.connect().await.expect("it connects");
    let wish = json!({"agents": ["here", "away", "nobody", here.id], "action": "check"});
    let answer = world.admin.post("/api/v1/actions", &wish).await;
    assert_eq!(answer.status, 202);
    let codes: Vec<Value> = entries(&answer.json()).map(|item| item["code"].clone()).collect();
    assert_eq!(codes, [Value::Null, json!("agent_offline"), json!("not_found"), Value::Null]);
    for item in [0, 3] {
        let sent = link.command().await.expect("it arrives");
        assert_eq!((sent.command_id.as_str(), sent.request_id), (text(&answer.json()["items"][item]["command_id"]), answer.request_id()));
    }
    for agents in [json!([]), json!(vec!["x"; 1_001])] {
        let refused = world.admin.post("/api/v1/actions", &json!({"agents": agents, "action": "check"})).await;
        assert_eq!((refused.status, refused.code().as_str()), (400, "invalid"));
    }
}

async fn whoever_waits_is_answered_at_the_end(engine: Engine) {
    let world = World::start(engine).await;
    let agent = world.agent("a").await;
    let (mut link, _) = agent.connect().await.expect("it connects");
    let (id, _) = world.act("a", json!({"action": "check"})).await;
    link.command().await.expect("it arrives");
    let path = format!("/api/v1/commands/{id}?wait=60");
    let (seen, ()) = tokio::join!(world.admin.get(&path), async { link.report(&id, "done", "fine").await.expect("taken") });
    assert_eq!((&seen.json()["state"], &seen.json()["result"]), (&json!("done"), &json!("fine")));
    assert_eq!(world.admin.get(&path).await.json()["state"], "done", "what has ended is not waited for");
    assert_eq!(world.admin.get(&format!("/api/v1/commands/{id}?wait=61")).await.status, 400);

    // Who is shut out meanwhile is not answered.
    let (id, _) = world.act("a", json!({"action": "check"})).await;
    link.command().await.expect("it arrives");
    let made = world.api_token(json!({"name": "waits", "kind": "personal", "scopes": ["*"]})).await;
    let waits = world.admin.holding(text(&made["secret"]));
    let (path, token) = (format!("/api/v1/commands/{id}?wait=60"), format!("/api/v1/tokens/{}", text(&made["token"]["id"])));
    let (answer, ()) = tokio::join!(waits.get(&path), async {
        assert_eq!(world.admin.delete(&token).await.status, 204);
        link.report(&id, "done", "secret").await.expect("taken");
    });
    assert_eq!(answer.status, 401, "{}", answer.text());
}
