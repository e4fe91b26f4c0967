//! What a process uses, from `/proc`.

use std::time::{Duration, Instant};

use anyhow::Context;
use procfs::process::Process;

/// CPU time of a process at a moment.
struct Moment {
    at: Instant,
    ticks: u64,
}

/// A process that is watched.
pub(crate) struct Watched {
    process: Process,
    name: &'static str,
}

impl Watched {
    /// The process with this id.
    pub(crate) fn new(pid: u32, name: &'static str) -> anyhow::Result<Self> {
        let process = Process::new(i32::try_from(pid)?).with_context(|| format!("{name} (pid {pid}) is gone"))?;
        Ok(Self { process, name })
    }

    /// Memory that is resident now, in bytes.
    pub(crate) fn resident_bytes(&self) -> anyhow::Result<f64> {
        let pages = self.process.stat().with_context(|| format!("{} is gone", self.name))?.rss;
        Ok(pages as f64 * procfs::page_size() as f64)
    }

    fn moment(&self) -> anyhow::Result<Moment> {
        let stat = self.process.stat().with_context(|| format!("{} is gone", self.name))?;
        Ok(Moment { at: Instant::now(), ticks: stat.utime + stat.stime })
    }

    /// CPU used over `during`, in percent of one core.
    pub(crate) async fn cpu_percent(&self, during: Duration) -> anyhow::Result<f64> {
        let began = self.moment()?;
        tokio::time::sleep(during).await;
        let ended = self.moment()?;
        let used = (ended.ticks - began.ticks) as f64 / procfs::ticks_per_second() as f64;
        Ok(100.0 * used / ended.at.duration_since(began.at).as_secs_f64())
    }
}
