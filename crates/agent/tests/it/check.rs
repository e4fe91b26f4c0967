//! `mc-agent check`, `status` and `install`.

use std::fs;

use crate::{
    agent::{Agent, output, text},
    central::Central,
};

#[tokio::test]
async fn check_says_each_thing_in_a_line() {
    let central = Central::start().await;
    let agent = Agent::joined(&central).await;
    let dir = agent.data_dir();
    let dir = dir.to_str().unwrap();
    let good = output(&["check", "--data-dir", dir]).await;
    let said = text(&good.stdout);
    assert!(good.status.success(), "{said}");
    assert_eq!(said.lines().count(), 5, "{said}");
    assert!(said.lines().all(|line| line.starts_with("ok   ")), "{said}");

    agent.configure("x", "");
    let toml = agent.data_dir().join("agent.toml");
    fs::write(&toml, fs::read_to_string(&toml).unwrap().replace("\"sh\"", "\"/no/such/program\"")).unwrap();
    central.die().await;
    let bad = output(&["check", "--data-dir", dir]).await;
    let said = text(&bad.stdout);
    assert_eq!(bad.status.code(), Some(1));
    assert!(said.contains("wrong workload      there is no program /no/such/program"), "{said}");
    assert!(said.contains("wrong central       cannot reach"), "{said}");
}

#[tokio::test]
async fn status_knows_a_running_agent() {
    let mut central = Central::start().await;
    let agent = Agent::joined(&central).await;
    let dir = agent.data_dir();
    let dir = dir.to_str().unwrap();
    assert!(text(&output(&["status", "--data-dir", dir]).await.stdout).contains("running   no"));
    let running = agent.run();
    let _link = central.link().await;
    let file = agent.data_dir().join("status.json");
    crate::agent::until("linked", || crate::agent::read(&file).contains("\"linked\": true")).await;
    let said = text(&output(&["status", "--data-dir", dir]).await.stdout);
    assert!(said.contains(&format!("running   yes, pid {}", running.pid())) && said.contains("central 0.0.0-test"), "{said}");
    running.stop().await;
}

#[tokio::test]
async fn install_writes_a_unit_once() {
    let central = Central::start().await;
    let agent = Agent::joined(&central).await;
    let unit = agent.path("mc-agent.service");
    let (dir, unit_text) = (agent.data_dir(), unit.to_str().unwrap().to_owned());
    let arguments = ["install", "--data-dir", dir.to_str().unwrap(), "--unit", &unit_text];
    let done = output(&arguments).await;
    assert!(done.status.success(), "{}", text(&done.stderr));
    assert!(text(&done.stdout).contains("systemctl enable --now mc-agent.service"));
    assert!(fs::read_to_string(&unit).unwrap().contains(&format!("run --data-dir \"{}\"", dir.display())));
    assert!(output(&arguments).await.status.success(), "the same again is no difference");
    fs::write(&unit, "something else").unwrap();
    let refused = output(&arguments).await;
    assert!(text(&refused.stderr).contains("is there already and differs"), "{}", text(&refused.stderr));
}

#[tokio::test]
async fn what_the_owner_allows_can_be_said_when_joining() {
    let mut central = Central::start().await;
    let agent = Agent::new();
    let joined = agent.try_join(&central, &["--allow", "check"]).await;
    assert!(joined.status.success(), "{}", text(&joined.stderr));
    let running = agent.run();
    assert_eq!(central.link().await.hello.identity.unwrap().allow, ["check"]);
    running.stop().await;
    let unknown = Agent::new().try_join(&central, &["--allow", "shell"]).await;
    assert_eq!(unknown.status.code(), Some(2), "what this version does not offer cannot be granted");
}
