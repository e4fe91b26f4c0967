//! A real OpenClaw gateway that the agent starts and looks after: seen ready, restarted within its process, heard, killed, started afresh.

use std::{fmt::Write, fs, time::Duration};

use mc_domain::id::CommandId;
use mc_testkit::openclaw::OpenclawGateway;
use mc_wire::v1::{WorkloadReport, agent_frame::Frame as Said};

use crate::{
    agent::{Agent, until},
    central::Central,
};

/// A gateway takes half a minute to start, and longer on a busy machine.
const PATIENCE: Duration = Duration::from_secs(240);

fn facts(report: &WorkloadReport) -> Vec<(&str, &str)> {
    report.facts.iter().map(|fact| (fact.name.as_str(), fact.state.as_str())).collect()
}

#[tokio::test]
async fn a_gateway_is_looked_after() {
    let mut central = Central::start().await;
    let agent = Agent::joined(&central).await;
    let gateway = OpenclawGateway::prepare().await.expect("OpenClaw can be had");
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    let argv: Vec<_> = gateway.argv().iter().map(|part| quoted(part)).collect();
    let mut toml = format!(
        "[workload]\nkind = \"openclaw\"\nstate_dir = {}\nconfig_path = {}\ncommand = [{}]\nstop_timeout = \"30s\"\n[workload.env]\n",
        quoted(gateway.state_dir().to_str().unwrap()),
        quoted(gateway.config_path().to_str().unwrap()),
        argv.join(", ")
    );
    for (name, value) in gateway.environment() {
        writeln!(toml, "{name} = {}", quoted(&value)).unwrap();
    }
    fs::write(agent.data_dir().join("agent.toml"), toml).unwrap();
    let running = agent.run();
    let mut link = central.link().await;
    link.patience = PATIENCE;
    assert_eq!(link.hello.identity.as_ref().unwrap().kind, "openclaw");

    let all_well = [("process", "ok"), ("lock", "ok"), ("port", "ok"), ("ready", "ok"), ("hello", "ok")];
    let ready = link
        .find(|frame| match frame {
            Said::Workload(report) if report.state == "running" && facts(report) == all_well => Some(report.clone()),
            _ => None,
        })
        .await;
    assert_eq!(ready.title, format!("openclaw {}", gateway.version()));

    let restart = CommandId::new().to_string();
    link.command(&restart, "restart", 300).await;
    let line = link.line("SIGUSR2").await;
    assert_eq!(line.source, gateway.log_file().to_str().unwrap());
    let done = link.result(&restart).await;
    assert_eq!(done.state, "done", "{}", done.text);
    let check = CommandId::new().to_string();
    link.command(&check, "check", 60).await;
    let checked = link.result(&check).await;
    assert!(checked.state == "done" && checked.text.contains(&format!("pid {}", ready.pid)), "the same process: {}", checked.text);

    let kill = CommandId::new().to_string();
    link.command(&kill, "kill", 60).await;
    assert_eq!(link.result(&kill).await.state, "done");
    until("the process is gone", || mc_process::group::members(ready.pid).is_empty()).await;

    let afresh = CommandId::new().to_string();
    link.command(&afresh, "restart", 300).await;
    let done = link.result(&afresh).await;
    assert_eq!((done.state.as_str(), done.text.as_str()), ("done", "started afresh and ready"));
    running.stop().await;
}
