//! From facts to one state: pure, so that every combination can be tested without a gateway.
//!
//! The states that matter: a gateway that starts holds its lock before it opens its port; one whose in-process restart failed lives on
//! with neither lock nor port ("zombie") until it is told to restart again after the fix; one that drains or is suspended still runs.

use std::time::Duration;

use mc_domain::workload::{FactState, WorkloadState};

use crate::pace::Pace;

/// The gateway's process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProcessFact {
    /// There is none.
    Gone {
        /// The one that was there before.
        last: Option<u32>,
    },
    /// It lives.
    Alive {
        /// Its pid.
        pid: u32,
        /// How long it has been running.
        age: Duration,
    },
}

/// The gateway's lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LockFact {
    /// The living process holds it.
    Held,
    /// The process that took it is gone.
    Stale(u32),
    /// There is none.
    Absent,
    /// It cannot be read.
    Unreadable(String),
}

/// What `/readyz` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ready {
    /// It serves.
    Ready,
    /// It is starting; this is what it waits for.
    Starting(String),
    /// It takes no new work: before a restart, or suspended.
    Draining,
    /// It serves, but not everything works.
    Failing(Vec<String>),
    /// Something answers that is no gateway.
    Foreign,
    /// Nothing answers.
    Silent,
    /// Not asked: the port is closed.
    PortClosed,
    /// Not asked: the gateway serves TLS only.
    Tls,
}

/// How the last hello went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HelloFact {
    /// It succeeded.
    Fine {
        /// The suspension's phase, unless it is accepting work.
        suspended: Option<String>,
    },
    /// The gateway refuses us; why.
    Refused(String),
    /// It did not succeed for another reason.
    Failed(String),
    /// The gateway is not that far yet.
    NotYet,
    /// Not tried; why.
    NotTried(&'static str),
}

/// Everything that is known at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The process.
    pub process: ProcessFact,
    /// The lock.
    pub lock: LockFact,
    /// The port's number.
    pub port: u16,
    /// Whether it is open.
    pub open: bool,
    /// `/readyz`.
    pub ready: Ready,
    /// The hello.
    pub hello: HelloFact,
    /// Whether this boot was seen serving.
    pub served: bool,
    /// Whether this process was seen holding its lock or serving, in any boot.
    pub was_up: bool,
    /// How long it has not served, in this boot.
    pub silent_for: Duration,
    /// Why the configuration cannot be read.
    pub config_problem: Option<String>,
}

impl Evidence {
    /// The state, and why when that needs saying.
    #[must_use]
    pub fn judge(&self, pace: &Pace) -> (WorkloadState, String) {
        let ProcessFact::Alive { age, .. } = self.process else { return (WorkloadState::Stopped, self.why_stopped()) };
        if !self.open {
            return self.judge_closed(age, pace);
        }
        match &self.ready {
            Ready::Ready | Ready::Tls => (WorkloadState::Running, self.remarks(String::new())),
            Ready::Draining => (WorkloadState::Running, self.remarks(self.why_draining())),
            Ready::Failing(names) => (WorkloadState::Running, self.remarks(failing(names))),
            Ready::Starting(what) if self.silent_for < pace.start_limit => (WorkloadState::Starting, format!("waits for {what}")),
            Ready::Starting(what) => (WorkloadState::Zombie, format!("still waits for {what} after {}", words(pace.start_limit))),
            Ready::Foreign => (WorkloadState::Failed, format!("something that is no OpenClaw gateway answers on port {}", self.port)),
            Ready::Silent | Ready::PortClosed => self.judge_silent(pace),
        }
    }

    fn judge_closed(&self, age: Duration, pace: &Pace) -> (WorkloadState, String) {
        let port = self.port;
        let (limit, text) = match self.lock {
            // Between two boots of one process the lock is gone for a moment.
            LockFact::Absent | LockFact::Stale(_) if self.was_up || age >= pace.first_start => {
                (pace.zombie_after, "its lock is given back")
            }
            LockFact::Absent | LockFact::Stale(_) => (pace.first_start, "it has not taken its lock"),
            LockFact::Held | LockFact::Unreadable(_) => (pace.start_limit, "it holds its lock"),
        };
        if self.silent_for < limit {
            return (WorkloadState::Starting, format!("port {port} is not open yet"));
        }
        (WorkloadState::Zombie, format!("the process lives but port {port} is closed and {text}: a restart failed"))
    }

    fn judge_silent(&self, pace: &Pace) -> (WorkloadState, String) {
        let (limit, state) =
            if self.served { (pace.silent_limit, WorkloadState::Running) } else { (pace.start_limit, WorkloadState::Starting) };
        let detail = format!("port {} is open but /readyz does not answer", self.port);
        if self.silent_for < limit { (state, detail) } else { (WorkloadState::Zombie, format!("{detail} for {}", words(limit))) }
    }

    fn why_stopped(&self) -> String {
        let mut why = match (&self.process, &self.lock) {
            (_, LockFact::Stale(pid)) => format!("pid {pid} ended without giving its lock back: it was killed or crashed"),
            (_, LockFact::Unreadable(why)) => format!("its lock cannot be read ({why}): run the agent as the gateway's user"),
            (ProcessFact::Gone { last: Some(pid) }, _) => format!("pid {pid} ended"),
            _ => "not running".to_owned(),
        };
        if self.open {
            why.push_str(&format!("; another program has port {}", self.port));
        }
        why
    }

    fn why_draining(&self) -> String {
        match &self.hello {
            HelloFact::Fine { suspended: Some(phase) } => format!("suspended ({phase}): refuses work"),
            _ => "draining: takes no new work".to_owned(),
        }
    }

    /// What else should be said of a gateway that runs.
    fn remarks(&self, first: String) -> String {
        let hello = match &self.hello {
            HelloFact::Refused(why) => Some(format!("refuses our hello: {why}")),
            _ => None,
        };
        let all = [Some(first).filter(|text| !text.is_empty()), hello, self.config_problem.clone()];
        all.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }

    /// The separate facts: name, state, a few words. The words hold nothing that changes by itself, so that a fact has an age.
    #[must_use]
    pub fn facts(&self, state: WorkloadState) -> [(&'static str, FactState, String); 5] {
        let starting = matches!(state, WorkloadState::Starting | WorkloadState::Restarting);
        let not_up = if starting { FactState::Waiting } else { FactState::Bad };
        let (process, process_text) = match self.process {
            ProcessFact::Alive { pid, .. } => (FactState::Ok, format!("pid {pid}")),
            ProcessFact::Gone { last: Some(pid) } => (FactState::Bad, format!("pid {pid} is gone")),
            ProcessFact::Gone { last: None } => (FactState::Bad, "none".to_owned()),
        };
        let (lock, lock_text) = match &self.lock {
            LockFact::Held => (FactState::Ok, "held".to_owned()),
            LockFact::Stale(pid) => (not_up, format!("left behind by pid {pid}")),
            LockFact::Absent => (not_up, "absent".to_owned()),
            LockFact::Unreadable(why) => (FactState::Unknown, format!("cannot be read: {why}")),
        };
        let (port, port_text) = match (self.open, self.process) {
            (true, ProcessFact::Alive { .. }) => (FactState::Ok, format!("{} open", self.port)),
            (true, ProcessFact::Gone { .. }) => (FactState::Bad, format!("{} taken by another program", self.port)),
            (false, _) => (not_up, format!("{} closed", self.port)),
        };
        let (ready, ready_text) = self.ready_fact(not_up);
        let (hello, hello_text) = self.hello_fact();
        [
            ("process", process, process_text),
            ("lock", lock, lock_text),
            ("port", port, port_text),
            ("ready", ready, ready_text),
            ("hello", hello, hello_text),
        ]
    }

    fn ready_fact(&self, not_up: FactState) -> (FactState, String) {
        match &self.ready {
            Ready::Ready => (FactState::Ok, "ready".to_owned()),
            Ready::Starting(what) => (not_up, format!("starting: {what}")),
            Ready::Draining => (FactState::Bad, "failing: gateway-draining".to_owned()),
            Ready::Failing(names) => (FactState::Bad, failing(names)),
            Ready::Foreign => (FactState::Bad, "not an OpenClaw answer".to_owned()),
            Ready::Silent => (not_up, "no answer".to_owned()),
            Ready::PortClosed => (not_up, "port closed".to_owned()),
            Ready::Tls => (FactState::Unknown, "not asked: it serves TLS".to_owned()),
        }
    }

    fn hello_fact(&self) -> (FactState, String) {
        match &self.hello {
            HelloFact::Fine { suspended: None } => (FactState::Ok, "protocol 4".to_owned()),
            HelloFact::Fine { suspended: Some(phase) } => (FactState::Ok, format!("protocol 4, suspended ({phase})")),
            HelloFact::Refused(why) => (FactState::Bad, format!("refused: {why}")),
            HelloFact::Failed(why) => (FactState::Bad, why.clone()),
            HelloFact::NotYet => (FactState::Waiting, "not ready yet".to_owned()),
            HelloFact::NotTried(why) => (FactState::Unknown, format!("not tried: {why}")),
        }
    }
}

fn failing(names: &[String]) -> String {
    if names.is_empty() { "not ready".to_owned() } else { format!("failing: {}", names.join(", ")) }
}

fn words(time: Duration) -> String {
    if time.as_secs() >= 120 { format!("{} min", time.as_secs() / 60) } else { format!("{} s", time.as_secs()) }
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
