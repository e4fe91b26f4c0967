//! Parsing what stands behind the question mark, and bodies, with errors people can act on.

use std::str::FromStr;

use axum::extract::{FromRequest, FromRequestParts, Request, rejection::JsonRejection};
use http::{StatusCode, request::Parts};
use serde::de::DeserializeOwned;

use super::{deadline::is_too_slow, problem::Refusal};

/// Query parameters.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let axum::extract::Query(value) =
            axum::extract::Query::from_request_parts(parts, state).await.map_err(|error| Refusal::invalid(error.body_text()))?;
        Ok(Self(value))
    }
}

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let axum::Json(value) = axum::Json::from_request(request, state).await.map_err(|error| match error {
            JsonRejection::MissingJsonContentType(_) => Refusal::invalid("send JSON with the header Content-Type: application/json"),
            JsonRejection::JsonDataError(error) => Refusal::invalid(error.body_text()),
            JsonRejection::BytesRejection(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => Refusal::too_large(),
            JsonRejection::BytesRejection(error) if is_too_slow(&error) => Refusal::too_slow(),
            _ => Refusal::invalid("the body is not valid JSON"),
        })?;
        Ok(Self(value))
    }
}

/// Something parsed from text, or a refusal that says what would be right.
pub(crate) fn parse<T: FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, Refusal> {
    text.parse().map_err(|error: T::Err| Refusal::invalid(error.to_string()))
}

/// The same for something that may be absent; an empty text counts as absent.
pub(crate) fn parse_some<T: FromStr<Err: std::fmt::Display>>(text: Option<&str>) -> Result<Option<T>, Refusal> {
    text.filter(|text| !text.is_empty()).map(parse).transpose()
}

/// The words of a comma-separated list.
pub(crate) fn words(text: Option<&str>) -> impl Iterator<Item = &str> {
    text.unwrap_or_default().split(',').map(str::trim).filter(|word| !word.is_empty())
}

/// A page's size within its limits.
pub(crate) fn limit(wanted: Option<u32>, default: u32, max: u32) -> Result<u32, Refusal> {
    match wanted {
        None => Ok(default),
        Some(limit) if (1..=max).contains(&limit) => Ok(limit),
        Some(_) => Err(Refusal::invalid(format!("limit must be between 1 and {max}"))),
    }
}
