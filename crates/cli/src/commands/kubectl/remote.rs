//! kubectl run by the cluster's agent, with this program's stdin, stdout, stderr and terminal.

use std::{
    ffi::OsString,
    io::{Read as _, Write as _},
    path::Path,
};

use mc_api::exec::TerminalSize;
use mc_client::{Client, ExecEnd, ExecEvent, ExecInput, ExecOutput};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::mpsc,
};

use super::arguments;
use crate::{
    app::App,
    failure::{Exit, Failure},
};

/// How much of stdin is read at once, and how many such pieces may wait to be sent.
const PIECE_BYTES: usize = 16 * 1024;
const PIECES: usize = 8;
/// What needs this machine.
const HERE: [&str; 4] = ["edit", "cp", "proxy", "port-forward"];

/// kubectl's arguments, once they are such that an agent's kubectl can do something with them.
pub(super) fn command(given: &[OsString], asked: bool) -> Result<Vec<String>, Failure> {
    let why = if asked { "--remote" } else { "there is no kubectl in PATH, so the cluster's agent runs its own" };
    let command = arguments::words(given).map_err(|argument| {
        Failure::usage(format!("{} is no UTF-8 and cannot be sent to a remote kubectl ({why})", argument.to_string_lossy()))
    })?;
    if let Some(verb) = arguments::verb(&command).filter(|verb| HERE.contains(verb)) {
        return Err(Failure::usage(format!("kubectl {verb} needs a kubectl on this machine ({why}): install one and put it into PATH")));
    }
    if let Some(file) = arguments::files(&command).into_iter().find(|file| Path::new(file).exists()) {
        return Err(Failure::usage(format!(
            "{file} is on this machine, where a remote kubectl cannot read it ({why}): feed it with `-f - < {file}`, or install kubectl here"
        )));
    }
    Ok(command)
}

/// Runs it to its end.
pub(super) async fn run(app: &App, client: &Client, cluster: &str, command: Vec<String>) -> Result<(), Failure> {
    let environment = &app.environment;
    let terminal = environment.stdin_terminal && environment.stdout_terminal && arguments::wants_terminal(&command);
    let size = if terminal { Some(size().unwrap_or(TerminalSize { width: 80, height: 24 })) } else { None };
    let (mut input, output) = client.cluster_exec_open(cluster, &command, size).await?;
    let stdin = if terminal || arguments::reads_stdin(&command) {
        Some(read_stdin())
    } else {
        input.stdin_end().await?;
        None
    };
    let mut signals = Signals::take().map_err(|error| Failure::failed(format!("cannot take signals: {error}")))?;
    let raw = if terminal { Some(Raw::set()?) } else { None };
    let ended = Running { app, input, output, stdin, terminal }.until_end(&mut signals).await;
    drop(raw);
    match ended? {
        ExecEnd::Exited { exit_code: 0 } => Ok(()),
        ExecEnd::Exited { exit_code } => Err(Failure::told(Exit::Program(u8::try_from(exit_code).unwrap_or(1)))),
        ExecEnd::Failed { error } => Err(Failure::failed(error)),
    }
}

/// A kubectl that runs elsewhere.
struct Running<'a> {
    app: &'a App,
    input: ExecInput,
    output: ExecOutput,
    /// Pieces of stdin; `None` once it has ended.
    stdin: Option<mpsc::Receiver<Vec<u8>>>,
    terminal: bool,
}

impl Running<'_> {
    async fn until_end(mut self, signals: &mut Signals) -> Result<ExecEnd, Failure> {
        loop {
            tokio::select! {
                event = self.output.next() => match event? {
                    Some(ExecEvent::Stdout(data)) => self.app.out.bytes(&data)?,
                    Some(ExecEvent::Stderr(data)) => {
                        let mut stderr = std::io::stderr().lock();
                        // A reader of errors that went away changes nothing.
                        let _ = stderr.write_all(&data).and_then(|()| stderr.flush());
                    }
                    Some(ExecEvent::End(end)) => return Ok(end),
                    None => return Err(Failure::new(Exit::Unreachable, "the connection ended before kubectl did")),
                },
                piece = next(&mut self.stdin) => self.send(piece).await,
                ends = signals.next() => match (ends, size()) {
                    (Some(code), _) => return Err(Failure::told(Exit::Program(code))),
                    (None, Some(size)) if self.terminal => {
                        // A connection that broke is noticed where its output is read.
                        let _ = self.input.resize(size).await;
                    }
                    (None, _) => {}
                },
            }
        }
    }

    async fn send(&mut self, piece: Option<Vec<u8>>) {
        let sent = match &piece {
            Some(piece) => self.input.stdin(piece).await,
            None => self.input.stdin_end().await,
        };
        // Whoever no longer takes input has ended, and says so on the way back.
        if piece.is_none() || sent.is_err() {
            self.stdin = None;
        }
    }
}

/// The next piece; waits for ever when there are no more.
async fn next(stdin: &mut Option<mpsc::Receiver<Vec<u8>>>) -> Option<Vec<u8>> {
    match stdin {
        Some(stdin) => stdin.recv().await,
        None => std::future::pending().await,
    }
}

/// Reads stdin on a thread of its own, which nobody waits for: a read of a terminal ends only when somebody types.
fn read_stdin() -> mpsc::Receiver<Vec<u8>> {
    let (send, receive) = mpsc::channel(PIECES);
    std::thread::spawn(move || {
        let mut stdin = std::io::stdin().lock();
        let mut buffer = vec![0; PIECE_BYTES];
        while let Ok(count @ 1..) = stdin.read(&mut buffer) {
            let Some(piece) = buffer.get(..count) else { return };
            if send.blocking_send(piece.to_vec()).is_err() {
                return;
            }
        }
    });
    receive
}

fn size() -> Option<TerminalSize> {
    let size = tcgetwinsize(std::io::stdout()).ok()?;
    Some(TerminalSize { width: size.ws_col, height: size.ws_row }).filter(|size| size.width > 0 && size.height > 0)
}

/// The terminal while it passes on what is typed as it is; set back when dropped.
struct Raw(Termios);

impl Raw {
    fn set() -> Result<Self, Failure> {
        let bad = |error: rustix::io::Errno| Failure::failed(format!("cannot set the terminal: {error}"));
        let before = tcgetattr(std::io::stdin()).map_err(bad)?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(std::io::stdin(), OptionalActions::Now, &raw).map_err(bad)?;
        Ok(Self(before))
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.0);
    }
}

/// The signals that end this program or change its terminal: it must not die with the terminal raw.
struct Signals {
    resized: Signal,
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
}

impl Signals {
    fn take() -> std::io::Result<Self> {
        Ok(Self {
            resized: signal(SignalKind::window_change())?,
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// The exit code for one that ends this program, as a shell would tell it; `None` when the terminal changed.
    async fn next(&mut self) -> Option<u8> {
        tokio::select! {
            _ = self.resized.recv() => None,
            _ = self.interrupt.recv() => Some(130),
            _ = self.terminate.recv() => Some(143),
            _ = self.hang_up.recv() => Some(129),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(given: &[&str]) -> String {
        let given: Vec<OsString> = given.iter().map(OsString::from).collect();
        let failure = command(&given, true).expect_err("refused");
        assert_eq!(failure.exit, Exit::Usage);
        failure.text().expect("text").to_owned()
    }

    #[test]
    fn what_needs_this_machine_is_said_so() {
        let dir = tempfile::tempdir().expect("dir");
        let file = dir.path().join("app.yaml");
        std::fs::write(&file, "").expect("written");
        let path = file.to_str().expect("text");
        assert!(refused(&["apply", "-f", path]).contains("-f - <"));
        assert!(refused(&["-n", "x", "port-forward", "p", "80"]).contains("port-forward needs a kubectl on this machine"));
        let fine = ["apply", "-f", "-"].map(OsString::from);
        assert_eq!(command(&fine, true).expect("fine"), ["apply", "-f", "-"]);
    }
}
