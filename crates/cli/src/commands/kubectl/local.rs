//! The kubectl of this machine, told the way by a kubeconfig of its own. The file holds no secret, is there only while kubectl runs, and
//! its path is in the environment.

use std::{ffi::OsString, io::Write as _, os::unix::process::ExitStatusExt as _, path::Path, process::ExitStatus};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    process::{Child, Command},
    signal::unix::{SignalKind, signal},
};

use crate::{
    app::App,
    commands::kube::kubeconfig,
    failure::{Exit, Failure},
    kubeconfig::Entry,
};

/// Runs kubectl to its end.
pub(super) async fn run(app: &App, program: &Path, entry: &Entry, arguments: &[OsString]) -> Result<(), Failure> {
    let text = kubeconfig(std::slice::from_ref(entry), Some(&entry.name))?.to_yaml().map_err(Failure::failed)?;
    let bad = |error: std::io::Error| Failure::failed(format!("cannot write a kubeconfig: {error}"));
    let mut file = tempfile::Builder::new().prefix("mc-kubeconfig-").suffix(".yaml").tempfile().map_err(bad)?;
    file.write_all(text.as_bytes()).and_then(|()| file.flush()).map_err(bad)?;
    let mut command = Command::new(program);
    command.args(arguments).env("KUBECONFIG", file.path());
    // Before it runs: a signal in between would end this program and leave the file.
    let mut signals = Signals::take().map_err(|error| Failure::failed(format!("cannot take signals: {error}")))?;
    let child = command.spawn().map_err(|error| Failure::failed(format!("cannot run {}: {error}", program.display())))?;
    let on_terminal = app.environment.stdin_terminal || app.environment.stdout_terminal || app.environment.stderr_terminal;
    let status = signals.until_end(child, on_terminal).await;
    let status = status.map_err(|error| Failure::failed(format!("cannot wait for {}: {error}", program.display())))?;
    match code(status) {
        0 => Ok(()),
        code => Err(Failure::told(Exit::Program(code))),
    }
}

/// As a shell tells it: its code, or 128 and the signal that ended it.
fn code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    u8::try_from(code).unwrap_or(1)
}

/// The signals that are the child's while it runs.
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    quit: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
}

impl Signals {
    fn take() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for the child, passing signals on. What is typed on a terminal reaches the child by itself: the second of two would end it
    /// at once.
    async fn until_end(&mut self, mut child: Child, on_terminal: bool) -> std::io::Result<ExitStatus> {
        let pid = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let pass = |signal: Signal| {
            if let Some(pid) = pid {
                // It may have ended.
                let _ = kill_process(pid, signal);
            }
        };
        loop {
            tokio::select! {
                status = child.wait() => return status,
                Some(()) = self.interrupt.recv() => if !on_terminal { pass(Signal::INT) },
                Some(()) = self.quit.recv() => if !on_terminal { pass(Signal::QUIT) },
                Some(()) = self.terminate.recv() => pass(Signal::TERM),
                Some(()) = self.hang_up.recv() => pass(Signal::HUP),
            }
        }
    }
}
