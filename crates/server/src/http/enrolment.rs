//! What users set up for the second step of their logins.

use axum::{
    Json,
    extract::{Path, State},
};
use http::StatusCode;
use mc_api::{
    problem::Problem,
    second_factor::{MeSecondFactor, Passkey, PasskeyAdd, PasskeyAsked, PasskeyRename, RecoveryCodes, TotpCode, TotpEnrolment},
};

use super::{
    Http,
    caller::Caller,
    problem::Refusal,
    query::{Body, parse},
    second_factor::{asked, enrolment, shown},
};

/// What the caller has set up for the second step of their logins.
#[utoipa::path(get, path = "/api/v1/me/second-factor", tag = "second-factor",
    responses((status = 200, body = MeSecondFactor), (status = 401, body = Problem)))]
pub(crate) async fn me_second_factor(State(http): State<Http>, Caller(ctx): Caller) -> Result<Json<MeSecondFactor>, Refusal> {
    let found = http.app().me_second_factor(&ctx).await?;
    Ok(Json(MeSecondFactor {
        totp: found.factors.totp,
        passkeys: found.passkeys.into_iter().map(passkey).collect(),
        recovery_codes_left: found.factors.recovery_codes,
        required: found.required,
        passkeys_possible: found.passkeys_possible,
    }))
}

/// Begin to set up an authenticator app. It counts once its first code was given; until then the one in use stays.
#[utoipa::path(post, path = "/api/v1/me/totp", tag = "second-factor",
    responses((status = 200, body = TotpEnrolment), (status = 403, body = Problem)))]
pub(crate) async fn me_totp_begin(State(http): State<Http>, Caller(ctx): Caller) -> Result<Json<TotpEnrolment>, Refusal> {
    Ok(Json(enrolment(&http.app().me_totp_begin(&ctx).await?)))
}

/// Put the authenticator app in force with its first code.
#[utoipa::path(post, path = "/api/v1/me/totp/confirm", tag = "second-factor", request_body = TotpCode,
    responses((status = 200, body = RecoveryCodes), (status = 409, body = Problem), (status = 429, body = Problem)))]
pub(crate) async fn me_totp_confirm(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Body(wish): Body<TotpCode>,
) -> Result<Json<RecoveryCodes>, Refusal> {
    let codes = http.app().me_totp_confirm(&ctx, &wish.code.into()).await?;
    Ok(Json(RecoveryCodes { recovery_codes: shown(&codes) }))
}

/// Remove the authenticator app.
#[utoipa::path(delete, path = "/api/v1/me/totp", tag = "second-factor",
    responses((status = 204), (status = 403, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn me_totp_remove(State(http): State<Http>, Caller(ctx): Caller) -> Result<StatusCode, Refusal> {
    http.app().me_totp_remove(&ctx).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make new recovery codes; the ones before are void.
#[utoipa::path(post, path = "/api/v1/me/recovery-codes", tag = "second-factor",
    responses((status = 200, body = RecoveryCodes), (status = 403, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn me_recovery_codes(State(http): State<Http>, Caller(ctx): Caller) -> Result<Json<RecoveryCodes>, Refusal> {
    Ok(Json(RecoveryCodes { recovery_codes: shown(&http.app().me_recovery_codes(&ctx).await?) }))
}

/// Begin to add a passkey.
#[utoipa::path(post, path = "/api/v1/me/passkeys/begin", tag = "second-factor",
    responses((status = 200, body = PasskeyAsked), (status = 403, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn me_passkey_begin(State(http): State<Http>, Caller(ctx): Caller) -> Result<Json<PasskeyAsked>, Refusal> {
    Ok(Json(asked(http.app().me_passkey_begin(&ctx).await?)))
}

/// Add the passkey a browser made.
#[utoipa::path(post, path = "/api/v1/me/passkeys", tag = "second-factor", request_body = PasskeyAdd,
    responses((status = 201, body = Passkey), (status = 403, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn me_passkey_add(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Body(wish): Body<PasskeyAdd>,
) -> Result<(StatusCode, Json<Passkey>), Refusal> {
    let added = http.app().me_passkey_add(&ctx, &wish.challenge.into(), &wish.name, wish.credential).await?;
    Ok((StatusCode::CREATED, Json(passkey(added))))
}

/// Rename a passkey.
#[utoipa::path(patch, path = "/api/v1/me/passkeys/{id}", tag = "second-factor", params(("id" = String, Path)), request_body = PasskeyRename,
    responses((status = 200, body = Passkey), (status = 404, body = Problem)))]
pub(crate) async fn me_passkey_rename(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
    Body(wish): Body<PasskeyRename>,
) -> Result<Json<Passkey>, Refusal> {
    Ok(Json(passkey(http.app().me_passkey_rename(&ctx, parse(&id)?, &wish.name).await?)))
}

/// Remove a passkey.
#[utoipa::path(delete, path = "/api/v1/me/passkeys/{id}", tag = "second-factor", params(("id" = String, Path)),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn me_passkey_remove(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    http.app().me_passkey_remove(&ctx, parse(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take away a user's second factors and end their sessions: for a user who lost them.
#[utoipa::path(delete, path = "/api/v1/admin/users/{id}/second-factor", tag = "users", params(("id" = String, Path)),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn user_second_factor_reset(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    http.app().user_second_factor_reset(&ctx, parse(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn passkey(passkey: mc_store::Passkey) -> Passkey {
    Passkey { id: passkey.id, name: passkey.name, created_at: passkey.created_at, last_used_at: passkey.last_used_at }
}
