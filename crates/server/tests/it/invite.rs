//! Invites: one account each, for whoever holds the link.

use mc_testkit::server::PASSWORD;
use serde_json::{Value, json};

use crate::support::{Api, Engine, World, entries, on_both_engines};

on_both_engines!(an_invite_makes_one_account, two_people_with_one_invite_make_one_account, an_invite_ends);

const INVITES: &str = "/api/v1/admin/invites";

async fn invite(world: &World, wish: Value) -> Value {
    let made = world.admin.post(INVITES, &wish).await;
    assert_eq!(made.status, 201, "{}", made.text());
    made.json()
}

async fn look(api: &Api, token: &Value) -> crate::support::Answer {
    api.post("/api/v1/auth/invite/look", &json!({"token": token})).await
}

async fn accept(api: &Api, token: &Value, name: &str, password: &str) -> crate::support::Answer {
    api.post("/api/v1/auth/invite/accept", &json!({"token": token, "username": name, "password": password, "display_name": "New"})).await
}

async fn state(world: &World, invite: &Value) -> String {
    let list = world.admin.get(INVITES).await.json();
    let found = entries(&list).find(|known| known["id"] == invite["invite"]["id"]).expect("it is listed").clone();
    assert!(found.get("token").is_none(), "{found}");
    found["state"].as_str().expect("a state").to_owned()
}

async fn an_invite_makes_one_account(engine: Engine) {
    let world = World::start(engine).await;
    let made = invite(&world, json!({"role": "operator", "email": "nora@example.org", "note": "night shift"})).await;
    let token = &made["token"];
    assert!(token.as_str().is_some_and(|token| token.starts_with("mci_")), "{made}");
    assert!(made["url"].as_str().is_some_and(|url| url.ends_with(&format!("/invite#token={}", token.as_str().unwrap_or_default()))));
    let stranger = world.stranger();
    let offer = look(&stranger, token).await.json();
    assert_eq!((&offer["role"], &offer["email"], &offer["invited_by"]), (&json!("operator"), &json!("nora@example.org"), &json!("admin")));

    assert_eq!(accept(&stranger, token, "nora", "short").await.status, 400);
    assert_eq!(accept(&stranger, token, "Nora", PASSWORD).await.status, 400);
    assert_eq!(accept(&stranger, token, "admin", PASSWORD).await.code(), "name_taken");
    assert_eq!(state(&world, &made).await, "open", "none of this spent it");
    let welcome = accept(&stranger, token, "nora", PASSWORD).await;
    assert_eq!(welcome.status, 200, "{}", welcome.text());
    assert!(welcome.cookie("__Host-mc_refresh").is_some() && welcome.cookie("__Host-mc_device").is_some());
    let me = stranger.holding(&welcome.access_token()).get("/api/v1/me").await.json();
    assert_eq!((&me["username"], &me["role"], &me["email"]), (&json!("nora"), &json!("operator"), &json!("nora@example.org")));
    assert_eq!(me["email_verified"], false, "the link may have been handed on");
    for answer in [look(&stranger, token).await, accept(&stranger, token, "eve", PASSWORD).await] {
        assert_eq!((answer.status, answer.code().as_str()), (403, "invite_invalid"));
    }
    assert_eq!(state(&world, &made).await, "used");
    let trail = world.audit("invite_accept").await;
    assert!(trail.iter().any(|entry| entry["result"] == "ok" && entry["actor"] == "nora"), "{trail:?}");
    assert_eq!(world.admin.delete(&format!("{INVITES}/{}", made["invite"]["id"].as_str().expect("an id"))).await.status, 204);
    assert_eq!(state(&world, &made).await, "used", "what was used is not revoked");
}

async fn two_people_with_one_invite_make_one_account(engine: Engine) {
    let world = World::start(engine).await;
    let made = invite(&world, json!({"role": "viewer"})).await;
    let stranger = world.stranger();
    let (one, two) = tokio::join!(accept(&stranger, &made["token"], "one", PASSWORD), accept(&stranger, &made["token"], "two", PASSWORD));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403], "{} {}", one.text(), two.text());
    assert_eq!(world.admin.get("/api/v1/admin/users").await.json()["total"], 2);
}

async fn an_invite_ends(engine: Engine) {
    let world = World::start(engine).await;
    let made = invite(&world, json!({"role": "viewer"})).await;
    let path = format!("{INVITES}/{}", made["invite"]["id"].as_str().expect("an id"));
    assert_eq!(world.admin.delete(&path).await.status, 204);
    assert_eq!(look(&world.stranger(), &made["token"]).await.code(), "invite_invalid");
    assert_eq!(accept(&world.stranger(), &made["token"], "eve", PASSWORD).await.code(), "invite_invalid");
    assert_eq!(state(&world, &made).await, "revoked");
    assert_eq!(look(&world.stranger(), &json!("mci_guessed")).await.code(), "invite_invalid");
    for wrong in [
        json!({"role": "nosuchrole"}),
        json!({"role": "viewer", "ttl_seconds": 5}),
        json!({"role": "viewer", "email": "x"}),
        json!({"role": "viewer", "send": true}),
        json!({"role": "viewer", "note": "a\nb"}),
    ] {
        assert_eq!(world.admin.post(INVITES, &wrong).await.status, 400, "{wrong}");
    }
    let send = world.admin.post(INVITES, &json!({"role": "viewer", "email": "a@example.org", "send": true})).await;
    assert_eq!(send.code(), "mail_off", "nothing that cannot be sent is promised");
    assert_eq!(world.admin.get(INVITES).await.json()["total"], 1);
}
