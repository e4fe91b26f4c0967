//! Events between the parts of central, in one order and resumable.
//!
//! Publishing never waits and never fails. Listeners read from one shared ring at their own pace, so a slow one costs nothing and slows
//! nobody; one that fell off the ring is told to read everything anew. What is published is the caller's own type.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, OnceLock},
};

use mc_domain::event::EventKind;
use parking_lot::Mutex;
use tokio::sync::watch;
use uuid::Uuid;

/// How many events are kept for those who resume.
pub const RING_EVENTS: usize = 8_192;

/// One event in the order of the whole server.
#[derive(Debug, Clone)]
pub struct Event<P> {
    /// Place in the order; one more than the event before.
    pub seq: u64,
    /// What it is about.
    pub kind: EventKind,
    /// Which thing: a later event of the same kind and key makes an unsent earlier one needless.
    pub key: Arc<str>,
    /// What happened.
    pub payload: P,
    /// The payload as sent to people, made once for all listeners by whoever sends it first.
    pub rendered: Arc<OnceLock<Arc<str>>>,
}

/// What a listener finds.
#[derive(Debug)]
pub enum Batch<P> {
    /// New events, oldest first; needless ones left out.
    Events {
        /// The newest number this covers.
        seq: u64,
        /// The events.
        events: Vec<Event<P>>,
    },
    /// Some events are gone: read everything anew, then go on from `seq`.
    Lost {
        /// The newest event's number.
        seq: u64,
    },
}

#[derive(Debug)]
struct Ring<P> {
    events: VecDeque<Event<P>>,
    newest: u64,
}

/// The events of one server process.
#[derive(Debug, Clone)]
pub struct Bus<P> {
    epoch: Arc<str>,
    ring: Arc<Mutex<Ring<P>>>,
    newest: Arc<watch::Sender<u64>>,
}

impl<P: Clone> Default for Bus<P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P: Clone> Bus<P> {
    /// An empty bus with an epoch of its own.
    #[must_use]
    pub fn new() -> Self {
        Self {
            epoch: Uuid::now_v7().simple().to_string().into(),
            ring: Arc::new(Mutex::new(Ring { events: VecDeque::new(), newest: 0 })),
            newest: Arc::new(watch::Sender::new(0)),
        }
    }

    /// Names this run: sequence numbers count within it.
    #[must_use]
    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// Tells everybody.
    pub fn publish(&self, kind: EventKind, key: impl Into<Arc<str>>, payload: P) {
        let mut ring = self.ring.lock();
        ring.newest += 1;
        let seq = ring.newest;
        ring.events.push_back(Event { seq, kind, key: key.into(), payload, rendered: Arc::default() });
        if ring.events.len() > RING_EVENTS {
            ring.events.pop_front();
        }
        drop(ring);
        // Whoever published next may have been here before: the number must never go back, or its event would wait for another one.
        self.newest.send_if_modified(|newest| {
            let later = seq > *newest;
            *newest = seq.max(*newest);
            later
        });
    }

    /// Listens from now on, or from just after `since` when it is of this epoch.
    #[must_use]
    pub fn listen(&self, since: Option<(&str, u64)>) -> Listener<P> {
        let newest = self.ring.lock().newest;
        let asked = since.filter(|(epoch, seq)| *epoch == self.epoch() && *seq <= newest).map(|(_, seq)| seq);
        Listener { bus: self.clone(), seen: asked.unwrap_or(newest), resumed: asked.is_some(), wake: self.newest.subscribe() }
    }

    /// How many listen.
    #[must_use]
    pub fn listeners(&self) -> usize {
        self.newest.receiver_count()
    }
}

/// One listener's place in the order.
#[derive(Debug)]
pub struct Listener<P> {
    bus: Bus<P>,
    seen: u64,
    resumed: bool,
    wake: watch::Receiver<u64>,
}

impl<P: Clone> Listener<P> {
    /// The number everything up to which was delivered.
    #[must_use]
    pub const fn seen(&self) -> u64 {
        self.seen
    }

    /// Whether the asked place was of this epoch and every event after it is still there.
    #[must_use]
    pub fn resumed(&self) -> bool {
        self.resumed && self.missing().is_none()
    }

    /// The newest number, when events after `seen` fell off the ring.
    fn missing(&self) -> Option<u64> {
        let ring = self.bus.ring.lock();
        let oldest = ring.events.front().map_or(ring.newest + 1, |event| event.seq);
        (self.seen + 1 < oldest).then_some(ring.newest)
    }

    /// Skips to the newest event.
    pub fn skip(&mut self) {
        self.seen = self.bus.ring.lock().newest;
    }

    /// Waits until there is something new.
    pub async fn changed(&mut self) {
        // The bus is alive while we hold it, so the sender is too.
        while *self.wake.borrow_and_update() <= self.seen {
            if self.wake.changed().await.is_err() {
                return;
            }
        }
    }

    /// All that is new, at most `max` ring places, without waiting.
    pub fn take(&mut self, max: usize) -> Batch<P> {
        if let Some(seq) = self.missing() {
            self.seen = seq;
            return Batch::Lost { seq };
        }
        let fresh: Vec<Event<P>> = {
            let ring = self.bus.ring.lock();
            let skip =
                ring.events.front().map_or(0, |first| usize::try_from((self.seen + 1).saturating_sub(first.seq)).unwrap_or(usize::MAX));
            ring.events.iter().skip(skip).take(max).cloned().collect()
        };
        self.seen = fresh.last().map_or(self.seen, |event| event.seq);
        Batch::Events { seq: self.seen, events: coalesce(fresh) }
    }
}

/// Leaves out events that a later one of the same kind and key replaces.
fn coalesce<P>(events: Vec<Event<P>>) -> Vec<Event<P>> {
    let mut last: HashMap<(EventKind, Arc<str>), u64> = HashMap::with_capacity(events.len());
    for event in &events {
        last.insert((event.kind, event.key.clone()), event.seq);
    }
    if last.len() == events.len() {
        return events;
    }
    events.into_iter().filter(|event| last.get(&(event.kind, event.key.clone())) == Some(&event.seq)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn numbers<P>(batch: Batch<P>) -> Vec<u64> {
        match batch {
            Batch::Events { events, .. } => events.iter().map(|event| event.seq).collect(),
            Batch::Lost { .. } => panic!("nothing was lost"),
        }
    }

    #[tokio::test]
    async fn listeners_hear_everything_after_they_came() {
        let bus = Bus::new();
        bus.publish(EventKind::AgentChanged, "a", 1);
        let mut listener = bus.listen(None);
        bus.publish(EventKind::AgentChanged, "b", 2);
        listener.changed().await;
        assert_eq!(numbers(listener.take(100)), vec![2]);
    }

    #[test]
    fn a_later_event_of_the_same_thing_replaces_an_unsent_one() {
        let bus = Bus::new();
        let mut listener = bus.listen(None);
        for (key, value) in [("a", 1), ("b", 2), ("a", 3)] {
            bus.publish(EventKind::AgentChanged, key, value);
        }
        bus.publish(EventKind::AgentRemoved, "a", 4);
        assert_eq!(numbers(listener.take(100)), vec![2, 3, 4]);
    }

    #[test]
    fn resuming_needs_the_same_epoch() {
        let bus = Bus::new();
        bus.publish(EventKind::AgentChanged, "a", 1);
        bus.publish(EventKind::AgentChanged, "b", 2);
        let epoch = bus.epoch().to_owned();
        let mut resumed = bus.listen(Some((&epoch, 1)));
        assert!(resumed.resumed());
        assert_eq!(numbers(resumed.take(100)), vec![2]);
        assert!(!bus.listen(Some(("another", 1))).resumed());
        assert!(!bus.listen(Some((&epoch, 99))).resumed(), "a number from the future is of another run");
    }

    #[test]
    fn who_falls_off_the_ring_is_told() {
        let bus = Bus::new();
        let mut listener = bus.listen(None);
        for n in 0..=RING_EVENTS {
            bus.publish(EventKind::AgentStats, n.to_string(), n);
        }
        assert!(matches!(listener.take(10), Batch::Lost { .. }));
        bus.publish(EventKind::AgentStats, "x", 0);
        assert_eq!(numbers(listener.take(10)).len(), 1);
    }

    proptest! {
        #[test]
        fn the_last_word_on_each_thing_always_arrives(keys in proptest::collection::vec(0u8..6, 1..200), takes in 1usize..20) {
            let bus = Bus::new();
            let mut listener = bus.listen(None);
            for (n, key) in keys.iter().enumerate() {
                bus.publish(EventKind::AgentChanged, key.to_string(), n);
            }
            let mut heard = HashMap::new();
            loop {
                let Batch::Events { events, .. } = listener.take(takes) else { panic!("nothing was lost") };
                if events.is_empty() { break }
                for event in events { heard.insert(event.key.to_string(), event.payload); }
            }
            for (n, key) in keys.iter().enumerate() {
                if keys.iter().skip(n + 1).all(|later| later != key) {
                    prop_assert_eq!(heard.get(&key.to_string()), Some(&n));
                }
            }
        }
    }
}
