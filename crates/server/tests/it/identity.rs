//! People: the first set-up, passwords, limits, roles.

use mc_testkit::{program, server::PASSWORD};
use serde_json::json;

use crate::support::{Api, Engine, World, entries, on_both_engines, setup_token};

on_both_engines!(
    the_setup_link_works_once,
    two_people_with_the_same_link_make_one_admin,
    a_wrong_password_and_an_unknown_user_look_alike,
    a_disabled_user_is_refused_at_once,
    a_role_counts_from_the_next_request,
    the_last_admin_stays,
    a_new_password_ends_every_session,
    users_are_made_without_logging_in_too,
);

async fn the_setup_link_works_once(engine: Engine) {
    let mut world = World::start(engine).await;
    let stranger = world.stranger();
    assert_eq!(stranger.get("/api/v1/setup").await.json(), json!({"needed": false}));
    let again = stranger.set_up(&world.setup_token, "second").await;
    assert_eq!((again.status, again.code().as_str()), (409, "setup_done"));
    assert_eq!(entries(&world.admin.get("/api/v1/admin/users").await.json()).count(), 1);

    world.server.stop().await.expect("it ends");
    world.server.start_again().await.expect("it starts again");
    let again = stranger.set_up(&world.setup_token, "second").await;
    assert_eq!((again.status, again.code().as_str()), (409, "setup_done"), "nor after a restart");
    assert!(!world.server.log().contains("/setup#"), "a server that has users prints no link");
}

async fn two_people_with_the_same_link_make_one_admin(engine: Engine) {
    let mut fresh = fresh(engine).await;
    let token = setup_token(&mut fresh.0).await;
    let stranger = Api::new(&fresh.0);
    assert_eq!(stranger.get("/api/v1/setup").await.json(), json!({"needed": true}));
    let wrong = stranger.set_up("mcs_guessed", "mallory").await;
    assert_eq!((wrong.status, wrong.code().as_str()), (403, "setup_token_wrong"));
    let weak = json!({"token": token, "username": "ada", "password": "short"});
    assert_eq!(stranger.post("/api/v1/setup", &weak).await.status, 400, "a weak password does not spend the link");

    let (one, two) = tokio::join!(stranger.set_up(&token, "ada"), stranger.set_up(&token, "bob"));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{} {}", one.text(), two.text());
    let winner = if one.status == 200 { one } else { two };
    let admin = stranger.holding(&winner.access_token());
    assert_eq!(entries(&admin.get("/api/v1/admin/users").await.json()).count(), 1);
}

/// A server without users, and the database to outlive it.
async fn fresh(engine: Engine) -> (mc_testkit::Server, mc_testkit::Db) {
    let db = if engine == Engine::Sqlite { mc_testkit::Db::sqlite() } else { mc_testkit::Db::postgres() }.expect("a database");
    let setup = mc_testkit::server::Setup::default().without_admin();
    let setup = if let Some(url) = db.url() { setup.variable("DATABASE_URL", url) } else { setup };
    (setup.start().await.expect("the server starts"), db)
}

async fn a_wrong_password_and_an_unknown_user_look_alike(engine: Engine) {
    let world = World::start(engine).await;
    world.user_add("gone", "viewer").await;
    let id = world.user_add("off", "viewer").await;
    assert_eq!(world.admin.patch(&format!("/api/v1/admin/users/{id}"), &json!({"active": false})).await.status, 200);
    let stranger = world.stranger();
    let mut seen = Vec::new();
    for (name, password) in [("admin", "not the password"), ("nobody", PASSWORD), ("off", PASSWORD), ("No Name At All", PASSWORD), ("", "")]
    {
        let answer = stranger.login(name, password).await;
        let mut problem = answer.json();
        problem["request_id"] = json!("");
        let names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        seen.push((answer.status, problem, names));
    }
    assert_eq!(seen[0].0, 401);
    assert_eq!(seen[0].1["code"], "login_failed");
    assert!(seen.iter().all(|answer| *answer == seen[0]), "{seen:#?}");
    let failed = world.audit("login").await;
    assert_eq!(failed.iter().filter(|entry| entry["result"] == "failed").count(), 5);
    assert!(failed.iter().all(|entry| entry["address"] == "127.0.0.1"));
}

#[tokio::test]
async fn the_twenty_first_try_in_a_minute_waits() {
    let world = World::start(Engine::Sqlite).await;
    let here = Api::from_address(&world.server, Some([127, 0, 0, 9].into()));
    // Tries without a password cost no hash, so that twenty of them take no minute even on a slow machine.
    let refresh = || async { here.refresh("mcr_unknown").await };
    for n in 1..=20 {
        assert_eq!(refresh().await.status, 401, "try {n}");
    }
    let late = refresh().await;
    assert_eq!((late.status, late.code().as_str()), (429, "rate_limited"));
    let wait: u64 = late.header("retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    for answer in [here.login("admin", PASSWORD).await, here.set_up("x", "y").await] {
        assert_eq!(answer.status, 429, "the limit is one for everything that checks a secret");
    }
    assert_eq!(world.stranger().refresh("mcr_unknown").await.status, 401, "another address is not held up");
    assert_eq!(here.get("/health").await.status, 200, "nor is anything else from that address");
}

async fn a_disabled_user_is_refused_at_once(engine: Engine) {
    let world = World::start(engine).await;
    let id = world.user_add("vera", "operator").await;
    let login = world.stranger().login("vera", PASSWORD).await;
    let vera = world.stranger().holding(&login.access_token());
    assert_eq!(vera.get("/api/v1/auth/me").await.status, 200);
    let path = format!("/api/v1/admin/users/{id}");
    assert_eq!(world.admin.patch(&path, &json!({"active": false})).await.json()["active"], false);
    assert_eq!(vera.get("/api/v1/auth/me").await.status, 401);
    assert_eq!(vera.refresh(&login.refresh_token()).await.code(), "session_ended");
    assert_eq!(world.stranger().login("vera", PASSWORD).await.code(), "login_failed");

    assert_eq!(world.admin.patch(&path, &json!({"active": true})).await.json()["active"], true);
    assert_eq!(vera.get("/api/v1/auth/me").await.status, 401, "the old session stays ended");
    assert_eq!(world.stranger().login("vera", PASSWORD).await.status, 200);
}

async fn a_role_counts_from_the_next_request(engine: Engine) {
    let world = World::start(engine).await;
    let id = world.user_add("vera", "viewer").await;
    let vera = world.login("vera").await;
    assert_eq!(vera.post("/api/v1/join-tokens", &json!({})).await.status, 403);
    let path = format!("/api/v1/admin/users/{id}/roles");
    assert_eq!(world.admin.put(&path, &json!({"role": "operator"})).await.json()["role"], "operator");
    assert_eq!(vera.post("/api/v1/join-tokens", &json!({})).await.status, 201);
    let me = vera.get("/api/v1/auth/me").await.json();
    assert_eq!(me["role"], "operator");
    assert!(me["allowed"].as_array().is_some_and(|allowed| allowed.contains(&json!("agent_restart"))));
    assert_eq!(world.admin.put(&path, &json!({"role": "viewer"})).await.json()["role"], "viewer");
    let denied = vera.post("/api/v1/join-tokens", &json!({})).await;
    assert_eq!((denied.status, denied.code().as_str()), (403, "denied"));
    let entry = world.audited("join_token_create", |entry| entry["request_id"] == denied.request_id()).await;
    assert_eq!((&entry["result"], &entry["actor"], &entry["detail"]), (&json!("denied"), &json!("vera"), &json!("rule role:viewer")));
}

async fn the_last_admin_stays(engine: Engine) {
    let world = World::start(engine).await;
    let me = world.admin.get("/api/v1/auth/me").await.json()["id"].as_str().expect("an id").to_owned();
    let (roles, user) = (format!("/api/v1/admin/users/{me}/roles"), format!("/api/v1/admin/users/{me}"));
    for answer in [world.admin.put(&roles, &json!({"role": "viewer"})).await, world.admin.patch(&user, &json!({"active": false})).await] {
        assert_eq!((answer.status, answer.code().as_str()), (409, "last_admin"));
    }
    let other = world.user_add("other", "admin").await;
    let second = world.login("other").await;
    let demote_other = format!("/api/v1/admin/users/{other}/roles");
    let viewer = json!({"role": "viewer"});
    let (one, two) = tokio::join!(world.admin.put(&demote_other, &viewer), second.put(&roles, &viewer));
    let well = [&one, &two].iter().filter(|answer| answer.status == 200).count();
    assert_eq!(well, 1, "two admins who demote each other: one stays; {} {}", one.text(), two.text());
}

async fn a_new_password_ends_every_session(engine: Engine) {
    let world = World::start(engine).await;
    let id = world.user_add("vera", "viewer").await;
    let vera = world.login("vera").await;
    let path = format!("/api/v1/admin/users/{id}");
    assert_eq!(world.admin.patch(&path, &json!({"password": "short"})).await.status, 400);
    assert_eq!(vera.get("/api/v1/auth/me").await.status, 200, "a refused password changes nothing");
    assert_eq!(world.admin.patch(&path, &json!({"password": "another long password"})).await.status, 200);
    assert_eq!(vera.get("/api/v1/auth/me").await.status, 401);
    assert_eq!(world.stranger().login("vera", PASSWORD).await.status, 401);
    assert_eq!(world.stranger().login("vera", "another long password").await.status, 200);
}

async fn users_are_made_without_logging_in_too(engine: Engine) {
    let world = World::start(engine).await;
    let run = |arguments: Vec<&'static str>| {
        let mut command = tokio::process::Command::new(program::binary("mission-control").expect("built"));
        command.args(["user"]).args(arguments).arg("--data-dir").arg(world.server.data_dir());
        command.env_remove("DATABASE_URL").envs(world.db.url().map(|url| ("DATABASE_URL", url.to_owned())));
        async move { program::run(&mut command, PASSWORD).await.expect("it runs") }
    };
    let made = run(vec!["add", "--username", "carl", "--role", "operator", "--password-stdin"]).await;
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let carl = world.login("carl").await;
    assert_eq!(carl.get("/api/v1/auth/me").await.json()["role"], "operator");
    let twice = run(vec!["add", "--username", "carl", "--password-stdin"]).await;
    assert_eq!(twice.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&twice.stderr).trim_end(), "mission-control: the name is taken: choose another");
    let last = run(vec!["disable", "--username", "admin"]).await;
    assert_eq!(last.status.code(), Some(1), "the last admin stays, whoever asks");
    let entry = world.audited("user_create", |entry| entry["resource"] == "carl").await;
    assert_eq!(entry["actor_kind"], "console");
}
