//! Metrics: what an agent measures of its machine and its workload.

use serde::{Deserialize, Serialize};

use crate::time::Time;

/// Every metric an agent may send, with its unit. A metric's place is the number that the wire and the database keep: append only.
pub const METRICS: &[(&str, &str)] = &[
    ("cpu_percent", "%"),
    ("memory_used_bytes", "B"),
    ("memory_total_bytes", "B"),
    ("disk_used_bytes", "B"),
    ("disk_total_bytes", "B"),
    ("network_receive_bytes_per_second", "B/s"),
    ("network_transmit_bytes_per_second", "B/s"),
    ("load_1m", ""),
    ("uptime_seconds", "s"),
    ("workload_cpu_percent", "%"),
    ("workload_memory_bytes", "B"),
    ("workload_processes", ""),
    ("log_lines_per_second", "1/s"),
    ("disk_read_bytes_per_second", "B/s"),
    ("disk_write_bytes_per_second", "B/s"),
];

/// A metric by its place in [`METRICS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Metric(pub u16);

impl Metric {
    /// CPU of the machine, 0 to 100 over all cores.
    pub const CPU: Self = Self(0);
    /// Memory in use.
    pub const MEMORY_USED: Self = Self(1);
    /// Memory there is.
    pub const MEMORY_TOTAL: Self = Self(2);

    /// The metric's name.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        METRICS.get(usize::from(self.0)).map(|(name, _)| *name)
    }

    /// The metric's unit.
    #[must_use]
    pub fn unit(self) -> &'static str {
        METRICS.get(usize::from(self.0)).map_or("", |(_, unit)| *unit)
    }

    /// The metric of that name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        METRICS.iter().position(|(known, _)| *known == name).and_then(|place| u16::try_from(place).ok()).map(Self)
    }
}

/// All an agent measured at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// When, corrected for the agent's clock.
    pub at: Time,
    /// Each metric once.
    pub values: Vec<(Metric, f64)>,
}

/// One point of a series: an average over a step, and its extremes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The step's beginning.
    pub at: Time,
    /// Smallest value.
    pub min: f64,
    /// Average.
    pub avg: f64,
    /// Largest value.
    pub max: f64,
}

/// The points of one metric, oldest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Which metric.
    pub metric: Metric,
    /// Its points.
    pub points: Vec<Point>,
}
