//! Metrics.

use mc_domain::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One metric over a span.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MetricSeries {
    /// The metric: `cpu_percent`, `memory_used_bytes`, …
    pub name: String,
    /// Its unit: `%`, `B`, `B/s`, `s`, or empty.
    pub unit: String,
    /// Its points, oldest first: `[unix milliseconds, minimum, average, maximum]`.
    #[schema(value_type = Vec<Vec<f64>>)]
    pub points: Vec<(i64, f64, f64, f64)>,
}

/// Metrics of an agent over a span.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Metrics {
    /// The span's beginning.
    #[schema(value_type = String, format = DateTime)]
    pub from: Time,
    /// The span's end.
    #[schema(value_type = String, format = DateTime)]
    pub to: Time,
    /// Seconds between points.
    pub step_seconds: u64,
    /// One for each metric that has points.
    pub series: Vec<MetricSeries>,
}
