//! Agents: seen, acted on, heard.

use mc_domain::workload::WorkloadState;
use mc_testkit::{Agent, Server, program::Program, server::agent_becomes};

use crate::mc::Mc;

/// A workload that says its process id and then waits.
const CHATTY: &str = r#"
[workload]
kind = "command"
command = ["sh", "-c", "echo begin $$; echo careful >&2; exec sleep 600"]
stop_timeout = "2s"
"#;

#[tokio::test]
async fn an_agent_is_seen_named_and_removed() {
    let server = Server::start().await.expect("server");
    let (mc, admin) = (Mc::admin(&server).await, server.admin().await.expect("admin"));
    let empty = mc.run(&["agents", "list"]).await.exits(0).says("join-token");
    assert!(empty.out.starts_with("NAME"), "{empty:?}");
    let _alpha = Agent::start(&server, &admin, "alpha", CHATTY).await.expect("agent");

    let list = mc.json(&["agents", "list", "--status", "online,degraded", "--kind", "command"]).await;
    assert_eq!((list["total"].as_u64(), list["items"][0]["name"].as_str()), (Some(1), Some("alpha")), "{list}");
    assert!(mc.run(&["agents", "list"]).await.exits(0).out.contains("alpha"));
    assert_eq!(mc.json(&["agents", "list", "--kind", "openclaw"]).await["total"], 0);

    let shown = mc.json(&["agent", "show", "alpha"]).await;
    let id = shown["id"].as_str().expect("id").to_owned();
    assert_eq!((shown["name"].as_str(), shown["kind"].as_str()), (Some("alpha"), Some("command")));
    assert!(["online", "degraded"].contains(&shown["status"].as_str().expect("status")), "{shown}");
    for given in [id.as_str(), &id[..13], &id.to_uppercase()[..18]] {
        assert_eq!(mc.json(&["agents", "show", given]).await["id"], id.as_str(), "{given}");
    }
    assert!(mc.run(&["agents", "show", "alpha"]).await.exits(0).out.contains("sleep 600"));
    mc.run(&["agents", "show", "beta"]).await.exits(5).says("no agent named beta; `mc agents list` shows them");
    mc.run(&["agents", "show", "ffff0000"]).await.exits(5);

    mc.run(&["agents", "tag", "alpha", "prod", "team:x"]).await.exits(0);
    mc.run(&["agents", "untag", "alpha", "prod"]).await.exits(0);
    assert_eq!(mc.json(&["agents", "list", "--tag", "team:x"]).await["items"][0]["tags"], serde_json::json!(["team:x"]));
    mc.run(&["agents", "tag", "alpha", "Not A Tag"]).await.exits(2);
    mc.run(&["agents", "rename", "alpha", "omega"]).await.exits(0);
    mc.run(&["agents", "show", "alpha"]).await.exits(5);

    mc.run(&["agents", "remove", "omega"]).await.exits(2).says("--yes");
    mc.run(&["agents", "remove", "omega", "--yes"]).await.exits(0);
    mc.run(&["agents", "show", "omega"]).await.exits(5);
}

#[tokio::test]
async fn restart_check_and_kill_do_what_they_say() {
    let server = Server::start().await.expect("server");
    let (mc, admin) = (Mc::admin(&server).await, server.admin().await.expect("admin"));
    let _alpha = Agent::start(&server, &admin, "alpha", CHATTY).await.expect("agent");
    agent_becomes(&admin, "alpha", |agent| agent.workload_state == WorkloadState::Running).await.expect("runs");
    let pid = |shown: serde_json::Value| shown["workload"]["pid"].as_u64();
    let before = pid(mc.json(&["agents", "show", "alpha"]).await).expect("pid");

    mc.run(&["agents", "restart", "alpha"]).await.exits(2).says("--yes");
    assert_eq!(pid(mc.json(&["agents", "show", "alpha"]).await), Some(before), "nothing happened without consent");
    let done = mc.run(&["agents", "restart", "alpha", "--yes", "--reason", "it looked tired"]).await.exits(0);
    assert!(done.out.starts_with("alpha restarted"), "{done:?}");
    assert_eq!(done.err, "", "progress belongs on a terminal");
    let after = pid(mc.json(&["agents", "show", "alpha"]).await).expect("pid");
    assert_ne!(before, after);

    let check = mc.json(&["agents", "check", "alpha"]).await;
    assert_eq!((check["items"][0]["state"].as_str(), check["items"][0]["action"].as_str()), (Some("done"), Some("check")), "{check}");
    let command = check["items"][0]["command_id"].as_str().expect("command");
    assert_eq!(mc.json(&["commands", "show", command]).await["state"], "done");
    let commands = mc.json(&["commands", "list", "--agent", "alpha"]).await;
    assert_eq!((commands["total"].as_u64(), commands["items"][1]["reason"].as_str()), (Some(2), Some("it looked tired")), "{commands}");
    mc.run(&["commands", "cancel", command]).await.exits(1);
    mc.run(&["commands", "show", "00000000-0000-7000-8000-000000000000"]).await.exits(5);

    assert!(mc.run(&["agents", "kill", "alpha", "--yes"]).await.exits(0).out.starts_with("alpha killed"));
    assert_eq!(mc.json(&["agents", "show", "alpha"]).await["status"], "stopped");

    let audit = mc.json(&["audit", "list", "--agent", "alpha", "--action", "agent_restart"]).await;
    assert!(audit["items"].as_array().expect("entries").iter().any(|entry| entry["reason"] == "it looked tired"), "{audit}");
}

#[tokio::test]
async fn of_many_some_may_fail() {
    let server = Server::start().await.expect("server");
    let (mc, admin) = (Mc::admin(&server).await, server.admin().await.expect("admin"));
    let _here = Agent::start(&server, &admin, "here", CHATTY).await.expect("agent");
    let away = Agent::join(&server, &admin, "away", CHATTY).await.expect("agent");
    agent_becomes(&admin, "here", |agent| agent.workload_state == WorkloadState::Running).await.expect("runs");

    let done = mc.run(&["agents", "restart", "here", "away", "here", "--yes", "-o", "json"]).await.exits(1);
    let outcomes = done.json();
    let of =
        |name: &str| outcomes["items"].as_array().and_then(|items| items.iter().find(|item| item["agent"] == name)).cloned().expect("item");
    assert_eq!(outcomes["total"], 2, "named twice, asked once: {outcomes}");
    assert_eq!(of("here")["state"], "done", "{outcomes}");
    assert_eq!((of("away")["state"].as_str(), of("away")["code"].as_str()), (Some("refused"), Some("agent_offline")), "{outcomes}");
    let table = mc.run(&["agents", "check", "here", "away"]).await.exits(1);
    assert!(table.out.starts_with("AGENT") && table.out.contains("refused"), "{table:?}");
    mc.run(&["agents", "check", away.name()]).await.exits(1);
    mc.run(&["agents", "restart", "here", "nobody", "--yes"]).await.exits(5).says("no agent named nobody");

    let sent = mc.run(&["agents", "restart", "here", "--yes", "--no-wait"]).await.exits(0);
    assert!(sent.out.contains("mc commands show"), "{sent:?}");
}

#[tokio::test]
async fn what_an_owner_forbids_is_refused() {
    let server = Server::start().await.expect("server");
    let (mc, admin) = (Mc::admin(&server).await, server.admin().await.expect("admin"));
    let config = format!("{CHATTY}\n[allow]\nactions = [\"check\"]\n");
    let _guarded = Agent::start(&server, &admin, "guarded", &config).await.expect("agent");
    agent_becomes(&admin, "guarded", |agent| agent.workload_state == WorkloadState::Running).await.expect("runs");
    let refused = mc.run(&["agents", "kill", "guarded", "--yes"]).await.exits(1);
    assert!(refused.out.contains("refused") || refused.out.contains("failed"), "{refused:?}");
    assert_eq!(mc.json(&["agents", "show", "guarded"]).await["workload"]["state"], "running");
    mc.run(&["agents", "check", "guarded"]).await.exits(0);
}

#[tokio::test]
async fn logs_are_tailed_and_followed() {
    let server = Server::start().await.expect("server");
    let (mc, admin) = (Mc::admin(&server).await, server.admin().await.expect("admin"));
    let _alpha = Agent::start(&server, &admin, "alpha", CHATTY).await.expect("agent");

    let mut following = Program::start("mc", mc.command().args(["logs", "tail", "alpha", "--follow"])).expect("starts");
    following.find(|line| line.contains("begin").then_some(())).await.expect("the first run's line");
    following.find(|line| line.contains("careful").then_some(())).await.expect("its stderr too");
    mc.run(&["agents", "restart", "alpha", "--yes"]).await.exits(0);
    let mut begun = 0;
    following
        .find(|line| {
            begun += usize::from(line.contains("begin"));
            (begun == 2).then_some(())
        })
        .await
        .expect("the second run's line, live");
    following.kill().await.expect("killed");

    let lines = mc.json(&["logs", "tail", "alpha", "--q", "begin"]).await;
    assert_eq!(lines["items"].as_array().map(Vec::len), Some(2), "{lines}");
    assert_eq!(mc.json(&["logs", "tail", "alpha", "--q", "begin", "--lines", "1"]).await["items"].as_array().map(Vec::len), Some(1));
    let own = mc.run(&["logs", "tail", "server", "--lines", "5000"]).await.exits(0);
    assert!(own.out.contains("INFO"), "{own:?}");
    mc.run(&["logs", "tail", "nobody"]).await.exits(5);
}

#[tokio::test]
async fn logs_are_downloaded() {
    let server = Server::start().await.expect("server");
    let (mc, admin) = (Mc::admin(&server).await, server.admin().await.expect("admin"));
    let _alpha = Agent::start(&server, &admin, "alpha", CHATTY).await.expect("agent");
    let mut following = Program::start("mc", mc.command().args(["logs", "tail", "alpha", "--follow"])).expect("starts");
    following.find(|line| line.contains("careful").then_some(())).await.expect("its lines are there");
    following.kill().await.expect("killed");
    let all = mc.run(&["logs", "download", "alpha"]).await.exits(0);
    assert!(all.out.contains("begin") && all.out.contains("careful"), "{all:?}");
    mc.run(&["logs", "download", "alpha", "--file", "alpha.log"]).await.exits(0);
    mc.run(&["logs", "download", "alpha", "--file", "alpha.log"]).await.exits(1).says("alpha.log");
    assert_eq!(std::fs::read_to_string(mc.path("alpha.log")).expect("file").matches("begin").count(), 1);
}

#[tokio::test]
async fn a_followed_log_goes_on_after_the_server_comes_back() {
    let mut server = Server::start().await.expect("server");
    let (mc, admin) = (Mc::admin(&server).await, server.admin().await.expect("admin"));
    let _alpha = Agent::start(&server, &admin, "alpha", CHATTY).await.expect("agent");
    let mut following = Program::start("mc", mc.command().args(["logs", "tail", "alpha", "--follow", "-o", "json"])).expect("starts");
    following.find(|line| line.contains("begin").then_some(())).await.expect("the first run's line");
    server.kill().await.expect("killed");
    following.find(|line| line.contains("trying again").then_some(())).await.expect("it notices");
    server.start_again().await.expect("starts again");
    following.find(|line| line.contains("connected again").then_some(())).await.expect("it comes back");
    agent_becomes(&server.admin().await.expect("admin"), "alpha", |agent| agent.connected).await.expect("the agent too");
    mc.run(&["agents", "restart", "alpha", "--yes"]).await.exits(0);
    let mut begun = Vec::new();
    following
        .find(|line| {
            begun.extend(
                serde_json::from_str::<serde_json::Value>(line)
                    .ok()
                    .filter(|line| line["message"].as_str().is_some_and(|text| text.starts_with("begin"))),
            );
            (begun.len() >= 2).then_some(())
        })
        .await
        .expect("the second run's line");
    assert_ne!(begun[0]["seq"], begun[1]["seq"], "no line twice");
}
