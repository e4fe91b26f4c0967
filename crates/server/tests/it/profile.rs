//! What people see and change of themselves.

use mc_testkit::server::PASSWORD;
use serde_json::json;

use crate::support::{Engine, World, entries, eventually, on_both_engines};

on_both_engines!(
    a_profile_is_ones_own,
    a_new_password_ends_the_other_sessions,
    sessions_are_seen_and_ended,
    the_history_shows_tries_that_failed,
    preferences_are_kept_and_bounded,
);

const NEW: &str = "an entirely other phrase";

async fn a_profile_is_ones_own(engine: Engine) {
    let world = World::start(engine).await;
    let (ada, bob) = (world.user("ada", "viewer").await, world.user("bob", "viewer").await);
    let me = ada.get("/api/v1/me").await.json();
    assert_eq!((&me["username"], &me["role"], &me["has_password"]), (&json!("ada"), &json!("viewer"), &json!(true)));
    assert_eq!(me["roles"], json!([{"role": "viewer", "source": "account"}]));
    let changed = ada.patch("/api/v1/me", &json!({"display_name": " Ada Lovelace ", "email": "ada@example.org"})).await.json();
    assert_eq!((&changed["display_name"], &changed["email"]), (&json!("Ada Lovelace"), &json!("ada@example.org")));
    assert_eq!(bob.patch("/api/v1/me", &json!({"email": "Ada@example.org"})).await.code(), "email_taken");
    assert_eq!(bob.get("/api/v1/me").await.json()["display_name"], "");
    for bad in [json!({}), json!({"display_name": "x".repeat(81)}), json!({"display_name": "a\u{202e}b"}), json!({"email": "nope"})] {
        assert_eq!(ada.patch("/api/v1/me", &bad).await.status, 400, "{bad}");
    }
    assert_eq!(ada.post("/api/v1/me/email/verify", &json!({})).await.code(), "mail_off");
}

async fn a_new_password_ends_the_other_sessions(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.user("ada", "viewer").await;
    let other = world.login("ada").await;
    assert_eq!(other.get("/api/v1/me").await.status, 200);
    let change = async |current: &str, new: &str| ada.post("/api/v1/me/password", &json!({"current": current, "new": new})).await;
    let wrong = change("not the password", NEW).await;
    assert_eq!((wrong.status, wrong.code().as_str()), (403, "wrong_password"));
    for weak in ["short", "qwertyuiopasdfghjkl", "the ada of today"] {
        assert_eq!(change(PASSWORD, weak).await.status, 400, "{weak}");
    }
    assert_eq!(other.get("/api/v1/me").await.status, 200, "nothing happened yet");
    assert_eq!(change(PASSWORD, NEW).await.status, 204);
    assert_eq!(other.get("/api/v1/me").await.status, 401);
    assert_eq!(ada.get("/api/v1/me").await.status, 200, "this one stays");
    assert_eq!(world.stranger().login("ada", NEW).await.status, 200);
    let trail = world.audit("me_password").await;
    assert_eq!(trail.iter().map(|entry| entry["result"].as_str().unwrap_or_default()).collect::<Vec<_>>(), ["ok", "failed"]);
}

async fn sessions_are_seen_and_ended(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.user("ada", "viewer").await;
    let (second, third, fourth) = (world.login("ada").await, world.login("ada").await, world.login("ada").await);
    let list = ada.get("/api/v1/me/sessions").await.json();
    assert_eq!(list["total"], 4);
    assert_eq!(entries(&list).filter(|session| session["current"] == true).count(), 1);
    let id = second.get("/api/v1/auth/me").await.json()["session_id"].as_str().expect("an id").to_owned();
    let stolen = world.admin.delete(&format!("/api/v1/me/sessions/{id}")).await;
    assert_eq!((stolen.status, stolen.code().as_str()), (404, "not_found"), "another's session is not there");
    assert_eq!(second.get("/api/v1/me").await.status, 200);
    assert_eq!(ada.delete(&format!("/api/v1/me/sessions/{id}")).await.status, 204);
    assert_eq!(second.get("/api/v1/me").await.status, 401);
    assert_eq!(ada.delete(&format!("/api/v1/me/sessions/{id}")).await.status, 404, "it is over");
    assert_eq!(third.get("/api/v1/me").await.status, 200);
    assert_eq!(ada.delete("/api/v1/me/sessions").await.status, 204);
    for ended in [third, fourth] {
        assert_eq!(ended.get("/api/v1/me").await.status, 401);
    }
    assert_eq!(ada.get("/api/v1/me/sessions").await.json()["total"], 1);
}

async fn the_history_shows_tries_that_failed(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.user("ada", "viewer").await;
    world.stranger().login("ada", "not the password").await;
    let list = eventually("the failed try", async || {
        let list = ada.get("/api/v1/me/logins").await.json();
        (list["total"] == 2).then_some(list)
    })
    .await;
    let seen: Vec<_> =
        entries(&list).map(|login| (login["result"].as_str().expect("a result"), login["method"].as_str().expect("a method"))).collect();
    assert_eq!(seen, [("wrong_password", "password"), ("ok", "password")]);
    assert!(entries(&list).all(|login| login["address"] == "127.0.0.1"));
    let page = ada.get("/api/v1/me/logins?limit=1").await.json();
    let rest = ada.get(&format!("/api/v1/me/logins?limit=1&cursor={}", page["next_cursor"].as_str().expect("a cursor"))).await.json();
    assert_eq!(rest["items"][0]["result"], "ok");
    assert_eq!(world.admin.get("/api/v1/me/logins").await.json()["items"][0]["method"], "setup", "everybody sees their own");
}

async fn preferences_are_kept_and_bounded(engine: Engine) {
    let world = World::start(engine).await;
    let (ada, path) = (world.user("ada", "viewer").await, "/api/v1/me/preferences");
    let usual = ada.get(path).await.json();
    assert_eq!((&usual["theme"], &usual["font_size"], &usual["views"]), (&json!("system"), &json!(14), &json!({})));
    let wish =
        json!({"theme": "dark", "accent": "teal", "font_size": 16, "time_zone": "Europe/Berlin", "views": {"agents": "status=offline"}});
    assert_eq!(ada.put(path, &wish).await.status, 200);
    let kept = ada.get(path).await.json();
    assert_eq!((&kept["theme"], &kept["radius"], &kept["views"]["agents"]), (&json!("dark"), &json!(6), &json!("status=offline")));
    let many: serde_json::Map<_, _> = (0..51).map(|n| (format!("v{n}"), json!(""))).collect();
    for bad in [
        json!({"theme": "neon"}),
        json!({"font_size": 99}),
        json!({"time_zone": "../x"}),
        json!({"unknown": 1}),
        json!({"views": many}),
        json!({"views": {"agents": "x".repeat(1_001)}}),
    ] {
        assert_eq!(ada.put(path, &bad).await.status, 400, "{bad}");
    }
    assert_eq!(ada.get(path).await.json(), kept);
    assert_eq!(world.admin.get(path).await.json()["theme"], "system");
}

#[tokio::test]
async fn a_password_is_judged_while_it_is_typed() {
    let world = World::start(Engine::Sqlite).await;
    let judge = async |password: &str| {
        let wish = json!({"password": password, "username": "ada"});
        world.stranger().post("/api/v1/auth/password/judge", &wish).await
    };
    let typed = "correct horse battery";
    for end in 1..=typed.len() {
        assert_eq!(judge(&typed[..end]).await.status, 200, "as fast as anybody types");
    }
    assert!(judge(typed).await.json()["score"].as_u64().is_some_and(|score| score >= 2));
    let common = judge("qwertyuiopasdfghjkl").await.json();
    assert_eq!((&common["score"], &common["problem"]), (&json!(0), &json!("common")));
    assert_eq!(judge("short").await.json()["problem"], "too_short");
    assert_eq!(judge(&"x".repeat(2_000)).await.status, 400);
    assert_eq!(world.stranger().login("admin", PASSWORD).await.status, 200, "typing spends no tries");
}
