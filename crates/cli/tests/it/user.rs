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
