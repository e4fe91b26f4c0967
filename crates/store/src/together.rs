//! Work that many wait for and that is done once for all of them: a bounded queue, one worker, an answer for each.
//!
//! Two things are done so. Audit entries that belong to no other change share a transaction. And on PostgreSQL commits share the wait for the
//! disk: a change with audit entries commits without waiting, which lets the next one have the trail's end, and is answered when one of these
//! flushes has put everything before it on the disk. PostgreSQL writes commits in order, so what is durable is always a beginning of the trail.

use std::time::Duration;

use mc_domain::audit::AuditEntry;
use sqlx::postgres::PgPool;
use tokio::sync::{mpsc, oneshot};

use crate::{db::Db, error::StoreError};

/// How many may wait in the queue; more wait to get in.
const QUEUE: usize = 1_024;
/// Entries stored in one transaction.
const ENTRIES: usize = 512;
/// How long a flush may take.
const FLUSHED_WITHIN: Duration = Duration::from_secs(15);

type Answer = oneshot::Sender<Result<(), StoreError>>;

/// A queue and its worker, which ends with the last clone.
#[derive(Clone)]
struct Together<T>(mpsc::Sender<(T, Answer)>);

impl<T: Send + 'static> Together<T> {
    fn new() -> (Self, mpsc::Receiver<(T, Answer)>) {
        let (queue, waiting) = mpsc::channel(QUEUE);
        (Self(queue), waiting)
    }

    async fn ask(&self, wish: T) -> Result<(), StoreError> {
        let gone = || StoreError::Unavailable("it is being closed".to_owned());
        let (answer, done) = oneshot::channel();
        self.0.send((wish, answer)).await.map_err(|_| gone())?;
        done.await.map_err(|_| gone())?
    }
}

/// Stores audit entries that belong to no other change.
#[derive(Clone)]
pub(crate) struct Appends(Together<Vec<AuditEntry>>);

impl Appends {
    pub(crate) fn start(main: Db) -> Self {
        let (queue, waiting) = Together::new();
        tokio::spawn(append(main, waiting));
        Self(queue)
    }

    /// Stores these entries, all of them or none, in one transaction with those of others. They are stored even if nobody waits any more.
    pub(crate) async fn append(&self, entries: &[AuditEntry]) -> Result<(), StoreError> {
        self.0.ask(entries.to_vec()).await
    }
}

async fn append(main: Db, mut waiting: mpsc::Receiver<(Vec<AuditEntry>, Answer)>) {
    while let Some(first) = waiting.recv().await {
        let mut count = first.0.len();
        let mut together = vec![first];
        while count < ENTRIES
            && let Ok(next) = waiting.try_recv()
        {
            count += next.0.len();
            together.push(next);
        }
        let stored = store(&main, together.iter().map(|(entries, _)| entries.as_slice())).await;
        // A database that is away is away for all; anything else may be one wish's fault, and nothing was kept.
        let each = together.len() > 1 && !matches!(stored, Ok(()) | Err(StoreError::Unavailable(_)));
        for (entries, answer) in together {
            let result = if each { store(&main, std::iter::once(entries.as_slice())).await } else { stored.clone() };
            // Whoever asked may have gone meanwhile.
            let _ = answer.send(result);
        }
    }
}

async fn store(main: &Db, entries: impl Iterator<Item = &[AuditEntry]>) -> Result<(), StoreError> {
    let mut tx = main.begin().await?;
    entries.for_each(|entries| tx.audit(entries));
    tx.commit().await
}

/// Waits for PostgreSQL's disk, once for all who committed meanwhile.
#[derive(Clone)]
pub(crate) struct Flushes(Together<()>);

impl Flushes {
    /// One with a connection of its own, so that it never waits for those whose commits it is to make last. `None` where the server refuses
    /// the statement: there each commit waits for itself.
    pub(crate) async fn start(pool: &PgPool) -> Option<Self> {
        let own = sqlx::pool::PoolOptions::new().max_connections(1).acquire_timeout(FLUSHED_WITHIN);
        let own = own.connect_lazy_with((*pool.connect_options()).clone());
        if let Err(error) = flush(&own).await {
            tracing::info!(%error, "commits do not share the wait for the database's disk");
            return None;
        }
        let (queue, waiting) = Together::new();
        tokio::spawn(flush_all(own, waiting));
        Some(Self(queue))
    }

    /// Waits until everything that was committed before this call is durable.
    pub(crate) async fn flushed(&self) -> Result<(), StoreError> {
        self.0.ask(()).await
    }
}

async fn flush_all(own: PgPool, mut waiting: mpsc::Receiver<((), Answer)>) {
    let mut together = Vec::with_capacity(QUEUE);
    while waiting.recv_many(&mut together, QUEUE).await > 0 {
        let flushed = flush(&own).await;
        for ((), answer) in together.drain(..) {
            // Whoever committed may have gone meanwhile.
            let _ = answer.send(flushed.clone());
        }
    }
    own.close().await;
}

/// A commit that waits for the disk as the server is configured to, standby servers included: all before it in the log is then durable, too.
/// What it writes is a message that nobody reads.
async fn flush(own: &PgPool) -> Result<(), StoreError> {
    let message = sqlx::query("SELECT pg_logical_emit_message(true, 'mission-control', '')").execute(own);
    match tokio::time::timeout(FLUSHED_WITHIN, message).await {
        Ok(flushed) => flushed.map(drop).map_err(StoreError::from),
        Err(_) => Err(StoreError::too_slow()),
    }
}
