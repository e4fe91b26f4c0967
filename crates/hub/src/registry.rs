//! Who is linked now, and how to send to them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use dashmap::{DashMap, mapref::entry::Entry};
use mc_domain::{
    command::Command,
    id::{AgentId, InstanceId},
    time::{Clock, Time},
};
use mc_wire::v1::{self, disconnect::Reason};
use tokio::sync::{Notify, mpsc, oneshot, watch};

use crate::{Timing, frame, link::Outgoing, tunnel::Tunnels};

/// Frames that may wait for a slow agent before sending fails.
pub(crate) const OUTGOING_FRAMES: usize = 64;

/// Newer streams of one identity that may ask at once whether the older one lives.
const PROBES: usize = 64;

/// The agent has no stream open, or its stream is stuck.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the agent is not connected")]
pub struct NotLinked;

/// One open stream.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) instance: InstanceId,
    pub(crate) address: String,
    pub(crate) heard: AtomicI64,
    pub(crate) outgoing: mpsc::Sender<Outgoing>,
    pub(crate) end: Notify,
    /// Who waits to hear whether this link lives: one a newer stream of the same identity, so copies that come together do not silence each other.
    pub(crate) probes: parking_lot::Mutex<Vec<(u64, oneshot::Sender<()>)>>,
    /// Whether central has greeted the agent: before that it reads nothing else.
    welcomed: watch::Sender<bool>,
    number: u64,
}

impl Link {
    /// From now on the agent reads what is sent to it.
    pub(crate) fn welcome(&self) {
        self.welcomed.send_replace(true);
    }

    pub(crate) fn send(&self, frame: v1::ServerFrame) -> Result<(), NotLinked> {
        self.outgoing.try_send(Box::new(frame)).map_err(|_| NotLinked)
    }

    /// The same, waiting for room in the queue.
    pub(crate) async fn send_soon(&self, frame: v1::ServerFrame) -> Result<(), NotLinked> {
        self.outgoing.send(Box::new(frame)).await.map_err(|_| NotLinked)
    }

    /// Says why, and lets the stream end.
    pub(crate) fn close(&self, reason: Reason, message: &str, retry_after_ms: u32) {
        // A full queue only costs the agent the reason: the stream ends all the same.
        let _ = self.send(frame::disconnect(reason, message, retry_after_ms));
        self.end.notify_one();
    }

    pub(crate) fn answer_probe(&self, nonce: u64) {
        let mut probes = self.probes.lock();
        if let Some(place) = probes.iter().position(|(asked, _)| *asked == nonce) {
            // Nobody waits any more when the probe timed out meanwhile.
            let _ = probes.swap_remove(place).1.send(());
        }
    }
}

/// What to do with a new stream of an identity.
pub(crate) enum Claim {
    /// It has the place now.
    Taken(Arc<Link>),
    /// The place is held by another process that answers, at this address.
    Held(String),
}

/// All open streams of this server.
pub struct Hub {
    links: DashMap<AgentId, Arc<Link>>,
    numbers: AtomicU64,
    /// While draining: over how many milliseconds agents spread their return, at least 1.
    draining: AtomicU32,
    pub(crate) tunnels: Tunnels,
    pub(crate) timing: Timing,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Hub {
    /// A hub without links.
    #[must_use]
    pub fn new(timing: Timing, clock: Arc<dyn Clock>) -> Self {
        Self { links: DashMap::new(), numbers: AtomicU64::new(1), draining: AtomicU32::new(0), tunnels: Tunnels::default(), timing, clock }
    }

    /// How many agents are linked.
    #[must_use]
    pub fn linked(&self) -> usize {
        self.links.len()
    }

    /// When the agent was last heard, while it is linked.
    #[must_use]
    pub fn heard(&self, agent: AgentId) -> Option<Time> {
        self.links.get(&agent).map(|link| Time::from_micros(link.heard.load(Ordering::Relaxed)))
    }

    /// Calls `each` with every linked agent and when it was last heard.
    pub fn each_heard(&self, mut each: impl FnMut(AgentId, Time)) {
        for link in &self.links {
            each(*link.key(), Time::from_micros(link.heard.load(Ordering::Relaxed)));
        }
    }

    /// Sends a command.
    ///
    /// # Errors
    /// When the agent is not linked, or does not read what is sent to it.
    pub fn command(&self, command: &Command) -> Result<(), NotLinked> {
        self.greeted(command.agent_id)?.send(frame::command(command))
    }

    /// Asks the agent to give up a command.
    ///
    /// # Errors
    /// As for [`Hub::command`].
    pub fn cancel(&self, command: &Command) -> Result<(), NotLinked> {
        self.greeted(command.agent_id)?.send(frame::cancel(command.id.to_string()))
    }

    /// Ends the stream of a removed agent and all its tunnels, and tells it not to come back.
    pub fn remove(&self, agent: AgentId) {
        self.end_tunnels(agent);
        if let Ok(link) = self.link(agent) {
            link.close(Reason::Removed, "this agent was removed; join it again with a new token", 0);
        }
    }

    /// Tells every agent to reconnect after a random wait of up to `spread`, and ends all streams, also those that begin from now on.
    pub fn drain(&self, spread: Duration) {
        let retry = u32::try_from(spread.as_millis()).unwrap_or(u32::MAX).max(1);
        self.draining.store(retry, Ordering::SeqCst);
        for link in &self.links {
            Self::send_away(&link, retry);
        }
    }

    fn send_away(link: &Link, retry: u32) {
        link.close(Reason::ShuttingDown, "the server is restarting", retry);
    }

    /// Ends a stream that has just taken its place while the hub drains: one that came back at once would hold up the end of the server.
    fn taken(&self, link: Arc<Link>) -> Claim {
        match self.draining.load(Ordering::SeqCst) {
            0 => {}
            retry => Self::send_away(&link, retry),
        }
        Claim::Taken(link)
    }

    pub(crate) fn greeted(&self, agent: AgentId) -> Result<Arc<Link>, NotLinked> {
        self.link(agent).and_then(|link| if *link.welcomed.borrow() { Ok(link) } else { Err(NotLinked) })
    }

    fn link(&self, agent: AgentId) -> Result<Arc<Link>, NotLinked> {
        self.links.get(&agent).map(|link| Arc::clone(&link)).ok_or(NotLinked)
    }

    /// Claims the place of `agent` for a new stream. An older stream of the same process gives way at once; one of another process is
    /// asked whether it lives: a live one keeps the place, for then the identity was copied.
    pub(crate) async fn claim(&self, agent: AgentId, instance: InstanceId, address: &str, outgoing: mpsc::Sender<Outgoing>) -> Claim {
        let fresh = Arc::new(Link {
            instance,
            address: address.to_owned(),
            heard: AtomicI64::new(self.clock.now().as_micros()),
            outgoing,
            end: Notify::new(),
            probes: parking_lot::Mutex::default(),
            welcomed: watch::Sender::new(false),
            number: self.numbers.fetch_add(1, Ordering::Relaxed),
        });
        loop {
            let older = match self.links.entry(agent) {
                Entry::Vacant(place) => {
                    place.insert(Arc::clone(&fresh));
                    return self.taken(fresh);
                }
                Entry::Occupied(mut place) => {
                    let older = Arc::clone(place.get());
                    if older.instance == instance {
                        place.insert(Arc::clone(&fresh));
                        older.close(Reason::Replaced, "a newer connection of this process took over", 0);
                        return self.taken(fresh);
                    }
                    older
                }
            };
            if self.answers(&older).await {
                return Claim::Held(older.address.clone());
            }
            older.close(Reason::AlreadyConnected, "a newer connection took over because this one did not answer", 0);
            self.release(agent, &older);
        }
    }

    async fn answers(&self, link: &Link) -> bool {
        let mut welcomed = link.welcomed.subscribe();
        if !matches!(tokio::time::timeout(self.timing.clone_probe, welcomed.wait_for(|welcomed| *welcomed)).await, Ok(Ok(_))) {
            // It waits for its own greeting: that is our slowness, not its silence.
            return true;
        }
        let nonce = self.numbers.fetch_add(1, Ordering::Relaxed);
        let (answered, answer) = oneshot::channel();
        {
            let mut probes = link.probes.lock();
            probes.retain(|(_, waiting)| !waiting.is_closed());
            if probes.len() >= PROBES {
                // So many copies at once are refused unasked: the older one has the better claim until it is known to be dead.
                return true;
            }
            probes.push((nonce, answered));
        }
        if link.send(frame::ping(nonce)).is_err() {
            return false;
        }
        matches!(tokio::time::timeout(self.timing.clone_probe, answer).await, Ok(Ok(())))
    }

    /// Gives up the place of a stream that ended. False when a newer stream has it.
    pub(crate) fn release(&self, agent: AgentId, link: &Link) -> bool {
        self.links.remove_if(&agent, |_, held| held.number == link.number).is_some()
    }
}
