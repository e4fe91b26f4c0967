//! A systemd unit that runs anyway and is adopted: looked at, restarted, killed.

use std::{sync::Arc, time::Duration};

use mc_domain::{
    time::{Clock, Time},
    workload::{Fact, FactState, Workload, WorkloadState},
};
use mc_process::group;
use procfs::Current;
use tokio::sync::{Notify, watch};

use super::unit::{Shown, Unit};

/// How often the unit is asked after.
const LOOK: Duration = Duration::from_secs(15);
/// How often it is seen whether its process still lives, which costs next to nothing.
const GLANCE: Duration = Duration::from_secs(1);
/// A handle on an adopted unit.
#[derive(Clone)]
pub(crate) struct Systemd {
    unit: Unit,
    clock: Arc<dyn Clock>,
    publish: Arc<watch::Sender<Workload>>,
    nudge: Arc<Notify>,
}

impl Systemd {
    /// Adopts the unit: looks at it now and from time to time.
    pub(crate) fn adopt(unit: Unit, clock: Arc<dyn Clock>) -> Self {
        let first = Workload { state: WorkloadState::Starting, title: unit.name.clone(), ..Workload::default() };
        let adopted = Self { unit, clock, publish: Arc::new(watch::channel(first).0), nudge: Arc::default() };
        tokio::spawn(adopted.clone().keep());
        adopted
    }

    /// The unit, now and whenever it changes.
    pub(crate) fn watch(&self) -> watch::Receiver<Workload> {
        self.publish.subscribe()
    }

    /// Restarts the unit, as systemd does it.
    pub(crate) async fn restart(&self) -> Result<String, String> {
        self.publish.send_modify(|workload| {
            workload.state = WorkloadState::Restarting;
            "systemctl restart".clone_into(&mut workload.detail);
        });
        let done = self.unit.systemctl(&["restart", "--", &self.unit.name]).await;
        self.look().await;
        done?;
        let pid = self.publish.borrow().pid;
        Ok(pid.map_or_else(|| "restarted".to_owned(), |pid| format!("restarted, pid {pid}")))
    }

    /// Kills the unit and stops it, so that systemd does not start it again.
    pub(crate) async fn kill(&self) -> Result<String, String> {
        self.publish.send_modify(|workload| {
            workload.state = WorkloadState::Stopping;
            "systemctl kill".clone_into(&mut workload.detail);
        });
        // A unit without processes has nothing to kill; stopping it is what matters then.
        let killed = self.unit.systemctl(&["kill", "--signal=SIGKILL", "--", &self.unit.name]).await;
        let stopped = self.unit.systemctl(&["stop", "--", &self.unit.name]).await;
        self.look().await;
        stopped.map_err(|error| killed.err().unwrap_or(error))?;
        Ok("killed; it stays stopped until it is restarted".to_owned())
    }

    /// Looks at the unit now.
    pub(crate) async fn look(&self) {
        let shown = self.unit.show().await;
        let now = self.clock.now();
        self.publish.send_if_modified(|before| {
            let next = report(&self.unit.name, shown, before, now);
            let changed = *before != next;
            *before = next;
            changed
        });
        self.nudge.notify_waiters();
    }

    async fn keep(self) {
        self.look().await;
        loop {
            let pid = self.publish.borrow().pid;
            let gone = async {
                loop {
                    tokio::time::sleep(GLANCE).await;
                    if pid.is_some_and(|pid| group::stat(pid).is_none_or(|process| process.zombie)) {
                        return;
                    }
                }
            };
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = gone => {}
                // Somebody else just looked.
                () = self.nudge.notified() => continue,
            }
            self.look().await;
        }
    }
}

fn report(title: &str, shown: Result<Shown, String>, before: &Workload, now: Time) -> Workload {
    let shown = match shown {
        Ok(shown) => shown,
        Err(problem) => {
            let facts = vec![fact(before, now, FactState::Unknown, problem.clone())];
            return Workload { state: WorkloadState::Failed, detail: problem, title: title.to_owned(), facts, ..Workload::default() };
        }
    };
    let (state, detail) = shown.state();
    let unit = format!("{} ({})", shown.active, shown.sub);
    let unit_fact = match state {
        WorkloadState::Running => FactState::Ok,
        WorkloadState::Starting | WorkloadState::Stopping => FactState::Waiting,
        WorkloadState::Stopped => FactState::Unknown,
        _ => FactState::Bad,
    };
    let started_at = shown.pid.and_then(|pid| if before.pid == Some(pid) { before.started_at } else { started(pid, now) });
    Workload {
        state,
        detail,
        title: title.to_owned(),
        pid: shown.pid,
        started_at,
        restarts: shown.restarts,
        last_exit: shown.exit.filter(|_| shown.pid.is_none() || shown.restarts > 0),
        facts: vec![fact(before, now, unit_fact, unit)],
    }
}

fn fact(before: &Workload, now: Time, state: FactState, detail: String) -> Fact {
    let old = before.facts.iter().find(|old| old.state == state && old.detail == detail);
    Fact { name: "unit".to_owned(), state, detail, since: old.map_or(now, |old| old.since) }
}

/// When a process started, from its start in ticks and the machine's uptime.
fn started(pid: u32, now: Time) -> Option<Time> {
    let process = group::stat(pid)?;
    let up = procfs::Uptime::current().ok()?.uptime;
    let since_boot = super::host::real(process.start_ticks) / super::host::real(procfs::ticks_per_second());
    let age = Duration::try_from_secs_f64((up - since_boot).max(0.0)).ok()?;
    Some(now.before(age))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_keep_their_age() {
        let (early, late) = (Time::from_micros(1), Time::from_micros(2));
        let up = || Ok(Shown::parse("LoadState=loaded\nActiveState=active\nSubState=running"));
        let first = report("u", up(), &Workload::default(), early);
        let second = report("u", up(), &first, late);
        assert_eq!(second.facts.first().map(|fact| fact.since), Some(early));
        let third = report("u", Err("systemctl does not answer".into()), &second, late);
        assert_eq!((third.state, third.facts.first().map(|fact| fact.since)), (WorkloadState::Failed, Some(late)));
    }
}
