//! The task behind [`crate::supervise::Supervisor`].

use std::{os::unix::process::ExitStatusExt, process::ExitStatus, sync::Arc, time::Duration};

use mc_domain::{
    time::Clock,
    workload::{Workload, WorkloadState},
};
use rustix::process::Signal;
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};

use crate::{
    group,
    lines::OutputLine,
    phase::{Phase, Run, Then, describe_exit, process_fact},
    policy::{Restarts, Verdict},
    run_file::{MARK_VARIABLE, RunNote},
    spawn::spawn,
    supervise::{Reply, Request, Settings, SuperviseError},
};

/// What outlives its leader gets this long to end before SIGKILL.
const SWEEP_GRACE: Duration = Duration::from_secs(2);
/// In a crash loop a try is shown as running only after this long.
const PROBATION: Duration = Duration::from_secs(10);

pub(crate) struct Owner {
    settings: Settings,
    clock: Arc<dyn Clock>,
    lines: mpsc::Sender<OutputLine>,
    publish: watch::Sender<Workload>,
    restarts: Restarts,
    phase: Phase,
    note: RunNote,
    epoch: Instant,
    state: WorkloadState,
    detail: String,
    starts: u32,
    last_exit: Option<i32>,
    restarting: Vec<Reply>,
    killing: Vec<Reply>,
    quitting: Vec<Reply>,
    /// The process a restart replaces, for its answer.
    replaced: Option<u32>,
    done: bool,
}

impl Owner {
    pub(crate) fn new(
        settings: Settings,
        clock: Arc<dyn Clock>,
        lines: mpsc::Sender<OutputLine>,
        publish: watch::Sender<Workload>,
    ) -> Self {
        Self {
            restarts: Restarts::new(settings.policy, settings.backoff),
            note: RunNote::read(&settings.run_file),
            settings,
            clock,
            lines,
            publish,
            phase: Phase::Down { next: None },
            epoch: Instant::now(),
            state: WorkloadState::Starting,
            detail: String::new(),
            starts: 0,
            last_exit: None,
            restarting: Vec::new(),
            killing: Vec::new(),
            quitting: Vec::new(),
            replaced: None,
            done: false,
        }
    }

    pub(crate) async fn run(mut self, mut inbox: mpsc::Receiver<Request>) {
        self.end_left_over().await;
        if self.note.stopped {
            self.show(WorkloadState::Stopped, "killed on request before the agent restarted; restart it to start it again");
        } else {
            self.start();
        }
        while !self.done {
            let due = self.due();
            tokio::select! {
                request = inbox.recv() => match request {
                    Some(request) => self.take(request),
                    // Every handle is gone: nobody could ever stop the command again.
                    None => self.quit(),
                },
                status = ended(&mut self.phase) => self.leader_ended(status),
                () = until(due) => self.time_came(),
                () = taken_back(&mut self.restarting) => self.restart_taken_back(),
            }
        }
    }

    fn due(&self) -> Option<Instant> {
        let settled = match &self.phase {
            Phase::Up(run) if !self.restarting.is_empty() => Some(run.began + self.settings.settle),
            Phase::Up(run) if self.state == WorkloadState::CrashLoop => Some(run.began + PROBATION),
            _ => None,
        };
        [self.phase.due(), settled].into_iter().flatten().min()
    }

    fn take(&mut self, request: Request) {
        match request {
            Request::Restart(reply) => {
                self.restarting.push(reply);
                self.restart();
            }
            Request::Kill(reply) => {
                self.killing.push(reply);
                self.kill();
            }
            Request::Quit(reply) => {
                self.quitting.push(reply);
                self.quit();
            }
        }
    }

    fn restart(&mut self) {
        if !self.quitting.is_empty() {
            return answer(&mut self.restarting, &Err(SuperviseError::Closing));
        }
        self.restarts.reset();
        self.note.stopped = false;
        self.replaced = self.phase.run().map(|run| run.pid);
        match &mut self.phase {
            Phase::Down { .. } => self.start(),
            Phase::Up(_) => self.begin_end(Then::Start, WorkloadState::Restarting),
            Phase::Ending { run, kill_at, then } => {
                *then = Then::Start;
                group::signal(run.pid, Signal::TERM);
                kill_at.get_or_insert(Instant::now() + self.settings.stop_timeout);
                self.show(WorkloadState::Restarting, "stopping");
            }
        }
    }

    fn kill(&mut self) {
        answer(&mut self.restarting, &Err(SuperviseError::Overridden));
        self.note.stopped = true;
        self.write_note();
        match &mut self.phase {
            Phase::Down { .. } => self.stay_down(),
            Phase::Up(_) => {
                self.begin_end(Then::Stay, WorkloadState::Stopping);
                self.force();
            }
            Phase::Ending { then, .. } => {
                if *then != Then::Quit {
                    *then = Then::Stay;
                }
                self.show(WorkloadState::Stopping, "killing");
                self.force();
            }
        }
    }

    fn quit(&mut self) {
        answer(&mut self.restarting, &Err(SuperviseError::Closing));
        match &mut self.phase {
            Phase::Down { .. } => self.finish_quit(),
            Phase::Up(_) => self.begin_end(Then::Quit, WorkloadState::Stopping),
            Phase::Ending { run, then, kill_at } => {
                *then = Then::Quit;
                group::signal(run.pid, Signal::TERM);
                kill_at.get_or_insert(Instant::now() + self.settings.stop_timeout);
                self.show(WorkloadState::Stopping, "stopping");
            }
        }
    }

    /// SIGTERM to the group now, SIGKILL after the stop timeout.
    fn begin_end(&mut self, then: Then, state: WorkloadState) {
        if let Phase::Up(run) = std::mem::replace(&mut self.phase, Phase::Down { next: None }) {
            group::signal(run.pid, Signal::TERM);
            self.phase = Phase::Ending { run, kill_at: Some(Instant::now() + self.settings.stop_timeout), then };
        }
        self.show(state, "stopping");
    }

    fn force(&mut self) {
        if let Phase::Ending { run, kill_at, .. } = &mut self.phase {
            group::signal(run.pid, Signal::KILL);
            // A process in an uninterruptible wait takes the signal late: it is sent again, not given up.
            *kill_at = Some(Instant::now() + SWEEP_GRACE);
        }
    }

    fn leader_ended(&mut self, status: std::io::Result<ExitStatus>) {
        let code = status.ok().and_then(|status| status.code().or_else(|| status.signal().map(|signal| -signal)));
        self.last_exit = code;
        let phase = std::mem::replace(&mut self.phase, Phase::Down { next: None });
        self.phase = match phase {
            Phase::Up(mut run) => {
                run.child = None;
                // What the leader leaves behind would otherwise run beside its successor.
                group::signal(run.pid, Signal::TERM);
                Phase::Ending { run, kill_at: Some(Instant::now() + SWEEP_GRACE), then: Then::Judge }
            }
            Phase::Ending { mut run, kill_at, then } => {
                run.child = None;
                Phase::Ending { run, kill_at, then }
            }
            down @ Phase::Down { .. } => down,
        };
        self.look_at_group();
    }

    fn time_came(&mut self) {
        let now = Instant::now();
        match &mut self.phase {
            Phase::Down { next: Some(next) } if now >= *next => self.start(),
            Phase::Down { .. } => {}
            Phase::Up(run) => {
                if !self.restarting.is_empty() && now >= run.began + self.settings.settle {
                    let text = self
                        .replaced
                        .map_or_else(|| format!("started, pid {}", run.pid), |old| format!("restarted, pid {} instead of {old}", run.pid));
                    answer(&mut self.restarting, &Ok(text));
                }
                self.show_up();
            }
            Phase::Ending { kill_at, .. } => {
                if kill_at.is_some_and(|kill_at| now >= kill_at) {
                    self.force();
                }
                self.look_at_group();
            }
        }
    }

    /// Goes on once leader and group are gone.
    fn look_at_group(&mut self) {
        let Phase::Ending { run, then, .. } = &self.phase else { return };
        if run.child.is_some() || group::alive(run.pid) {
            return;
        }
        let (then, up_for) = (*then, run.began.elapsed());
        self.phase = Phase::Down { next: None };
        self.note = RunNote { stopped: self.note.stopped, ..RunNote::default() };
        self.write_note();
        match then {
            Then::Start => self.start(),
            Then::Stay => self.stay_down(),
            Then::Quit => self.finish_quit(),
            Then::Judge => self.judge(up_for),
        }
    }

    fn judge(&mut self, up_for: Duration) {
        let code = self.last_exit.unwrap_or(-1);
        let end = describe_exit(code);
        if !self.restarting.is_empty() {
            answer(&mut self.restarting, &Err(SuperviseError::NotStarted(format!("it started and ended at once: {end}"))));
        }
        if self.settings.fatal_exits.contains(&code) {
            return self.show(WorkloadState::Failed, &format!("{end}: its configuration is wrong; correct it, then restart"));
        }
        match self.restarts.ended(code == 0, up_for, self.epoch.elapsed()) {
            Verdict::Stay if code == 0 => self.show(WorkloadState::Stopped, "ended by itself, exit code 0"),
            Verdict::Stay => self.show(WorkloadState::Failed, &format!("{end}; not started again, as configured")),
            Verdict::Retry { wait, crash_loop } => {
                self.phase = Phase::Down { next: Some(Instant::now() + wait) };
                let state = if crash_loop { WorkloadState::CrashLoop } else { WorkloadState::Backoff };
                self.show(state, &format!("{end}, next try in {} s", wait.as_secs_f64().ceil()));
            }
        }
    }

    fn stay_down(&mut self) {
        self.phase = Phase::Down { next: None };
        self.show(WorkloadState::Stopped, "killed on request");
        answer(&mut self.killing, &Ok("killed; it stays stopped until it is restarted".to_owned()));
    }

    fn finish_quit(&mut self) {
        self.show(WorkloadState::Stopped, "the agent is stopping");
        answer(&mut self.killing, &Ok("killed; it stays stopped until it is restarted".to_owned()));
        answer(&mut self.quitting, &Ok(String::new()));
        self.done = true;
    }

    fn restart_taken_back(&mut self) {
        self.restarting.retain(|reply| !reply.is_closed());
        if self.restarting.is_empty()
            && let Phase::Ending { kill_at, then: Then::Start, .. } = &mut self.phase
        {
            *kill_at = None;
            self.show(WorkloadState::Running, "a restart was cancelled after SIGTERM: if it ends, it is started again");
        }
    }

    fn start(&mut self) {
        self.note = RunNote { mark: uuid::Uuid::now_v7().to_string(), leader: None, stopped: false };
        self.write_note();
        match spawn(&self.settings.program, (MARK_VARIABLE, &self.note.mark), &self.lines) {
            Ok(child) => {
                let pid = child.id().unwrap_or_default();
                self.note.leader = group::stat(pid).map(|stat| (pid, stat.start_ticks));
                self.write_note();
                self.starts += 1;
                self.phase = Phase::Up(Run { child: Some(child), pid, began: Instant::now(), began_at: self.clock.now() });
                self.show_up();
            }
            Err(error) => {
                answer(&mut self.restarting, &Err(SuperviseError::NotStarted(error.to_string())));
                // The program may be installed or made executable later: tried again, seldom.
                let wait = self.settings.backoff.loop_wait;
                self.phase = Phase::Down { next: Some(Instant::now() + wait) };
                self.show(WorkloadState::Failed, &format!("{error}; next try in {} s", wait.as_secs()));
            }
        }
    }

    fn show_up(&mut self) {
        let Phase::Up(run) = &self.phase else { return };
        if self.restarts.in_crash_loop() && run.began.elapsed() < PROBATION {
            self.show(WorkloadState::CrashLoop, "trying again");
        } else {
            self.show(WorkloadState::Running, "");
        }
    }

    fn show(&mut self, state: WorkloadState, detail: &str) {
        self.state = state;
        detail.clone_into(&mut self.detail);
        let now = self.clock.now();
        self.publish.send_if_modified(|workload| {
            let pid = self.phase.run().map(|run| run.pid);
            let next = Workload {
                state,
                detail: self.detail.clone(),
                title: workload.title.clone(),
                pid,
                started_at: self.phase.run().map(|run| run.began_at),
                restarts: self.starts.saturating_sub(1),
                last_exit: self.last_exit,
                facts: vec![process_fact(workload, now, state, pid, self.last_exit)],
            };
            let changed = *workload != next;
            *workload = next;
            changed
        });
    }

    fn write_note(&self) {
        if let Err(error) = self.note.write(&self.settings.run_file) {
            // A full disk must not keep a workload from running; what is lost is the clean-up after a crash of ours.
            tracing::warn!(%error, "cannot note the running process group");
        }
    }

    async fn end_left_over(&mut self) {
        let groups = self.note.left_over();
        if groups.is_empty() {
            return;
        }
        tracing::warn!(?groups, "ending what an earlier run of the agent left behind");
        self.show(WorkloadState::Starting, "ending what an earlier run of the agent left behind");
        let mut kill_at = Instant::now() + self.settings.stop_timeout;
        groups.iter().for_each(|group| group::signal(*group, Signal::TERM));
        while groups.iter().any(|group| group::alive(*group)) {
            if Instant::now() >= kill_at {
                groups.iter().for_each(|group| group::signal(*group, Signal::KILL));
                kill_at = Instant::now() + SWEEP_GRACE;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

async fn ended(phase: &mut Phase) -> std::io::Result<ExitStatus> {
    match phase {
        Phase::Up(Run { child: Some(child), .. }) | Phase::Ending { run: Run { child: Some(child), .. }, .. } => child.wait().await,
        _ => std::future::pending().await,
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}

/// Resolves when a caller of a restart went away.
async fn taken_back(replies: &mut [Reply]) {
    std::future::poll_fn(|context| {
        let closed = replies.iter_mut().any(|reply| reply.poll_closed(context).is_ready());
        if closed { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
}

fn answer(replies: &mut Vec<Reply>, with: &Result<String, SuperviseError>) {
    for reply in replies.drain(..) {
        // Whoever asked may be gone by now.
        let _ = reply.send(with.clone());
    }
}
