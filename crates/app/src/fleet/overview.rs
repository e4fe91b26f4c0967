//! The overview: is everything well, what changed, what can be done about it.

use std::time::Duration;

use mc_domain::{action, agent::AgentStatus, audit::AuditEntry, ctx::Ctx, permit::Everything, time::Time};
pub use mc_store::{CommandCounts, FleetPoint};

use super::view::AgentView;
use crate::{App, access::Sight, error::AppError};

/// What is wrong, at most this many.
const ATTENTION: usize = 50;
/// Busiest agents shown.
const BUSIEST: usize = 8;
/// Recent happenings shown.
const RECENT: u32 = 20;
/// Points of the history shown.
const HISTORY_POINTS: usize = 288;

/// How many agents are in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FleetCounts {
    /// Well.
    pub online: u32,
    /// Not as they should be.
    pub degraded: u32,
    /// Not heard of.
    pub offline: u32,
    /// Stopped on request.
    pub stopped: u32,
}

/// Everything the first view shows.
#[derive(Debug)]
pub struct Overview {
    /// The fleet now.
    pub fleet: FleetCounts,
    /// The fleet over the last day, oldest first.
    pub history: Vec<FleetPoint>,
    /// What is wrong, worst and longest first.
    pub attention: Vec<AgentView>,
    /// Busiest by CPU.
    pub busiest: Vec<AgentView>,
    /// What happened lately, newest first.
    pub recent: Vec<AuditEntry>,
    /// Actions since midnight UTC.
    pub actions_today: CommandCounts,
}

/// The server's own state.
#[derive(Debug, Clone)]
pub struct Status {
    /// `sqlite` or `postgres`.
    pub database: &'static str,
    /// Streams open now.
    pub connected: usize,
    /// The fleet now.
    pub fleet: FleetCounts,
}

impl App {
    /// The first view.
    ///
    /// # Errors
    /// When the caller may not, or the database does not answer.
    pub async fn overview_show(&self, ctx: &Ctx) -> Result<Overview, AppError> {
        let permit = self.permit::<_, action::OverviewShow>(ctx, Everything)?;
        let day = Duration::from_secs(86_400);
        let midnight = Time::from_micros(ctx.now.as_micros().div_euclid(86_400_000_000) * 86_400_000_000);
        let sight = self.sight::<action::AgentList>(ctx);
        // What was counted then was the whole fleet: who sees a part of it gets no history.
        let history = match sight {
            Sight::All => thin(self.store.fleet_history(ctx.now.before(day)).await?),
            Sight::Only(_) => Vec::new(),
        };
        let (attention, busiest) = self.inventory.with_all(|all| standing_out(&mut all.filter(|view| sight.sees(view.agent.id))));
        let (happened, commands) = (self.sight::<action::AgentActivity>(ctx), self.sight::<action::CommandList>(ctx));
        Ok(Overview {
            fleet: self.counts_of(&sight),
            history,
            attention,
            busiest,
            recent: self.store.audit_recent_agents(&permit, happened.only(), RECENT).await?,
            actions_today: self.store.command_counts(commands.only(), midnight).await?,
        })
    }

    /// The server's own state.
    ///
    /// # Errors
    /// When the caller may not.
    pub fn status_show(&self, ctx: &Ctx) -> Result<Status, AppError> {
        self.permit::<_, action::StatusShow>(ctx, Everything)?;
        let database = match self.store.engine() {
            mc_store::Engine::Sqlite => "sqlite",
            mc_store::Engine::Postgres => "postgres",
        };
        let sight = self.sight::<action::AgentList>(ctx);
        let connected = match &sight {
            Sight::All => self.hub.linked(),
            Sight::Only(_) => self.inventory.with_all(|all| all.filter(|view| view.link.connected && sight.sees(view.agent.id)).count()),
        };
        Ok(Status { database, connected, fleet: self.counts_of(&sight) })
    }

    /// Whether the caller may read figures about the whole fleet.
    ///
    /// # Errors
    /// When the caller may not, or sees a part of the fleet only.
    pub fn metrics_show(&self, ctx: &Ctx) -> Result<(), AppError> {
        self.permit::<_, action::StatusShow>(ctx, Everything)?;
        self.permit::<_, action::AgentList>(ctx, Everything).map(drop)
    }

    /// How many agents are in each state now.
    #[must_use]
    pub fn fleet_counts(&self) -> FleetCounts {
        self.counts_of(&Sight::All)
    }

    fn counts_of(&self, sight: &Sight) -> FleetCounts {
        let mut counts = FleetCounts::default();
        self.inventory.each(|view| {
            if !sight.sees(view.agent.id) {
                return;
            }
            let place = match view.status {
                AgentStatus::Online => &mut counts.online,
                AgentStatus::Degraded => &mut counts.degraded,
                AgentStatus::Offline => &mut counts.offline,
                AgentStatus::Stopped => &mut counts.stopped,
            };
            *place += 1;
        });
        counts
    }
}

/// What is wrong (offline unexpectedly before degraded, longest first), and what is busiest.
fn standing_out(all: &mut dyn Iterator<Item = &AgentView>) -> (Vec<AgentView>, Vec<AgentView>) {
    let all: Vec<&AgentView> = all.collect();
    let wrong = |view: &&&AgentView| match view.status {
        AgentStatus::Offline => view.link.unexpected,
        AgentStatus::Degraded => true,
        AgentStatus::Stopped | AgentStatus::Online => false,
    };
    let mut attention: Vec<&AgentView> = all.iter().filter(wrong).copied().collect();
    attention.sort_by_key(|view| (view.status, view.status_since));
    let mut busiest: Vec<&AgentView> = all.iter().filter(|view| view.link.connected && view.stats.is_some()).copied().collect();
    let cpu = |view: &AgentView| view.stats.map_or(0.0, |stats| stats.cpu_percent);
    busiest.sort_by(|a, b| cpu(b).total_cmp(&cpu(a)));
    (attention.into_iter().take(ATTENTION).cloned().collect(), busiest.into_iter().take(BUSIEST).cloned().collect())
}

/// At most `HISTORY_POINTS` points, the newest among them.
fn thin(points: Vec<FleetPoint>) -> Vec<FleetPoint> {
    let every = points.len().div_ceil(HISTORY_POINTS).max(1);
    let last = points.len().saturating_sub(1);
    points.into_iter().enumerate().filter(|(n, _)| (last - n).is_multiple_of(every)).map(|(_, point)| point).collect()
}
