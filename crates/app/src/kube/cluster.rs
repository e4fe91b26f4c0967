//! Clusters: which there are, which agent each is reached through, how each is.
//!
//! All of them are in memory. A report reaches the database when it says something new. A name belongs to the agent that used it first, until
//! that agent is removed: what is meant for a cluster never goes to whoever takes its name.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use mc_domain::{
    audit::{AuditEntry, AuditResult},
    cluster::{Cluster, ClusterReport, ClusterStatus},
    ctx::Ctx,
    event::EventKind,
    id::AgentId,
    name::ClusterName,
    time::Time,
};
use mc_policy::Asker;
use mc_store::{Store, StoreError};
use parking_lot::RwLock;

use super::meter::Meters;
use crate::{App, Change, error::AppError};

/// The clusters in memory.
#[derive(Default)]
pub(crate) struct Clusters {
    known: RwLock<Known>,
    pub(super) meters: Meters,
}

#[derive(Default)]
struct Known {
    by_name: HashMap<ClusterName, Arc<Cluster>>,
    by_agent: HashMap<AgentId, ClusterName>,
}

/// A cluster as a caller sees it.
#[derive(Debug, Clone)]
pub struct ClusterView {
    /// The cluster.
    pub cluster: Arc<Cluster>,
    /// Its agent's name.
    pub agent_name: String,
    /// Whether it can be used.
    pub status: ClusterStatus,
    /// Requests that went to it through here in the last minute.
    pub requests_per_minute: u64,
    /// When its agent was last heard of.
    pub last_seen_at: Time,
}

impl Clusters {
    pub(crate) async fn load(store: &Store) -> Result<Self, AppError> {
        let clusters = Self::default();
        for cluster in store.cluster_load().await? {
            clusters.put(cluster);
        }
        Ok(clusters)
    }

    fn get(&self, name: &ClusterName) -> Option<Arc<Cluster>> {
        self.known.read().by_name.get(name).cloned()
    }

    /// The cluster that this agent looks after.
    fn of(&self, agent: AgentId) -> Option<Arc<Cluster>> {
        let known = self.known.read();
        known.by_agent.get(&agent).and_then(|name| known.by_name.get(name)).cloned()
    }

    fn put(&self, cluster: Cluster) {
        let mut known = self.known.write();
        let name = cluster.name.clone();
        // An agent that was told another name looks after that one only.
        if let Some(before) = known.by_agent.insert(cluster.agent_id, name.clone()).filter(|before| *before != name) {
            known.by_name.remove(&before);
        }
        known.by_name.insert(name, Arc::new(cluster));
    }

    /// A removed agent has no cluster any more.
    fn forget(&self, agent: AgentId) -> Option<ClusterName> {
        let mut known = self.known.write();
        let name = known.by_agent.remove(&agent)?;
        known.by_name.remove(&name);
        self.meters.forget(&name);
        Some(name)
    }
}

impl App {
    /// The clusters in which the caller may do anything at all, by name.
    ///
    /// # Errors
    /// What the caller's roles demand first.
    pub fn cluster_list(&self, ctx: &Ctx) -> Result<Vec<ClusterView>, AppError> {
        self.obligations::<mc_domain::action::KubeRequest>(ctx)?;
        let all: BTreeMap<ClusterName, Arc<Cluster>> =
            self.clusters.known.read().by_name.iter().map(|(name, cluster)| (name.clone(), Arc::clone(cluster))).collect();
        Ok(all.into_values().filter(|cluster| self.knows_cluster(ctx, cluster)).map(|cluster| self.cluster_view(cluster)).collect())
    }

    /// One cluster. Who may do nothing in it is told that there is none.
    ///
    /// # Errors
    /// When there is none.
    pub fn cluster_show(&self, ctx: &Ctx, name: &str) -> Result<ClusterView, AppError> {
        self.obligations::<mc_domain::action::KubeRequest>(ctx)?;
        self.cluster_for(ctx, name).map(|cluster| self.cluster_view(cluster))
    }

    /// A cluster that the caller knows of.
    pub(super) fn cluster_for(&self, ctx: &Ctx, name: &str) -> Result<Arc<Cluster>, AppError> {
        let found = name.parse().ok().and_then(|name| self.clusters.get(&name)).filter(|cluster| self.knows_cluster(ctx, cluster));
        found.ok_or_else(|| AppError::NotFound("there is no such cluster: `mc clusters list` shows those there are".to_owned()))
    }

    fn knows_cluster(&self, ctx: &Ctx, cluster: &Cluster) -> bool {
        self.gate.snapshot().knows_cluster(&Asker::of(ctx), cluster.name.as_str())
    }

    fn cluster_view(&self, cluster: Arc<Cluster>) -> ClusterView {
        let agent = self.inventory.get(cluster.agent_id);
        let connected = agent.as_ref().is_some_and(|view| view.link.connected);
        let last_seen_at = agent.as_ref().and_then(|view| view.link.last_seen_at).unwrap_or(cluster.reported_at);
        let agent_name = agent.map(|view| view.agent.name.to_string()).unwrap_or_default();
        let requests_per_minute = self.clusters.meters.last_minute(&cluster.name, self.now());
        ClusterView { agent_name, status: cluster.status(connected), requests_per_minute, last_seen_at, cluster }
    }

    /// Tells whoever looks that the cluster of this agent, if it has one, is not as it was.
    pub(crate) fn announce_cluster_of(&self, agent: AgentId) {
        if let Some(cluster) = self.clusters.of(agent) {
            let view = self.cluster_view(cluster);
            self.bus.publish(EventKind::ClusterChanged, view.cluster.name.to_string(), Change::Cluster(view.into()));
        }
    }

    /// A removed agent has no cluster any more.
    pub(crate) fn cluster_forget(&self, agent: AgentId) {
        if let Some(name) = self.clusters.forget(agent) {
            self.bus.publish(EventKind::ClusterRemoved, name.to_string(), Change::ClusterRemoved(name));
        }
    }

    /// What an agent says of the cluster it looks after.
    pub(crate) async fn cluster_reported(&self, agent: AgentId, name: ClusterName, report: ClusterReport) -> Result<(), AppError> {
        let now = self.now();
        match self.clusters.get(&name) {
            Some(known) if known.agent_id == agent => {
                let news = known.report != report;
                if news {
                    self.store.cluster_report(&name, agent, &report, now).await?;
                }
                self.clusters.put(Cluster { report, reported_at: now, ..(*known).clone() });
                if news {
                    self.announce_cluster_of(agent);
                }
                Ok(())
            }
            Some(_) => self.cluster_taken(agent, &name).await,
            None => {
                let cluster = Cluster { name: name.clone(), agent_id: agent, report, reported_at: now, created_at: now };
                let entry = self.cluster_entry(agent, &name, "cluster_join", AuditResult::Ok);
                match self.store.cluster_claim(&cluster, &entry).await {
                    Ok(()) => {
                        self.recorder.announce(entry);
                        self.clusters.put(cluster);
                        self.announce_cluster_of(agent);
                        Ok(())
                    }
                    Err(StoreError::NameTaken) => self.cluster_taken(agent, &name).await,
                    Err(error) => Err(error.into()),
                }
            }
        }
    }

    async fn cluster_taken(&self, agent: AgentId, name: &ClusterName) -> Result<(), AppError> {
        let entry = self.cluster_entry(agent, name, "cluster_join", AuditResult::Denied).detail("another agent looks after this cluster");
        if let Some(entry) = self.recorder.admit(entry) {
            self.recorder.record(entry).await?;
        }
        Ok(())
    }

    fn cluster_entry(&self, agent: AgentId, name: &ClusterName, action: &'static str, result: AuditResult) -> AuditEntry {
        let ctx = self.agent_ctx(agent, None);
        AuditEntry::new(&ctx, ctx.now, action, result).on("cluster", name, name.as_str())
    }
}
