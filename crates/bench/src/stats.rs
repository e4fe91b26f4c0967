//! Latencies and what is said of many of them.

use std::time::Duration;

/// Many times that something took.
#[derive(Debug, Default)]
pub(crate) struct Latencies(Vec<Duration>);

impl Latencies {
    pub(crate) fn add(&mut self, took: Duration) {
        self.0.push(took);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The value below which `percent` of them are, in milliseconds, by the nearest rank; 0 when there are none.
    pub(crate) fn percentile_ms(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let rank = (sorted.len() * percent).div_ceil(100).max(1);
        sorted.get(rank - 1).map_or(0.0, |took| took.as_secs_f64() * 1_000.0)
    }
}

impl FromIterator<Duration> for Latencies {
    fn from_iter<I: IntoIterator<Item = Duration>>(times: I) -> Self {
        Self(times.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_the_nearest_rank() {
        let hundred: Latencies = (1..=100).rev().map(Duration::from_millis).collect();
        assert!((hundred.percentile_ms(50) - 50.0).abs() < 1e-9);
        assert!((hundred.percentile_ms(99) - 99.0).abs() < 1e-9);
        assert!((hundred.percentile_ms(100) - 100.0).abs() < 1e-9);
        let one: Latencies = [Duration::from_millis(7)].into_iter().collect();
        assert!((one.percentile_ms(50) - 7.0).abs() < 1e-9);
        assert!(Latencies::default().percentile_ms(99).abs() < 1e-9);
    }
}
