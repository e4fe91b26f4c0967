//! Roles given to users, service tokens and groups.

use std::time::Duration;

use axum::{
    Json,
    extract::{Path, State},
};
use http::StatusCode;
use mc_api::{
    list::List,
    problem::Problem,
    role_assignment::{RoleAssignment, RoleAssignmentCreate, Subject},
};
use mc_app::access::assignment::{AssignmentView, AssignmentWish};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    Http,
    caller::Caller,
    problem::Refusal,
    query::{Body, Query, parse, parse_some},
};

fn assignment(view: AssignmentView) -> RoleAssignment {
    let AssignmentView { given, subject_name } = view;
    RoleAssignment {
        id: given.id,
        role: given.role,
        subject: Subject { kind: given.subject_kind, id: given.subject, name: subject_name },
        expires_at: given.expires_at,
        created_at: given.created_at,
        created_by: given.created_by,
        reason: given.reason,
    }
}

/// Which assignments.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct AssignmentQuery {
    /// Only of this role.
    role: Option<String>,
    /// Only to this user (id or name), service token (id) or group.
    subject: Option<String>,
}

/// List who was given which role, newest first.
#[utoipa::path(get, path = "/api/v1/admin/role-assignments", tag = "roles", params(AssignmentQuery),
    responses((status = 200, body = List<RoleAssignment>), (status = 403, body = Problem)))]
pub(crate) async fn assignment_list(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Query(query): Query<AssignmentQuery>,
) -> Result<Json<List<RoleAssignment>>, Refusal> {
    let role = parse_some(query.role.as_deref())?;
    let subject = query.subject.as_deref().filter(|subject| !subject.is_empty());
    let items: Vec<RoleAssignment> = http.app().assignment_list(&ctx, role.as_ref(), subject).await?.into_iter().map(assignment).collect();
    let total = u64::try_from(items.len()).unwrap_or(u64::MAX);
    Ok(Json(List { items, next_cursor: None, total }))
}

/// Give a role to a user, a service token or a group, for good or for a while.
#[utoipa::path(post, path = "/api/v1/admin/role-assignments", tag = "roles", request_body = RoleAssignmentCreate,
    responses((status = 201, body = RoleAssignment), (status = 400, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn assignment_create(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Body(asked): Body<RoleAssignmentCreate>,
) -> Result<(StatusCode, Json<RoleAssignment>), Refusal> {
    let wish = AssignmentWish {
        role: asked.role,
        subject_kind: asked.subject_kind,
        subject: asked.subject,
        life: asked.expires_in_seconds.map(Duration::from_secs),
        reason: asked.reason,
    };
    Ok((StatusCode::CREATED, Json(assignment(http.app().assignment_create(&ctx, wish).await?))))
}

/// Take a role away again. It counts from the next request.
#[utoipa::path(delete, path = "/api/v1/admin/role-assignments/{id}", tag = "roles", params(("id" = String, Path)),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn assignment_remove(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    http.app().assignment_remove(&ctx, parse(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
