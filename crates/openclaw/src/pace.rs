//! How long to wait for what. The defaults fit a gateway on a busy two-core machine; tests shorten them.

use std::time::Duration;

/// The waits and limits of a [`crate::Gateway`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How long the port and each HTTP probe may take.
    pub probe: Duration,
    /// How long a hello or a call may take.
    pub hello: Duration,
    /// The least time between two hellos to the same boot when nothing changed.
    pub hello_every: Duration,
    /// How long a living process may have neither lock nor port before it is a zombie.
    pub zombie_after: Duration,
    /// How long a new process may take until it has its lock.
    pub first_start: Duration,
    /// How long a process that holds its lock may take until it serves.
    pub start_limit: Duration,
    /// How long a gateway that served may stay silent on an open port before it is a zombie.
    pub silent_limit: Duration,
    /// How long a restart may take in all; running work is drained first.
    pub restart_limit: Duration,
    /// How long to wait for a new process when the old one ended during a restart (a supervisor starts it again).
    pub respawn_limit: Duration,
    /// How long a killed process may take to be gone.
    pub kill_limit: Duration,
    /// The time between two looks while waiting.
    pub poll: Duration,
    /// The longest silence of a restart's progress.
    pub tell_every: Duration,
    /// The least time between two searches through all processes.
    pub search_every: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            probe: Duration::from_secs(5),
            hello: Duration::from_secs(15),
            hello_every: Duration::from_secs(60),
            zombie_after: Duration::from_secs(15),
            first_start: Duration::from_secs(180),
            start_limit: Duration::from_secs(300),
            silent_limit: Duration::from_secs(60),
            restart_limit: Duration::from_secs(420),
            respawn_limit: Duration::from_secs(60),
            kill_limit: Duration::from_secs(10),
            poll: Duration::from_millis(300),
            tell_every: Duration::from_secs(5),
            search_every: Duration::from_secs(60),
        }
    }
}
