//! The face of this crate: one gateway, looked at again and again.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
};

use mc_domain::{
    time::{Clock, Time},
    workload::{Fact, WorkloadState},
};
use rustix::process::Signal;
use secrecy::SecretString;
use tokio::sync::Mutex;

use crate::{
    client::ClientError,
    config::{self, Credential, DEFAULT_PORT},
    error::GatewayError,
    http,
    lock::Locks,
    logs,
    memory::{LastHello, Memory, Run},
    pace::Pace,
    probe,
    process::Process,
    state::{Evidence, HelloFact, LockFact, ProcessFact, Ready},
    survey::{Survey, Whereabouts},
};

/// Which gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayConfig {
    /// The gateway's `OPENCLAW_STATE_DIR`, usually `~/.openclaw`.
    pub state_dir: PathBuf,
    /// The gateway's `OPENCLAW_CONFIG_PATH`, unless it is `openclaw.json` in the state directory.
    pub config_path: Option<PathBuf>,
}

/// A gateway at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// The separate facts: `process`, `lock`, `port`, `ready`, `hello`.
    pub facts: Vec<Fact>,
    /// Where it is in its life.
    pub state: WorkloadState,
    /// Why, when that needs saying.
    pub detail: String,
    /// `openclaw 2026.9.6`, or `openclaw` while its version is not known.
    pub title: String,
    /// Its process, while it lives.
    pub pid: Option<u32>,
    /// When the current run began: the last restart, also one within the process.
    pub started_at: Option<Time>,
    /// The gateway's own id of this run, when a hello told it.
    pub boot_id: Option<String>,
    /// The log file it writes now.
    pub log_file: Option<PathBuf>,
    /// The port it serves or should serve.
    pub port: u16,
}

/// One look: what outsiders see, and what it was made from.
#[derive(Debug)]
pub(crate) struct Look {
    pub(crate) seen: Observation,
    pub(crate) evidence: Evidence,
    pub(crate) run: Option<Run>,
}

/// One gateway. Remembers what it saw, so keep it as long as the gateway is of interest.
#[derive(Debug)]
pub struct Gateway {
    config: GatewayConfig,
    token: Option<SecretString>,
    pub(crate) pace: Pace,
    /// The pid a supervisor started, or 0.
    expected: AtomicU32,
    restarting: AtomicBool,
    memory: Mutex<Memory>,
}

impl Gateway {
    /// A gateway that was not looked at yet.
    #[must_use]
    pub fn new(config: GatewayConfig) -> Self {
        Self {
            config,
            token: None,
            pace: Pace::default(),
            expected: AtomicU32::new(0),
            restarting: AtomicBool::new(false),
            memory: Mutex::new(Memory::default()),
        }
    }

    /// Presents `token` when the configuration file holds none (it comes from the gateway's environment or a secret store).
    #[must_use]
    pub fn with_token(mut self, token: SecretString) -> Self {
        self.token = Some(token);
        self
    }

    /// Waits other times than the default ones.
    #[must_use]
    pub const fn with_pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// Tells which process a supervisor started as this gateway. It is known before the gateway takes its lock, which is its first sign
    /// of life otherwise. `None` when there is no such process.
    pub fn expect_pid(&self, pid: Option<u32>) {
        self.expected.store(pid.unwrap_or(0), Ordering::Relaxed);
    }

    /// Looks now. Cheap enough for every few seconds: the hello, which costs the gateway something, is left out unless its time has
    /// come or the gateway changed.
    pub async fn observe(&self, now: Time) -> Observation {
        self.look(now, false).await.seen
    }

    /// Looks now, with a fresh hello: what a person asked for.
    pub async fn check(&self, now: Time) -> Observation {
        self.look(now, true).await.seen
    }

    /// Kills the gateway (SIGKILL) and waits until it is gone.
    ///
    /// # Errors
    /// When there is none, when the kernel refuses, or when it does not go.
    pub async fn kill(&self) -> Result<(), GatewayError> {
        let mut memory = self.memory.lock().await;
        let survey = Survey::take(self.whereabouts(&memory, true)).await;
        let process = survey.process.ok_or(GatewayError::NotRunning)?;
        memory.process = Some(process);
        drop(memory);
        signal(process, Signal::KILL)?;
        let waiting = async {
            while process.is_alive() {
                tokio::time::sleep(self.pace.poll).await;
            }
        };
        let after = self.pace.kill_limit;
        tokio::time::timeout(after, waiting).await.map_err(|_| GatewayError::Unkillable { pid: process.pid, after })
    }

    /// Restarts the gateway within its process (SIGUSR2) and waits until its next run is ready. `progress` is told what happens, at
    /// least every few seconds. When `cancel` completes the waiting ends, not the restart.
    ///
    /// # Errors
    /// When it is not running, cannot be told, stays a zombie, ends, or is not ready in time.
    pub async fn restart(
        &self,
        clock: &dyn Clock,
        progress: impl FnMut(&str) + Send,
        cancel: impl Future<Output = ()> + Send,
    ) -> Result<Observation, GatewayError> {
        if self.restarting.swap(true, Ordering::AcqRel) {
            return Err(GatewayError::Busy);
        }
        let _lowered = Lower(&self.restarting);
        tokio::select! {
            done = crate::restart::run(self, clock, progress) => done,
            () = cancel => Err(GatewayError::Cancelled),
        }
    }

    /// Looks now: what outsiders see, and what it was made from.
    pub(crate) async fn look(&self, now: Time, asked: bool) -> Look {
        let mut memory = self.memory.lock().await;
        let may_search = memory.searched_at.is_none_or(|at| now.since(at) >= self.pace.search_every);
        let survey = Survey::take(self.whereabouts(&memory, may_search)).await;
        if survey.searched {
            memory.searched_at = Some(now);
        }
        let config_problem = survey.config.as_ref().err().map(ToString::to_string);
        if let Ok(config) = survey.config {
            memory.configure(config, self.token.as_ref());
        }
        let last = memory.process.map(|process| process.pid);
        let (boot, taken_at, locked_port) = match &survey.locks {
            Locks::Held(lock, _) => (Some(lock.boot()), lock.taken_at(), lock.port),
            _ => (None, None, None),
        };
        let run = survey.process.map(|process| Run { process, boot });
        memory.meet(run.clone(), taken_at);
        memory.port = locked_port.or_else(|| run.is_some().then_some(memory.port).flatten()).or(memory.config.port);
        let port = memory.port.unwrap_or(DEFAULT_PORT);

        let open = http::is_open(probe::address(port), self.pace.probe).await;
        let ready = self.ask_ready(&mut memory, open && run.is_some(), port).await;
        let serves = matches!(ready, Ready::Ready | Ready::Draining | Ready::Failing(_) | Ready::Tls);
        let silent_for = memory.hear(serves, now);
        let hello = self.greet(&mut memory, &ready, port, asked, now).await;

        let process = run.as_ref().map_or(ProcessFact::Gone { last }, |run| ProcessFact::Alive {
            pid: run.process.pid,
            age: run.process.started_at().map(|at| now.since(at)).unwrap_or_default(),
        });
        let lock = match survey.locks {
            Locks::Held(..) => LockFact::Held,
            Locks::Stale(lock) => LockFact::Stale(lock.pid),
            Locks::Absent => LockFact::Absent,
            Locks::Unreadable(kind) => LockFact::Unreadable(kind.to_string()),
        };
        let (served, was_up) = (memory.served, memory.was_up());
        let evidence = Evidence { process, lock, port, open, ready, hello, served, was_up, silent_for, config_problem };
        let seen = self.report(&mut memory, &evidence, now).await;
        Look { seen, evidence, run }
    }

    async fn report(&self, memory: &mut Memory, evidence: &Evidence, now: Time) -> Observation {
        let (judged, mut detail) = evidence.judge(&self.pace);
        let log_file = logs::file(&memory.config, &self.config.state_dir);
        if judged == WorkloadState::Zombie {
            let since = now.before(evidence.silent_for).before(self.pace.start_limit);
            if memory.last_error.is_none() {
                memory.last_error = last_error(log_file.clone(), since).await;
            }
            if let Some(error) = &memory.last_error {
                detail = format!("{detail}; its log says: {error}");
            }
        }
        let state = match judged {
            WorkloadState::Starting | WorkloadState::Running if self.restarting.load(Ordering::Acquire) => WorkloadState::Restarting,
            other => other,
        };
        Observation {
            facts: memory.age(evidence.facts(state), now),
            state,
            detail,
            title: memory.version.as_ref().map_or_else(|| "openclaw".to_owned(), |version| format!("openclaw {version}")),
            pid: memory.run.as_ref().map(|run| run.process.pid),
            started_at: memory.started_at,
            boot_id: memory.boot_id.clone(),
            log_file,
            port: evidence.port,
        }
    }

    async fn ask_ready(&self, memory: &mut Memory, ask: bool, port: u16) -> Ready {
        if !ask {
            return Ready::PortClosed;
        }
        if memory.config.tls {
            return Ready::Tls;
        }
        let answers = probe::answers(port, &self.pace).await;
        if answers.version.is_some() {
            memory.version = answers.version;
        }
        answers.ready
    }

    async fn greet(&self, memory: &mut Memory, ready: &Ready, port: u16, asked: bool, now: Time) -> HelloFact {
        match ready {
            Ready::Ready | Ready::Draining | Ready::Failing(_) => {}
            Ready::Starting(_) => return HelloFact::NotYet,
            Ready::Foreign => return HelloFact::NotTried("no gateway answers"),
            Ready::Silent => return HelloFact::NotTried("/readyz does not answer"),
            Ready::PortClosed => return HelloFact::NotTried("port closed"),
            Ready::Tls => return HelloFact::NotTried("it serves TLS"),
        }
        if matches!(memory.config.credential, Credential::Elsewhere) {
            return HelloFact::NotTried("no token in openclaw.json");
        }
        if !memory.hello_is_due(ready, asked, now, &self.pace) {
            return memory.hello.as_ref().map_or(HelloFact::NotYet, |last| last.fact.clone());
        }
        let (fact, passing) = match probe::hello(port, &memory.config.credential, &self.pace).await {
            Ok(hello) => {
                memory.greet(&hello);
                (HelloFact::Fine { suspended: hello.suspension.filter(|phase| phase != "accepting") }, false)
            }
            Err(ClientError::Refused(refusal)) if refusal.retryable => (HelloFact::NotYet, true),
            Err(ClientError::Refused(refusal)) => (HelloFact::Refused(refusal.to_string()), false),
            Err(other) => (HelloFact::Failed(other.to_string()), false),
        };
        memory.hello = Some(LastHello { at: now, ready: std::mem::discriminant(ready), fact: fact.clone(), passing });
        fact
    }

    fn whereabouts(&self, memory: &Memory, may_search: bool) -> Whereabouts {
        Whereabouts {
            state_dir: self.config.state_dir.clone(),
            config_path: self.config.config_path.clone().unwrap_or_else(|| config::path_in(&self.config.state_dir)),
            expected: Some(self.expected.load(Ordering::Relaxed)).filter(|pid| *pid != 0),
            up: memory.up,
            last: memory.process,
            may_search,
        }
    }

    /// Starts the count of silence anew: it was told to restart.
    pub(crate) async fn forget_silence(&self) {
        self.memory.lock().await.forget_silence();
    }

    /// Whether its configuration lets a signal restart it.
    pub(crate) async fn restart_allowed(&self) -> bool {
        self.memory.lock().await.config.restart_allowed
    }
}

/// Signals exactly this process.
pub(crate) fn signal(process: Process, signal: Signal) -> Result<(), GatewayError> {
    process.signal(signal).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => GatewayError::NotRunning,
        _ => GatewayError::Signal { pid: process.pid, source },
    })
}

async fn last_error(file: Option<PathBuf>, since: Time) -> Option<String> {
    let file = file?;
    tokio::task::spawn_blocking(move || logs::last_error(&file, since)).await.ok().flatten()
}

/// Lowers a flag when it goes out of scope, however that happens.
struct Lower<'a>(&'a AtomicBool);

impl Drop for Lower<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}
