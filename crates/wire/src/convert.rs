//! Between frames and domain words. What a peer sends is outside input: sizes are cut, unknown words become the safe one.

use mc_domain::{
    agent::Identity,
    cluster::{ClusterReport, Ready},
    command::{CommandState, CommandUpdate},
    log::{LINE_MAX_BYTES, LogLevel, LogLine},
    metric::{METRICS, Metric, Sample},
    name::ClusterName,
    time::Time,
    workload::{Fact, FactState, Workload, WorkloadState},
};

use crate::v1;

/// The longest short text (names, details) kept from a frame, in bytes.
const TEXT_MAX_BYTES: usize = 500;
/// The most facts, capabilities or allowances kept from a frame.
const LIST_MAX: usize = 32;

/// `text` cut to at most `max` bytes at a character boundary, ending in `…` when it was cut; control characters but tab dropped.
#[must_use]
pub fn cut(text: &str, max: usize) -> String {
    let clean = || text.chars().filter(|c| !c.is_control() || *c == '\t');
    if text.len() <= max {
        return clean().collect();
    }
    let mut out = String::with_capacity(max);
    for c in clean() {
        if out.len() + c.len_utf8() > max.saturating_sub('…'.len_utf8()) {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

fn short(text: &str) -> String {
    cut(text, TEXT_MAX_BYTES)
}

impl From<&v1::Identity> for Identity {
    fn from(frame: &v1::Identity) -> Self {
        let list = |items: &[String]| items.iter().take(LIST_MAX).map(|item| cut(item, 64)).collect();
        Self {
            hostname: cut(&frame.hostname, 255),
            os: cut(&frame.os, 128),
            arch: cut(&frame.arch, 32),
            version: cut(&frame.version, 64),
            capabilities: list(&frame.capabilities),
            allow: list(&frame.allow),
        }
    }
}

impl From<&v1::WorkloadReport> for Workload {
    fn from(frame: &v1::WorkloadReport) -> Self {
        Self {
            state: WorkloadState::from_text(&frame.state).unwrap_or(WorkloadState::Failed),
            detail: short(&frame.detail),
            title: short(&frame.title),
            pid: (frame.pid != 0).then_some(frame.pid),
            started_at: (frame.started_at_micros != 0).then(|| Time::from_micros(frame.started_at_micros)),
            restarts: frame.restarts,
            last_exit: frame.last_exit,
            facts: frame
                .facts
                .iter()
                .take(LIST_MAX)
                .map(|fact| Fact {
                    name: cut(&fact.name, 64),
                    state: FactState::from_text(&fact.state),
                    detail: short(&fact.detail),
                    since: Time::from_micros(fact.since_micros),
                })
                .collect(),
        }
    }
}

/// A cluster's name and how it is; `None` when the name is none.
#[must_use]
pub fn cluster_report(frame: &v1::ClusterReport) -> Option<(ClusterName, ClusterReport)> {
    let ready = |count: &v1::Ready| Ready { ready: count.ready, all: count.all };
    let workloads = frame.workloads.iter().take(LIST_MAX).filter_map(|count| Some((cut(&count.kind, 64), ready(count.count.as_ref()?))));
    let report = ClusterReport {
        version: cut(&frame.version, 64),
        trouble: short(&frame.trouble),
        nodes: frame.nodes.as_ref().map(ready),
        workloads: workloads.collect(),
    };
    Some((frame.name.parse().ok()?, report))
}

/// The same for the wire.
#[must_use]
pub fn cluster_frame(name: &ClusterName, report: &ClusterReport) -> v1::ClusterReport {
    let ready = |count: &Ready| v1::Ready { ready: count.ready, all: count.all };
    v1::ClusterReport {
        name: name.to_string(),
        version: report.version.clone(),
        trouble: report.trouble.clone(),
        nodes: report.nodes.as_ref().map(ready),
        workloads: report
            .workloads
            .iter()
            .map(|(kind, count)| v1::WorkloadCount { kind: kind.clone(), count: Some(ready(count)) })
            .collect(),
    }
}

impl From<&Workload> for v1::WorkloadReport {
    fn from(workload: &Workload) -> Self {
        Self {
            state: workload.state.as_str().to_owned(),
            detail: workload.detail.clone(),
            title: workload.title.clone(),
            pid: workload.pid.unwrap_or(0),
            started_at_micros: workload.started_at.map_or(0, Time::as_micros),
            restarts: workload.restarts,
            last_exit: workload.last_exit,
            facts: workload
                .facts
                .iter()
                .map(|fact| v1::Fact {
                    name: fact.name.clone(),
                    state: fact.state.as_str().to_owned(),
                    detail: fact.detail.clone(),
                    since_micros: fact.since.as_micros(),
                })
                .collect(),
        }
    }
}

impl From<&v1::LogLine> for LogLine {
    fn from(frame: &v1::LogLine) -> Self {
        Self {
            at: Time::from_micros(frame.at_micros),
            level: LogLevel::from_number(i16::try_from(frame.level).unwrap_or(-1)),
            source: cut(&frame.source, 255),
            message: cut(&frame.message, LINE_MAX_BYTES),
        }
    }
}

impl From<&LogLine> for v1::LogLine {
    fn from(line: &LogLine) -> Self {
        Self {
            at_micros: line.at.as_micros(),
            level: u32::from(line.level.number().unsigned_abs()),
            source: line.source.clone(),
            message: line.message.clone(),
        }
    }
}

impl From<&v1::Sample> for Sample {
    fn from(frame: &v1::Sample) -> Self {
        let known = |place: u32| u16::try_from(place).ok().filter(|place| usize::from(*place) < METRICS.len()).map(Metric);
        let values = frame
            .metrics
            .iter()
            .zip(&frame.values)
            .filter(|(_, value)| value.is_finite())
            .filter_map(|(place, value)| known(*place).map(|metric| (metric, *value)))
            .take(METRICS.len())
            .collect();
        Self { at: Time::from_micros(frame.at_micros), values }
    }
}

impl From<&Sample> for v1::Sample {
    fn from(sample: &Sample) -> Self {
        Self {
            at_micros: sample.at.as_micros(),
            metrics: sample.values.iter().map(|(metric, _)| u32::from(metric.0)).collect(),
            values: sample.values.iter().map(|(_, value)| *value).collect(),
        }
    }
}

/// A command update from its frame; `None` when the id or the state is none an agent may send.
#[must_use]
pub fn command_update(frame: &v1::CommandUpdate) -> Option<CommandUpdate> {
    let state = CommandState::from_text(&frame.state)
        .filter(|state| matches!(state, CommandState::Running | CommandState::Done | CommandState::Failed | CommandState::Cancelled))?;
    Some(CommandUpdate { id: frame.command_id.parse().ok()?, state, text: cut(&frame.text, 2_000) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cut_respects_characters_and_controls() {
        assert_eq!(cut("a\u{7}b\tc", 100), "ab\tc");
        assert_eq!(cut("ääää", 6), "ä…");
        assert_eq!(cut("abc", 3), "abc");
    }

    #[test]
    fn unknown_states_are_failed_not_running() {
        let report = v1::WorkloadReport { state: "sunny".into(), ..Default::default() };
        assert_eq!(Workload::from(&report).state, WorkloadState::Failed);
    }

    #[test]
    fn an_agent_cannot_say_timed_out() {
        let frame =
            v1::CommandUpdate { command_id: mc_domain::id::CommandId::new().to_string(), state: "timed_out".into(), text: String::new() };
        assert_eq!(command_update(&frame), None);
    }
}
