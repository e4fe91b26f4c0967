//! Access for a while, from asking to its end, through the interface that people use.

use serde_json::{Value, json};

use crate::support::{Api, Engine, World, eventually};

async fn ask(who: &Api, wish: Value) -> String {
    let answer = who.post("/api/v1/access-requests", &wish).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["id"].as_str().expect("an id").to_owned()
}

fn operator(seconds: u64) -> Value {
    json!({"role": "operator", "reason": "release", "duration_seconds": seconds})
}

async fn decide(who: &Api, id: &str, what: &str) -> (u16, String) {
    let answer = who.post(&format!("/api/v1/access-requests/{id}/{what}"), &json!({"reason": "because"})).await;
    (answer.status, answer.code())
}

async fn state(who: &Api, id: &str) -> String {
    let answer = who.get(&format!("/api/v1/access-requests/{id}")).await;
    answer.json()["state"].as_str().unwrap_or_default().to_owned()
}

/// Whether `who` may make join tokens: an operator may, a viewer may not.
async fn may(who: &Api) -> bool {
    who.post("/api/v1/join-tokens", &json!({})).await.status == 201
}

async fn a_role_is_granted_and_ended(engine: Engine) {
    let world = World::start(engine).await;
    let bob = world.user("bob", "viewer").await;
    assert!(!may(&bob).await);
    let id = ask(&bob, operator(3600)).await;
    let again = bob.post("/api/v1/access-requests", &operator(600)).await;
    assert_eq!(again.status, 409, "asked for already: {}", again.text());
    let seen = world.admin.get("/api/v1/access-requests?state=pending").await.json();
    assert_eq!((&seen["items"][0]["id"], &seen["items"][0]["may_decide"]), (&json!(id), &json!(true)));
    let own = bob.get("/api/v1/access-requests").await.json();
    assert_eq!((own["items"].as_array().map(Vec::len), &own["items"][0]["may_decide"]), (Some(1), &json!(false)));

    assert_eq!(decide(&world.admin, &id, "approve").await.0, 200);
    assert!(may(&bob).await, "it counts at once");
    assert_eq!(decide(&world.admin, &id, "approve").await, (409, "decided".to_owned()));
    assert_eq!(decide(&world.admin, &id, "deny").await, (409, "decided".to_owned()));
    assert_eq!(decide(&bob, &id, "cancel").await, (409, "decided".to_owned()));
    assert_eq!(decide(&bob, &id, "end").await.0, 200, "who has it gives it back");
    assert!(!may(&bob).await, "it is gone at once");
    assert_eq!(state(&bob, &id).await, "ended");
    assert_eq!(decide(&world.admin, &id, "end").await, (409, "not_granted".to_owned()));
    let details = [
        ("access_request_create", "role operator for bob, 1 h asked"),
        ("access_request_approve", "role operator for bob, 1 h asked, for 1 h until "),
        ("access_request_end", ""),
    ];
    for (action, detail) in details {
        let path = format!("/api/v1/admin/audit?action={action}&result=ok");
        let list = world.admin.waits_for(&path, |list| list["total"] == 1).await;
        assert_eq!(list["items"][0]["resource_id"], json!(id), "{action}");
        assert!(list["items"][0]["detail"].as_str().unwrap_or_default().starts_with(detail), "{list}");
    }
}

#[tokio::test]
async fn a_role_is_granted_and_ended_on_sqlite() {
    a_role_is_granted_and_ended(Engine::Sqlite).await;
}

#[tokio::test]
async fn a_role_is_granted_and_ended_on_postgres() {
    a_role_is_granted_and_ended(Engine::Postgres).await;
}

async fn a_grant_ends_by_itself(engine: Engine) {
    let world = World::start(engine).await;
    let bob = world.user("bob", "viewer").await;
    let id = ask(&bob, operator(600)).await;
    assert_eq!(decide(&world.admin, &id, "approve").await.0, 200);
    assert!(may(&bob).await, "it is used");
    let roles = bob.get("/api/v1/me").await.json()["roles"].clone();
    assert_eq!((&roles[0]["role"], &roles[0]["source"], &roles[0]["expires_at"]), (&json!("viewer"), &json!("account"), &Value::Null));
    assert_eq!((&roles[1]["role"], &roles[1]["source"]), (&json!("operator"), &json!("assignment")));
    let until = world.admin.get(&format!("/api/v1/access-requests/{id}")).await.json()["expires_at"].clone();
    assert!(until.is_string() && roles[1]["expires_at"] == until, "{roles} {until}");

    // Ten minutes pass.
    for sql in [
        "UPDATE role_assignment SET expires_at = 1",
        "UPDATE access_request SET expires_at = 1 WHERE state = 'approved'",
        "UPDATE role_change SET version = version + 1",
    ] {
        assert_eq!(world.db.execute(world.server.data_dir(), sql).await.expect(sql), 1, "{sql}");
    }
    eventually("the end", async || (!may(&bob).await).then_some(())).await;
    let refused = bob.post("/api/v1/join-tokens", &json!({})).await;
    assert_eq!((refused.status, refused.code().as_str()), (403, "denied"));
    bob.waits_for(&format!("/api/v1/access-requests/{id}"), |request| request["state"] == "expired").await;
    assert_eq!(bob.get("/api/v1/me").await.json()["roles"].as_array().map(Vec::len), Some(1));
    assert_eq!(decide(&world.admin, &id, "end").await, (409, "not_granted".to_owned()));
    let expired = world.audited("access_request_expire", |entry| entry["resource_id"] == json!(id)).await;
    assert_eq!((expired["result"].as_str(), expired["actor_kind"].as_str()), (Some("ok"), Some("system")), "{expired}");
    world.audited("join_token_create", |entry| entry["result"] == "denied" && entry["actor"] == "bob").await;
    assert_eq!(ask(&bob, operator(600)).await.len(), 36, "it can be asked for again");
}

#[tokio::test]
async fn a_grant_ends_by_itself_on_sqlite() {
    a_grant_ends_by_itself(Engine::Sqlite).await;
}

#[tokio::test]
async fn a_grant_ends_by_itself_on_postgres() {
    a_grant_ends_by_itself(Engine::Postgres).await;
}

async fn nobody_approves_themselves(engine: Engine) {
    let world = World::start(engine).await;
    let ann = world.user("ann", "admin").await;
    let strict = json!({"name": "strict", "rules": [{"effect": "allow", "actions": ["*"]}]});
    assert_eq!(world.admin.post("/api/v1/admin/roles", &strict).await.status, 201);
    let wish = json!({"role": "strict", "reason": "mine", "duration_seconds": 600});
    let id = ask(&ann, wish).await;
    for what in ["approve", "deny"] {
        let answer = ann.post(&format!("/api/v1/access-requests/{id}/{what}"), &json!({"reason": "me"})).await;
        assert_eq!(answer.status, 403);
        assert!(answer.text().contains("nobody decides their own request"), "{}", answer.text());
    }
    let token = json!({"name": "mine", "kind": "personal", "scopes": ["access_request_*"], "expires_in_seconds": 600});
    let secret = ann.post("/api/v1/tokens", &token).await.json()["secret"].as_str().expect("a secret").to_owned();
    assert_eq!(decide(&world.stranger().holding(&secret), &id, "approve").await, (403, "denied".to_owned()), "nor by a token of their own");
    let service = json!({"name": "robot", "kind": "service", "scopes": ["*"], "roles": ["admin"], "expires_in_seconds": 600});
    let secret = ann.post("/api/v1/tokens", &service).await.json()["secret"].as_str().expect("a secret").to_owned();
    assert_eq!(decide(&world.stranger().holding(&secret), &id, "approve").await, (403, "denied".to_owned()), "nor by a program");
    assert_eq!(state(&ann, &id).await, "pending");
    let path = "/api/v1/admin/audit?action=access_request_approve&result=denied";
    world.admin.waits_for(path, |list| list["total"] == 3).await;
    assert_eq!(decide(&world.admin, &id, "approve").await.0, 200, "somebody else may");
}

#[tokio::test]
async fn nobody_approves_themselves_on_sqlite() {
    nobody_approves_themselves(Engine::Sqlite).await;
}

#[tokio::test]
async fn nobody_approves_themselves_on_postgres() {
    nobody_approves_themselves(Engine::Postgres).await;
}

async fn two_approvers_race(engine: Engine) {
    let world = World::start(engine).await;
    let (bob, ann) = (world.user("bob", "viewer").await, world.user("ann", "admin").await);
    for _ in 0..4 {
        let id = ask(&bob, operator(600)).await;
        let (one, other) = tokio::join!(decide(&ann, &id, "approve"), decide(&world.admin, &id, "deny"));
        let mut statuses = [one.0, other.0];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{one:?} {other:?}");
        assert_eq!(may(&bob).await, one.0 == 200, "what was said is what counts");
        if one.0 == 200 {
            assert_eq!(decide(&ann, &id, "end").await.0, 200);
        }
    }
}

#[tokio::test]
async fn two_approvers_race_on_sqlite() {
    two_approvers_race(Engine::Sqlite).await;
}

#[tokio::test]
async fn two_approvers_race_on_postgres() {
    two_approvers_race(Engine::Postgres).await;
}

#[tokio::test]
async fn one_action_is_granted_on_one_agent() {
    let world = World::start(Engine::Sqlite).await;
    let bob = world.user("bob", "viewer").await;
    let _links =
        [world.agent("alpha").await.connect().await.expect("it connects"), world.agent("beta").await.connect().await.expect("it connects")];
    let restart = async |name: &str| {
        let answer = bob.post(&format!("/api/v1/agents/{name}/actions"), &json!({"action": "restart", "reason": "x"})).await;
        answer.status
    };
    assert_eq!(restart("alpha").await, 403);
    let id = ask(&bob, json!({"action": "agent_restart", "resource": "alpha", "reason": "stuck", "duration_seconds": 600})).await;
    let approved = world.admin.post(&format!("/api/v1/access-requests/{id}/approve"), &json!({"duration_seconds": 900})).await;
    assert_eq!((approved.status, &approved.json()["duration_seconds"]), (200, &json!(900)), "{}", approved.text());
    assert_ne!(restart("alpha").await, 403);
    assert_eq!(restart("beta").await, 403, "on that agent alone");
    let roles = world.admin.get("/api/v1/admin/roles").await.text();
    assert!(roles.contains("grant-"), "{roles}");
    assert_eq!(decide(&world.admin, &id, "end").await.0, 200, "who may approve ends it, too");
    assert_eq!(restart("alpha").await, 403);
    assert!(!world.admin.get("/api/v1/admin/roles").await.text().contains("grant-"), "its role is gone with it");
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_refused_with_the_reason() {
    let world = World::start(Engine::Sqlite).await;
    let bob = world.user("bob", "viewer").await;
    world.agent("alpha").await;
    let cases = [
        (json!({"role": "operator", "reason": " ", "duration_seconds": 600}), 400),
        (json!({"role": "operator", "reason": "x", "duration_seconds": 299}), 400),
        (json!({"role": "operator", "reason": "x", "duration_seconds": 2_592_001}), 400),
        (json!({"role": "no-such", "reason": "x", "duration_seconds": 600}), 400),
        (json!({"role": "viewer", "reason": "x", "duration_seconds": 600}), 409),
        (json!({"reason": "x", "duration_seconds": 600}), 400),
        (json!({"role": "operator", "action": "agent_kill", "reason": "x", "duration_seconds": 600}), 400),
        (json!({"action": "agent_kil", "resource": "alpha", "reason": "x", "duration_seconds": 600}), 400),
        (json!({"action": "agent_kill", "resource": "nobody", "reason": "x", "duration_seconds": 600}), 404),
        (json!({"action": "agent_kill", "reason": "x", "duration_seconds": 600}), 400),
        (json!({"action": "agent_show", "resource": "alpha", "reason": "x", "duration_seconds": 600}), 409),
        (json!({"action": "role_create", "reason": "x", "duration_seconds": 600}), 400),
        (json!({"action": "user_delete", "resource": "admin", "reason": "x", "duration_seconds": 600}), 400),
    ];
    for (wish, status) in cases {
        let answer = bob.post("/api/v1/access-requests", &wish).await;
        assert_eq!(answer.status, status, "{wish}: {}", answer.text());
    }
    let eve = world.user("eve", "operator").await;
    let id = ask(&bob, operator(600)).await;
    assert_eq!(eve.get(&format!("/api/v1/access-requests/{id}")).await.status, 404, "others' requests are nobody else's business");
    assert_eq!(eve.get("/api/v1/access-requests").await.json()["items"], json!([]));
    assert_eq!(decide(&eve, &id, "cancel").await.0, 404);
    assert_eq!(decide(&eve, &id, "approve").await, (403, "denied".to_owned()));
    assert_eq!(decide(&bob, &id, "cancel").await.0, 200);
}

#[tokio::test]
async fn what_changed_meanwhile_counts() {
    let world = World::start(Engine::Sqlite).await;
    let (bob, ann) = (world.user("bob", "viewer").await, world.user("ann", "admin").await);
    let users = world.admin.get("/api/v1/admin/users").await.json();
    let id_of = |name: &str| {
        let found = users["items"].as_array().expect("users").iter().find(|user| user["username"] == name);
        found.and_then(|user| user["id"].as_str()).expect("an id").to_owned()
    };
    let id = ask(&bob, operator(600)).await;
    let weaker = world.admin.put(&format!("/api/v1/admin/users/{}/roles", id_of("ann")), &json!({"role": "operator"})).await;
    assert_eq!(weaker.status, 200, "{}", weaker.text());
    assert_eq!(decide(&ann, &id, "approve").await, (403, "denied".to_owned()), "who was an admin is none now");
    let off = world.admin.patch(&format!("/api/v1/admin/users/{}", id_of("bob")), &json!({"active": false})).await;
    assert_eq!(off.status, 200, "{}", off.text());
    assert_eq!(decide(&world.admin, &id, "approve").await, (409, "requester_gone".to_owned()));
}

#[tokio::test]
async fn a_role_can_be_for_approving_some_requests_only() {
    let world = World::start(Engine::Sqlite).await;
    let cedar = r#"permit(principal, action, resource) when { action in [Action::"access_request_list", Action::"role_list"] };
        permit(principal, action in [Action::"access_request_show", Action::"access_request_approve"], resource) when { resource.name == "viewer" };"#;
    let lead = json!({"name": "lead", "cedar": cedar, "rules": []});
    let made = world.admin.post("/api/v1/admin/roles", &lead).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let lead = world.user("lead", "lead").await;
    assert_eq!(world.role_give("viewer", "lead").await["role"], json!("viewer"));
    let only = json!({"name": "asker", "rules": [{"effect": "allow", "actions": ["access_request_*"]}, {"effect": "deny", "actions": ["access_request_approve"]}]});
    assert_eq!(world.admin.post("/api/v1/admin/roles", &only).await.status, 201);
    let bob = world.user("bob", "asker").await;
    let (viewer, operator) =
        (ask(&bob, json!({"role": "viewer", "reason": "x", "duration_seconds": 600})).await, ask(&bob, operator(600)).await);
    let seen = lead.get("/api/v1/access-requests").await.json();
    assert_eq!(seen["items"].as_array().map(Vec::len), Some(1), "{seen}");
    assert_eq!(lead.get(&format!("/api/v1/access-requests/{operator}")).await.status, 404);
    assert_eq!(decide(&lead, &operator, "approve").await.0, 404);
    assert_eq!(decide(&lead, &viewer, "approve").await.0, 200);
    assert_eq!(bob.get("/api/v1/agents").await.status, 200, "bob is a viewer now");
}
