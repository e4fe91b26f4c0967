//! Join tokens.

use std::time::Duration;

use axum::{
    Json,
    extract::{Path, State},
};
use http::StatusCode;
use mc_api::{
    join_token::{JoinToken, JoinTokenCreate, JoinTokenCreated},
    list::List,
    problem::Problem,
};
use mc_app::fleet::join_token::JoinTokenWish;
use secrecy::ExposeSecret;

use super::{
    Http,
    caller::Caller,
    problem::Refusal,
    query::{Body, parse},
};

/// List join tokens, newest first, without their secrets.
#[utoipa::path(get, path = "/api/v1/join-tokens", tag = "join tokens", responses((status = 200, body = List<JoinToken>), (status = 403, body = Problem)))]
pub(crate) async fn join_token_list(State(http): State<Http>, Caller(ctx): Caller) -> Result<Json<List<JoinToken>>, Refusal> {
    let items: Vec<JoinToken> = http.app().join_token_list(&ctx).await?.into_iter().map(Into::into).collect();
    let total = u64::try_from(items.len()).unwrap_or(u64::MAX);
    Ok(Json(List { items, next_cursor: None, total }))
}

/// Make a join token. Its secret is shown this once.
#[utoipa::path(post, path = "/api/v1/join-tokens", tag = "join tokens", request_body = JoinTokenCreate,
    responses((status = 201, body = JoinTokenCreated), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub(crate) async fn join_token_create(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Body(asked): Body<JoinTokenCreate>,
) -> Result<(StatusCode, Json<JoinTokenCreated>), Refusal> {
    let usual = JoinTokenWish::default();
    let wish = JoinTokenWish {
        life: asked.ttl_seconds.map_or(usual.life, Duration::from_secs),
        uses: asked.uses.unwrap_or(usual.uses),
        kind: asked.kind,
        tags: asked.tags,
        allow_api_key: asked.allow_api_key,
    };
    let made = http.app().join_token_create(&ctx, wish).await?;
    let (server, ca_pin) = (http.app().settings().agent_address.clone(), http.app().ca().pin());
    let token = made.secret.expose_secret().to_owned();
    let command = format!("mc-agent join --server {server} --token {token} --ca-pin {ca_pin} --data-dir /var/lib/mc-agent");
    let created = JoinTokenCreated { token, ca_pin, server, expires_at: made.token.expires_at, command, id: made.token.id };
    Ok((StatusCode::CREATED, Json(created)))
}

/// Revoke a join token; agents it admitted stay.
#[utoipa::path(delete, path = "/api/v1/join-tokens/{id}", tag = "join tokens", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
pub(crate) async fn join_token_revoke(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    http.app().join_token_revoke(&ctx, parse(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
