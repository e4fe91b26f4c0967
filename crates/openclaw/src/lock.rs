//! The gateway's lock files: who holds the state directory, on which port, since when.
//!
//! `STATE/tmp/openclaw-UID/gateway.state.lock` and `gateway.HASH.lock` hold JSON followed by white space. Each boot (also one within
//! the same process) writes them anew with a fresh owner id; a gateway whose restart failed gives them back. A killed gateway leaves
//! them, so a lock counts only while its process lives.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use mc_domain::time::Time;
use serde::Deserialize;

use crate::{
    files,
    process::{self, Process},
};

/// The largest lock file that is read, in bytes.
const LOCK_MAX_BYTES: u64 = 64 * 1024;
/// How many lock files are looked at.
const LOCKS_MAX: usize = 32;

/// What a lock file says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lock {
    /// The gateway's process.
    pub pid: u32,
    /// A fresh id for every boot.
    pub owner_id: Option<String>,
    /// When it was taken, RFC 3339.
    pub created_at: Option<String>,
    /// The port the gateway serves or is about to serve.
    pub port: Option<u16>,
    /// The process's start in clock ticks since the machine's start.
    pub start_time: Option<u64>,
    /// Who holds it; absent or `gateway` is a gateway, anything else a maintenance command.
    pub role: Option<String>,
}

impl Lock {
    /// Understands a lock file's text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text.trim_matches(|c: char| c.is_whitespace() || c == '\0')).ok()
    }

    /// The process that holds the lock, while it lives. `owner` is the user who owns the lock file: a process of somebody else is
    /// not the holder, or whoever can write a lock file could point an agent that runs as root at any process.
    #[must_use]
    pub fn holder(&self, owner: u32) -> Option<Process> {
        let process = Process::by_pid(self.pid).filter(|process| process.owner() == Some(owner))?;
        let same = match self.start_time {
            Some(started) => started == process.started,
            None => process::is_titled(process),
        };
        same.then_some(process)
    }

    /// What tells this boot from the one before: the owner id, or the time for gateways that write none.
    #[must_use]
    pub fn boot(&self) -> String {
        self.owner_id.clone().or_else(|| self.created_at.clone()).unwrap_or_default()
    }

    /// When it was taken.
    #[must_use]
    pub fn taken_at(&self) -> Option<Time> {
        self.created_at.as_deref()?.parse().ok()
    }

    fn is_gateway(&self) -> bool {
        self.role.as_deref().is_none_or(|role| role == "gateway")
    }
}

/// What the lock files of a state directory say together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Locks {
    /// A living gateway holds one.
    Held(Lock, Process),
    /// One is there, but the process that took it is gone.
    Stale(Lock),
    /// There is none.
    Absent,
    /// They cannot be read.
    Unreadable(ErrorKind),
}

/// Reads the lock files of `state_dir`: the living gateway's first, else a stale one.
#[must_use]
pub fn read(state_dir: &Path) -> Locks {
    let (paths, mut problem) = match lock_files(state_dir) {
        Ok(paths) => (paths, None),
        Err(kind) => (Vec::new(), Some(kind)),
    };
    let mut stale = None;
    for path in paths {
        match read_one(&path) {
            Ok(Some((lock, owner))) if lock.is_gateway() => match lock.holder(owner) {
                Some(process) => return Locks::Held(lock, process),
                None => stale = stale.or(Some(lock)),
            },
            Ok(_) => {}
            Err(kind) => problem = Some(kind),
        }
    }
    match (stale, problem) {
        (_, Some(kind)) => Locks::Unreadable(kind),
        (Some(lock), None) => Locks::Stale(lock),
        (None, None) => Locks::Absent,
    }
}

/// The lock files, the state lock (which every gateway takes) first. The gateway's user id need not be ours.
fn lock_files(state_dir: &Path) -> Result<Vec<PathBuf>, ErrorKind> {
    let mut found = Vec::new();
    for folder in names_in(&state_dir.join("tmp"))? {
        if !folder.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with("openclaw")) {
            continue;
        }
        let is_lock = |name: &str| name.starts_with("gateway.") && name.ends_with(".lock");
        found.extend(names_in(&folder)?.into_iter().filter(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(is_lock)));
    }
    found.sort_by_key(|path| !path.ends_with("gateway.state.lock"));
    found.truncate(LOCKS_MAX);
    Ok(found)
}

/// What a folder holds; nothing when it does not exist.
fn names_in(folder: &Path) -> Result<Vec<PathBuf>, ErrorKind> {
    match fs::read_dir(folder) {
        Ok(entries) => Ok(entries.filter_map(|entry| Some(entry.ok()?.path())).collect()),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(Vec::new()),
        Err(error) => Err(error.kind()),
    }
}

/// A file that vanished or is half written is no lock just now.
fn read_one(path: &Path) -> Result<Option<(Lock, u32)>, ErrorKind> {
    match files::read_owned(path, LOCK_MAX_BYTES) {
        Ok((text, owner)) => Ok(Lock::parse(&String::from_utf8_lossy(&text)).map(|lock| (lock, owner))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.kind()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn write(dir: &Path, name: &str, text: &str) {
        let folder = dir.join("tmp").join("openclaw-1000");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(name), text).unwrap();
    }

    fn text(process: Process, role: Option<&str>) -> String {
        let mut json = serde_json::json!({"pid": process.pid, "ownerId": "o-1", "cronOwnerProjection": "dynamic-default-v1",
            "createdAt": "2026-11-22T06:50:24.946Z", "configPath": "/srv/gw/openclaw.json", "port": 18789, "startTime": process.started});
        if let Some(role) = role {
            json["role"] = role.into();
        }
        format!("{json:#}\n{}", "\t \n".repeat(80))
    }

    #[test]
    fn a_padded_lock_of_a_living_process_is_held() {
        let (dir, me) = (tempfile::tempdir().unwrap(), Process::by_pid(std::process::id()).unwrap());
        assert_eq!(read(dir.path()), Locks::Absent);
        write(dir.path(), "gateway.12bb0e84.lock", &text(Process { pid: u32::MAX, started: 1 }, None));
        assert!(matches!(read(dir.path()), Locks::Stale(_)));
        write(dir.path(), "gateway.state.lock", &text(me, None));
        let Locks::Held(lock, process) = read(dir.path()) else { panic!("not held") };
        assert_eq!((process, lock.port, lock.boot().as_str()), (me, Some(18789), "o-1"));
        assert_eq!(lock.taken_at().unwrap().to_string(), "2026-11-22T06:50:24.946Z");
    }

    #[test]
    fn a_reused_pid_or_a_maintenance_command_holds_no_gateway_lock() {
        let (dir, me) = (tempfile::tempdir().unwrap(), Process::by_pid(std::process::id()).unwrap());
        write(dir.path(), "gateway.state.lock", &text(Process { started: me.started + 7, ..me }, None));
        assert!(matches!(read(dir.path()), Locks::Stale(_)));
        write(dir.path(), "gateway.state.lock", &text(me, Some("sqlite-maintenance")));
        assert_eq!(read(dir.path()), Locks::Absent);
        write(dir.path(), "gateway.state.lock", "");
        assert_eq!(read(dir.path()), Locks::Absent);
    }

    #[test]
    fn a_lock_cannot_point_at_a_process_of_another_user() {
        let me = Process::by_pid(std::process::id()).unwrap();
        let lock = Lock::parse(&text(me, None)).unwrap();
        let owner = me.owner().unwrap();
        assert_eq!(lock.holder(owner), Some(me));
        assert_eq!(lock.holder(owner + 1), None);
    }

    proptest! {
        #[test]
        fn no_lock_text_panics(text in any::<String>()) {
            let _ = Lock::parse(&text);
        }
    }
}
