//! API tokens through the public door: made, used, narrowed, rotated, revoked, and what none of them may do.

use mc_testkit::server::PASSWORD;
use serde_json::{Value, json};

use crate::support::{Api, Engine, World, entries, eventually, on_both_engines};

on_both_engines!(a_token_acts_as_its_owner_within_its_scopes, rotation_overlaps, services_are_nobody, every_use_is_counted);

fn secret(made: &Value) -> String {
    made["secret"].as_str().unwrap_or_else(|| panic!("a secret in {made}")).to_owned()
}

fn path(made: &Value) -> String {
    format!("/api/v1/tokens/{}", made["token"]["id"].as_str().expect("an id"))
}

async fn made(caller: &Api, wish: Value) -> Value {
    let answer = caller.post("/api/v1/tokens", &wish).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

fn personal(scopes: &[&str]) -> Value {
    json!({"name": "CI", "kind": "personal", "scopes": scopes})
}

async fn a_token_acts_as_its_owner_within_its_scopes(engine: Engine) {
    let world = World::start(engine).await;
    let (id, operator) = (world.user_add("olga", "operator").await, world.login("olga").await);
    let token = made(&operator, personal(&["join_token_*", "agent_list", "user_list"])).await;
    let text = secret(&token);
    assert!(text.len() == 53 && text.starts_with("mct_") && text.starts_with(token["token"]["prefix"].as_str().expect("a prefix")));
    let holder = world.stranger().holding(&text);
    assert_eq!(holder.get("/api/v1/agents").await.status, 200);
    assert_eq!(holder.post("/api/v1/join-tokens", &json!({})).await.status, 201);
    let outside = holder.get("/api/v1/overview").await;
    assert_eq!((outside.status, outside.code().as_str()), (403, "denied"));
    assert!(outside.text().contains("token:scopes"), "{}", outside.text());
    assert_eq!(holder.get("/api/v1/admin/users").await.status, 403, "the scope is there, the owner's role is not");

    let me = holder.get("/api/v1/auth/me").await.json();
    assert_eq!((me["username"].as_str(), &me["session_id"]), (Some("olga"), &Value::Null));
    assert!(entries(&json!({"items": me["allowed"]})).any(|name| name == "agent_list"));
    assert!(!entries(&json!({"items": me["allowed"]})).any(|name| name == "agent_restart"), "{me}");

    // The role of the owner now, not when the token was made.
    let path = format!("/api/v1/admin/users/{id}/roles");
    assert_eq!(world.admin.put(&path, &json!({"role": "viewer"})).await.status, 200);
    assert_eq!(holder.post("/api/v1/join-tokens", &json!({})).await.status, 403);
    assert_eq!(world.admin.put(&path, &json!({"role": "admin"})).await.status, 200);
    assert_eq!(holder.get("/api/v1/admin/users").await.status, 200);

    let user = format!("/api/v1/admin/users/{id}");
    for (active, status) in [(false, 401), (true, 200), (false, 401)] {
        assert_eq!(world.admin.patch(&user, &json!({"active": active})).await.status, 200);
        assert_eq!(holder.get("/api/v1/agents").await.status, status, "active: {active}");
    }
    let entry = world.audit("token_create").await.remove(0);
    assert_eq!((entry["actor"].as_str(), entry["resource"].as_str()), (Some("olga"), Some("CI")));
    assert!(!world.admin.get("/api/v1/admin/audit?limit=500").await.text().contains(&text), "the trail holds no secret");
}

async fn rotation_overlaps(engine: Engine) {
    let world = World::start(engine).await;
    let first = made(&world.admin, personal(&["*"])).await;
    let rotate = format!("{}/rotate", path(&first));
    let second = world.admin.post(&rotate, &json!({"overlap_seconds": 2})).await.json();
    let (old, new) = (world.stranger().holding(&secret(&first)), world.stranger().holding(&secret(&second)));
    assert_ne!(secret(&first), secret(&second));
    assert_eq!((old.get("/api/v1/agents").await.status, new.get("/api/v1/agents").await.status), (200, 200));
    let shown = world.admin.get(&path(&first)).await.json();
    assert!(shown["old_until"].is_string() && shown["rotated_at"].is_string(), "{shown}");
    eventually("the end of the overlap", async || (old.get("/api/v1/agents").await.status == 401).then_some(())).await;
    assert_eq!(new.get("/api/v1/agents").await.status, 200);
    assert!(world.admin.get(&path(&first)).await.json()["old_until"].is_null());

    let third = world.admin.post(&rotate, &json!({})).await.json();
    let fourth = world.admin.post(&rotate, &json!({})).await.json();
    for (text, status) in [(secret(&second), 401), (secret(&third), 200), (secret(&fourth), 200)] {
        assert_eq!(world.stranger().holding(&text).get("/api/v1/agents").await.status, status, "one overlap at a time");
    }
    assert_eq!(world.admin.post(&rotate, &json!({"overlap_seconds": 31 * 86_400})).await.status, 400);
    assert_eq!(world.admin.delete(&path(&first)).await.status, 204);
    for text in [secret(&third), secret(&fourth)] {
        assert_eq!(world.stranger().holding(&text).get("/api/v1/agents").await.status, 401, "revoked with its overlap");
    }
    let late = world.admin.post(&rotate, &json!({})).await;
    assert_eq!((late.status, late.code().as_str()), (409, "token_ended"));
    assert_eq!(world.admin.delete(&path(&first)).await.status, 204, "revoked twice");
    assert_eq!(world.audit("token_revoke").await.len(), 1);
}

async fn services_are_nobody(engine: Engine) {
    let world = World::start(engine).await;
    let operator = world.user("olga", "operator").await;
    let wish = json!({"name": "deploy", "kind": "service", "scopes": ["agent_*", "event_follow"], "roles": ["operator"]});
    assert_eq!(operator.post("/api/v1/tokens", &wish).await.status, 403, "who makes a service gives roles");
    let service = made(&world.admin, wish).await;
    assert_eq!((&service["token"]["owner"], &service["token"]["roles"]), (&Value::Null, &json!(["operator"])));
    let holder = world.stranger().holding(&secret(&service));
    assert_eq!(holder.get("/api/v1/agents").await.status, 200);
    let me = holder.get("/api/v1/auth/me").await.json();
    let id = service["token"]["id"].clone();
    assert_eq!((&me["kind"], &me["id"], &me["username"]), (&json!("service"), &id, &json!("deploy")));
    assert_eq!((&me["role"], &me["roles"], &me["token"]), (&Value::Null, &json!(["operator"]), &json!({"id": id, "name": "deploy"})));
    assert!(
        me["allowed"].as_array().is_some_and(|all| all.contains(&json!("agent_list")) && !all.contains(&json!("command_list"))),
        "{me}"
    );
    world.agent("target").await;
    assert_eq!(holder.patch("/api/v1/agents/target", &json!({"tags": ["by-service"]})).await.status, 200);
    let entry = world.audited("agent_update", |entry| entry["result"] == "ok").await;
    assert_eq!((entry["actor_kind"].as_str(), entry["actor"].as_str()), (Some("service"), Some("deploy")));
    assert_eq!(holder.delete("/api/v1/agents/target").await.status, 403, "an operator removes no agents");
    let mut events = holder.events(None).await;
    assert_eq!(world.admin.patch("/api/v1/agents/target", &json!({"tags": ["seen"]})).await.status, 200);
    events.until(|event| event["kind"] == "agent_changed" && event["data"]["tags"] == json!(["seen"])).await;

    for bad in [
        json!({"name": "x", "kind": "service", "scopes": ["*"], "roles": ["root"]}),
        json!({"name": "x", "kind": "personal", "scopes": ["*"], "roles": ["admin"]}),
        json!({"name": "x", "kind": "personal", "scopes": []}),
        json!({"name": "x", "kind": "personal", "scopes": ["agents_*"]}),
        json!({"name": "", "kind": "personal", "scopes": ["*"]}),
        json!({"name": "x", "kind": "personal", "scopes": ["*"], "expires_in_seconds": 0}),
        json!({"name": "x", "kind": "personal", "scopes": ["*"], "expires_in_seconds": 366 * 86_400}),
        json!({"name": "x", "kind": "root", "scopes": ["*"]}),
    ] {
        let refused = world.admin.post("/api/v1/tokens", &bad).await;
        assert_eq!((refused.status, refused.code().as_str()), (400, "invalid"), "{bad}");
    }
    assert_eq!(world.admin.get("/api/v1/tokens").await.json()["total"], 0, "one's own");
    assert_eq!(world.admin.get("/api/v1/tokens?all=true").await.json()["total"], 1);
    assert_eq!(operator.get("/api/v1/tokens?all=true").await.status, 403);
}

async fn every_use_is_counted(engine: Engine) {
    let mut world = World::start(engine).await;
    let token = made(&world.admin, personal(&["agent_list"])).await;
    let holder = world.stranger().holding(&secret(&token));
    for _ in 0..5 {
        assert_eq!(holder.get("/api/v1/agents").await.status, 200);
    }
    assert_eq!(holder.get("/api/v1/admin/users").await.status, 403);
    let shown = world.admin.get(&path(&token)).await.json();
    assert_eq!((&shown["uses"], shown["last_used_address"].as_str()), (&json!(6), Some("127.0.0.1")), "{shown}");
    // What was counted in memory is stored when the server ends.
    world.server.stop().await.expect("ends");
    world.server.start_again().await.expect("starts");
    let shown = world.admin.get(&path(&token)).await.json();
    assert_eq!((&shown["uses"], shown["addresses"][0]["address"].as_str()), (&json!(6), Some("127.0.0.1")), "{shown}");
    assert_eq!(shown["addresses"][0]["uses"], 6);
}

/// Another server on the same database hears of a revocation within the time it trusts what it read.
#[tokio::test]
async fn replicas_follow() {
    let world = World::start(Engine::Postgres).await;
    let other = mc_testkit::server::Setup::default().beside(&world.server).start().await.expect("a second server");
    let token = made(&world.admin, personal(&["agent_list"])).await;
    let there = Api::new(&other).holding(&secret(&token));
    assert_eq!(there.get("/api/v1/agents").await.status, 200);
    assert_eq!(world.admin.delete(&path(&token)).await.status, 204);
    assert_eq!(world.stranger().holding(&secret(&token)).get("/api/v1/agents").await.status, 401, "at once where it was revoked");
    eventually("the other server's own look", async || (there.get("/api/v1/agents").await.status == 401).then_some(())).await;
}

#[tokio::test]
async fn a_token_never_becomes_more_than_it_is() {
    let world = World::start(Engine::Sqlite).await;
    let all = world.stranger().holding(&secret(&made(&world.admin, personal(&["*"])).await));
    let me = world.admin.get("/api/v1/auth/me").await.json();
    let user = format!("/api/v1/admin/users/{}", me["id"].as_str().expect("an id"));
    let refused = all.patch(&user, &json!({"password": "another long password"})).await;
    assert_eq!((refused.status, refused.code().as_str()), (403, "denied"), "{}", refused.text());
    assert_eq!(world.stranger().login("admin", PASSWORD).await.status, 200, "the password is the old one");

    let refresh = all
        .with_cookies(
            "POST",
            "/api/v1/auth/refresh",
            &format!("__Host-mc_refresh={}", all.token.as_deref().expect("held")),
            Some(&format!("https://{}", all.host)),
        )
        .await;
    assert_eq!((refresh.status, refresh.code().as_str()), (401, "session_ended"));
    for scopes in [&["*"][..], &["agent_list"]] {
        assert_eq!(all.post("/api/v1/tokens", &personal(scopes)).await.status, 403, "* is no wish to make tokens");
    }

    let maker = made(&world.admin, personal(&["token_create", "token_rotate", "agent_*"])).await;
    let maker_api = world.stranger().holding(&secret(&maker));
    for (scopes, status) in
        [(&["agent_list"][..], 201), (&["agent_*", "token_create"], 201), (&["*"], 403), (&["user_list"], 403), (&["a*"], 403)]
    {
        let answer = maker_api.post("/api/v1/tokens", &personal(scopes)).await;
        assert_eq!(answer.status, status, "{scopes:?}: {}", answer.text());
        if status == 403 {
            assert!(answer.text().contains("token:wider"), "{}", answer.text());
        }
    }
    let child = maker_api
        .post("/api/v1/tokens", &json!({"name": "child", "kind": "personal", "scopes": ["agent_*"], "expires_in_seconds": 360 * 86_400}))
        .await
        .json();
    assert_eq!(child["token"]["expires_at"], maker["token"]["expires_at"], "it does not outlive its maker");
    let service = json!({"name": "s", "kind": "service", "scopes": ["agent_*"], "roles": ["admin"]});
    assert_eq!(maker_api.post("/api/v1/tokens", &service).await.status, 403);
    let wide = made(&world.admin, personal(&["*"])).await;
    assert_eq!(maker_api.post(&format!("{}/rotate", path(&wide)), &json!({})).await.status, 403, "a wider token's secret is not for it");
    assert_eq!(maker_api.post(&format!("{}/rotate", path(&maker)), &json!({})).await.status, 200, "its own is");
}

#[tokio::test]
async fn somebody_elses_token_is_nobodys_business() {
    let world = World::start(Engine::Sqlite).await;
    let (one, two) = (world.user("one", "operator").await, world.user("two", "operator").await);
    let token = made(&one, personal(&["*"])).await;
    for answer in
        [two.get(&path(&token)).await, two.delete(&path(&token)).await, two.post(&format!("{}/rotate", path(&token)), &json!({})).await]
    {
        assert_eq!((answer.status, answer.code().as_str()), (404, "not_found"));
    }
    assert_eq!(two.get("/api/v1/tokens").await.json()["total"], 0);
    // An admin sees and ends it, but does not get its secret: whoever holds that is the person.
    assert_eq!(world.admin.get(&path(&token)).await.json()["owner"], "one");
    let rotated = world.admin.post(&format!("{}/rotate", path(&token)), &json!({})).await;
    assert_eq!((rotated.status, rotated.code().as_str()), (409, "not_yours"));
    assert_eq!(world.admin.delete(&path(&token)).await.status, 204);
    assert_eq!(world.stranger().holding(&secret(&token)).get("/api/v1/agents").await.status, 401);
    assert_eq!(one.get("/api/v1/tokens").await.json()["items"][0]["state"], "revoked");
}

#[tokio::test]
async fn an_open_connection_ends_with_its_token() {
    let world = World::start(Engine::Sqlite).await;
    let token = made(&world.admin, personal(&["event_follow", "agent_list"])).await;
    let holder = world.stranger().holding(&secret(&token));
    let mut events = holder.events(None).await;
    // Out of its scopes: the events of users never reach it.
    world.user_add("made-meanwhile", "viewer").await;
    world.agent("seen").await;
    let heard = events.until(|event| event["kind"] == "agent_changed" && event["data"]["name"] == "seen").await;
    assert!(heard.iter().all(|event| event["kind"].as_str().is_some_and(|kind| kind.starts_with("agent_"))), "{heard:?}");
    assert_eq!(world.admin.delete(&path(&token)).await.status, 204);
    assert_eq!(events.close_code().await, 4401);
}
