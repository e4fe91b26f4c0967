//! `POST /api/v1/clusters/{name}/exec`: a kubectl that the cluster's agent runs, with its output as it comes.

use std::convert::Infallible;

use axum::{
    body::Body,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use http_body_util::StreamBody;
use hyper::body::Frame;
use mc_api::{
    exec::{ExecLine, ExecRequest, ExecStream},
    problem::Problem,
};
use mc_app::kube::exec::{ExecEnd, ExecWish};
use tokio::sync::mpsc;

use super::{
    Http,
    caller::Caller,
    exec_run::{Said, Told, begin},
    problem::Refusal,
    query,
};

/// The largest request: what is read on standard input, as JSON may write it.
pub(super) const BODY_MAX: usize = 24 * 1024 * 1024;
/// The most that is read on standard input.
const STDIN_MAX: usize = 8 * 1024 * 1024;
/// The exit code as a trailer, where the answer is text.
static EXIT_CODE: HeaderName = HeaderName::from_static("x-exit-code");
/// The exit code of what did not run to its end, where there is no other place to say so. `env`, `timeout` and Docker say it so as well.
const CUT_CODE: i32 = 125;

/// Run a kubectl beside the cluster, as the caller. The answer comes as it is said: `application/x-ndjson`, an `ExecLine` a line, whose last is
/// `exit_code` or `error`; with `Accept: text/plain` as text, and the exit code in the trailer `X-Exit-Code` (125 when it did not run to its end).
#[utoipa::path(post, path = "/api/v1/clusters/{name}/exec", tag = "clusters", params(("name" = String, Path)), request_body = ExecRequest,
    responses((status = 200, body = ExecLine, content_type = "application/x-ndjson"), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 503, body = Problem)))]
pub(crate) async fn cluster_exec(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(name): Path<String>,
    headers: HeaderMap,
    query::Body(asked): query::Body<ExecRequest>,
) -> Result<Response, Refusal> {
    if asked.stdin.as_ref().is_some_and(|stdin| stdin.len() > STDIN_MAX) {
        return Err(Refusal::invalid("standard input is too long: at most 8 MiB are taken"));
    }
    let wish = ExecWish { command: asked.command, stdin: asked.stdin.is_some(), terminal: None };
    let exec = http.app().cluster_exec(&ctx, &name, wish).await?;
    let (tell, said) = begin(http, exec);
    if let Some(stdin) = asked.stdin {
        tokio::spawn(async move {
            // A run that has ended reads nothing.
            let _ = tell.send(Told::Stdin(stdin.into())).await;
            let _ = tell.send(Told::End).await;
        });
    }
    let text = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.starts_with("text/plain"));
    let mut response = if text { as_text(said) } else { as_lines(said) };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// What a run says until its end, which is the last.
fn until_end(said: mpsc::Receiver<Said>) -> impl Stream<Item = Said> {
    stream::unfold(Some(said), |said| async {
        let mut said = said?;
        let next = said.recv().await.unwrap_or_else(|| Said::End(ExecEnd::Cut("the server lost it".to_owned())));
        let more = (!matches!(next, Said::End(_))).then_some(said);
        Some((next, more))
    })
}

fn as_lines(said: mpsc::Receiver<Said>) -> Response {
    let (mut out, mut err) = (Text::default(), Text::default());
    let lines = until_end(said).map(move |said| {
        let lines = match said {
            Said::Stdout(data) => vec![(ExecStream::Stdout, out.take(&data))],
            Said::Stderr(data) => vec![(ExecStream::Stderr, err.take(&data))],
            Said::End(end) => {
                return [(ExecStream::Stdout, out.rest()), (ExecStream::Stderr, err.rest())]
                    .into_iter()
                    .map(line)
                    .chain([ended(end)])
                    .collect();
            }
        };
        lines.into_iter().map(line).collect()
    });
    let body = lines.map(|lines: String| Ok::<_, Infallible>(Bytes::from(lines)));
    ([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(body)).into_response()
}

/// A line about what was said; nothing about nothing.
fn line((stream, data): (ExecStream, String)) -> String {
    if data.is_empty() { String::new() } else { written(&ExecLine::Said { stream, data }) }
}

fn ended(end: ExecEnd) -> String {
    written(&match end {
        ExecEnd::Exited(exit_code) => ExecLine::Ended { exit_code },
        ExecEnd::Cut(error) => ExecLine::Cut { error },
    })
}

fn written(line: &ExecLine) -> String {
    // A line of ours always serialises.
    serde_json::to_string(line).unwrap_or_default() + "\n"
}

fn as_text(said: mpsc::Receiver<Said>) -> Response {
    let frames = until_end(said).flat_map(|said| {
        let frames = match said {
            Said::Stdout(data) | Said::Stderr(data) => vec![Frame::data(data)],
            Said::End(ExecEnd::Exited(code)) => vec![trailer(code)],
            Said::End(ExecEnd::Cut(why)) => vec![Frame::data(Bytes::from(format!("error: {why}\n"))), trailer(CUT_CODE)],
        };
        stream::iter(frames.into_iter().map(Ok::<_, Infallible>))
    });
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::TRAILER, EXIT_CODE.as_str())];
    (headers, Body::new(StreamBody::new(frames))).into_response()
}

fn trailer(code: i32) -> Frame<Bytes> {
    Frame::trailers(HeaderMap::from_iter([(EXIT_CODE.clone(), HeaderValue::from(code))]))
}

/// Bytes as text, whose characters may be cut in two between pieces.
#[derive(Debug, Default)]
struct Text(Vec<u8>);

impl Text {
    fn take(&mut self, piece: &[u8]) -> String {
        self.0.extend_from_slice(piece);
        // What may be the beginning of a character waits for the rest of it.
        let whole = match self.0.utf8_chunks().last() {
            Some(last) if is_begun(last.invalid()) => self.0.len() - last.invalid().len(),
            _ => self.0.len(),
        };
        let rest = self.0.split_off(whole);
        let text = String::from_utf8_lossy(&self.0).into_owned();
        self.0 = rest;
        text
    }

    fn rest(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.0)).into_owned()
    }
}

/// Whether bytes that are no text could become a character with more behind them.
fn is_begun(bytes: &[u8]) -> bool {
    !bytes.is_empty() && std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_come_in_pieces_are_whole() {
        let all = "a→ü𝄞z".as_bytes();
        for cut in 0..=all.len() {
            let mut text = Text::default();
            let (one, two) = all.split_at(cut);
            assert_eq!(text.take(one) + &text.take(two) + &text.rest(), "a→ü𝄞z", "{cut}");
        }
        let mut text = Text::default();
        assert_eq!(text.take(b"a\xffb\xe2\x86"), "a\u{fffd}b");
        assert_eq!(text.rest(), "\u{fffd}");
    }

    #[test]
    fn lines_are_as_scripts_read_them() {
        assert_eq!(line((ExecStream::Stdout, "a\n".to_owned())), "{\"stream\":\"stdout\",\"data\":\"a\\n\"}\n");
        assert_eq!(line((ExecStream::Stderr, String::new())), "");
        assert_eq!(ended(ExecEnd::Exited(3)), "{\"exit_code\":3}\n");
        assert_eq!(ended(ExecEnd::Cut("why".to_owned())), "{\"error\":\"why\"}\n");
    }
}
