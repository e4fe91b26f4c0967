//! Roles and the actions their rules are about.

use axum::{
    Json,
    extract::{Path, State},
};
use http::StatusCode;
use mc_api::{
    list::List,
    problem::Problem,
    role::{Action, Role, RoleChecked, RoleForm, RoleProblem},
};
use mc_app::access::role::RoleView;
use mc_domain::action::ActionInfo;

use super::{
    Http,
    caller::Caller,
    problem::Refusal,
    query::{Body, parse},
};

fn role(view: RoleView) -> Role {
    let RoleView { form, built_in, cedar, uses, version, updated_at, updated_by } = view;
    Role {
        name: form.name,
        title: form.title,
        description: form.description,
        built_in,
        by_hand: form.cedar.is_some(),
        rules: form.rules.into_iter().map(Into::into).collect(),
        cedar,
        step_up: form.step_up,
        assignments: uses.assignments,
        users: uses.users,
        version,
        updated_at,
        updated_by,
    }
}

/// List roles: the built-in ones, then those made here by name.
#[utoipa::path(get, path = "/api/v1/admin/roles", tag = "roles", responses((status = 200, body = List<Role>), (status = 403, body = Problem)))]
pub(crate) async fn role_list(State(http): State<Http>, Caller(ctx): Caller) -> Result<Json<List<Role>>, Refusal> {
    let items: Vec<Role> = http.app().role_list(&ctx).await?.into_iter().map(role).collect();
    let total = u64::try_from(items.len()).unwrap_or(u64::MAX);
    Ok(Json(List { items, next_cursor: None, total }))
}

/// Make a role.
#[utoipa::path(post, path = "/api/v1/admin/roles", tag = "roles", request_body = RoleForm,
    responses((status = 201, body = Role), (status = 400, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn role_create(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Body(form): Body<RoleForm>,
) -> Result<(StatusCode, Json<Role>), Refusal> {
    Ok((StatusCode::CREATED, Json(role(http.app().role_create(&ctx, form.into()).await?))))
}

/// What a role allows.
#[utoipa::path(get, path = "/api/v1/admin/roles/{name}", tag = "roles", params(("name" = String, Path)),
    responses((status = 200, body = Role), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn role_show(State(http): State<Http>, Caller(ctx): Caller, Path(name): Path<String>) -> Result<Json<Role>, Refusal> {
    Ok(Json(role(http.app().role_show(&ctx, &parse(&name)?).await?)))
}

/// Change a role. It counts from the next request of everybody who has it.
#[utoipa::path(put, path = "/api/v1/admin/roles/{name}", tag = "roles", params(("name" = String, Path)), request_body = RoleForm,
    responses((status = 200, body = Role), (status = 400, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn role_update(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(name): Path<String>,
    Body(form): Body<RoleForm>,
) -> Result<Json<Role>, Refusal> {
    let version = form.version;
    Ok(Json(role(http.app().role_update(&ctx, &parse(&name)?, form.into(), version).await?)))
}

/// Delete a role that nobody has.
#[utoipa::path(delete, path = "/api/v1/admin/roles/{name}", tag = "roles", params(("name" = String, Path)),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn role_delete(State(http): State<Http>, Caller(ctx): Caller, Path(name): Path<String>) -> Result<StatusCode, Refusal> {
    http.app().role_delete(&ctx, &parse(&name)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Check a role without saving it: its Cedar text, and what is wrong with it.
#[utoipa::path(post, path = "/api/v1/admin/roles/check", tag = "roles", request_body = RoleForm,
    responses((status = 200, body = RoleChecked), (status = 403, body = Problem)))]
pub(crate) async fn role_check(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Body(form): Body<RoleForm>,
) -> Result<Json<RoleChecked>, Refusal> {
    let (cedar, problems) = http.app().role_check(&ctx, &form.into())?;
    let problems = problems.into_iter().map(|problem| RoleProblem { at: problem.at, text: problem.text }).collect();
    Ok(Json(RoleChecked { cedar, problems }))
}

/// List the actions there are.
#[utoipa::path(get, path = "/api/v1/admin/actions", tag = "roles", responses((status = 200, body = List<Action>), (status = 403, body = Problem)))]
pub(crate) async fn action_list(State(http): State<Http>, Caller(ctx): Caller) -> Result<Json<List<Action>>, Refusal> {
    let action = |info: &ActionInfo| Action {
        name: info.name.to_owned(),
        text: info.text.to_owned(),
        on: info.on.as_str().to_owned(),
        destructive: info.destructive,
        weakest: info.weakest,
    };
    let items: Vec<Action> = http.app().action_list(&ctx)?.iter().map(action).collect();
    let total = u64::try_from(items.len()).unwrap_or(u64::MAX);
    Ok(Json(List { items, next_cursor: None, total }))
}
