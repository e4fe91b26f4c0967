//! Errors as RFC 9457 problem details: the one table from the app's errors to HTTP.

use std::any::Any;

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use mc_api::problem::Problem;
use mc_app::AppError;

use super::request;

/// Codes of wrong secrets that are no logins: a page must not take them for the end of its session.
const KNOWN_BUT_WRONG: [&str; 4] = ["setup_token_wrong", "link_invalid", "invite_invalid", "wrong_password"];

/// A request that was not done.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
    detail: String,
    retry_after: Option<u64>,
}

impl Refusal {
    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code: "invalid", detail: detail.into(), retry_after: None }
    }

    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self { status: StatusCode::NOT_FOUND, code: "not_found", detail: detail.into(), retry_after: None }
    }

    pub(crate) fn unauthenticated() -> Self {
        Self { status: StatusCode::UNAUTHORIZED, code: "unauthenticated", detail: "log in first".into(), retry_after: None }
    }

    pub(crate) fn cross_site() -> Self {
        let detail = "this request came from another site: it was refused".into();
        Self { status: StatusCode::FORBIDDEN, code: "cross_site", detail, retry_after: None }
    }

    pub(crate) fn other_host(public_url: &str) -> Self {
        let detail = format!("open this page at {public_url} to link: the provider sends you back there");
        Self { status: StatusCode::CONFLICT, code: "other_host", detail, retry_after: None }
    }

    pub(crate) fn rate_limited(seconds: u64) -> Self {
        let detail = format!("too many tries: wait {seconds} seconds");
        Self { status: StatusCode::TOO_MANY_REQUESTS, code: "rate_limited", detail, retry_after: Some(seconds) }
    }

    pub(crate) fn method_not_allowed() -> Self {
        let detail = "this path does not answer that method".into();
        Self { status: StatusCode::METHOD_NOT_ALLOWED, code: "method_not_allowed", detail, retry_after: None }
    }

    pub(crate) fn too_large() -> Self {
        let detail = format!("the request's body is too large: at most {} KiB are taken", super::BODY_MAX / 1_024);
        Self { status: StatusCode::PAYLOAD_TOO_LARGE, code: "too_large", detail, retry_after: None }
    }

    pub(crate) fn too_slow() -> Self {
        let detail = "the request's body took too long to arrive".into();
        Self { status: StatusCode::REQUEST_TIMEOUT, code: "too_slow", detail, retry_after: None }
    }

    pub(crate) fn internal() -> Self {
        let detail = "something went wrong on the server: its log has the details under this request id".into();
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, code: "internal", detail, retry_after: None }
    }

    /// The answer's status.
    pub(crate) const fn status(&self) -> StatusCode {
        self.status
    }

    /// The stable code.
    pub(crate) const fn code(&self) -> &'static str {
        self.code
    }

    /// What happened, and what to do.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }
}

impl From<AppError> for Refusal {
    fn from(error: AppError) -> Self {
        let (status, code) = match &error {
            AppError::Invalid(_) => (StatusCode::BAD_REQUEST, "invalid"),
            AppError::Unauthenticated { code, .. } => {
                (if KNOWN_BUT_WRONG.contains(code) { StatusCode::FORBIDDEN } else { StatusCode::UNAUTHORIZED }, *code)
            }
            AppError::NotFound(_) => (StatusCode::NOT_FOUND, "not_found"),
            AppError::Denied(_) => (StatusCode::FORBIDDEN, "denied"),
            AppError::Forbidden { code, .. } => (StatusCode::FORBIDDEN, *code),
            AppError::Conflict { code, .. } => (StatusCode::CONFLICT, *code),
            AppError::TooMany { wait } => return Self::rate_limited(mc_app::error::seconds(*wait)),
            AppError::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            AppError::Internal(text) => {
                tracing::error!(request_id = %request::current_id(), error = text, "a request failed");
                return Self::internal();
            }
        };
        Self { status, code, detail: error.to_string(), retry_after: (status == StatusCode::SERVICE_UNAVAILABLE).then_some(2) }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let problem = Problem {
            code: self.code.to_owned(),
            title: self.status.canonical_reason().unwrap_or("Error").to_owned(),
            status: self.status.as_u16(),
            detail: self.detail,
            request_id: request::current_id().to_string(),
        };
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = (self.status, Body::from(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// What a handler that panicked answers. The panic's text stays in the log.
#[expect(clippy::needless_pass_by_value, reason = "the layer's signature")]
pub(crate) fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("unknown");
    tracing::error!(request_id = %request::current_id(), panic = text, "a handler panicked");
    Refusal::internal().into_response()
}
