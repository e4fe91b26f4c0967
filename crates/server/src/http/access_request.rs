//! Requests for access.

use std::time::Duration;

use axum::{
    Json,
    extract::{Path, State},
};
use http::StatusCode;
use mc_api::{
    access_request::{AccessRequest, AccessRequestApprove, AccessRequestCreate, AccessRequestDeny, Requester},
    list::List,
    problem::Problem,
};
use mc_app::access::request::{AccessQuery, AccessView, AccessWanted, AccessWish};
use mc_domain::access_request::{AccessState, Wanted};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    Http,
    caller::Caller,
    problem::Refusal,
    query::{Body, Query, limit, parse, parse_some},
};

fn access_request(view: AccessView) -> AccessRequest {
    let AccessView { request, may_decide } = view;
    let (role, action) = match request.wanted {
        Wanted::Role(role) => (Some(role), None),
        Wanted::Action { action, kind, thing, name } => (None, Some((action, kind, thing, name))),
    };
    let (action, kind, thing, name) = match action {
        Some((action, kind, thing, name)) => (Some(action), Some(kind), Some(thing), Some(name)),
        None => (None, None, None, None),
    };
    AccessRequest {
        id: request.id,
        requester: Requester { id: request.requester, username: request.requester_name },
        role,
        action,
        resource_kind: kind,
        resource: thing.filter(|thing| !thing.is_empty()),
        resource_name: name.filter(|name| !name.is_empty()),
        reason: request.reason,
        duration_seconds: request.duration.as_secs(),
        state: request.state,
        created_at: request.created_at,
        decided_at: request.decided_at,
        decided_by: request.decided_by,
        decision_reason: request.decision_reason,
        expires_at: request.expires_at,
        ended_at: request.ended_at,
        may_decide,
    }
}

/// Which requests.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct AccessRequestQuery {
    /// Only those that stand so now: `pending`, `approved`, `denied`, `cancelled`, `expired` or `ended`.
    state: Option<String>,
    /// `true`: only one's own.
    mine: Option<bool>,
    /// Where the page before ended.
    cursor: Option<String>,
    /// How many, at most 200.
    limit: Option<u32>,
}

/// List one's own requests for access and those one may decide, newest first.
#[utoipa::path(get, path = "/api/v1/access-requests", tag = "access", params(AccessRequestQuery),
    responses((status = 200, body = List<AccessRequest>), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub(crate) async fn access_request_list(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Query(query): Query<AccessRequestQuery>,
) -> Result<Json<List<AccessRequest>>, Refusal> {
    let state = match query.state.as_deref().filter(|state| !state.is_empty()) {
        None => None,
        Some(text) => Some(AccessState::from_text(text).ok_or_else(|| Refusal::invalid("there is no such state"))?),
    };
    let limit = usize::try_from(limit(query.limit, 50, 200)?).unwrap_or(200);
    let wanted = AccessQuery { mine: query.mine.unwrap_or(false), state, before: parse_some(query.cursor.as_deref())? };
    let (found, more) = http.app().access_request_list(&ctx, wanted, limit).await?;
    let items: Vec<AccessRequest> = found.into_iter().map(access_request).collect();
    let total = u64::try_from(items.len()).unwrap_or(u64::MAX);
    let next_cursor = items.last().filter(|_| more).map(|last| last.id.to_string());
    Ok(Json(List { items, next_cursor, total }))
}

/// Ask for a role, or for one action on one thing, for a while.
#[utoipa::path(post, path = "/api/v1/access-requests", tag = "access", request_body = AccessRequestCreate,
    responses((status = 201, body = AccessRequest), (status = 400, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn access_request_create(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Body(asked): Body<AccessRequestCreate>,
) -> Result<(StatusCode, Json<AccessRequest>), Refusal> {
    let wanted = match (asked.role, asked.action) {
        (Some(role), None) if asked.resource.is_none() && asked.resource_kind.is_none() => AccessWanted::Role(role),
        (None, Some(action)) => AccessWanted::Action { action, kind: asked.resource_kind, thing: asked.resource },
        _ => return Err(Refusal::invalid("ask for a role, or for an action with what it is done to")),
    };
    let wish = AccessWish { wanted, reason: asked.reason, duration: Duration::from_secs(asked.duration_seconds) };
    Ok((StatusCode::CREATED, Json(access_request(http.app().access_request_create(&ctx, wish).await?))))
}

/// Show one request.
#[utoipa::path(get, path = "/api/v1/access-requests/{id}", tag = "access", params(("id" = String, Path)),
    responses((status = 200, body = AccessRequest), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn access_request_show(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
) -> Result<Json<AccessRequest>, Refusal> {
    Ok(Json(access_request(http.app().access_request_show(&ctx, parse(&id)?).await?)))
}

/// Grant a request. It counts from the next request of who asked, and ends by itself.
#[utoipa::path(post, path = "/api/v1/access-requests/{id}/approve", tag = "access", params(("id" = String, Path)), request_body = AccessRequestApprove,
    responses((status = 200, body = AccessRequest), (status = 400, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn access_request_approve(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
    Body(said): Body<AccessRequestApprove>,
) -> Result<Json<AccessRequest>, Refusal> {
    let duration = said.duration_seconds.map(Duration::from_secs);
    Ok(Json(access_request(http.app().access_request_approve(&ctx, parse(&id)?, said.reason, duration).await?)))
}

/// Refuse a request.
#[utoipa::path(post, path = "/api/v1/access-requests/{id}/deny", tag = "access", params(("id" = String, Path)), request_body = AccessRequestDeny,
    responses((status = 200, body = AccessRequest), (status = 400, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn access_request_deny(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
    Body(said): Body<AccessRequestDeny>,
) -> Result<Json<AccessRequest>, Refusal> {
    Ok(Json(access_request(http.app().access_request_deny(&ctx, parse(&id)?, said.reason).await?)))
}

/// Take back one's own request.
#[utoipa::path(post, path = "/api/v1/access-requests/{id}/cancel", tag = "access", params(("id" = String, Path)),
    responses((status = 200, body = AccessRequest), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn access_request_cancel(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
) -> Result<Json<AccessRequest>, Refusal> {
    Ok(Json(access_request(http.app().access_request_cancel(&ctx, parse(&id)?).await?)))
}

/// End granted access early: by who has it, or by who may approve it.
#[utoipa::path(post, path = "/api/v1/access-requests/{id}/end", tag = "access", params(("id" = String, Path)),
    responses((status = 200, body = AccessRequest), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn access_request_end(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
) -> Result<Json<AccessRequest>, Refusal> {
    Ok(Json(access_request(http.app().access_request_end(&ctx, parse(&id)?).await?)))
}
