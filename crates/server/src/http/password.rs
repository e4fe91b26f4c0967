//! Passwords and addresses without a login: forgotten, set anew by a link, verified by a link, judged while typed.

use axum::{Json, extract::State};
use axum_extra::extract::CookieJar;
use http::StatusCode;
use mc_api::{
    auth::{EmailVerify, PasswordForgot, PasswordForgotAnswer, PasswordJudge, PasswordJudgement, PasswordReset},
    problem::Problem,
};

use super::{
    Http,
    auth::device_cookie,
    caller::{Door, Stranger},
    problem::Refusal,
    query::Body,
    request::Address,
};

/// Have a link to a new password sent. Answers the same, and as fast, whether or not anybody has the address.
#[utoipa::path(post, path = "/api/v1/auth/password/forgot", tag = "auth", security(()), request_body = PasswordForgot,
    responses((status = 202, body = PasswordForgotAnswer), (status = 400, body = Problem), (status = 429, body = Problem)))]
pub(crate) async fn password_forgot(
    State(http): State<Http>,
    Stranger(ctx): Stranger,
    address: axum::Extension<Address>,
    Body(asked): Body<PasswordForgot>,
) -> Result<(StatusCode, Json<PasswordForgotAnswer>), Refusal> {
    http.0.limits.auth(address.0.0)?;
    let mail = http.app().password_forgot(&ctx, &asked.email)?;
    Ok((StatusCode::ACCEPTED, Json(PasswordForgotAnswer { mail })))
}

/// Set a new password with the link that was sent. Every session ends.
#[utoipa::path(post, path = "/api/v1/auth/password/reset", tag = "auth", security(()), request_body = PasswordReset,
    responses((status = 204), (status = 400, body = Problem), (status = 403, body = Problem), (status = 429, body = Problem)))]
pub(crate) async fn password_reset(
    State(http): State<Http>,
    Stranger(ctx): Stranger,
    door: Door,
    jar: CookieJar,
    Body(asked): Body<PasswordReset>,
) -> Result<(CookieJar, StatusCode), Refusal> {
    http.0.limits.auth(door.address)?;
    let device = http.app().password_reset(&ctx, &asked.token, asked.password.into(), door.visitor().known).await?;
    Ok((jar.add(device_cookie(&device)), StatusCode::NO_CONTENT))
}

/// Verify an e-mail address with the link that was sent.
#[utoipa::path(post, path = "/api/v1/auth/email/verify", tag = "auth", security(()), request_body = EmailVerify,
    responses((status = 204), (status = 403, body = Problem), (status = 429, body = Problem)))]
pub(crate) async fn email_verify(
    State(http): State<Http>,
    Stranger(ctx): Stranger,
    address: axum::Extension<Address>,
    Body(asked): Body<EmailVerify>,
) -> Result<StatusCode, Refusal> {
    http.0.limits.auth(address.0.0)?;
    http.app().email_verify(&ctx, &asked.token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Judge a password while it is typed. Nothing of it is kept, and no account is looked at.
#[utoipa::path(post, path = "/api/v1/auth/password/judge", tag = "auth", security(()), request_body = PasswordJudge,
    responses((status = 200, body = PasswordJudgement), (status = 400, body = Problem), (status = 429, body = Problem)))]
pub(crate) async fn password_judge(
    State(http): State<Http>,
    address: axum::Extension<Address>,
    Body(asked): Body<PasswordJudge>,
) -> Result<Json<PasswordJudgement>, Refusal> {
    http.0.limits.judge(address.0.0)?;
    let judged = http.app().password_judge(asked.username.as_deref(), &asked.password)?;
    let text = judged.problem.map(|problem| problem.to_string());
    Ok(Json(PasswordJudgement { score: judged.score, problem: judged.problem, text }))
}
