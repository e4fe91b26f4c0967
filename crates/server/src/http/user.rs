//! Users, as admins see and change them.

use axum::{
    Json,
    extract::{Path, State},
};
use http::StatusCode;
use mc_api::{
    list::List,
    me::Session,
    problem::Problem,
    user::{ResetLink, User, UserCreate, UserCreated, UserSetRole, UserUpdate},
};
use mc_app::identity::{
    link::LinkMade,
    user::{ProfileWish, UserQuery, UserStatus, UserView, UserWish},
};
use secrecy::ExposeSecret;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    Http,
    caller::Caller,
    problem::Refusal,
    query::{Body, Query, limit, parse, parse_some},
};

/// Users in one page, unless asked for fewer, and at most.
const PAGE: u32 = 500;

/// Which users to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Part of the login name, display name or address.
    q: Option<String>,
    /// `active`, `disabled`, or `locked`: strangers who try to log in as the user are held up.
    status: Option<String>,
    /// The role the user always has.
    role: Option<String>,
    /// At most this many, up to 500.
    limit: Option<u32>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// List users by name.
#[utoipa::path(get, path = "/api/v1/admin/users", tag = "users", params(Wanted),
    responses((status = 200, body = List<User>), (status = 403, body = Problem)))]
pub(crate) async fn user_list(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Query(wanted): Query<Wanted>,
) -> Result<Json<List<User>>, Refusal> {
    let query =
        UserQuery { status: parse_some::<UserStatus>(wanted.status.as_deref())?, role: parse_some(wanted.role.as_deref())?, q: wanted.q };
    let page = limit(wanted.limit, PAGE, PAGE)?;
    let (found, total) = http.app().user_list(&ctx, query, page, wanted.cursor.as_deref()).await?;
    let full = u32::try_from(found.len()).is_ok_and(|found| found == page);
    let items: Vec<User> = found.into_iter().map(shown).collect();
    let next_cursor = items.last().filter(|_| full).map(|user| user.username.clone());
    Ok(Json(List { items, next_cursor, total }))
}

/// One user.
#[utoipa::path(get, path = "/api/v1/admin/users/{id}", tag = "users", params(("id" = String, Path)),
    responses((status = 200, body = User), (status = 404, body = Problem)))]
pub(crate) async fn user_show(State(http): State<Http>, Caller(ctx): Caller, Path(id): Path<String>) -> Result<Json<User>, Refusal> {
    Ok(Json(shown(http.app().user_show(&ctx, parse(&id)?).await?)))
}

/// Make a user, with a password or with a link to choose one.
#[utoipa::path(post, path = "/api/v1/admin/users", tag = "users", request_body = UserCreate,
    responses((status = 201, body = UserCreated), (status = 400, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn user_create(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Body(asked): Body<UserCreate>,
) -> Result<(StatusCode, Json<UserCreated>), Refusal> {
    if asked.password.is_some() == asked.invite {
        return Err(Refusal::invalid("send either a password, or invite: true"));
    }
    let wish = UserWish {
        name: asked.username,
        password: asked.password.map(Into::into),
        role: asked.role,
        display_name: asked.display_name,
        email: asked.email,
    };
    let (user, made) = http.app().user_create(&ctx, wish).await?;
    Ok((StatusCode::CREATED, Json(UserCreated { user: shown(user), link: made.as_ref().map(link) })))
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
    Ok(Json(shown(http.app().user_set_role(&ctx, parse(&id)?, wish.role).await?)))
}

/// Disable, enable or unlock a user, or change the password, display name or address.
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
    if wish.display_name.is_some() || wish.email.is_some() {
        let profile = ProfileWish { display_name: wish.display_name, email: wish.email };
        user = Some(http.app().user_set_profile(&ctx, id, &profile).await?);
    }
    if let Some(password) = wish.password {
        user = Some(http.app().user_set_password(&ctx, id, password.into()).await?);
    }
    if let Some(active) = wish.active {
        user = Some(http.app().user_set_active(&ctx, id, active).await?);
    }
    if wish.unlock == Some(true) {
        user = Some(http.app().user_unlock(&ctx, id).await?);
    }
    user.map(|user| Json(shown(user)))
        .ok_or_else(|| Refusal::invalid("nothing to change: send active, password, display_name, email or unlock"))
}

/// Delete a user. What they did stays on record, and the name stays reserved.
#[utoipa::path(delete, path = "/api/v1/admin/users/{id}", tag = "users", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn user_delete(State(http): State<Http>, Caller(ctx): Caller, Path(id): Path<String>) -> Result<StatusCode, Refusal> {
    http.app().user_delete(&ctx, parse(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make a link with which a user sets a new password. It works once, for 30 minutes.
#[utoipa::path(post, path = "/api/v1/admin/users/{id}/reset-link", tag = "users", params(("id" = String, Path)),
    responses((status = 200, body = ResetLink), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn user_reset_link(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
) -> Result<Json<ResetLink>, Refusal> {
    Ok(Json(link(&http.app().user_reset_link(&ctx, parse(&id)?).await?)))
}

/// List a user's open sessions, the one used last first.
#[utoipa::path(get, path = "/api/v1/admin/users/{id}/sessions", tag = "users", params(("id" = String, Path)),
    responses((status = 200, body = List<Session>), (status = 404, body = Problem)))]
pub(crate) async fn user_sessions(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
) -> Result<Json<List<Session>>, Refusal> {
    let found = http.app().user_sessions(&ctx, parse(&id)?).await?;
    let items: Vec<Session> = found.into_iter().map(|session| Session::new(session, ctx.actor.session())).collect();
    let total = u64::try_from(items.len()).unwrap_or(u64::MAX);
    Ok(Json(List { items, next_cursor: None, total }))
}

/// End all sessions of a user.
#[utoipa::path(delete, path = "/api/v1/admin/users/{id}/sessions", tag = "users", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
pub(crate) async fn user_sessions_end(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    http.app().user_sessions_end(&ctx, parse(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A user as the interface shows one.
pub(crate) fn shown(view: UserView) -> User {
    let UserView { user, locked_until, second_factor, providers } = view;
    User {
        id: user.id,
        username: user.name.to_string(),
        display_name: user.display_name.to_string(),
        active: user.is_active(),
        email: user.email.map(Into::into),
        email_verified: user.email_verified_at.is_some(),
        role: user.role,
        locked_until,
        second_factor,
        providers,
        created_at: user.created_at,
        last_active_at: user.last_active_at,
        last_login_at: user.last_login_at,
    }
}

fn link(made: &LinkMade) -> ResetLink {
    ResetLink { url: made.url.expose_secret().to_owned(), expires_at: made.expires_at }
}
