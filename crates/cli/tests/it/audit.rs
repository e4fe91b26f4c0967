//! The audit trail.

use mc_testkit::{Server, server::ADMIN};

use crate::mc::Mc;

#[tokio::test]
async fn the_trail_is_listed() {
    let server = Server::start().await.expect("server");
    let mc = Mc::admin(&server).await;
    mc.login(&server, ADMIN, "a wrong password").await.exits(3);
    mc.run(&["agents", "join-token"]).await.exits(0);

    let all = mc.json(&["audit"]).await;
    assert!(
        all["items"].as_array().expect("entries").iter().any(|entry| entry["action"] == "join_token_create" && entry["actor"] == "admin"),
        "{all}"
    );
    let failed = mc.json(&["audit", "list", "--action", "login", "--result", "failed,denied".split(',').next().expect("word")]).await;
    let denied = mc.json(&["audit", "list", "--action", "login", "--result", "denied"]).await;
    let count = |list: &serde_json::Value| list["items"].as_array().map_or(0, Vec::len);
    assert_eq!(count(&failed) + count(&denied), 1, "{failed} {denied}");
    assert_eq!(count(&mc.json(&["audit", "--actor", "admin", "--action", "join_token_create", "--since", "1h"]).await), 1);
    assert_eq!(count(&mc.json(&["audit", "--until", "1h"]).await), 0);
    let cut = mc.run(&["audit", "--limit", "1"]).await.exits(0).says("--all");
    assert_eq!(cut.out.lines().count(), 2, "{cut:?}");
}

#[tokio::test]
async fn the_trail_is_exported() {
    let server = Server::start().await.expect("server");
    let mc = Mc::admin(&server).await;
    mc.run(&["agents", "join-token"]).await.exits(0);
    let all = mc.json(&["audit"]).await["items"].as_array().map_or(0, Vec::len);

    let csv = mc.run(&["audit", "export"]).await.exits(0);
    assert!(csv.out.starts_with("id,at,") && csv.out.contains("join_token_create"), "{csv:?}");
    let lines = mc.run(&["audit", "export", "--format", "ndjson", "--action", "join_token_create"]).await.exits(0);
    assert_eq!(lines.out.lines().count(), 1);
    assert_eq!(lines.json()["actor"], "admin");
    let array = mc.run(&["audit", "export", "--format", "json", "--file", "audit.json"]).await.exits(0);
    assert_eq!(array.out, "");
    let written: serde_json::Value = serde_json::from_slice(&std::fs::read(mc.path("audit.json")).expect("file")).expect("JSON");
    assert!(written.as_array().is_some_and(|entries| entries.len() >= all), "{written}");
}
