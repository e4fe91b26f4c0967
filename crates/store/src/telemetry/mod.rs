//! Telemetry: what agents send in batches, stored exactly once.
//!
//! One transaction takes many batches of many agents. A batch's number within its spool says whether it was stored before; the owner's row
//! numbers its log lines without gaps, and is the lock that keeps two writers of one owner apart. Reading is in [`log`] and [`metric`], the
//! coarser steps in [`rollup`], forgetting in [`prune`].

mod blob;
mod log;
mod metric;
mod prune;
mod rollup;

use std::collections::{BTreeMap, BTreeSet};

use mc_domain::{id::AgentId, log::LogLine, metric::Sample, time::Time};
use uuid::Uuid;

pub use self::{
    log::{LogFilter, LogOwner},
    prune::Pruned,
};
use self::{metric::MetricRow, rollup::Due};
use crate::{
    Store,
    db::Tx,
    error::StoreError,
    sql::{ROWS_MAX, Sql, Value},
};

/// The most lines kept of one owner.
const LINES_MAX: i64 = 200_000;
/// The limit is kept in steps of this many lines, so that not every batch deletes.
const LINES_STEP: i64 = 1_000;

/// One batch as an agent sent it.
#[derive(Debug, Clone)]
pub struct TelemetryBatch {
    /// Whose.
    pub agent_id: AgentId,
    /// The spool it comes from.
    pub spool_id: Uuid,
    /// Its number within the spool.
    pub batch: u64,
    /// Log lines, oldest first.
    pub lines: Vec<LogLine>,
    /// Samples.
    pub samples: Vec<Sample>,
}

/// What became of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Whose.
    pub agent_id: AgentId,
    /// Its lines with their places in the agent's log; none when it was stored before.
    pub lines: Vec<(i64, LogLine)>,
    /// Whether it is stored now for the first time.
    pub fresh: bool,
}

/// Who has logs or metrics, as its row says.
#[derive(Clone, Copy)]
struct Owner {
    last_seq: i64,
    due: Due,
}

impl Store {
    /// Stores batches, each exactly once however often it is sent; says what became of each, in their order.
    ///
    /// # Errors
    /// When the database does not take them; then none is kept and none may be acknowledged.
    pub async fn telemetry_append(&self, batches: &[TelemetryBatch]) -> Result<Vec<Stored>, StoreError> {
        if batches.is_empty() {
            return Ok(Vec::new());
        }
        let ids: BTreeSet<Uuid> = batches.iter().map(|batch| batch.agent_id.0).collect();
        let mut tx = self.telemetry.begin().await?;
        let mut owners = lock_owners(&mut tx, &ids).await?;
        let mut last = last_batches(&mut tx, &ids).await?;
        let mut new = New::default();
        let mut stored = Vec::with_capacity(batches.len());
        for batch in batches {
            let owner = owners.get_mut(&batch.agent_id.0).ok_or_else(|| StoreError::unreadable("owner"))?;
            let number = i64::try_from(batch.batch).map_err(|_| StoreError::Conflict("a batch's number is too large"))?;
            let seen = last.entry((batch.agent_id.0, batch.spool_id)).or_default();
            let fresh = number > *seen;
            let lines = if fresh {
                *seen = number;
                new.spools.insert((batch.agent_id.0, batch.spool_id), number);
                new.take(batch.agent_id.0, owner, batch)
            } else {
                Vec::new()
            };
            stored.push(Stored { agent_id: batch.agent_id, lines, fresh });
        }
        new.write(&mut tx, &owners).await?;
        tx.commit().await?;
        Ok(stored)
    }

    /// The number of the last stored batch of a spool; 0 when there is none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn telemetry_last_batch(&self, agent: AgentId, spool: Uuid) -> Result<u64, StoreError> {
        let sql = Sql::new("SELECT last_batch FROM spool WHERE agent_id = $1 AND spool_id = $2").bind(agent.0).bind(spool);
        self.telemetry.first(sql).await?.map_or(Ok(0), |row| row.count("last_batch"))
    }

    /// Stores lines of the server's own log; answers them with their places.
    ///
    /// # Errors
    /// When the database does not take them.
    pub async fn server_log_append(&self, lines: Vec<LogLine>) -> Result<Vec<(i64, LogLine)>, StoreError> {
        if lines.is_empty() {
            return Ok(Vec::new());
        }
        let id = LogOwner::Server.id();
        let mut tx = self.telemetry.begin().await?;
        let mut owners = lock_owners(&mut tx, &BTreeSet::from([id])).await?;
        let owner = owners.get_mut(&id).ok_or_else(|| StoreError::unreadable("owner"))?;
        let mut new = New::default();
        let numbered = new.number(id, owner, lines);
        new.write(&mut tx, &owners).await?;
        tx.commit().await?;
        Ok(numbered)
    }
}

/// The rows that a call adds.
#[derive(Default)]
struct New {
    lines: Vec<[Value; 6]>,
    metrics: BTreeMap<(Uuid, Time), MetricRow>,
    spools: BTreeMap<(Uuid, Uuid), i64>,
    /// The place before which each owner's lines are over the limit.
    cut: BTreeMap<Uuid, i64>,
    touched: BTreeSet<Uuid>,
}

impl New {
    fn take(&mut self, id: Uuid, owner: &mut Owner, batch: &TelemetryBatch) -> Vec<(i64, LogLine)> {
        for sample in &batch.samples {
            if let Some(row) = MetricRow::of_sample(sample) {
                owner.due.add(sample.at);
                self.touched.insert(id);
                self.metrics.insert((id, sample.at), row);
            }
        }
        self.number(id, owner, batch.lines.clone())
    }

    fn number(&mut self, id: Uuid, owner: &mut Owner, lines: Vec<LogLine>) -> Vec<(i64, LogLine)> {
        if lines.is_empty() {
            return Vec::new();
        }
        self.touched.insert(id);
        let before = owner.last_seq;
        let numbered: Vec<_> = (before.saturating_add(1)..).zip(lines).collect();
        for (seq, line) in &numbered {
            owner.last_seq = *seq;
            let (source, message) = (line.source.as_str().into(), line.message.as_str().into());
            self.lines.push([id.into(), (*seq).into(), line.at.into(), i64::from(line.level.number()).into(), source, message]);
        }
        if before / LINES_STEP != owner.last_seq / LINES_STEP {
            self.cut.insert(id, owner.last_seq - LINES_MAX + LINES_STEP);
        }
        numbered
    }

    async fn write(self, tx: &mut Tx, owners: &BTreeMap<Uuid, Owner>) -> Result<(), StoreError> {
        for chunk in self.lines.chunks(ROWS_MAX) {
            let sql = Sql::new("INSERT INTO log_line (owner, seq, at, level, source, message) VALUES ");
            tx.run(sql.rows(chunk.iter().cloned())).await?;
        }
        for (id, before) in self.cut.into_iter().filter(|(_, before)| *before > 0) {
            tx.run(Sql::new("DELETE FROM log_line WHERE owner = $1 AND seq <= $2").bind(id).bind(before)).await?;
        }
        metric::upsert(tx, self.metrics.into_iter().map(|((id, at), row)| (id, 0, at, row)).collect()).await?;
        let spools: Vec<_> = self.spools.into_iter().collect();
        for chunk in spools.chunks(ROWS_MAX) {
            let rows = chunk.iter().map(|((id, spool), last)| [Value::from(*id), (*spool).into(), (*last).into()]);
            let sql = Sql::new("INSERT INTO spool (agent_id, spool_id, last_batch) VALUES ").rows(rows);
            let sql = sql.push(" ON CONFLICT (agent_id, spool_id) DO UPDATE SET last_batch = excluded.last_batch, idle_since = NULL");
            tx.run(sql).await?;
        }
        let touched = self.touched.iter().filter_map(|id| owners.get(id).map(|owner| (*id, *owner)));
        write_owners(tx, touched.collect()).await
    }
}

/// The rows of these owners, made where missing, and locked.
async fn lock_owners(tx: &mut Tx, ids: &BTreeSet<Uuid>) -> Result<BTreeMap<Uuid, Owner>, StoreError> {
    let mut owners = read_owners(tx, ids).await?;
    let missing: BTreeSet<Uuid> = ids.iter().filter(|id| !owners.contains_key(id)).copied().collect();
    if missing.is_empty() {
        return Ok(owners);
    }
    let rows: Vec<_> = missing.iter().copied().collect();
    for chunk in rows.chunks(ROWS_MAX) {
        let rows = chunk.iter().map(|id| [Value::from(*id), 0_i64.into(), 0_i64.into(), 0_i64.into()]);
        let sql = Sql::new("INSERT INTO owner (id, last_seq, rolled_to, due_to) VALUES ").rows(rows);
        tx.run(sql.push(" ON CONFLICT (id) DO NOTHING")).await?;
    }
    owners.extend(read_owners(tx, &missing).await?);
    Ok(owners)
}

/// The rows of these owners that exist, locked in the order of their ids.
async fn read_owners(tx: &mut Tx, ids: &BTreeSet<Uuid>) -> Result<BTreeMap<Uuid, Owner>, StoreError> {
    let mut owners = BTreeMap::new();
    let ids: Vec<_> = ids.iter().copied().collect();
    for chunk in ids.chunks(ROWS_MAX) {
        let sql = Sql::new("SELECT id, last_seq, rolled_to, due_to FROM owner WHERE id IN (").list(chunk.iter().map(|id| Value::from(*id)));
        let sql = tx.for_update(sql.push(") ORDER BY id"));
        for row in tx.all(sql).await? {
            let due = Due { rolled_to: row.time("rolled_to")?, due_to: row.time("due_to")? };
            owners.insert(row.id("id")?, Owner { last_seq: row.int("last_seq")?, due });
        }
    }
    Ok(owners)
}

async fn write_owners(tx: &mut Tx, owners: Vec<(Uuid, Owner)>) -> Result<(), StoreError> {
    for chunk in owners.chunks(ROWS_MAX) {
        let rows =
            chunk.iter().map(|(id, owner)| [Value::from(*id), owner.last_seq.into(), owner.due.rolled_to.into(), owner.due.due_to.into()]);
        let sql = Sql::new("INSERT INTO owner (id, last_seq, rolled_to, due_to) VALUES ").rows(rows);
        let sql = sql
            .push(" ON CONFLICT (id) DO UPDATE SET last_seq = excluded.last_seq, rolled_to = excluded.rolled_to, due_to = excluded.due_to");
        tx.run(sql).await?;
    }
    Ok(())
}

/// The last stored batch of every spool of these agents.
async fn last_batches(tx: &mut Tx, ids: &BTreeSet<Uuid>) -> Result<BTreeMap<(Uuid, Uuid), i64>, StoreError> {
    let mut last = BTreeMap::new();
    let ids: Vec<_> = ids.iter().copied().collect();
    for chunk in ids.chunks(ROWS_MAX) {
        let sql = Sql::new("SELECT agent_id, spool_id, last_batch FROM spool WHERE agent_id IN (");
        for row in tx.all(sql.list(chunk.iter().map(|id| Value::from(*id))).push(")")).await? {
            last.insert((row.id("agent_id")?, row.id("spool_id")?), row.int("last_batch")?);
        }
    }
    Ok(last)
}
