//! Sessions: tokens that rotate, end, and are good for one door only.

use mc_testkit::server::PASSWORD;
use serde_json::json;

use crate::support::{Engine, World, eventually, on_both_engines};

on_both_engines!(refresh_tokens_rotate_and_a_reused_one_ends_the_session, logging_out_ends_the_session, sessions_outlive_a_restart,);

async fn refresh_tokens_rotate_and_a_reused_one_ends_the_session(engine: Engine) {
    let world = World::start(engine).await;
    let stranger = world.stranger();
    let login = stranger.login("admin", PASSWORD).await;
    let first = login.refresh_token();
    let second = stranger.refresh(&first).await;
    assert_eq!(second.status, 200, "{}", second.text());
    let again = stranger.refresh(&first).await;
    assert_eq!(again.status, 200, "two tabs may refresh at the same moment");
    assert!(again.cookie("__Host-mc_refresh").is_none(), "but the older token gets no successor of its own");
    let third = stranger.refresh(&second.refresh_token()).await;
    assert_eq!(third.status, 200);
    let tokens = [first.clone(), second.refresh_token(), third.refresh_token()];
    assert!(tokens.iter().all(|token| token.starts_with("mcr_") && token.len() == 53));

    let reused = stranger.refresh(&first).await;
    assert_eq!((reused.status, reused.code().as_str()), (401, "session_ended"), "older than the one before the newest: stolen");
    for token in tokens {
        assert_eq!(stranger.refresh(&token).await.code(), "session_ended");
    }
    for answer in [&login, &second, &third] {
        assert_eq!(stranger.holding(&answer.access_token()).get("/api/v1/auth/me").await.status, 401);
    }
    assert_eq!(world.admin.get("/api/v1/auth/me").await.status, 200, "other sessions of the user go on");
    let entry = world.audited("session_reuse", |_| true).await;
    assert_eq!((&entry["result"], &entry["actor"]), (&json!("denied"), &json!("admin")));
}

async fn logging_out_ends_the_session(engine: Engine) {
    let world = World::start(engine).await;
    let login = world.stranger().login("admin", PASSWORD).await;
    let caller = world.stranger().holding(&login.access_token());
    let out = caller.post("/api/v1/auth/logout", &json!({})).await;
    assert_eq!(out.status, 204);
    assert_eq!(caller.get("/api/v1/auth/me").await.status, 401);
    assert_eq!(caller.refresh(&login.refresh_token()).await.code(), "session_ended");
    assert_eq!(caller.post("/api/v1/auth/logout", &json!({})).await.status, 204, "ending it again is no error");
    assert_eq!(world.audit("logout").await.len(), 1);
}

async fn sessions_outlive_a_restart(engine: Engine) {
    let mut world = World::start(engine).await;
    let login = world.stranger().login("admin", PASSWORD).await;
    world.server.kill().await.expect("it dies");
    world.server.start_again().await.expect("it starts again");
    assert_eq!(world.admin.get("/api/v1/auth/me").await.status, 200);
    assert_eq!(world.stranger().refresh(&login.refresh_token()).await.status, 200);
}

#[tokio::test]
async fn a_token_is_good_for_one_door_only() {
    let world = World::start(Engine::Sqlite).await;
    let login = world.stranger().login("admin", PASSWORD).await;
    let (access, refresh) = (login.access_token(), login.refresh_token());
    let stranger = world.stranger();
    assert_eq!(stranger.holding(&refresh).get("/api/v1/auth/me").await.status, 401, "a refresh token is no access token");
    let as_cookie = stranger.with_cookies("GET", "/api/v1/auth/me", &format!("__Host-mc_access={refresh}"), None).await;
    assert_eq!(as_cookie.status, 401);
    assert_eq!(stranger.refresh(&access).await.code(), "session_ended", "nor the other way round");
    let token = world.token().await;
    assert_eq!(stranger.holding(&token).get("/api/v1/auth/me").await.status, 401, "nor is a join token");
    assert_eq!(stranger.holding(&world.setup_token).get("/api/v1/auth/me").await.status, 401);

    let mut parts: Vec<&str> = access.split('.').collect();
    let other = world.stranger().login("admin", PASSWORD).await.access_token();
    let signature = other.rsplit('.').next().expect("a signature").to_owned();
    parts[2] = &signature;
    assert_eq!(stranger.holding(&parts.join(".")).get("/api/v1/auth/me").await.status, 401, "a signature of another token");
    // {"alg":"none","typ":"JWT"}
    let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{}.", parts[1]);
    assert_eq!(stranger.holding(&unsigned).get("/api/v1/auth/me").await.status, 401, "no signature");
}

#[tokio::test]
async fn logging_out_with_an_expired_access_token_still_ends_the_session() {
    let world = World::with(Engine::Sqlite, |setup| setup.variable("MC_AUTH__ACCESS_LIFE", "1s")).await;
    let login = world.stranger().login("admin", PASSWORD).await;
    let (access, refresh) = (login.access_token(), login.refresh_token());
    let caller = world.stranger().holding(&access);
    eventually("the token's end", async || (caller.get("/api/v1/auth/me").await.status == 401).then_some(())).await;
    let origin = format!("https://{}", caller.host);
    // Browsers drop the access cookie when it ends; the refresh cookie goes along to /api/v1/auth.
    let out = caller.with_cookies("POST", "/api/v1/auth/logout", &format!("__Host-mc_refresh={refresh}"), Some(&origin)).await;
    assert_eq!(out.status, 204);
    assert_eq!(caller.refresh(&refresh).await.code(), "session_ended");
}
