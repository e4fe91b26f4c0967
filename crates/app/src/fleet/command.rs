//! Actions on agents: from the click to the result.

use std::time::Duration;

use mc_domain::{
    action::{self, Action},
    actor::Actor,
    agent::Agent,
    audit::{AuditEntry, AuditResult},
    command::{Command, CommandAction, CommandState, CommandUpdate},
    ctx::Ctx,
    event::EventKind,
    id::{AgentId, CommandId},
    permit::Permitted,
    time::Time,
};
use mc_policy::{OnAgent, Resource as _};

use super::view::AgentView;
use crate::{App, Change, error::AppError};

/// How long an action may take when nothing else is said.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(120);
/// The longest reason kept, in characters.
const REASON_MAX: usize = 500;
/// How many agents one call may act on.
pub const BULK_MAX: usize = 1_000;
/// How many seconds an action may be given.
const TIMEOUT_RANGE: std::ops::RangeInclusive<u64> = 1..=3_600;

/// What is asked of an agent.
#[derive(Debug, Clone)]
pub struct Wish {
    /// What to do.
    pub action: CommandAction,
    /// Why.
    pub reason: String,
    /// How long it may take.
    pub timeout: Duration,
}

/// What became of an action on one of many agents.
pub type BulkItem = (String, Result<CommandId, AppError>);

impl App {
    /// Asks an agent to do something. Returns once the command is stored and sent.
    ///
    /// # Errors
    /// When there is no such agent, the caller may not, the agent is away or its owner does not allow it.
    pub async fn agent_act(&self, ctx: &Ctx, id_or_name: &str, wish: Wish) -> Result<CommandId, AppError> {
        match wish.action {
            CommandAction::Restart => self.act::<action::AgentRestart>(ctx, id_or_name, wish).await,
            CommandAction::Kill => self.act::<action::AgentKill>(ctx, id_or_name, wish).await,
            CommandAction::Check => self.act::<action::AgentCheck>(ctx, id_or_name, wish).await,
        }
    }

    /// Asks many agents; one that cannot does not keep the others from it.
    ///
    /// # Errors
    /// When too many are named.
    pub async fn agents_act(&self, ctx: &Ctx, agents: &[String], wish: &Wish) -> Result<Vec<BulkItem>, AppError> {
        if agents.is_empty() || agents.len() > BULK_MAX {
            return Err(AppError::Invalid(format!("name between 1 and {BULK_MAX} agents")));
        }
        let mut items = Vec::with_capacity(agents.len());
        let mut unavailable = None;
        for agent in agents {
            let outcome = match &unavailable {
                // What one needs and does not get, the others do not get either: nobody waits for each in turn.
                Some(text) => Err(AppError::Unavailable(String::clone(text))),
                None => self.agent_act(ctx, agent, wish.clone()).await,
            };
            if let (None, Err(AppError::Unavailable(text))) = (&unavailable, &outcome) {
                unavailable = Some(text.clone());
            }
            items.push((agent.clone(), outcome));
        }
        Ok(items)
    }

    async fn act<A: Action>(&self, ctx: &Ctx, id_or_name: &str, wish: Wish) -> Result<CommandId, AppError> {
        let (view, permit) = self.agent_for::<A>(ctx, id_or_name)?;
        check_wish(&wish)?;
        if let Err(error) = ready(&view, wish.action, ctx.now) {
            let entry = entry(ctx, &permit, AuditResult::Failed).because(&wish.reason).detail(error.to_string());
            self.recorder.record(entry).await?;
            return Err(error);
        }
        let command = command(ctx, &permit, wish);
        let audit = entry(ctx, &permit, AuditResult::Started).because(&command.reason);
        self.store.command_insert(&permit, &command, &audit).await?;
        self.recorder.announce(audit);
        self.open.insert(command.clone());
        self.announce_command(command.clone());
        if self.hub.command(&command).is_err() {
            self.command_close(&command, CommandState::Failed, "the agent went away before the command reached it", ctx.now).await?;
            return Err(offline(&view, ctx.now));
        }
        Ok(command.id)
    }

    /// Commands, newest first, and how many there are.
    ///
    /// # Errors
    /// When the caller may not, or there is no such agent.
    pub async fn command_list(
        &self,
        ctx: &Ctx,
        agent: Option<&str>,
        open_only: bool,
        limit: u32,
        before: Option<CommandId>,
    ) -> Result<(Vec<Command>, u64), AppError> {
        let (permit, sight) = self.permit_seen::<action::CommandList>(ctx)?;
        let seen = |agent: &str| self.inventory.find(agent).filter(|view| self.knows_of(ctx, view));
        let agent = agent.map(|agent| seen(agent).ok_or_else(|| super::agent::unknown(agent))).transpose()?;
        Ok(self.store.command_list(&permit, sight.only(), agent.map(|view| view.agent.id), open_only, limit, before).await?)
    }

    /// One command.
    ///
    /// # Errors
    /// When there is none, or the caller may not.
    pub async fn command_show(&self, ctx: &Ctx, id: CommandId) -> Result<Command, AppError> {
        Ok(self.command_for::<action::CommandShow>(ctx, id).await?.into_inner().thing)
    }

    /// Returns when the command has its result, which can be read then, or when patience is over. It says nothing, so anybody may wait.
    pub async fn command_ended(&self, id: CommandId, patience: Duration) {
        if let Some(ended) = self.open.ended(id) {
            // Whoever waits looks again either way.
            let _ = tokio::time::timeout(patience, ended.cancelled()).await;
        }
    }

    /// Gives up a command: the agent is told to stop working on it.
    ///
    /// # Errors
    /// When there is none, it has ended, or the caller may not.
    pub async fn command_cancel(&self, ctx: &Ctx, id: CommandId) -> Result<Command, AppError> {
        let permit = self.command_for::<action::CommandCancel>(ctx, id).await?;
        let (action, command) = (permit.action_name(), permit.into_inner().thing);
        if command.state.is_final() {
            return Err(AppError::conflict("already_ended", format!("the command has already ended ({})", command.state.as_str())));
        }
        let text = format!("cancelled by {}", ctx.actor.name());
        let audit = AuditEntry::new(ctx, ctx.now, action, AuditResult::Ok).on("agent", command.agent_id, &command.agent_name);
        let Some(closed) = self.command_close_by(&command, CommandState::Cancelled, &text, ctx.now, Some(audit)).await? else {
            return Err(AppError::conflict("already_ended", "the command has ended meanwhile"));
        };
        // An agent that is away learns on its return that nobody waits for the result any more.
        let _ = self.hub.cancel(&command);
        Ok(closed)
    }

    /// A command, and the proof that the caller may do `A` to it: rules about its agent are rules about it. Who may not see it is told that
    /// there is none.
    async fn command_for<A: Action>(&self, ctx: &Ctx, id: CommandId) -> Result<Permitted<OnAgent<Command>, A>, AppError> {
        let unknown = || AppError::NotFound("there is no such command".to_owned());
        let command = match self.open.get(id) {
            Some(open) => open,
            None => self.store.command_by_id(id).await?.ok_or_else(unknown)?,
        };
        let agent = self.inventory.get(command.agent_id).map(|view| (*view.target).clone());
        let thing = OnAgent { thing: command, agent };
        let target = thing.target();
        self.permit::<_, A>(ctx, thing).map_err(|error| match error {
            AppError::Denied(_) if !self.knows_of_command(ctx, &target) => unknown(),
            error => error,
        })
    }

    /// What an agent says about a command. True when it is durable, so that the agent may forget it.
    pub(crate) async fn command_report(&self, agent: AgentId, update: CommandUpdate) -> bool {
        let known = match self.open.get(update.id) {
            Some(command) => Ok(Some(command)),
            None => self.store.command_by_id(update.id).await,
        };
        let command = match known {
            Ok(Some(command)) if command.agent_id == agent => command,
            // A command of another agent, or none: nothing will ever come of it, so the agent may forget it.
            Ok(_) => return true,
            Err(_) => return false,
        };
        if update.state.is_final() {
            return self.command_close(&command, update.state, &update.text, self.now()).await.is_ok();
        }
        if let Some(command) = self.open.progress(update.id, &update.text) {
            self.announce_command(command);
        }
        true
    }

    /// Ends a command, with its audit entry, in one transaction. `None` when it had ended before.
    pub(crate) async fn command_close(
        &self,
        command: &Command,
        state: CommandState,
        text: &str,
        now: Time,
    ) -> Result<Option<Command>, AppError> {
        self.command_close_by(command, state, text, now, None).await
    }

    /// The same, with the entry of whoever ended it.
    async fn command_close_by(
        &self,
        command: &Command,
        state: CommandState,
        text: &str,
        now: Time,
        by: Option<AuditEntry>,
    ) -> Result<Option<Command>, AppError> {
        let result = if state == CommandState::Done { AuditResult::Ok } else { AuditResult::Failed };
        let action = format!("agent_{}", command.action);
        let ctx = Ctx { request_id: command.request_id, ..Ctx::system(now) };
        let mut audit = AuditEntry::new(&ctx, now, action, result)
            .on("agent", command.agent_id, &command.agent_name)
            .because(&command.reason)
            .detail(if state == CommandState::Done { text.to_owned() } else { format!("{}: {text}", state.as_str()) })
            .took(now.since(command.created_at));
        if let Some(user) = command.user_id {
            audit.actor_kind = mc_domain::actor::ActorKind::User;
            audit.actor_id = Some(user.to_string());
            audit.actor_name.clone_from(&command.actor_name);
        }
        let progress = self.open.get(command.id).map(|open| open.progress);
        let entries: Vec<AuditEntry> = by.into_iter().chain([audit]).collect();
        let closed = self.store.command_finish(command.id, state, text, progress.as_deref(), now, &entries).await?;
        self.open.close(command.id);
        if let Some(closed) = &closed {
            self.counters.command(closed.action, closed.state);
            entries.into_iter().for_each(|entry| self.recorder.announce(entry));
            self.announce_command(closed.clone());
        }
        Ok(closed)
    }

    /// Ends the commands of a returning agent that it knows nothing of: it was restarted while it worked on them.
    pub(crate) async fn commands_lost(&self, agent: AgentId, unfinished: &[String], now: Time) {
        for command in self.open.of(agent).into_iter().filter(|command| !unfinished.contains(&command.id.to_string())) {
            self.close_or_warn(&command, "the agent was restarted before it was done", now).await;
        }
    }

    /// Ends all commands of an agent that will not answer any more.
    pub(crate) async fn commands_abandon(&self, agent: AgentId, now: Time, why: &str) {
        for command in self.open.of(agent) {
            self.close_or_warn(&command, why, now).await;
        }
    }

    async fn close_or_warn(&self, command: &Command, why: &str, now: Time) {
        if let Err(error) = self.command_close(command, CommandState::Failed, why, now).await {
            tracing::warn!(%error, command = %command.id, "the command stays open until its deadline");
        }
    }

    fn announce_command(&self, command: Command) {
        self.bus.publish(EventKind::CommandChanged, command.id.to_string(), Change::Command(command.into()));
    }
}

pub(crate) fn check_reason(reason: &str) -> Result<(), AppError> {
    if reason.chars().count() > REASON_MAX {
        return Err(AppError::Invalid(format!("the reason may have at most {REASON_MAX} characters")));
    }
    Ok(())
}

fn check_wish(wish: &Wish) -> Result<(), AppError> {
    check_reason(&wish.reason)?;
    if !TIMEOUT_RANGE.contains(&wish.timeout.as_secs()) {
        return Err(AppError::Invalid("the timeout must be between 1 and 3600 seconds".to_owned()));
    }
    Ok(())
}

/// Whether the agent is here and its owner allows the action.
fn ready(view: &AgentView, action: CommandAction, now: Time) -> Result<(), AppError> {
    if !view.link.connected {
        return Err(offline(view, now));
    }
    if !view.agent.identity.allow.iter().any(|allowed| allowed == action.as_str()) {
        let text = format!("{}'s owner does not allow {action}: it is not in the agent's [allow] list", view.agent.name);
        return Err(AppError::conflict("not_allowed_by_agent", text));
    }
    Ok(())
}

fn offline(view: &AgentView, now: Time) -> AppError {
    let heard =
        view.link.last_seen_at.map_or_else(|| "never heard of".to_owned(), |seen| format!("last heard of {} ago", words(now.since(seen))));
    AppError::conflict("agent_offline", format!("{} is not connected ({heard}): nothing was sent", view.agent.name))
}

/// A duration in its largest unit: `40 s`, `12 min`, `3 h`, `5 d`.
fn words(duration: Duration) -> String {
    match duration.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3_600 => format!("{} min", seconds / 60),
        seconds @ 3_600..86_400 => format!("{} h", seconds / 3_600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

fn entry<A: Action>(ctx: &Ctx, permit: &Permitted<Agent, A>, result: AuditResult) -> AuditEntry {
    AuditEntry::new(ctx, ctx.now, permit.action_name(), result).on("agent", permit.id, &permit.name)
}

fn command(ctx: &Ctx, agent: &Agent, wish: Wish) -> Command {
    let user_id = match &ctx.actor {
        Actor::User { id, .. } => Some(*id),
        _ => None,
    };
    Command {
        id: CommandId::new(),
        agent_id: agent.id,
        agent_name: agent.name.to_string(),
        action: wish.action,
        reason: wish.reason,
        user_id,
        actor_name: ctx.actor.name().to_owned(),
        request_id: ctx.request_id,
        state: CommandState::Sent,
        progress: String::new(),
        result: String::new(),
        created_at: ctx.now,
        finished_at: None,
        deadline: ctx.now.after(wish.timeout),
    }
}
