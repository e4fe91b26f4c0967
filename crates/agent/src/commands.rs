//! Commands from central: checked against the owner's allow-list, run, reported, cancelled.
//!
//! Every command that is accepted is noted in the spool before its work begins and ends in exactly one final result there; the link
//! tells central. Nothing here waits for the link.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use mc_domain::{
    command::{CommandAction, CommandState, CommandUpdate},
    id::CommandId,
};
use mc_wire::v1;
use tokio::{sync::mpsc, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{capabilities::workload::WorkloadHandle, spool::Spool};

/// How long a command may take when central does not say.
const USUAL_LIMIT: Duration = Duration::from_secs(120);
/// The longest any command may take.
const LONGEST_LIMIT: Duration = Duration::from_secs(3600);
/// The most commands under way at a time.
const RUNNING_MAX: usize = 16;
/// How many ended commands are remembered, so that one delivered twice is done once.
const REMEMBERED: usize = 256;

/// What the link passes on.
#[derive(Debug)]
pub(crate) enum FromCentral {
    /// Do this.
    Run(v1::Command),
    /// Stop doing that.
    Cancel(String),
}

/// A handle on the task that runs commands.
#[derive(Debug, Clone)]
pub(crate) struct Commands {
    inbox: mpsc::Sender<FromCentral>,
}

struct Runner {
    allow: Vec<CommandAction>,
    workload: WorkloadHandle,
    spool: Spool,
    /// Progress for the link; lost when nobody listens, which is all right for progress.
    progress: mpsc::Sender<CommandUpdate>,
    running: HashMap<CommandId, CancellationToken>,
    ended: VecDeque<CommandId>,
}

impl Commands {
    /// Starts the task. `progress` receives what commands under way have to say.
    pub(crate) fn start(allow: Vec<CommandAction>, workload: WorkloadHandle, spool: Spool, progress: mpsc::Sender<CommandUpdate>) -> Self {
        let (inbox, requests) = mpsc::channel(32);
        let runner = Runner { allow, workload, spool, progress, running: HashMap::new(), ended: VecDeque::new() };
        tokio::spawn(runner.run(requests));
        Self { inbox }
    }

    /// Hands over what central said.
    pub(crate) async fn take(&self, what: FromCentral) {
        // The task ends with the agent only.
        let _ = self.inbox.send(what).await;
    }
}

impl Runner {
    async fn run(mut self, mut requests: mpsc::Receiver<FromCentral>) {
        let mut under_way: JoinSet<CommandId> = JoinSet::new();
        loop {
            tokio::select! {
                request = requests.recv() => match request {
                    Some(FromCentral::Run(command)) => self.begin(command, &mut under_way).await,
                    Some(FromCentral::Cancel(id)) => {
                        if let Some(token) = id.parse().ok().and_then(|id: CommandId| self.running.get(&id)) {
                            token.cancel();
                        }
                    }
                    None => return,
                },
                Some(done) = under_way.join_next() => if let Ok(id) = done {
                    self.running.remove(&id);
                    self.remember(id);
                },
            }
        }
    }

    fn remember(&mut self, id: CommandId) {
        self.ended.push_back(id);
        while self.ended.len() > REMEMBERED {
            self.ended.pop_front();
        }
    }

    async fn begin(&mut self, command: v1::Command, under_way: &mut JoinSet<CommandId>) {
        let Ok(id) = command.command_id.parse::<CommandId>() else {
            tracing::warn!("central sent a command without a usable id: ignored");
            return;
        };
        let kept = self.spool.unfinished().await.into_iter().any(|update| update.id == id);
        if kept || self.running.contains_key(&id) || self.ended.contains(&id) {
            return;
        }
        tracing::info!(%id, action = %command.action, actor = %command.actor, reason = %command.reason, "command");
        let action = match self.accept(&command.action) {
            Ok(action) => action,
            Err(refusal) => {
                self.spool.result_put(CommandUpdate { id, state: CommandState::Failed, text: refusal }).await;
                return self.remember(id);
            }
        };
        let token = CancellationToken::new();
        self.running.insert(id, token.clone());
        let limit = match command.timeout_seconds {
            0 => USUAL_LIMIT,
            seconds => Duration::from_secs(u64::from(seconds)).min(LONGEST_LIMIT),
        };
        let work =
            Work { id, action, limit, token, workload: self.workload.clone(), spool: self.spool.clone(), progress: self.progress.clone() };
        under_way.spawn(work.run());
    }

    fn accept(&self, action: &str) -> Result<CommandAction, String> {
        let action = action.parse::<CommandAction>().map_err(|_| format!("this agent does not know the action {action:?}: update it"))?;
        if !self.allow.contains(&action) {
            return Err(format!("this agent's owner does not allow {action}"));
        }
        if self.running.len() >= RUNNING_MAX {
            return Err("this agent has too much to do already: try again later".to_owned());
        }
        Ok(action)
    }
}

/// One command under way.
struct Work {
    id: CommandId,
    action: CommandAction,
    limit: Duration,
    token: CancellationToken,
    workload: WorkloadHandle,
    spool: Spool,
    progress: mpsc::Sender<CommandUpdate>,
}

impl Work {
    async fn run(self) -> CommandId {
        let begun = CommandUpdate { id: self.id, state: CommandState::Running, text: "accepted".to_owned() };
        self.tell(begun.text.clone());
        let (state, text) = if self.spool.result_put(begun).await {
            self.work().await
        } else {
            (CommandState::Failed, "this agent has too many unacknowledged results: try again later".to_owned())
        };
        tracing::info!(id = %self.id, state = state.as_str(), %text, "command ended");
        self.spool.result_put(CommandUpdate { id: self.id, state, text }).await;
        self.id
    }

    async fn work(&self) -> (CommandState, String) {
        let mut watch = self.workload.watch();
        watch.mark_unchanged();
        let acting = self.workload.act(self.action);
        tokio::pin!(acting);
        let limit = tokio::time::sleep(self.limit);
        tokio::pin!(limit);
        loop {
            tokio::select! {
                biased;
                outcome = &mut acting => return match outcome {
                    Ok(text) => (CommandState::Done, text),
                    Err(text) => (CommandState::Failed, text),
                },
                () = self.token.cancelled() => return (CommandState::Cancelled, self.left("cancelled")),
                () = &mut limit => return (CommandState::Failed, self.left(&format!("not done within {} s", self.limit.as_secs()))),
                Ok(()) = watch.changed() => {
                    let now = {
                        let workload = watch.borrow_and_update();
                        let state = workload.state.as_str().replace('_', " ");
                        if workload.detail.is_empty() { state } else { format!("{state}: {}", workload.detail) }
                    };
                    self.tell(now);
                }
            }
        }
    }

    /// How it was left, so that nobody takes a cancellation for an undoing.
    fn left(&self, why: &str) -> String {
        let watch = self.workload.watch();
        let workload = watch.borrow();
        format!("{why}; the workload was left {}", workload.state.as_str().replace('_', " "))
    }

    fn tell(&self, text: String) {
        // Progress is worth nothing later: when the link does not take it now, it is dropped.
        let _ = self.progress.try_send(CommandUpdate { id: self.id, state: CommandState::Running, text });
    }
}
