//! Kubernetes clusters. Requests to them go through the door: see `kube.rs`.

use axum::{
    Json,
    extract::{Path, State},
};
use mc_api::{
    cluster::{Cluster, ClusterAgent, ClusterCheck, ClusterChecked, ClusterCheckedItem, ClusterCredential, Ready, Workloads},
    list::List,
    problem::Problem,
};
use mc_app::kube::{check::Check, cluster::ClusterView};
use secrecy::ExposeSecret;

use super::{Http, caller::Caller, problem::Refusal, query::Body};

/// A cluster as the API shows it.
pub(super) fn shown(view: &ClusterView) -> Cluster {
    let (cluster, report) = (&view.cluster, &view.cluster.report);
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let workloads = report.workloads.iter().map(|(kind, count)| Workloads { kind: kind.clone(), ready: count.ready, all: count.all });
    Cluster {
        name: cluster.name.to_string(),
        status: view.status,
        trouble: some(&report.trouble),
        version: some(&report.version),
        nodes: report.nodes.map(|nodes| Ready { ready: nodes.ready, all: nodes.all }),
        workloads: workloads.collect(),
        agent: ClusterAgent { id: cluster.agent_id, name: view.agent_name.clone() },
        requests_per_minute: view.requests_per_minute,
        last_seen_at: view.last_seen_at,
        created_at: cluster.created_at,
    }
}

/// List the clusters in which the caller may do anything, by name.
#[utoipa::path(get, path = "/api/v1/clusters", tag = "clusters", responses((status = 200, body = List<Cluster>), (status = 403, body = Problem)))]
pub(crate) async fn cluster_list(State(http): State<Http>, Caller(ctx): Caller) -> Result<Json<List<Cluster>>, Refusal> {
    let items: Vec<Cluster> = http.app().cluster_list(&ctx)?.iter().map(shown).collect();
    let total = u64::try_from(items.len()).unwrap_or(u64::MAX);
    Ok(Json(List { items, next_cursor: None, total }))
}

/// One cluster.
#[utoipa::path(get, path = "/api/v1/clusters/{name}", tag = "clusters", params(("name" = String, Path)),
    responses((status = 200, body = Cluster), (status = 404, body = Problem)))]
pub(crate) async fn cluster_show(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(name): Path<String>,
) -> Result<Json<Cluster>, Refusal> {
    Ok(Json(shown(&http.app().cluster_show(&ctx, &name)?)))
}

/// Make a token that opens this cluster's door and nothing else, as the caller. It lives for 15 minutes, and no longer than the caller's login
/// or API token stands.
#[utoipa::path(post, path = "/api/v1/clusters/{name}/credentials", tag = "clusters", params(("name" = String, Path)),
    responses((status = 200, body = ClusterCredential), (status = 404, body = Problem)))]
pub(crate) async fn cluster_credential(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(name): Path<String>,
) -> Result<Json<ClusterCredential>, Refusal> {
    let made = http.app().cluster_credential(&ctx, &name)?;
    Ok(Json(ClusterCredential { token: made.token.expose_secret().to_owned(), expires_at: made.expires_at }))
}

/// Ask what the gate would say about requests, without making them.
#[utoipa::path(post, path = "/api/v1/clusters/{name}/check", tag = "clusters", params(("name" = String, Path)), request_body = ClusterCheck,
    responses((status = 200, body = ClusterChecked), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn cluster_check(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(name): Path<String>,
    Body(asked): Body<ClusterCheck>,
) -> Result<Json<ClusterChecked>, Refusal> {
    let checks = asked.items.into_iter().map(|item| Check {
        verb: item.verb,
        api_group: item.api_group,
        resource: item.resource,
        subresource: item.subresource,
        namespace: item.namespace,
        name: item.name,
    });
    let answers = http.app().cluster_check(&ctx, &name, checks.collect())?;
    let items = answers.into_iter().map(|one| ClusterCheckedItem { allowed: one.allowed, partly: one.partly, reason: one.reason });
    Ok(Json(ClusterChecked { items: items.collect() }))
}
