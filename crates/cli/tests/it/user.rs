//! Users, and what each role may do.

use mc_testkit::{Server, server::PASSWORD};

use crate::mc::Mc;

#[tokio::test]
async fn users_come_change_and_go() {
    let server = Server::start().await.expect("server");
    let mc = Mc::admin(&server).await;
    mc.fed(&["users", "add", "vera", "--role", "viewer", "--password-stdin"], PASSWORD).await.exits(0);
    mc.fed(&["users", "add", "--username", "otto", "--role", "operator", "--password-stdin"], PASSWORD).await.exits(0);
    mc.fed(&["users", "add", "vera", "--password-stdin"], PASSWORD).await.exits(1);
    mc.fed(&["users", "add", "shorty", "--password-stdin"], "short").await.exits(2);
    assert_eq!(mc.json(&["users", "list"]).await["total"], 3);

    let vera = Mc::user(&server, "vera").await;
    vera.run(&["agents", "list"]).await.exits(0);
    vera.run(&["agents", "join-token"]).await.exits(4);
    vera.run(&["users", "list"]).await.exits(4);
    vera.run(&["audit"]).await.exits(4);
    let otto = Mc::user(&server, "otto").await;
    otto.run(&["agents", "join-token"]).await.exits(0);
    otto.run(&["users", "list"]).await.exits(4);

    mc.run(&["users", "set-role", "vera", "operator"]).await.exits(0);
    vera.run(&["agents", "join-token"]).await.exits(0);
    mc.fed(&["users", "set-password", "vera", "--password-stdin"], "another long password").await.exits(0);
    vera.run(&["agents", "list"]).await.exits(3);
    vera.login(&server, "vera", "another long password").await.exits(0);
    mc.run(&["users", "disable", "vera", "otto"]).await.exits(0);
    vera.run(&["agents", "list"]).await.exits(3);
    vera.login(&server, "vera", "another long password").await.exits(3);
    mc.run(&["users", "enable", "vera"]).await.exits(0);
    vera.login(&server, "vera", "another long password").await.exits(0);
    mc.run(&["users", "disable", "nobody"]).await.exits(5).says("no user named nobody");
    mc.run(&["users", "set-role", "vera", "king"]).await.exits(2);
}

#[tokio::test]
async fn users_are_shown_changed_and_deleted() {
    let server = Server::start().await.expect("server");
    let mc = Mc::admin(&server).await;
    mc.fed(&["users", "add", "vera", "--display-name", "Vera V", "--email", "vera@example.org", "--password-stdin"], PASSWORD)
        .await
        .exits(0);
    mc.run(&["users", "show", "vera"]).await.exits(0).prints("vera@example.org (not verified)");
    mc.run(&["users", "set", "vera", "--email", "v@example.org"]).await.exits(0);
    mc.run(&["users", "set", "vera"]).await.exits(2);
    assert_eq!(mc.json(&["users", "list", "--q", "v@example"]).await["items"][0]["username"], "vera");
    assert_eq!(mc.json(&["users", "list", "--status", "disabled"]).await["total"], 0);
    mc.run(&["users", "unlock", "vera"]).await.exits(0).prints("vera unlocked");
    let link = mc.json(&["users", "reset-link", "vera"]).await;
    assert!(link["url"].as_str().is_some_and(|url| url.contains("/reset#token=mcp_")), "{link}");
    mc.run(&["users", "delete", "vera"]).await.exits(2);
    mc.run(&["users", "delete", "vera", "--yes"]).await.exits(0).prints("vera deleted");
    mc.run(&["users", "show", "vera"]).await.exits(5);
    mc.fed(&["users", "add", "vera", "--password-stdin"], PASSWORD).await.exits(1);
    mc.run(&["users", "add", "nora", "--invite"]).await.exits(0).prints("/reset#token=mcp_");
}

#[tokio::test]
async fn invites_are_made_listed_and_revoked() {
    let server = Server::start().await.expect("server");
    let mc = Mc::admin(&server).await;
    let made = mc.json(&["invites", "create", "--role", "operator", "--note", "night shift", "--ttl", "2h"]).await;
    let id = made["invite"]["id"].as_str().expect("an id").to_owned();
    assert!(made["url"].as_str().is_some_and(|url| url.contains("/invite#token=mci_")), "{made}");
    let list = mc.run(&["invites", "list", "-o", "json"]).await.exits(0);
    assert!(!list.out.contains(made["token"].as_str().expect("a token")), "the secret is shown once");
    mc.run(&["invites", "revoke", &id]).await.exits(0);
    mc.run(&["invites", "list"]).await.exits(0).prints("revoked");
    mc.run(&["invites", "revoke", "ffff0000"]).await.exits(5);
    mc.run(&["invites", "create", "--send"]).await.exits(2);
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let server = Server::start().await.expect("server");
    let (mc, other) = (Mc::admin(&server).await, Mc::admin(&server).await);
    let list = mc.json(&["sessions", "list"]).await;
    assert_eq!(list["total"], 2, "{list}");
    mc.run(&["sessions", "list"]).await.exits(0).prints("this one");
    mc.run(&["sessions", "end", "--others"]).await.exits(0);
    other.run(&["agents", "list"]).await.exits(3);
    mc.run(&["agents", "list"]).await.exits(0);
    mc.run(&["sessions", "end"]).await.exits(2);
    mc.fed(&["users", "add", "vera", "--password-stdin"], PASSWORD).await.exits(0);
    let vera = Mc::user(&server, "vera").await;
    assert_eq!(mc.json(&["sessions", "list", "--user", "vera"]).await["total"], 1);
    mc.run(&["sessions", "end", "--user", "vera"]).await.exits(0);
    vera.run(&["agents", "list"]).await.exits(3);
    vera.run(&["sessions", "list", "--user", "admin"]).await.exits(3);
}
