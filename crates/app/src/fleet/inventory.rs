//! Every agent that is not removed, in memory: presence lives here and reaches the database in batches.

use std::{collections::HashMap, sync::Arc, time::Duration};

use mc_domain::{
    agent::{self, Agent, AgentStatus, Credential, Link},
    id::{AgentId, InstanceId},
    name::AgentName,
    time::Time,
    workload::Workload,
};
use mc_hub::Arrival;
use mc_policy::Resource as _;
use mc_store::{Presence, Store};
use parking_lot::RwLock;

use super::view::{AgentView, CpuHistory, HISTORY_STEP, HISTORY_STEPS, Stats};
use crate::error::AppError;

#[derive(Default)]
struct Inner {
    agents: HashMap<AgentId, Entry>,
    names: HashMap<AgentName, AgentId>,
    /// Agents with an API key, by its hash.
    keys: HashMap<String, AgentId>,
    /// Counts changes of what rules can say of agents.
    generation: u64,
}

struct Entry {
    view: AgentView,
    /// Something of it is not in the database yet.
    unsaved: bool,
    workload_unsaved: bool,
}

/// The fleet in memory.
pub(crate) struct Inventory {
    inner: RwLock<Inner>,
    offline_after: Duration,
}

fn view_of(agent: Agent, now: Time, offline_after: Duration) -> AgentView {
    let unexpected = agent.goodbye_at.is_none() && agent.last_seen_at.is_some();
    let link = Link {
        connected: false,
        since: agent.last_seen_at.unwrap_or(agent.joined_at),
        last_seen_at: agent.last_seen_at,
        address: None,
        instance: None,
        unexpected,
        clock_skew_ms: 0,
    };
    let status = agent::status(&link, agent.workload.state, now, offline_after);
    let status_since = agent.goodbye_at.or(agent.last_seen_at).unwrap_or(agent.joined_at);
    let target = Arc::new(agent.target());
    AgentView { agent: Arc::new(agent), target, link, status, status_since, stats: None, cpu: CpuHistory::default() }
}

impl Inventory {
    pub(crate) async fn load(store: &Store, now: Time, offline_after: Duration) -> Result<Self, AppError> {
        let mut inner = Inner::default();
        for agent in store.agent_load().await? {
            inner.insert(view_of(agent, now, offline_after));
        }
        Ok(Self { inner: RwLock::new(inner), offline_after })
    }

    /// Fills in the CPU of the last hour. Nobody waits for it: the first seconds of a start belong to the agents.
    pub(crate) async fn load_history(&self, store: &Store, now: Time) -> Result<(), AppError> {
        let hour = HISTORY_STEP * u32::try_from(HISTORY_STEPS).unwrap_or(12);
        let averages = store.metric_recent_cpu(now.before(hour)).await?;
        let mut inner = self.inner.write();
        for (id, at, percent) in averages {
            if let Some(entry) = inner.agents.get_mut(&id) {
                entry.view.cpu.add(at, percent);
            }
        }
        Ok(())
    }

    pub(crate) fn find(&self, id_or_name: &str) -> Option<AgentView> {
        let inner = self.inner.read();
        let id = id_or_name.parse().ok().or_else(|| inner.names.get(&id_or_name.parse::<AgentName>().ok()?).copied())?;
        inner.agents.get(&id).map(|entry| entry.view.clone())
    }

    /// Changes whenever something does that rules can say of agents.
    pub(crate) fn generation(&self) -> u64 {
        self.inner.read().generation
    }

    /// The agent with the API key of this hash.
    pub(crate) fn key_owner(&self, hash: &str) -> Option<AgentId> {
        self.inner.read().keys.get(hash).copied()
    }

    pub(crate) fn get(&self, id: AgentId) -> Option<AgentView> {
        self.inner.read().agents.get(&id).map(|entry| entry.view.clone())
    }

    /// Calls `each` with every agent while the fleet is held still: keep it short.
    pub(crate) fn each<'a>(&self, mut each: impl FnMut(&AgentView) + 'a) {
        for entry in self.inner.read().agents.values() {
            each(&entry.view);
        }
    }

    /// Calls `read` with all agents while the fleet is held still.
    pub(crate) fn with_all<R>(&self, read: impl FnOnce(&mut dyn Iterator<Item = &AgentView>) -> R) -> R {
        read(&mut self.inner.read().agents.values().map(|entry| &entry.view))
    }

    pub(crate) fn add(&self, agent: Agent, now: Time) -> AgentView {
        let view = view_of(agent, now, self.offline_after);
        self.inner.write().insert(view.clone());
        view
    }

    pub(crate) fn remove(&self, id: AgentId) {
        let mut inner = self.inner.write();
        if let Some(entry) = inner.agents.remove(&id) {
            inner.generation += 1;
            inner.names.remove(&entry.view.agent.name);
            inner.keys.retain(|_, owner| *owner != id);
        }
    }

    /// Changes what is stored of an agent, after it was stored.
    pub(crate) fn update(&self, id: AgentId, now: Time, change: impl FnOnce(&mut Agent)) -> Option<AgentView> {
        let mut inner = self.inner.write();
        let entry = inner.agents.get_mut(&id)?;
        let before = entry.view.agent.name.clone();
        change(Arc::make_mut(&mut entry.view.agent));
        let judged_anew = entry.settle_target();
        entry.settle(now, self.offline_after);
        let view = entry.view.clone();
        inner.generation += u64::from(judged_anew);
        if view.agent.name != before {
            inner.names.remove(&before);
            inner.names.insert(view.agent.name.clone(), id);
        }
        Some(view)
    }

    /// An agent's stream began.
    pub(crate) fn arrived(&self, arrival: &Arrival, now: Time) -> Option<AgentView> {
        self.change(arrival.agent, now, |view| {
            let agent = Arc::make_mut(&mut view.agent);
            agent.identity = arrival.identity.clone();
            agent.kind = arrival.kind.unwrap_or(agent.kind);
            agent.workload = arrival.workload.clone();
            agent.goodbye_at = None;
            view.link = Link {
                connected: true,
                since: now,
                last_seen_at: Some(now),
                address: Some(arrival.address.clone()),
                instance: Some(arrival.instance),
                unexpected: false,
                clock_skew_ms: arrival.clock_skew_ms,
            };
        })
    }

    /// An agent's stream ended. `None` when another stream has taken over: one of another process, while the agent is still `linked`.
    pub(crate) fn left(&self, id: AgentId, instance: InstanceId, heard: Time, goodbye: bool, linked: bool, now: Time) -> Option<AgentView> {
        if linked && self.get(id)?.link.instance != Some(instance) {
            return None;
        }
        self.change(id, now, |view| {
            view.link.connected = false;
            view.link.since = now;
            view.link.last_seen_at = Some(heard);
            view.link.unexpected = !goodbye;
            let agent = Arc::make_mut(&mut view.agent);
            agent.goodbye_at = goodbye.then_some(now);
        })
    }

    pub(crate) fn workload(&self, id: AgentId, workload: Workload, now: Time) -> Option<AgentView> {
        let mut inner = self.inner.write();
        let entry = inner.agents.get_mut(&id)?;
        if entry.view.agent.workload == workload {
            return None;
        }
        Arc::make_mut(&mut entry.view.agent).workload = workload;
        entry.workload_unsaved = true;
        entry.settle(now, self.offline_after);
        Some(entry.view.clone())
    }

    pub(crate) fn stats(&self, id: AgentId, at: Time, stats: Stats) {
        if let Some(entry) = self.inner.write().agents.get_mut(&id) {
            entry.view.stats = Some(stats);
            entry.view.cpu.add(at, stats.cpu_percent);
        }
    }

    fn change(&self, id: AgentId, now: Time, change: impl FnOnce(&mut AgentView)) -> Option<AgentView> {
        let mut inner = self.inner.write();
        let entry = inner.agents.get_mut(&id)?;
        change(&mut entry.view);
        let judged_anew = entry.settle_target();
        entry.unsaved = true;
        entry.settle(now, self.offline_after);
        let view = entry.view.clone();
        inner.generation += u64::from(judged_anew);
        Some(view)
    }

    /// Finds agents whose status changed by time alone: lost links that have become offline.
    pub(crate) fn sweep(&self, now: Time) -> Vec<AgentView> {
        let due = |entry: &Entry| !entry.view.link.connected && entry.view.status == AgentStatus::Degraded;
        if !self.inner.read().agents.values().any(due) {
            return Vec::new();
        }
        let mut inner = self.inner.write();
        let offline_after = self.offline_after;
        inner
            .agents
            .values_mut()
            .filter(|entry| due(entry))
            .filter_map(|entry| entry.settle(now, offline_after).then(|| entry.view.clone()))
            .collect()
    }

    /// Notes when linked agents were heard last. The database learns of it in its own time.
    pub(crate) fn heard(&self, heard: &[(AgentId, Time)]) {
        let mut inner = self.inner.write();
        for (id, at) in heard {
            if let Some(entry) = inner.agents.get_mut(id).filter(|entry| entry.view.link.connected) {
                entry.unsaved |= entry.view.link.last_seen_at != Some(*at);
                entry.view.link.last_seen_at = Some(*at);
            }
        }
    }

    /// Takes what the database does not know yet. The agents themselves are only read: events on their way to pages share them, and touching
    /// one would copy it.
    pub(crate) fn unsaved(&self) -> Vec<Presence> {
        let mut inner = self.inner.write();
        let mut rows = Vec::new();
        for (id, entry) in &mut inner.agents {
            let agent = &entry.view.agent;
            let workload = std::mem::take(&mut entry.workload_unsaved);
            if !std::mem::take(&mut entry.unsaved) && !workload {
                continue;
            }
            let Some(last_seen_at) = entry.view.link.last_seen_at else { continue };
            rows.push(Presence { id: *id, last_seen_at, goodbye_at: agent.goodbye_at, workload: workload.then(|| agent.workload.clone()) });
        }
        rows
    }
}

impl Inventory {
    /// Takes back what could not be written, so that it is tried again.
    pub(crate) fn still_unsaved(&self, rows: &[Presence]) {
        let mut inner = self.inner.write();
        for row in rows {
            if let Some(entry) = inner.agents.get_mut(&row.id) {
                entry.unsaved = true;
                entry.workload_unsaved |= row.workload.is_some();
            }
        }
    }
}

impl Inner {
    fn insert(&mut self, view: AgentView) {
        self.names.insert(view.agent.name.clone(), view.agent.id);
        if let Credential::ApiKey { hash, .. } = &view.agent.credential {
            self.keys.insert(hash.clone(), view.agent.id);
        }
        self.generation += 1;
        self.agents.insert(view.agent.id, Entry { view, unsaved: false, workload_unsaved: false });
    }
}

impl Entry {
    /// Works out anew how rules see the agent; true when that changed.
    fn settle_target(&mut self) -> bool {
        let target = self.view.agent.target();
        let changed = target != *self.view.target;
        if changed {
            self.view.target = Arc::new(target);
        }
        changed
    }

    /// Works out the status anew; true when it changed.
    fn settle(&mut self, now: Time, offline_after: Duration) -> bool {
        let status = agent::status(&self.view.link, self.view.agent.workload.state, now, offline_after);
        let changed = status != self.view.status;
        if changed {
            self.view.status = status;
            self.view.status_since = now;
        }
        changed
    }
}
