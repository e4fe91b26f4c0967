//! Users.

use axum::{
    Json,
    extract::{Path, State},
};
use http::StatusCode;
use mc_api::{
    list::List,
    problem::Problem,
    user::{User, UserCreate, UserSetRole, UserUpdate},
};

use super::{
    Http,
    caller::Caller,
    problem::Refusal,
    query::{Body, parse},
};

/// List users by name.
#[utoipa::path(get, path = "/api/v1/admin/users", tag = "users", responses((status = 200, body = List<User>), (status = 403, body = Problem)))]
pub(crate) async fn user_list(State(http): State<Http>, Caller(ctx): Caller) -> Result<Json<List<User>>, Refusal> {
    let items: Vec<User> = http.app().user_list(&ctx).await?.into_iter().map(Into::into).collect();
    let total = u64::try_from(items.len()).unwrap_or(u64::MAX);
    Ok(Json(List { items, next_cursor: None, total }))
}

/// Make a user.
#[utoipa::path(post, path = "/api/v1/admin/users", tag = "users", request_body = UserCreate,
    responses((status = 201, body = User), (status = 400, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn user_create(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Body(wish): Body<UserCreate>,
) -> Result<(StatusCode, Json<User>), Refusal> {
    let user = http.app().user_create(&ctx, &wish.username, wish.password.into(), wish.role).await?;
    Ok((StatusCode::CREATED, Json(user.into())))
}

/// Give a user another role.
#[utoipa::path(put, path = "/api/v1/admin/users/{id}/roles", tag = "users", params(("id" = String, Path)), request_body = UserSetRole,
    responses((status = 200, body = User), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn user_set_role(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
    Body(wish): Body<UserSetRole>,
) -> Result<Json<User>, Refusal> {
    Ok(Json(http.app().user_set_role(&ctx, parse(&id)?, wish.role).await?.into()))
}

/// Disable or enable a user, or give a new password.
#[utoipa::path(patch, path = "/api/v1/admin/users/{id}", tag = "users", params(("id" = String, Path)), request_body = UserUpdate,
    responses((status = 200, body = User), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn user_update(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
    Body(wish): Body<UserUpdate>,
) -> Result<Json<User>, Refusal> {
    let id = parse(&id)?;
    let mut user = None;
    if let Some(password) = wish.password {
        user = Some(http.app().user_set_password(&ctx, id, password.into()).await?);
    }
    if let Some(active) = wish.active {
        user = Some(http.app().user_set_active(&ctx, id, active).await?);
    }
    user.map(|user| Json(user.into())).ok_or_else(|| Refusal::invalid("nothing to change: send active or password"))
}
