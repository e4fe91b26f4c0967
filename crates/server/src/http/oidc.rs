//! Logging in by an identity provider: to it, back from it, and what it tells us by itself.
//!
//! The browser is sent around here, so answers are redirects, and refusals are codes in the address that the page has words for.

use axum::{
    Form, Json,
    extract::{Path, State},
    response::{IntoResponse as _, Response},
};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header, uri::Authority};
use mc_api::{
    auth::LoginAnswer,
    problem::Problem,
    provider::{CliExchange, IdentityLinkBegun, IdentityLinkWish, OidcLink},
};
use mc_app::identity::oidc::{OidcAnswer, OidcFailure, OidcLanded, OidcStarted, OidcTarget, OidcWish};
use secrecy::ExposeSecret as _;
use serde::Deserialize;

use super::{
    Http, auth,
    caller::{Caller, Door, Stranger},
    problem::Refusal,
    query::{Body, Query},
    request::Address,
};

/// What a login is bound to while it is at the provider.
const BROWSER_COOKIE: &str = "__Host-mc_oidc";

/// What the beginning is told.
#[derive(Deserialize)]
pub(crate) struct Start {
    return_to: Option<String>,
    cli_port: Option<u16>,
    cli_challenge: Option<String>,
    /// The browser was sent here from another name of this server.
    #[serde(default)]
    sent: bool,
}

/// What the provider sends along.
#[derive(Deserialize)]
pub(crate) struct Answer {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

/// What the provider posts when logins are over.
#[derive(Deserialize)]
pub(crate) struct LogoutForm {
    logout_token: String,
}

/// Begin a login by a provider: sends the browser there; first to the server's public address, when it came by another name. `cli_port` and
/// `cli_challenge` (S256) log in a command line that listens on loopback. What goes wrong is told as `/login?error=CODE`.
#[utoipa::path(get, path = "/api/v1/auth/oidc/{name}/start", tag = "sso", security(()),
    params(("name" = String, Path), ("return_to" = Option<String>, Query), ("cli_port" = Option<u16>, Query),
        ("cli_challenge" = Option<String>, Query)),
    responses((status = 302), (status = 429, body = Problem)))]
pub(crate) async fn oidc_start(
    State(http): State<Http>,
    Stranger(ctx): Stranger,
    address: axum::Extension<Address>,
    Path(name): Path<String>,
    Query(query): Query<Start>,
    (uri, headers): (Uri, HeaderMap),
    jar: CookieJar,
) -> Result<(CookieJar, Response), Refusal> {
    http.0.limits.auth(address.0.0)?;
    // The provider sends the browser back to the public address, and the cookie must be there: cookies belong to a name. Sent once only: a
    // proxy may hide from us what the browser's address bar says.
    if !query.sent
        && let Some(home) = elsewhere(&http.app().settings().public_url, &uri, &headers)
    {
        return Ok((jar, redirect(&home)));
    }
    let wish = OidcWish { return_to: query.return_to, cli: query.cli_port.zip(query.cli_challenge) };
    let kept = jar.get(BROWSER_COOKIE).map(|cookie| cookie.value().to_owned());
    Ok(match http.app().oidc_start(&ctx, &name, wish, kept.as_deref()).await? {
        Ok(started) => (jar.add(browser_cookie(&started)), redirect(&started.url)),
        Err(failure) => (jar, redirect(&told(&failure))),
    })
}

/// End a login with the provider's answer: sends the browser to where it wanted to go, to `/login?error=CODE`, or to `/login/link#ticket=…`
/// when an account here has the same address and its password is needed to link it.
#[utoipa::path(get, path = "/api/v1/auth/oidc/{name}/callback", tag = "sso", security(()),
    params(("name" = String, Path), ("code" = Option<String>, Query), ("state" = Option<String>, Query), ("iss" = Option<String>, Query),
        ("error" = Option<String>, Query)),
    responses((status = 302), (status = 429, body = Problem)))]
pub(crate) async fn oidc_callback(
    State(http): State<Http>,
    Stranger(ctx): Stranger,
    door: Door,
    Path(name): Path<String>,
    Query(query): Query<Answer>,
    jar: CookieJar,
) -> Result<(CookieJar, Response), Refusal> {
    http.0.limits.auth(door.address)?;
    let answer = OidcAnswer { code: query.code, state: query.state, iss: query.iss, error: query.error };
    let kept = jar.get(BROWSER_COOKIE).map(|cookie| cookie.value().to_owned());
    let landed = http.app().oidc_callback(&ctx, &name, answer, kept.as_deref(), door.visitor()).await?;
    Ok(match landed {
        Ok(OidcLanded::Session(logged_in, path)) => {
            let (jar, _) = auth::answer(&http, jar, *logged_in);
            (jar, redirect(&path))
        }
        Ok(OidcLanded::Linked(path)) => (jar, redirect(&path)),
        Ok(OidcLanded::Confirm(ticket)) => (jar, redirect(&format!("/login/link#ticket={}", ticket.expose_secret()))),
        Ok(OidcLanded::Cli(port, code)) => (jar, redirect(&format!("http://127.0.0.1:{port}/?code={}", code.expose_secret()))),
        Err(failure) => (jar, redirect(&told(&failure))),
    })
}

/// Begin to link one's own account at a provider: answers where to send the browser. It comes back to `return_to`, with `sso_error=CODE` when
/// it came to nothing. Asks for a fresh proof of who one is.
#[utoipa::path(post, path = "/api/v1/me/identities/{provider}/link", tag = "sso", params(("provider" = String, Path)),
    request_body = IdentityLinkWish,
    responses((status = 200, body = IdentityLinkBegun), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn me_identity_link(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(provider): Path<String>,
    headers: HeaderMap,
    jar: CookieJar,
    Body(wish): Body<IdentityLinkWish>,
) -> Result<(CookieJar, Json<IdentityLinkBegun>), Refusal> {
    let public = &http.app().settings().public_url;
    let origin = headers.get(header::ORIGIN).and_then(|origin| authority(origin.to_str().ok()?));
    if origin.is_some_and(|origin| authority(public).is_some_and(|home| !same_place(&origin, &home))) {
        return Err(Refusal::other_host(public));
    }
    let kept = jar.get(BROWSER_COOKIE).map(|cookie| cookie.value().to_owned());
    let begun = http.app().me_identity_link(&ctx, &provider, wish.return_to.as_deref(), kept.as_deref()).await?;
    Ok((jar.add(browser_cookie(&begun)), Json(IdentityLinkBegun { url: begun.url })))
}

/// Link an account at a provider to the account here that has the same address, with its password, and log in.
#[utoipa::path(post, path = "/api/v1/auth/oidc/link", tag = "sso", security(()), request_body = OidcLink,
    responses((status = 200, body = LoginAnswer), (status = 401, body = Problem), (status = 429, body = Problem)))]
pub(crate) async fn oidc_link(
    State(http): State<Http>,
    Stranger(ctx): Stranger,
    door: Door,
    jar: CookieJar,
    Body(wish): Body<OidcLink>,
) -> Result<(CookieJar, Json<LoginAnswer>), Refusal> {
    http.0.limits.auth(door.address)?;
    let logged_in = http.app().oidc_link_confirm(&ctx, &wish.ticket.into(), wish.password.into(), door.visitor()).await?;
    Ok(auth::answer(&http, jar, logged_in))
}

/// Trade the one-time code that the browser brought to the command line for a session.
#[utoipa::path(post, path = "/api/v1/auth/cli/exchange", tag = "sso", security(()), request_body = CliExchange,
    responses((status = 200, body = LoginAnswer), (status = 401, body = Problem), (status = 429, body = Problem)))]
pub(crate) async fn cli_exchange(
    State(http): State<Http>,
    Stranger(ctx): Stranger,
    door: Door,
    jar: CookieJar,
    Body(wish): Body<CliExchange>,
) -> Result<(CookieJar, Json<LoginAnswer>), Refusal> {
    http.0.limits.auth(door.address)?;
    let logged_in = http.app().cli_exchange(&ctx, &wish.code.into(), &wish.verifier.into(), door.visitor()).await?;
    Ok(auth::answer(&http, jar, logged_in))
}

/// A provider says that logins are over (OpenID Connect Back-Channel Logout): form field `logout_token`.
#[utoipa::path(post, path = "/api/v1/auth/oidc/{name}/backchannel-logout", tag = "sso", security(()), params(("name" = String, Path)),
    request_body(content = String, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200), (status = 400, body = Problem), (status = 404, body = Problem), (status = 429, body = Problem)))]
pub(crate) async fn oidc_backchannel_logout(
    State(http): State<Http>,
    Stranger(ctx): Stranger,
    address: axum::Extension<Address>,
    Path(name): Path<String>,
    form: Result<Form<LogoutForm>, axum::extract::rejection::FormRejection>,
) -> Result<Response, Refusal> {
    http.0.limits.machine(address.0.0)?;
    let Form(form) = form.map_err(|_| Refusal::invalid("send the form field logout_token"))?;
    http.app().oidc_backchannel_logout(&ctx, &name, &form.logout_token).await?;
    Ok((StatusCode::OK, [(header::CACHE_CONTROL, "no-store")]).into_response())
}

/// What the browser shows when it comes back.
fn browser_cookie(started: &OidcStarted) -> Cookie<'static> {
    // Not strict: the way back begins at the provider.
    auth::cookie(BROWSER_COOKIE, started.browser.expose_secret(), started.life, SameSite::Lax)
}

fn authority(url: &str) -> Option<Authority> {
    url.parse::<Uri>().ok()?.into_parts().authority
}

fn same_place(one: &Authority, other: &Authority) -> bool {
    let port = |authority: &Authority| authority.port_u16().unwrap_or(443);
    one.host().eq_ignore_ascii_case(other.host()) && port(one) == port(other)
}

/// The same address at the server's public name, when the request came by another.
fn elsewhere(public_url: &str, uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let home = authority(public_url)?;
    // HTTP/2 has no Host header: the authority stands in the request's target.
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let here: Authority = host.or_else(|| uri.authority().map(Authority::as_str))?.parse().ok()?;
    if same_place(&here, &home) {
        return None;
    }
    let (path, query) = (uri.path(), uri.query().map(|query| format!("{query}&")).unwrap_or_default());
    Some(format!("https://{home}{path}?{query}sent=true"))
}

/// Where a refusal is shown. The code is one of ours.
fn told(failure: &OidcFailure) -> String {
    let code = failure.code;
    match &failure.to {
        OidcTarget::Login(_) => format!("/login?error={code}"),
        OidcTarget::Cli(port, _) => format!("http://127.0.0.1:{port}/?error={code}"),
        OidcTarget::Link(_, _, path) => {
            let (path, fragment) = path.split_once('#').map_or((path.as_str(), String::new()), |(path, rest)| (path, format!("#{rest}")));
            format!("{path}{}sso_error={code}{fragment}", if path.contains('?') { '&' } else { '?' })
        }
    }
}

fn redirect(to: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(to) else { return Refusal::internal().into_response() };
    let headers = [(header::LOCATION, location), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (StatusCode::FOUND, headers).into_response()
}

#[cfg(test)]
mod tests {
    use mc_domain::id::{SessionId, UserId};

    use super::*;

    #[test]
    fn refusals_are_told_where_the_login_began() {
        let told = |to| told(&OidcFailure { code: "not_linked", to });
        assert_eq!(told(OidcTarget::Login("/agents".into())), "/login?error=not_linked");
        assert_eq!(told(OidcTarget::Cli(4711, "x".into())), "http://127.0.0.1:4711/?error=not_linked");
        let link = |path: &str| told(OidcTarget::Link(UserId::new(), SessionId::new(), path.into()));
        assert_eq!(link("/settings?tab=security#sso"), "/settings?tab=security&sso_error=not_linked#sso");
        assert_eq!(link("/"), "/?sso_error=not_linked");
    }

    #[test]
    fn a_login_begins_at_the_public_name() {
        let home = |uri: &str, host: Option<&str>| {
            let host = host.map(|host| (header::HOST, host.parse().expect("a header")));
            elsewhere("https://mc.example.com", &uri.parse().expect("an address"), &host.into_iter().collect())
        };
        assert_eq!(home("/start?return_to=/x", Some("mc.example.com")), None);
        assert_eq!(home("/start", Some("MC.example.com:443")), None, "the port that needs no saying");
        assert_eq!(home("https://mc.example.com/start", None), None, "HTTP/2");
        assert_eq!(home("/start", None), None, "nobody said a name");
        let at_home = |query: &str| Some(format!("https://mc.example.com/start?{query}sent=true"));
        assert_eq!(home("/start?return_to=/x", Some("10.0.0.7:8443")), at_home("return_to=/x&"));
        assert_eq!(home("https://mc.example.com:8443/start", None), at_home(""));
        assert_eq!(home("/start", Some("evil.example")), at_home(""), "what the request says of itself leads nowhere");
    }
}
