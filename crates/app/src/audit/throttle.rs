//! What outsiders, and agents in a loop, may write into the trail: the first few of a kind each, then how many more there were.
//!
//! Nothing is lost from the account: entries that are held back are counted, and the last of them is written with the count when its time is
//! over. Memory is bounded: beyond so many subjects all share one.

use std::{collections::HashMap, time::Duration};

use mc_domain::{
    actor::ActorKind,
    audit::{AuditEntry, AuditResult},
    time::Time,
};
use parking_lot::Mutex;

/// Subjects told apart.
const SUBJECTS_MAX: usize = 10_000;

/// How much of a kind is written one by one.
#[derive(Debug, Clone, Copy)]
struct Measure {
    burst: u32,
    within: Duration,
}

/// Connections of one agent.
const LINKS: Measure = Measure { burst: 12, within: Duration::from_secs(600) };
/// Refusals of one kind to one caller.
const REFUSALS: Measure = Measure { burst: 30, within: Duration::from_secs(60) };
/// Refusals of one kind to callers that nobody knows, from anywhere.
const STRANGERS: Measure = Measure { burst: 600, within: Duration::from_secs(60) };

#[derive(Debug)]
struct Subject {
    since: Time,
    within: Duration,
    written: u32,
    held: u32,
    last: Option<AuditEntry>,
}

/// Counts by subject.
#[derive(Debug, Default)]
pub(crate) struct Throttle(Mutex<HashMap<String, Subject>>);

impl Throttle {
    /// The entry, when it is to be written now; with the count of those held back before it.
    pub(crate) fn admit(&self, entry: AuditEntry) -> Option<AuditEntry> {
        let linked = matches!(entry.action.as_str(), "agent_connect" | "agent_disconnect") && entry.actor_kind == ActorKind::Agent;
        let address = entry.address.as_deref().unwrap_or_default();
        let who = entry.actor_id.as_deref().unwrap_or(address);
        let key = format!("{} {} {} {who}", entry.action, entry.result.as_str(), entry.actor_kind.as_str());
        let mut subjects = self.0.lock();
        if entry.actor_kind == ActorKind::Nobody {
            let all = format!("{} {} nobody at all", entry.action, entry.result.as_str());
            return admit(&mut subjects, key, REFUSALS, entry).and_then(|entry| admit(&mut subjects, all, STRANGERS, entry));
        }
        admit(&mut subjects, key, if linked { LINKS } else { REFUSALS }, entry)
    }

    /// What was held back by subjects whose time is over, or by all of them.
    pub(crate) fn due(&self, now: Time, all: bool) -> Vec<AuditEntry> {
        let mut due = Vec::new();
        self.0.lock().retain(|_, subject| {
            let over = all || now.since(subject.since) >= subject.within;
            if over {
                due.extend(subject.last.take().map(|last| with_count(last, subject.held, "the last of")));
            }
            !over
        });
        due
    }
}

fn admit(subjects: &mut HashMap<String, Subject>, key: String, measure: Measure, entry: AuditEntry) -> Option<AuditEntry> {
    let key = if subjects.len() < SUBJECTS_MAX || subjects.contains_key(&key) { key } else { String::new() };
    let fresh = || Subject { since: entry.at, within: measure.within, written: 0, held: 0, last: None };
    let subject = subjects.entry(key).or_insert_with(fresh);
    let mut before = None;
    if entry.at.since(subject.since) >= subject.within {
        before = subject.last.take().map(|_| subject.held);
        *subject = fresh();
    }
    if subject.written < measure.burst {
        subject.written += 1;
        return Some(match before {
            Some(held) => with_count(entry, held, "after"),
            None => entry,
        });
    }
    subject.held = subject.held.saturating_add(1);
    subject.last = Some(entry);
    None
}

fn with_count(mut entry: AuditEntry, held: u32, how: &str) -> AuditEntry {
    let gap = if entry.detail.is_empty() { "" } else { "; " };
    entry.detail = format!("{}{gap}{how} {held} more like it that are not written one by one", entry.detail);
    entry
}

/// Whether entries like this can be caused at will by somebody who is not allowed anything.
pub(crate) fn is_throttled(entry: &AuditEntry) -> bool {
    entry.actor_kind == ActorKind::Nobody
        || entry.result == AuditResult::Denied
        || (entry.actor_kind == ActorKind::Agent
            && matches!(entry.action.as_str(), "agent_connect" | "agent_disconnect" | "agent_protocol_error"))
}

#[cfg(test)]
mod tests {
    use mc_domain::{actor::Actor, ctx::Ctx, id::AgentId};

    use super::*;

    fn at(second: u64) -> Time {
        Time::from_micros(0).after(Duration::from_secs(second))
    }

    fn connect(agent: AgentId, second: u64) -> AuditEntry {
        let ctx = Ctx::system(at(second)).acting_as(Actor::Agent { id: agent, name: "web".to_owned() });
        AuditEntry::new(&ctx, ctx.now, "agent_connect", AuditResult::Ok)
    }

    fn refused(address: &str, second: u64) -> AuditEntry {
        let ctx = Ctx { address: Some(address.to_owned()), ..Ctx::system(at(second)).acting_as(Actor::Nobody) };
        AuditEntry::new(&ctx, ctx.now, "login", AuditResult::Failed).detail("wrong")
    }

    #[test]
    fn an_agent_in_a_loop_is_summarised_and_its_neighbour_is_not() {
        let (throttle, looping, quiet) = (Throttle::default(), AgentId::new(), AgentId::new());
        let written = (0..500).filter_map(|second| throttle.admit(connect(looping, second))).count();
        assert_eq!(written, 12);
        assert!(throttle.admit(connect(quiet, 500)).is_some());
        assert_eq!(throttle.due(at(599), false), [], "its time is not over");
        let due = throttle.due(at(600), false);
        assert_eq!(due.len(), 1);
        assert!(due[0].detail.contains("the last of 488 more"), "{}", due[0].detail);
        assert_eq!(throttle.due(at(2_000), true), [], "and nothing twice");
    }

    #[test]
    fn the_next_one_tells_what_was_held_back() {
        let throttle = Throttle::default();
        (0..40).for_each(|_| drop(throttle.admit(refused("192.0.2.1", 0))));
        let next = throttle.admit(refused("192.0.2.1", 61)).expect("a new minute");
        assert_eq!(next.detail, "wrong; after 10 more like it that are not written one by one");
    }

    #[test]
    fn strangers_from_everywhere_are_bounded_and_so_is_memory() {
        let throttle = Throttle::default();
        let written = (0..20_000).filter_map(|n| throttle.admit(refused(&format!("192.0.{}.{}", n / 256, n % 256), 0))).count();
        assert!(written <= 600, "{written}");
        assert!(throttle.0.lock().len() <= SUBJECTS_MAX + 2);
        let held: usize = throttle.due(at(60), false).len();
        assert!(held >= 1);
    }
}
