//! Settings of identity.

use axum::{Json, extract::State};
use mc_api::{
    problem::Problem,
    setting::{IdentitySettings, IdentitySettingsUpdate},
};
use mc_domain::setting;

use super::{Http, caller::Caller, problem::Refusal, query::Body};

/// Read the settings of identity.
#[utoipa::path(get, path = "/api/v1/admin/settings", tag = "users", responses((status = 200, body = IdentitySettings), (status = 403, body = Problem)))]
pub(crate) async fn settings_show(State(http): State<Http>, Caller(ctx): Caller) -> Result<Json<IdentitySettings>, Refusal> {
    Ok(Json(shown(http.app().settings_show(&ctx).await?)))
}

/// Change the settings of identity: all of them.
#[utoipa::path(put, path = "/api/v1/admin/settings", tag = "users", request_body = IdentitySettingsUpdate,
    responses((status = 200, body = IdentitySettings), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub(crate) async fn settings_update(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Body(asked): Body<IdentitySettingsUpdate>,
) -> Result<Json<IdentitySettings>, Refusal> {
    let IdentitySettingsUpdate { seat_cap, require_second_factor, step_up } = asked;
    let wish = setting::IdentitySettings { seat_cap, require_second_factor, step_up };
    Ok(Json(shown(http.app().settings_update(&ctx, wish).await?)))
}

fn shown((settings, seats_used): (setting::IdentitySettings, u64)) -> IdentitySettings {
    let setting::IdentitySettings { seat_cap, require_second_factor, step_up } = settings;
    IdentitySettings { seat_cap, seats_used, require_second_factor, step_up }
}
