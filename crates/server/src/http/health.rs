//! Probes: alive, and ready to serve.

use axum::{Json, extract::State, response::IntoResponse, response::Response};
use http::StatusCode;
use mc_api::status::Health;

use super::Http;

fn answer(well: bool, warnings: Vec<String>) -> Response {
    let (status, word) = if well { (StatusCode::OK, "ok") } else { (StatusCode::SERVICE_UNAVAILABLE, "unavailable") };
    (status, Json(Health { status: word.to_owned(), warnings })).into_response()
}

async fn ready(http: &Http) -> bool {
    !http.0.draining.is_cancelled() && http.app().store().ping().await.is_ok()
}

/// Whether the server works and its database answers.
#[utoipa::path(get, path = "/health", tag = "server", security(()), responses((status = 200, body = Health), (status = 503, body = Health)))]
pub(crate) async fn health(State(http): State<Http>) -> Response {
    let mut warnings: Vec<String> = http.app().warnings().into_iter().map(|(name, _)| name.to_owned()).collect();
    let audit = http.app().audit_state();
    warnings.extend(audit.bad.is_some().then(|| "audit_trail".to_owned()));
    warnings.extend((!audit.mirrors.is_empty()).then(|| "audit_mirror".to_owned()));
    answer(ready(&http).await, warnings)
}

/// Whether the process is alive.
#[utoipa::path(get, path = "/healthz", tag = "server", security(()), responses((status = 200, body = Health)))]
pub(crate) async fn healthz() -> Response {
    answer(true, Vec::new())
}

/// Whether requests should be sent here: not while the database is away or the server drains.
#[utoipa::path(get, path = "/readyz", tag = "server", security(()), responses((status = 200, body = Health), (status = 503, body = Health)))]
pub(crate) async fn readyz(State(http): State<Http>) -> Response {
    answer(ready(&http).await, Vec::new())
}
