//! Actions on agents, and the commands they become.

use std::time::Duration;

use axum::{
    Json,
    extract::{Path, State},
};
use http::StatusCode;
use mc_api::{
    command::{ActionAccepted, ActionRequest, BulkActionAnswer, BulkActionItem, BulkActionRequest, Command},
    list::List,
    problem::Problem,
};
use mc_app::fleet::command::{DEFAULT_TIMEOUT, Wish};
use mc_domain::command::CommandAction;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    Http,
    caller::{AccessToken, Caller},
    problem::Refusal,
    query::{Body, Query, limit, parse, parse_some},
};

/// The longest that an answer about a command may wait for its result, in seconds: proxies cut what is silent for longer.
const WAIT_MAX: u32 = 60;

fn wish(action: CommandAction, reason: String, timeout: Option<u32>) -> Wish {
    Wish { action, reason, timeout: timeout.map_or(DEFAULT_TIMEOUT, |seconds| Duration::from_secs(seconds.into())) }
}

/// Ask an agent to restart or kill its workload, or to check it now.
#[utoipa::path(post, path = "/api/v1/agents/{id}/actions", tag = "commands", params(("id" = String, Path, description = "Id or name")),
    request_body = ActionRequest,
    responses((status = 202, body = ActionAccepted), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn agent_act(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
    Body(asked): Body<ActionRequest>,
) -> Result<(StatusCode, Json<ActionAccepted>), Refusal> {
    let command_id = http.app().agent_act(&ctx, &id, wish(asked.action, asked.reason, asked.timeout_seconds)).await?;
    Ok((StatusCode::ACCEPTED, Json(ActionAccepted { command_id })))
}

/// Ask many agents at once. One that cannot does not keep the others from it.
#[utoipa::path(post, path = "/api/v1/actions", tag = "commands", request_body = BulkActionRequest,
    responses((status = 202, body = BulkActionAnswer), (status = 400, body = Problem)))]
pub(crate) async fn agents_act(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Body(asked): Body<BulkActionRequest>,
) -> Result<(StatusCode, Json<BulkActionAnswer>), Refusal> {
    let items = http.app().agents_act(&ctx, &asked.agents, &wish(asked.action, asked.reason, asked.timeout_seconds)).await?;
    let items = items
        .into_iter()
        .map(|(agent, outcome)| match outcome.map_err(Refusal::from) {
            Ok(command_id) => BulkActionItem { agent, command_id: Some(command_id), code: None, detail: None },
            Err(refusal) => {
                BulkActionItem { agent, command_id: None, code: Some(refusal.code().to_owned()), detail: Some(refusal.detail().to_owned()) }
            }
        })
        .collect();
    Ok((StatusCode::ACCEPTED, Json(BulkActionAnswer { items })))
}

/// Which commands.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct CommandListQuery {
    /// Only this agent's, by id or name.
    agent: Option<String>,
    /// Only those without a result.
    open: bool,
    /// Commands a page: 1 to 500, default 50.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List commands, newest first.
#[utoipa::path(get, path = "/api/v1/commands", tag = "commands", params(CommandListQuery), responses((status = 200, body = List<Command>)))]
pub(crate) async fn command_list(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Query(query): Query<CommandListQuery>,
) -> Result<Json<List<Command>>, Refusal> {
    let size = limit(query.limit, 50, 500)?;
    let before = parse_some(query.cursor.as_deref())?;
    let (commands, total) = http.app().command_list(&ctx, query.agent.as_deref(), query.open, size, before).await?;
    let full = u32::try_from(commands.len()).is_ok_and(|len| len == size);
    let next_cursor = commands.last().filter(|_| full).map(|command| command.id.to_string());
    Ok(Json(List { items: commands.into_iter().map(Into::into).collect(), next_cursor, total }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ShowQuery {
    /// How many seconds to wait for its result, 0 to 60: the answer comes as soon as there is one, or as the command is when they are over.
    #[serde(default)]
    #[param(maximum = 60)]
    wait: u32,
}

/// One command.
#[utoipa::path(get, path = "/api/v1/commands/{id}", tag = "commands", params(("id" = String, Path), ShowQuery),
    responses((status = 200, body = Command), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn command_show(
    State(http): State<Http>,
    Caller(ctx): Caller,
    AccessToken(token): AccessToken,
    Path(id): Path<String>,
    Query(query): Query<ShowQuery>,
) -> Result<Json<Command>, Refusal> {
    let (app, id) = (http.app(), parse(&id)?);
    if query.wait > WAIT_MAX {
        return Err(Refusal::invalid(format!("wait must be at most {WAIT_MAX} seconds: ask again to wait longer")));
    }
    let command = app.command_show(&ctx, id).await?;
    if query.wait == 0 || command.state.is_final() {
        return Ok(Json(command.into()));
    }
    tokio::select! {
        () = app.command_ended(id, Duration::from_secs(query.wait.into())) => {}
        () = http.0.draining.cancelled() => {}
    }
    // Who asked may have been shut out meanwhile.
    let ctx = app.authenticate(&token, ctx.request_id, ctx.address).await?;
    Ok(Json(app.command_show(&ctx, id).await?.into()))
}

/// Give up a command.
#[utoipa::path(post, path = "/api/v1/commands/{id}/cancel", tag = "commands", params(("id" = String, Path)),
    responses((status = 200, body = Command), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn command_cancel(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
) -> Result<Json<Command>, Refusal> {
    Ok(Json(http.app().command_cancel(&ctx, parse(&id)?).await?.into()))
}
