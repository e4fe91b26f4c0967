//! A real OpenClaw gateway through the whole house: the gateway, an agent beside it, the server, and its API and `mc` in front.
//!
//! What the gateway does on its own is tested in `mc-openclaw`; here counts what people see and can do. A gateway that cannot be had
//! is a failure, not a reason to skip.

use std::{collections::BTreeMap, path::Path, time::Duration};

use mc_api::{
    agent::AgentDetail,
    command::{ActionRequest, Command},
    event::EventFrame,
};
use mc_client::{AuditQuery, Client, LogQuery, LogSource};
use mc_domain::{
    agent::AgentStatus,
    command::{CommandAction, CommandState},
    event::EventKind,
    log::LogLevel,
    workload::{AgentKind, FactState, WorkloadState},
};
use mc_testkit::{
    Agent, Server,
    openclaw::OpenclawGateway,
    program::{binary, run},
    server::{ADMIN, PASSWORD},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::timeout;

/// Bounds one step; it only catches what hangs.
const PATIENCE: Duration = Duration::from_secs(240);
/// The agent's name.
const NAME: &str = "gw-main";
/// What is seen of a gateway, in order, after what is seen of every agent.
const FACTS: [&str; 5] = ["process", "lock", "port", "ready", "hello"];

/// Everything that runs. What depends on another ends before it.
struct House {
    agent: Agent,
    admin: Client,
    server: Server,
    peer: OpenclawGateway,
}

/// A command to its end.
#[derive(Debug)]
struct Acted {
    end: Command,
    /// What it said while it ran, without repeats.
    told: Vec<String>,
    states: Vec<CommandState>,
}

impl House {
    /// A server and an agent that adopts the gateway, or starts it.
    async fn around(peer: OpenclawGateway, starts_it: bool) -> Self {
        let server = Server::start().await.unwrap();
        let admin = server.admin().await.unwrap();
        let mut workload = BTreeMap::from([("kind", json!("openclaw"))]);
        workload.extend([("state_dir", json!(peer.state_dir())), ("config_path", json!(peer.config_path()))]);
        if starts_it {
            let environment: BTreeMap<_, _> = peer.environment().into_iter().collect();
            workload.extend([("command", json!(peer.argv())), ("env", json!(environment))]);
        }
        let config = toml::to_string(&json!({ "workload": workload })).unwrap();
        let agent = Agent::start(&server, &admin, NAME, &config).await.unwrap();
        Self { agent, admin, server, peer }
    }

    /// Waits until the agent is seen as `wanted`: looks again whenever the live events say that it changed.
    async fn becomes(&self, what: &str, wanted: impl Fn(&AgentDetail) -> bool) -> AgentDetail {
        let mut last = None;
        let waiting = async {
            let mut events = self.admin.event_follow(None).await.unwrap();
            loop {
                let seen = self.admin.agent_show(NAME).await.unwrap();
                if wanted(&seen) {
                    return seen;
                }
                last = Some(seen);
                while !is_about(&events.next().await.unwrap().expect("the events go on"), EventKind::AgentChanged) {}
            }
        };
        let seen = timeout(PATIENCE, Box::pin(waiting)).await;
        seen.unwrap_or_else(|_| panic!("never seen {what}: {last:#?}\n{}", self.peer.output()))
    }

    /// Waits until the gateway serves and every fact says so.
    async fn serves(&self) -> AgentDetail {
        let seen = self.becomes("running", |seen| seen.workload.state == WorkloadState::Running && all_well(seen)).await;
        assert_eq!((seen.agent.status, seen.agent.kind), (AgentStatus::Online, AgentKind::Openclaw), "{seen:#?}");
        assert_eq!(seen.workload.title, format!("openclaw {}", self.peer.version()));
        let names = seen.facts.iter().map(|fact| fact.name.as_str()).skip_while(|name| *name != FACTS[0]);
        assert_eq!(names.collect::<Vec<_>>(), FACTS, "{seen:#?}");
        seen
    }

    /// Asks for an action and follows it in the live events to its end.
    async fn act(&self, action: CommandAction, reason: &str) -> Acted {
        let mut events = self.admin.event_follow(None).await.unwrap();
        assert!(matches!(events.next().await.unwrap(), Some(EventFrame::Hello { .. })));
        let request = ActionRequest { action, reason: reason.to_owned(), timeout_seconds: Some(600) };
        let id = self.admin.agent_act(NAME, &request).await.unwrap().command_id;
        let (mut told, mut states) = (Vec::new(), Vec::new());
        let following = async {
            loop {
                let frame = events.next().await.unwrap().expect("the events go on");
                for command in commands(&frame).filter(|command| command.id == id) {
                    told.push(command.progress.clone());
                    states.push(command.state);
                    if command.state.is_final() {
                        return command;
                    }
                }
            }
        };
        let end = timeout(PATIENCE * 2, Box::pin(following)).await.unwrap_or_else(|_| panic!("{action} does not end"));
        told.dedup();
        states.dedup();
        Acted { end, told, states }
    }

    /// `mc` of a user who logs in.
    async fn mc(&self) -> Mc {
        let mc = Mc(TempDir::new().unwrap());
        let (url, pin) = (self.server.url(), self.server.ca_pin().unwrap().to_string());
        mc.run(&["login", "--server", &url, "--ca-pin", &pin, "--username", ADMIN, "--password-stdin"], PASSWORD).await;
        mc
    }
}

/// `mc` with a home of its own.
struct Mc(TempDir);

impl Mc {
    /// Runs it; it must end well.
    async fn run(&self, arguments: &[&str], input: &str) -> String {
        let mut command = self.command(arguments);
        let done = run(&mut command, input).await.unwrap();
        assert!(done.status.success(), "mc {arguments:?}: {done:?}");
        String::from_utf8(done.stdout).unwrap()
    }

    /// Runs what takes as long as a gateway's start.
    async fn run_long(&self, arguments: &[&str]) -> String {
        let done = timeout(PATIENCE, self.command(arguments).output()).await.expect("mc ends").unwrap();
        assert!(done.status.success(), "mc {arguments:?}: {done:?}");
        String::from_utf8(done.stdout).unwrap()
    }

    fn command(&self, arguments: &[&str]) -> tokio::process::Command {
        let mut command = tokio::process::Command::new(binary("mc").unwrap());
        for variable in ["MC_CONFIG", "XDG_CONFIG_HOME"] {
            command.env_remove(variable);
        }
        command.args(arguments).env("HOME", self.0.path()).stdin(std::process::Stdio::null()).kill_on_drop(true);
        command
    }
}

fn is_about(frame: &EventFrame, kind: EventKind) -> bool {
    matches!(frame, EventFrame::Events { events, .. } if events.iter().any(|event| event.kind == kind))
}

fn commands(frame: &EventFrame) -> impl Iterator<Item = Command> {
    let events = if let EventFrame::Events { events, .. } = frame { events.as_slice() } else { &[] };
    let about = events.iter().filter(|event| event.kind == EventKind::CommandChanged);
    about.map(|event| serde_json::from_str(event.data.get()).unwrap())
}

fn all_well(seen: &AgentDetail) -> bool {
    seen.facts.len() > FACTS.len() && seen.facts.iter().all(|fact| fact.state == FactState::Ok)
}

fn fact(seen: &AgentDetail, name: &str) -> FactState {
    seen.facts.iter().find(|fact| fact.name == name).map_or(FactState::Unknown, |fact| fact.state)
}

fn lives(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}/exe")).read_link().is_ok()
}

#[tokio::test]
async fn a_gateway_that_the_agent_starts_is_seen_heard_restarted_mended_and_killed() {
    let mut house = House::around(OpenclawGateway::prepare().await.unwrap(), true).await;
    let first = house.serves().await;
    it_is_heard(&house).await;
    it_restarts_within_its_process(&house, &first).await;
    a_wrong_configuration_makes_a_zombie_until_it_is_mended(&house).await;
    let last = it_stays_killed_until_it_is_restarted(&mut house).await;
    house.agent.stop().await.unwrap();
    assert!(!lives(last.workload.pid.unwrap()), "it ends with the agent that started it");
}

/// The log's lines arrive with their levels, and new ones live.
async fn it_is_heard(house: &House) {
    let source = LogSource::Agent(NAME.to_owned());
    let file = house.peer.log_file().to_string_lossy().into_owned();
    let query = LogQuery { lines: Some(5_000), ..LogQuery::default() };
    let lines = house.admin.logs(&source, &query).await.unwrap().items;
    let own = lines.iter().filter(|line| line.source == file).collect::<Vec<_>>();
    assert!(own.iter().any(|line| line.level == LogLevel::Info && line.message.starts_with("[gateway")), "{lines:#?}");
    assert!(!lines.iter().any(|line| line.message.contains(house.peer.token())), "the token was logged");

    let mut live = house.admin.logs_follow(&source, &LogQuery { lines: Some(1), ..LogQuery::default() }).await.unwrap();
    let refused = house.peer.call("mission.control.test", &json!({})).await.unwrap_err();
    assert!(refused.to_string().contains("mission.control.test"), "{refused}");
    let hearing = async {
        loop {
            let line = live.next().await.unwrap().expect("the log goes on");
            if line.message.contains("mission.control.test") {
                return line;
            }
        }
    };
    let heard = timeout(PATIENCE, hearing).await.expect("the gateway logs what it refuses");
    assert_eq!((heard.source.as_str(), heard.level), (file.as_str(), LogLevel::Info), "{heard:?}");

    let told = house.mc().await.run(&["logs", "tail", NAME, "-q", "mission.control.test"], "").await;
    assert!(told.contains("mission.control.test"), "{told}");
}

async fn it_restarts_within_its_process(house: &House, before: &AgentDetail) {
    let boot = house.peer.boot_id().await.unwrap();
    let down = |seen: &AgentDetail| seen.workload.state == WorkloadState::Restarting && fact(seen, "port") == FactState::Waiting;
    let (acted, _down) = tokio::join!(house.act(CommandAction::Restart, "a new plugin"), house.becomes("closed meanwhile", down));
    assert_eq!(acted.end.state, CommandState::Done, "{acted:#?}\n{}", house.peer.output());
    assert!(acted.states.ends_with(&[CommandState::Running, CommandState::Done]), "{acted:#?}");
    assert!(acted.told.iter().any(|text| text.contains("SIGUSR2")) && acted.told.len() >= 3, "{acted:#?}");
    let after = house.serves().await;
    assert_eq!(after.workload.pid, before.workload.pid);
    assert!(after.workload.started_at > before.workload.started_at, "{before:#?}\n{after:#?}");
    assert_ne!(house.peer.boot_id().await.unwrap(), boot);

    let query = AuditQuery { action: Some("agent_restart".into()), agent: Some(before.agent.id.to_string()), ..AuditQuery::default() };
    let entries = house.admin.audit_list(&query).await.unwrap().items;
    assert!(entries.iter().any(|entry| entry.reason == "a new plugin" && entry.actor == ADMIN), "{entries:#?}");
}

async fn a_wrong_configuration_makes_a_zombie_until_it_is_mended(house: &House) {
    house.peer.break_config().unwrap();
    let failed = house.act(CommandAction::Restart, "with a wrong configuration").await;
    assert_eq!(failed.end.state, CommandState::Failed, "{failed:#?}");
    let says = |text: &str| assert!(failed.end.result.contains(text), "{text:?} is not said: {failed:#?}");
    says("nonsense");
    says("fix its configuration");
    let zombie = house.becomes("a zombie", |seen| seen.workload.state == WorkloadState::Zombie).await;
    assert_eq!(zombie.agent.status, AgentStatus::Degraded, "{zombie:#?}");
    let facts = FACTS.map(|name| fact(&zombie, name));
    assert_eq!(facts, [FactState::Ok, FactState::Bad, FactState::Bad, FactState::Bad, FactState::Unknown], "{zombie:#?}");
    assert!(lives(zombie.workload.pid.unwrap()), "a zombie's process lives");
    let check = house.act(CommandAction::Check, "").await;
    assert!(check.end.state == CommandState::Failed && check.end.result.starts_with("zombie"), "{check:#?}");

    house.peer.mend_config().unwrap();
    let mended = house.act(CommandAction::Restart, "with a good one").await;
    assert_eq!(mended.end.state, CommandState::Done, "{mended:#?}\n{}", house.peer.output());
    house.serves().await;
}

async fn it_stays_killed_until_it_is_restarted(house: &mut House) -> AgentDetail {
    let mc = house.mc().await;
    let pid = house.serves().await.workload.pid.unwrap();
    mc.run(&["agents", "kill", NAME, "--yes", "--reason", "enough"], "").await;
    let stopped: Value = serde_json::from_str(&mc.run(&["agents", "show", NAME, "-o", "json"], "").await).unwrap();
    let says = |pointer: &str| stopped.pointer(pointer).and_then(Value::as_str);
    assert_eq!((says("/status"), says("/workload/state")), (Some("stopped"), Some("stopped")), "{stopped:#}");
    assert!(!lives(pid));

    // Not even a new agent starts it.
    house.agent.stop().await.unwrap();
    house.agent.run().unwrap();
    let killed = house.becomes("stopped again", |seen| seen.agent.connected && seen.workload.state == WorkloadState::Stopped).await;
    assert!(killed.agent.status == AgentStatus::Stopped && killed.workload.detail.contains("killed on request"), "{killed:#?}");
    assert_eq!((killed.workload.pid, fact(&killed, "process")), (None, FactState::Bad), "{killed:#?}");

    // One that is started afresh with a wrong configuration ends, and is not tried again and again.
    house.peer.break_config().unwrap();
    let failed = house.act(CommandAction::Restart, "too early").await;
    assert!(failed.end.state == CommandState::Failed && failed.end.result.contains("its configuration is wrong"), "{failed:#?}");
    house.becomes("failed", |seen| seen.workload.state == WorkloadState::Failed).await;
    let query = LogQuery { q: Some("nonsense".into()), since: Some(failed.end.created_at), ..LogQuery::default() };
    let mut why = house.admin.logs_follow(&LogSource::Agent(NAME.into()), &query).await.unwrap();
    let why = timeout(PATIENCE, why.next()).await.expect("it says why in its log").unwrap().expect("the log goes on");
    assert_eq!((why.source.as_str(), why.level), ("stderr", LogLevel::Warn), "{why:?}");
    house.peer.mend_config().unwrap();

    let told = mc.run_long(&["agents", "restart", NAME, "--yes", "--timeout", "4m"]).await;
    assert!(told.starts_with("gw-main restarted"), "{told}");
    let again = house.serves().await;
    assert_ne!(again.workload.pid, Some(pid));
    again
}

#[tokio::test]
async fn a_gateway_that_runs_anyway_is_adopted() {
    let peer = OpenclawGateway::start().await.unwrap();
    let pid = peer.pid();
    let mut house = House::around(peer, false).await;
    let before = house.serves().await;
    assert_eq!(before.workload.pid, pid);
    it_restarts_within_its_process(&house, &before).await;

    // It is not the agent's: it does not end with it.
    house.agent.stop().await.unwrap();
    house.peer.wait_ready(PATIENCE).await.unwrap();
    house.agent.run().unwrap();
    house.becomes("connected", |seen| seen.agent.connected && seen.workload.pid == pid).await;
    let killed = house.act(CommandAction::Kill, "enough").await;
    assert_eq!(killed.end.state, CommandState::Done, "{killed:#?}");
    let stopped = house.becomes("stopped", |seen| seen.workload.state == WorkloadState::Stopped).await;
    assert_eq!((stopped.agent.status, fact(&stopped, "process")), (AgentStatus::Stopped, FactState::Bad), "{stopped:#?}");
    let refused = house.act(CommandAction::Restart, "nobody can").await;
    assert!(refused.end.state == CommandState::Failed && refused.end.result.contains("start it first"), "{refused:#?}");
}
