//! Invites: made by admins, used by whoever holds the link.

use std::time::Duration;

use axum::{
    Json,
    extract::{Path, State},
};
use axum_extra::extract::CookieJar;
use http::StatusCode;
use mc_api::{
    auth::LoginAnswer,
    invite::{Invite, InviteAccept, InviteCreate, InviteCreated, InviteLook, InviteOffer},
    list::List,
    problem::Problem,
};
use mc_app::identity::invite::{INVITE_LIFE, InviteWish, Newcomer};
use mc_domain::{invite, time::Time};
use secrecy::ExposeSecret;

use super::{
    Http,
    auth::answer,
    caller::{Caller, Door, Stranger},
    problem::Refusal,
    query::{Body, parse},
    request::Address,
};

/// List the newest invites, without their secrets.
#[utoipa::path(get, path = "/api/v1/admin/invites", tag = "users", responses((status = 200, body = List<Invite>), (status = 403, body = Problem)))]
pub(crate) async fn invite_list(State(http): State<Http>, Caller(ctx): Caller) -> Result<Json<List<Invite>>, Refusal> {
    let items: Vec<Invite> = http.app().invite_list(&ctx).await?.into_iter().map(|invite| shown(invite, ctx.now)).collect();
    let total = u64::try_from(items.len()).unwrap_or(u64::MAX);
    Ok(Json(List { items, next_cursor: None, total }))
}

/// Make an invite. Its secret is shown this once.
#[utoipa::path(post, path = "/api/v1/admin/invites", tag = "users", request_body = InviteCreate,
    responses((status = 201, body = InviteCreated), (status = 400, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn invite_create(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Body(asked): Body<InviteCreate>,
) -> Result<(StatusCode, Json<InviteCreated>), Refusal> {
    let life = asked.ttl_seconds.map_or(INVITE_LIFE, Duration::from_secs);
    let wish = InviteWish { role: asked.role, email: asked.email, note: asked.note, life, send: asked.send };
    let made = http.app().invite_create(&ctx, wish).await?;
    let (token, url) = (made.token.expose_secret().to_owned(), made.url.expose_secret().to_owned());
    Ok((StatusCode::CREATED, Json(InviteCreated { invite: shown(made.invite, ctx.now), token, url })))
}

/// Revoke an invite. An account that was made with it stays.
#[utoipa::path(delete, path = "/api/v1/admin/invites/{id}", tag = "users", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
pub(crate) async fn invite_revoke(State(http): State<Http>, Caller(ctx): Caller, Path(id): Path<String>) -> Result<StatusCode, Refusal> {
    http.app().invite_revoke(&ctx, parse(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// See what an invite offers.
#[utoipa::path(post, path = "/api/v1/auth/invite/look", tag = "auth", security(()), request_body = InviteLook,
    responses((status = 200, body = InviteOffer), (status = 403, body = Problem), (status = 429, body = Problem)))]
pub(crate) async fn invite_look(
    State(http): State<Http>,
    Stranger(ctx): Stranger,
    address: axum::Extension<Address>,
    Body(asked): Body<InviteLook>,
) -> Result<Json<InviteOffer>, Refusal> {
    http.0.limits.auth(address.0.0)?;
    let found = http.app().invite_look(&ctx, &asked.token).await?;
    let email = found.email.map(Into::into);
    Ok(Json(InviteOffer { role: found.role, email, expires_at: found.expires_at, invited_by: found.created_by }))
}

/// Make an account with an invite, and log in.
#[utoipa::path(post, path = "/api/v1/auth/invite/accept", tag = "auth", security(()), request_body = InviteAccept,
    responses((status = 200, body = LoginAnswer), (status = 400, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem),
        (status = 429, body = Problem)))]
pub(crate) async fn invite_accept(
    State(http): State<Http>,
    Stranger(ctx): Stranger,
    door: Door,
    jar: CookieJar,
    Body(asked): Body<InviteAccept>,
) -> Result<(CookieJar, Json<LoginAnswer>), Refusal> {
    http.0.limits.auth(door.address)?;
    let newcomer = Newcomer { name: asked.username, display_name: asked.display_name, password: asked.password.into() };
    let logged_in = http.app().invite_accept(&ctx, &asked.token, newcomer, door.visitor()).await?;
    Ok(answer(&http, jar, logged_in))
}

fn shown(invite: invite::Invite, now: Time) -> Invite {
    Invite {
        state: invite.state(now),
        id: invite.id,
        role: invite.role,
        email: invite.email.map(Into::into),
        note: invite.note,
        created_by: invite.created_by,
        created_at: invite.created_at,
        expires_at: invite.expires_at,
        used_at: invite.used_at,
        used_by: invite.used_by,
        revoked_at: invite.revoked_at,
    }
}
