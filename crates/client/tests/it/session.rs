//! Sessions: kept, renewed once, ended.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use mc_api::auth::LoginRequest;
use mc_client::{
    Client, Error, Options,
    session::{LockedSession as _, MemoryStore, Session},
    trust::Trust,
};
use mc_domain::time::{Clock as _, SystemClock};
use secrecy::ExposeSecret as _;

use crate::peer::{Answer, Asked, Peer};

const USER: &str = r#"{"kind":"user","id":"0197c3a1-6f2e-7c3d-9a51-2f0c6c1d7e11","username":"ada","role":"admin","roles":["admin"],"session_id":"0197c3a1-6f2e-7c3d-9a51-2f0c6c1d7e12","allowed":[],"created_at":"2026-11-22T06:00:00.000Z"}"#;

fn login_answer(access: &str, refresh: Option<&str>) -> Answer {
    let cookies =
        refresh.map(|refresh| format!("set-cookie: __Host-mc_refresh={refresh}; Path=/api/v1/auth; HttpOnly\r\n")).unwrap_or_default();
    (200, cookies, format!(r#"{{"access_token":"{access}","token_type":"Bearer","expires_in":900,"user":{USER}}}"#))
}

fn problem(status: u16, code: &str) -> Answer {
    let body = format!(r#"{{"code":"{code}","title":"T","status":{status},"detail":"what to do","request_id":"r"}}"#);
    (status, "content-type: application/problem+json\r\n".into(), body)
}

fn store_with(access: &str, life: Duration) -> MemoryStore {
    let mut store = MemoryStore::default();
    let session = Session {
        username: "ada".into(),
        access_token: access.into(),
        access_expires_at: SystemClock.now().after(life),
        refresh_token: "refresh-1".into(),
    };
    store.save(Some(&session)).expect("saved");
    store
}

fn client(peer: &Peer, store: &MemoryStore) -> Client {
    let mut options = Options::new(peer.url.parse().expect("url"), Trust::Pin(peer.pin));
    options.store = Arc::new(store.clone());
    Client::new(options).expect("client")
}

/// Knows the access token `fresh` only, and gives it for the refresh token `refresh-1`, once.
async fn renewing_peer(refresh: Option<&'static str>) -> Peer {
    let renewals = AtomicU32::new(0);
    Peer::start(move |asked: &Asked| match asked.line.split(' ').nth(1) {
        Some("/api/v1/auth/refresh")
            if asked.head.contains("__Host-mc_refresh=refresh-1") && renewals.fetch_add(1, Ordering::SeqCst) == 0 =>
        {
            login_answer("fresh", refresh)
        }
        Some("/api/v1/auth/me") if asked.head.contains("Bearer fresh") => (200, String::new(), USER.to_owned()),
        Some("/api/v1/auth/logout") => (204, String::new(), String::new()),
        _ => problem(401, "unauthenticated"),
    })
    .await
}

#[tokio::test]
async fn a_login_is_kept_and_used() {
    let peer = Peer::start(|asked| match asked.line.as_str() {
        "POST /api/v1/auth/login HTTP/1.1" => login_answer("first", Some("r")),
        _ if asked.head.contains("Bearer first") => (200, String::new(), USER.to_owned()),
        _ => problem(401, "unauthenticated"),
    })
    .await;
    let mut store = MemoryStore::default();
    let client = client(&peer, &store);
    assert!(matches!(client.me_show().await, Err(Error::NotLoggedIn)));
    client.auth_login(&LoginRequest { username: "ada".into(), password: "p".into() }).await.expect("logs in");
    assert_eq!(client.me_show().await.expect("me").username, "ada");
    let kept = store.load().expect("store").expect("session");
    assert_eq!((kept.username.as_str(), kept.refresh_token.expose_secret()), ("ada", "r"));
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_for_all_who_wait() {
    let peer = renewing_peer(Some("refresh-2")).await;
    let mut store = store_with("stale", Duration::from_secs(600));
    let client = client(&peer, &store);
    let answers = futures::future::join_all((0..8).map(|_| client.me_show())).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let renewals = peer.asked("/api/v1/auth/refresh");
    assert_eq!(renewals.len(), 1);
    assert!(renewals[0].head.contains(&format!("origin: {}", peer.url)), "{}", renewals[0].head);
    assert_eq!(store.load().expect("store").expect("session").refresh_token.expose_secret(), "refresh-2");
}

#[tokio::test]
async fn a_token_about_to_end_is_renewed_before_it_is_used() {
    let peer = renewing_peer(None).await;
    let mut store = store_with("stale", Duration::from_secs(5));
    client(&peer, &store).me_show().await.expect("me");
    assert_eq!(peer.asked("/api/v1/auth/me").len(), 1, "the old token was not tried");
    let kept = store.load().expect("store").expect("session");
    assert_eq!(kept.refresh_token.expose_secret(), "refresh-1", "an answer without a cookie leaves the refresh token");
}

#[tokio::test]
async fn a_session_another_program_renewed_is_taken_over() {
    let peer = renewing_peer(Some("refresh-2")).await;
    let mut store = store_with("stale", Duration::from_secs(600));
    let client = client(&peer, &store);
    let mut renewed = store.load().expect("store").expect("session");
    renewed.access_token = "fresh".into();
    store.save(Some(&renewed)).expect("saved");
    client.me_show().await.expect("me");
    assert_eq!(peer.asked("/api/v1/auth/refresh").len(), 0);
}

#[tokio::test]
async fn a_session_that_ended_is_forgotten() {
    let peer = Peer::start(|_| problem(401, "session_ended")).await;
    let mut store = store_with("stale", Duration::from_secs(600));
    let client = client(&peer, &store);
    assert!(matches!(client.me_show().await, Err(Error::SessionEnded)));
    assert!(store.load().expect("store").is_none());
    assert!(matches!(client.me_show().await, Err(Error::NotLoggedIn)));
}

#[tokio::test]
async fn a_server_in_trouble_ends_no_session() {
    let peer = Peer::start(|asked| match asked.line.split(' ').nth(1) {
        Some("/api/v1/auth/refresh") => problem(503, "unavailable"),
        _ => problem(401, "unauthenticated"),
    })
    .await;
    let mut store = store_with("stale", Duration::from_secs(600));
    let error = client(&peer, &store).me_show().await.expect_err("unavailable");
    assert_eq!(error.code(), Some("unavailable"));
    assert!(store.load().expect("store").is_some());
}

#[tokio::test]
async fn a_logout_tells_the_server_and_forgets() {
    let peer = renewing_peer(Some("refresh-2")).await;
    let mut store = store_with("fresh", Duration::from_secs(600));
    client(&peer, &store).auth_logout().await.expect("logs out");
    let asked = peer.asked("/api/v1/auth/logout");
    assert!(asked[0].head.contains("Bearer fresh") && asked[0].head.contains("__Host-mc_refresh=refresh-1"), "{}", asked[0].head);
    assert!(store.load().expect("store").is_none());
}

#[tokio::test]
async fn an_answer_that_is_no_problem_document_is_still_told() {
    let peer = Peer::start(|_| (502, "x-request-id: abc\r\n".into(), "<html>".into())).await;
    let error = client(&peer, &store_with("fresh", Duration::from_secs(600))).me_show().await.expect_err("bad gateway");
    assert_eq!(error.class(), mc_client::Class::Unreachable);
    assert!(error.to_string().contains("abc"), "{error}");
    let peer = Peer::start(|_| (200, String::new(), "<html>".into())).await;
    let error = client(&peer, &store_with("fresh", Duration::from_secs(600))).me_show().await.expect_err("no JSON");
    assert!(matches!(error, Error::BadAnswer { .. }), "{error}");
}
