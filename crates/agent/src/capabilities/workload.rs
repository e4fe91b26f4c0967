//! What the agent looks after, behind one face: report, act, stop. Each kind lives in its own file.

use std::sync::Arc;

use mc_domain::{
    command::CommandAction,
    time::Clock,
    workload::{AgentKind, FactState, Workload, WorkloadState},
};
use mc_process::{
    group::{self, ProcessStat},
    supervise::Supervisor,
};
use tokio::{sync::watch, task::JoinHandle};

use super::{
    command::{self, Quiet},
    host::{Measured, up_for},
    journal,
    openclaw::{Around, Openclaw},
    systemd::Systemd,
    unit::Unit,
};
use crate::config::{Config, WorkloadConfig};

/// The workload of this agent.
#[derive(Clone)]
pub(crate) struct WorkloadHandle {
    kind: Kind,
    measured: watch::Receiver<Measured>,
    clock: Arc<dyn Clock>,
}

#[derive(Clone)]
enum Kind {
    Host(watch::Receiver<Workload>),
    Command(Supervisor),
    Systemd(Systemd),
    Openclaw(Openclaw),
}

impl WorkloadHandle {
    /// Starts or adopts what is configured. The tasks follow its logs; they are the caller's to end.
    pub(crate) fn start(config: &Config, around: &Around<'_>, measured: watch::Receiver<Measured>) -> (Self, Vec<JoinHandle<()>>) {
        let mut tasks = Vec::new();
        let kind = match &config.workload {
            WorkloadConfig::Host => Kind::Host(watch::channel(Workload::default()).1),
            WorkloadConfig::Command(start) => {
                Kind::Command(command::start(start, Vec::new(), around.dir, around.clock, around.collector, Quiet::default()))
            }
            WorkloadConfig::Systemd { unit, user } => {
                let unit = Unit { name: unit.clone(), user: *user };
                tasks.push(journal::follow(unit.clone(), around.spool, around.collector, around.clock));
                Kind::Systemd(Systemd::adopt(unit, Arc::clone(around.clock)))
            }
            WorkloadConfig::Openclaw { state_dir, config_path, start } => {
                let (openclaw, task) = Openclaw::begin(state_dir.clone(), config_path.clone(), start.as_ref(), around);
                tasks.push(task);
                Kind::Openclaw(openclaw)
            }
        };
        (Self { kind, measured, clock: Arc::clone(around.clock) }, tasks)
    }

    /// The workload, now and whenever it changes.
    pub(crate) fn watch(&self) -> watch::Receiver<Workload> {
        match &self.kind {
            Kind::Host(workload) => workload.clone(),
            Kind::Command(supervisor) => supervisor.watch(),
            Kind::Systemd(systemd) => systemd.watch(),
            Kind::Openclaw(openclaw) => openclaw.watch(),
        }
    }

    /// The processes that belong to the workload.
    pub(crate) fn processes(&self) -> Option<Vec<ProcessStat>> {
        let pid = self.watch().borrow().pid;
        match &self.kind {
            Kind::Host(_) => None,
            Kind::Command(_) => Some(pid.map(group::members).unwrap_or_default()),
            Kind::Systemd(_) | Kind::Openclaw(_) => Some(pid.map(group::tree).unwrap_or_default()),
        }
    }

    /// Does what central asks; the text is for people. Dropping the future takes the request back as far as that is possible.
    pub(crate) async fn act(&self, action: CommandAction) -> Result<String, String> {
        match (&self.kind, action) {
            (Kind::Host(_), CommandAction::Check) => self.check_host().await,
            (Kind::Host(_), CommandAction::Restart | CommandAction::Kill) => Err("this agent supervises no workload".to_owned()),
            (Kind::Command(supervisor), CommandAction::Restart) => supervisor.restart().await.map_err(|error| error.to_string()),
            (Kind::Command(supervisor), CommandAction::Kill) => supervisor.kill().await.map_err(|error| error.to_string()),
            (Kind::Command(supervisor), CommandAction::Check) => verdict(&supervisor.watch().borrow(), &*self.clock),
            (Kind::Systemd(systemd), CommandAction::Restart) => systemd.restart().await,
            (Kind::Systemd(systemd), CommandAction::Kill) => systemd.kill().await,
            (Kind::Systemd(systemd), CommandAction::Check) => {
                systemd.look().await;
                verdict(&systemd.watch().borrow(), &*self.clock)
            }
            (Kind::Openclaw(openclaw), CommandAction::Restart) => openclaw.restart().await,
            (Kind::Openclaw(openclaw), CommandAction::Kill) => openclaw.kill().await,
            (Kind::Openclaw(openclaw), CommandAction::Check) => {
                openclaw.look(true).await;
                verdict(&openclaw.watch().borrow(), &*self.clock)
            }
        }
    }

    /// Ends what the agent started itself; what it adopted stays.
    pub(crate) async fn quit(&self) {
        match &self.kind {
            Kind::Host(_) | Kind::Systemd(_) => {}
            Kind::Command(supervisor) => supervisor.quit().await,
            Kind::Openclaw(openclaw) => openclaw.quit().await,
        }
    }

    async fn check_host(&self) -> Result<String, String> {
        let mut measured = self.measured.clone();
        let now = measured.wait_for(|measured| measured.memory.is_some()).await.map_err(|_| "the agent is stopping".to_owned())?;
        Ok(now.in_words())
    }
}

/// What a check says of a workload: well, or what is wrong.
pub(crate) fn verdict(workload: &Workload, clock: &dyn Clock) -> Result<String, String> {
    let mut words = workload.state.as_str().replace('_', " ");
    if !workload.detail.is_empty() {
        words = format!("{words}: {}", workload.detail);
    }
    let mut parts = vec![words];
    parts.extend(workload.pid.map(|pid| format!("pid {pid}")));
    parts.extend(workload.started_at.map(|at| format!("up {}", up_for(clock.now().since(at)))));
    if workload.restarts > 0 {
        parts.push(format!("{} restarts", workload.restarts));
    }
    let facts = workload.facts.iter().filter(|fact| fact.name != "process" && !fact.detail.is_empty());
    parts.extend(facts.map(|fact| format!("{} {}: {}", fact.name, fact.state.as_str(), fact.detail)));
    let text = parts.join(", ");
    let well = matches!(workload.state, WorkloadState::Running | WorkloadState::Stopped | WorkloadState::None)
        && workload.facts.iter().all(|fact| fact.state != FactState::Bad);
    if well { Ok(text) } else { Err(text) }
}

/// What an agent of this kind offers.
pub(crate) fn capabilities(kind: AgentKind) -> Vec<String> {
    let mut offered = vec!["host".to_owned(), "logs".to_owned()];
    if kind != AgentKind::Host {
        offered.push("workload".to_owned());
    }
    if kind == AgentKind::Openclaw {
        offered.push("openclaw".to_owned());
    }
    offered
}
