//! Recorded sessions.

use std::time::Duration;

use axum::{
    Json,
    body::Body,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream};
use http::header;
use mc_api::{list::List, problem::Problem, recording::Recording};
use mc_app::{
    AppError,
    terminals::{
        CONTENT_TYPE,
        recording::{CastReader, RecordingFilter},
    },
};
use mc_domain::ctx::Ctx;
use serde::Deserialize;
use tokio::time::{Instant, interval_at};
use utoipa::IntoParams;

use super::{
    Http,
    caller::{AccessToken, Caller},
    problem::Refusal,
    query::{Query, limit, parse, parse_some},
};

/// How often a watcher's session and roles are looked at again.
const RECHECK: Duration = Duration::from_secs(5);

/// Which recordings.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct RecordingQuery {
    /// Only of this cluster.
    cluster: Option<String>,
    /// Only of this user, by name.
    user: Option<String>,
    /// Where the page before ended.
    cursor: Option<String>,
    /// How many, at most 500.
    limit: Option<u32>,
}

/// List recorded sessions, newest first: one's own, and with `recording_admin` everybody's.
#[utoipa::path(get, path = "/api/v1/recordings", tag = "recordings", params(RecordingQuery),
    responses((status = 200, body = List<Recording>), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub(crate) async fn recording_list(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Query(query): Query<RecordingQuery>,
) -> Result<Json<List<Recording>>, Refusal> {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let filter = RecordingFilter {
        cluster: given(query.cluster),
        user: given(query.user),
        before: parse_some(query.cursor.as_deref())?,
        ..RecordingFilter::default()
    };
    let limit = usize::try_from(limit(query.limit, 100, 500)?).unwrap_or(500);
    let (found, more) = http.app().recording_list(&ctx, filter, limit).await?;
    let items: Vec<Recording> = found.into_iter().map(Recording::from).collect();
    let total = u64::try_from(items.len()).unwrap_or(u64::MAX);
    let next_cursor = items.last().filter(|_| more).map(|last| last.id.to_string());
    Ok(Json(List { items, next_cursor, total }))
}

/// Show one recorded session.
#[utoipa::path(get, path = "/api/v1/recordings/{id}", tag = "recordings", params(("id" = String, Path)),
    responses((status = 200, body = Recording), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn recording_show(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
) -> Result<Json<Recording>, Refusal> {
    Ok(Json(http.app().recording_show(&ctx, parse(&id)?).await?.into()))
}

/// Whether to stay.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct CastQuery {
    /// Stay while the session goes on, and send what comes.
    follow: bool,
}

/// The text of a recorded session: asciicast, version 2. Each time it is asked for is written down.
#[utoipa::path(get, path = "/api/v1/recordings/{id}/cast", tag = "recordings", params(("id" = String, Path), CastQuery),
    responses((status = 200, body = String, content_type = "application/x-asciicast"), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn recording_cast(
    State(http): State<Http>,
    Caller(ctx): Caller,
    token: AccessToken,
    Path(id): Path<String>,
    Query(query): Query<CastQuery>,
) -> Result<Response, Refusal> {
    let id = parse(&id)?;
    let reader = http.app().recording_cast(&ctx, id, query.follow).await?;
    let draining = http.0.draining.clone();
    let watch = Watch { http, ctx, token: token.0 };
    let lines = lines(reader, watch).take_until(draining.cancelled_owned()).fuse();
    let name = format!("attachment; filename=\"{id}.cast\"");
    let headers = [
        (header::CONTENT_TYPE, CONTENT_TYPE.to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::HeaderName::from_static("x-accel-buffering"), "no".to_owned()),
    ];
    Ok((headers, Body::from_stream(lines)).into_response())
}

/// Somebody who watches: looked at again while they do.
struct Watch {
    http: Http,
    ctx: Ctx,
    token: String,
}

impl Watch {
    /// Whether the session lives and the roles still allow it. A database that is away for a moment ends nothing.
    async fn allows(&mut self, reader: &CastReader) -> bool {
        match self.http.app().authenticate_again(&self.token, self.ctx.request_id, self.ctx.address.clone()).await {
            Ok(ctx) => {
                self.ctx = ctx;
                !matches!(reader.recheck(&self.ctx).await, Err(AppError::NotFound(_) | AppError::Denied(_) | AppError::Forbidden { .. }))
            }
            Err(AppError::Unauthenticated { .. }) => false,
            Err(_) => true,
        }
    }
}

/// The lines as they come. A slow watcher holds up nobody: what it has not asked for yet waits in the database.
fn lines(reader: CastReader, watch: Watch) -> impl Stream<Item = Result<Bytes, std::io::Error>> + Send {
    let recheck = interval_at(Instant::now() + RECHECK, RECHECK);
    stream::unfold(Some((reader, watch, recheck)), |state| async move {
        let (mut reader, mut watch, mut recheck) = state?;
        loop {
            tokio::select! {
                biased;
                _ = recheck.tick() => if !watch.allows(&reader).await { return None },
                lines = reader.next() => return match lines {
                    Ok(Some(lines)) => Some((Ok(lines), Some((reader, watch, recheck)))),
                    Ok(None) => None,
                    // The connection is cut, so that a part is not taken for the whole.
                    Err(error) => {
                        tracing::warn!(%error, "a recording cannot be read");
                        Some((Err(std::io::Error::other("the recording cannot be read")), None))
                    }
                },
            }
        }
    })
    .fuse()
}
