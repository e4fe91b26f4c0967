//! Join tokens.

use mc_testkit::Server;

use crate::mc::Mc;

#[tokio::test]
async fn tokens_are_made_listed_and_revoked() {
    let server = Server::start().await.expect("server");
    let mc = Mc::admin(&server).await;
    let made = mc.json(&["agents", "join-token", "--ttl", "30m", "--uses", "3", "--kind", "command", "--tag", "prod"]).await;
    let text = |key: &str| made[key].as_str().unwrap_or_else(|| panic!("{key} in {made}")).to_owned();
    assert_eq!(text("ca_pin"), server.ca_pin().expect("pin").to_string());
    assert!(text("server").ends_with(&format!(":{}", server.agent_address().port())), "{made}");
    assert!(text("command").starts_with("mc-agent join ") && text("command").contains(&text("token")), "{made}");
    assert!(text("expires_at").ends_with('Z'), "{made}");

    let plain = mc.run(&["agents", "join-token"]).await.exits(0).says("It admits one agent");
    assert!(plain.out.starts_with("mc-agent join "), "{plain:?}");

    let list = mc.run(&["join-tokens", "list", "-o", "json"]).await.exits(0);
    assert!(!list.out.contains(&text("token")), "the secret is shown once");
    assert_eq!(list.json()["total"], 2);
    mc.run(&["join-tokens", "revoke", &text("id")]).await.exits(0);
    let table = mc.run(&["join-tokens", "list"]).await.exits(0);
    let state = |id: &str| table.out.lines().find(|line| line.starts_with(id)).map(|line| line.contains("revoked"));
    assert_eq!(state(&text("id")), Some(true), "{table:?}");
    mc.run(&["join-tokens", "revoke", "ffff0000"]).await.exits(5);
    mc.run(&["agents", "join-token", "--ttl", "1s"]).await.exits(2);
}
