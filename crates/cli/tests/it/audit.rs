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
    assert!(csv.out.starts_with("sequence,id,at,") && csv.out.contains("join_token_create"), "{csv:?}");
    let lines = mc.run(&["audit", "export", "--format", "ndjson", "--action", "join_token_create"]).await.exits(0);
    assert_eq!(lines.out.lines().count(), 1);
    assert_eq!(lines.json()["actor"], "admin");
    let array = mc.run(&["audit", "export", "--format", "json", "--file", "audit.json"]).await.exits(0);
    assert_eq!(array.out, "");
    let written: serde_json::Value = serde_json::from_slice(&std::fs::read(mc.path("audit.json")).expect("file")).expect("JSON");
    assert!(written.as_array().is_some_and(|entries| entries.len() >= all), "{written}");
}

#[tokio::test]
async fn the_trail_is_verified_here_and_there() {
    let server = Server::start().await.expect("server");
    let mc = Mc::admin(&server).await;
    let whole = mc.run(&["audit", "verify"]).await.exits(0);
    assert!(whole.out.contains("is whole"), "{whole:?}");
    assert_eq!(mc.json(&["audit", "verify"]).await["ok"], true);

    mc.run(&["audit", "export", "--format", "ndjson", "--with-proof", "--file", "trail.ndjson"]).await.exits(0);
    let key = mc.run(&["audit", "key"]).await.exits(0);
    std::fs::write(mc.path("public.pem"), &key.out).expect("writes");
    let (trail, public) = (mc.path("trail.ndjson"), mc.path("public.pem"));
    let (trail, public) = (trail.to_str().expect("text"), public.to_str().expect("text"));
    // Without a login, and without the server's being there at all.
    let stranger = Mc::new();
    drop(server);
    let proved = stranger.run(&["audit", "verify", "--file", trail, "--key", public, "-o", "json"]).await.exits(0).json();
    assert_eq!((&proved["ok"], &proved["key_is_trusted"], &proved["covered_to"]), (&true.into(), &true.into(), &proved["last_sequence"]));
    stranger.run(&["audit", "verify", "--file", trail]).await.exits(0).says("key that the export itself names");

    let text = std::fs::read_to_string(trail).expect("reads");
    let change = |name: &str, text: String| {
        let path = mc.path(name);
        std::fs::write(&path, text).expect("writes");
        path.to_str().expect("text").to_owned()
    };
    let changed = change("changed", text.replacen("\"actor\":\"admin\"", "\"actor\":\"mallory\"", 1));
    let found = stranger.run(&["audit", "verify", "--file", &changed, "--key", public]).await.exits(1);
    assert!(found.out.contains("NOT whole") && found.out.contains("first bad entry"), "{found:?}");
    let lines: Vec<&str> = text.lines().collect();
    let cut = change("cut", lines[..lines.len() - 1].join("\n") + "\n");
    let found = stranger.run(&["audit", "verify", "--file", &cut, "--key", public, "-o", "json"]).await.exits(1).json();
    assert_eq!(found["first_bad"]["kind"], "truncated", "{found}");
    let is_third = |line: &&str| line.contains("\"line\":\"entry\",\"sequence\":3,");
    assert_eq!(lines.iter().filter(|line| is_third(line)).count(), 1, "{text}");
    let dropped = change("dropped", lines.iter().filter(|line| !is_third(line)).map(|line| format!("{line}\n")).collect());
    let found = stranger.run(&["audit", "verify", "--file", &dropped, "--key", public, "-o", "json"]).await.exits(1).json();
    assert_eq!((&found["first_bad"]["kind"], &found["first_bad"]["sequence"]), (&"missing".into(), &3.into()), "{found}");
    let other = change("other.pem", mc_trail::Signer::generate().expect("a key").0.public().pem());
    let found = stranger.run(&["audit", "verify", "--file", trail, "--key", &other, "-o", "json"]).await.exits(1).json();
    assert_eq!(found["first_bad"]["kind"], "checkpoint", "{found}");
}

#[tokio::test]
async fn a_part_of_the_trail_is_said_to_prove_nothing() {
    let server = Server::start().await.expect("server");
    let mc = Mc::admin(&server).await;
    mc.run(&["audit", "export", "--with-proof"]).await.exits(2).says("ndjson");
    mc.run(&["audit", "export", "--format", "ndjson", "--with-proof", "--action", "login", "--file", "part.ndjson"]).await.exits(0);
    let part = mc.path("part.ndjson");
    mc.run(&["audit", "verify", "--file", part.to_str().expect("text")]).await.exits(1).says("Nothing can be proved");
    mc.run(&["audit", "verify", "--file", "nowhere"]).await.exits(1).says("nowhere");
    assert!(mc.json(&["audit", "checkpoints"]).await["items"][0]["signature"].is_string());
}
