//! The machine: what it is, and its CPU, memory, disk, network, load and uptime.

use std::{path::PathBuf, time::Duration};

use mc_domain::{
    metric::{Metric, Sample},
    time::Time,
};
use procfs::{Current, CurrentSI};
use tokio::time::Instant;

/// How often the machine is measured.
pub(crate) const EVERY: Duration = Duration::from_secs(15);
const SECTOR_BYTES: u64 = 512;

/// The machine's name.
pub(crate) fn hostname() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// `linux 6.12.3`.
pub(crate) fn system() -> String {
    let uname = rustix::system::uname();
    format!("{} {}", uname.sysname().to_string_lossy().to_lowercase(), uname.release().to_string_lossy())
}

/// `x86_64`.
pub(crate) fn architecture() -> String {
    rustix::system::uname().machine().to_string_lossy().into_owned()
}

/// Counters that only grow.
#[derive(Debug, Clone, Copy, Default)]
struct Counters {
    busy_ticks: u64,
    all_ticks: u64,
    received: u64,
    sent: u64,
    read: u64,
    written: u64,
}

/// Measures the machine; rates are since the measurement before.
#[derive(Debug)]
pub(crate) struct Host {
    disk_of: PathBuf,
    before: Counters,
    at: Instant,
}

/// One measurement: `None` where the system does not tell.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Measured {
    pub(crate) cpu_percent: Option<f64>,
    pub(crate) memory: Option<(u64, u64)>,
    pub(crate) disk: Option<(u64, u64)>,
    pub(crate) load: Option<f64>,
    pub(crate) uptime: Option<f64>,
    network: Option<(f64, f64)>,
    disk_rate: Option<(f64, f64)>,
}

impl Host {
    /// Begins to measure; the disk is the one that holds `disk_of`.
    pub(crate) fn new(disk_of: PathBuf) -> Self {
        Self { disk_of, before: counters(), at: Instant::now() }
    }

    /// Measures now.
    pub(crate) fn measure(&mut self) -> Measured {
        let now = counters();
        let seconds = self.at.elapsed().as_secs_f64().max(0.001);
        let before = std::mem::replace(&mut self.before, now);
        self.at = Instant::now();
        let rate = |new: u64, old: u64| real(new.saturating_sub(old)) / seconds;
        let ticks = now.all_ticks.saturating_sub(before.all_ticks);
        let busy = now.busy_ticks.saturating_sub(before.busy_ticks);
        Measured {
            cpu_percent: (ticks > 0).then(|| (real(busy) / real(ticks) * 100.0).min(100.0)),
            memory: procfs::Meminfo::current().ok().map(|memory| {
                let available = memory.mem_available.unwrap_or(memory.mem_free);
                (memory.mem_total.saturating_sub(available), memory.mem_total)
            }),
            disk: rustix::fs::statvfs(&self.disk_of).ok().map(|disk| {
                let total = disk.f_blocks.saturating_mul(disk.f_frsize);
                (total.saturating_sub(disk.f_bfree.saturating_mul(disk.f_frsize)), total)
            }),
            load: procfs::LoadAverage::current().ok().map(|load| f64::from(load.one)),
            uptime: procfs::Uptime::current().ok().map(|uptime| uptime.uptime),
            network: Some((rate(now.received, before.received), rate(now.sent, before.sent))),
            disk_rate: Some((rate(now.read, before.read), rate(now.written, before.written))),
        }
    }
}

impl Measured {
    /// As a sample, with what else was measured at that moment.
    pub(crate) fn sample(&self, at: Time, more: &[(&str, f64)]) -> Sample {
        let pair = |pair: Option<(u64, u64)>| pair.map_or((None, None), |(used, total)| (Some(real(used)), Some(real(total))));
        let rates = |pair: Option<(f64, f64)>| pair.map_or((None, None), |(first, second)| (Some(first), Some(second)));
        let ((memory_used, memory_total), (disk_used, disk_total)) = (pair(self.memory), pair(self.disk));
        let ((receive, transmit), (read, write)) = (rates(self.network), rates(self.disk_rate));
        let mine = [
            ("cpu_percent", self.cpu_percent),
            ("memory_used_bytes", memory_used),
            ("memory_total_bytes", memory_total),
            ("disk_used_bytes", disk_used),
            ("disk_total_bytes", disk_total),
            ("network_receive_bytes_per_second", receive),
            ("network_transmit_bytes_per_second", transmit),
            ("load_1m", self.load),
            ("uptime_seconds", self.uptime),
            ("disk_read_bytes_per_second", read),
            ("disk_write_bytes_per_second", write),
        ];
        let mine = mine.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let values = mine.chain(more.iter().copied()).filter_map(|(name, value)| Some((Metric::by_name(name)?, value))).collect();
        Sample { at, values }
    }

    /// In one line for people: `cpu 12 %, memory 1.2 of 8.0 GB, disk 40 %, load 0.30, up 3 days`.
    pub(crate) fn in_words(&self) -> String {
        let mut parts = Vec::new();
        parts.extend(self.cpu_percent.map(|cpu| format!("cpu {cpu:.0} %")));
        parts.extend(self.memory.map(|(used, total)| format!("memory {:.1} of {:.1} GB", real(used) / 1e9, real(total) / 1e9)));
        parts.extend(
            self.disk.filter(|(_, total)| *total > 0).map(|(used, total)| format!("disk {:.0} %", real(used) / real(total) * 100.0)),
        );
        parts.extend(self.load.map(|load| format!("load {load:.2}")));
        parts.extend(self.uptime.map(|up| format!("up {}", up_for(Duration::from_secs_f64(up.max(0.0))))));
        parts.join(", ")
    }
}

/// A duration in its largest whole unit: `3 days`, `5 h`, `12 min`, `8 s`.
pub(crate) fn up_for(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..=119 => format!("{seconds} s"),
        seconds @ 120..=7_199 => format!("{} min", seconds / 60),
        seconds @ 7_200..=172_799 => format!("{} h", seconds / 3_600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

fn counters() -> Counters {
    let mut counters = Counters::default();
    if let Ok(stat) = procfs::KernelStats::current() {
        let cpu = stat.total;
        let more = |value: Option<u64>| value.unwrap_or(0);
        counters.busy_ticks = cpu.user + cpu.nice + cpu.system + more(cpu.irq) + more(cpu.softirq) + more(cpu.steal);
        counters.all_ticks = counters.busy_ticks + cpu.idle + more(cpu.iowait);
    }
    if let Ok(devices) = procfs::net::dev_status() {
        for device in devices.values().filter(|device| device.name != "lo") {
            counters.received = counters.received.saturating_add(device.recv_bytes);
            counters.sent = counters.sent.saturating_add(device.sent_bytes);
        }
    }
    if let Ok(disks) = procfs::diskstats() {
        for disk in disks.iter().filter(|disk| is_whole_disk(&disk.name)) {
            counters.read = counters.read.saturating_add(disk.sectors_read.saturating_mul(SECTOR_BYTES));
            counters.written = counters.written.saturating_add(disk.sectors_written.saturating_mul(SECTOR_BYTES));
        }
    }
    counters
}

/// Partitions and stacked devices would count the same bytes twice.
fn is_whole_disk(name: &str) -> bool {
    let stacked = ["loop", "ram", "dm-", "md", "zram", "sr"].iter().any(|prefix| name.starts_with(prefix));
    let numbered = name.ends_with(|c: char| c.is_ascii_digit());
    let by_namespace = name.starts_with("nvme") || name.starts_with("mmcblk");
    !stacked && if by_namespace { !name.contains('p') } else { !numbered }
}

#[expect(clippy::cast_precision_loss, reason = "measurements need no more than 53 bits")]
pub(crate) const fn real(value: u64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_measured() {
        let mut host = Host::new(PathBuf::from("/"));
        // Two ticks of work, so that there is something to divide by.
        let begun = std::time::Instant::now();
        while begun.elapsed() < Duration::from_millis(50) {
            std::hint::black_box(begun.elapsed());
        }
        let measured = host.measure();
        let sample = measured.sample(Time::from_micros(1), &[("workload_processes", 3.0), ("nonsense", 1.0)]);
        let value = |name| sample.values.iter().find(|(metric, _)| Some(*metric) == Metric::by_name(name)).map(|(_, value)| *value);
        assert!(value("cpu_percent").is_some_and(|cpu| (0.0..=100.0).contains(&cpu)));
        assert!(value("memory_used_bytes") < value("memory_total_bytes"));
        assert!(value("disk_used_bytes") <= value("disk_total_bytes"));
        assert!(value("uptime_seconds").is_some_and(|up| up > 0.0));
        assert_eq!(value("workload_processes"), Some(3.0));
        assert_eq!(sample.values.len(), 12);
        assert!(measured.in_words().contains("memory "), "{}", measured.in_words());
    }

    #[test]
    fn disks_are_counted_once() {
        let whole: Vec<_> = ["sda", "sda1", "nvme0n1", "nvme0n1p2", "vda", "dm-0", "loop3", "mmcblk0", "mmcblk0p1"]
            .into_iter()
            .filter(|name| is_whole_disk(name))
            .collect();
        assert_eq!(whole, ["sda", "nvme0n1", "vda", "mmcblk0"]);
    }

    #[test]
    fn durations_are_short() {
        assert_eq!([5, 600, 10_000, 400_000].map(|s| up_for(Duration::from_secs(s))), ["5 s", "10 min", "2 h", "4 days"]);
    }
}
