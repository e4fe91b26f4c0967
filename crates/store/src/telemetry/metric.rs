//! Metrics: rows that hold a whole sample, and the series read from them.

use std::{collections::BTreeMap, time::Duration};

use mc_domain::{
    id::AgentId,
    metric::{Metric, Point, Sample, Series},
    time::Time,
};
use uuid::Uuid;

use super::blob::{Stat, pack, unpack};
use crate::{
    Store,
    db::Tx,
    error::StoreError,
    sql::{ROWS_MAX, Row, Sql, Value},
};

/// The step of rows that hold one sample, in seconds.
pub(crate) const FULL: i64 = 0;
/// One-minute steps.
pub(crate) const MINUTE: i64 = 60;
/// 15-minute steps.
pub(crate) const QUARTER: i64 = 900;

/// The step of the list's sparkline.
const SPARK: Duration = Duration::from_secs(300);

/// All metrics of an agent over one step.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MetricRow {
    /// How many samples it sums up.
    pub(crate) weight: i64,
    pub(crate) values: Vec<(Metric, Stat)>,
}

impl MetricRow {
    /// The row of one sample; `None` when it holds no finite value.
    pub(crate) fn of_sample(sample: &Sample) -> Option<Self> {
        let values: BTreeMap<_, _> = sample.values.iter().filter_map(|(metric, value)| Some((*metric, Stat::single(*value)?))).collect();
        (!values.is_empty()).then(|| Self { weight: 1, values: values.into_iter().collect() })
    }
}

/// Adds rows up.
#[derive(Default)]
pub(crate) struct Sum {
    weight: i64,
    metrics: BTreeMap<Metric, Part>,
}

#[derive(Clone, Copy)]
struct Part {
    min: f32,
    max: f32,
    weighted: f64,
    weight: f64,
}

impl Sum {
    /// Adds those of the row's values that are `wanted`.
    pub(crate) fn add(&mut self, row: &MetricRow, wanted: impl Fn(Metric) -> bool) {
        self.weight = self.weight.saturating_add(row.weight);
        #[expect(clippy::cast_precision_loss, reason = "a weight is a small count")]
        let weight = row.weight as f64;
        for (metric, stat) in row.values.iter().filter(|(metric, _)| wanted(*metric)) {
            let part = self.metrics.entry(*metric).or_insert(Part { min: stat.min, max: stat.max, weighted: 0.0, weight: 0.0 });
            part.min = part.min.min(stat.min);
            part.max = part.max.max(stat.max);
            part.weighted += f64::from(stat.avg) * weight;
            part.weight += weight;
        }
    }

    /// Everything as one row.
    pub(crate) fn row(&self) -> MetricRow {
        let values = self.metrics.iter().map(|(metric, part)| (*metric, part.stat())).collect();
        MetricRow { weight: self.weight, values }
    }
}

/// Which rows a stretch of time was read from, so that nothing counts twice.
#[derive(Default)]
struct Taken {
    /// Quarters of an hour, and whether they were read from 15-minute rows.
    quarters: BTreeMap<Time, bool>,
    /// Minutes, and the step of the rows they were read from.
    minutes: BTreeMap<Time, i64>,
}

impl Taken {
    /// Takes a row; false when its time was read from rows of another step.
    fn take(&mut self, step: i64, at: Time) -> bool {
        let coarse = step == QUARTER;
        let quarter = floor(at, Duration::from_secs(900));
        if *self.quarters.entry(quarter).or_insert(coarse) != coarse {
            return false;
        }
        coarse || *self.minutes.entry(floor(at, Duration::from_secs(60))).or_insert(step) == step
    }
}

impl Part {
    fn stat(self) -> Stat {
        #[expect(clippy::cast_possible_truncation, reason = "seven digits are kept on purpose")]
        let avg = (self.weighted / self.weight) as f32;
        // Rounding must not push the average out of the extremes.
        Stat { min: self.min, avg: avg.clamp(self.min, self.max), max: self.max }
    }
}

impl Store {
    /// The series of the metrics over `from` to `to`, a point for each `step` that has values, aligned to the wall clock. The finest rows
    /// that suit the step are taken, and where they are missing, before or after, what is there.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn metric_series(
        &self,
        agent: AgentId,
        metrics: &[Metric],
        from: Time,
        to: Time,
        step: Duration,
    ) -> Result<Vec<Series>, StoreError> {
        let step = step.max(Duration::from_secs(1));
        let order @ [preferred, ..] = match step.as_secs() {
            900.. => [QUARTER, MINUTE, FULL],
            60.. => [MINUTE, FULL, QUARTER],
            _ => [FULL, MINUTE, QUARTER],
        };
        let mut sums: BTreeMap<Time, Sum> = BTreeMap::new();
        let mut taken = Taken::default();
        let mut begin = from;
        for resolution in order {
            // Finer rows than the preferred ones matter only after those end; coarser ones fill what is missing anywhere.
            let after = if resolution < preferred { begin } else { from };
            let sql =
                Sql::new("SELECT at, weight, data FROM metric WHERE agent_id = $1 AND step = $2 AND at >= $3 AND at < $4 ORDER BY at");
            for row in self.telemetry.all(sql.bind(agent.0).bind(resolution).bind(after).bind(to)).await? {
                let at = row.time("at")?;
                if taken.take(resolution, at) {
                    sums.entry(floor(at, step)).or_default().add(&read(&row)?, |metric| metrics.contains(&metric));
                }
                begin = begin.max(at.after(Duration::from_secs(resolution.unsigned_abs())));
            }
        }
        let mut series: Vec<_> = metrics.iter().map(|metric| Series { metric: *metric, points: Vec::new() }).collect();
        for (at, sum) in sums {
            for one in &mut series {
                if let Some(part) = sum.metrics.get(&one.metric) {
                    let stat = part.stat();
                    one.points.push(Point { at, min: tidy(stat.min), avg: tidy(stat.avg), max: tidy(stat.max) });
                }
            }
        }
        Ok(series)
    }

    /// Averages of the machines' CPU since then over 5 minutes each, by agent, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn metric_recent_cpu(&self, since: Time) -> Result<Vec<(AgentId, Time, f64)>, StoreError> {
        const OWNERS: usize = 200;
        let mut recent = Vec::new();
        let mut after = Uuid::nil();
        loop {
            let sql =
                Sql::new("SELECT id FROM owner WHERE id > $1 ORDER BY id LIMIT $2").bind(after).bind(i64::try_from(OWNERS).unwrap_or(0));
            let ids = self.telemetry.all(sql).await?.iter().map(|row| row.id("id")).collect::<Result<Vec<_>, _>>()?;
            let Some(last) = ids.last() else { return Ok(recent) };
            after = *last;
            let mut sums: BTreeMap<(Uuid, Time), Sum> = BTreeMap::new();
            let mut ends: BTreeMap<Uuid, Time> = ids.iter().map(|id| (*id, since)).collect();
            for (id, at, row) in self.rows_of(&ids, MINUTE, since).await? {
                ends.insert(id, at.after(Duration::from_secs(60)));
                sums.entry((id, floor(at, SPARK))).or_default().add(&row, |metric| metric == Metric::CPU);
            }
            // The newest minutes are not yet rolled up: take their samples.
            let from = ends.values().min().copied().unwrap_or(since);
            for (id, at, row) in self.rows_of(&ids, FULL, from).await? {
                if ends.get(&id).is_some_and(|end| at >= *end) {
                    sums.entry((id, floor(at, SPARK))).or_default().add(&row, |metric| metric == Metric::CPU);
                }
            }
            for ((id, at), sum) in sums {
                recent.extend(sum.metrics.get(&Metric::CPU).map(|part| (AgentId(id), at, tidy(part.stat().avg))));
            }
        }
    }

    async fn rows_of(&self, ids: &[Uuid], step: i64, from: Time) -> Result<Vec<(Uuid, Time, MetricRow)>, StoreError> {
        let sql =
            Sql::new("SELECT agent_id, at, weight, data FROM metric WHERE step = $1 AND at >= $2 AND agent_id IN (").bind(step).bind(from);
        let sql = sql.list(ids.iter().map(|id| Value::from(*id))).push(") ORDER BY agent_id, at");
        self.telemetry.all(sql).await?.iter().map(|row| Ok((row.id("agent_id")?, row.time("at")?, read(row)?))).collect()
    }
}

/// Writes rows (agent, step, at, values), replacing those that exist. No two may have the same agent, step and time.
pub(crate) async fn upsert(tx: &mut Tx, rows: Vec<(Uuid, i64, Time, MetricRow)>) -> Result<(), StoreError> {
    for chunk in rows.chunks(ROWS_MAX) {
        let sql = Sql::new(INSERT).rows(chunk.iter().map(columns));
        tx.run(sql.push(" ON CONFLICT (agent_id, step, at) DO UPDATE SET weight = excluded.weight, data = excluded.data")).await?;
    }
    Ok(())
}

/// Writes rows where none exists.
pub(crate) async fn insert_missing(tx: &mut Tx, rows: Vec<(Uuid, i64, Time, MetricRow)>) -> Result<(), StoreError> {
    for chunk in rows.chunks(ROWS_MAX) {
        tx.run(Sql::new(INSERT).rows(chunk.iter().map(columns)).push(" ON CONFLICT (agent_id, step, at) DO NOTHING")).await?;
    }
    Ok(())
}

const INSERT: &str = "INSERT INTO metric (agent_id, step, at, weight, data) VALUES ";

fn columns((agent, step, at, row): &(Uuid, i64, Time, MetricRow)) -> [Value; 5] {
    [(*agent).into(), (*step).into(), (*at).into(), row.weight.into(), pack(&row.values).into()]
}

/// A row from its columns `weight` and `data`.
pub(crate) fn read(row: &Row) -> Result<MetricRow, StoreError> {
    Ok(MetricRow { weight: row.int("weight")?, values: unpack(&row.get::<Vec<u8>>("data")?)? })
}

/// The beginning of the step that a moment is in.
pub(crate) fn floor(at: Time, step: Duration) -> Time {
    let step = i64::try_from(step.as_micros()).unwrap_or(i64::MAX).max(1);
    Time::from_micros(at.as_micros().saturating_sub(at.as_micros().rem_euclid(step)))
}

/// The number with the fewest digits that is this one as `f32`: 12.3, not 12.300000190734863.
fn tidy(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_weigh_averages_by_their_samples() {
        let row = |weight, min, avg, max| MetricRow { weight, values: vec![(Metric::CPU, Stat { min, avg, max })] };
        let mut sum = Sum::default();
        sum.add(&row(3, 1.0, 2.0, 9.0), |_| true);
        sum.add(&row(1, 0.5, 10.0, 10.0), |_| true);
        assert_eq!(sum.row(), row(4, 0.5, 4.0, 10.0));
    }

    #[test]
    fn steps_begin_on_the_wall_clock() {
        let minute = Duration::from_secs(60);
        assert_eq!(floor(Time::from_micros(119_999_999), minute), Time::from_micros(60_000_000));
        assert_eq!(floor(Time::from_micros(-1), minute), Time::from_micros(-60_000_000));
    }

    #[test]
    fn numbers_come_out_tidy() {
        assert!((tidy(12.3) - 12.3_f64).abs() < f64::EPSILON);
        assert!((tidy(8e9) - 8e9).abs() < f64::EPSILON);
    }
}
