//! Why something is allowed or not, and what would be.

use axum::{Json, extract::State};
use mc_api::{
    audit::AuditEntry,
    problem::Problem,
    role::Effect,
    simulate::{
        Decision, Extent, PastAnswer, PastItem, RoleSays, SimulatePast, SimulateWhat, SimulateWho, UserRef, WhatAnswer, WhatItem,
        WhoAnswer, WhoItem,
    },
};
use mc_app::access::simulate::{self, PastWish};
use mc_domain::{role_form, user::User};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    Http,
    caller::Caller,
    problem::Refusal,
    query::{Body, Query},
};

fn user_ref(user: &User) -> UserRef {
    UserRef { id: user.id, username: user.name.to_string() }
}

/// What is asked about.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct WhyQuery {
    /// The action's name: `agent_restart`.
    action: String,
    /// The kind of the thing: `agent`, `command`, `user`, …; absent: no single thing.
    resource_kind: Option<String>,
    /// The thing, by id or name.
    resource: Option<String>,
}

/// Why may I, or may I not?
#[utoipa::path(get, path = "/api/v1/why", tag = "roles", params(WhyQuery),
    responses((status = 200, body = Decision), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn me_why(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Query(query): Query<WhyQuery>,
) -> Result<Json<Decision>, Refusal> {
    let decision = http.app().me_why(&ctx, &query.action, query.resource_kind.as_deref(), query.resource.as_deref()).await?;
    let effect = |effect: role_form::Effect| match effect {
        role_form::Effect::Allow => Effect::Allow,
        role_form::Effect::Deny => Effect::Deny,
    };
    let roles = decision.roles.into_iter().map(|says| RoleSays { role: says.role, effect: says.effect.map(effect), because: says.because });
    Ok(Json(Decision { allowed: decision.allowed, rule: decision.rule, text: decision.text, roles: roles.collect() }))
}

/// Who could do this? Every active user is asked about, as their roles are now.
#[utoipa::path(post, path = "/api/v1/admin/simulate/who", tag = "roles", request_body = SimulateWho,
    responses((status = 200, body = WhoAnswer), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub(crate) async fn simulate_who(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Body(asked): Body<SimulateWho>,
) -> Result<Json<WhoAnswer>, Refusal> {
    let found = http.app().simulate_who(&ctx, &asked.action, asked.resource_kind.as_deref(), asked.resource.as_deref()).await?;
    let items = found.into_iter().map(|item| WhoItem { user: user_ref(&item.user), allowed: item.allowed, rule: item.rule }).collect();
    Ok(Json(WhoAnswer { items }))
}

/// What could this user do? Every action there is, on all of what it is done to, on some, or on none.
#[utoipa::path(post, path = "/api/v1/admin/simulate/what", tag = "roles", request_body = SimulateWhat,
    responses((status = 200, body = WhatAnswer), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn simulate_what(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Body(asked): Body<SimulateWhat>,
) -> Result<Json<WhatAnswer>, Refusal> {
    let what = http.app().simulate_what(&ctx, &asked.user).await?;
    let items = what.items.into_iter().map(|item| WhatItem {
        action: item.action.name.to_owned(),
        on: item.action.on.as_str().to_owned(),
        allowed: match item.allowed {
            simulate::Extent::All => Extent::All,
            simulate::Extent::Some => Extent::Some,
            simulate::Extent::None => Extent::None,
        },
        rule: item.rule,
    });
    Ok(Json(WhatAnswer { user: user_ref(&what.user), roles: what.roles.to_vec(), items: items.collect() }))
}

/// Which past actions would a changed role have refused, or newly allowed?
#[utoipa::path(post, path = "/api/v1/admin/simulate/past", tag = "roles", request_body = SimulatePast,
    responses((status = 200, body = PastAnswer), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub(crate) async fn simulate_past(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Body(asked): Body<SimulatePast>,
) -> Result<Json<PastAnswer>, Refusal> {
    let wish = match (asked.role, asked.deleted) {
        (Some(form), None) => PastWish::Changed(form.into()),
        (None, Some(name)) => PastWish::Deleted(name),
        _ => return Err(Refusal::invalid("send either the role as it would be, or the name of one that would be deleted")),
    };
    let limit = super::query::limit(asked.limit, 1_000, 10_000)?;
    let past = http.app().simulate_past(&ctx, wish, asked.from, limit).await?;
    let items = past.items.into_iter().map(|item| PastItem {
        entry: AuditEntry::from(item.entry),
        before: item.before,
        after: item.after,
        rule: item.rule,
    });
    Ok(Json(PastAnswer { checked: past.checked, items: items.collect() }))
}
