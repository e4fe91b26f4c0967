//! What the workload's processes use.

use std::collections::HashMap;

use mc_process::group::ProcessStat;
use tokio::time::Instant;

use super::host::real;

/// Measures a changing set of processes; processor time is since the measurement before.
#[derive(Debug)]
pub(crate) struct Usage {
    /// Processor time by pid and start: a reused pid is another process.
    before: HashMap<(u32, u64), u64>,
    at: Instant,
    cores: f64,
}

impl Usage {
    /// Begins to measure.
    pub(crate) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { before: HashMap::new(), at: Instant::now(), cores: real(cores as u64) }
    }

    /// The metrics of these processes; 100 % is the whole machine.
    pub(crate) fn measure(&mut self, processes: &[ProcessStat]) -> [(&'static str, f64); 3] {
        let seconds = self.at.elapsed().as_secs_f64().max(0.001);
        self.at = Instant::now();
        let now: HashMap<_, _> = processes.iter().map(|process| ((process.pid, process.start_ticks), process.cpu_ticks)).collect();
        // A process that was not there before used all its time since.
        let ticks: u64 = now.iter().map(|(key, ticks)| ticks.saturating_sub(self.before.get(key).copied().unwrap_or(0))).sum();
        self.before = now;
        let pages: u64 = processes.iter().map(|process| process.resident_pages).sum();
        let percent = real(ticks) / real(procfs::ticks_per_second()) / seconds / self.cores * 100.0;
        [
            ("workload_cpu_percent", percent.min(100.0)),
            ("workload_memory_bytes", real(pages.saturating_mul(procfs::page_size()))),
            ("workload_processes", real(processes.len() as u64)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reused_pid_is_not_charged_for_its_predecessor() {
        let process =
            |start_ticks, cpu_ticks| ProcessStat { pid: 7, parent: 1, group: 7, zombie: false, cpu_ticks, start_ticks, resident_pages: 3 };
        let mut usage = Usage::new();
        usage.measure(&[process(1, 1_000)]);
        let [(_, cpu), (_, memory), (_, count)] = usage.measure(&[process(2, 0)]);
        assert!(cpu.abs() < f64::EPSILON, "{cpu}");
        assert_eq!((memory, count), (real(3 * procfs::page_size()), 1.0));
    }
}
