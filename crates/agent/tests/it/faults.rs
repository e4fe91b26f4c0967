//! What goes wrong in the field: kills, refusals, crash loops, full disks, nonsense.

use mc_process::group;
use mc_wire::v1;
use mc_wire::v1::{agent_frame::Frame as Said, server_frame::Frame};
use tonic::Status;

use crate::{
    agent::{Agent, output, text, until},
    central::Central,
};

fn pid_of(report: &v1::WorkloadReport) -> u32 {
    assert_ne!(report.pid, 0);
    report.pid
}

#[tokio::test]
async fn sigterm_ends_the_workload_too() {
    let mut central = Central::start().await;
    let agent = Agent::joined(&central).await;
    agent.configure("trap 'echo last words; exit 0' TERM; while :; do sleep 0.05; done", "");
    let running = agent.run();
    let mut link = central.link().await;
    let pid = pid_of(&link.workload("running").await);
    running.signal(rustix::process::Signal::TERM);
    link.line("last words").await;
    link.find(|frame| matches!(frame, Said::Goodbye(_)).then_some(())).await;
    running.stop().await;
    assert!(group::members(pid).is_empty());
}

#[tokio::test]
async fn after_kill_nine_nothing_runs_twice_and_the_spool_is_intact() {
    let mut central = Central::start().await;
    let agent = Agent::joined(&central).await;
    agent.configure("echo first-words; while :; do sleep 1000; done", "");
    let running = agent.run();
    let mut link = central.accept().await;
    link.welcome(0).await;
    let pid = pid_of(&link.workload("running").await);
    // Sent, never acknowledged.
    let first = loop {
        if let Some(Said::Telemetry(batch)) = link.next().await
            && batch.lines.iter().any(|line| line.message == "first-words")
        {
            break batch;
        }
    };
    running.kill().await;
    assert!(!group::members(pid).is_empty(), "the workload outlives its killed agent");

    let again = agent.run();
    let mut second = central.accept().await;
    assert_eq!(second.hello.spool_id, link.hello.spool_id);
    assert_ne!(second.hello.instance_id, link.hello.instance_id);
    second.welcome(first.batch - 1).await;
    let resent = second
        .find(|frame| match frame {
            Said::Telemetry(batch) if batch.batch == first.batch => Some(batch.clone()),
            _ => None,
        })
        .await;
    assert_eq!(resent, first);
    let fresh = pid_of(&second.workload("running").await);
    assert_ne!(fresh, pid);
    assert!(group::members(pid).is_empty(), "what was left over was ended first");
    again.stop().await;
}

#[tokio::test]
async fn a_command_cut_short_by_kill_nine_has_failed() {
    let mut central = Central::start().await;
    let agent = Agent::joined(&central).await;
    agent.configure("trap '' TERM; echo up; while :; do sleep 0.05; done", "stop_timeout = \"2s\"");
    let running = agent.run();
    let mut link = central.link().await;
    link.line("up").await;
    let id = mc_domain::id::CommandId::new().to_string();
    link.command(&id, "restart", 60).await;
    // The workload stops only after the command was noted.
    link.workload("restarting").await;
    running.kill().await;
    let again = agent.run();
    let mut link = central.accept().await;
    assert_eq!(link.hello.unfinished_commands, std::slice::from_ref(&id));
    link.welcome(0).await;
    let result = link.result(&id).await;
    assert!(result.state == "failed" && result.text.contains("the agent was restarted while it worked on this"), "{}", result.text);
    let kill = mc_domain::id::CommandId::new().to_string();
    link.command(&kill, "kill", 60).await;
    assert_eq!(link.result(&kill).await.state, "done");
    again.stop().await;
}

#[tokio::test]
async fn a_crash_loop_is_named() {
    let mut central = Central::start().await;
    let agent = Agent::joined(&central).await;
    agent.configure("echo boom >&2; exit 3", "");
    let running = agent.run();
    let mut link = central.link().await;
    let line = link.line("boom").await;
    assert_eq!((line.source.as_str(), line.level), ("stderr", 3));
    let backoff = link.workload("backoff").await;
    assert!(backoff.detail.starts_with("exit code 3, next try in"), "{}", backoff.detail);
    let looping = link.workload("crash_loop").await;
    assert_eq!(looping.last_exit, Some(3));
    running.stop().await;
}

#[tokio::test]
async fn a_removed_agent_waits_long_and_says_why() {
    let mut central = Central::start().await;
    let agent = Agent::joined(&central).await;
    let running = agent.run();
    let link = central.link().await;
    let removed = v1::Disconnect { reason: v1::disconnect::Reason::Removed.into(), message: "removed by alice".into(), retry_after_ms: 0 };
    link.say(Frame::Disconnect(removed)).await;
    until("it says why", || running.log().contains("removed by alice")).await;
    let log = running.log();
    let wait: u64 = log.split("wait_ms=").last().and_then(|rest| rest.split_whitespace().next()).unwrap().parse().unwrap();
    assert!((600_000..=900_000).contains(&wait), "{log}");
    let status = agent.data_dir().join("status.json");
    until("the status says so", || crate::agent::read(&status).contains("removed by alice")).await;
    let shown = text(&output(&["status", "--data-dir", agent.data_dir().to_str().unwrap()]).await.stdout);
    assert!(shown.contains("link      none: central ended the link: removed by alice"), "{shown}");
    running.stop().await;
}

#[tokio::test]
async fn a_refused_credential_is_not_tried_hotly() {
    let central = Central::start().await;
    let agent = Agent::joined(&central).await;
    central.behaviour.lock().unwrap().connect_refusal = Some(Status::unauthenticated("unknown certificate"));
    let running = agent.run();
    until("it says why", || running.log().contains("central refuses this agent: unknown certificate")).await;
    assert_eq!(running.log().matches("no link").count(), 1);
    running.stop().await;
}

#[tokio::test]
async fn another_ca_is_not_believed() {
    let central = Central::start().await;
    let agent = Agent::joined(&central).await;
    let (address, _) = central.die().await;
    let mut other = loop {
        if tokio::net::TcpListener::bind(address).await.is_ok() {
            break Central::start_at(address, std::sync::Arc::new(crate::central::Authority::new())).await;
        }
        tokio::task::yield_now().await;
    };
    let running = agent.run();
    until("it says why", || running.log().contains("a certificate of another CA than the one this agent joined")).await;
    assert!(nobody_linked(&mut other).await);
    running.stop().await;
}

#[tokio::test]
async fn a_certificate_of_another_ca_is_refused_and_said_so() {
    let central = Central::start().await;
    let agent = Agent::joined(&central).await;
    let other = Central::start().await;
    let stranger = Agent::joined(&other).await;
    for name in ["key.pem", "certificate.pem"] {
        std::fs::copy(stranger.data_dir().join(name), agent.data_dir().join(name)).unwrap();
    }
    let running = agent.run();
    // The refusal itself may be lost with the connection; what to do is said either way.
    until("it says what to do", || running.log().contains("join again")).await;
    running.stop().await;
    let said = text(&output(&["check", "--data-dir", agent.data_dir().to_str().unwrap()]).await.stdout);
    assert!(said.contains("wrong central") && said.contains("join again"), "{said}");
}

/// Whether no stream was accepted so far.
async fn nobody_linked(central: &mut Central) -> bool {
    tokio::select! {
        biased;
        _ = central.accept() => false,
        () = std::future::ready(()) => true,
    }
}

#[tokio::test]
async fn a_second_agent_on_the_same_directory_is_refused() {
    let mut central = Central::start().await;
    let agent = Agent::joined(&central).await;
    let running = agent.run();
    central.link().await;
    let second = output(&["run", "--data-dir", agent.data_dir().to_str().unwrap()]).await;
    assert_eq!(second.status.code(), Some(1));
    assert!(text(&second.stderr).contains("another mc-agent already runs on"), "{}", text(&second.stderr));
    running.stop().await;
}

#[tokio::test]
async fn a_bad_configuration_names_its_place() {
    let central = Central::start().await;
    let agent = Agent::joined(&central).await;
    std::fs::write(agent.data_dir().join("agent.toml"), "[workload]\nkind = \"command\"\ncomand = [\"x\"]\n").unwrap();
    let said = text(&output(&["run", "--data-dir", agent.data_dir().to_str().unwrap()]).await.stderr);
    assert!(said.contains("agent.toml:3:1: unknown field `comand`") && said.lines().count() == 1, "{said}");
}

#[tokio::test]
async fn a_damaged_identity_says_to_join_again() {
    let central = Central::start().await;
    let agent = Agent::joined(&central).await;
    std::fs::write(agent.data_dir().join("identity.json"), "{").unwrap();
    let said = text(&output(&["run", "--data-dir", agent.data_dir().to_str().unwrap()]).await.stderr);
    assert!(said.contains("identity.json is damaged") && said.contains("join again"), "{said}");
}

#[tokio::test]
async fn a_full_disk_is_survived_and_said_once() {
    let mut central = Central::start().await;
    let agent = Agent::joined(&central).await;
    // A limit on the size of files fails writes as a full disk does, without needing a disk of one's own.
    agent.configure("i=0; while [ $i -lt 40 ]; do head -c 12000 /dev/zero | tr '\\\\0' x; echo \" $i\"; i=$((i+1)); done; echo all-out; exec sleep 1000", "");
    let running = agent.run_limited("ulimit -f 64");
    let mut link = central.link().await;
    link.line("all-out").await;
    let log = running.log();
    assert_eq!(log.matches("the disk does not take the spool").count(), 1, "{log}");
    running.stop().await;
}
