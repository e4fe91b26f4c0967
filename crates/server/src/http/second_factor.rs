//! The second step of a login, logins by passkey alone, and proving again who one is.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use axum_extra::extract::CookieJar;
use http::StatusCode;
use mc_api::{
    auth::LoginAnswer,
    problem::Problem,
    second_factor::{
        ChallengeRequest, FactorMethod, PasskeyAsked, PasskeyLogin, SecondFactor, SecondFactorAnswer, SecondFactorDone, StepUp,
        StepUpAsked, TotpEnrolment,
    },
};
use mc_app::identity::{
    passkey,
    second_factor::{LoginStep, Method, Proof, SecondFactorAsked},
    totp,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::{
    Http,
    auth::answer,
    caller::{Caller, Door, Stranger},
    problem::Refusal,
    query::Body,
};

/// Answer the challenge of a login with a code, a passkey or a recovery code.
#[utoipa::path(post, path = "/api/v1/auth/second-factor", tag = "second-factor", security(()), request_body = SecondFactorAnswer,
    responses((status = 200, body = SecondFactorDone), (status = 401, body = Problem), (status = 429, body = Problem)))]
pub(crate) async fn second_factor_answer(
    State(http): State<Http>,
    Stranger(ctx): Stranger,
    door: Door,
    jar: CookieJar,
    Body(wish): Body<SecondFactorAnswer>,
) -> Result<(CookieJar, Json<SecondFactorDone>), Refusal> {
    http.0.limits.auth(door.address)?;
    let proof = proof(None, wish.code, wish.recovery_code, wish.passkey)?;
    let done = http.app().second_factor_answer(&ctx, &wish.challenge.into(), proof, door.visitor()).await?;
    let (jar, Json(login)) = answer(&http, jar, done.login);
    let recovery_codes = (!done.recovery_codes.is_empty()).then(|| shown(&done.recovery_codes));
    Ok((jar, Json(SecondFactorDone { login, recovery_codes })))
}

/// Set up an authenticator app within a login that demands one; then answer the challenge with its first code.
#[utoipa::path(post, path = "/api/v1/auth/second-factor/enrol", tag = "second-factor", security(()), request_body = ChallengeRequest,
    responses((status = 200, body = TotpEnrolment), (status = 401, body = Problem), (status = 409, body = Problem), (status = 429, body = Problem)))]
pub(crate) async fn second_factor_enrol(
    State(http): State<Http>,
    Stranger(ctx): Stranger,
    door: Door,
    Body(wish): Body<ChallengeRequest>,
) -> Result<Json<TotpEnrolment>, Refusal> {
    http.0.limits.auth(door.address)?;
    Ok(Json(enrolment(&http.app().second_factor_enrol(&ctx, &wish.challenge.into()).await?)))
}

/// Begin a login by passkey alone.
#[utoipa::path(post, path = "/api/v1/auth/passkey/begin", tag = "second-factor", security(()),
    responses((status = 200, body = PasskeyAsked), (status = 409, body = Problem), (status = 429, body = Problem)))]
pub(crate) async fn passkey_begin(State(http): State<Http>, Stranger(ctx): Stranger, door: Door) -> Result<Json<PasskeyAsked>, Refusal> {
    http.0.limits.auth(door.address)?;
    Ok(Json(asked(http.app().passkey_begin(&ctx)?)))
}

/// End a login by passkey alone.
#[utoipa::path(post, path = "/api/v1/auth/passkey/finish", tag = "second-factor", security(()), request_body = PasskeyLogin,
    responses((status = 200, body = LoginAnswer), (status = 401, body = Problem), (status = 409, body = Problem), (status = 429, body = Problem)))]
pub(crate) async fn passkey_finish(
    State(http): State<Http>,
    Stranger(ctx): Stranger,
    door: Door,
    jar: CookieJar,
    Body(wish): Body<PasskeyLogin>,
) -> Result<(CookieJar, Json<LoginAnswer>), Refusal> {
    http.0.limits.auth(door.address)?;
    let login = http.app().passkey_finish(&ctx, &wish.challenge.into(), wish.credential, door.visitor()).await?;
    Ok(answer(&http, jar, login))
}

/// Ask how the caller can prove again who they are.
#[utoipa::path(post, path = "/api/v1/auth/step-up/begin", tag = "second-factor",
    responses((status = 200, body = StepUpAsked), (status = 401, body = Problem)))]
pub(crate) async fn me_step_up_begin(State(http): State<Http>, Caller(ctx): Caller) -> Result<Json<StepUpAsked>, Refusal> {
    let asked = http.app().me_step_up_begin(&ctx).await?;
    let challenge = asked.challenge.map(|challenge| challenge.expose_secret().to_owned());
    Ok(Json(StepUpAsked { methods: methods(asked.methods), challenge, passkey: asked.passkey }))
}

/// Prove again who the caller is: for ten minutes, destructive actions are not asked about.
#[utoipa::path(post, path = "/api/v1/auth/step-up", tag = "second-factor", request_body = StepUp,
    responses((status = 204), (status = 403, body = Problem), (status = 409, body = Problem), (status = 429, body = Problem)))]
pub(crate) async fn me_step_up(State(http): State<Http>, Caller(ctx): Caller, Body(wish): Body<StepUp>) -> Result<StatusCode, Refusal> {
    let challenge = wish.challenge.map(SecretString::from);
    let proof = proof(wish.password, wish.code, wish.recovery_code, wish.passkey)?;
    http.app().me_step_up(&ctx, proof, challenge.as_ref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a login answers: the login itself, or 202 and what else to show.
pub(super) fn login_step(http: &Http, jar: CookieJar, step: LoginStep) -> Response {
    match step {
        LoginStep::Done(login) => answer(http, jar, *login).into_response(),
        LoginStep::SecondFactor(asked) => {
            let SecondFactorAsked { challenge, methods: list, enrol, passkey, expires_in } = *asked;
            let challenge = challenge.expose_secret().to_owned();
            let body = SecondFactor { challenge, methods: methods(list), enrol, passkey, expires_in: expires_in.as_secs() };
            (StatusCode::ACCEPTED, Json(body)).into_response()
        }
    }
}

/// The one thing that was shown.
fn proof(password: Option<String>, code: Option<String>, recovery_code: Option<String>, passkey: Option<Value>) -> Result<Proof, Refusal> {
    match (password, code, recovery_code, passkey) {
        (Some(password), None, None, None) => Ok(Proof::Password(password.into())),
        (None, Some(code), None, None) => Ok(Proof::Code(code.into())),
        (None, None, Some(code), None) => Ok(Proof::RecoveryCode(code.into())),
        (None, None, None, Some(passkey)) => Ok(Proof::Passkey(passkey)),
        _ => Err(Refusal::invalid("send exactly one of code, recovery_code and passkey (or password, to step up)")),
    }
}

fn methods(list: Vec<Method>) -> Vec<FactorMethod> {
    let word = |method| match method {
        Method::Password => FactorMethod::Password,
        Method::Totp => FactorMethod::Totp,
        Method::Passkey => FactorMethod::Passkey,
        Method::Recovery => FactorMethod::Recovery,
    };
    list.into_iter().map(word).collect()
}

pub(super) fn enrolment(enrolment: &totp::TotpEnrolment) -> TotpEnrolment {
    let text = |secret: &SecretString| secret.expose_secret().to_owned();
    TotpEnrolment { secret: text(&enrolment.secret), url: text(&enrolment.url), qr_svg: text(&enrolment.qr_svg) }
}

pub(super) fn asked(asked: passkey::PasskeyAsked) -> PasskeyAsked {
    PasskeyAsked { challenge: asked.challenge.expose_secret().to_owned(), options: asked.options }
}

pub(super) fn shown(codes: &[SecretString]) -> Vec<String> {
    codes.iter().map(|code| code.expose_secret().to_owned()).collect()
}
