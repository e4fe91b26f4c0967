//! One look at the machine: configuration, lock files, process. Reads a few small files, on a thread that may block.

use std::{io::ErrorKind, path::PathBuf};

use crate::{
    config::{self, Config, ConfigProblem},
    lock::{self, Locks},
    process::{self, Process},
};

/// Where to look, and what is known already.
#[derive(Debug, Clone)]
pub(crate) struct Whereabouts {
    pub(crate) state_dir: PathBuf,
    pub(crate) config_path: PathBuf,
    /// The process a supervisor started.
    pub(crate) expected: Option<u32>,
    /// The process seen up.
    pub(crate) up: Option<Process>,
    /// The process seen last.
    pub(crate) last: Option<Process>,
    /// Whether all processes may be searched when nothing else tells where the gateway is.
    pub(crate) may_search: bool,
}

/// What was found.
#[derive(Debug)]
pub(crate) struct Survey {
    pub(crate) config: Result<Config, ConfigProblem>,
    pub(crate) locks: Locks,
    pub(crate) process: Option<Process>,
    pub(crate) searched: bool,
}

impl Survey {
    /// Looks now.
    pub(crate) async fn take(whereabouts: Whereabouts) -> Self {
        // A look that could not be taken (the runtime is ending) tells nothing.
        tokio::task::spawn_blocking(move || look(&whereabouts)).await.unwrap_or(Self {
            config: Err(ConfigProblem::Unreadable(ErrorKind::Interrupted)),
            locks: Locks::Unreadable(ErrorKind::Interrupted),
            process: None,
            searched: false,
        })
    }
}

fn look(at: &Whereabouts) -> Survey {
    let locks = lock::read(&at.state_dir);
    let mut searched = false;
    let known = match &locks {
        Locks::Held(_, process) => Some(*process),
        // A gateway that has not taken its lock, or gave it back, is known from before or from its supervisor.
        // What was seen up comes first: a supervisor may have started it through another program.
        _ => at
            .up
            .filter(|up| up.is_alive())
            .or_else(|| at.expected.and_then(Process::by_pid))
            .or_else(|| at.last.filter(|last| last.is_alive())),
    };
    let process = known.or_else(|| {
        searched = at.may_search;
        at.may_search.then(|| process::find(&at.state_dir)).flatten()
    });
    Survey { config: config::read(&at.config_path), locks, process, searched }
}
