//! What can go wrong when a gateway is told to do something. Each text is one line that says what to do.

use std::time::Duration;

/// Why a gateway could not be restarted or killed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GatewayError {
    /// There is no process to act on.
    #[error("the gateway is not running: start it first")]
    NotRunning,
    /// It cannot take the restart signal yet.
    #[error("the gateway is still starting and cannot be told to restart: wait until it is ready")]
    StillStarting,
    /// Its configuration forbids it.
    #[error("the gateway ignores restart signals: set commands.restart to true in openclaw.json")]
    Forbidden,
    /// Somebody else is restarting it.
    #[error("the gateway is being restarted already: wait for that")]
    Busy,
    /// The kernel refused the signal.
    #[error("cannot signal pid {pid}: run the agent as the gateway's user or as root ({source})")]
    Signal {
        /// The gateway's process.
        pid: u32,
        /// What the kernel said.
        source: std::io::Error,
    },
    /// The process lives but serves no more.
    #[error("the gateway did not come back: its process lives but does not serve ({detail}); fix its configuration and restart it again")]
    Zombie {
        /// What is known of the reason.
        detail: String,
    },
    /// The process ended instead of restarting, and nobody started it again.
    #[error("the gateway ended instead of restarting ({detail}); start it again and look at its log")]
    Ended {
        /// What is known of the reason.
        detail: String,
    },
    /// It neither came back nor failed in time.
    #[error("the gateway was not ready again after {} s ({detail}); look at its log", after.as_secs())]
    TimedOut {
        /// How long was waited.
        after: Duration,
        /// How it stood at the end.
        detail: String,
    },
    /// A killed process that will not go.
    #[error("pid {pid} is still there {} s after SIGKILL: the kernel holds it, look at its disk or network file systems", after.as_secs())]
    Unkillable {
        /// The gateway's process.
        pid: u32,
        /// How long was waited.
        after: Duration,
    },
    /// The caller gave up waiting.
    #[error("no longer waiting: the gateway was told to restart and goes on doing so")]
    Cancelled,
}
