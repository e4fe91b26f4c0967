//! API tokens.

use std::time::Duration;

use axum::{
    Json,
    extract::{Path, State},
};
use http::StatusCode;
use mc_api::{
    list::List,
    problem::Problem,
    token::{Token, TokenCreate, TokenRotate, TokenSecret},
};
use mc_app::identity::token_wish::{self, TokenWish};
use secrecy::ExposeSecret;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    Http,
    caller::Caller,
    problem::Refusal,
    query::{Body, Query, parse},
};

/// Whose tokens.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct TokenQuery {
    /// Everybody's, for those who look after tokens.
    all: bool,
}

/// List one's own tokens, or everybody's, newest first, without their secrets.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "tokens", params(TokenQuery),
    responses((status = 200, body = List<Token>), (status = 403, body = Problem)))]
pub(crate) async fn token_list(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Query(query): Query<TokenQuery>,
) -> Result<Json<List<Token>>, Refusal> {
    let items: Vec<Token> = http.app().token_list(&ctx, query.all).await?.into_iter().map(|token| Token::of(token, ctx.now)).collect();
    let total = u64::try_from(items.len()).unwrap_or(u64::MAX);
    Ok(Json(List { items, next_cursor: None, total }))
}

/// Make a token. Its secret is shown this once.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "tokens", request_body = TokenCreate,
    responses((status = 201, body = TokenSecret), (status = 400, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn token_create(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Body(asked): Body<TokenCreate>,
) -> Result<(StatusCode, Json<TokenSecret>), Refusal> {
    let wish = TokenWish {
        name: asked.name,
        kind: asked.kind.into(),
        scopes: asked.scopes,
        roles: asked.roles,
        life: asked.expires_in_seconds.map(Duration::from_secs),
    };
    let made = http.app().token_create(&ctx, wish).await?;
    Ok((StatusCode::CREATED, Json(told(made, &ctx))))
}

/// See one token, with the addresses it was used from.
#[utoipa::path(get, path = "/api/v1/tokens/{id}", tag = "tokens", params(("id" = String, Path)),
    responses((status = 200, body = Token), (status = 404, body = Problem)))]
pub(crate) async fn token_show(State(http): State<Http>, Caller(ctx): Caller, Path(id): Path<String>) -> Result<Json<Token>, Refusal> {
    let (token, addresses) = http.app().token_show(&ctx, parse(&id)?).await?;
    Ok(Json(Token { addresses: addresses.into_iter().map(Into::into).collect(), ..Token::of(token, ctx.now) }))
}

/// Give a token a new secret; the old one works a while longer.
#[utoipa::path(post, path = "/api/v1/tokens/{id}/rotate", tag = "tokens", params(("id" = String, Path)), request_body = TokenRotate,
    responses((status = 200, body = TokenSecret), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn token_rotate(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
    Body(asked): Body<TokenRotate>,
) -> Result<Json<TokenSecret>, Refusal> {
    let made = http.app().token_rotate(&ctx, parse(&id)?, asked.overlap_seconds.map(Duration::from_secs)).await?;
    Ok(Json(told(made, &ctx)))
}

/// Revoke a token: it opens nothing from now on.
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", tag = "tokens", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
pub(crate) async fn token_revoke(State(http): State<Http>, Caller(ctx): Caller, Path(id): Path<String>) -> Result<StatusCode, Refusal> {
    http.app().token_revoke(&ctx, parse(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn told(made: token_wish::TokenSecret, ctx: &mc_domain::ctx::Ctx) -> TokenSecret {
    TokenSecret { token: Token::of(made.token, ctx.now), secret: made.secret.expose_secret().to_owned() }
}
