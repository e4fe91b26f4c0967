//! The agent's configuration file: what it looks after, which logs it reads, and what its owner allows central to ask.
//!
//! Everything is optional; without a file the agent reports its machine only. Unknown keys are errors, so that a misspelt limit is
//! never a missing limit. Errors are one line and name the place.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use mc_domain::{
    command::CommandAction,
    name::{AgentName, ClusterName},
    workload::AgentKind,
};
use mc_process::policy::RestartPolicy;
use serde::Deserialize;

mod raw;

/// The file's name in the data directory, read when no other is named.
pub(crate) const FILE_NAME: &str = "agent.toml";
const SPOOL_DEFAULT_MB: u64 = 64;

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("cannot read the configuration {}: {source}", file.display())]
    Read { file: PathBuf, source: std::io::Error },
    #[error("cannot write --allow to {}: {source}; put [allow] actions there yourself", file.display())]
    Write { file: PathBuf, source: std::io::Error },
    #[error("{}:{line}:{column}: {message}", file.display())]
    At { file: PathBuf, line: usize, column: usize, message: String },
}

/// A configuration that was checked.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) name: Option<AgentName>,
    pub(crate) workload: WorkloadConfig,
    pub(crate) logs: Vec<LogFile>,
    pub(crate) allow: Allow,
    pub(crate) kubernetes: Option<KubernetesConfig>,
    pub(crate) spool_max_bytes: u64,
}

/// The cluster that is looked after.
#[derive(Debug, Clone)]
pub(crate) struct KubernetesConfig {
    /// Its name, under which people find it.
    pub(crate) cluster: ClusterName,
    /// How its API server is reached; without a file, as the pod around the agent.
    pub(crate) kubeconfig: Option<PathBuf>,
    pub(crate) allow: KubernetesAllow,
    pub(crate) kubectl: KubectlConfig,
}

/// How a kubectl is run that central asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KubectlConfig {
    /// Where it is; found on `PATH` when not said.
    pub(crate) program: Option<PathBuf>,
    /// How long it may run.
    pub(crate) time: Duration,
    /// How long one with a terminal may run.
    pub(crate) terminal_time: Duration,
    /// How much it may say.
    pub(crate) output_mb: u64,
    /// How much memory it may use.
    pub(crate) memory_mb: u64,
    /// How much processor time it may use.
    pub(crate) cpu_seconds: u64,
    /// How many may run at once.
    pub(crate) at_once: usize,
    /// What else of this machine it may read, and start programs from.
    pub(crate) readable: Vec<PathBuf>,
    /// Whether it runs where the kernel cannot keep it from this machine's files.
    pub(crate) without_landlock: bool,
}

impl Default for KubectlConfig {
    fn default() -> Self {
        Self {
            program: None,
            time: Duration::from_secs(600),
            terminal_time: Duration::from_secs(8 * 3_600),
            output_mb: 64,
            memory_mb: 1_024,
            cpu_seconds: 300,
            at_once: 8,
            readable: Vec::new(),
            without_landlock: false,
        }
    }
}

impl KubectlConfig {
    /// The program: where the configuration says, or the first on `PATH`.
    pub(crate) fn find(&self) -> Result<PathBuf, String> {
        let runs = |path: &PathBuf| path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok();
        let found = match &self.program {
            Some(named) => Some(named.clone()).filter(runs).ok_or_else(|| format!("{} is no program that can be run", named.display()))?,
            None => search_path()
                .and_then(|path| std::env::split_paths(&path).map(|dir| dir.join("kubectl")).find(runs))
                .ok_or("there is no kubectl: install it, or say in [kubernetes] where it is: kubectl = \"/path/to/kubectl\"")?,
        };
        // Links are followed here: the sandbox opens the way to one file.
        found.canonicalize().map_err(|error| format!("{}: {error}", found.display()))
    }
}

/// What central may ask the API server for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KubernetesAllow {
    /// get, list, watch.
    pub(crate) read: bool,
    /// create, update, patch, delete, deletecollection.
    pub(crate) write: bool,
    /// What opens a connection: exec, attach, portforward, proxy.
    pub(crate) connect: bool,
    /// To run a kubectl here, in a sandbox.
    pub(crate) kubectl: bool,
}

impl KubernetesAllow {
    /// What is allowed, as the configuration names it.
    pub(crate) fn names(self) -> Vec<&'static str> {
        let all = [("read", self.read), ("write", self.write), ("connect", self.connect), ("kubectl", self.kubectl)];
        all.into_iter().filter(|(_, allowed)| *allowed).map(|(name, _)| name).collect()
    }
}

/// What is looked after.
#[derive(Debug, Clone)]
pub(crate) enum WorkloadConfig {
    Host,
    Command(Start),
    Systemd { unit: String, user: bool },
    Openclaw { state_dir: PathBuf, config_path: Option<PathBuf>, start: Option<Start> },
}

/// How a command is started and stopped.
#[derive(Clone)]
pub(crate) struct Start {
    pub(crate) command: Vec<String>,
    pub(crate) dir: Option<PathBuf>,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) restart: RestartPolicy,
    pub(crate) stop_timeout: Duration,
}

impl std::fmt::Debug for Start {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Arguments and environment may hold secrets.
        f.debug_struct("Start").field("title", &mc_process::title::title(&self.command)).finish_non_exhaustive()
    }
}

/// A log file to follow.
#[derive(Debug, Clone)]
pub(crate) struct LogFile {
    pub(crate) path: PathBuf,
    pub(crate) format: LogFormat,
}

/// How the lines of a log are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// JSON where a line is an object, text otherwise.
    #[default]
    Auto,
    Text,
    Json,
}

/// What the machine's owner allows central to ask. Central cannot widen it.
#[derive(Debug, Clone)]
pub(crate) struct Allow {
    pub(crate) actions: Vec<CommandAction>,
    /// Granted, but nothing in this version makes use of it.
    pub(crate) unused: Vec<&'static str>,
}

impl Default for Allow {
    fn default() -> Self {
        Self { actions: CommandAction::ALL.to_vec(), unused: Vec::new() }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            name: None,
            workload: WorkloadConfig::Host,
            logs: Vec::new(),
            allow: Allow::default(),
            kubernetes: None,
            spool_max_bytes: SPOOL_DEFAULT_MB * 1024 * 1024,
        }
    }
}

impl Config {
    /// Reads `file`; without one, `agent.toml` in the data directory if it is there.
    pub(crate) fn load(file: Option<&Path>, data_dir: &Path) -> Result<Self, ConfigError> {
        let beside = data_dir.join(FILE_NAME);
        let file = match file {
            Some(file) => file,
            None if beside.exists() => &beside,
            None => return Ok(Self::default()),
        };
        let text = std::fs::read_to_string(file).map_err(|source| ConfigError::Read { file: file.to_owned(), source })?;
        raw::parse(&text).map_err(|problem| problem.at(file, &text))
    }

    /// The kind of agent this makes.
    pub(crate) const fn kind(&self) -> AgentKind {
        match self.workload {
            WorkloadConfig::Host => AgentKind::Host,
            WorkloadConfig::Command(_) => AgentKind::Command,
            WorkloadConfig::Systemd { .. } => AgentKind::Systemd,
            WorkloadConfig::Openclaw { .. } => AgentKind::Openclaw,
        }
    }
}

/// `PATH`, by which programs are found.
pub(crate) fn search_path() -> Option<std::ffi::OsString> {
    std::env::var_os("PATH")
}

/// Writes what central may ask as the configuration of a new agent. A configuration that is there stays as it is.
pub(crate) fn write_allow(data_dir: &Path, actions: &[CommandAction]) -> Result<(), ConfigError> {
    let file = data_dir.join(FILE_NAME);
    let names: Vec<String> = actions.iter().map(|action| format!("\"{action}\"")).collect();
    let write = || {
        std::fs::create_dir_all(data_dir)?;
        let mut out = std::fs::OpenOptions::new().write(true).create_new(true).open(&file)?;
        std::io::Write::write_all(&mut out, format!("[allow]\nactions = [{}]\n", names.join(", ")).as_bytes())
    };
    write().map_err(|source| ConfigError::Write { file: file.clone(), source })
}

#[cfg(test)]
mod tests;
