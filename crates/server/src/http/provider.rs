//! Identity providers, and one's own accounts at them.

use axum::{
    Json,
    extract::{Path, State},
};
use http::StatusCode;
use mc_api::{
    list::List,
    problem::Problem,
    provider::{Identity, Provider, ProviderButton, ProviderButtons, ProviderCheck, ProviderEndpoint, ProviderForm},
};
use mc_app::identity::provider::ProviderWish;
use mc_domain::{provider, provider::RoleRule};

use super::{
    Http,
    caller::Caller,
    problem::Refusal,
    query::{Body, parse, parse_some},
};

/// The ways to log in: for the login page.
#[utoipa::path(get, path = "/api/v1/auth/providers", tag = "sso", security(()), responses((status = 200, body = ProviderButtons)))]
pub(crate) async fn provider_buttons(State(http): State<Http>) -> Result<Json<ProviderButtons>, Refusal> {
    let button = |p: provider::Provider| ProviderButton { name: p.name.to_string(), label: p.label, kind: p.kind };
    let items = http.app().provider_buttons().await?.into_iter().map(button).collect();
    Ok(Json(ProviderButtons { items, password: true }))
}

/// List identity providers by name.
#[utoipa::path(get, path = "/api/v1/admin/providers", tag = "sso",
    responses((status = 200, body = List<Provider>), (status = 403, body = Problem)))]
pub(crate) async fn provider_list(State(http): State<Http>, Caller(ctx): Caller) -> Result<Json<List<Provider>>, Refusal> {
    let items: Vec<Provider> = http.app().provider_list(&ctx).await?.into_iter().map(|provider| shown(&http, provider)).collect();
    let total = u64::try_from(items.len()).unwrap_or(u64::MAX);
    Ok(Json(List { items, next_cursor: None, total }))
}

/// Add an identity provider. It is not asked yet: try it with `check`.
#[utoipa::path(post, path = "/api/v1/admin/providers", tag = "sso", request_body = ProviderForm,
    responses((status = 201, body = Provider), (status = 400, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn provider_create(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Body(form): Body<ProviderForm>,
) -> Result<(StatusCode, Json<Provider>), Refusal> {
    let provider = http.app().provider_create(&ctx, wish(form)?).await?;
    Ok((StatusCode::CREATED, Json(shown(&http, provider))))
}

/// See one identity provider, without its secret.
#[utoipa::path(get, path = "/api/v1/admin/providers/{name}", tag = "sso", params(("name" = String, Path)),
    responses((status = 200, body = Provider), (status = 404, body = Problem)))]
pub(crate) async fn provider_show(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(name): Path<String>,
) -> Result<Json<Provider>, Refusal> {
    Ok(Json(shown(&http, http.app().provider_show(&ctx, &name).await?)))
}

/// Change an identity provider. Disabling it ends its sessions; another issuer also ends its links.
#[utoipa::path(put, path = "/api/v1/admin/providers/{name}", tag = "sso", params(("name" = String, Path)), request_body = ProviderForm,
    responses((status = 200, body = Provider), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn provider_update(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(name): Path<String>,
    Body(form): Body<ProviderForm>,
) -> Result<Json<Provider>, Refusal> {
    Ok(Json(shown(&http, http.app().provider_update(&ctx, &name, wish(form)?).await?)))
}

/// Remove an identity provider with its links, and end its sessions. The users stay.
#[utoipa::path(delete, path = "/api/v1/admin/providers/{name}", tag = "sso", params(("name" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
pub(crate) async fn provider_delete(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(name): Path<String>,
) -> Result<StatusCode, Refusal> {
    http.app().provider_delete(&ctx, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Try whether an identity provider answers as it should.
#[utoipa::path(post, path = "/api/v1/admin/providers/{name}/check", tag = "sso", params(("name" = String, Path)),
    responses((status = 200, body = ProviderCheck), (status = 404, body = Problem)))]
pub(crate) async fn provider_check(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(name): Path<String>,
) -> Result<Json<ProviderCheck>, Refusal> {
    let check = http.app().provider_check(&ctx, &name).await?;
    let endpoint = |(name, url): (&'static str, String)| ProviderEndpoint { name: name.to_owned(), url };
    let endpoints = check.endpoints.into_iter().map(endpoint).collect();
    Ok(Json(ProviderCheck { issuer: check.issuer, endpoints, problems: check.problems }))
}

/// List one's own accounts at identity providers.
#[utoipa::path(get, path = "/api/v1/me/identities", tag = "sso", responses((status = 200, body = List<Identity>)))]
pub(crate) async fn me_identities(State(http): State<Http>, Caller(ctx): Caller) -> Result<Json<List<Identity>>, Refusal> {
    let items: Vec<Identity> = http.app().me_identities(&ctx).await?.into_iter().map(Into::into).collect();
    let total = u64::try_from(items.len()).unwrap_or(u64::MAX);
    Ok(Json(List { items, next_cursor: None, total }))
}

/// Unlink one's own account at a provider; sessions that came by it end.
#[utoipa::path(delete, path = "/api/v1/me/identities/{provider}", tag = "sso", params(("provider" = String, Path)),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn me_identity_unlink(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(provider): Path<String>,
) -> Result<StatusCode, Refusal> {
    http.app().me_identity_unlink(&ctx, &provider).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn wish(form: ProviderForm) -> Result<ProviderWish, Refusal> {
    let rule = |rule: mc_api::provider::RoleRule| -> Result<RoleRule, Refusal> {
        Ok(RoleRule { claim: rule.claim.filter(|claim| !claim.is_empty()), value: rule.value, role: parse(&rule.role)? })
    };
    Ok(ProviderWish {
        name: parse(&form.name)?,
        label: form.label,
        kind: form.kind,
        issuer: form.issuer,
        client_id: form.client_id,
        client_secret: form.client_secret.map(Into::into),
        scopes: form.scopes,
        groups_claim: form.groups_claim,
        role_rules: form.role_rules.into_iter().map(rule).collect::<Result<_, _>>()?,
        default_role: parse_some(form.default_role.as_deref())?,
        provisioning: form.provisioning,
        second_factor: form.second_factor,
        ca_pem: form.ca_pem,
        graph_url: form.graph_url.filter(|url| !url.is_empty()),
        enabled: form.enabled,
    })
}

fn shown(http: &Http, provider: provider::Provider) -> Provider {
    Provider {
        redirect_uri: http.app().provider_redirect_uri(&provider.name),
        backchannel_logout_uri: http.app().provider_logout_uri(&provider.name),
        name: provider.name.to_string(),
        label: provider.label,
        kind: provider.kind,
        issuer: provider.issuer,
        client_id: provider.client_id,
        has_secret: provider.has_secret,
        scopes: provider.scopes,
        groups_claim: provider.groups_claim,
        role_rules: provider.role_rules.into_iter().map(Into::into).collect(),
        default_role: provider.default_role.map(Into::into),
        provisioning: provider.provisioning,
        second_factor: provider.second_factor,
        ca_pem: provider.ca_pem,
        graph_url: provider.graph_url,
        enabled: provider.enabled,
        created_at: provider.created_at,
    }
}
