//! The process: started through the sandbox's helper, its input and output passed on, ended with everything it started.

use std::{
    ffi::OsStr,
    io,
    os::{fd::OwnedFd, unix::process::ExitStatusExt as _},
    path::PathBuf,
    process::{ExitStatus, Stdio},
    sync::atomic::{AtomicU64, Ordering},
};

use bytes::{Bytes, BytesMut};
use mc_process::{
    group,
    pty::{self, Size, Terminal},
    sandbox::Sandbox,
};
use mc_wire::v1::{self, tunnel_frame::Frame};
use rustix::process::Signal;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    process::{ChildStderr, ChildStdin, ChildStdout, Command},
};

use super::home::KUBECONFIG;
use crate::tunnel::{Gone, Inbox, Outbox};

/// How much is read at once of what it says.
const READ_BYTES: usize = 16 * 1024;
/// A folder that is not there: no plugin is ever found.
const NO_PATH: &str = "/nonexistent";

/// What to start.
pub(super) struct Start {
    pub(super) sandbox: Sandbox,
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<String>,
    pub(super) stdin: bool,
    pub(super) terminal: Option<v1::TerminalSize>,
}

/// How it ended.
pub(super) enum Ended {
    /// By itself, with this code.
    Exited(i32),
    /// It was ended; why.
    Cut(String),
    /// Nobody wants to know any more.
    Left,
}

/// A running kubectl. Dropped, it is killed with everything it started.
pub(super) struct Child {
    process: tokio::process::Child,
    /// Its process group, while it may live.
    group: Option<u32>,
    io: Io,
    cpu_seconds: u64,
}

enum Io {
    Terminal(Terminal),
    Pipes { stdin: Option<ChildStdin>, stdout: ChildStdout, stderr: ChildStderr },
}

impl Child {
    pub(super) fn start(start: &Start) -> io::Result<Self> {
        let mut command = helper(start);
        let terminal = match &start.terminal {
            Some(size) => {
                let side = |number: u32| u16::try_from(number).unwrap_or(u16::MAX);
                let (terminal, theirs) = pty::open(side(size.columns), side(size.rows))?;
                let side = |side: &OwnedFd| side.try_clone().map(Stdio::from);
                command.stdin(side(&theirs)?).stdout(side(&theirs)?).stderr(theirs);
                Some(terminal)
            }
            None => {
                command.stdin(if start.stdin { Stdio::piped() } else { Stdio::null() }).stdout(Stdio::piped()).stderr(Stdio::piped());
                None
            }
        };
        let mut process = command.spawn()?;
        // The terminal's other side is the child's alone from here on: with the last of it comes the end.
        drop(command);
        let lost = || io::Error::other("it has no output");
        let io = match terminal {
            Some(terminal) => Io::Terminal(terminal),
            None => Io::Pipes {
                stdin: process.stdin.take(),
                stdout: process.stdout.take().ok_or_else(lost)?,
                stderr: process.stderr.take().ok_or_else(lost)?,
            },
        };
        Ok(Self { group: process.id(), process, io, cpu_seconds: start.sandbox.cpu_seconds })
    }

    /// Passes on what it says and is told, until it has ended and all was said.
    pub(super) async fn run(&mut self, inbox: &mut Inbox, outbox: &Outbox, output_max: u64) -> Ended {
        let said = Said { outbox, left: AtomicU64::new(output_max) };
        let (process, group) = (&mut self.process, self.group);
        let over = async {
            let status = process.wait().await;
            // What it started, if it did, would keep its output open.
            end_group(group);
            status
        };
        let talk = async {
            match &mut self.io {
                Io::Terminal(Terminal { output, input, size }) => tokio::select! {
                    told = said.pass(output, Frame::Data) => told,
                    Gone = feed(inbox, Some(input), Some(size)) => Err(Stop::Gone),
                },
                Io::Pipes { stdin, stdout, stderr } => tokio::select! {
                    told = async { tokio::try_join!(said.pass(stdout, Frame::Data), said.pass(stderr, Frame::Stderr)).map(|_| ()) } => told,
                    Gone = feed(inbox, stdin.take(), None) => Err(Stop::Gone),
                },
            }
        };
        let joined = async { tokio::try_join!(async { Ok(over.await) }, talk) };
        match joined.await {
            Ok((Ok(status), ())) => self.ended(status),
            Ok((Err(error), ())) => Ended::Cut(format!("it was lost: {error}")),
            Err(Stop::TooMuch) => {
                Ended::Cut(format!("it said more than the {} MB that this agent's owner allows", output_max / super::MEGABYTE))
            }
            Err(Stop::Gone) => Ended::Left,
        }
    }

    fn ended(&mut self, status: ExitStatus) -> Ended {
        // Collected: the number may be another's soon.
        self.group = None;
        match (status.code(), status.signal()) {
            (Some(code), _) => Ended::Exited(code),
            (None, Some(signal)) if signal == Signal::KILL.as_raw() => Ended::Cut(format!(
                "it was killed: it used more than {} s of processor time, or this machine ran out of memory",
                self.cpu_seconds
            )),
            (None, signal) => Ended::Exited(128 + signal.unwrap_or_default()),
        }
    }

    /// Ends it now, if it lives.
    pub(super) async fn end(&mut self) {
        if self.group.is_some() {
            end_group(self.group);
            // One that has ended meanwhile needs no killing.
            let _ = self.process.start_kill();
            let _ = self.process.wait().await;
            self.group = None;
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        end_group(self.group);
    }
}

fn end_group(group: Option<u32>) {
    if let Some(group) = group {
        group::signal(group, Signal::KILL);
    }
}

/// This program again, as what becomes kubectl.
fn helper(start: &Start) -> Command {
    let Sandbox { dir, readable, port, cpu_seconds, memory_bytes, file_bytes, terminal, unguarded } = &start.sandbox;
    let mut command = Command::new("/proc/self/exe");
    command.arg("sandbox-exec").arg("--dir").arg(dir);
    command.args(readable.iter().flat_map(|path| [OsStr::new("--readable"), path.as_os_str()]));
    for (flag, number) in
        [("--port", u64::from(*port)), ("--cpu-seconds", *cpu_seconds), ("--memory-bytes", *memory_bytes), ("--file-bytes", *file_bytes)]
    {
        command.arg(flag).arg(number.to_string());
    }
    command.args(terminal.then_some("--terminal")).args(unguarded.then_some("--unguarded"));
    command.arg("--").arg(&start.program).args(&start.arguments);
    command.env_clear().current_dir(dir).kill_on_drop(true);
    command.env("HOME", dir).env("TMPDIR", dir).env("KUBECONFIG", dir.join(KUBECONFIG)).env("KUBECACHEDIR", dir.join("cache"));
    command.env("PATH", NO_PATH).env("KUBERC", "off").env("TZ", "UTC").env("LANG", "C.UTF-8");
    // It collects its garbage before it meets its limit.
    command.env("GOMEMLIMIT", (memory_bytes / 4 * 3).to_string());
    if *terminal {
        command.env("TERM", "xterm-256color");
    }
    command
}

/// Why what it says is not passed on any more.
enum Stop {
    TooMuch,
    Gone,
}

/// What it has said, and how much more it may.
struct Said<'a> {
    outbox: &'a Outbox,
    left: AtomicU64,
}

impl Said<'_> {
    async fn pass(&self, mut from: impl AsyncRead + Unpin, frame: fn(Bytes) -> Frame) -> Result<(), Stop> {
        let mut buffer = BytesMut::with_capacity(READ_BYTES);
        loop {
            buffer.reserve(READ_BYTES);
            // A read that fails is an end: how it ended says its exit status.
            let count = from.read_buf(&mut buffer).await.unwrap_or_default();
            if count == 0 {
                return Ok(());
            }
            let mut data = buffer.split();
            let length = u64::try_from(data.len()).unwrap_or(u64::MAX);
            let left = self.left.load(Ordering::Relaxed);
            data.truncate(usize::try_from(left).unwrap_or(usize::MAX).min(data.len()));
            self.left.store(left.saturating_sub(length), Ordering::Relaxed);
            if !data.is_empty() {
                self.outbox.say(frame(data.freeze())).await.map_err(|Gone| Stop::Gone)?;
            }
            if length > left {
                return Err(Stop::TooMuch);
            }
        }
    }
}

/// Passes on what it is told. Returns only when central lets go.
async fn feed(inbox: &mut Inbox, mut stdin: Option<impl AsyncWrite + Unpin>, size: Option<&Size>) -> Gone {
    loop {
        match inbox.frame().await {
            Ok(Frame::Data(data)) => {
                // One that does not read any more is not told any more.
                if let Some(input) = &mut stdin
                    && input.write_all(&data).await.is_err()
                {
                    stdin = None;
                }
            }
            Ok(Frame::End(_)) => {
                // A terminal has no end of its own: it is told as by hand.
                if let (Some(mut input), true) = (stdin.take(), size.is_some()) {
                    let _ = input.write_all(&[pty::END_OF_INPUT]).await;
                    stdin = Some(input);
                }
            }
            Ok(Frame::Size(wanted)) => {
                let side = |number: u32| u16::try_from(number).unwrap_or(u16::MAX);
                if let Some(size) = size {
                    // A program that is gone needs no size.
                    let _ = size.set(side(wanted.columns), side(wanted.rows));
                }
            }
            Ok(_) | Err(Gone) => return Gone,
        }
    }
}
