//! Agents.

use std::time::Duration;

use axum::{
    Json,
    extract::{Path, State},
};
use http::StatusCode;
use mc_api::{
    agent::{Activity, Agent, AgentDetail, AgentFacets, AgentUpdate, FacetCount, Fact, Workload},
    list::List,
    problem::Problem,
};
use mc_app::fleet::{
    query::{AgentQuery, Cursor, Sort},
    view::AgentView,
};
use mc_domain::{
    agent::{AgentStatus, Credential},
    audit::AuditEntry,
    time::Time,
    workload::{AgentKind, FactState},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    Http,
    caller::Caller,
    problem::Refusal,
    query::{Body, Query, limit, parse_some, words},
};

/// Which agents, in which order.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct AgentListQuery {
    /// Part of the name, hostname, id, session id or a tag.
    q: Option<String>,
    /// Any of these, separated by commas: online, degraded, offline, stopped.
    status: Option<String>,
    /// Any of these, separated by commas: host, command, systemd, openclaw.
    kind: Option<String>,
    /// All of these, separated by commas.
    tag: Option<String>,
    /// Any of these, separated by commas.
    version: Option<String>,
    /// Heard within this many seconds.
    seen_within: Option<u64>,
    /// name, status, kind, cpu, memory or seen; with `-` in front the other way round.
    sort: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Agents a page: 1 to 500, default 100.
    limit: Option<u32>,
}

fn all<T>(text: Option<&str>, what: &str, parse: fn(&str) -> Option<T>) -> Result<Vec<T>, Refusal> {
    words(text).map(|word| parse(word).ok_or_else(|| Refusal::invalid(format!("{word:?} is no {what}")))).collect()
}

impl AgentListQuery {
    fn parse(self) -> Result<AgentQuery, Refusal> {
        let order = self.sort.unwrap_or_default();
        let (descending, word) = order.strip_prefix('-').map_or((false, order.as_str()), |word| (true, word));
        let sort = match word {
            "" | "name" => Sort::Name,
            "status" => Sort::Status,
            "kind" => Sort::Kind,
            "cpu" => Sort::Cpu,
            "memory" => Sort::Memory,
            "seen" => Sort::Seen,
            other => return Err(Refusal::invalid(format!("{other:?} is no order: use name, status, kind, cpu, memory or seen"))),
        };
        let bad_cursor = || Refusal::invalid("the cursor is none of this list's: begin anew without it");
        let cursor = self
            .cursor
            .map(|cursor| {
                let (after, place) = cursor.split_once('.').ok_or_else(bad_cursor)?;
                Ok::<_, Refusal>(Cursor {
                    after: after.parse().map_err(|_| bad_cursor())?,
                    place: place.parse().map_err(|_| bad_cursor())?,
                })
            })
            .transpose()?;
        Ok(AgentQuery {
            q: self.q.unwrap_or_default(),
            status: all(self.status.as_deref(), "status", AgentStatus::from_text)?,
            kind: all(self.kind.as_deref(), "kind", AgentKind::from_text)?,
            tag: words(self.tag.as_deref()).map(ToOwned::to_owned).collect(),
            version: words(self.version.as_deref()).map(ToOwned::to_owned).collect(),
            seen_within: self.seen_within.map(Duration::from_secs),
            sort,
            descending,
            cursor,
            limit: usize::try_from(limit(self.limit, 100, 500)?).unwrap_or(100),
        })
    }
}

/// List agents.
#[utoipa::path(get, path = "/api/v1/agents", tag = "agents", params(AgentListQuery),
    responses((status = 200, body = List<Agent>), (status = 400, body = Problem)))]
pub(crate) async fn agent_list(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Query(query): Query<AgentListQuery>,
) -> Result<Json<List<Agent>>, Refusal> {
    let page = http.app().agent_list(&ctx, &query.parse()?)?;
    Ok(Json(List {
        items: page.agents.iter().map(|view| agent(view, ctx.now)).collect(),
        next_cursor: page.next.map(|cursor| format!("{}.{}", cursor.after, cursor.place)),
        total: u64::try_from(page.total).unwrap_or(u64::MAX),
    }))
}

/// Count agents by status, kind, tag and version.
#[utoipa::path(get, path = "/api/v1/agents/facets", tag = "agents", responses((status = 200, body = AgentFacets)))]
pub(crate) async fn agent_facets(State(http): State<Http>, Caller(ctx): Caller) -> Result<Json<AgentFacets>, Refusal> {
    let facets = http.app().agent_facets(&ctx)?;
    let counts = |counts: Vec<(String, u64)>| counts.into_iter().map(|(value, count)| FacetCount { value, count }).collect();
    Ok(Json(AgentFacets {
        status: counts(facets.status),
        kind: counts(facets.kind),
        tag: counts(facets.tag),
        version: counts(facets.version),
    }))
}

/// Everything about one agent, by id or name.
#[utoipa::path(get, path = "/api/v1/agents/{id}", tag = "agents", params(("id" = String, Path, description = "Id or name")),
    responses((status = 200, body = AgentDetail), (status = 404, body = Problem)))]
pub(crate) async fn agent_show(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
) -> Result<Json<AgentDetail>, Refusal> {
    Ok(Json(detail(&http.app().agent_show(&ctx, &id)?, ctx.now)))
}

/// Give an agent another name or other tags.
#[utoipa::path(patch, path = "/api/v1/agents/{id}", tag = "agents", params(("id" = String, Path, description = "Id or name")),
    request_body = AgentUpdate,
    responses((status = 200, body = AgentDetail), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn agent_update(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
    Body(wish): Body<AgentUpdate>,
) -> Result<Json<AgentDetail>, Refusal> {
    let view = http.app().agent_update(&ctx, &id, wish.name.as_deref(), wish.tags.as_deref()).await?;
    Ok(Json(detail(&view, ctx.now)))
}

/// Why an agent is removed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct RemoveQuery {
    /// Kept in the audit trail; at most 500 characters.
    reason: String,
}

/// Remove an agent: its credential is refused from then on.
#[utoipa::path(delete, path = "/api/v1/agents/{id}", tag = "agents",
    params(("id" = String, Path, description = "Id or name"), RemoveQuery),
    responses((status = 204), (status = 404, body = Problem)))]
pub(crate) async fn agent_remove(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
    Query(query): Query<RemoveQuery>,
) -> Result<StatusCode, Refusal> {
    http.app().agent_remove(&ctx, &id, &query.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A page of what happened.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct ActivityQuery {
    /// Entries a page: 1 to 500, default 50.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// What happened to an agent, newest first.
#[utoipa::path(get, path = "/api/v1/agents/{id}/activity", tag = "agents",
    params(("id" = String, Path, description = "Id or name"), ActivityQuery),
    responses((status = 200, body = List<Activity>), (status = 404, body = Problem)))]
pub(crate) async fn agent_activity(
    State(http): State<Http>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
    Query(query): Query<ActivityQuery>,
) -> Result<Json<List<Activity>>, Refusal> {
    let size = limit(query.limit, 50, 500)?;
    let (entries, total) = http.app().agent_activity(&ctx, &id, size, parse_some(query.cursor.as_deref())?).await?;
    let full = u32::try_from(entries.len()).is_ok_and(|len| len == size);
    let next_cursor = entries.last().filter(|_| full).map(|entry| entry.id.to_string());
    Ok(Json(List { items: entries.into_iter().map(activity).collect(), next_cursor, total }))
}

/// An audit entry as everybody may see it who sees the agent: without addresses.
pub(super) fn activity(entry: AuditEntry) -> Activity {
    Activity {
        id: entry.id.to_string(),
        at: entry.at,
        actor: entry.actor_name,
        action: entry.action,
        result: entry.result,
        reason: entry.reason,
        detail: entry.detail,
        duration_ms: entry.duration_ms,
        request_id: entry.request_id.to_string(),
    }
}

/// An agent as a row of the list.
pub(super) fn agent(view: &AgentView, now: Time) -> Agent {
    let stored = &view.agent;
    Agent {
        id: stored.id,
        name: stored.name.to_string(),
        kind: stored.kind,
        status: view.status,
        status_detail: view.status_detail(),
        status_since: view.status_since,
        hostname: stored.identity.hostname.clone(),
        version: stored.identity.version.clone(),
        tags: stored.tags.iter().map(ToString::to_string).collect(),
        workload_state: stored.workload.state,
        workload_title: stored.workload.title.clone(),
        connected: view.link.connected,
        last_seen_at: view.link.last_seen_at,
        cpu_percent: view.stats.map(|stats| stats.cpu_percent),
        memory_used_bytes: view.stats.map(|stats| stats.memory_used_bytes),
        memory_total_bytes: view.stats.map(|stats| stats.memory_total_bytes),
        cpu_history: view.cpu.averages(now),
    }
}

fn detail(view: &AgentView, now: Time) -> AgentDetail {
    let stored = &view.agent;
    let workload = &stored.workload;
    let linked = Fact {
        name: "linked".to_owned(),
        state: if view.link.connected { FactState::Ok } else { FactState::Bad },
        detail: match (view.link.connected, view.link.unexpected) {
            (true, _) => "connected".to_owned(),
            (false, true) => "lost without a goodbye".to_owned(),
            (false, false) => "not connected".to_owned(),
        },
        since: view.link.since,
    };
    let told = workload.facts.iter().map(|fact| Fact {
        name: fact.name.clone(),
        // What an agent said before its link was lost may be true no more.
        state: if view.link.connected { fact.state } else { FactState::Unknown },
        detail: fact.detail.clone(),
        since: fact.since,
    });
    AgentDetail {
        agent: agent(view, now),
        os: stored.identity.os.clone(),
        arch: stored.identity.arch.clone(),
        address: view.link.address.clone(),
        capabilities: stored.identity.capabilities.clone(),
        allow: stored.identity.allow.clone(),
        facts: std::iter::once(linked).chain(told).collect(),
        workload: Workload {
            state: workload.state,
            detail: workload.detail.clone(),
            title: workload.title.clone(),
            pid: workload.pid,
            started_at: workload.started_at,
            restarts: workload.restarts,
            last_exit: workload.last_exit,
        },
        credential: stored.credential.kind(),
        api_key_prefix: match &stored.credential {
            Credential::ApiKey { prefix, .. } => Some(prefix.clone()).filter(|prefix| !prefix.is_empty()),
            Credential::Certificate { .. } => None,
        },
        certificate_expires_at: match stored.credential {
            Credential::Certificate { not_after, .. } => Some(not_after),
            Credential::ApiKey { .. } => None,
        },
        clock_skew_ms: view.link.clock_skew_ms,
        joined_at: stored.joined_at,
        session_id: view.link.instance,
    }
}
