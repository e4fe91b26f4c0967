//! The owner of one command: starts it, starts it again when it ends, stops it gracefully and then by force.
//!
//! One task owns everything; others send it requests and watch the [`Workload`] it publishes. A request is taken back by dropping its
//! future: a restart whose caller went away no longer escalates to SIGKILL.

use std::{path::PathBuf, sync::Arc, time::Duration};

use mc_domain::{
    time::Clock,
    workload::{Workload, WorkloadState},
};
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    lines::OutputLine,
    owner::Owner,
    policy::{Backoff, RestartPolicy},
    spawn::Program,
};

/// How one command is looked after.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What runs.
    pub program: Program,
    /// Which ends lead to a new start.
    pub policy: RestartPolicy,
    /// The waits between starts.
    pub backoff: Backoff,
    /// How long it may take to end after SIGTERM before SIGKILL.
    pub stop_timeout: Duration,
    /// How long a restarted command must stay up before the restart counts as done.
    pub settle: Duration,
    /// Exit codes after which a new start makes no sense: the configuration is wrong.
    pub fatal_exits: Vec<i32>,
    /// Where the note about the running group lies.
    pub run_file: PathBuf,
}

impl Settings {
    /// The usual times for `program`.
    #[must_use]
    pub fn new(program: Program, run_file: PathBuf) -> Self {
        Self {
            program,
            policy: RestartPolicy::Always,
            backoff: Backoff::default(),
            stop_timeout: Duration::from_secs(10),
            settle: Duration::from_millis(500),
            fatal_exits: Vec::new(),
            run_file,
        }
    }
}

/// Why a request was not fulfilled, in one line for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SuperviseError {
    /// It could not be started, or ended at once.
    #[error("{0}")]
    NotStarted(String),
    /// Another request overrode this one.
    #[error("a later kill took its place")]
    Overridden,
    /// The supervisor is ending.
    #[error("the agent is stopping")]
    Closing,
}

/// The answer to a request: what was done, in words.
pub(crate) type Reply = oneshot::Sender<Result<String, SuperviseError>>;

/// What others ask of the owner.
#[derive(Debug)]
pub(crate) enum Request {
    /// Stop gracefully if it runs, then start.
    Restart(Reply),
    /// End by force and stay down.
    Kill(Reply),
    /// Stop gracefully and end the owner.
    Quit(Reply),
}

/// A handle on the owner of one command.
#[derive(Debug, Clone)]
pub struct Supervisor {
    requests: mpsc::Sender<Request>,
    workload: watch::Receiver<Workload>,
}

impl Supervisor {
    /// Ends what an earlier supervisor left running, then starts the command. Its output goes to `lines`.
    ///
    /// Must be called within a Tokio runtime.
    #[must_use]
    pub fn start(settings: Settings, clock: Arc<dyn Clock>, lines: mpsc::Sender<OutputLine>) -> Self {
        let (requests, inbox) = mpsc::channel(16);
        let first = Workload { state: WorkloadState::Starting, title: crate::title::title(&settings.program.argv), ..Workload::default() };
        let (publish, workload) = watch::channel(first);
        tokio::spawn(Owner::new(settings, clock, lines, publish).run(inbox));
        Self { requests, workload }
    }

    /// The workload, now and whenever it changes.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Workload> {
        self.workload.clone()
    }

    /// Stops the command gracefully if it runs, starts it, and waits until it stayed up for a moment.
    ///
    /// # Errors
    /// When it cannot be started or ends at once, or when a kill overtakes it.
    pub async fn restart(&self) -> Result<String, SuperviseError> {
        self.ask(Request::Restart).await
    }

    /// Ends the command by force; it stays down until a restart is asked for.
    ///
    /// # Errors
    /// When the supervisor is ending.
    pub async fn kill(&self) -> Result<String, SuperviseError> {
        self.ask(Request::Kill).await
    }

    /// Stops the command gracefully, then by force, and ends the supervisor. Returns when nothing runs any more.
    pub async fn quit(&self) {
        // An owner that is gone already has nothing left to stop.
        let _ = self.ask(Request::Quit).await;
    }

    async fn ask(&self, request: impl FnOnce(Reply) -> Request) -> Result<String, SuperviseError> {
        let (reply, answer) = oneshot::channel();
        self.requests.send(request(reply)).await.map_err(|_| SuperviseError::Closing)?;
        answer.await.map_err(|_| SuperviseError::Closing)?
    }
}
