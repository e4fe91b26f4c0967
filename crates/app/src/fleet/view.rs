//! An agent as people see it: what is stored, its link, its status, its latest figures.

use std::{sync::Arc, time::Duration};

use mc_domain::{
    agent::{Agent, AgentStatus, Link},
    metric::{Metric, Sample},
    time::Time,
    workload::WorkloadState,
};
use mc_policy::Target;

/// Steps of the CPU history shown in a list's row.
pub const HISTORY_STEPS: usize = 12;
/// How long one step is.
pub const HISTORY_STEP: Duration = Duration::from_secs(300);

/// The latest figures of an agent's machine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stats {
    /// 0 to 100 over all cores.
    pub cpu_percent: f64,
    /// Memory in use.
    pub memory_used_bytes: f64,
    /// Memory there is.
    pub memory_total_bytes: f64,
}

impl Stats {
    /// From a sample; `None` when it carries none of them.
    #[must_use]
    pub fn of(sample: &Sample) -> Option<Self> {
        let value = |metric: Metric| sample.values.iter().find(|(m, _)| *m == metric).map(|(_, value)| *value);
        Some(Self {
            cpu_percent: value(Metric::CPU)?,
            memory_used_bytes: value(Metric::MEMORY_USED)?,
            memory_total_bytes: value(Metric::MEMORY_TOTAL)?,
        })
    }
}

/// CPU over the last hour: running sums of wall-clock steps.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct CpuHistory {
    /// The newest step's number since the epoch.
    newest: i64,
    /// Sum and count of each step, newest first.
    steps: [(f32, u16); HISTORY_STEPS],
}

fn step_of(at: Time) -> i64 {
    at.as_secs().div_euclid(i64::try_from(HISTORY_STEP.as_secs()).unwrap_or(300))
}

impl CpuHistory {
    /// Adds a value. Values older than the history are left out.
    pub fn add(&mut self, at: Time, percent: f64) {
        let step = step_of(at);
        if step > self.newest {
            let by = usize::try_from(step - self.newest).unwrap_or(HISTORY_STEPS).min(HISTORY_STEPS);
            self.steps.rotate_right(by);
            self.steps.iter_mut().take(by).for_each(|slot| *slot = (0.0, 0));
            self.newest = step;
        }
        if let Some(slot) = usize::try_from(self.newest - step).ok().and_then(|age| self.steps.get_mut(age)) {
            #[expect(clippy::cast_possible_truncation, reason = "a percentage needs no more than an f32")]
            let percent = percent as f32;
            slot.0 += percent;
            slot.1 = slot.1.saturating_add(1);
        }
    }

    /// Averages, oldest first, ending with the step of `now`; gaps are `None`.
    #[must_use]
    pub fn averages(&self, now: Time) -> Vec<Option<f32>> {
        let now = step_of(now).max(self.newest);
        (0..HISTORY_STEPS)
            .rev()
            .map(|age| {
                let age = i64::try_from(age).unwrap_or(0) - (now - self.newest);
                let (sum, count) = usize::try_from(age).ok().and_then(|age| self.steps.get(age)).copied()?;
                (count > 0).then(|| sum / f32::from(count))
            })
            .collect()
    }
}

/// One agent as people see it.
#[derive(Debug, Clone)]
pub struct AgentView {
    /// What is stored.
    pub agent: Arc<Agent>,
    /// The same as rules see it.
    pub target: Arc<Target>,
    /// Its link.
    pub link: Link,
    /// The one word for it.
    pub status: AgentStatus,
    /// Since when that word stands.
    pub status_since: Time,
    /// Its latest figures.
    pub stats: Option<Stats>,
    /// CPU over the last hour.
    pub cpu: CpuHistory,
}

impl AgentView {
    /// Why the status is what it is, in words; empty when all is well.
    #[must_use]
    pub fn status_detail(&self) -> String {
        let workload = &self.agent.workload;
        match self.status {
            AgentStatus::Online => String::new(),
            AgentStatus::Offline if self.link.last_seen_at.is_none() => "never connected".to_owned(),
            AgentStatus::Offline if self.link.unexpected => "offline unexpectedly".to_owned(),
            AgentStatus::Offline => "said goodbye".to_owned(),
            AgentStatus::Degraded if !self.link.connected => "connection lost, waiting for it to come back".to_owned(),
            AgentStatus::Stopped if workload.detail.is_empty() => "stopped on request".to_owned(),
            AgentStatus::Degraded | AgentStatus::Stopped => {
                let state = match workload.state {
                    WorkloadState::CrashLoop => "crash loop",
                    other => other.as_str(),
                };
                if workload.detail.is_empty() { state.to_owned() } else { format!("{state}: {}", workload.detail) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(step: i64) -> Time {
        Time::from_micros(step * 300_000_000 + 1)
    }

    #[test]
    fn history_averages_by_step_and_shows_gaps() {
        let mut history = CpuHistory::default();
        history.add(at(100), 10.0);
        history.add(at(100), 30.0);
        history.add(at(102), 50.0);
        history.add(at(101), 7.0);
        let averages = history.averages(at(103));
        assert_eq!(averages.len(), HISTORY_STEPS);
        assert_eq!(averages.get(8..), Some(&[Some(20.0), Some(7.0), Some(50.0), None][..]));
    }

    #[test]
    fn history_forgets_after_an_hour() {
        let mut history = CpuHistory::default();
        history.add(at(1), 10.0);
        history.add(at(50), 20.0);
        history.add(at(1), 10.0);
        assert_eq!(history.averages(at(50)).iter().flatten().count(), 1);
        assert_eq!(history.averages(at(90)).iter().flatten().count(), 0);
    }
}
