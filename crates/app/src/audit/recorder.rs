//! Writing audit entries that belong to no other transaction, many at a time, and announcing those that did.
//!
//! Entries that must not be lost wait until they are durable. Denials and refused connections are queued: an attacker who causes them
//! must not be able to slow everybody else, so when the queue is full they are counted, and the count is recorded.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use mc_bus::Bus;
use mc_domain::{
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    event::EventKind,
    time::Time,
};
use mc_policy::Denied;
use mc_store::Store;
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use super::throttle::{Throttle, is_throttled};
use crate::{Change, error::AppError};

/// Entries that may wait to be written.
const QUEUE: usize = 4_096;
/// How long whoever recorded something waits until it is durable.
const DURABLE_WITHIN: Duration = Duration::from_secs(5);
/// Entries written in one transaction.
const TOGETHER: usize = 512;

/// An entry, and who waits until it, and all before it, is durable.
type Queued = (Option<AuditEntry>, Option<oneshot::Sender<()>>);

/// Writes audit entries.
pub(crate) struct Recorder {
    queue: mpsc::Sender<Queued>,
    dropped: Arc<AtomicU64>,
    written: Arc<AtomicU64>,
    bus: Bus<Change>,
    throttle: Throttle,
}

impl Recorder {
    pub(crate) fn start(store: Store, bus: Bus<Change>) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let (dropped, written) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        tokio::spawn(write(store, bus.clone(), waiting, Arc::clone(&dropped), Arc::clone(&written)));
        Self { queue, dropped, written, bus, throttle: Throttle::default() }
    }

    /// Records an entry and waits until it is durable. Whoever asked does not wait for ever: with a database that is away the entry stays in
    /// the queue and is written when the database is back.
    ///
    /// # Errors
    /// `Unavailable` when it is not durable in time.
    pub(crate) async fn record(&self, entry: AuditEntry) -> Result<(), AppError> {
        let Some(entry) = self.admit(entry) else { return Ok(()) };
        let (done, durable) = oneshot::channel();
        let recording = async {
            self.queue.send((Some(entry), Some(done))).await.ok()?;
            durable.await.ok()
        };
        let late = || AppError::Unavailable("the audit trail cannot be written now: try again in a moment".to_owned());
        timeout(DURABLE_WITHIN, recording).await.ok().flatten().ok_or_else(late)
    }

    /// The entry, unless outsiders or an agent in a loop have caused too many like it: those are counted, see `throttle.rs`.
    pub(crate) fn admit(&self, entry: AuditEntry) -> Option<AuditEntry> {
        if is_throttled(&entry) { self.throttle.admit(entry) } else { Some(entry) }
    }

    /// Records what was held back and counted, when its time is over; at the end of the server all of it.
    pub(crate) fn summarise(&self, now: Time, all: bool) {
        for entry in self.throttle.due(now, all) {
            if self.queue.try_send((Some(entry), None)).is_err() {
                self.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Waits until everything that was recorded so far is durable, or `DURABLE_WITHIN` has passed.
    pub(crate) async fn settle(&self) {
        let (done, durable) = oneshot::channel();
        let settling = async {
            if self.queue.send((None, Some(done))).await.is_ok() {
                // The writer answers in order; it only goes away when the server ends.
                let _ = durable.await;
            }
        };
        if timeout(DURABLE_WITHIN, settling).await.is_err() {
            tracing::warn!("the last audit entries could not be written: the database does not take them");
        }
    }

    /// Records an entry soon; counts it when too many wait.
    pub(crate) fn record_soon(&self, entry: AuditEntry) {
        let Some(entry) = self.admit(entry) else { return };
        if self.queue.try_send((Some(entry), None)).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Records a denial.
    pub(crate) fn denied(&self, ctx: &Ctx, denied: &Denied) {
        // `what` says the kind too; the trail has it in a column of its own, and everywhere else the name alone.
        let name = denied.what.strip_prefix(denied.resource_kind).and_then(|rest| rest.strip_prefix(' ')).unwrap_or(&denied.what);
        let entry = AuditEntry::new(ctx, ctx.now, denied.action, AuditResult::Denied)
            .on(denied.resource_kind, &denied.resource_id, name)
            .detail(format!("rule {}", denied.rule));
        self.record_soon(entry);
    }

    /// Tells open pages of an entry that is stored already.
    pub(crate) fn announce(&self, entry: AuditEntry) {
        self.written.fetch_add(1, Ordering::Relaxed);
        announce(&self.bus, entry);
    }

    /// How many entries this process stored.
    pub(crate) fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }
}

fn announce(bus: &Bus<Change>, entry: AuditEntry) {
    // Stored, but the answer was lost: lists have it, live pages do without.
    if entry.seal.get().is_none() {
        return;
    }
    bus.publish(EventKind::AuditAppended, entry.id.to_string(), Change::Audit(Arc::new(entry)));
}

async fn write(store: Store, bus: Bus<Change>, mut waiting: mpsc::Receiver<Queued>, dropped: Arc<AtomicU64>, written: Arc<AtomicU64>) {
    let mut together = Vec::with_capacity(TOGETHER);
    while waiting.recv_many(&mut together, TOGETHER).await > 0 {
        let (entries, done): (Vec<_>, Vec<_>) = together.drain(..).unzip();
        let mut entries: Vec<AuditEntry> = entries.into_iter().flatten().collect();
        let lost = dropped.swap(0, Ordering::Relaxed);
        if let (true, Some(last)) = (lost > 0, entries.last().cloned()) {
            let ctx = Ctx::system(last.at);
            let detail = format!("{lost} refusals were not recorded one by one because too many came at once");
            entries.push(AuditEntry::new(&ctx, last.at, "audit_flood", AuditResult::Denied).detail(detail));
        }
        while let Err(error) = store.audit_append(&entries).await {
            tracing::warn!(%error, "audit entries wait: the database does not take them");
            tokio::time::sleep(Duration::from_secs(1)).await;
            // An answer that was lost may have been a yes.
            if let Some(first) = entries.first()
                && store.audit_has(first.id).await.unwrap_or(false)
            {
                break;
            }
        }
        written.fetch_add(u64::try_from(entries.len()).unwrap_or(0), Ordering::Relaxed);
        for entry in entries {
            announce(&bus, entry);
        }
        for done in done.into_iter().flatten() {
            // Whoever asked may have gone meanwhile.
            let _ = done.send(());
        }
    }
}
