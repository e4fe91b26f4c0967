//! Joining, and every way it is refused.

use std::{fs, os::unix::fs::PermissionsExt};

use mc_domain::id::AgentId;
use tonic::Status;

use crate::{
    agent::{Agent, output, text},
    central::{Authority, Central},
};

#[tokio::test]
async fn a_token_becomes_an_identity() {
    let central = Central::start().await;
    let agent = Agent::new();
    let output = agent.try_join(&central, &["--name", "web-1", "--tag", "prod", "--tag", "team:a"]).await;
    assert!(output.status.success(), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    assert!(said.contains("as web-1") && said.contains("Next: mc-agent run --data-dir"), "{said}");
    let request = central.joins.lock().unwrap().pop().unwrap();
    assert_eq!((request.token.as_str(), request.name.as_str(), request.tags.len()), ("mcjt_secret", "web-1", 2));
    assert_eq!(request.identity.unwrap().kind, "host");
    for name in ["key.pem", "certificate.pem", "ca.pem", "identity.json"] {
        let mode = fs::metadata(agent.data_dir().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let identity: serde_json::Value = serde_json::from_slice(&fs::read(agent.data_dir().join("identity.json")).unwrap()).unwrap();
    assert!(identity["agent_id"].as_str().unwrap().parse::<AgentId>().is_ok());
    assert_eq!(identity["ca_pin"], central.authority.pin());

    let again = agent.try_join(&central, &[]).await;
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("belongs to an agent already"), "{}", text(&again.stderr));
}

/// How a container starts: it joins, unless an earlier start did.
#[tokio::test]
async fn joining_is_left_out_where_an_agent_is_already() {
    let central = Central::start().await;
    let agent = Agent::new();
    let first = agent.try_join(&central, &["--unless-joined"]).await;
    assert!(first.status.success(), "{}", text(&first.stderr));
    let identity = fs::read(agent.data_dir().join("identity.json")).unwrap();

    let (server, pin, dir) = (central.address.to_string(), central.authority.pin(), agent.data_dir());
    let used_up = agent.path("no-token-any-more");
    let arguments = ["join", "--unless-joined", "--server", &server, "--ca-pin", &pin, "--data-dir", dir.to_str().unwrap()];
    let again = output(&[&arguments[..], &["--token-file", used_up.to_str().unwrap()]].concat()).await;
    assert!(again.status.success(), "{}", text(&again.stderr));
    assert!(text(&again.stdout).contains("nothing to do"), "{}", text(&again.stdout));
    assert_eq!(fs::read(agent.data_dir().join("identity.json")).unwrap(), identity);
    assert_eq!(central.joins.lock().unwrap().len(), 1, "asked once");
}

#[tokio::test]
async fn refusals_are_one_clear_line() {
    let central = Central::start().await;
    let cases = [
        (
            Status::unauthenticated("the join token has expired: make a new one"),
            "mc-agent: the join token is refused: the join token has expired",
        ),
        (Status::already_exists("the name web-1 is taken"), "mc-agent: the name web-1 is taken; choose another with --name"),
        (Status::resource_exhausted("slow down"), "mc-agent: central is asked too often: slow down"),
        (Status::permission_denied("not now"), "mc-agent: central refuses: not now"),
    ];
    for (status, expected) in cases {
        central.behaviour.lock().unwrap().join_refusal = Some(status);
        let agent = Agent::new();
        let output = agent.try_join(&central, &[]).await;
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1));
        assert!(said.starts_with(expected) && said.trim_end().lines().count() == 1, "{said}");
        assert!(!agent.data_dir().join("identity.json").exists());
        assert!(!said.contains("mcjt_secret"));
    }
}

#[tokio::test]
async fn a_wrong_pin_gives_nothing_away() {
    let central = Central::start().await;
    let other = Authority::new().pin();
    let output = Agent::new().try_join(&central, &["--ca-pin", &other]).await;
    let said = text(&output.stderr);
    assert!(said.starts_with("mc-agent: the CA pin does not match") && said.trim_end().lines().count() == 1, "{said}");
    assert!(central.joins.lock().unwrap().is_empty(), "the token never left");
}

#[tokio::test]
async fn nobody_there_is_said_so() {
    let central = Central::start().await;
    let (address, authority) = central.die().await;
    // The port is free again; nothing listens there.
    let agent = Agent::new();
    let (dir, pin) = (agent.data_dir(), authority.pin());
    let mut said = String::new();
    crate::agent::until("the port is closed", || std::net::TcpStream::connect(address).is_err()).await;
    for server in [address.to_string(), "no-such-host.invalid:8444".to_owned()] {
        let arguments = ["join", "--server", &server, "--token", "t", "--ca-pin", &pin, "--data-dir", dir.to_str().unwrap()];
        said.push_str(&text(&output(&arguments).await.stderr));
    }
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines.len(), 2, "{said}");
    assert!(lines[0].contains("cannot reach") && lines[0].contains("Connection refused"), "{said}");
    assert!(lines[1].contains("cannot find no-such-host.invalid:8444"), "{said}");
}

#[tokio::test]
async fn tokens_come_from_files_and_the_environment_too() {
    let central = Central::start().await;
    let agent = Agent::new();
    let file = agent.path("token");
    fs::write(&file, "mcjt_from_file\n").unwrap();
    let (server, pin, dir) = (central.address.to_string(), central.authority.pin(), agent.data_dir());
    let arguments =
        ["join", "--server", &server, "--token-file", file.to_str().unwrap(), "--ca-pin", &pin, "--data-dir", dir.to_str().unwrap()];
    assert!(output(&arguments).await.status.success());
    let second = Agent::new();
    let dir = second.data_dir();
    let joined = tokio::process::Command::new(env!("CARGO_BIN_EXE_mc-agent"))
        .args(["join", "--server", &server, "--ca-pin", &pin, "--data-dir", dir.to_str().unwrap()])
        .env("MC_JOIN_TOKEN", "mcjt_from_environment")
        .output()
        .await
        .unwrap();
    assert!(joined.status.success(), "{}", text(&joined.stderr));
    let tokens: Vec<_> = central.joins.lock().unwrap().iter().map(|join| join.token.clone()).collect();
    assert_eq!(tokens, ["mcjt_from_file", "mcjt_from_environment"]);
}

#[tokio::test]
async fn wrong_usage_exits_with_two() {
    for arguments in [&["join"][..], &["run"], &["dance"], &["join", "--server", "x", "--token", "t", "--ca-pin", "p", "--data-dir", "d"]] {
        assert_eq!(output(arguments).await.status.code(), Some(2), "{arguments:?}");
    }
}

#[tokio::test]
async fn running_before_joining_says_what_to_do() {
    let agent = Agent::new();
    let said = text(&output(&["run", "--data-dir", agent.data_dir().to_str().unwrap()]).await.stderr);
    assert!(said.contains("has not joined: run `mc-agent join"), "{said}");
}
