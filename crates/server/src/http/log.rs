//! Logs of agents and of the server itself: the last lines, followed live, or downloaded.

use std::{convert::Infallible, time::Duration};

use axum::{
    Json,
    body::Body,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use http::{HeaderValue, header};
use mc_api::{
    log::{LogLine, LogLines},
    problem::Problem,
};
use mc_app::{
    AppError,
    fleet::log::{Lines, LogFilter, LogReader},
};
use mc_domain::ctx::Ctx;
use serde::Deserialize;
use tokio::time::{Instant, interval_at};
use utoipa::IntoParams;

use super::{
    Http,
    caller::{AccessToken, Caller},
    problem::Refusal,
    query::{Query, limit, parse_some},
};

/// How often a follower's session and role are looked at again.
const RECHECK: Duration = Duration::from_secs(5);
/// Lines read at once while downloading: memory stays the same whatever the log's length.
const DOWNLOAD_PAGE: u32 = 2_000;

/// Which lines, in which form.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct LogQuery {
    /// The last this many: 1 to 5000, default 200; a download without it holds everything kept.
    lines: Option<u32>,
    /// This level and more serious: trace, debug, info, warn or error.
    level: Option<String>,
    /// Part of the message.
    q: Option<String>,
    /// Not before this time (RFC 3339).
    since: Option<String>,
    /// Only lines before this `seq`.
    before: Option<i64>,
    /// Stay, and send new lines as they come, as `application/x-ndjson`.
    follow: bool,
    /// `json`, or `text` for a download.
    format: Option<String>,
}

impl LogQuery {
    fn filter(&self) -> Result<LogFilter, Refusal> {
        Ok(LogFilter {
            level: parse_some(self.level.as_deref())?,
            q: self.q.clone().filter(|q| !q.is_empty()),
            since: parse_some(self.since.as_deref())?,
            before: self.before,
        })
    }
}

/// An agent's log. With `follow=true` the answer is `application/x-ndjson`, one line each, and does not end.
#[utoipa::path(get, path = "/api/v1/agents/{id}/logs", tag = "logs", params(("id" = String, Path, description = "Id or name"), LogQuery),
    responses((status = 200, body = LogLines), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn agent_logs(
    State(http): State<Http>,
    caller: Caller,
    token: AccessToken,
    Path(id): Path<String>,
    Query(query): Query<LogQuery>,
) -> Result<Response, Refusal> {
    let reader = http.app().agent_logs(&caller.0, &id, query.filter()?)?;
    answer(reader, &query, &id, Watch::new(http, caller.0, token.0)).await
}

/// The server's own log.
#[utoipa::path(get, path = "/api/v1/logs", tag = "logs", params(LogQuery), responses((status = 200, body = LogLines), (status = 403, body = Problem)))]
pub(crate) async fn server_logs(
    State(http): State<Http>,
    caller: Caller,
    token: AccessToken,
    Query(query): Query<LogQuery>,
) -> Result<Response, Refusal> {
    let reader = http.app().server_logs(&caller.0, query.filter()?)?;
    answer(reader, &query, "mission-control", Watch::new(http, caller.0, token.0)).await
}

async fn answer(mut reader: LogReader, query: &LogQuery, name: &str, watch: Watch) -> Result<Response, Refusal> {
    let lines = limit(query.lines, 200, 5_000)?;
    match query.format.as_deref() {
        Some("text") if query.lines.is_none() => return Ok(download(text_pages(reader), name)),
        Some("text") => {
            let (lines, _) = reader.last(lines).await?;
            return Ok(download(stream::iter([Ok::<_, Infallible>(text(&lines))]), name));
        }
        None | Some("json" | "") => {}
        Some(other) => return Err(Refusal::invalid(format!("{other:?} is no format: use json or text"))),
    }
    if query.follow {
        reader.follow();
        let (first, _) = reader.last(lines).await?;
        let draining = watch.http.0.draining.clone();
        let body = stream::iter([Ok(ndjson(&first))]).chain(live(reader, watch)).take_until(draining.cancelled_owned()).fuse();
        let headers = [
            (header::CONTENT_TYPE, "application/x-ndjson"),
            (header::CACHE_CONTROL, "no-store"),
            (header::HeaderName::from_static("x-accel-buffering"), "no"),
        ];
        return Ok((headers, Body::from_stream(body)).into_response());
    }
    let (found, more) = reader.last(lines).await?;
    Ok(Json(LogLines { items: found.into_iter().map(line).collect(), more }).into_response())
}

fn line((seq, line): (i64, mc_domain::log::LogLine)) -> LogLine {
    LogLine { seq, at: line.at, level: line.level, source: line.source, message: line.message }
}

fn ndjson(lines: &Lines) -> Bytes {
    let mut out = Vec::with_capacity(lines.len() * 160);
    for entry in lines {
        // A line of ours always serialises, and writing to memory cannot fail.
        let _ = serde_json::to_writer(&mut out, &line(entry.clone()));
        out.push(b'\n');
    }
    out.into()
}

fn text(lines: &Lines) -> Bytes {
    let line =
        |(_, line): &(i64, mc_domain::log::LogLine)| format!("{} {:5} {} {}\n", line.at, line.level.as_str(), line.source, line.message);
    lines.iter().map(line).collect::<String>().into()
}

/// Somebody who follows: looked at again while they do.
struct Watch {
    http: Http,
    ctx: Ctx,
    token: String,
    /// Roles and assignments as they stood when the caller was looked at last.
    epoch: Option<(u64, usize, u64)>,
}

impl Watch {
    const fn new(http: Http, ctx: Ctx, token: String) -> Self {
        Self { http, ctx, token, epoch: None }
    }

    /// Whether the session lives and the roles still allow it. A database that is away for a moment ends nothing.
    async fn allows(&mut self, reader: &LogReader) -> bool {
        let app = self.http.app();
        let epoch = app.access_epoch(app.now());
        match app.authenticate_again(&self.token, self.ctx.request_id, self.ctx.address.clone()).await {
            Ok(ctx) => {
                (self.ctx, self.epoch) = (ctx, Some(epoch));
                reader.recheck(&self.ctx).is_ok()
            }
            Err(AppError::Unauthenticated { .. }) => false,
            Err(_) => true,
        }
    }

    /// The same before each batch of lines: roles and the agent's tags may have changed. The session is looked at only when roles have.
    async fn still_allows(&mut self, reader: &LogReader) -> bool {
        let app = self.http.app();
        if Some(app.access_epoch(app.now())) == self.epoch { reader.recheck(&self.ctx).is_ok() } else { self.allows(reader).await }
    }
}

/// New lines as they come. Ends when the caller may not read them any more, or the database fails: whoever follows asks again from the last
/// line.
fn live(reader: LogReader, watch: Watch) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
    let recheck = interval_at(Instant::now() + RECHECK, RECHECK);
    stream::unfold((reader, watch, recheck), |(mut reader, mut watch, mut recheck)| async move {
        loop {
            tokio::select! {
                biased;
                _ = recheck.tick() => if !watch.allows(&reader).await { return None },
                lines = reader.live() => {
                    let lines = lines.ok()?;
                    // Roles and the agent's tags may have changed since it was asked last.
                    if !watch.still_allows(&reader).await {
                        return None;
                    }
                    return Some((Ok(ndjson(&lines)), (reader, watch, recheck)));
                }
            }
        }
    })
    .fuse()
}

/// Everything that matches, page by page. Fused, because a compressed body is asked once more after its end, which an unfold answers
/// with a panic.
fn text_pages(reader: LogReader) -> impl Stream<Item = Result<Bytes, Refusal>> + Send {
    stream::unfold(Some(reader), |reader| async move {
        let mut reader = reader?;
        match reader.next(DOWNLOAD_PAGE).await {
            Ok(lines) if lines.is_empty() => None,
            Ok(lines) => Some((Ok(text(&lines)), Some(reader))),
            // The connection is cut, so that a part is not taken for the whole.
            Err(error) => Some((Err(Refusal::from(error)), None)),
        }
    })
    .fuse()
}

fn download<E>(pages: impl Stream<Item = Result<Bytes, E>> + Send + 'static, name: &str) -> Response
where
    E: std::fmt::Debug + Send + 'static,
{
    let safe: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-')).collect();
    let pages = pages.map(|page| page.map_err(|error| std::io::Error::other(format!("{error:?}"))));
    let mut response = Body::from_stream(pages).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{safe}.log\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
