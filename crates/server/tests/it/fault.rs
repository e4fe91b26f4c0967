//! Faults at the start and bad input: each is one clear line that says what to do, and an exit code.

use std::{fs, net::TcpListener, path::Path};

use mc_testkit::{Db, program};
use serde_json::json;
use tokio::process::Command;

use crate::support::{Engine, World, api::send};

/// Runs the server, which is to fail, and returns its one line.
async fn fails(arguments: &[&str], data_dir: &Path, variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(program::binary("mission-control").expect("built"));
    command.args(arguments).arg("--data-dir").arg(data_dir);
    ended_badly(&mut command, variables).await
}

async fn ended_badly(command: &mut Command, variables: &[(&str, &str)]) -> String {
    for inherited in ["DATABASE_URL", "MC_CONFIG_FILE", "MC_LOG", "MC_LOG_FORMAT"] {
        command.env_remove(inherited);
    }
    // What a server tells of its start is not what is looked at here.
    command.env("MC_LOG", "warn").envs(variables.iter().copied());
    let output = program::run(command, "").await.expect("it ends");
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said.lines().count(), 1, "one line:\n{said}");
    said.trim_end().strip_prefix("mission-control: ").unwrap_or_else(|| panic!("who says it: {said}")).to_owned()
}

const SERVE: [&str; 5] = ["serve", "--listen", "127.0.0.1:0", "--agent-listen", "127.0.0.1:0"];

#[tokio::test]
async fn a_port_in_use() {
    let dir = tempfile::tempdir().expect("a directory");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let cases = [
        (["serve", "--listen", &address, "--agent-listen", "127.0.0.1:0"], "people"),
        (["serve", "--listen", "127.0.0.1:0", "--agent-listen", &address], "agents"),
    ];
    for (arguments, whom) in cases {
        let line = fails(&arguments, dir.path(), &[]).await;
        let expected = format!("cannot listen on {address} for {whom}: is another server running? choose another port");
        assert!(line.starts_with(&expected), "{line}");
    }
}

#[tokio::test]
async fn a_configuration_that_cannot_be_used() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("central.toml");
    let path = file.to_str().expect("text");
    let arguments = [&SERVE[..], &["--config", path]].concat();
    let cases = [
        ("[http]\nlisen = \"127.0.0.1:1\"\n", "line 2", "lisen"),
        ("[agents]\n\nheartbeat = \"soon\"\n", "line 3", "\"soon\""),
        ("[http\n", "line 1", path),
        ("[http]\nlisten = 8443\n", "line 2", path),
        ("[nonsense]\nx = 1\n", "line 1", "nonsense"),
    ];
    for (text, line, word) in cases {
        fs::write(&file, text).expect("written");
        let said = fails(&arguments, dir.path(), &[]).await;
        assert!(said.contains(line) && said.contains(word) && said.contains(path), "{text:?}: {said}");
        let checked = fails(&["config", "check", "--config", path], dir.path(), &[]).await;
        assert_eq!(checked, said, "`config check` says the same");
    }
    for text in ["[http]\npublic_url = \"http://plain\"\n", "[http]\ntls_cert = \"x.pem\"\n", "[agents]\nheartbeat = \"1ms\"\n"] {
        fs::write(&file, text).expect("written");
        fails(&arguments, dir.path(), &[]).await;
    }
    let missing = dir.path().join("missing.toml");
    let said = fails(&[&SERVE[..], &["--config", missing.to_str().expect("text")]].concat(), dir.path(), &[]).await;
    assert!(said.contains("cannot read the configuration") && said.contains("missing.toml"), "{said}");
    fs::write(&file, [0xff, 0xfe, 0x00]).expect("written");
    fails(&arguments, dir.path(), &[]).await;
    for (name, value, word) in [("MC_AGENTS__HEARTBEAT", "soon", "soon"), ("MC_HTTP__LISEN", "x", "lisen"), ("MC_LOG", "=,=", "log filter")]
    {
        let said = fails(&SERVE, dir.path(), &[(name, value)]).await;
        assert!(said.contains(word), "{said}");
    }
}

#[tokio::test]
async fn a_database_that_cannot_be_reached() {
    let dir = tempfile::tempdir().expect("a directory");
    let postgres = Db::postgres().expect("a database");
    let closed = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    let nowhere = format!("postgres://someone:s3cret-word@127.0.0.1:{closed}/x");
    let missing = postgres.url().expect("a URL").replace("/mc_test_", "/mc_missing_");
    for (url, words) in [
        (nowhere.as_str(), "the database of DATABASE_URL cannot be opened"),
        (&missing, "there is no such database"),
        ("mysql://x", "must begin with postgres://"),
        ("postgres://%", ""),
    ] {
        let said = fails(&SERVE, dir.path(), &[("DATABASE_URL", url)]).await;
        assert!(said.contains(words) && !said.contains("s3cret-word"), "{url}: {said}");
    }
}

#[tokio::test]
async fn a_data_directory_that_cannot_be_used() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("file");
    fs::write(&file, "").expect("written");
    for place in [file.as_path(), &file.join("below")] {
        let said = fails(&SERVE, place, &[]).await;
        assert!(said.contains("data directory") && said.contains(place.to_str().expect("text")), "{said}");
    }
    // A disk that takes no writes, whoever asks: even root.
    let place = dir.path().join("read-only");
    fs::create_dir(&place).expect("a directory");
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-ec", r#"mount -t tmpfs -o ro tmpfs "$1"; shift; exec "$@""#, "sh"]).arg(&place);
    command.arg(program::binary("mission-control").expect("built")).args(SERVE).arg("--data-dir").arg(&place);
    let said = ended_badly(&mut command, &[]).await;
    assert!(said.contains("data directory") && said.contains("read-only"), "{said}");
    let half = dir.path().join("half");
    fs::create_dir(&half).expect("a directory");
    fs::write(half.join("ca.pem"), "").expect("written");
    let said = fails(&SERVE, &half, &[]).await;
    assert!(said.contains("restore it from a backup"), "{said}");
}

#[tokio::test]
async fn a_database_of_a_newer_program() {
    let mut world = World::start(Engine::Sqlite).await;
    world.server.stop().await.expect("it ends");
    let changed = world.db.execute(world.server.data_dir(), "UPDATE schema_migration SET version = version + 1000").await.expect("changed");
    assert!(changed > 0);
    let said = fails(&SERVE, world.server.data_dir(), &[]).await;
    assert!(said.contains("start a program at least as new as the last one"), "{said}");
}

#[tokio::test]
async fn requests_that_make_no_sense() {
    let world = World::start(Engine::Sqlite).await;
    let admin = &world.admin;
    let mut answers = vec![
        (404, "not_found", admin.get("/api/v1/nonsense").await),
        (404, "not_found", admin.get("/api/v1/agents/nobody").await),
        (404, "not_found", admin.get("/api/v1/agents/%2e%2e%2fx").await),
        (405, "method_not_allowed", admin.delete("/api/v1/agents").await),
        (400, "invalid", admin.get("/api/v1/commands/not-an-id").await),
        (400, "invalid", admin.get("/api/v1/agents?limit=501").await),
        (400, "invalid", admin.get("/api/v1/agents?limit=-1").await),
        (400, "invalid", admin.get("/api/v1/agents?status=sunny").await),
        (400, "invalid", admin.get("/api/v1/agents?sort=sideways").await),
        (400, "invalid", admin.get("/api/v1/agents?cursor=nonsense").await),
        (400, "invalid", admin.get("/api/v1/admin/audit?result=maybe").await),
        (400, "invalid", admin.get("/api/v1/admin/audit?cursor=nonsense").await),
        (400, "invalid", admin.post("/api/v1/join-tokens", &json!({"uses": 0})).await),
        (400, "invalid", admin.post("/api/v1/join-tokens", &json!({"ttl_seconds": 1})).await),
        (400, "invalid", admin.post("/api/v1/join-tokens", &json!({"tags": ["Not A Tag"]})).await),
        (400, "invalid", admin.post("/api/v1/join-tokens", &json!("text")).await),
        (413, "too_large", admin.post("/api/v1/join-tokens", &json!({"tags": ["x".repeat(300_000)]})).await),
    ];
    let plain = admin.request("POST", "/api/v1/join-tokens");
    answers.push((400, "invalid", send(plain.try_clone().expect("no body").body("{}")).await));
    let json = plain.header("content-type", "application/json");
    answers.push((400, "invalid", send(json.try_clone().expect("no body").body("{\"uses\": ")).await));
    let pieces = futures::stream::iter((0..400).map(|_| Ok::<_, std::io::Error>(vec![b' '; 1_000])));
    answers.push((413, "too_large", send(json.body(reqwest::Body::wrap_stream(pieces))).await));
    for (status, code, answer) in answers {
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{}", answer.text());
        assert_eq!(answer.header("content-type"), "application/problem+json", "{}", answer.text());
        let problem = answer.json();
        assert_eq!((problem["status"].as_u64(), problem["request_id"].as_str()), (Some(status.into()), Some(answer.request_id().as_str())));
        assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty() && !detail.contains('\n')), "{problem}");
    }
}

#[tokio::test]
async fn lists_are_read_page_by_page() {
    let world = World::start(Engine::Sqlite).await;
    let token = world.join_token(json!({"uses": 7})).await["token"].as_str().expect("a token").to_owned();
    for n in 0..7 {
        mc_testkit::RawAgent::join(&world.server, &token, &format!("a{n}")).await.expect("it joins");
    }
    for (path, key) in [("/api/v1/agents?sort=-name&limit=3", "name"), ("/api/v1/admin/audit?action=agent_join&limit=3", "resource")] {
        let mut names = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = world.admin.get(&format!("{path}{cursor}")).await.json();
            assert_eq!(page["total"], 7);
            names.extend(crate::support::entries(&page).filter_map(|item| Some(item[key].as_str()?.to_owned())));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(names, ["a6", "a5", "a4", "a3", "a2", "a1", "a0"], "{path}");
    }
    let export = world.admin.get("/api/v1/admin/audit?action=agent_join&format=csv").await;
    assert!(export.header("content-disposition").contains("attachment"));
    assert_eq!(export.text().lines().count(), 8, "a head and a line each");
    assert_eq!(world.admin.get("/api/v1/admin/audit?action=agent_join&format=ndjson").await.text().lines().count(), 7);
    let array = world.admin.get("/api/v1/admin/audit?action=agent_join&format=json-file").await.json();
    assert_eq!(array.as_array().map(Vec::len), Some(7));
    assert_eq!(world.audit("audit_export").await.len(), 3, "an export is in the trail itself");
}
