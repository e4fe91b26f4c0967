//! What agents say on their streams, and what becomes of it.

use std::sync::Arc;

use mc_domain::{
    actor::Actor,
    audit::{AuditEntry, AuditResult},
    cluster::ClusterReport,
    command::CommandUpdate,
    ctx::Ctx,
    event::EventKind,
    id::{AgentId, InstanceId},
    name::ClusterName,
    time::{Time, in_words},
    workload::Workload,
};
use mc_hub::{Arrival, Ending, Greeting, Listener, Refused, TelemetryBatch};
use mc_store::{AgentHello, Presence};

use super::view::{AgentView, Stats};
use crate::{App, Change};

/// Central's ears: the hub calls it for every link.
#[derive(Clone)]
pub struct Ears(pub Arc<App>);

impl App {
    pub(crate) fn agent_ctx(&self, id: AgentId, address: Option<String>) -> Ctx {
        let now = self.now();
        Ctx { address, ..Ctx::system(now) }.acting_as(Actor::Agent { id, name: self.agent_name(id) })
    }

    /// A goodbye reaches the database at once: a server that dies before the next batch would otherwise take it for a loss.
    async fn goodbye_keep(&self, view: &AgentView) {
        let Some(last_seen_at) = view.link.last_seen_at else { return };
        let row = Presence { id: view.agent.id, last_seen_at, goodbye_at: view.agent.goodbye_at, workload: None };
        // When it cannot be written now, it is in the next batch.
        let _ = self.store.agent_presence(&[row]).await;
    }

    fn agent_entry(&self, ctx: &Ctx, id: AgentId, action: &str, result: AuditResult) -> AuditEntry {
        AuditEntry::new(ctx, ctx.now, action, result).on("agent", id, ctx.actor.name())
    }
}

impl Listener for Ears {
    async fn arrived(&self, arrival: Arrival) -> Result<Greeting, Refused> {
        let app = &self.0;
        let id = arrival.agent;
        let removed = || Refused::Removed("this agent was removed; join it again with a new token".to_owned());
        let known = app.inventory.get(id).ok_or_else(removed)?;
        let last_batch = app.store.telemetry_last_batch(id, arrival.spool).await.map_err(|error| Refused::NotNow(error.to_string()))?;
        let ctx = app.agent_ctx(id, Some(arrival.address.clone()));
        let away = known.link.unexpected && known.link.last_seen_at.is_some();
        let mut detail = if away { format!("back after {}", in_words(ctx.now.since(known.link.since))) } else { String::new() };
        if let Some(kind) = arrival.kind.filter(|kind| *kind != known.agent.kind) {
            let change = format!("kind {} → {}", known.agent.kind.as_str(), kind.as_str());
            detail = if detail.is_empty() { change } else { format!("{detail}; {change}") };
        }
        // An agent in a loop must not fill the trail.
        let audit = app.recorder.admit(app.agent_entry(&ctx, id, "agent_connect", AuditResult::Ok).detail(detail));
        let hello = AgentHello {
            id,
            kind: arrival.kind.unwrap_or(known.agent.kind),
            identity: arrival.identity.clone(),
            workload: arrival.workload.clone(),
            at: ctx.now,
            audit: audit.clone(),
        };
        app.writer.hello(hello).await.map_err(|error| Refused::NotNow(error.to_string()))?;
        if let Some(audit) = audit {
            app.recorder.announce(audit);
        }
        if let Some(view) = app.inventory.arrived(&arrival, ctx.now) {
            app.announce_hidden(&known, &view);
            app.announce_agent(&view);
        }
        app.commands_lost(id, &arrival.unfinished, ctx.now).await;
        Ok(Greeting { name: known.agent.name.to_string(), last_batch })
    }

    async fn workload(&self, agent: AgentId, workload: Workload) {
        if let Some(view) = self.0.inventory.workload(agent, workload, self.0.now()) {
            self.0.announce_agent(&view);
        }
    }

    async fn cluster(&self, agent: AgentId, name: ClusterName, report: ClusterReport) {
        if let Err(error) = self.0.cluster_reported(agent, name, report).await {
            tracing::warn!(%agent, %error, "what an agent says of its cluster was not kept; it says it again");
        }
    }

    async fn telemetry(&self, batch: TelemetryBatch) -> Result<(), String> {
        let app = &self.0;
        let skew = app.inventory.get(batch.agent).map_or(0, |view| view.link.clock_skew_ms);
        let batch = super::writer::corrected(batch, skew, app.now());
        let latest = batch.samples.last().and_then(|sample| Some((sample.at, Stats::of(sample)?)));
        let (agent, lines) = (batch.agent_id, batch.lines.len());
        app.writer.telemetry(batch).await.map_err(|error| error.to_string())?;
        app.counters.telemetry(lines);
        if let Some((at, stats)) = latest {
            app.inventory.stats(agent, at, stats);
            app.bus.publish(EventKind::AgentStats, agent.to_string(), Change::AgentStats(agent, stats));
        }
        Ok(())
    }

    async fn command(&self, agent: AgentId, update: CommandUpdate) -> bool {
        self.0.command_report(agent, update).await
    }

    async fn left(&self, agent: AgentId, instance: InstanceId, heard: Time, ending: Ending) {
        let app = &self.0;
        let now = app.now();
        let (goodbye, result, detail) = match ending {
            Ending::Replaced => return,
            Ending::Goodbye(reason) => {
                (true, AuditResult::Ok, if reason.is_empty() { "goodbye".to_owned() } else { format!("goodbye: {reason}") })
            }
            Ending::Ended => (false, AuditResult::Ok, "ended by the server".to_owned()),
            Ending::Lost(how) => (false, AuditResult::Failed, format!("unexpectedly: {how}")),
        };
        let Some(known) = app.inventory.get(agent) else { return };
        let linked = app.hub.heard(agent).is_some();
        let ctx = app.agent_ctx(agent, known.link.address.clone());
        if let Some(view) = app.inventory.left(agent, instance, heard, goodbye, linked, now) {
            app.announce_agent(&view);
            if goodbye {
                app.goodbye_keep(&view).await;
            }
        }
        // Not `record_soon`: thousands that leave at once must each be in the trail. A database that is away takes it later.
        let _ = app.recorder.record(app.agent_entry(&ctx, agent, "agent_disconnect", result).detail(detail)).await;
    }

    async fn cloned(&self, agent: AgentId, refused_address: String, linked_address: String) {
        let ctx = self.0.agent_ctx(agent, Some(refused_address));
        let detail = format!("connected a second time while linked from {linked_address}; the second was refused");
        self.0.recorder.record_soon(self.0.agent_entry(&ctx, agent, "agent_clone", AuditResult::Denied).detail(detail));
    }

    async fn misbehaved(&self, agent: AgentId, what: String) {
        let ctx = self.0.agent_ctx(agent, None);
        self.0.recorder.record_soon(self.0.agent_entry(&ctx, agent, "agent_protocol_error", AuditResult::Failed).detail(what));
    }
}
