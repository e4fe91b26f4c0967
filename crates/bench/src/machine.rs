//! On what was measured: the machine and the commit.

use std::process::Command;

use procfs::{CpuInfo, Current, LoadAverage, Meminfo};
use serde::{Deserialize, Serialize};

/// The machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Machine {
    /// Model of its processor.
    pub(crate) cpu: String,
    /// Cores that may be used.
    pub(crate) cores: usize,
    /// Its memory.
    pub(crate) memory_bytes: u64,
    /// Name and release of the kernel.
    pub(crate) kernel: String,
}

impl Machine {
    /// This one.
    pub(crate) fn this() -> Self {
        let cpu = CpuInfo::current().ok().and_then(|info| info.model_name(0).map(str::to_owned));
        let uname = rustix::system::uname();
        Self {
            cpu: cpu.unwrap_or_else(|| "unknown".to_owned()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_bytes: Meminfo::current().map_or(0, |info| info.mem_total),
            kernel: format!("{} {}", uname.sysname().to_string_lossy(), uname.release().to_string_lossy()),
        }
    }

    /// What others do with it, when that is enough to spoil the figures: processes that wanted a core over the last minute.
    pub(crate) fn busy(&self) -> Option<f32> {
        let load = LoadAverage::current().ok()?.one;
        (load > self.cores as f32 / 2.0).then_some(load)
    }

    /// In one line.
    pub(crate) fn in_words(&self) -> String {
        format!("{} cores of {}, {} GB of memory, {}", self.cores, self.cpu, self.memory_bytes / 1_000_000_000, self.kernel)
    }
}

/// The commit that is checked out, with `-dirty` when tracked files differ from it; `unknown` outside a checkout.
pub(crate) fn commit() -> String {
    let git = |args: &[&str]| {
        let output = Command::new("git").args(args).output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let Some(hash) = git(&["rev-parse", "--short=12", "HEAD"]) else { return "unknown".to_owned() };
    let clean = git(&["status", "--porcelain", "--untracked-files=no"]).is_some_and(|changes| changes.is_empty());
    if clean { hash } else { format!("{hash}-dirty") }
}
