//! Who calls: a bearer token, or the cookie of a page of ours.

use std::net::IpAddr;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum_extra::extract::CookieJar;
use http::{HeaderMap, Method, Uri, header, request::Parts, uri::Authority};
use mc_app::identity::login::Visitor;
use mc_domain::ctx::Ctx;

use super::{
    Http,
    auth::{ACCESS_COOKIE, DEVICE_COOKIE},
    problem::Refusal,
    request::{self, Address},
};

/// A known caller.
pub(crate) struct Caller(pub(crate) Ctx);

/// Somebody we do not know (yet): for public routes.
pub(crate) struct Stranger(pub(crate) Ctx);

/// Where somebody who tries to come in stands: address, device, and what an earlier login left there.
pub(crate) struct Door {
    pub(crate) address: IpAddr,
    device: String,
    known: Option<String>,
}

impl Door {
    pub(crate) fn visitor(&self) -> Visitor<'_> {
        Visitor { device: &self.device, known: self.known.as_deref() }
    }
}

impl FromRequestParts<Http> for Door {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &Http) -> Result<Self, Refusal> {
        let address = parts.extensions.get::<Address>().map_or(IpAddr::from([0, 0, 0, 0]), |address| address.0);
        let device = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let known = CookieJar::from_headers(&parts.headers).get(DEVICE_COOKIE).map(|cookie| cookie.value().to_owned());
        Ok(Self { address, device, known })
    }
}

/// The access token a request carries.
#[derive(Debug, Clone)]
pub(crate) struct AccessToken(pub(crate) String);

fn address(parts: &Parts) -> Option<String> {
    parts.extensions.get::<Address>().map(|address| address.0.to_string())
}

impl FromRequestParts<Http> for Stranger {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, http: &Http) -> Result<Self, Refusal> {
        let now = http.app().now();
        Ok(Self(Ctx { actor: mc_domain::actor::Actor::Nobody, request_id: request::current_id(), address: address(parts), now }))
    }
}

impl FromRequestParts<Http> for AccessToken {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &Http) -> Result<Self, Refusal> {
        let bearer = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        if let Some(token) = bearer {
            return Ok(Self(token.to_owned()));
        }
        let jar = CookieJar::from_headers(&parts.headers);
        let cookie = jar.get(ACCESS_COOKIE).ok_or_else(Refusal::unauthenticated)?;
        same_site(&parts.method, &parts.uri, &parts.headers)?;
        Ok(Self(cookie.value().to_owned()))
    }
}

impl FromRequestParts<Http> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, http: &Http) -> Result<Self, Refusal> {
        let AccessToken(token) = AccessToken::from_request_parts(parts, http).await?;
        Ok(Self(http.app().authenticate(&token, request::current_id(), address(parts)).await?))
    }
}

impl OptionalFromRequestParts<Http> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, http: &Http) -> Result<Option<Self>, Refusal> {
        Ok(<Self as FromRequestParts<Http>>::from_request_parts(parts, http).await.ok())
    }
}

/// Refuses requests that another site made a browser send along with our cookies. Reading is safe without: other sites cannot see answers.
pub(crate) fn same_site(method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
    let upgrade = headers.contains_key(header::UPGRADE);
    if (method.is_safe() && !upgrade) || headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin") {
        return Ok(());
    }
    // HTTP/2 has no Host header: the authority stands in the request's target.
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).or_else(|| uri.authority().map(Authority::as_str));
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok()?.strip_prefix("https://"));
    if origin.is_some() && origin == host { Ok(()) } else { Err(Refusal::cross_site()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(method: Method, pairs: &[(&'static str, &'static str)]) -> bool {
        let headers =
            pairs.iter().map(|(name, value)| (http::HeaderName::from_static(name), http::HeaderValue::from_static(value))).collect();
        same_site(&method, &Uri::from_static("https://two/x"), &headers).is_ok()
    }

    #[test]
    fn cookies_work_only_from_our_own_pages() {
        assert!(judge(Method::GET, &[]));
        assert!(judge(Method::POST, &[("sec-fetch-site", "same-origin")]));
        assert!(judge(Method::POST, &[("host", "mc:8443"), ("origin", "https://mc:8443")]));
        assert!(judge(Method::POST, &[("origin", "https://two")]), "HTTP/2");
        assert!(!judge(Method::POST, &[("host", "mc:8443"), ("origin", "https://evil")]));
        assert!(!judge(Method::POST, &[("sec-fetch-site", "same-site"), ("host", "mc")]));
        assert!(!judge(Method::POST, &[]));
        assert!(
            !judge(Method::GET, &[("upgrade", "websocket"), ("host", "mc"), ("origin", "https://evil")]),
            "a WebSocket is no mere read"
        );
    }
}
