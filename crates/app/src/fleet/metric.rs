//! Metrics of an agent over a span.

use std::time::Duration;

use mc_domain::{
    action,
    ctx::Ctx,
    metric::{METRICS, Metric, Series},
    time::Time,
};

use crate::{App, error::AppError};

/// Points a chart needs at most.
const POINTS: u64 = 400;
/// The finest step there is: how often agents measure.
const FINEST: u64 = 15;
/// Steps that are offered, in seconds: clocks and people count in them.
const STEPS: [u64; 9] = [15, 30, 60, 120, 300, 900, 1_800, 3_600, 7_200];

/// What is asked.
#[derive(Debug, Clone, Default)]
pub struct MetricWish {
    /// Which metrics; empty: all.
    pub names: Vec<String>,
    /// From when; `None`: an hour before the end.
    pub from: Option<Time>,
    /// Until when; `None`: now.
    pub to: Option<Time>,
    /// Seconds between points; `None`: so that a chart is well filled.
    pub step: Option<u64>,
}

/// What was found.
#[derive(Debug)]
pub struct Metrics {
    /// The span's beginning.
    pub from: Time,
    /// The span's end.
    pub to: Time,
    /// Time between points.
    pub step: Duration,
    /// One for each metric that has points.
    pub series: Vec<Series>,
}

impl App {
    /// Metrics of an agent.
    ///
    /// # Errors
    /// When there is no such agent or metric, the span is empty, or the caller may not.
    pub async fn agent_metrics(&self, ctx: &Ctx, id_or_name: &str, wish: MetricWish) -> Result<Metrics, AppError> {
        let (_, permit) = self.agent_for::<action::AgentMetrics>(ctx, id_or_name)?;
        let to = wish.to.unwrap_or(ctx.now);
        let from = wish.from.unwrap_or_else(|| to.before(Duration::from_secs(3_600)));
        if from >= to {
            return Err(AppError::Invalid("`from` must be before `to`".to_owned()));
        }
        let span = to.since(from).as_secs().min(8 * 86_400);
        let step = step(span, wish.step);
        let metrics = metrics(&wish.names)?;
        let mut series = self.store.metric_series(permit.id, &metrics, from, to, step).await?;
        series.retain(|series| !series.points.is_empty());
        Ok(Metrics { from, to, step, series })
    }
}

/// The step asked for, but never so fine that more than `POINTS` would come; else the finest that fits.
fn step(span: u64, wanted: Option<u64>) -> Duration {
    let least = (span / POINTS).max(FINEST);
    let fitting = STEPS.into_iter().find(|step| *step >= least).unwrap_or(least);
    Duration::from_secs(wanted.map_or(fitting, |step| step.max(least)))
}

fn metrics(names: &[String]) -> Result<Vec<Metric>, AppError> {
    if names.is_empty() {
        return Ok((0..).take(METRICS.len()).map(Metric).collect());
    }
    let known = |name: &String| Metric::by_name(name).ok_or_else(|| AppError::Invalid(format!("there is no metric {name:?}")));
    names.iter().map(known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_keep_charts_small() {
        for (span, wanted, expected) in [
            (3_600, None, 15),
            (6 * 3_600, None, 60),
            (86_400, None, 300),
            (7 * 86_400, None, 1_800),
            (3_600, Some(1), 15),
            (3_600, Some(60), 60),
        ] {
            assert_eq!(step(span, wanted).as_secs(), expected, "{span} {wanted:?}");
        }
    }
}
