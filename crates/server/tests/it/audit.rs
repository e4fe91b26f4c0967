//! The audit trail through the server's doors: what somebody does to the database is told, and what was told off the machine stays told.

use std::sync::{
    Arc,
    atomic::{AtomicU32, AtomicUsize, Ordering},
};

use axum::{Router, extract::State, routing::post};
use mc_testkit::server::Setup;
use parking_lot::Mutex;
use serde_json::{Value, json};

use crate::support::{Api, Engine, World, eventually, on_both_engines};

on_both_engines!(a_change_is_told, a_cut_is_told_after_a_restart, killed_in_the_middle);

pub(super) const VERIFY: &str = "/api/v1/admin/audit/verify";
pub(super) const PROOF: &str = "/api/v1/admin/audit?format=ndjson&with_proof=true";

pub(super) async fn execute(world: &World, sql: &'static str) {
    world.db.execute(world.server.data_dir(), sql).await.expect(sql);
}

pub(super) async fn disarm(world: &World, engine: Engine) {
    // The trigger that moves the end stays: the server is to go on.
    let sqlite = [
        "DROP TRIGGER audit_update",
        "DROP TRIGGER audit_delete",
        "DROP TRIGGER audit_head_update",
        "DROP TRIGGER audit_checkpoint_delete",
    ];
    let postgres = [
        "DROP TRIGGER audit_update ON audit",
        "DROP TRIGGER audit_delete ON audit",
        "DROP TRIGGER audit_head_update ON audit_head",
        "DROP TRIGGER audit_checkpoint_delete ON audit_checkpoint",
    ];
    for sql in if engine == Engine::Sqlite { sqlite } else { postgres } {
        execute(world, sql).await;
    }
}

async fn a_change_is_told(engine: Engine) {
    let world = World::start(engine).await;
    for name in ["one", "two", "three"] {
        world.user_add(name, "viewer").await;
    }
    let whole = world.admin.get(VERIFY).await.json();
    assert_eq!((&whole["ok"], &whole["first_bad"]), (&json!(true), &Value::Null), "{whole}");
    assert!(whole["entries"].as_u64() > Some(3) && whole["first_sequence"] == 1, "{whole}");
    disarm(&world, engine).await;
    execute(&world, "UPDATE audit SET actor_name = 'mallory' WHERE sequence = 3").await;
    let found = world.admin.get(VERIFY).await.json();
    assert_eq!(
        (&found["ok"], &found["first_bad"]["sequence"], &found["first_bad"]["kind"]),
        (&json!(false), &json!(3), &json!("changed")),
        "{found}"
    );
    // Whoever watches the server learns of it without asking for a check.
    let health = world.stranger().get("/health").await;
    assert_eq!((health.status, &health.json()["warnings"]), (200, &json!(["audit_trail"])), "{}", health.text());
    assert!(world.stranger().get("/metrics").await.text().contains("\nmission_control_audit_tampered 1\n"));
    // Before something is signed, it is checked: the server finds it by itself.
    assert_eq!(world.admin.get(PROOF).await.status, 200);
    let status = world.admin.get("/api/v1/status").await.json();
    assert!(status["audit"]["bad"].as_str().is_some_and(|bad| bad.contains("entry 3")), "{status}");
    let signed = world.admin.get("/api/v1/admin/audit/checkpoints").await.json();
    assert_eq!(signed["items"][0]["first_bad"], 3, "{signed}");
    assert_eq!(world.audit("audit_tampered").await.len(), 1);
    assert_eq!(world.audit("audit_verify").await.len(), 2, "verifying is recorded, too");
}

async fn a_cut_is_told_after_a_restart(engine: Engine) {
    let mut world = World::start(engine).await;
    for name in ["one", "two", "three"] {
        world.user_add(name, "viewer").await;
    }
    world.admin.get(PROOF).await;
    world.server.stop().await.expect("it ends");
    disarm(&world, engine).await;
    execute(&world, "DELETE FROM audit WHERE sequence > 2").await;
    execute(&world, "DELETE FROM audit_checkpoint").await;
    execute(&world, "UPDATE audit_head SET sequence = 2, hash = (SELECT hash FROM audit WHERE sequence = 2)").await;
    world.server.start_again().await.expect("it starts");
    let found = eventually("the server's own word", async || {
        let status = world.admin.get("/api/v1/status").await.json();
        status["audit"]["bad"].as_str().map(ToOwned::to_owned)
    })
    .await;
    assert!(found.contains("ends at 2") || found.contains("gone"), "{found}");
    let verified = world.admin.get(VERIFY).await.json();
    assert_eq!(verified["ok"], false, "{verified}");
    let key = world.admin.get("/api/v1/admin/audit/key").await.json();
    assert!(key["public_key_pem"].as_str().is_some_and(|pem| pem.starts_with("-----BEGIN PUBLIC KEY-----")), "{key}");
}

async fn killed_in_the_middle(engine: Engine) {
    let mut world = World::start(engine).await;
    let stored = Arc::new(AtomicUsize::new(0));
    let writers: Vec<_> = (0..8)
        .map(|_| {
            let (admin, stored) = (world.admin.clone(), Arc::clone(&stored));
            tokio::spawn(async move {
                while let Ok(answer) = admin.request("POST", "/api/v1/join-tokens").json(&json!({})).send().await {
                    if answer.status() == 201 {
                        stored.fetch_add(1, Ordering::SeqCst);
                    }
                }
            })
        })
        .collect();
    eventually("some are stored", async || (stored.load(Ordering::SeqCst) >= 40).then_some(())).await;
    world.server.kill().await.expect("it is killed");
    for writer in writers {
        writer.await.expect("it ends");
    }
    world.server.start_again().await.expect("it starts");
    let verified = world.admin.get(VERIFY).await.json();
    assert_eq!(verified["ok"], true, "{verified}");
    let total = world.admin.get("/api/v1/admin/audit?action=join_token_create&limit=1").await.json()["total"].as_u64();
    assert!(total >= u64::try_from(stored.load(Ordering::SeqCst)).ok(), "each that was acknowledged has its entry: {total:?}");
}

/// A webhook that refuses the first time.
#[derive(Default)]
struct Hook {
    asked: AtomicU32,
    taken: Mutex<String>,
}

async fn hook(State(hook): State<Arc<Hook>>, body: String) -> http::StatusCode {
    if hook.asked.fetch_add(1, Ordering::SeqCst) == 0 {
        return http::StatusCode::SERVICE_UNAVAILABLE;
    }
    hook.taken.lock().push_str(&body);
    http::StatusCode::NO_CONTENT
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn checkpoints_are_mirrored() {
    let there = Arc::new(Hook::default());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/secret-path", listener.local_addr().expect("an address"));
    let served = Router::new().route("/secret-path", post(hook)).with_state(Arc::clone(&there));
    let serving = tokio::spawn(async move { axum::serve(listener, served).await });
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("checkpoints.ndjson");
    let path = file.to_str().expect("text").to_owned();
    let world = World::with(Engine::Sqlite, |setup| {
        setup.variable("MC_AUDIT__MIRROR_FILE", path).variable("MC_AUDIT__MIRROR_WEBHOOK", url).variable("MC_AUDIT__RETENTION", "2days")
    })
    .await;
    for _ in 0..2 {
        assert_eq!(world.admin.get(PROOF).await.status, 200);
    }
    let newest = world.admin.get("/api/v1/admin/audit/checkpoints").await.json()["items"][0].clone();
    let signature = newest["signature"].as_str().expect("a signature").to_owned();
    eventually("the file has it", async || std::fs::read_to_string(&file).ok().filter(|text| text.contains(&signature))).await;
    let taken = eventually("the webhook has it", async || Some(there.taken.lock().clone()).filter(|text| text.contains(&signature))).await;
    let numbers: Vec<u64> =
        taken.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")["number"].as_u64().expect("a number")).collect();
    assert_eq!(numbers, (1..=newest["number"].as_u64().expect("a number")).collect::<Vec<_>>(), "all of them, in order, once");
    eventually("all is well again", async || {
        (world.admin.get("/api/v1/status").await.json()["audit"]["mirrors"] == json!([])).then_some(())
    })
    .await;
    assert!(!world.server.log().contains("secret-path"), "an address may hold a token: {}", world.server.log());
    serving.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mirror_that_fails_is_told() {
    let dir = tempfile::tempdir().expect("a folder");
    let later = dir.path().join("later");
    let file = later.join("checkpoints.ndjson");
    let path = file.to_str().expect("text").to_owned();
    let world = World::with(Engine::Sqlite, |setup| setup.variable("MC_AUDIT__MIRROR_FILE", path)).await;
    assert_eq!(world.admin.get(PROOF).await.status, 200, "a mirror holds nothing up");
    let told = async |warnings: Value, figure: &str| {
        eventually("health and figures", async || {
            let health = world.stranger().get("/health").await.json();
            let figures = world.stranger().get("/metrics").await.text();
            (health["warnings"] == warnings && figures.contains(figure)).then_some(())
        })
        .await;
    };
    told(json!(["audit_mirror"]), "\nmission_control_audit_mirrors_failing 1\n").await;
    let status = world.admin.get("/api/v1/status").await.json();
    assert!(status["audit"]["mirrors"][0].as_str().is_some_and(|text| text.starts_with("mirror_file: ")), "{status}");
    std::fs::create_dir(&later).expect("the folder comes");
    told(Value::Null, "\nmission_control_audit_mirrors_failing 0\n").await;
    assert!(std::fs::read_to_string(&file).expect("it is there").contains("signature"), "it got what it missed");
}

/// Two servers of one database append to one chain, sign for it and check it, all at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_keep_one_chain() {
    const EACH: usize = 15;
    let world = World::start(Engine::Postgres).await;
    let other = Setup::default().beside(&world.server).start().await.expect("a second server with a copy of the keys");
    let there = Api::new(&other).holding(world.admin.token.as_deref().expect("a login of the first, which the second knows"));
    let writers = (0..8).map(|writer| {
        let api = if writer % 2 == 0 { world.admin.clone() } else { there.clone() };
        async move {
            let mut made = 0;
            while made < EACH {
                let answer = api.post("/api/v1/join-tokens", &json!({})).await;
                // A busy machine has no connection to spare at times: that is said, and tried again.
                assert!(matches!(answer.status, 201 | 503), "{}", answer.text());
                made += usize::from(answer.status == 201);
            }
        }
    });
    let checks = [&world.admin, &there].map(|api| async move {
        for _ in 0..6 {
            // Signs what is new, then proves all of it, while others write and sign.
            assert!(matches!(api.get(PROOF).await.status, 200 | 503));
            let found = api.get(VERIFY).await;
            assert!(found.status == 503 || found.json()["ok"] == true, "{}", found.text());
        }
    });
    futures::future::join(futures::future::join_all(writers), futures::future::join_all(checks)).await;
    for api in [&world.admin, &there] {
        let found = api.get(VERIFY).await.json();
        assert_eq!(found["ok"], true, "{found}");
        assert!(found["entries"].as_u64() > Some(8 * EACH as u64) && found["checkpoints"].as_u64() > Some(1), "{found}");
        assert_eq!(api.get("/api/v1/status").await.json()["audit"]["bad"], Value::Null);
        // An answer that was lost may have been a yes.
        let total = api.get("/api/v1/admin/audit?action=join_token_create&limit=1").await.json()["total"].as_u64();
        assert!(total >= Some(8 * EACH as u64), "{total:?}");
    }
}

/// A server with a key of its own would break the chain: it does not start, and says what to do.
#[tokio::test]
async fn a_server_with_other_keys_does_not_start() {
    let world = World::start(Engine::Postgres).await;
    let stranger = Setup::default().without_admin().variable("DATABASE_URL", world.db.url().expect("a URL"));
    let refused = stranger.start().await.expect_err("it has no audit key");
    let said = format!("{refused:#}");
    assert!(said.contains("keys/audit.key") && said.contains("copy keys/"), "{said}");
}
