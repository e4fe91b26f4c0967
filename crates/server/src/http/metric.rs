//! Metrics of an agent.

use axum::{
    Json,
    extract::{Path, State},
};
use mc_api::{
    metric::{MetricSeries, Metrics},
    problem::Problem,
};
use mc_app::fleet::metric::MetricWish;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    Http,
    caller::Caller,
    problem::Refusal,
    query::{Query, parse_some, words},
};

/// Which metrics, over which span.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct MetricQuery {
    /// Names separated by commas; absent: all.
    names: Option<String>,
    /// From when (RFC 3339); absent: an hour before the end.
    from: Option<String>,
    /// Until when (RFC 3339); absent: now.
    to: Option<String>,
    /// Seconds between points; absent: so that there are at most 400.
    step: Option<u64>,
}

/// Metrics of an agent over a span.
#[utoipa::path(get, path = "/api/v1/agents/{id}/metrics", tag = "agents",
    params(("id" = String, Path, description = "Id or name"), MetricQuery),
    responses((status = 200, body = Metrics), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn agent_metrics(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
    Query(query): Query<MetricQuery>,
) -> Result<Json<Metrics>, Refusal> {
    let wish = MetricWish {
        names: words(query.names.as_deref()).map(ToOwned::to_owned).collect(),
        from: parse_some(query.from.as_deref())?,
        to: parse_some(query.to.as_deref())?,
        step: query.step,
    };
    let metrics = http.app().agent_metrics(&ctx, &id, wish).await?;
    let series = metrics.series.into_iter().filter_map(|series| {
        let points = series.points.iter().map(|point| (point.at.as_micros() / 1_000, point.min, point.avg, point.max)).collect();
        Some(MetricSeries { name: series.metric.name()?.to_owned(), unit: series.metric.unit().to_owned(), points })
    });
    Ok(Json(Metrics { from: metrics.from, to: metrics.to, step_seconds: metrics.step.as_secs(), series: series.collect() }))
}
