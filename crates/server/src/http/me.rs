//! The caller's own profile, password, sessions, logins and preferences.

use axum::{
    Json,
    extract::{Path, State},
};
use http::StatusCode;
use mc_api::{
    list::List,
    me::{HeldRole, Login, MePassword, MeUpdate, Preferences, Profile, Session},
    problem::Problem,
};
use mc_app::identity::{profile, user::ProfileWish};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    Http,
    caller::Caller,
    problem::Refusal,
    query::{Body, Query, limit, parse, parse_some},
};

/// Which part of the history.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// At most this many, up to 200; 50 when left out.
    limit: Option<u32>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// The caller's own profile.
#[utoipa::path(get, path = "/api/v1/me", tag = "me", responses((status = 200, body = Profile), (status = 401, body = Problem)))]
pub(crate) async fn me_profile(State(http): State<Http>, Caller(ctx): Caller) -> Result<Json<Profile>, Refusal> {
    Ok(Json(shown(http.app().me_profile(&ctx).await?)))
}

/// Change one's own display name or address.
#[utoipa::path(patch, path = "/api/v1/me", tag = "me", request_body = MeUpdate,
    responses((status = 200, body = Profile), (status = 400, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn me_update(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Body(asked): Body<MeUpdate>,
) -> Result<Json<Profile>, Refusal> {
    if asked.display_name.is_none() && asked.email.is_none() {
        return Err(Refusal::invalid("nothing to change: send display_name or email"));
    }
    let wish = ProfileWish { display_name: asked.display_name, email: asked.email };
    Ok(Json(shown(http.app().me_update(&ctx, &wish).await?)))
}

/// Have the link sent that proves one's own address.
#[utoipa::path(post, path = "/api/v1/me/email/verify", tag = "me", responses((status = 202), (status = 409, body = Problem), (status = 429, body = Problem)))]
pub(crate) async fn me_email_verify(State(http): State<Http>, Caller(ctx): Caller) -> Result<StatusCode, Refusal> {
    http.app().me_email_verify(&ctx).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Change one's own password. All other sessions end.
#[utoipa::path(post, path = "/api/v1/me/password", tag = "me", request_body = MePassword,
    responses((status = 204), (status = 400, body = Problem), (status = 403, body = Problem), (status = 429, body = Problem)))]
pub(crate) async fn me_password(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Body(asked): Body<MePassword>,
) -> Result<StatusCode, Refusal> {
    http.app().me_password(&ctx, asked.current.into(), asked.new.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List one's own open sessions, the one used last first.
#[utoipa::path(get, path = "/api/v1/me/sessions", tag = "me", responses((status = 200, body = List<Session>), (status = 401, body = Problem)))]
pub(crate) async fn me_sessions(State(http): State<Http>, Caller(ctx): Caller) -> Result<Json<List<Session>>, Refusal> {
    let found = http.app().me_sessions(&ctx).await?;
    let items: Vec<Session> = found.into_iter().map(|session| Session::new(session, ctx.actor.session())).collect();
    let total = u64::try_from(items.len()).unwrap_or(u64::MAX);
    Ok(Json(List { items, next_cursor: None, total }))
}

/// End one of one's own sessions.
#[utoipa::path(delete, path = "/api/v1/me/sessions/{id}", tag = "me", params(("id" = String, Path)), responses((status = 204), (status = 404, body = Problem)))]
pub(crate) async fn me_session_end(State(http): State<Http>, Caller(ctx): Caller, Path(id): Path<String>) -> Result<StatusCode, Refusal> {
    http.app().me_session_end(&ctx, parse(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End all of one's own sessions but this.
#[utoipa::path(delete, path = "/api/v1/me/sessions", tag = "me", responses((status = 204), (status = 401, body = Problem)))]
pub(crate) async fn me_sessions_end(State(http): State<Http>, Caller(ctx): Caller) -> Result<StatusCode, Refusal> {
    http.app().me_sessions_end(&ctx).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Read one's own login history, newest first.
#[utoipa::path(get, path = "/api/v1/me/logins", tag = "me", params(Wanted), responses((status = 200, body = List<Login>), (status = 401, body = Problem)))]
pub(crate) async fn me_logins(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Query(wanted): Query<Wanted>,
) -> Result<Json<List<Login>>, Refusal> {
    let page = limit(wanted.limit, 50, 200)?;
    let (found, total) = http.app().me_logins(&ctx, page, parse_some(wanted.cursor.as_deref())?).await?;
    let full = u32::try_from(found.len()).is_ok_and(|found| found == page);
    let next_cursor = found.last().filter(|_| full).map(|record| record.id.to_string());
    Ok(Json(List { items: found.into_iter().map(Into::into).collect(), next_cursor, total }))
}

/// Read one's own preferences.
#[utoipa::path(get, path = "/api/v1/me/preferences", tag = "me", responses((status = 200, body = Preferences), (status = 401, body = Problem)))]
pub(crate) async fn me_preferences(State(http): State<Http>, Caller(ctx): Caller) -> Result<Json<Preferences>, Refusal> {
    Ok(Json(http.app().me_preferences(&ctx).await?.into()))
}

/// Keep one's own preferences: all of them; what is left out is as by default.
#[utoipa::path(put, path = "/api/v1/me/preferences", tag = "me", request_body = Preferences,
    responses((status = 200, body = Preferences), (status = 400, body = Problem)))]
pub(crate) async fn me_preferences_update(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Body(asked): Body<Preferences>,
) -> Result<Json<Preferences>, Refusal> {
    http.app().me_preferences_update(&ctx, &asked.clone().into()).await?;
    Ok(Json(asked))
}

fn shown(profile: profile::Profile) -> Profile {
    let user = profile.view.user;
    Profile {
        id: user.id,
        username: user.name.to_string(),
        display_name: user.display_name.to_string(),
        email_verified: user.email_verified_at.is_some(),
        email: user.email.map(Into::into),
        role: user.role,
        roles: profile
            .roles
            .into_iter()
            .map(|held| HeldRole { role: held.role, expires_at: held.expires_at, source: held.source })
            .collect(),
        created_at: user.created_at,
        last_login_at: user.last_login_at,
        password_set_at: user.password_set_at,
        has_password: profile.has_password,
        second_factor: profile.view.second_factor,
        providers: profile.view.providers,
    }
}
