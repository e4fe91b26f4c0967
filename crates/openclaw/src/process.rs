//! The gateway's process as the kernel knows it: alive or not, since when, and how to signal exactly that one.
//!
//! A pid alone may be given to another process, so a process is a pid and its start time. A gateway overwrites its argument list with
//! `openclaw-gateway`: its port is not to be read there. A zombie gateway has given its lock files back, so [`find`] looks for it by
//! its title and its open database.

use std::{
    fs,
    io::{self, Read},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::Duration,
};

use mc_domain::time::Time;
use procfs::{
    FromRead,
    process::{Stat, Status},
};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

/// The gateway's title, as the kernel cuts it to 15 bytes.
const TITLE: &str = "openclaw-gatewa";

/// One process: its pid and when it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Process {
    /// The process id.
    pub pid: u32,
    /// When it started, in clock ticks since the machine's start (field 22 of `/proc/PID/stat`; the lock's `startTime`).
    pub started: u64,
}

impl Process {
    /// The living process with this pid. One that ended and waits for its parent is not alive.
    #[must_use]
    pub fn by_pid(pid: u32) -> Option<Self> {
        let stat = read::<Stat>(pid, "stat")?;
        (!matches!(stat.state, 'Z' | 'X' | 'x')).then_some(Self { pid, started: stat.starttime })
    }

    /// Whether this very process is still alive.
    #[must_use]
    pub fn is_alive(self) -> bool {
        Self::by_pid(self.pid) == Some(self)
    }

    /// When it started, by the machine's clock.
    #[must_use]
    pub fn started_at(self) -> Option<Time> {
        let boot = i64::try_from(procfs::boot_time_secs().ok()?).ok()?;
        let micros = u128::from(self.started) * 1_000_000 / u128::from(procfs::ticks_per_second().max(1));
        Some(Time::from_micros(boot.checked_mul(1_000_000)?).after(Duration::from_micros(u64::try_from(micros).ok()?)))
    }

    /// The user it runs as.
    #[must_use]
    pub fn owner(self) -> Option<u32> {
        fs::metadata(format!("/proc/{}", self.pid)).ok().map(|folder| folder.uid())
    }

    /// Whether it handles SIGUSR2. A gateway does so late in its start; before, the signal would end it.
    #[must_use]
    pub fn takes_restart_signal(self) -> bool {
        let handled = read::<Status>(self.pid, "status").map_or(0, |status| status.sigcgt);
        handled & (1 << (Signal::USR2.as_raw() - 1)) != 0
    }

    /// Sends `signal` to this very process: never to another one that was given its pid.
    ///
    /// # Errors
    /// What the kernel says; `NotFound` when the process is gone.
    pub fn signal(self, signal: Signal) -> io::Result<()> {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw).ok_or(io::ErrorKind::NotFound)?;
        let handle = pidfd_open(pid, PidfdFlags::empty()).map_err(gone)?;
        // The handle is bound now; if the pid is still ours, so is the handle.
        if !self.is_alive() {
            return Err(io::ErrorKind::NotFound.into());
        }
        pidfd_send_signal(handle, signal).map_err(gone)
    }
}

fn gone(error: rustix::io::Errno) -> io::Error {
    if error == rustix::io::Errno::SRCH { io::ErrorKind::NotFound.into() } else { error.into() }
}

fn read<T: FromRead>(pid: u32, file: &str) -> Option<T> {
    let mut text = Vec::new();
    fs::File::open(format!("/proc/{pid}/{file}")).ok()?.take(16 * 1024).read_to_end(&mut text).ok()?;
    T::from_read(text.as_slice()).ok()
}

/// Whether the process carries a gateway's title. A gateway sets it early in its start.
#[must_use]
pub fn is_titled(process: Process) -> bool {
    title(process.pid).is_some_and(|title| title == TITLE)
}

fn title(pid: u32) -> Option<String> {
    fs::read_to_string(format!("/proc/{pid}/comm")).ok().map(|text| text.trim_end().to_owned())
}

/// Searches all processes for the gateway that has `state_dir`'s database open.
#[must_use]
pub fn find(state_dir: &Path) -> Option<Process> {
    let database = fs::canonicalize(state_dir).ok()?.join("state").join("openclaw.sqlite");
    fs::read_dir("/proc")
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .filter(|pid| title(*pid).is_some_and(|title| title == TITLE) && has_open(*pid, &database))
        .find_map(Process::by_pid)
}

fn has_open(pid: u32, file: &Path) -> bool {
    fs::read_dir(format!("/proc/{pid}/fd"))
        .is_ok_and(|files| files.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok()).any(|target: PathBuf| target == file))
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_process_is_known_by_pid_and_start() {
        let me = Process::by_pid(std::process::id()).unwrap();
        assert!(me.is_alive());
        assert!(!Process { started: me.started + 1, ..me }.is_alive());
        assert!(me.started_at().unwrap() > Time::from_micros(1_600_000_000_000_000));
        assert_eq!(Process::by_pid(u32::MAX), None);
    }

    #[test]
    fn a_signal_reaches_the_process_and_a_reused_pid_is_spared() {
        let mut child = Command::new("sleep").arg("600").stdin(Stdio::null()).spawn().unwrap();
        let process = Process::by_pid(child.id()).unwrap();
        let stranger = Process { started: process.started + 1, ..process };
        assert_eq!(stranger.signal(Signal::KILL).unwrap_err().kind(), io::ErrorKind::NotFound);
        assert!(process.is_alive());
        assert!(!process.takes_restart_signal(), "sleep handles no signals");
        process.signal(Signal::KILL).unwrap();
        assert!(!child.wait().unwrap().success());
        assert_eq!(process.signal(Signal::KILL).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
