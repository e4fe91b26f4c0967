//! Listing agents: filters, order, pages, facets. All of it in memory, over ten thousand agents in a few milliseconds.

use std::{cmp::Ordering, collections::HashMap, time::Duration};

use mc_domain::{action, agent::AgentStatus, ctx::Ctx, id::AgentId, permit::Everything, time::Time, workload::AgentKind};

use super::view::AgentView;
use crate::{App, error::AppError};

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
        self.permit::<_, action::AgentList>(ctx, Everything)?;
        Ok(self.inventory.with_all(|all| page(query, ctx.now, all)))
    }

    /// Counts over the whole fleet.
    ///
    /// # Errors
    /// When the caller may not.
    pub fn agent_facets(&self, ctx: &Ctx) -> Result<Facets, AppError> {
        self.permit::<_, action::AgentList>(ctx, Everything)?;
        let (mut status, mut kind, mut tag, mut version) = (HashMap::new(), HashMap::new(), HashMap::new(), HashMap::new());
        self.inventory.each(|view| {
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
    found.sort_unstable_by(|a, b| {
        let order = compare(query.sort, a, b);
        let order = if query.descending { order.reverse() } else { order };
        order.then_with(|| a.agent.name.cmp(&b.agent.name))
    });
    let total = found.len();
    let from = query
        .cursor
        .map_or(0, |cursor| found.iter().position(|view| view.agent.id == cursor.after).map_or(cursor.place.min(total), |place| place + 1));
    let agents: Vec<AgentView> = found.iter().skip(from).take(query.limit).map(|view| (*view).clone()).collect();
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
        || agent.identity.hostname.to_lowercase().contains(needle)
        || agent.tags.iter().any(|tag| tag.as_str().contains(needle))
        || agent.id.to_string().starts_with(needle)
        || view.link.instance.is_some_and(|instance| instance.to_string().starts_with(needle))
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
