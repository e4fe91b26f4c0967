//! The HTTP interface: the whole URL table is [`router`]. A handler extracts, calls one app function, maps, returns.

mod access_request;
mod agent;
mod api_token;
mod audit;
mod audit_export;
mod auth;
mod caller;
mod cluster;
mod command;
mod connection;
mod deadline;
mod enrolment;
mod event;
mod exec;
mod exec_run;
mod exec_socket;
mod headers;
mod health;
mod invite;
mod join_token;
mod kube;
mod log;
mod me;
mod metric;
mod metrics;
mod oidc;
mod overview;
mod page;
mod password;
mod problem;
mod provider;
mod query;
pub(crate) mod rate;
mod recording;
mod request;
mod role;
mod role_assignment;
mod second_factor;
mod setting;
mod simulate;
mod user;

use std::{net::IpAddr, sync::Arc};

use axum::{Extension, Router, extract::DefaultBodyLimit, middleware, routing::any};
pub(crate) use connection::serve;
use mc_app::{App, kube::exec::DoorKey};
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer};
use utoipa::OpenApi;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt as _},
    routes,
};

use self::{metrics::Metrics, rate::Limits};

/// The largest request body, in bytes.
const BODY_MAX: usize = 256 * 1024;

/// What handlers share.
#[derive(Clone)]
pub(crate) struct Http(pub(crate) Arc<Shared>);

/// The shared part.
pub(crate) struct Shared {
    pub(crate) app: Arc<App>,
    pub(crate) limits: Limits,
    pub(crate) metrics: Metrics,
    pub(crate) settings: Settings,
    pub(crate) draining: tokio_util::sync::CancellationToken,
}

/// What the configuration says of this port.
pub(crate) struct Settings {
    /// Proxies whose `X-Forwarded-For` is believed.
    pub(crate) trusted_proxies: Vec<IpAddr>,
    /// Whether browsers are told to come by HTTPS only from now on.
    pub(crate) hsts: bool,
    /// How long a request's body may take.
    pub(crate) body_within: std::time::Duration,
}

impl Http {
    pub(crate) fn new(app: Arc<App>, settings: Settings, draining: tokio_util::sync::CancellationToken) -> Self {
        let metrics = Metrics::new(Arc::clone(&app));
        Self(Arc::new(Shared { app, limits: Limits::new(), metrics, settings, draining }))
    }

    fn app(&self) -> &Arc<App> {
        &self.0.app
    }
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Mission Control", description = "One control plane for agents, machines, containers and clusters."),
    modifiers(&Security),
    security(("bearer" = []), ("cookie" = []))
)]
struct Document;

struct Security;

impl utoipa::Modify for Security {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
        let components = document.components.get_or_insert_with(Default::default);
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        components.add_security_scheme("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(auth::ACCESS_COOKIE))));
    }
}

/// Routes for anybody. Everything here is public on purpose.
fn public() -> OpenApiRouter<Http> {
    OpenApiRouter::new()
        .routes(routes!(health::health))
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(metrics::metrics))
        .routes(routes!(auth::setup_status, auth::setup_complete))
        .routes(routes!(auth::auth_login))
        .routes(routes!(auth::auth_refresh))
        .routes(routes!(auth::auth_logout))
        .routes(routes!(provider::provider_buttons))
        .routes(routes!(oidc::oidc_start))
        .routes(routes!(oidc::oidc_callback))
        .routes(routes!(oidc::oidc_link))
        .routes(routes!(oidc::oidc_backchannel_logout))
        .routes(routes!(oidc::cli_exchange))
        .routes(routes!(second_factor::second_factor_answer))
        .routes(routes!(second_factor::second_factor_enrol))
        .routes(routes!(second_factor::passkey_begin))
        .routes(routes!(second_factor::passkey_finish))
        .routes(routes!(invite::invite_look))
        .routes(routes!(invite::invite_accept))
        .routes(routes!(password::password_forgot))
        .routes(routes!(password::password_reset))
        .routes(routes!(password::email_verify))
        .routes(routes!(password::password_judge))
}

/// Routes for known callers: each asks the gate through the app function it calls.
fn known() -> OpenApiRouter<Http> {
    OpenApiRouter::new()
        .routes(routes!(auth::me_show))
        .routes(routes!(overview::overview_show))
        .routes(routes!(overview::status_show))
        .routes(routes!(agent::agent_list))
        .routes(routes!(agent::agent_facets))
        .routes(routes!(agent::agent_show, agent::agent_update, agent::agent_remove))
        .routes(routes!(agent::agent_activity))
        .routes(routes!(command::agent_act))
        .routes(routes!(command::agents_act))
        .routes(routes!(command::command_list))
        .routes(routes!(command::command_show))
        .routes(routes!(command::command_cancel))
        .routes(routes!(log::agent_logs))
        .routes(routes!(log::server_logs))
        .routes(routes!(metric::agent_metrics))
        .routes(routes!(cluster::cluster_list))
        .routes(routes!(cluster::cluster_show))
        .routes(routes!(cluster::cluster_credential))
        .routes(routes!(cluster::cluster_check))
        .routes(routes!(exec::cluster_exec, exec_socket::cluster_exec_socket).layer(DefaultBodyLimit::max(exec::BODY_MAX)))
        .routes(routes!(join_token::join_token_list, join_token::join_token_create))
        .routes(routes!(join_token::join_token_revoke))
        .routes(routes!(api_token::token_list, api_token::token_create))
        .routes(routes!(api_token::token_show, api_token::token_revoke))
        .routes(routes!(api_token::token_rotate))
        .routes(routes!(user::user_list, user::user_create))
        .routes(routes!(user::user_set_role))
        .routes(routes!(enrolment::user_second_factor_reset))
        .routes(routes!(enrolment::me_second_factor))
        .routes(routes!(enrolment::me_totp_begin, enrolment::me_totp_remove))
        .routes(routes!(enrolment::me_totp_confirm))
        .routes(routes!(enrolment::me_recovery_codes))
        .routes(routes!(enrolment::me_passkey_begin))
        .routes(routes!(enrolment::me_passkey_add))
        .routes(routes!(enrolment::me_passkey_rename, enrolment::me_passkey_remove))
        .routes(routes!(second_factor::me_step_up_begin))
        .routes(routes!(second_factor::me_step_up))
        .routes(routes!(user::user_show, user::user_update, user::user_delete))
        .routes(routes!(user::user_reset_link))
        .routes(routes!(user::user_sessions, user::user_sessions_end))
        .routes(routes!(invite::invite_list, invite::invite_create))
        .routes(routes!(invite::invite_revoke))
        .routes(routes!(setting::settings_show, setting::settings_update))
        .routes(routes!(me::me_profile, me::me_update))
        .routes(routes!(me::me_email_verify))
        .routes(routes!(me::me_password))
        .routes(routes!(me::me_sessions, me::me_sessions_end))
        .routes(routes!(me::me_session_end))
        .routes(routes!(me::me_logins))
        .routes(routes!(me::me_preferences, me::me_preferences_update))
        .routes(routes!(role::role_list, role::role_create))
        .routes(routes!(role::role_check))
        .routes(routes!(role::role_show, role::role_update, role::role_delete))
        .routes(routes!(role::action_list))
        .routes(routes!(role_assignment::assignment_list, role_assignment::assignment_create))
        .routes(routes!(role_assignment::assignment_remove))
        .routes(routes!(simulate::me_why))
        .routes(routes!(simulate::simulate_who))
        .routes(routes!(simulate::simulate_what))
        .routes(routes!(simulate::simulate_past))
        .routes(routes!(access_request::access_request_list, access_request::access_request_create))
        .routes(routes!(access_request::access_request_show))
        .routes(routes!(access_request::access_request_approve))
        .routes(routes!(access_request::access_request_deny))
        .routes(routes!(access_request::access_request_cancel))
        .routes(routes!(access_request::access_request_end))
        .routes(routes!(audit::audit_list))
        .routes(routes!(audit::audit_verify))
        .routes(routes!(audit::audit_checkpoints))
        .routes(routes!(audit::audit_key))
        .routes(routes!(event::event_follow))
        .routes(routes!(recording::recording_list))
        .routes(routes!(recording::recording_show))
        .routes(routes!(recording::recording_cast))
        .routes(routes!(provider::provider_list, provider::provider_create))
        .routes(routes!(provider::provider_show, provider::provider_update, provider::provider_delete))
        .routes(routes!(provider::provider_check))
        .routes(routes!(provider::me_identities))
        .routes(routes!(oidc::me_identity_link))
        .routes(routes!(provider::me_identity_unlink))
}

fn table() -> (Router<Http>, utoipa::openapi::OpenApi) {
    let mut document = Document::openapi();
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    OpenApiRouter::with_openapi(document).merge(public()).merge(known()).split_for_parts()
}

/// The whole URL table.
pub(crate) fn router(http: Http) -> Router {
    let (routes, document) = table();
    let docs = utoipa_swagger_ui::SwaggerUi::new("/api/docs").url("/api/openapi.json", document);
    // Not compressed: API servers compress what is worth it, and what is watched must not wait for more.
    let door = Router::new().route("/k8s/clusters/{name}", any(kube::kube)).route("/k8s/clusters/{name}/{*rest}", any(kube::kube));
    routes
        .merge(docs)
        .fallback(page::page)
        .method_not_allowed_fallback(async || problem::Refusal::method_not_allowed())
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(CompressionLayer::new().compress_when(page::worth_compressing()))
        .merge(door)
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(middleware::from_fn_with_state(http.clone(), headers::secure))
        .layer(middleware::from_fn_with_state(http.clone(), request::observe))
        .with_state(http)
}

/// The door alone, for the one kubectl that has this key.
fn door(http: Http, key: DoorKey) -> Router {
    Router::new()
        .route("/k8s/clusters/{name}/{*rest}", any(kube::kube))
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(middleware::from_fn_with_state(http.clone(), request::observe))
        .layer(Extension(key))
        .with_state(http)
}

#[cfg(test)]
mod tests {
    /// The page's types and other people's clients are made from this file: run with `UPDATE=1` to write it anew.
    #[test]
    fn the_published_document_is_the_one_the_handlers_make() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/openapi.json");
        let made = super::table().1.to_pretty_json().expect("serialises") + "\n";
        if crate::config::variable("UPDATE").is_some() {
            std::fs::write(path, &made).expect("writes");
        }
        let published = std::fs::read_to_string(path).expect("web/openapi.json exists");
        assert!(
            published == made,
            "web/openapi.json is stale: run `UPDATE=1 cargo nextest run -p mc-server the_published_document`, then `npm run codegen` in web/"
        );
    }

    #[test]
    fn every_operation_has_its_own_name() {
        let document = super::table().1;
        let mut names: Vec<String> = document
            .paths
            .paths
            .values()
            .flat_map(|item| [&item.get, &item.post, &item.put, &item.patch, &item.delete])
            .flatten()
            .filter_map(|operation| operation.operation_id.clone())
            .collect();
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
