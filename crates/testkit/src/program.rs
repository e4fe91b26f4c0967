//! A program of ours as tests run it: found among what was built, its output kept and waited for, ended when dropped.
//!
//! Nothing here waits for time to pass: a line that is waited for has come, or the program has ended, or [`LIMIT`] has passed.

use std::{
    io::Write as _,
    path::PathBuf,
    process::{ExitStatus, Output, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWriteExt as _, BufReader},
    process::{Child, Command},
    sync::watch,
    time::timeout,
};

/// Far longer than anything here takes, so that a hang fails instead of hanging.
pub const LIMIT: Duration = Duration::from_secs(60);

/// How long the output of an ended program may take to be read, when something holds it open.
const LAST_LINES: Duration = Duration::from_secs(5);

/// Where a program of ours is: in `MC_BIN_DIR`, else where cargo put it.
///
/// # Errors
/// When it was not built.
pub fn binary(name: &str) -> Result<PathBuf> {
    let named = std::env::var_os("MC_BIN_DIR").map(PathBuf::from);
    let built = || std::env::current_exe().ok()?.ancestors().nth(2).map(PathBuf::from);
    let cargo = || std::env::var_os("CARGO_TARGET_DIR").map(|dir| PathBuf::from(dir).join("debug"));
    let places: Vec<PathBuf> = if named.is_some() { named.into_iter().collect() } else { built().into_iter().chain(cargo()).collect() };
    let found = places.iter().map(|place| place.join(name)).find(|path| path.is_file());
    found.with_context(|| format!("{name} is not built: run `cargo build --workspace`, or set MC_BIN_DIR to the folder that has it"))
}

/// Runs a program of ours to its end, with `input` on stdin.
///
/// # Errors
/// When it cannot run or takes too long.
pub async fn run(command: &mut Command, input: &str) -> Result<Output> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that does not read its input has closed it.
        let _ = stdin.write_all(input.as_bytes()).await;
    }
    Ok(timeout(LIMIT, child.wait_with_output()).await.context("it did not end in time")??)
}

/// The environment variables of this machine that programs of ours would listen to.
pub(crate) const OURS: [&str; 11] = [
    "DATABASE_URL",
    "NATS_URL",
    "MC_LOG",
    "MC_LOG_FORMAT",
    "MC_CONFIG",
    "MC_CONFIG_FILE",
    "MC_DATA_DIR",
    "MC_JOIN_TOKEN",
    "MC_SEAL_KEY",
    "MC_JWT_KEY_FILE",
    "MC_SMTP_URL",
];

/// A running program.
#[derive(Debug)]
pub struct Program {
    name: &'static str,
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
    /// How many lines there are; closed when the output ends.
    count: watch::Receiver<usize>,
}

impl Program {
    /// Starts it and keeps its output.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(name: &'static str, command: &mut Command) -> Result<Self> {
        for variable in OURS {
            if !command.as_std().get_envs().any(|(set, _)| set == variable) {
                command.env_remove(variable);
            }
        }
        let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).spawn();
        let mut child = spawned.with_context(|| format!("{name} cannot be started"))?;
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (count, seen) = watch::channel(0);
        let count = Arc::new(count);
        if let (Some(out), Some(err)) = (child.stdout.take(), child.stderr.take()) {
            tokio::spawn(keep(out, Arc::clone(&lines), Arc::clone(&count)));
            tokio::spawn(keep(err, Arc::clone(&lines), count));
        }
        Ok(Self { name, child, lines, count: seen })
    }

    /// Waits for a line for which `find` has an answer; lines that came before count.
    ///
    /// # Errors
    /// When the program ends without it, or it does not come in time.
    pub async fn find<T>(&mut self, mut find: impl FnMut(&str) -> Option<T>) -> Result<T> {
        let mut looked_at = 0;
        loop {
            let fresh: Vec<String> = self.kept().iter().skip(looked_at).cloned().collect();
            looked_at += fresh.len();
            if let Some(found) = fresh.iter().find_map(|line| find(line)) {
                return Ok(found);
            }
            let mut count = self.count.clone();
            match timeout(LIMIT, count.wait_for(|count| *count > looked_at)).await {
                Ok(Ok(_)) => {}
                Ok(Err(_)) => bail!("{} ended before it said what was waited for:\n{}", self.name, self.log()),
                Err(_) => bail!("{} did not say what was waited for:\n{}", self.name, self.log()),
            }
        }
    }

    /// Everything it printed so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.kept().join("\n")
    }

    fn kept(&self) -> Vec<String> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Its process id while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Whether it still runs.
    pub(crate) fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends a signal.
    ///
    /// # Errors
    /// When it has ended.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        let pid = self.child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)).context("it has ended")?;
        Ok(kill_process(pid, signal)?)
    }

    /// Asks it to end, and waits until it has.
    ///
    /// # Errors
    /// When it has ended already, or does not in time.
    pub async fn stop(&mut self) -> Result<ExitStatus> {
        self.signal(Signal::TERM)?;
        self.ended().await
    }

    /// Ends it at once, as a crash does.
    ///
    /// # Errors
    /// When it cannot be ended.
    pub async fn kill(&mut self) -> Result<()> {
        timeout(LIMIT, self.child.kill()).await.with_context(|| format!("{} cannot be killed", self.name))??;
        Ok(())
    }

    /// Waits until it has ended and all that it printed was kept.
    ///
    /// # Errors
    /// When it does not in time.
    pub async fn ended(&mut self) -> Result<ExitStatus> {
        let status = timeout(LIMIT, self.child.wait()).await.with_context(|| format!("{} does not end:\n{}", self.name, self.log()))??;
        // Its last lines may still be in the pipes. A child of its own may hold them open for longer: that is not waited for.
        let _ = timeout(LAST_LINES, self.count.wait_for(|_| false)).await;
        Ok(status)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            // A log that cannot be shown changes nothing about the failure.
            let _ = writeln!(std::io::stderr(), "--- what {} said:\n{log}\n---", self.name);
        }
    }
}

async fn keep(from: impl AsyncRead + Unpin, lines: Arc<Mutex<Vec<String>>>, count: Arc<watch::Sender<usize>>) {
    let mut from = BufReader::new(from).lines();
    while let Ok(Some(line)) = from.next_line().await {
        lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        count.send_modify(|count| *count += 1);
    }
}
