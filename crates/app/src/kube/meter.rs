//! How many requests go to a cluster: those of the last minute, counted in steps of five seconds.

use std::collections::HashMap;

use mc_domain::{name::ClusterName, time::Time};
use parking_lot::Mutex;

const STEP_SECS: i64 = 5;
const STEPS: usize = 12;

/// The counts of all clusters.
#[derive(Debug, Default)]
pub(crate) struct Meters(Mutex<HashMap<ClusterName, Meter>>);

/// The counts of one cluster's last steps, and which step each is of.
#[derive(Debug, Default)]
struct Meter([(i64, u64); STEPS]);

impl Meters {
    /// Counts one request.
    pub(crate) fn count(&self, cluster: &ClusterName, now: Time) {
        let step = now.as_secs() / STEP_SECS;
        let mut all = self.0.lock();
        if !all.contains_key(cluster) {
            all.insert(cluster.clone(), Meter::default());
        }
        let place = usize::try_from(step.rem_euclid(STEPS as i64)).unwrap_or_default();
        if let Some(slot) = all.get_mut(cluster).and_then(|meter| meter.0.get_mut(place)) {
            *slot = if slot.0 == step { (step, slot.1 + 1) } else { (step, 1) };
        }
    }

    /// The requests of the last minute.
    pub(crate) fn last_minute(&self, cluster: &ClusterName, now: Time) -> u64 {
        let step = now.as_secs() / STEP_SECS;
        let counted = |meter: &Meter| meter.0.iter().filter(|(at, _)| step - at < STEPS as i64).map(|(_, count)| count).sum();
        self.0.lock().get(cluster).map_or(0, counted)
    }

    /// A cluster that is no more is not counted any more.
    pub(crate) fn forget(&self, cluster: &ClusterName) {
        self.0.lock().remove(cluster);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_older_than_a_minute_does_not_count() {
        let (meters, cluster) = (Meters::default(), "dev".parse().expect("a name"));
        let begin = Time::from_micros(1_000_000_000_000);
        let after = |seconds| begin.after(Duration::from_secs(seconds));
        for second in 0..30 {
            meters.count(&cluster, after(second));
        }
        assert_eq!(meters.last_minute(&cluster, after(30)), 30);
        assert_eq!(meters.last_minute(&cluster, after(59)), 30);
        assert_eq!(meters.last_minute(&cluster, after(65)), 20, "the first two steps are over");
        assert_eq!(meters.last_minute(&cluster, after(300)), 0);
        meters.count(&cluster, after(300));
        assert_eq!(meters.last_minute(&cluster, after(300)), 1, "a place is used again");
        meters.forget(&cluster);
        assert_eq!(meters.last_minute(&cluster, after(300)), 0);
    }
}
