//! `mc tokens`, and commands that use a token instead of a login.

use std::{fs, os::unix::fs::PermissionsExt as _};

use mc_testkit::Server;

use crate::mc::{Mc, done};

#[tokio::test]
async fn tokens_are_made_shown_once_rotated_and_revoked() {
    let server = Server::start().await.expect("server");
    let mc = Mc::admin(&server).await;
    let made = mc.run(&["tokens", "create", "deploy", "--scope", "agent_*,join_token_*", "--expires", "30d"]).await.exits(0);
    let secret = made.out.trim_end().to_owned();
    assert!(secret.starts_with("mct_") && secret.lines().count() == 1, "{made:?}");
    assert!(made.err.contains("it ends in 29d") && !made.err.contains(&secret), "{made:?}");
    let list = mc.run(&["tokens", "list", "-o", "json"]).await.exits(0);
    assert!(!list.out.contains(&secret), "the secret is shown once");
    assert_eq!(list.json()["items"][0]["scopes"], serde_json::json!(["agent_*", "join_token_*"]));

    let file = mc.path("deploy.secret");
    let path = file.display().to_string();
    let rotated =
        mc.run(&["tokens", "rotate", "deploy", "--overlap", "1h", "--output-file", &path]).await.exits(0).says("The old secret ends in");
    let fresh = fs::read_to_string(&file).expect("written").trim_end().to_owned();
    assert!(fresh.starts_with("mct_") && fresh != secret && !rotated.out.contains(&fresh) && !rotated.err.contains(&fresh));
    assert_eq!(fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o600);
    mc.run(&["tokens", "rotate", "deploy", "--output-file", &path]).await.exits(1).says("cannot make");
    let shown = mc.run(&["tokens", "show", "deploy"]).await.exits(0);
    assert!(shown.out.contains("active, rotating") && shown.out.contains(&fresh[..8]), "{shown:?}");

    mc.run(&["tokens", "revoke", "deploy"]).await.exits(2).says("--yes");
    mc.run(&["tokens", "revoke", "deploy", "--yes"]).await.exits(0);
    assert_eq!(mc.json(&["tokens", "show", "deploy"]).await["state"], "revoked");
    mc.run(&["tokens", "show", "nothing"]).await.exits(5);
    mc.run(&["tokens", "create", "x"]).await.exits(2);
    mc.run(&["tokens", "create", "x", "--scope", "agents_*"]).await.exits(2).says("covers nothing");
    mc.run(&["tokens", "create", "x", "--scope", "*", "--role", "admin"]).await.exits(2);
    let gone = mc.path("not-made");
    mc.run(&["tokens", "create", "x", "--scope", "agents_*", "--output-file", &gone.display().to_string()]).await.exits(2);
    assert!(!gone.exists(), "no empty file is left");
}

#[tokio::test]
async fn a_context_and_the_environment_can_hold_a_token() {
    let server = Server::start().await.expect("server");
    let admin = Mc::admin(&server).await;
    let token = |name: &'static str, scopes: &'static str, more: &'static [&'static str]| {
        let admin = &admin;
        async move {
            let mut arguments = vec!["tokens", "create", name, "--scope", scopes];
            arguments.extend(more);
            admin.run(&arguments).await.exits(0).out.trim_end().to_owned()
        }
    };
    let (secret, service) =
        (token("ci", "*", &[]).await, token("robot", "agent_*,status_show", &["--service", "--role", "operator"]).await);
    let (url, pin) = (server.url(), server.ca_pin().expect("pin").to_string());

    let mc = Mc::new();
    let login = ["login", "--server", &url, "--ca-pin", &pin, "--token-stdin"];
    mc.fed(&login, "mct_nonsense").await.exits(3).says("the token is refused");
    assert!(!mc.config().exists(), "a refused token leaves nothing behind");
    let logged_in = mc.fed(&login, &secret).await.exits(0);
    assert_eq!(logged_in.out, format!("Logged in to {url} as admin (admin) with a token.\n"));
    assert_eq!(fs::metadata(mc.config()).expect("there").permissions().mode() & 0o777, 0o600);
    assert_eq!(mc.json(&["status"]).await["user"], "admin");
    assert_eq!(mc.json(&["contexts", "list"]).await["items"][0]["logged_in"], true);
    mc.run(&["tokens", "create", "child", "--scope", "*"]).await.exits(4);

    // A service token in the environment of a machine that never logged in.
    let robot = Mc::new();
    let with = |arguments: &'static [&'static str], token: String| {
        let mut command = robot.command();
        command.args(arguments).env("MC_SERVER", &url).env("MC_CA_PIN", &pin).env("MC_TOKEN", token);
        command
    };
    done(&mut with(&["agents", "list"], service.clone()), "").await.exits(0);
    let status = done(&mut with(&["status", "-o", "json"], service.clone()), "").await.exits(0).json();
    assert_eq!((status["user"].as_str(), &status["role"]), (Some("robot"), &serde_json::Value::Null));
    done(&mut with(&["users", "list"], service.clone()), "").await.exits(4).says("token:scopes");
    assert!(!robot.config().exists(), "nothing is kept");

    admin.run(&["tokens", "revoke", "ci", "--yes"]).await.exits(0);
    mc.run(&["agents", "list"]).await.exits(3).says("the token is refused");
    mc.run(&["logout"]).await.exits(0);
    assert!(!fs::read_to_string(mc.config()).expect("there").contains("mct_"));
}
