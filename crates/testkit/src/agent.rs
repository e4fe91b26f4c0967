//! The real agent: joined to a server with a token of its own, with a data directory of its own, ended when dropped.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use mc_client::Client;
use rustix::process::Signal;
use tempfile::TempDir;
use tokio::process::Command;

use crate::{
    program::{OURS, Program, binary, run},
    server::{Server, agent_becomes, join_token},
};

/// How long an agent that is dropped may take to end its workload.
const GOODBYE: Duration = Duration::from_secs(10);

/// An agent and its data directory.
#[derive(Debug)]
pub struct Agent {
    name: String,
    program: Option<Program>,
    dir: TempDir,
}

impl Agent {
    /// Joins under `name`, runs with this configuration (TOML), and waits until the server sees it connected.
    ///
    /// # Errors
    /// When it cannot join or does not connect; the error holds what it said.
    pub async fn start(server: &Server, admin: &Client, name: &str, config: &str) -> Result<Self> {
        let mut agent = Self::join(server, admin, name, config).await?;
        agent.run()?;
        agent_becomes(admin, name, |agent| agent.connected).await?;
        Ok(agent)
    }

    /// Joins without running.
    ///
    /// # Errors
    /// When it cannot join; the error holds what it said.
    pub async fn join(server: &Server, admin: &Client, name: &str, config: &str) -> Result<Self> {
        let dir = tempfile::Builder::new().prefix("mc-agent-").tempdir()?;
        let token = join_token(admin).await?;
        let mut command = command()?;
        command.args(["join", "--name", name, "--server", &server.agent_address().to_string(), "--ca-pin", &token.ca_pin]);
        // In the environment rather than the arguments, where every user of the machine could read it.
        command.env("MC_JOIN_TOKEN", &token.token).arg("--data-dir").arg(dir.path().join("data"));
        let done = run(&mut command, "").await?;
        ensure!(done.status.success(), "{name} cannot join: {}", String::from_utf8_lossy(&done.stderr));
        fs::write(dir.path().join("agent.toml"), config)?;
        Ok(Self { name: name.to_owned(), program: None, dir })
    }

    /// Runs it.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn run(&mut self) -> Result<()> {
        let mut command = command()?;
        command.arg("run").arg("--data-dir").arg(self.data_dir()).arg("--config").arg(self.dir.path().join("agent.toml"));
        self.program = Some(Program::start("mc-agent", &mut command)?);
        Ok(())
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A folder that is its own, for its workload's files too.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Its data directory.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// What it printed since it was started last.
    #[must_use]
    pub fn log(&self) -> String {
        self.program.as_ref().map(Program::log).unwrap_or_default()
    }

    /// Ends it in order: it says goodbye.
    ///
    /// # Errors
    /// When it does not run, or does not end.
    pub async fn stop(&mut self) -> Result<()> {
        if let Some(mut program) = self.program.take() {
            program.stop().await?;
        }
        Ok(())
    }

    /// Ends it at once, as a crash does. Its workload may live on.
    ///
    /// # Errors
    /// When it cannot be ended.
    pub async fn kill(&mut self) -> Result<()> {
        if let Some(mut program) = self.program.take() {
            program.kill().await?;
        }
        Ok(())
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // Killed outright it would leave its workload behind, so it is asked first.
        let Some(program) = &mut self.program else { return };
        let asked = Instant::now();
        if program.signal(Signal::TERM).is_ok() {
            while program.is_running() && asked.elapsed() < GOODBYE {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }
}

fn command() -> Result<Command> {
    let mut command = Command::new(binary("mc-agent")?);
    for variable in OURS {
        command.env_remove(variable);
    }
    Ok(command)
}
