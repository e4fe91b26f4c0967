//! Running a program that may do next to nothing: a helper process puts limits on itself, gives up its rights, and becomes the program.
//!
//! The helper is this program started anew, because what is to hold for the child alone must be done in the child, and before it is the
//! program. Files are the kernel's to guard (Landlock): what is not named cannot be opened, whatever the user may otherwise do. So are TCP
//! connections where the kernel is new enough. The environment and the descriptors are whoever starts the helper's to choose.

use std::{
    ffi::OsString,
    io,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible as _, NetPort, PathBeneath, PathFd, RestrictionStatus,
    Ruleset, RulesetAttr as _, RulesetCreatedAttr as _, RulesetError, RulesetStatus, Scope,
};
use rustix::process::{Resource, Rlimit, Signal};

/// The newest kernel interface that is made use of.
const NEWEST: ABI = ABI::V6;
/// Descriptors that a program may have open.
const OPEN_FILES: u64 = 512;
/// Descriptors that are tried where `/proc` does not say which there are.
const FILES_TRIED: i32 = 65_536;
/// What a program written in Go reserves without using it.
const RESERVED_BYTES: u64 = 4 << 30;
/// Devices that hold nothing of anybody's.
const DEVICES: [&str; 4] = ["/dev/null", "/dev/zero", "/dev/urandom", "/dev/random"];

/// What a program in the sandbox may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sandbox {
    /// The one folder that it may write in, and not start anything from.
    pub dir: PathBuf,
    /// Other files and folders that it may read and start programs from. The program itself is one of them already.
    pub readable: Vec<PathBuf>,
    /// The one TCP port that it may connect to.
    pub port: u16,
    /// Processor time.
    pub cpu_seconds: u64,
    /// Memory that it may write to.
    pub memory_bytes: u64,
    /// The size of a file.
    pub file_bytes: u64,
    /// Whether its standard input is a terminal of its own.
    pub terminal: bool,
    /// Whether it runs even where the kernel cannot guard files.
    pub unguarded: bool,
}

/// What the kernel can guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guard {
    /// Nothing: it has no Landlock.
    Nothing,
    /// Files.
    Files,
    /// Files and TCP connections.
    FilesAndNetwork,
}

/// Why a program was not started.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The kernel cannot guard files.
    #[error("this kernel has no Landlock, so nothing would keep the program from this machine's files")]
    Unguarded,
    /// A limit or a rule could not be set.
    #[error("cannot {0}: {1}")]
    Set(&'static str, String),
    /// The program cannot be started.
    #[error("cannot start {}: {source}", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// What this kernel can guard.
#[must_use]
pub fn guard() -> Guard {
    let handles = |ruleset: Ruleset| ruleset.create().is_ok();
    let strict = || Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
    if !strict().handle_access(AccessFs::from_all(ABI::V1)).is_ok_and(handles) {
        return Guard::Nothing;
    }
    let network = strict().handle_access(AccessNet::from_all(ABI::V4)).is_ok_and(handles);
    if network { Guard::FilesAndNetwork } else { Guard::Files }
}

/// Closes what whoever started the agent left open, and the agent would pass on: all but the three that every program has.
fn close_inherited() {
    let named = |entry: io::Result<std::fs::DirEntry>| entry.ok()?.file_name().to_str()?.parse::<i32>().ok();
    let open: Vec<i32> = match std::fs::read_dir("/proc/self/fd") {
        Ok(entries) => entries.filter_map(named).collect(),
        Err(_) => (3..FILES_TRIED).collect(),
    };
    for number in open.into_iter().filter(|number| *number > 2) {
        // One of them was the folder's own, and is closed already.
        let _ = nix::unistd::close(number);
    }
}

impl Sandbox {
    /// Becomes the program. Returns only when it could not: the process is then half shut in, and only good for saying so.
    #[must_use]
    pub fn become_program(&self, program: &Path, arguments: &[OsString]) -> SandboxError {
        if let Err(error) = self.enter(program) {
            return error;
        }
        let source = Command::new(program).args(arguments).exec();
        SandboxError::Start { program: program.to_owned(), source }
    }

    fn enter(&self, program: &Path) -> Result<(), SandboxError> {
        close_inherited();
        let failed = |what: &'static str| move |error: rustix::io::Errno| SandboxError::Set(what, error.to_string());
        // Whoever started us may be gone: then nobody would end what runs.
        rustix::process::set_parent_process_death_signal(Some(Signal::KILL)).map_err(failed("be ended with the agent"))?;
        // A session of its own, and with it a process group that can be ended as one.
        rustix::process::setsid().map_err(failed("begin a session"))?;
        if self.terminal {
            rustix::process::ioctl_tiocsctty(io::stdin()).map_err(failed("take the terminal"))?;
        }
        self.limit()?;
        rustix::thread::set_no_new_privs(true).map_err(failed("give up privileges"))?;
        let failed = |error: RulesetError| SandboxError::Set("shut the program in", error.to_string());
        let status = self.shut_in(program).map_err(failed)?;
        if status.ruleset == RulesetStatus::NotEnforced && !self.unguarded {
            return Err(SandboxError::Unguarded);
        }
        Ok(())
    }

    fn limit(&self) -> Result<(), SandboxError> {
        let limits = [
            (Resource::Cpu, self.cpu_seconds),
            (Resource::Data, self.memory_bytes),
            (Resource::As, self.memory_bytes.saturating_add(RESERVED_BYTES)),
            (Resource::Fsize, self.file_bytes),
            (Resource::Nofile, OPEN_FILES),
            (Resource::Core, 0),
        ];
        for (resource, most) in limits {
            // A limit that is lower already stays.
            let most = rustix::process::getrlimit(resource).maximum.map_or(most, |before| before.min(most));
            rustix::process::setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })
                .map_err(|error| SandboxError::Set("limit the program", error.to_string()))?;
        }
        Ok(())
    }

    fn shut_in(&self, program: &Path) -> Result<RestrictionStatus, RulesetError> {
        let look: BitFlags<AccessFs> = AccessFs::Execute | AccessFs::ReadFile | AccessFs::ReadDir;
        let work = AccessFs::from_all(NEWEST) & !(AccessFs::Execute | AccessFs::IoctlDev);
        let mut ruleset = Ruleset::default()
            .handle_access(AccessFs::from_all(NEWEST))?
            .handle_access(AccessNet::from_all(NEWEST))?
            .scope(Scope::from_all(NEWEST))?
            .create()?
            .add_rule(NetPort::new(self.port, AccessNet::ConnectTcp))?;
        let devices = DEVICES.iter().map(|device| (Path::new(device), AccessFs::ReadFile | AccessFs::WriteFile));
        let readable = self.readable.iter().map(|path| (path.as_path(), look));
        for (path, access) in devices.chain(readable).chain([(program, look), (self.dir.as_path(), work)]) {
            // What is not there cannot be opened either.
            let Ok(opened) = PathFd::new(path) else { continue };
            let access = if path.is_dir() { access } else { access & AccessFs::from_file(NEWEST) };
            ruleset = ruleset.add_rule(PathBeneath::new(opened, access))?;
        }
        ruleset.restrict_self()
    }
}
