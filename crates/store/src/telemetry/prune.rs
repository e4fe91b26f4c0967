//! Forgetting telemetry: what is past its time, what is over the limit, and all of an agent that was removed.
//!
//! Everything goes in chunks of about [`CHUNK`] rows, each its own transaction, so that a writer waits for moments only.

use std::time::Duration;

use mc_domain::{id::AgentId, time::Time};
use uuid::Uuid;

use super::{
    LINES_MAX,
    metric::{FULL, MINUTE, QUARTER, floor},
};
use crate::{
    Store,
    error::StoreError,
    sql::{Row, Sql},
};

/// How long samples are kept.
pub(crate) const FULL_KEPT: Duration = Duration::from_secs(6 * 3600);
/// How long one-minute rows are kept.
pub(crate) const MINUTES_KEPT: Duration = Duration::from_secs(48 * 3600);
/// How long 15-minute rows and log lines are kept.
const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);
/// A spool from which nothing came for so long has no batch left that could be sent again and still be kept.
const SPOOL_KEPT: Duration = Duration::from_secs(8 * 24 * 3600);
/// Samples from further in the future than this are dropped.
const AHEAD_MAX: Duration = Duration::from_secs(24 * 3600);
/// Rows that go at once.
const CHUNK: i64 = 2_000;
/// Owners that are looked at with one statement.
const OWNERS: i64 = 500;

/// How much was forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pruned {
    /// Log lines.
    pub lines: u64,
    /// Metric rows of all steps.
    pub metrics: u64,
    /// Spools' marks.
    pub spools: u64,
}

/// An owner with where its oldest rows are.
struct Oldest {
    id: Uuid,
    last_seq: i64,
    seq: Option<i64>,
    rolled_to: Time,
    due_to: Time,
    full: Option<Time>,
    minute: Option<Time>,
    quarter: Option<Time>,
    newest: Option<Time>,
}

impl Store {
    /// Forgets samples after 6 hours (once they are rolled up), one-minute rows after 48 hours, 15-minute rows and log lines after 7 days, and
    /// log lines beyond 200,000 of one owner.
    ///
    /// # Errors
    /// When the database does not take it; what was forgotten before stays forgotten.
    pub async fn telemetry_prune(&self, now: Time) -> Result<Pruned, StoreError> {
        let mut pruned = Pruned { spools: self.prune_spools(now).await?, ..Pruned::default() };
        let mut after = None;
        loop {
            let owners = self.oldest_rows(after).await?;
            let Some(last) = owners.last() else { return Ok(pruned) };
            after = Some(last.id);
            for owner in owners {
                pruned.lines += self.prune_lines(&owner, now.before(WEEK)).await?;
                pruned.metrics += self.prune_metrics(&owner, now).await?;
            }
        }
    }

    /// Forgets everything of an agent.
    ///
    /// # Errors
    /// When the database does not take it; what was forgotten before stays forgotten.
    pub async fn telemetry_forget(&self, agent: AgentId) -> Result<(), StoreError> {
        let id = agent.0;
        self.drop_lines(id, i64::MAX, None).await?;
        for step in [FULL, MINUTE, QUARTER] {
            self.drop_metrics(id, step, Time::from_micros(i64::MAX)).await?;
        }
        let mut tx = self.telemetry.begin().await?;
        // The owner first: it is what a writer locks first.
        tx.run(Sql::new("DELETE FROM owner WHERE id = $1").bind(id)).await?;
        tx.run(Sql::new("DELETE FROM spool WHERE agent_id = $1").bind(id)).await?;
        tx.commit().await
    }

    async fn prune_spools(&self, now: Time) -> Result<u64, StoreError> {
        let mut tx = self.telemetry.begin().await?;
        let gone = tx.run(Sql::new("DELETE FROM spool WHERE idle_since < $1").bind(now.before(SPOOL_KEPT))).await?;
        tx.commit().await?;
        loop {
            let mut tx = self.telemetry.begin().await?;
            let stale = Sql::new(
                "UPDATE spool SET idle_since = $1 WHERE (agent_id, spool_id) IN \
                 (SELECT agent_id, spool_id FROM spool WHERE idle_since IS NULL ORDER BY agent_id, spool_id LIMIT 500",
            );
            let marked = tx.run(tx.for_update(stale).push(")").bind(now)).await?;
            tx.commit().await?;
            if marked < 500 {
                return Ok(gone);
            }
        }
    }

    async fn oldest_rows(&self, after: Option<Uuid>) -> Result<Vec<Oldest>, StoreError> {
        let mut sql = Sql::new(
            "SELECT id, last_seq, rolled_to, due_to, (SELECT MIN(seq) FROM log_line WHERE owner = owner.id) AS seq, \
             (SELECT MIN(at) FROM metric WHERE agent_id = owner.id AND step = 0) AS full_at, \
             (SELECT MIN(at) FROM metric WHERE agent_id = owner.id AND step = 60) AS minute_at, \
             (SELECT MIN(at) FROM metric WHERE agent_id = owner.id AND step = 900) AS quarter_at, \
             (SELECT MAX(at) FROM metric WHERE agent_id = owner.id AND step = 0) AS newest_at FROM owner",
        );
        if let Some(after) = after {
            sql = sql.push(" WHERE id > ").value(after);
        }
        let rows = self.telemetry.all(sql.push(" ORDER BY id LIMIT ").value(OWNERS)).await?;
        rows.iter().map(read).collect()
    }

    /// Forgets the owner's lines over the limit, and those written before then.
    async fn prune_lines(&self, owner: &Oldest, before: Time) -> Result<u64, StoreError> {
        let Some(oldest) = owner.seq else { return Ok(0) };
        let over = owner.last_seq.saturating_sub(LINES_MAX);
        let mut gone = if oldest <= over { self.drop_lines(owner.id, over, None).await? } else { 0 };
        // Lines come nearly in the order of their times: stop at the first chunk that holds no old one.
        let mut from = oldest.max(over.saturating_add(1));
        loop {
            let sql = Sql::new(
                "SELECT MAX(seq) AS last, COUNT(*) FILTER (WHERE at < $3) AS old \
                 FROM (SELECT seq, at FROM log_line WHERE owner = $1 AND seq >= $2 ORDER BY seq LIMIT $4) AS chunk",
            );
            let row = self.telemetry.one(sql.bind(owner.id).bind(from).bind(before).bind(CHUNK)).await?;
            let Some(last) = row.get::<Option<i64>>("last")? else { return Ok(gone) };
            if row.int("old")? == 0 {
                return Ok(gone);
            }
            gone += self.drop_lines(owner.id, last, Some((from, before))).await?;
            from = last.saturating_add(1);
        }
    }

    async fn prune_metrics(&self, owner: &Oldest, now: Time) -> Result<u64, StoreError> {
        let quarter = Duration::from_secs(QUARTER.unsigned_abs());
        // A sample that is not yet rolled up waits for it; rows go by whole quarters of an hour, so that none is left half.
        let waits = if owner.rolled_to < owner.due_to { owner.rolled_to } else { Time::from_micros(i64::MAX) };
        let full = floor(now.before(FULL_KEPT).min(waits), quarter);
        let minute = floor(now.before(MINUTES_KEPT).min(waits), quarter);
        let mut gone = 0;
        for (step, oldest, before) in [(FULL, owner.full, full), (MINUTE, owner.minute, minute), (QUARTER, owner.quarter, now.before(WEEK))]
        {
            if oldest.is_some_and(|at| at < before) {
                gone += self.drop_metrics(owner.id, step, before).await?;
            }
        }
        // A clock that runs ahead must not leave samples that never grow old.
        let ahead = now.after(AHEAD_MAX);
        if owner.newest.is_some_and(|at| at > ahead) {
            let mut tx = self.telemetry.begin().await?;
            gone += tx.run(Sql::new("DELETE FROM metric WHERE agent_id = $1 AND step = 0 AND at > $2").bind(owner.id).bind(ahead)).await?;
            tx.commit().await?;
        }
        Ok(gone)
    }

    /// Forgets lines up to a place: all of them, or from another place on those written before a time.
    async fn drop_lines(&self, owner: Uuid, to: i64, only: Option<(i64, Time)>) -> Result<u64, StoreError> {
        if let Some((from, before)) = only {
            let mut tx = self.telemetry.begin().await?;
            let sql = Sql::new("DELETE FROM log_line WHERE owner = $1 AND seq >= $2 AND seq <= $3 AND at < $4");
            let gone = tx.run(sql.bind(owner).bind(from).bind(to).bind(before)).await?;
            tx.commit().await?;
            return Ok(gone);
        }
        let mut total = 0;
        loop {
            let mut tx = self.telemetry.begin().await?;
            let sql = Sql::new(
                "DELETE FROM log_line WHERE owner = $1 AND seq <= $2 AND seq IN \
                 (SELECT seq FROM log_line WHERE owner = $1 AND seq <= $2 ORDER BY seq LIMIT $3)",
            );
            let gone = tx.run(sql.bind(owner).bind(to).bind(CHUNK)).await?;
            tx.commit().await?;
            total += gone;
            if gone < CHUNK.unsigned_abs() {
                return Ok(total);
            }
        }
    }

    async fn drop_metrics(&self, agent: Uuid, step: i64, before: Time) -> Result<u64, StoreError> {
        let mut total = 0;
        loop {
            let mut tx = self.telemetry.begin().await?;
            let sql = Sql::new(
                "DELETE FROM metric WHERE agent_id = $1 AND step = $2 AND at IN \
                 (SELECT at FROM metric WHERE agent_id = $1 AND step = $2 AND at < $3 ORDER BY at LIMIT $4)",
            );
            let gone = tx.run(sql.bind(agent).bind(step).bind(before).bind(CHUNK)).await?;
            tx.commit().await?;
            total += gone;
            if gone < CHUNK.unsigned_abs() {
                return Ok(total);
            }
        }
    }
}

fn read(row: &Row) -> Result<Oldest, StoreError> {
    Ok(Oldest {
        id: row.id("id")?,
        last_seq: row.int("last_seq")?,
        seq: row.get("seq")?,
        rolled_to: row.time("rolled_to")?,
        due_to: row.time("due_to")?,
        full: row.time_maybe("full_at")?,
        minute: row.time_maybe("minute_at")?,
        quarter: row.time_maybe("quarter_at")?,
        newest: row.time_maybe("newest_at")?,
    })
}
