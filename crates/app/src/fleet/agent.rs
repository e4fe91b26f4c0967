//! One agent: seen, renamed, tagged, removed.

use std::sync::Arc;

use mc_domain::{
    action::{self, Action},
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    event::EventKind,
    id::{AgentId, RequestId},
    name::{AgentName, BadName, Tag},
    permit::Permitted,
};

use super::{command::check_reason, view::AgentView};
use crate::{App, Change, error::AppError};

/// The most tags an agent may have.
const TAGS_MAX: usize = 32;

impl App {
    /// One agent by id or name.
    ///
    /// # Errors
    /// When there is none, or the caller may not.
    pub fn agent_show(&self, ctx: &Ctx, id_or_name: &str) -> Result<AgentView, AppError> {
        let (view, _) = self.agent_for::<action::AgentShow>(ctx, id_or_name)?;
        Ok(view)
    }

    /// Gives an agent another name or other tags.
    ///
    /// # Errors
    /// When there is none, the caller may not, or the name is taken or malformed.
    pub async fn agent_update(
        &self,
        ctx: &Ctx,
        id_or_name: &str,
        name: Option<&str>,
        tags: Option<&[String]>,
    ) -> Result<AgentView, AppError> {
        let (before, permit) = self.agent_for::<action::AgentUpdate>(ctx, id_or_name)?;
        let bad = |error: BadName| AppError::Invalid(error.to_string());
        let new_name: AgentName = name.map_or_else(|| Ok(permit.name.clone()), |name| name.parse().map_err(bad))?;
        let new_tags = tags.map_or_else(|| Ok(permit.tags.clone()), parse_tags)?;
        let detail = describe(&permit.name, &new_name, &permit.tags, &new_tags);
        let audit =
            AuditEntry::new(ctx, ctx.now, permit.action_name(), AuditResult::Ok).on("agent", permit.id, &permit.name).detail(detail);
        self.store.agent_update(&permit, &new_name, &new_tags, &audit).await?;
        self.recorder.announce(audit);
        let view = self
            .inventory
            .update(permit.id, ctx.now, |agent| {
                agent.name = new_name;
                agent.tags = new_tags;
            })
            .ok_or_else(|| unknown(id_or_name))?;
        self.announce_hidden(&before, &view);
        self.announce_agent(&view);
        Ok(view)
    }

    /// Removes an agent: its credential is refused from now on, its stream ends, its name is free, its logs and metrics go.
    ///
    /// # Errors
    /// When there is none, or the caller may not.
    pub async fn agent_remove(&self, ctx: &Ctx, id_or_name: &str, reason: &str) -> Result<(), AppError> {
        let (view, permit) = self.agent_for::<action::AgentRemove>(ctx, id_or_name)?;
        check_reason(reason)?;
        let audit =
            AuditEntry::new(ctx, ctx.now, permit.action_name(), AuditResult::Ok).on("agent", permit.id, &permit.name).because(reason);
        self.store.agent_remove(&permit, ctx.now, &audit).await?;
        self.recorder.announce(audit);
        self.inventory.remove(permit.id);
        self.cluster_forget(permit.id);
        self.hub.remove(permit.id);
        self.commands_abandon(permit.id, ctx.now, "the agent was removed").await;
        self.bus.publish(EventKind::AgentRemoved, permit.id.to_string(), Change::AgentRemoved(view.agent));
        let (store, id) = (self.store.clone(), permit.id);
        tokio::spawn(async move {
            if let Err(error) = store.telemetry_forget(id).await {
                tracing::warn!(%error, agent = %id, "the removed agent's logs and metrics stay until they are 7 days old");
            }
        });
        Ok(())
    }

    /// An agent, and the proof that the caller may do `A` to it. Who may not even see it is told that there is none.
    pub(crate) fn agent_for<A: Action>(
        &self,
        ctx: &Ctx,
        id_or_name: &str,
    ) -> Result<(AgentView, Permitted<mc_domain::agent::Agent, A>), AppError> {
        let view = self.inventory.find(id_or_name).ok_or_else(|| unknown(id_or_name))?;
        match self.permit::<_, A>(ctx, (*view.agent).clone()) {
            Ok(permit) => Ok((view, permit)),
            Err(AppError::Denied(_)) if !self.knows_of(ctx, &view) => Err(unknown(id_or_name)),
            Err(error) => Err(error),
        }
    }

    /// Tells whoever saw an agent as it was and does not see it as it is. Each such change is told by itself: none replaces another.
    pub(crate) fn announce_hidden(&self, before: &AgentView, now: &AgentView) {
        if before.target != now.target {
            let change = Change::AgentHidden { before: Arc::clone(&before.agent), now: Arc::clone(&now.agent) };
            self.bus.publish(EventKind::AgentRemoved, format!("{}/{}", now.agent.id, RequestId::new()), change);
        }
    }

    pub(crate) fn announce_agent(&self, view: &AgentView) {
        self.bus.publish(EventKind::AgentChanged, view.agent.id.to_string(), Change::Agent(view.clone().into()));
        self.announce_cluster_of(view.agent.id);
    }

    /// An agent's name, for entries about agents that are known by id.
    pub(crate) fn agent_name(&self, id: AgentId) -> String {
        self.inventory.get(id).map_or_else(String::new, |view| view.agent.name.to_string())
    }
}

pub(crate) fn unknown(id_or_name: &str) -> AppError {
    let shown: String = id_or_name.chars().filter(|c| !c.is_control()).take(64).collect();
    AppError::NotFound(format!("there is no agent {shown:?}"))
}

/// Checks tags, sorts them and drops repeats.
pub(crate) fn parse_tags(tags: &[String]) -> Result<Vec<Tag>, AppError> {
    let mut parsed: Vec<Tag> =
        tags.iter().map(|tag| tag.parse()).collect::<Result<_, BadName>>().map_err(|error| AppError::Invalid(error.to_string()))?;
    parsed.sort();
    parsed.dedup();
    if parsed.len() > TAGS_MAX {
        return Err(AppError::Invalid(format!("an agent has at most {TAGS_MAX} tags")));
    }
    Ok(parsed)
}

fn describe(old_name: &AgentName, new_name: &AgentName, old_tags: &[Tag], new_tags: &[Tag]) -> String {
    let mut parts = Vec::new();
    if old_name != new_name {
        parts.push(format!("name {old_name} → {new_name}"));
    }
    parts.extend(new_tags.iter().filter(|tag| !old_tags.contains(tag)).map(|tag| format!("+{tag}")));
    parts.extend(old_tags.iter().filter(|tag| !new_tags.contains(tag)).map(|tag| format!("-{tag}")));
    parts.join(" ")
}
