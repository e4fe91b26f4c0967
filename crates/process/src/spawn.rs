//! Starting a command: argument array, own process group, output as lines. No shell is involved.

use std::{io, path::PathBuf, process::Stdio};

use mc_domain::log::LINE_MAX_BYTES;
use tokio::{
    process::{Child, Command},
    sync::mpsc,
};

use crate::lines::{OutputLine, Stream, pump};

/// What to start.
#[derive(Clone, Default)]
pub struct Program {
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// Where it runs; the supervisor's own folder when absent.
    pub dir: Option<PathBuf>,
    /// Variables set on top of the supervisor's environment. May hold secrets: never printed.
    pub env: Vec<(String, String)>,
    /// Variables of the supervisor's environment that are none of the program's business.
    pub env_remove: Vec<String>,
}

impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Program").field("title", &crate::title::title(&self.argv)).field("dir", &self.dir).finish_non_exhaustive()
    }
}

/// Why a program could not be started, in one line.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    /// There is no program in the command.
    #[error("the command is empty")]
    Empty,
    /// The folder to run in is not there.
    #[error("the folder {} does not exist: create it or change workload.dir", .0.display())]
    NoFolder(PathBuf),
    /// The program is not there or may not be run.
    #[error("cannot start {program}: {source}")]
    Start {
        /// The program.
        program: String,
        /// What the system says.
        source: io::Error,
    },
}

/// Starts `program` as the leader of a new process group and sends what it prints to `lines`.
///
/// # Errors
/// When the folder or the program is not there, or may not be run.
pub fn spawn(program: &Program, mark: (&str, &str), lines: &mpsc::Sender<OutputLine>) -> Result<Child, SpawnError> {
    let (name, arguments) = program.argv.split_first().ok_or(SpawnError::Empty)?;
    let mut command = Command::new(name);
    if let Some(dir) = &program.dir {
        if !dir.is_dir() {
            return Err(SpawnError::NoFolder(dir.clone()));
        }
        command.current_dir(dir);
    }
    for unwanted in &program.env_remove {
        command.env_remove(unwanted);
    }
    command.args(arguments).envs(program.env.iter().map(|(name, value)| (name, value))).env(mark.0, mark.1);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0).kill_on_drop(true);
    let mut child = command.spawn().map_err(|source| SpawnError::Start { program: name.clone(), source })?;
    if let Some(out) = child.stdout.take() {
        tokio::spawn(pump(out, Stream::Stdout, LINE_MAX_BYTES, lines.clone()));
    }
    if let Some(err) = child.stderr.take() {
        tokio::spawn(pump(err, Stream::Stderr, LINE_MAX_BYTES, lines.clone()));
    }
    Ok(child)
}
