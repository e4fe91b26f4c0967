//! Rolling up: one-minute rows from samples, 15-minute rows from one-minute rows.
//!
//! Each owner's row says from where on there is work. A sample that arrives late moves that mark back, so the steps it belongs to are made
//! again, from all that is stored. Steps whose finer rows were partly forgotten are only made when they do not exist.

use std::{collections::BTreeMap, time::Duration};

use mc_domain::time::Time;
use uuid::Uuid;

use super::{
    metric::{FULL, MINUTE, MetricRow, QUARTER, Sum, floor, insert_missing, read, upsert},
    prune::{FULL_KEPT, MINUTES_KEPT},
};
use crate::{
    Store,
    db::{Db, Tx},
    error::StoreError,
    sql::{Sql, Value},
};

const ONE_MINUTE: Duration = Duration::from_secs(60);
const ONE_QUARTER: Duration = Duration::from_secs(900);
/// A minute is rolled up this long after its end: most samples have arrived by then.
const LAG: Duration = Duration::from_secs(60);
/// The most owners, and the longest stretch of time, of one transaction.
const OWNERS_MAX: i64 = 64;
const STRETCH_MAX: Duration = Duration::from_secs(1800);

/// What of an owner's samples is not rolled up yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Due {
    /// Samples before this are in the coarser steps. A whole minute.
    pub(crate) rolled_to: Time,
    /// Nothing is left to do from here on: the end of the quarter of an hour that the latest sample is in.
    pub(crate) due_to: Time,
}

impl Due {
    /// A sample is added.
    pub(crate) fn add(&mut self, at: Time) {
        let minute = floor(at, ONE_MINUTE);
        let idle = self.rolled_to >= self.due_to;
        self.rolled_to = if idle { minute } else { self.rolled_to.min(minute) };
        self.due_to = self.due_to.max(floor(at, ONE_QUARTER).after(ONE_QUARTER));
    }
}

impl Store {
    /// Makes the coarser steps of all samples that arrived, up to about a minute ago. Doing it again changes nothing.
    ///
    /// # Errors
    /// When the database does not take it; what was done before stays done.
    pub async fn telemetry_roll_up(&self, now: Time) -> Result<(), StoreError> {
        let to = floor(now.before(LAG), ONE_MINUTE);
        while roll_some(&self.telemetry, to, now).await? {}
        Ok(())
    }
}

/// Rolls up the owners that are furthest behind, by one stretch; false when none is behind.
async fn roll_some(db: &Db, to: Time, now: Time) -> Result<bool, StoreError> {
    let mut tx = db.begin().await?;
    let sql = Sql::new("SELECT id FROM owner WHERE rolled_to < due_to AND rolled_to < $1 ORDER BY rolled_to, id LIMIT $2");
    let rows = tx.all(sql.bind(to).bind(OWNERS_MAX)).await?;
    let ids = rows.iter().map(|row| row.id("id").map(Value::from)).collect::<Result<Vec<_>, _>>()?;
    if ids.is_empty() {
        return Ok(false);
    }
    let sql = Sql::new("SELECT id, rolled_to, due_to FROM owner WHERE id IN (").list(ids).push(") ORDER BY id");
    let mut owners: BTreeMap<Uuid, Due> = BTreeMap::new();
    let locked = tx.for_update(sql);
    for row in tx.all(locked).await? {
        owners.insert(row.id("id")?, Due { rolled_to: row.time("rolled_to")?, due_to: row.time("due_to")? });
    }
    let Some(from) = owners.values().map(|due| due.rolled_to).min() else { return Ok(false) };
    let end = to.min(floor(from, ONE_QUARTER).after(STRETCH_MAX));
    owners.retain(|_, due| due.rolled_to < end && due.rolled_to < due.due_to);
    roll(&mut tx, &owners, from, end, now).await?;
    // Owners are locked already, so the order of these does not matter.
    for (id, due) in &owners {
        let done = if end < to { next_work(&mut tx, *id, end).await?.unwrap_or(due.due_to) } else { end };
        let done = done.min(due.due_to);
        tx.run(Sql::new("UPDATE owner SET rolled_to = $2 WHERE id = $1").bind(*id).bind(done)).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// The minute of the first sample from `end` on: a silence, however long, is passed over in one step. `end` begins a quarter of an hour, so
/// that none is left half made.
async fn next_work(tx: &mut Tx, id: Uuid, end: Time) -> Result<Option<Time>, StoreError> {
    let sql = Sql::new("SELECT MIN(at) AS next FROM metric WHERE agent_id = $1 AND step = 0 AND at >= $2").bind(id).bind(end);
    let next = tx.first(sql).await?.map_or(Ok(None), |row| row.time_maybe("next"))?;
    Ok(next.map(|at| floor(at, ONE_MINUTE)))
}

/// Makes the steps between each owner's mark and `end`.
async fn roll(tx: &mut Tx, owners: &BTreeMap<Uuid, Due>, from: Time, end: Time, now: Time) -> Result<(), StoreError> {
    let minutes = sums(tx, owners, FULL, from, end, |due, at| at >= due.rolled_to).await?;
    write(tx, MINUTE, minutes, now.before(FULL_KEPT)).await?;
    let quarter_end = floor(end, ONE_QUARTER);
    let quarter_from = floor(from, ONE_QUARTER);
    if quarter_from < quarter_end {
        let quarters = sums(tx, owners, MINUTE, quarter_from, quarter_end, |due, at| at >= floor(due.rolled_to, ONE_QUARTER)).await?;
        write(tx, QUARTER, quarters, now.before(MINUTES_KEPT)).await?;
    }
    Ok(())
}

/// Sums of the rows of step `of`, by owner and by the next coarser step.
async fn sums(
    tx: &mut Tx,
    owners: &BTreeMap<Uuid, Due>,
    of: i64,
    from: Time,
    end: Time,
    wanted: impl Fn(&Due, Time) -> bool + Send,
) -> Result<BTreeMap<(Uuid, Time), Sum>, StoreError> {
    let coarser = if of == FULL { ONE_MINUTE } else { ONE_QUARTER };
    let mut sums: BTreeMap<(Uuid, Time), Sum> = BTreeMap::new();
    let sql = Sql::new("SELECT agent_id, at, weight, data FROM metric WHERE step = $1 AND at >= $2 AND at < $3 AND agent_id IN (");
    let sql = sql.bind(of).bind(from).bind(end).list(owners.keys().map(|id| Value::from(*id))).push(")");
    for row in tx.all(sql).await? {
        let (id, at) = (row.id("agent_id")?, row.time("at")?);
        if owners.get(&id).is_some_and(|due| wanted(due, at)) {
            sums.entry((id, floor(at, coarser))).or_default().add(&read(&row)?, |_| true);
        }
    }
    Ok(sums)
}

/// Writes the sums; those from before `whole_from` only where there is none, because part of what they were made of may be gone.
async fn write(tx: &mut Tx, step: i64, sums: BTreeMap<(Uuid, Time), Sum>, whole_from: Time) -> Result<(), StoreError> {
    let rows = sums.into_iter().map(|((id, at), sum)| (id, step, at, sum.row()));
    let (whole, late): (Vec<(Uuid, i64, Time, MetricRow)>, Vec<_>) = rows.partition(|(_, _, at, _)| *at >= whole_from);
    upsert(tx, whole).await?;
    insert_missing(tx, late).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(n: i64) -> Time {
        Time::from_micros(n * 60_000_000)
    }

    #[test]
    fn marks_follow_samples() {
        let mut due = Due { rolled_to: minutes(0), due_to: minutes(0) };
        due.add(minutes(61).after(Duration::from_secs(5)));
        assert_eq!(due, Due { rolled_to: minutes(61), due_to: minutes(75) });
        due.add(minutes(58));
        assert_eq!(due, Due { rolled_to: minutes(58), due_to: minutes(75) }, "a late sample moves the mark back");
        due.rolled_to = minutes(75);
        due.add(minutes(300));
        assert_eq!(due, Due { rolled_to: minutes(300), due_to: minutes(315) }, "a silence is skipped");
    }
}
