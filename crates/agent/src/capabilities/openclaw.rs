//! An OpenClaw gateway: adopted where it runs anyway, or started and looked after here.
//!
//! What the gateway is, and how it is seen and told to restart, lives in `mc-openclaw`; this is the glue to reports, logs and commands.

use std::{path::PathBuf, sync::Arc, time::Duration};

use mc_domain::{
    time::Clock,
    workload::{Workload, WorkloadState},
};
use mc_openclaw::{Gateway, GatewayConfig, Observation};
use mc_process::supervise::Supervisor;
use tokio::{
    sync::{Mutex, Notify, watch},
    task::JoinHandle,
};

use super::{
    command::{self, Quiet},
    logs::{self, Parse},
};
use crate::{config::Start, identity::DataDir, spool::Spool, telemetry::Collector};

/// How often the gateway is looked at.
const LOOK: Duration = Duration::from_secs(5);
/// A gateway that was started afresh may take this long until it is ready.
const READY_LIMIT: Duration = Duration::from_secs(180);
/// The gateway's exit code for a configuration that is wrong: starting it again would not help.
const BAD_CONFIGURATION: i32 = 78;

/// A handle on the gateway.
#[derive(Clone)]
pub(crate) struct Openclaw {
    gateway: Arc<Gateway>,
    supervisor: Option<Supervisor>,
    clock: Arc<dyn Clock>,
    publish: Arc<watch::Sender<Workload>>,
    /// Held by whoever looks, so that a late look never overwrites a newer one.
    looking: Arc<Mutex<()>>,
    /// Asks for a look before its time.
    nudge: Arc<Notify>,
}

/// What a gateway needs around it.
pub(crate) struct Around<'a> {
    pub(crate) dir: &'a DataDir,
    pub(crate) spool: &'a Spool,
    pub(crate) collector: &'a Collector,
    pub(crate) clock: &'a Arc<dyn Clock>,
}

impl Openclaw {
    /// Adopts the gateway of `state_dir`, or starts it when there is something to start. Returns the task that follows its log.
    pub(crate) fn begin(
        state_dir: PathBuf,
        config_path: Option<PathBuf>,
        start: Option<&Start>,
        around: &Around<'_>,
    ) -> (Self, JoinHandle<()>) {
        let quiet = Quiet::default();
        let supervisor = start.map(|start| {
            let mut start = start.clone();
            let mut usual = vec![("OPENCLAW_STATE_DIR", state_dir.display().to_string()), ("OPENCLAW_NO_RESPAWN", "1".to_owned())];
            usual.extend(config_path.as_ref().map(|path| ("OPENCLAW_CONFIG_PATH", path.display().to_string())));
            for (name, value) in usual {
                start.env.entry(name.to_owned()).or_insert(value);
            }
            command::start(&start, vec![BAD_CONFIGURATION], around.dir, around.clock, around.collector, quiet.clone())
        });
        let first = Workload { state: WorkloadState::Starting, title: "openclaw".to_owned(), ..Workload::default() };
        let openclaw = Self {
            gateway: Arc::new(Gateway::new(GatewayConfig { state_dir, config_path })),
            supervisor,
            clock: Arc::clone(around.clock),
            publish: Arc::new(watch::channel(first).0),
            looking: Arc::default(),
            nudge: Arc::default(),
        };
        let task = tokio::spawn(openclaw.clone().keep(around.spool.clone(), around.collector.clone(), quiet));
        (openclaw, task)
    }

    /// The gateway, now and whenever it changes.
    pub(crate) fn watch(&self) -> watch::Receiver<Workload> {
        self.publish.subscribe()
    }

    /// Restarts the gateway: within its process while it serves, which lets running work finish, otherwise by starting it afresh.
    pub(crate) async fn restart(&self) -> Result<String, String> {
        let serving = self.publish.borrow().state == WorkloadState::Running;
        match &self.supervisor {
            Some(supervisor) if !serving => {
                supervisor.restart().await.map_err(|error| error.to_string())?;
                self.until_ready(supervisor).await
            }
            _ => self.restart_within().await,
        }
    }

    async fn restart_within(&self) -> Result<String, String> {
        let (publish, nudge) = (Arc::clone(&self.publish), Arc::clone(&self.nudge));
        let progress = move |text: &str| {
            publish.send_modify(|workload| {
                workload.state = WorkloadState::Restarting;
                text.clone_into(&mut workload.detail);
            });
            // What it tells of is in the facts too.
            nudge.notify_one();
        };
        let outcome = self.gateway.restart(&*self.clock, progress, std::future::pending()).await;
        self.look(false).await;
        outcome.map(|seen| format!("restarted, {} is ready", seen.title)).map_err(|error| error.to_string())
    }

    async fn until_ready(&self, supervisor: &Supervisor) -> Result<String, String> {
        let (mut watch, mut own) = (self.watch(), supervisor.watch());
        let waiting = async {
            loop {
                self.look(false).await;
                let seen = watch.borrow_and_update().clone();
                if seen.state == WorkloadState::Running {
                    return Ok("started afresh and ready".to_owned());
                }
                if has_failed(seen.state, own.borrow_and_update().state) {
                    return Err(seen.detail);
                }
                // That its process ended is an event. That it is ready it tells nobody: it has to be asked.
                tokio::select! {
                    () = tokio::time::sleep(Duration::from_secs(1)) => {}
                    Ok(()) = own.changed() => {}
                }
            }
        };
        let late = format!("started afresh, but not ready within {} s: look at its log", READY_LIMIT.as_secs());
        tokio::time::timeout(READY_LIMIT, waiting).await.map_err(|_| late)?
    }

    /// Kills the gateway.
    pub(crate) async fn kill(&self) -> Result<String, String> {
        let outcome = match &self.supervisor {
            Some(supervisor) => supervisor.kill().await.map_err(|error| error.to_string()),
            None => self.gateway.kill().await.map(|()| "killed".to_owned()).map_err(|error| error.to_string()),
        };
        self.look(false).await;
        outcome
    }

    /// Ends the gateway if it was started here.
    pub(crate) async fn quit(&self) {
        if let Some(supervisor) = &self.supervisor {
            supervisor.quit().await;
        }
    }

    /// Looks at the gateway; `asked` by a person, with a fresh hello.
    pub(crate) async fn look(&self, asked: bool) -> Option<PathBuf> {
        let _one_at_a_time = self.looking.lock().await;
        let supervised = self.supervisor.as_ref().map(|supervisor| supervisor.watch().borrow().clone());
        if let Some(own) = &supervised {
            self.gateway.expect_pid(own.pid);
        }
        let now = self.clock.now();
        let seen = if asked { self.gateway.check(now).await } else { self.gateway.observe(now).await };
        let log = seen.log_file.clone();
        let mut next = combined(seen, supervised);
        self.publish.send_if_modified(|before| {
            if (before.state, next.state) == (WorkloadState::Restarting, WorkloadState::Restarting) {
                // Whoever restarts it knows more than can be seen.
                next.detail.clone_from(&before.detail);
            }
            let changed = *before != next;
            *before = next;
            changed
        });
        log
    }

    async fn keep(self, spool: Spool, collector: Collector, quiet: Quiet) {
        let mut followed: Option<(PathBuf, AbortOnDrop)> = None;
        let mut own = self.supervisor.as_ref().map(Supervisor::watch);
        loop {
            let log = self.look(false).await;
            if let Some(path) = log
                && followed.as_ref().is_none_or(|(before, _)| *before != path)
            {
                let task = logs::follow(path.clone(), Parse::Openclaw, &spool, &collector, &self.clock);
                followed = Some((path, AbortOnDrop(task)));
                // The log file says the same as standard output, with levels and times.
                quiet.set();
            }
            let changed = async {
                let ended = match own.as_mut() {
                    Some(own) => own.changed().await.is_err(),
                    None => true,
                };
                if ended {
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = self.nudge.notified() => {}
                () = changed => {}
            }
        }
    }
}

struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Whether a start is over and has failed, by what is seen and what the supervisor says of its process.
fn has_failed(seen: WorkloadState, supervised: WorkloadState) -> bool {
    match seen {
        WorkloadState::Failed | WorkloadState::CrashLoop | WorkloadState::Zombie => true,
        // A process that is gone may not have been reaped yet: only the supervisor knows how it ended and whether it is started again.
        WorkloadState::Stopped => supervised == WorkloadState::Stopped,
        _ => false,
    }
}

/// What is seen from outside, and what the supervisor knows of its process: while the process is up the first is the truth,
/// otherwise the second.
fn combined(seen: Observation, supervised: Option<Workload>) -> Workload {
    let seen = Workload {
        state: seen.state,
        detail: seen.detail,
        title: seen.title,
        pid: seen.pid,
        started_at: seen.started_at,
        restarts: 0,
        last_exit: None,
        facts: seen.facts,
    };
    match supervised {
        None => seen,
        Some(own) if own.state == WorkloadState::Running => Workload { restarts: own.restarts, last_exit: own.last_exit, ..seen },
        Some(own) => Workload { title: seen.title, facts: seen.facts, ..own },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observation(state: WorkloadState) -> Observation {
        Observation {
            facts: Vec::new(),
            state,
            detail: "seen".into(),
            title: "openclaw 2026.9.6".into(),
            pid: Some(7),
            started_at: None,
            boot_id: None,
            log_file: None,
            port: 18789,
        }
    }

    #[test]
    fn a_process_that_is_gone_but_not_reaped_has_not_failed_yet() {
        assert!(!has_failed(WorkloadState::Stopped, WorkloadState::Running));
        assert!(has_failed(WorkloadState::Stopped, WorkloadState::Stopped));
        assert!(has_failed(WorkloadState::Failed, WorkloadState::Failed));
        assert!(has_failed(WorkloadState::Zombie, WorkloadState::Running));
        assert!(!has_failed(WorkloadState::Starting, WorkloadState::Running));
    }

    #[test]
    fn the_supervisor_knows_better_while_nothing_is_up() {
        let looping = Workload { state: WorkloadState::CrashLoop, detail: "exit code 1".into(), restarts: 4, ..Workload::default() };
        let shown = combined(observation(WorkloadState::Stopped), Some(looping));
        assert_eq!(
            (shown.state, shown.detail.as_str(), shown.title.as_str()),
            (WorkloadState::CrashLoop, "exit code 1", "openclaw 2026.9.6")
        );

        let up = Workload { state: WorkloadState::Running, restarts: 2, last_exit: Some(1), ..Workload::default() };
        let shown = combined(observation(WorkloadState::Zombie), Some(up));
        assert_eq!((shown.state, shown.restarts, shown.last_exit), (WorkloadState::Zombie, 2, Some(1)));
    }
}
