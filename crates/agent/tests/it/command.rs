//! Commands and the workload they are about.

use mc_domain::id::CommandId;
use mc_wire::v1::{self, agent_frame::Frame as Said, server_frame::Frame};

use crate::{agent::Agent, central::Central};

#[tokio::test]
async fn a_restart_is_done_with_progress_and_acknowledged() {
    let mut central = Central::start().await;
    let agent = Agent::joined(&central).await;
    agent.configure("echo I am $$; while :; do sleep 1000; done", "");
    let running = agent.run();
    let mut link = central.link().await;
    let before = link.workload("running").await;
    assert!(before.title.starts_with("sh -c"));
    let id = CommandId::new().to_string();
    link.command(&id, "restart", 30).await;
    let mut progress = Vec::new();
    let result = link
        .find(|frame| match frame {
            Said::Command(update) if update.command_id == id && update.state == "running" => {
                progress.push(update.text.clone());
                None
            }
            Said::Command(update) if update.command_id == id => Some(update.clone()),
            _ => None,
        })
        .await;
    assert_eq!(result.state, "done", "{}", result.text);
    assert!(result.text.starts_with("restarted, pid "), "{}", result.text);
    assert!(progress.iter().any(|text| text == "restarting: stopping"), "{progress:?}");

    // Unacknowledged, it comes again on the next link; acknowledged, it does not.
    link.cut.cancel();
    let mut link = central.accept().await;
    assert_eq!(link.hello.unfinished_commands, std::slice::from_ref(&id));
    link.welcome(0).await;
    assert_eq!(link.result(&id).await.state, "done");
    link.say(Frame::CommandAck(v1::CommandAck { command_id: id.clone(), state: "done".into() })).await;
    // The pong is behind the acknowledgement.
    link.say(Frame::Ping(v1::Ping { nonce: 1 })).await;
    link.find(|frame| matches!(frame, Said::Pong(_)).then_some(())).await;
    link.cut.cancel();
    let link = central.link().await;
    assert!(link.hello.unfinished_commands.is_empty());
    running.stop().await;
}

#[tokio::test]
async fn a_result_while_away_arrives_after_the_reconnect() {
    let mut central = Central::start().await;
    let agent = Agent::joined(&central).await;
    agent.configure("trap 'sleep 1; exit 0' TERM; echo up; while :; do sleep 0.05; done", "");
    let running = agent.run();
    let mut link = central.link().await;
    link.line("up").await;
    let id = CommandId::new().to_string();
    link.command(&id, "restart", 30).await;
    link.find(|frame| matches!(frame, Said::Command(update) if update.state == "running").then_some(())).await;
    link.cut.cancel();
    let mut link = central.link().await;
    assert_eq!(link.result(&id).await.state, "done");
    running.stop().await;
}

#[tokio::test]
async fn cancel_and_timeout_end_a_command_and_leave_the_workload() {
    let mut central = Central::start().await;
    let agent = Agent::joined(&central).await;
    agent.configure("trap '' TERM; echo up; while :; do sleep 0.05; done", "stop_timeout = \"30s\"");
    let running = agent.run();
    let mut link = central.link().await;
    link.line("up").await;
    let id = CommandId::new().to_string();
    link.command(&id, "restart", 30).await;
    link.find(|frame| matches!(frame, Said::Command(update) if update.text.contains("stopping")).then_some(())).await;
    link.say(Frame::Cancel(v1::CommandCancel { command_id: id.clone() })).await;
    let cancelled = link.result(&id).await;
    assert_eq!(cancelled.state, "cancelled", "{}", cancelled.text);

    let id = CommandId::new().to_string();
    link.command(&id, "restart", 1).await;
    let late = link.result(&id).await;
    assert_eq!(late.state, "failed");
    assert!(late.text.starts_with("not done within 1 s; the workload was left"), "{}", late.text);

    let id = CommandId::new().to_string();
    link.command(&id, "kill", 30).await;
    assert_eq!(link.result(&id).await.state, "done");
    if link.state != "stopped" {
        link.workload("stopped").await;
    }
    running.stop().await;
}

#[tokio::test]
async fn the_owner_decides_what_is_allowed() {
    let mut central = Central::start().await;
    let agent = Agent::joined(&central).await;
    agent.configure("while :; do sleep 1000; done", "[allow]\nactions = [\"check\"]");
    let running = agent.run();
    let mut link = central.link().await;
    assert_eq!(link.hello.identity.as_ref().unwrap().allow, ["check"]);
    link.workload("running").await;
    for (action, expected) in [
        ("restart", "this agent's owner does not allow restart"),
        ("kill", "this agent's owner does not allow kill"),
        ("dance", "this agent does not know the action \"dance\": update it"),
    ] {
        let id = CommandId::new().to_string();
        link.command(&id, action, 30).await;
        let result = link.result(&id).await;
        assert_eq!((result.state.as_str(), result.text.as_str()), ("failed", expected));
    }
    let id = CommandId::new().to_string();
    link.command(&id, "check", 30).await;
    let result = link.result(&id).await;
    assert_eq!(result.state, "done");
    assert!(result.text.starts_with("running, pid "), "{}", result.text);
    running.stop().await;
}

#[tokio::test]
async fn a_host_is_checked_and_has_nothing_to_restart() {
    let mut central = Central::start().await;
    let agent = Agent::joined(&central).await;
    let running = agent.run();
    let mut link = central.link().await;
    let (check, restart) = (CommandId::new().to_string(), CommandId::new().to_string());
    link.command(&restart, "restart", 30).await;
    assert_eq!(link.result(&restart).await.text, "this agent supervises no workload");
    link.command(&check, "check", 30).await;
    let result = link.result(&check).await;
    assert!(result.state == "done" && result.text.contains("memory "), "{}", result.text);
    running.stop().await;
}

#[tokio::test]
async fn a_command_delivered_twice_is_done_once() {
    let mut central = Central::start().await;
    let agent = Agent::joined(&central).await;
    agent.configure("echo begun; while :; do sleep 1000; done", "");
    let running = agent.run();
    let mut link = central.link().await;
    link.workload("running").await;
    let id = CommandId::new().to_string();
    link.command(&id, "restart", 30).await;
    link.command(&id, "restart", 30).await;
    assert_eq!(link.result(&id).await.state, "done");
    link.say(Frame::CommandAck(v1::CommandAck { command_id: id.clone(), state: "done".into() })).await;
    link.command(&id, "restart", 30).await;
    let check = CommandId::new().to_string();
    link.command(&check, "check", 30).await;
    let result = link.result(&check).await;
    assert!(result.text.contains("1 restarts"), "{}", result.text);
    running.stop().await;
}
