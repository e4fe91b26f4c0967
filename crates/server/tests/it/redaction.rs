//! Secrets: where they are used they are gone afterwards. Everything the server keeps, prints and answers is searched for every secret a
//! busy afternoon sees, while its log is at its most talkative.

use std::{fs, path::Path};

use mc_testkit::{
    Db,
    raw_agent::{Join, RawCredential},
    server::PASSWORD,
};
use serde_json::{Value, json};

use crate::support::{Engine, World, on_both_engines};

on_both_engines!(no_secret_is_kept_printed_or_told);

/// Everything says what it can, the libraries about the wire included.
const TALKATIVE: &str = "debug,hyper=trace,h2=trace,tungstenite=trace,tokio_tungstenite=trace,tonic=trace,rustls=trace";
const NEW_PASSWORD: &str = "entirely different words";
const DATABASE_PASSWORD: &str = "open-sesame-77";

async fn no_secret_is_kept_printed_or_told(engine: Engine) {
    let db = if engine == Engine::Sqlite { Db::sqlite() } else { Db::postgres() }.expect("a database");
    let url = db.url().map(|url| url.replacen("postgres@", &format!("postgres:{DATABASE_PASSWORD}@"), 1));
    let mut world = World::on(db, |setup| {
        let setup = setup.variable("MC_LOG", TALKATIVE);
        if let Some(url) = url { setup.variable("DATABASE_URL", url) } else { setup }
    })
    .await;
    let secrets = busy_afternoon(&world).await;
    let answers = ["/api/v1/admin/audit?limit=500", "/api/v1/admin/audit?format=csv", "/api/v1/logs?lines=5000", "/api/v1/join-tokens"];
    let more =
        ["/api/v1/admin/users", "/api/v1/agents/keyed", "/api/v1/agents/keyed/activity", "/api/v1/commands", "/api/v1/status", "/metrics"];
    for path in answers.into_iter().chain(more) {
        absent(&secrets, path, world.admin.get(path).await.text().as_bytes());
    }
    let printed = world.server.log();
    assert!(printed.contains("TRACE"), "it talks");
    world.server.stop().await.expect("it ends well");
    // The link itself is printed for whoever started the server, once.
    let log: Vec<String> = printed.lines().filter(|line| !line.contains("/setup#token=")).map(str::to_owned).collect();
    absent(&secrets, "what the server printed", log.join("\n").as_bytes());
    for file in files(world.server.data_dir()) {
        absent(&secrets, &file.display().to_string(), &fs::read(&file).expect("a file"));
    }
    if let Some(dump) = world.db.dump().expect("a dump") {
        assert!(dump.contains("keyed"), "a dump of the right database");
        absent(&secrets, "the database", dump.as_bytes());
    }
}

/// Uses every kind of secret, rightly and wrongly, and answers them all.
async fn busy_afternoon(world: &World) -> Vec<String> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let mut secrets: Vec<String> = [PASSWORD, NEW_PASSWORD, DATABASE_PASSWORD].map(str::to_owned).into();
    secrets.push(world.setup_token.clone());
    secrets.push(world.admin.token.clone().expect("a token"));
    let id = world.user_add("vera", "viewer").await;
    let login = world.stranger().login("vera", PASSWORD).await;
    let (app, codes) = world.enrol(&world.stranger().holding(&login.access_token())).await;
    secrets.extend([text(&world.challenge(&world.stranger(), "vera").await["challenge"]), app.seed]);
    secrets.extend(codes);
    let refreshed = world.stranger().refresh(&login.refresh_token()).await;
    for answer in [&login, &refreshed] {
        secrets.extend([answer.access_token(), answer.refresh_token()]);
    }
    for _ in 0..2 {
        world.stranger().refresh(&login.refresh_token()).await;
    }
    world.stranger().login("vera", NEW_PASSWORD).await;
    world.stranger().set_up(&world.setup_token, "late").await;
    let cookies = format!("__Host-mc_access={}; __Host-mc_refresh={}", login.access_token(), refreshed.refresh_token());
    world.stranger().with_cookies("POST", "/api/v1/auth/logout", &cookies, Some("https://evil.example")).await;
    let path = format!("/api/v1/admin/users/{id}");
    assert_eq!(world.admin.patch(&path, &json!({"password": NEW_PASSWORD})).await.status, 200);

    let made = world.join_token(json!({"allow_api_key": true})).await;
    let token = text(&made["token"]);
    let mut join = Join::new(&token, "keyed").expect("a request");
    join.request.csr_der = Vec::new();
    let agent = join.send(&world.server).await.expect("it joins");
    let RawCredential::ApiKey(key) = agent.credential.clone() else { panic!("no key") };
    Join::new(&token, "again").expect("a request").send(&world.server).await.expect_err("the token is spent");
    let (mut link, _) = agent.connect().await.expect("it connects");
    world.act("keyed", json!({"action": "check", "reason": "looking"})).await;
    link.command().await.expect("it arrives");
    // A secret pasted into the wrong field comes back to whoever pasted it, and goes nowhere else.
    for body in [json!({"action": token}), json!({"action": "check", "timeout_seconds": key})] {
        assert_eq!(world.admin.post("/api/v1/agents/keyed/actions", &body).await.status, 400);
    }
    let events = world.admin.events(None).await;
    drop(events);
    secrets.extend([token, key]);
    secrets
}

fn absent(secrets: &[String], place: &str, bytes: &[u8]) {
    for secret in secrets {
        let found = bytes.windows(secret.len()).position(|window| window == secret.as_bytes());
        assert!(found.is_none(), "{place} holds {secret}: …{}…", around(bytes, found.unwrap_or(0)));
    }
}

fn around(bytes: &[u8], at: usize) -> String {
    String::from_utf8_lossy(&bytes[at.saturating_sub(200)..bytes.len().min(at + 200)]).into_owned()
}

/// The files of a data directory, but for the keys, which are secrets of the directory itself.
fn files(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).expect("a directory").flatten() {
        let path = entry.path();
        if path.is_dir() {
            if entry.file_name() != "keys" {
                found.extend(files(&path));
            }
        } else {
            found.push(path);
        }
    }
    assert!(!found.is_empty());
    found
}
