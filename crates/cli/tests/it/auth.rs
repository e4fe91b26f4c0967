//! Login, logout, trust, and sessions that renew themselves.

use std::{fs, os::unix::fs::PermissionsExt as _};

use mc_testkit::{
    Server,
    server::{ADMIN, PASSWORD, Setup},
};

use crate::mc::{Mc, done};

#[tokio::test]
async fn a_session_begins_and_ends() {
    let server = Server::start().await.expect("server");
    let mc = Mc::new();
    mc.run(&["agents", "list"]).await.exits(3).says("mc login");
    mc.login(&server, ADMIN, "a wrong password").await.exits(3);
    assert!(!mc.config().exists(), "a failed login leaves nothing behind");
    let login = mc.login(&server, ADMIN, PASSWORD).await.exits(0);
    assert_eq!(login.out, format!("Logged in to {} as admin (admin).\n", server.url()));
    let config = fs::read_to_string(mc.config()).expect("config");
    assert!(!config.contains(PASSWORD));
    assert_eq!(fs::metadata(mc.config()).expect("config").permissions().mode() & 0o777, 0o600);

    let status = mc.json(&["status"]).await;
    assert_eq!((status["user"].as_str(), status["role"].as_str()), (Some("admin"), Some("admin")));
    assert_eq!(status["ca_pin"], server.ca_pin().expect("pin").to_string());
    assert_eq!(status["fleet"]["total"], 0);

    // What was kept of the session must be worth nothing afterwards.
    mc.run(&["logout"]).await.exits(0);
    mc.run(&["status"]).await.exits(3).says("mc login");
    assert!(!fs::read_to_string(mc.config()).expect("config").contains("refresh"));
    fs::write(mc.config(), config).expect("the old file again");
    mc.run(&["status"]).await.exits(3);
}

#[tokio::test]
async fn only_the_right_authority_is_trusted() {
    let server = Server::start().await.expect("server");
    let mc = Mc::new();
    let pin = server.ca_pin().expect("pin").to_string();
    let (url, ca_file) = (server.url(), server.ca_file());
    let login = ["login", "--server", &url, "--username", ADMIN, "--password-stdin"];
    let with = |more: &[&'static str], value: String| {
        let mut all: Vec<String> = login.iter().chain(more).map(|&text| text.to_owned()).collect();
        all.push(value);
        all
    };
    let tried = mc.fed(&login, PASSWORD).await.exits(6);
    assert!(tried.err.contains(&format!("--ca-pin {pin}")), "{tried:?}");
    let wrong = with(&["--ca-pin"], format!("sha256:{}", "0".repeat(64)));
    let tried = mc.fed(&wrong.iter().map(String::as_str).collect::<Vec<_>>(), PASSWORD).await.exits(6).says("Do not log in");
    assert!(tried.err.contains(&pin), "{tried:?}");
    let by_file = with(&["--ca-file"], ca_file.display().to_string());
    mc.fed(&by_file.iter().map(String::as_str).collect::<Vec<_>>(), PASSWORD).await.exits(0);
    mc.run(&["status"]).await.exits(0);
    // The second login needs neither flag: the context remembers both the server and whom to trust.
    mc.fed(&["login", "--password-stdin"], PASSWORD).await.exits(0);
}

#[tokio::test]
async fn an_ended_access_token_is_renewed_by_one_of_many() {
    let server = Server::start().await.expect("server");
    let mc = Mc::admin(&server).await;
    for _ in 0..2 {
        mc.spoil_access_token();
        let runs = (0..6).map(|_| mc.run(&["status", "-o", "json"]));
        for run in futures::future::join_all(runs).await {
            run.exits(0);
        }
    }
}

#[tokio::test]
async fn a_server_that_went_away_is_unreachable() {
    let mut server = Server::start().await.expect("server");
    let mc = Mc::admin(&server).await;
    server.kill().await.expect("killed");
    mc.run(&["agents", "list"]).await.exits(6).says("cannot reach");
    mc.login(&server, ADMIN, PASSWORD).await.exits(6);
    server.start_again().await.expect("starts again");
    mc.run(&["agents", "list"]).await.exits(0);
    server.stop().await.expect("stops");
    // The session is forgotten here even though nobody could be told.
    mc.run(&["logout"]).await.exits(0).says("warning");
    mc.run(&["status"]).await.exits(3);
}

#[tokio::test]
async fn a_server_without_users_says_how_to_make_the_first() {
    let server = Setup::default().without_admin().start().await.expect("server");
    Mc::new().login(&server, ADMIN, PASSWORD).await.exits(1).says("set-up link");
}

#[tokio::test]
async fn several_servers_are_kept_apart() {
    let (one, other) = (Server::start().await.expect("server"), Server::start().await.expect("server"));
    let mc = Mc::admin(&one).await;
    mc.login(&other, ADMIN, PASSWORD).await.exits(0);
    assert_eq!(mc.json(&["status"]).await["server"], other.url());
    assert_eq!(mc.json(&["status", "--context", "default"]).await["server"], one.url());
    mc.run(&["contexts", "use", "default"]).await.exits(0);
    assert_eq!(mc.json(&["status"]).await["server"], one.url());
    let contexts = mc.json(&["contexts", "list"]).await;
    assert_eq!(contexts["total"], 2);
    assert!(!contexts.to_string().contains("access"), "{contexts}");
    mc.run(&["status", "--context", "nowhere"]).await.exits(5).says("no context named nowhere");
}

#[tokio::test]
async fn called_mk8s_it_keeps_its_own_file() {
    let server = Server::start().await.expect("server");
    let mc = Mc::new();
    let mk8s = mc.path("mk8s");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_mc"), &mk8s).expect("link");
    let (url, pin) = (server.url(), server.ca_pin().expect("pin").to_string());
    done(mc.named(mk8s.clone()).args(["status"]), "").await.exits(3).says("mk8s login");
    let login = ["login", "--server", &url, "--ca-pin", &pin, "--username", ADMIN, "--password-stdin"];
    done(mc.named(mk8s.clone()).args(login), PASSWORD).await.exits(0);
    assert!(mc.path(".mk8s/config.yaml").exists() && !mc.config().exists());
    done(mc.named(mk8s.clone()).args(["status"]), "").await.exits(0);
    // `mc` without a file of its own shares that one, and says so the first time.
    mc.run(&["status"]).await.exits(0).says("it uses");
    let second = mc.run(&["status"]).await.exits(0);
    assert_eq!(second.err, "", "{second:?}");
    done(&mut mc.named(mk8s), "").await.exits(2);
    fs::create_dir_all(mc.config().parent().expect("folder")).expect("folder");
    fs::write(mc.config(), "").expect("a file of its own");
    mc.run(&["status"]).await.exits(3);
}

#[tokio::test]
async fn an_old_file_of_mk8s_is_taken_over() {
    let server = Server::start().await.expect("server");
    let (mc, admin) = (Mc::admin(&server).await, Mc::new());
    let token = mc.run(&["tokens", "create", "old", "--scope", "*"]).await.exits(0).out.trim().to_owned();
    let mk8s = admin.path("mk8s");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_mc"), &mk8s).expect("link");
    fs::create_dir(admin.path(".mk8s")).expect("folder");
    let file = admin.path(".mk8s/config.yaml");
    let old = format!("server: {}/\ncaFile: {}\ntoken: {token}\ncurrent_cluster: dev\n", server.url(), server.ca_file().display());
    fs::write(&file, &old).expect("written");
    let first = done(admin.named(mk8s.clone()).args(["status", "-o", "json"]), "").await.exits(0).says("is kept as");
    assert_eq!(first.json()["user"], ADMIN);
    let kept = admin.path(".mk8s/config.old.yaml");
    assert_eq!(fs::read_to_string(&kept).expect("kept"), old);
    assert_eq!(fs::metadata(&kept).expect("kept").permissions().mode() & 0o777, 0o600);
    let now = fs::read_to_string(&file).expect("rewritten");
    assert!(now.contains("contexts:") && now.contains("cluster: dev"), "{now}");
    let second = done(admin.named(mk8s).args(["status"]), "").await.exits(0);
    assert_eq!(second.err, "", "{second:?}");
}

#[tokio::test]
async fn a_pin_follows_the_authority_that_is_replaced() {
    let server = Server::start().await.expect("server");
    let mc = Mc::admin(&server).await;
    let old = server.ca_pin().expect("pin").to_string();
    server.command(&["rotate", "ca"]).await.expect("rotated");
    let new = server.ca_pin().expect("pin").to_string();
    assert_ne!(old, new);
    // The server takes a moment to notice; until then it is the old one, and nothing is kept.
    let told = loop {
        let status = mc.run(&["status", "-o", "json"]).await.exits(0);
        if status.json()["ca_pin"] == new {
            break status;
        }
        assert!(fs::read_to_string(mc.config()).expect("config").contains(&old));
    };
    told.says("was replaced");
    let config = fs::read_to_string(mc.config()).expect("config");
    assert!(config.contains(&new) && !config.contains(&old), "{config}");
    let again = mc.run(&["status"]).await.exits(0);
    assert!(again.err.is_empty(), "{again:?}");
}
