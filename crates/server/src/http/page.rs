//! The page, from inside the binary. Whatever is no file of it and no API path is the page itself: it routes by its own URL.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use rust_embed::{EmbeddedFile, RustEmbed};
use tower_http::compression::{DefaultPredicate, Predicate, predicate::NotForContentType};

use super::problem::Refusal;

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Files;

/// What is worth compressing: not streams that must arrive at once, nor what is small or compressed already.
pub(crate) fn worth_compressing() -> impl Predicate {
    // What is passed on as it comes says so to proxies, and must not wait here either.
    let at_once = |_, _, headers: &HeaderMap, _: &http::Extensions| !headers.contains_key("x-accel-buffering");
    DefaultPredicate::new()
        .and(NotForContentType::const_new("application/x-ndjson"))
        .and(NotForContentType::const_new(mc_app::terminals::CONTENT_TYPE))
        .and(at_once)
}

/// A file of the page, or the page.
pub(crate) async fn page(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path.starts_with("api/") || path.starts_with("k8s/") {
        return Refusal::not_found("there is no such path: /api/docs lists them all").into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        return Refusal::method_not_allowed().into_response();
    }
    match Files::get(path) {
        Some(file) if !path.is_empty() && path != "index.html" => answer(file, &headers, path.starts_with("assets/")),
        _ if path.starts_with("assets/") => Refusal::not_found("there is no such file: reload the page").into_response(),
        _ => match Files::get("index.html") {
            Some(file) => answer(file, &headers, false),
            None => {
                let text = "This build of Mission Control holds no page: build it with `make build`. The API is at /api/docs.\n";
                (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
            }
        },
    }
}

/// Files under `assets/` carry a hash in their name and never change; the others are asked for anew by their hash.
fn answer(file: EmbeddedFile, headers: &HeaderMap, forever: bool) -> Response {
    let tag = format!("\"{}\"", hex::encode(file.metadata.sha256_hash()));
    let cache = if forever { "public, max-age=31536000, immutable" } else { "no-cache" };
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = if known { StatusCode::NOT_MODIFIED.into_response() } else { Body::from(file.data.into_owned()).into_response() };
    let out = response.headers_mut();
    if !known && let Ok(kind) = HeaderValue::from_str(file.metadata.mimetype()) {
        out.insert(header::CONTENT_TYPE, kind);
    }
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        out.insert(header::ETAG, tag);
    }
    response
}
