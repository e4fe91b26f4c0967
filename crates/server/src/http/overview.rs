//! The overview and the server's own state.

use axum::{Json, extract::State};
use mc_api::{
    audit::AuditState,
    overview::{ActionCounts, FleetCounts, FleetPoint, Overview, RecentActivity},
    problem::Problem,
    status::{OldAuthority, Status},
};
use mc_app::fleet::overview;

use super::{
    Http,
    agent::{activity, agent},
    caller::Caller,
    problem::Refusal,
};

fn counts(counts: overview::FleetCounts) -> FleetCounts {
    let overview::FleetCounts { online, degraded, offline, stopped } = counts;
    let total = u64::from(online) + u64::from(degraded) + u64::from(offline) + u64::from(stopped);
    FleetCounts { total, online: online.into(), degraded: degraded.into(), offline: offline.into(), stopped: stopped.into() }
}

/// Is everything well, what changed, what can be done about it.
#[utoipa::path(get, path = "/api/v1/overview", tag = "overview", responses((status = 200, body = Overview), (status = 401, body = Problem)))]
pub(crate) async fn overview_show(State(http): State<Http>, Caller(ctx): Caller) -> Result<Json<Overview>, Refusal> {
    let overview = http.app().overview_show(&ctx).await?;
    let point = |point: &overview::FleetPoint| FleetPoint {
        at: point.at,
        counts: counts(overview::FleetCounts {
            online: point.online,
            degraded: point.degraded,
            offline: point.offline,
            stopped: point.stopped,
        }),
    };
    Ok(Json(Overview {
        fleet: counts(overview.fleet),
        history: overview.history.iter().map(point).collect(),
        attention: overview.attention.iter().map(|view| agent(view, ctx.now)).collect(),
        busiest: overview.busiest.iter().map(|view| agent(view, ctx.now)).collect(),
        recent: overview
            .recent
            .into_iter()
            .map(|entry| RecentActivity {
                agent_id: entry.resource_id.clone().filter(|id| !id.is_empty()),
                agent_name: entry.resource_name.clone(),
                activity: activity(entry),
            })
            .collect(),
        actions_today: ActionCounts {
            total: overview.actions_today.total,
            failed: overview.actions_today.failed,
            running: overview.actions_today.running,
        },
    }))
}

/// The server's version and state.
#[utoipa::path(get, path = "/api/v1/status", tag = "server", responses((status = 200, body = Status), (status = 401, body = Problem)))]
pub(crate) async fn status_show(State(http): State<Http>, Caller(ctx): Caller) -> Result<Json<Status>, Refusal> {
    let app = http.app();
    let status = app.status_show(&ctx)?;
    let audit = app.audit_state();
    Ok(Json(Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        database: status.database.to_owned(),
        started_at: app.started_at(),
        connected_agents: u64::try_from(status.connected).unwrap_or(u64::MAX),
        fleet: counts(status.fleet),
        ca_pin: app.ca().pin(),
        old_authorities: app
            .ca()
            .older()
            .iter()
            .map(|older| OldAuthority {
                pin: older.pin(),
                replaced_at: older.retired,
                agents_until: older.ends(app.settings().certificate_life),
            })
            .collect(),
        warnings: app.warnings().into_iter().map(|(_, text)| text).collect(),
        agent_address: app.settings().agent_address.clone(),
        audit: AuditState { bad: audit.bad, covered_to: audit.covered_to, signed_at: audit.signed_at, mirrors: audit.mirrors },
    }))
}
