//! Why is it so, and what would be: questions about decisions, answered by the gate itself.

use std::{collections::HashMap, time::Duration};

use mc_domain::{
    action::{self, ALL, ActionInfo, Kind},
    actor::ActorKind,
    audit::AuditEntry,
    ctx::Ctx,
    id::UserId,
    permit::Everything,
    role::RoleName,
    role_form::RoleForm,
    time::Time,
    user::User,
};
use mc_policy::{Asker, Past, Resource as _, Target, differences};
pub use mc_policy::{Explanation, Extent, RoleSays};
use mc_store::AuditFilter;

use crate::{App, error::AppError};

/// How far back past actions are looked at when nothing is said.
const PAST: Duration = Duration::from_secs(7 * 86_400);
/// Entries read at once.
const PAGE: u32 = 500;

/// Whether somebody could.
#[derive(Debug, Clone)]
pub struct Who {
    /// The user.
    pub user: User,
    /// Whether they could.
    pub allowed: bool,
    /// The rule that decides.
    pub rule: String,
}

/// What somebody could.
#[derive(Debug, Clone)]
pub struct What {
    /// The user.
    pub user: User,
    /// The roles they have.
    pub roles: Vec<RoleName>,
    /// Every action.
    pub items: Vec<WhatItem>,
}

/// On how much somebody could do one action.
#[derive(Debug, Clone)]
pub struct WhatItem {
    /// The action.
    pub action: &'static ActionInfo,
    /// On all of what it is done to, on some, or on none.
    pub allowed: Extent,
    /// The rule that decides.
    pub rule: String,
}

/// A change that is thought through.
#[derive(Debug, Clone)]
pub enum PastWish {
    /// A role as it would be.
    Changed(RoleForm),
    /// A role that would be gone.
    Deleted(RoleName),
}

/// What would have been different.
#[derive(Debug, Clone, Default)]
pub struct PastFound {
    /// How many past actions were judged.
    pub checked: u64,
    /// Those judged otherwise, newest first.
    pub items: Vec<PastItem>,
}

/// A past action that would be decided otherwise.
#[derive(Debug, Clone)]
pub struct PastItem {
    /// What was done.
    pub entry: AuditEntry,
    /// Whether the roles of now allow it.
    pub before: bool,
    /// Whether the changed ones would.
    pub after: bool,
    /// The rule that would decide.
    pub rule: String,
}

impl App {
    /// Why the caller may or may not do something.
    ///
    /// # Errors
    /// When there is no such action or thing, or the caller may not know of the thing.
    pub async fn me_why(&self, ctx: &Ctx, action: &str, kind: Option<&str>, thing: Option<&str>) -> Result<Explanation, AppError> {
        self.permit::<_, action::MeWhy>(ctx, Everything)?;
        let (target, what) = self.target(Some(ctx), known_action(action)?, kind, thing).await?;
        Ok(self.gate.snapshot().explain(&Asker::of(ctx), action, &target, &what))
    }

    /// Who could do something: every active user, by name.
    ///
    /// # Errors
    /// When there is no such action or thing, or the caller may not ask.
    pub async fn simulate_who(&self, ctx: &Ctx, action: &str, kind: Option<&str>, thing: Option<&str>) -> Result<Vec<Who>, AppError> {
        self.permit::<_, action::SimulateWho>(ctx, Everything)?;
        let (target, what) = self.target(None, known_action(action)?, kind, thing).await?;
        let (rules, roster) = (self.gate.snapshot(), self.access.roster());
        let users = self.store.users_active().await?;
        let groups = self.store.session_groups(None, ctx.now).await?;
        let who = users.into_iter().map(|user| {
            let standing = roster.of_user(user.id, &user.role, of(&groups, user.id), ctx.now);
            let said = rules.explain(&Asker::with_roles(&standing.roles), action, &target, &what);
            Who { user, allowed: said.allowed, rule: said.rule }
        });
        Ok(who.collect())
    }

    /// What a user could do.
    ///
    /// # Errors
    /// When there is no such user, or the caller may not ask.
    pub async fn simulate_what(&self, ctx: &Ctx, user: &str) -> Result<What, AppError> {
        self.permit::<_, action::SimulateWhat>(ctx, Everything)?;
        let user = self.user_meant(user).await?.ok_or_else(|| AppError::NotFound("there is no such user".to_owned()))?;
        let groups = self.store.session_groups(Some(user.id), ctx.now).await?;
        let standing = self.user_standing(user.id, &user.role, of(&groups, user.id), ctx.now);
        let may = self.gate.snapshot().what(&Asker::with_roles(&standing.roles));
        let items = ALL.iter().zip(may).map(|(action, may)| WhatItem { action, allowed: may.extent, rule: may.rule });
        Ok(What { user, roles: standing.roles.to_vec(), items: items.collect() })
    }

    /// Which past actions of users a changed role would have decided otherwise. They are judged as if they were done now: by the roles the
    /// users have and the things as they are.
    ///
    /// # Errors
    /// When the role is not well-formed or unknown, or the caller may not ask or not read the audit trail.
    pub async fn simulate_past(&self, ctx: &Ctx, wish: PastWish, from: Option<Time>, limit: u32) -> Result<PastFound, AppError> {
        self.permit::<_, action::SimulatePast>(ctx, Everything)?;
        let reading = self.permit::<_, action::AuditList>(ctx, Everything)?;
        let before = self.gate.snapshot();
        let after = match wish {
            PastWish::Changed(form) => {
                let problems = mc_policy::check(&form).problems;
                if let Some(problem) = problems.first() {
                    return Err(AppError::Invalid(problem.to_string()));
                }
                before.with(&form)
            }
            PastWish::Deleted(name) => {
                if name.built_in().is_some() || !before.knows(&name) {
                    return Err(AppError::NotFound(format!("there is no role {name} that could be deleted")));
                }
                before.without(&name)
            }
        };
        let roster = self.access.roster();
        let users: HashMap<String, User> = self.store.users_active().await?.into_iter().map(|user| (user.id.to_string(), user)).collect();
        let groups = self.store.session_groups(None, ctx.now).await?;
        let filter = AuditFilter { from: Some(from.unwrap_or_else(|| ctx.now.before(PAST))), ..AuditFilter::default() };
        let (mut found, mut last, mut left) = (PastFound::default(), None, limit);
        while left > 0 {
            let (entries, _) = self.store.audit_list(&reading, &filter, left.min(PAGE), last).await?;
            let Some(oldest) = entries.last() else { break };
            last = oldest.seal.get().map(|seal| seal.sequence);
            // Without its place the next page cannot be asked for.
            left = if last.is_some() { left } else { 0 };
            left = left.saturating_sub(u32::try_from(entries.len()).unwrap_or(u32::MAX));
            let judged = entries.iter().filter_map(|entry| {
                let actor = entry.actor_id.as_ref().filter(|_| entry.actor_kind == ActorKind::User)?;
                let user = users.get(actor)?;
                action::by_name(&entry.action)?;
                Some((entry, roster.of_user(user.id, &user.role, of(&groups, user.id), ctx.now), self.target_of(entry)))
            });
            let judged: Vec<_> = judged.collect();
            found.checked += u64::try_from(judged.len()).unwrap_or(0);
            let past = judged.iter().map(|(entry, standing, target)| Past {
                asker: Asker::with_roles(&standing.roles),
                action: &entry.action,
                target,
            });
            for difference in differences(&before, &after, past) {
                let Some((entry, ..)) = judged.get(difference.index) else { continue };
                let (before, rule) = (difference.before.allowed, difference.after.rule());
                found.items.push(PastItem { entry: (*entry).clone(), before, after: difference.after.allowed, rule });
            }
        }
        Ok(found)
    }

    /// What is asked about, and how people call it. With a caller, only what the caller may know of.
    async fn target(
        &self,
        caller: Option<&Ctx>,
        action: &ActionInfo,
        kind: Option<&str>,
        thing: Option<&str>,
    ) -> Result<(Target, String), AppError> {
        let given = kind.filter(|kind| !kind.is_empty());
        let kind = match given {
            Some(kind) => Kind::from_text(kind).ok_or_else(|| AppError::Invalid(format!("{kind:?} is no kind of thing")))?,
            None => action.on,
        };
        let Some(thing) = thing.filter(|thing| !thing.is_empty()) else {
            return Ok((Target::everything(), if kind == Kind::Everything { "everything" } else { "all of them" }.to_owned()));
        };
        match kind {
            Kind::Everything => Ok((Target::everything(), "everything".to_owned())),
            Kind::Agent => self.agent_target(caller, thing),
            Kind::Command => {
                let unknown = || AppError::NotFound("there is no such command".to_owned());
                let command = self.store.command_by_id(thing.parse().map_err(|_| unknown())?).await?.ok_or_else(unknown)?;
                let agent = command.agent_id.to_string();
                let (target, _) = self.agent_target(caller, &agent).map_err(|_| unknown())?;
                Ok((target, command.label()))
            }
            // What a user is called is told only to who may see users.
            Kind::User if caller.is_none() => match self.user_meant(thing).await? {
                Some(user) => Ok((user.target(), user.label())),
                None => Err(AppError::NotFound("there is no such user".to_owned())),
            },
            kind => Ok((Target::other(kind.as_str(), thing, thing), format!("{} {thing}", kind.as_str().replace('_', " ")))),
        }
    }

    fn agent_target(&self, caller: Option<&Ctx>, thing: &str) -> Result<(Target, String), AppError> {
        let view = self.inventory.find(thing).filter(|view| caller.is_none_or(|ctx| self.knows_of(ctx, view)));
        let view = view.ok_or_else(|| crate::fleet::agent::unknown(thing))?;
        Ok(((*view.target).clone(), view.agent.label()))
    }

    /// What an entry is about, as it is now. Of an agent that is gone only rules about all agents hold.
    fn target_of(&self, entry: &AuditEntry) -> Target {
        let (kind, id) = (entry.resource_kind.as_deref().unwrap_or_default(), entry.resource_id.as_deref().unwrap_or_default());
        if kind == Kind::Agent.as_str() {
            return self.inventory.find(id).map_or_else(Target::everything, |view| (*view.target).clone());
        }
        Target::other(kind, id, entry.resource_name.as_deref().unwrap_or_default())
    }

    /// A user by id or name.
    async fn user_meant(&self, text: &str) -> Result<Option<User>, AppError> {
        if let Ok(id) = text.parse::<UserId>() {
            return Ok(self.store.user_by_id(id).await?);
        }
        match text.parse() {
            Ok(name) => Ok(self.store.user_by_name(&name).await?.map(|(user, _)| user)),
            Err(_) => Ok(None),
        }
    }
}

/// The groups somebody is logged in with: without a session there are none, and roles given to groups do not count.
fn of(groups: &HashMap<UserId, Vec<String>>, user: UserId) -> &[String] {
    groups.get(&user).map_or(&[], Vec::as_slice)
}

pub(super) fn known_action(name: &str) -> Result<&'static ActionInfo, AppError> {
    let shown: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
    action::by_name(name).ok_or_else(|| AppError::Invalid(format!("there is no action {shown:?}: see the list of actions")))
}
