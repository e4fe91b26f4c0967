//! The real `mc-agent`, started and stopped by tests.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::central::{Central, LIMIT};

/// An agent's data directory and configuration.
pub(crate) struct Agent {
    pub(crate) home: TempDir,
}

/// A running agent; killed when dropped.
pub(crate) struct Running {
    child: Child,
    log: PathBuf,
}

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mc-agent"));
    command.env_remove("MC_JOIN_TOKEN").env_remove("MC_LOG").env_remove("MC_LOG_FORMAT").stdin(Stdio::null()).kill_on_drop(true);
    command
}

pub(crate) async fn output(arguments: &[&str]) -> Output {
    tokio::time::timeout(LIMIT, command().args(arguments).output()).await.expect("ended in time").expect("started")
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Agent {
    pub(crate) fn new() -> Self {
        Self { home: TempDir::new().unwrap() }
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.home.path().join("agent")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Runs `mc-agent join` with more arguments.
    pub(crate) async fn try_join(&self, central: &Central, more: &[&str]) -> Output {
        let (server, pin, dir) = (central.address.to_string(), central.authority.pin(), self.data_dir());
        let dir = dir.to_str().unwrap().to_owned();
        let mut arguments = vec!["join", "--server", &server, "--token", "mcjt_secret", "--data-dir", &dir];
        if !more.contains(&"--ca-pin") {
            arguments.extend(["--ca-pin", &pin]);
        }
        arguments.extend(more);
        output(&arguments).await
    }

    /// An agent that joined.
    pub(crate) async fn joined(central: &Central) -> Self {
        let agent = Self::new();
        let output = agent.try_join(central, &[]).await;
        assert!(output.status.success(), "{}", text(&output.stderr));
        agent
    }

    /// Configures a shell script as the workload, with more lines of configuration.
    pub(crate) fn configure(&self, script: &str, more: &str) {
        let script = script.replace('\\', "\\\\").replace('"', "\\\"");
        fs::write(
            self.data_dir().join("agent.toml"),
            format!("[workload]\nkind = \"command\"\ncommand = [\"sh\", \"-c\", \"{script}\"]\n{more}\n"),
        )
        .unwrap();
    }

    pub(crate) fn run(&self) -> Running {
        self.run_with(&[])
    }

    /// Runs with more variables in the environment.
    pub(crate) fn run_with(&self, environment: &[(&str, &str)]) -> Running {
        let log = self.path("log");
        let err = fs::OpenOptions::new().create(true).append(true).open(&log).unwrap();
        let child =
            command().envs(environment.iter().copied()).arg("run").arg("--data-dir").arg(self.data_dir()).stderr(err).spawn().unwrap();
        Running { child, log }
    }
}

impl Agent {
    /// Runs below a limit of the shell's `ulimit`.
    pub(crate) fn run_limited(&self, limit: &str) -> Running {
        let log = self.path("log");
        let err = fs::OpenOptions::new().create(true).append(true).open(&log).unwrap();
        let script = format!("trap '' XFSZ; {limit}; exec \"$0\" run --data-dir \"$1\"");
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(script).arg(env!("CARGO_BIN_EXE_mc-agent")).arg(self.data_dir());
        let child = shell.env_remove("MC_LOG").stdin(Stdio::null()).stderr(err).kill_on_drop(true).spawn().unwrap();
        Running { child, log }
    }
}

impl Running {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id().unwrap()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_raw(i32::try_from(self.pid()).unwrap()).unwrap(), signal).unwrap();
    }

    /// Ends with SIGTERM.
    pub(crate) async fn stop(mut self) {
        self.signal(Signal::TERM);
        let status = tokio::time::timeout(LIMIT, self.child.wait()).await.expect("ended in time").unwrap();
        assert!(status.success(), "{status}\n{}", self.log());
    }

    /// Ends with SIGKILL.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    pub(crate) fn log(&self) -> String {
        read(&self.log)
    }
}

pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// Waits until `done` says so.
pub(crate) async fn until(what: &str, mut done: impl FnMut() -> bool) {
    let mut look = tokio::time::interval(std::time::Duration::from_millis(10));
    let waiting = async {
        while !done() {
            look.tick().await;
        }
    };
    assert!(tokio::time::timeout(LIMIT, waiting).await.is_ok(), "never happened: {what}");
}
