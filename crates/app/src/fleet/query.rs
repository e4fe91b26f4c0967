//! Listing agents: filters, order, pages, facets. All of it in memory, over ten thousand agents in a few milliseconds.

use std::{cmp::Ordering, collections::HashMap, time::Duration};

use mc_domain::{action, agent::AgentStatus, ctx::Ctx, id::AgentId, time::Time, workload::AgentKind};

use super::view::AgentView;
use crate::{App, access::Sight, error::AppError};

/// Which agents, in which order.
#[derive(Debug, Clone, Default)]
pub struct AgentQuery {
    /// Part of the name, hostname, id, session id or a tag; any case.
    pub q: String,
    /// Any of these; empty: all.
    pub status: Vec<AgentStatus>,
    /// Any of these; empty: all.
    pub kind: Vec<AgentKind>,
    /// All of these.
    pub tag: Vec<String>,
    /// Any of these; empty: all.
    pub version: Vec<String>,
    /// Heard within this time.
    pub seen_within: Option<Duration>,
    /// In which order.
    pub sort: Sort,
    /// The other way round.
    pub descending: bool,
    /// Where the last page ended.
    pub cursor: Option<Cursor>,
    /// Agents a page.
    pub limit: usize,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// By name.
    #[default]
    Name,
    /// Most urgent first.
    Status,
    /// By kind.
    Kind,
    /// Least CPU first.
    Cpu,
    /// Least memory first.
    Memory,
    /// Longest silent first.
    Seen,
}

/// Where a page ended: after this agent, or at this place if the agent is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The last agent of the page before.
    pub after: AgentId,
    /// How many came before the next page.
    pub place: usize,
}

/// One page of agents.
#[derive(Debug)]
pub struct AgentPage {
    /// The agents.
    pub agents: Vec<AgentView>,
    /// Where to go on; `None` at the end.
    pub next: Option<Cursor>,
    /// How many match in all.
    pub total: usize,
}

/// How many agents have each value of a facet.
#[derive(Debug, Default)]
pub struct Facets {
    /// By status.
    pub status: Vec<(String, u64)>,
    /// By kind.
    pub kind: Vec<(String, u64)>,
    /// By tag, most used first.
    pub tag: Vec<(String, u64)>,
    /// By version.
    pub version: Vec<(String, u64)>,
}

/// The most tags a facet shows.
const TAGS_SHOWN: usize = 200;

impl App {
    /// One page of the agents that match.
    ///
    /// # Errors
    /// When the caller may not.
    pub fn agent_list(&self, ctx: &Ctx, query: &AgentQuery) -> Result<AgentPage, AppError> {
        let (_, sight) = self.permit_seen::<action::AgentList>(ctx)?;
        Ok(self.inventory.with_all(|all| match sight {
            Sight::All => page(query, ctx.now, all),
            Sight::Only(_) => page(query, ctx.now, &mut all.filter(|view| sight.sees(view.agent.id))),
        }))
    }

    /// Counts over what the caller may see of the fleet.
    ///
    /// # Errors
    /// When the caller may not.
    pub fn agent_facets(&self, ctx: &Ctx) -> Result<Facets, AppError> {
        let (_, sight) = self.permit_seen::<action::AgentList>(ctx)?;
        let (mut status, mut kind, mut tag, mut version) = (HashMap::new(), HashMap::new(), HashMap::new(), HashMap::new());
        self.inventory.each(|view| {
            if !sight.sees(view.agent.id) {
                return;
            }
            *status.entry(view.status.as_str().to_owned()).or_insert(0) += 1;
            *kind.entry(view.agent.kind.as_str().to_owned()).or_insert(0) += 1;
            *version.entry(view.agent.identity.version.clone()).or_insert(0) += 1;
            for label in &view.agent.tags {
                *tag.entry(label.to_string()).or_insert(0) += 1;
            }
        });
        let mut tag = sorted(tag);
        tag.truncate(TAGS_SHOWN);
        Ok(Facets { status: sorted(status), kind: sorted(kind), tag, version: sorted(version) })
    }
}

/// Most used first, then by name.
fn sorted(counts: HashMap<String, u64>) -> Vec<(String, u64)> {
    let mut counts: Vec<_> = counts.into_iter().filter(|(value, _)| !value.is_empty()).collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts
}

fn page(query: &AgentQuery, now: Time, all: &mut dyn Iterator<Item = &AgentView>) -> AgentPage {
    let needle = query.q.trim().to_lowercase();
    let mut found: Vec<&AgentView> = all.filter(|view| matches(query, &needle, view, now)).collect();
    let total = found.len();
    let order = |a: &&AgentView, b: &&AgentView| {
        let order = compare(query.sort, a, b);
        let order = if query.descending { order.reverse() } else { order };
        order.then_with(|| a.agent.name.cmp(&b.agent.name))
    };
    let last = query.cursor.and_then(|cursor| found.iter().find(|view| view.agent.id == cursor.after).copied());
    if let Some(last) = last {
        found.retain(|view| order(view, &last).is_gt());
    }
    // When the last agent is gone, its place is what is left to go by.
    let skip = query.cursor.filter(|_| last.is_none()).map_or(0, |cursor| cursor.place);
    let from = total - found.len() + skip.min(total);
    // Only what is shown gets sorted: most lists are one page of many.
    let shown = skip.saturating_add(query.limit);
    if shown < found.len() {
        found.select_nth_unstable_by(shown, order);
        found.truncate(shown);
    }
    found.sort_unstable_by(order);
    let agents: Vec<AgentView> = found.iter().skip(skip).take(query.limit).map(|view| (*view).clone()).collect();
    let place = from + agents.len();
    let next = agents.last().filter(|_| place < total).map(|last| Cursor { after: last.agent.id, place });
    AgentPage { agents, next, total }
}

fn matches(query: &AgentQuery, needle: &str, view: &AgentView, now: Time) -> bool {
    let agent = &view.agent;
    (query.status.is_empty() || query.status.contains(&view.status))
        && (query.kind.is_empty() || query.kind.contains(&agent.kind))
        && query.tag.iter().all(|wanted| agent.tags.iter().any(|tag| tag.as_str() == wanted))
        && (query.version.is_empty() || query.version.contains(&agent.identity.version))
        && query
            .seen_within
            .is_none_or(|within| view.link.connected || view.link.last_seen_at.is_some_and(|seen| now.since(seen) <= within))
        && (needle.is_empty() || mentions(view, needle))
}

fn mentions(view: &AgentView, needle: &str) -> bool {
    let agent = &view.agent;
    agent.name.as_str().contains(needle)
        || contains_any_case(&agent.identity.hostname, needle)
        || agent.tags.iter().any(|tag| tag.as_str().contains(needle))
        || (could_be_id(needle) && is_id(view, needle))
}

fn could_be_id(needle: &str) -> bool {
    needle.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

fn is_id(view: &AgentView, needle: &str) -> bool {
    view.agent.id.to_string().starts_with(needle) || view.link.instance.is_some_and(|instance| instance.to_string().starts_with(needle))
}

/// Whether `text` contains `needle`, which is in lower case. Copies `text` only when it is not.
fn contains_any_case(text: &str, needle: &str) -> bool {
    if text.chars().any(char::is_uppercase) { text.to_lowercase().contains(needle) } else { text.contains(needle) }
}

fn compare(sort: Sort, a: &AgentView, b: &AgentView) -> Ordering {
    let stat = |view: &AgentView, of: fn(&super::view::Stats) -> f64| view.stats.as_ref().map_or(-1.0, of);
    match sort {
        Sort::Name => a.agent.name.cmp(&b.agent.name),
        Sort::Status => a.status.cmp(&b.status),
        Sort::Kind => a.agent.kind.cmp(&b.agent.kind),
        Sort::Cpu => stat(a, |s| s.cpu_percent).total_cmp(&stat(b, |s| s.cpu_percent)),
        Sort::Memory => stat(a, |s| s.memory_used_bytes).total_cmp(&stat(b, |s| s.memory_used_bytes)),
        Sort::Seen => seen(a).cmp(&seen(b)),
    }
}

/// When heard last; linked agents count as heard now.
fn seen(view: &AgentView) -> (bool, Option<Time>) {
    (view.link.connected, view.link.last_seen_at.filter(|_| !view.link.connected))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use mc_domain::{
        agent::{Agent, Credential, Identity, Link},
        workload::Workload,
    };
    use mc_policy::Resource as _;
    use proptest::prelude::*;

    use super::*;
    use crate::fleet::view::{CpuHistory, Stats};

    fn view(name: &str, cpu: Option<u8>) -> AgentView {
        let agent = Agent {
            id: AgentId::new(),
            name: name.parse().expect("a name"),
            kind: AgentKind::Host,
            identity: Identity::default(),
            tags: Vec::new(),
            credential: Credential::ApiKey { hash: String::new(), prefix: String::new() },
            joined_at: Time::default(),
            owner: None,
            last_seen_at: None,
            goodbye_at: None,
            workload: Workload::default(),
            removed_at: None,
        };
        let link = Link {
            connected: false,
            since: Time::default(),
            last_seen_at: None,
            address: None,
            instance: None,
            unexpected: false,
            clock_skew_ms: 0,
        };
        let stats = cpu.map(|cpu| Stats { cpu_percent: cpu.into(), memory_used_bytes: 0.0, memory_total_bytes: 0.0 });
        AgentView {
            target: Arc::new(agent.target()),
            agent: Arc::new(agent),
            link,
            status: AgentStatus::Offline,
            status_since: Time::default(),
            stats,
            cpu: CpuHistory::default(),
        }
    }

    fn names(agents: &[AgentView]) -> Vec<String> {
        agents.iter().map(|view| view.agent.name.to_string()).collect()
    }

    proptest! {
        /// Whatever the order and the page's size, the pages together are the whole list in order, each agent once.
        #[test]
        fn pages_are_the_list(cpus in proptest::collection::vec(proptest::option::of(0u8..4), 0..40), limit in 1usize..9, by_cpu: bool, descending: bool) {
            let fleet: Vec<AgentView> = cpus.iter().enumerate().map(|(n, cpu)| view(&format!("a{n:02}"), *cpu)).collect();
            let sort = if by_cpu { Sort::Cpu } else { Sort::Name };
            let whole = page(&AgentQuery { sort, descending, limit: 1_000, ..AgentQuery::default() }, Time::default(), &mut fleet.iter());
            let (mut together, mut cursor) = (Vec::new(), None);
            loop {
                let query = AgentQuery { sort, descending, limit, cursor, ..AgentQuery::default() };
                let part = page(&query, Time::default(), &mut fleet.iter());
                prop_assert_eq!(part.total, fleet.len());
                prop_assert!(part.agents.len() <= limit);
                together.extend(names(&part.agents));
                cursor = part.next;
                if cursor.is_none() { break }
            }
            prop_assert_eq!(together, names(&whole.agents));
        }
    }

    #[test]
    fn a_page_goes_on_by_its_place_when_its_last_agent_is_gone() {
        let mut fleet: Vec<AgentView> = ["a", "b", "c", "d"].map(|name| view(name, None)).into();
        let query = AgentQuery { limit: 2, ..AgentQuery::default() };
        let first = page(&query, Time::default(), &mut fleet.iter());
        fleet.retain(|view| view.agent.name.as_str() != "b");
        let second = page(&AgentQuery { cursor: first.next, ..query }, Time::default(), &mut fleet.iter());
        assert_eq!(names(&second.agents), ["d"]);
    }
}
