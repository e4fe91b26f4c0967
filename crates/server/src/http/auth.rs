//! Logging in and out, and the first set-up.

use std::time::Duration;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use http::{HeaderMap, Method, StatusCode, Uri};
use mc_api::{
    auth::{LoginAnswer, LoginRequest, Me, MeToken, SetupRequest, SetupStatus},
    problem::Problem,
    provider::LoggedOut,
    second_factor::SecondFactor,
};
use mc_app::identity::{device::DEVICE_LIFE, session::LoggedIn, user};
use secrecy::{ExposeSecret, SecretString};

use super::{
    Http,
    caller::{Caller, Door, Stranger, same_site},
    problem::Refusal,
    query::Body,
    request::Address,
    second_factor::login_step,
};

/// The cookie with the access token. Of every cookie here, the prefix keeps other hosts of the domain from planting one
/// (docs/decisions/0010-cookies-of-this-host-only.md).
pub(crate) const ACCESS_COOKIE: &str = "__Host-mc_access";
/// The cookie with the refresh token.
const REFRESH_COOKIE: &str = "__Host-mc_refresh";
/// The cookie that says who came in from this device before. It opens nothing.
pub(super) const DEVICE_COOKIE: &str = "__Host-mc_device";

/// Whether the first user is still to be made.
#[utoipa::path(get, path = "/api/v1/setup", tag = "auth", security(()), responses((status = 200, body = SetupStatus)))]
pub(crate) async fn setup_status(State(http): State<Http>) -> Result<Json<SetupStatus>, Refusal> {
    Ok(Json(SetupStatus { needed: http.app().setup_needed().await? }))
}

/// Make the first admin with the one-time token of the set-up link.
#[utoipa::path(post, path = "/api/v1/setup", tag = "auth", security(()), request_body = SetupRequest,
    responses((status = 200, body = LoginAnswer), (status = 403, body = Problem), (status = 409, body = Problem), (status = 429, body = Problem)))]
pub(crate) async fn setup_complete(
    State(http): State<Http>,
    Stranger(ctx): Stranger,
    door: Door,
    jar: CookieJar,
    Body(wish): Body<SetupRequest>,
) -> Result<(CookieJar, Json<LoginAnswer>), Refusal> {
    http.0.limits.auth(door.address)?;
    let logged_in = http.app().setup_complete(&ctx, &wish.token, &wish.username, wish.password.into(), door.visitor()).await?;
    Ok(answer(&http, jar, logged_in))
}

/// Log in with a user name and a password. Answers 202 when a second factor is asked for.
#[utoipa::path(post, path = "/api/v1/auth/login", tag = "auth", security(()), request_body = LoginRequest,
    responses((status = 200, body = LoginAnswer), (status = 202, body = SecondFactor), (status = 401, body = Problem), (status = 429, body = Problem)))]
pub(crate) async fn auth_login(
    State(http): State<Http>,
    Stranger(ctx): Stranger,
    door: Door,
    jar: CookieJar,
    Body(wish): Body<LoginRequest>,
) -> Result<Response, Refusal> {
    http.0.limits.auth(door.address)?;
    let step = http.app().login(&ctx, &wish.username, wish.password.into(), door.visitor()).await?;
    Ok(login_step(&http, jar, step))
}

/// Trade the refresh cookie for fresh tokens.
#[utoipa::path(post, path = "/api/v1/auth/refresh", tag = "auth", security(()),
    responses((status = 200, body = LoginAnswer), (status = 401, body = Problem), (status = 429, body = Problem)))]
pub(crate) async fn auth_refresh(
    State(http): State<Http>,
    Stranger(ctx): Stranger,
    address: axum::Extension<Address>,
    uri: Uri,
    headers: HeaderMap,
    jar: CookieJar,
) -> Result<(CookieJar, Json<LoginAnswer>), Refusal> {
    http.0.limits.auth(address.0.0)?;
    same_site(&Method::POST, &uri, &headers)?;
    let token = jar.get(REFRESH_COOKIE).map(|cookie| cookie.value().to_owned().into()).ok_or_else(Refusal::unauthenticated)?;
    let logged_in = http.app().session_refresh(&ctx, &token).await?;
    Ok(answer(&http, jar, logged_in))
}

/// End this session. Answers the same when there is none; a session that came by an identity provider also says where to log out there.
#[utoipa::path(post, path = "/api/v1/auth/logout", tag = "auth", security(()), responses((status = 200, body = LoggedOut), (status = 204)))]
pub(crate) async fn auth_logout(
    State(http): State<Http>,
    caller: Option<Caller>,
    Stranger(stranger): Stranger,
    address: axum::Extension<Address>,
    uri: Uri,
    headers: HeaderMap,
    jar: CookieJar,
) -> Result<(CookieJar, Response), Refusal> {
    let refresh = jar.get(REFRESH_COOKIE).map(|cookie| cookie.value().to_owned().into());
    if refresh.is_some() || jar.get(ACCESS_COOKIE).is_some() {
        same_site(&Method::POST, &uri, &headers)?;
    }
    let redirect = match (caller, refresh) {
        (Some(Caller(ctx)), _) => http.app().logout(&ctx).await?,
        // Browsers drop the access cookie when it ends, long before the session does.
        (None, Some(refresh)) => {
            http.0.limits.auth(address.0.0)?;
            http.app().logout_by_refresh(&stranger, &refresh).await?
        }
        (None, None) => None,
    };
    // Browsers take back a cookie with this prefix only when told in the way it was set.
    let gone = |name: &'static str| cookie(name, "", Duration::ZERO, SameSite::Strict);
    let answer = match redirect {
        Some(url) => Json(LoggedOut { redirect: Some(url) }).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    };
    Ok((jar.remove(gone(ACCESS_COOKIE)).remove(gone(REFRESH_COOKIE)), answer))
}

/// The caller, and what the caller may do.
#[utoipa::path(get, path = "/api/v1/auth/me", tag = "auth", responses((status = 200, body = Me), (status = 401, body = Problem)))]
pub(crate) async fn me_show(State(http): State<Http>, Caller(ctx): Caller) -> Result<Json<Me>, Refusal> {
    Ok(Json(me(http.app().me_show(&ctx).await?)))
}

fn me(me: user::Me) -> Me {
    Me {
        kind: me.kind,
        id: me.id,
        username: me.name,
        role: me.role,
        roles: me.roles,
        session_id: me.session,
        token: me.token.map(|(id, name)| MeToken { id, name }),
        allowed: me.allowed.into_iter().map(ToOwned::to_owned).collect(),
        created_at: me.created_at,
    }
}

/// The answer to a login, with its cookies.
pub(super) fn answer(http: &Http, jar: CookieJar, logged_in: LoggedIn) -> (CookieJar, Json<LoginAnswer>) {
    let access = logged_in.access.expose_secret().to_owned();
    let mut jar = jar.add(cookie(ACCESS_COOKIE, &access, logged_in.access_life, SameSite::Strict));
    if let Some(refresh) = &logged_in.refresh {
        jar = jar.add(cookie(REFRESH_COOKIE, refresh.expose_secret(), logged_in.refresh_life, SameSite::Strict));
    }
    if let Some(device) = &logged_in.device {
        jar = jar.add(device_cookie(device));
    }
    let answer = LoginAnswer {
        access_token: access,
        token_type: "Bearer".to_owned(),
        expires_in: logged_in.access_life.as_secs(),
        user: me(http.app().me(logged_in.user, &logged_in.actor)),
    };
    (jar, Json(answer))
}

/// The cookie that makes this device known at the next login.
pub(super) fn device_cookie(device: &SecretString) -> Cookie<'static> {
    cookie(DEVICE_COOKIE, device.expose_secret(), DEVICE_LIFE, SameSite::Strict)
}

/// A cookie of this host alone: `__Host-` demands all of it.
pub(super) fn cookie(name: &'static str, value: &str, life: Duration, same_site: SameSite) -> Cookie<'static> {
    let mut cookie = Cookie::new(name, value.to_owned());
    cookie.set_path("/");
    cookie.set_http_only(true);
    cookie.set_secure(true);
    cookie.set_same_site(same_site);
    cookie.set_max_age(cookie::time::Duration::seconds(i64::try_from(life.as_secs()).unwrap_or(i64::MAX)));
    cookie
}
