//! All simulated agents together.

use std::{
    net::SocketAddr,
    sync::{Arc, OnceLock, atomic::Ordering},
    time::Duration,
};

use anyhow::{Context, bail};
use futures::{StreamExt, TryStreamExt};
use tokio::{
    sync::{Semaphore, watch},
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::{
    agent::{Agent, Face, Mood, Shared},
    dial::Tls,
    identity::{self, Identity},
    out,
};

/// Joins under way at once.
const JOINING: usize = 64;
/// First links under way at once.
const LINKING: usize = 256;

/// Many agents, each a task that ends with the fleet.
pub(crate) struct Fleet {
    pub(crate) agents: Vec<Arc<Face>>,
    mood: watch::Sender<Mood>,
    shared: Arc<Shared>,
    _tasks: JoinSet<()>,
}

/// Joins `count` agents with `tokens`, each of which admits as many as `uses` says.
pub(crate) async fn join(server: SocketAddr, tls: &Tls, tokens: &[String], uses: usize, count: usize) -> anyhow::Result<Vec<Identity>> {
    let anonymous = tls.agent(None)?;
    futures::stream::iter(0..count)
        .map(|number| {
            let token = tokens.get(number / uses).cloned();
            let anonymous = Arc::clone(&anonymous);
            async move {
                if number > 0 && number.is_multiple_of(1_000) {
                    out::progress(&format!("  {number} of {count} have joined"));
                }
                identity::join(server, tls, anonymous, token.context("too few join tokens")?, number).await
            }
        })
        .buffered(JOINING)
        .try_collect()
        .await
}

impl Fleet {
    /// Starts all agents; they begin to link.
    pub(crate) fn start(server: SocketAddr, identities: Vec<Identity>) -> Self {
        let mood = watch::Sender::new(Mood { up: true, metrics: false });
        let shared = Arc::new(Shared { server, mood: mood.subscribe(), refused: OnceLock::new(), first_links: Semaphore::new(LINKING) });
        let (mut tasks, mut agents) = (JoinSet::new(), Vec::with_capacity(identities.len()));
        for (number, identity) in identities.into_iter().enumerate() {
            let (agent, face) = Agent::new(number, identity, Arc::clone(&shared));
            agents.push(face);
            tasks.spawn(agent.live());
        }
        Self { agents, mood, shared, _tasks: tasks }
    }

    /// How many agents there are.
    pub(crate) fn len(&self) -> usize {
        self.agents.len()
    }

    /// How many agents have a link, by their own account.
    pub(crate) fn linked(&self) -> usize {
        self.agents.iter().filter(|agent| agent.linked.load(Ordering::Relaxed)).count()
    }

    /// How often each agent tried to connect, up to now.
    pub(crate) fn tries(&self) -> Vec<u32> {
        self.agents.iter().map(|agent| agent.tries.load(Ordering::Relaxed)).collect()
    }

    /// How often central refused an agent, up to now.
    pub(crate) fn refusals(&self) -> u32 {
        self.agents.iter().map(|agent| agent.refusals.load(Ordering::Relaxed)).sum()
    }

    /// What central said when it refused an agent for the first time.
    pub(crate) fn first_refusal(&self) -> &str {
        self.shared.refused.get().map_or("", String::as_str)
    }

    /// Changes what all agents do.
    pub(crate) fn set(&self, change: impl FnOnce(&mut Mood)) {
        self.mood.send_modify(change);
    }

    /// An agent by chance.
    pub(crate) fn any(&self) -> anyhow::Result<&Arc<Face>> {
        self.agents.get(rand::random_range(0..self.agents.len().max(1))).context("there are no agents")
    }

    /// Waits until all agents have a link by their own account.
    pub(crate) async fn all_linked(&self, within: Duration) -> anyhow::Result<()> {
        let deadline = Instant::now() + within;
        while self.linked() < self.len() {
            if Instant::now() > deadline {
                bail!("only {} of {} agents are linked after {} s", self.linked(), self.len(), within.as_secs());
            }
            sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }
}
