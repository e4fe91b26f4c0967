//! An OpenClaw gateway that is not there: seen as it is, and every action says so. (The gateway itself is tested in `mc-openclaw`.)

use std::fs;

use mc_domain::id::CommandId;

use crate::{agent::Agent, central::Central};

#[tokio::test]
async fn a_gateway_that_does_not_run_is_said_so() {
    let mut central = Central::start().await;
    let agent = Agent::joined(&central).await;
    let state = agent.path("state");
    fs::create_dir(&state).unwrap();
    let toml = format!("[workload]\nkind = \"openclaw\"\nstate_dir = \"{}\"\n", state.display());
    fs::write(agent.data_dir().join("agent.toml"), toml).unwrap();
    let running = agent.run();
    let mut link = central.link().await;
    let report = link.workload("stopped").await;
    assert_eq!(report.title, "openclaw");
    assert!(report.facts.iter().any(|fact| fact.name == "process") && report.facts.len() >= 4, "{report:?}");
    for action in ["restart", "kill"] {
        let id = CommandId::new().to_string();
        link.command(&id, action, 30).await;
        let result = link.result(&id).await;
        assert!(result.state == "failed" && result.text.contains("not running"), "{action}: {}", result.text);
    }
    running.stop().await;
}

#[tokio::test]
async fn a_gateway_that_is_started_here_and_has_a_bad_configuration_is_not_started_again() {
    let mut central = Central::start().await;
    let agent = Agent::joined(&central).await;
    let state = agent.path("state");
    fs::create_dir(&state).unwrap();
    let script = "echo \\\"state $OPENCLAW_STATE_DIR\\\" >&2; exit 78";
    let toml = format!("[workload]\nkind = \"openclaw\"\nstate_dir = \"{}\"\ncommand = [\"sh\", \"-c\", \"{script}\"]\n", state.display());
    fs::write(agent.data_dir().join("agent.toml"), toml).unwrap();
    let running = agent.run();
    let mut link = central.link().await;
    link.line(&format!("state {}", state.display())).await;
    let id = CommandId::new().to_string();
    link.command(&id, "restart", 60).await;
    let result = link.result(&id).await;
    assert!(result.state == "failed" && result.text.contains("exit code 78"), "{}", result.text);
    running.stop().await;
}
