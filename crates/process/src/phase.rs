//! Where a supervised command is, and how that is shown.

use std::time::Duration;

use mc_domain::{
    time::Time,
    workload::{Fact, FactState, Workload, WorkloadState},
};
use tokio::{process::Child, time::Instant};

/// A started command, until its whole group is gone.
#[derive(Debug)]
pub(crate) struct Run {
    /// The leader; gone once it was collected.
    pub(crate) child: Option<Child>,
    /// The leader's id and the group's.
    pub(crate) pid: u32,
    pub(crate) began: Instant,
    pub(crate) began_at: Time,
}

/// What is done once the group is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    /// It ended by itself: the restart policy decides.
    Judge,
    /// Start again, as asked.
    Start,
    /// Stay down, as asked.
    Stay,
    /// The supervisor ends too.
    Quit,
}

/// Where the command is.
#[derive(Debug)]
pub(crate) enum Phase {
    /// Not running; started at `next` if that is set.
    Down { next: Option<Instant> },
    /// Running.
    Up(Run),
    /// Some of the group still lives, though it should not; at `kill_at` it is killed.
    Ending { run: Run, kill_at: Option<Instant>, then: Then },
}

/// How often the group is looked at while the last of it should be going.
const GROUP_POLL: Duration = Duration::from_millis(50);

impl Phase {
    /// When something is due without anything happening.
    pub(crate) fn due(&self) -> Option<Instant> {
        match self {
            Self::Down { next } => *next,
            Self::Up(_) => None,
            // While the leader lives, its end is an event; what it leaves behind has none and is polled for.
            Self::Ending { run, kill_at, .. } if run.child.is_some() => *kill_at,
            Self::Ending { kill_at, .. } => {
                let poll = Instant::now() + GROUP_POLL;
                Some(kill_at.map_or(poll, |kill_at| kill_at.min(poll)))
            }
        }
    }

    /// The run, while there is one.
    pub(crate) const fn run(&self) -> Option<&Run> {
        match self {
            Self::Down { .. } => None,
            Self::Up(run) | Self::Ending { run, .. } => Some(run),
        }
    }
}

/// An end in words: `exit code 3`, `killed by signal 9`.
pub(crate) fn describe_exit(code: i32) -> String {
    if code < 0 { format!("killed by signal {}", code.unsigned_abs()) } else { format!("exit code {code}") }
}

/// The fact `process`, which keeps its age while it stays the same.
pub(crate) fn process_fact(before: &Workload, now: Time, state: WorkloadState, pid: Option<u32>, last_exit: Option<i32>) -> Fact {
    let (fact, detail) = match (pid, state, last_exit) {
        (Some(pid), ..) => (FactState::Ok, format!("pid {pid}")),
        (None, WorkloadState::Stopped, _) => (FactState::Unknown, "stopped".to_owned()),
        (None, WorkloadState::Starting, _) => (FactState::Waiting, "starting".to_owned()),
        (None, _, Some(code)) => (FactState::Bad, describe_exit(code)),
        (None, _, None) => (FactState::Bad, "not running".to_owned()),
    };
    let old = before.facts.iter().find(|old| old.name == "process" && old.state == fact && old.detail == detail);
    Fact { name: "process".to_owned(), state: fact, detail, since: old.map_or(now, |old| old.since) }
}
