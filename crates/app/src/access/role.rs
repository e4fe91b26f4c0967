//! Roles: what they allow, written by admins.

use std::collections::HashMap;

use mc_domain::{
    action::{self, ALL, ActionInfo},
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    event::EventKind,
    permit::Everything,
    role::{Role, RoleName},
    role_form::{RoleForm, Rule},
    time::Time,
};
use mc_policy::Problem;
use mc_store::{RoleSet, RoleUses, StoredRole};

use super::{Roster, escalation::to_write_roles};
use crate::{App, Change, error::AppError};

/// The most roles that may be made here.
const ROLES_MAX: usize = 500;

/// A role as people see it.
#[derive(Debug, Clone)]
pub struct RoleView {
    /// Its form; without rules when it was written in Cedar.
    pub form: RoleForm,
    /// Whether it is part of the program.
    pub built_in: bool,
    /// Its rules as Cedar.
    pub cedar: String,
    /// Who has it.
    pub uses: RoleUses,
    /// Counts its changes.
    pub version: i64,
    /// When it was last changed.
    pub updated_at: Option<Time>,
    /// By whom.
    pub updated_by: Option<String>,
}

impl App {
    /// All roles: the built-in ones from the weakest up, then those made here by name.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn role_list(&self, ctx: &Ctx) -> Result<Vec<RoleView>, AppError> {
        self.permit::<_, action::RoleList>(ctx, Everything)?;
        let users = self.store.role_users().await?;
        let roster = self.access.roster();
        let made = roster.set.roles.iter().map(|role| role.name.clone());
        let names = Role::ALL.into_iter().map(RoleName::from).chain(made);
        Ok(names.filter_map(|name| view(&roster, &name, &users, ctx.now)).collect())
    }

    /// One role.
    ///
    /// # Errors
    /// When there is none, or the caller may not.
    pub async fn role_show(&self, ctx: &Ctx, name: &RoleName) -> Result<RoleView, AppError> {
        let permit = self.permit::<_, action::RoleShow>(ctx, name.clone())?;
        self.role_view(permit.get(), ctx.now).await
    }

    /// Makes a role.
    ///
    /// # Errors
    /// When the caller may not, it is not well-formed, or the name is taken.
    pub async fn role_create(&self, ctx: &Ctx, form: RoleForm) -> Result<RoleView, AppError> {
        let permit = self.permit::<_, action::RoleCreate>(ctx, Everything)?;
        self.may_give::<action::RoleCreate>(ctx, &to_write_roles()).await?;
        well_formed(&form)?;
        let _turn = self.access.changing.lock().await;
        let mut next = self.access.roster().set.clone();
        if next.roles.len() >= ROLES_MAX {
            return Err(AppError::conflict("too_many", format!("there are {ROLES_MAX} roles already: delete some")));
        }
        let role = StoredRole { version: 1, created_at: ctx.now, ..stored(ctx, &form)? };
        let audit = AuditEntry::new(ctx, ctx.now, permit.action_name(), AuditResult::Ok)
            .on("role", &role.name, &role.name)
            .detail(before_and_after(None, Some(&form)));
        let version = self.store.role_insert(&permit, &role, &audit).await?;
        let place = next.roles.partition_point(|known| known.name < role.name);
        next.roles.insert(place, role);
        self.roles_changed(&form.name, next, version, audit).await;
        self.role_view(&form.name, ctx.now).await
    }

    /// Changes a role. It counts from the next request of everybody who has it.
    ///
    /// # Errors
    /// When there is none, it is built in, the caller may not, it is not well-formed, it was changed meanwhile, or no admin would be left.
    pub async fn role_update(&self, ctx: &Ctx, name: &RoleName, form: RoleForm, version: Option<i64>) -> Result<RoleView, AppError> {
        let permit = self.permit::<_, action::RoleUpdate>(ctx, name.clone())?;
        self.may_give::<action::RoleUpdate>(ctx, &to_write_roles()).await?;
        not_built_in(name)?;
        if form.name != *name {
            return Err(AppError::Invalid(format!("a role keeps its name: this one is {name}")));
        }
        well_formed(&form)?;
        let _turn = self.access.changing.lock().await;
        let roster = self.access.roster();
        let mut next = roster.set.clone();
        let before = roster.forms.get(name);
        let role = next.roles.iter_mut().find(|role| role.name == *name).ok_or_else(|| unknown(name))?;
        if version.is_some_and(|version| version != role.version) {
            return Err(AppError::conflict("changed", "the role was changed meanwhile: look at it again, then change it"));
        }
        let wish = StoredRole { version: role.version, created_at: role.created_at, ..stored(ctx, &form)? };
        let audit = AuditEntry::new(ctx, ctx.now, permit.action_name(), AuditResult::Ok)
            .on("role", name, name)
            .detail(before_and_after(before, Some(&form)));
        *role = StoredRole { version: wish.version + 1, ..wish.clone() };
        self.admin_remains(ctx, &Roster::new(next.clone(), 0)).await?;
        let version = self.store.role_update(&permit, &wish, &audit).await?;
        self.roles_changed(name, next, version, audit).await;
        self.role_view(name, ctx.now).await
    }

    /// Deletes a role that nobody has and nothing gives.
    ///
    /// # Errors
    /// When there is none, it is built in, it is in use, or the caller may not.
    pub async fn role_delete(&self, ctx: &Ctx, name: &RoleName) -> Result<(), AppError> {
        let permit = self.permit::<_, action::RoleDelete>(ctx, name.clone())?;
        self.may_give::<action::RoleDelete>(ctx, &to_write_roles()).await?;
        not_built_in(name)?;
        let _turn = self.access.changing.lock().await;
        let roster = self.access.roster();
        let before = roster.forms.get(name).ok_or_else(|| unknown(name))?;
        let uses = self.store.role_uses(name, ctx.now).await?;
        if !uses.none() {
            return Err(AppError::conflict("role_in_use", in_use(name, uses)));
        }
        let audit = AuditEntry::new(ctx, ctx.now, permit.action_name(), AuditResult::Ok)
            .on("role", name, name)
            .detail(before_and_after(Some(before), None));
        let version = self.store.role_delete(&permit, ctx.now, &audit).await?;
        let mut next = roster.set.clone();
        next.roles.retain(|role| role.name != *name);
        self.roles_changed(name, next, version, audit).await;
        Ok(())
    }

    /// Checks a role without saving it: its Cedar text, and what is wrong.
    ///
    /// # Errors
    /// When the caller may not.
    pub fn role_check(&self, ctx: &Ctx, form: &RoleForm) -> Result<(String, Vec<Problem>), AppError> {
        self.permit::<_, action::RoleCheck>(ctx, Everything)?;
        let checked = mc_policy::check(form);
        Ok((checked.cedar, checked.problems))
    }

    /// The actions there are.
    ///
    /// # Errors
    /// When the caller may not.
    pub fn action_list(&self, ctx: &Ctx) -> Result<&'static [ActionInfo], AppError> {
        self.permit::<_, action::ActionList>(ctx, Everything)?;
        Ok(ALL)
    }

    /// Refuses the name of a role that is not there, for whoever is about to give it to somebody.
    ///
    /// # Errors
    /// `Invalid`.
    pub(crate) fn role_exists(&self, role: &RoleName) -> Result<(), AppError> {
        if self.access.roster().has(role) { Ok(()) } else { Err(AppError::Invalid(format!("there is no role {role}"))) }
    }

    /// Makes what was stored count, and says so. Whoever calls holds the turn to change.
    pub(super) async fn roles_changed(&self, role: &RoleName, mut next: RoleSet, version: i64, audit: AuditEntry) {
        let alone = version == next.version + 1;
        next.version = if alone { version } else { next.version };
        self.access.replace(next);
        if !alone {
            // Another server changed something meanwhile. What was changed here counts already, the rest when it was read.
            match self.store.role_set(self.now()).await {
                Ok(set) => self.access.replace(set),
                Err(error) => tracing::warn!(%error, "roles could not be read again at once; it is tried again"),
            }
        }
        self.recorder.announce(audit);
        self.bus.publish(EventKind::RoleChanged, role.to_string(), Change::Role(role.clone()));
    }

    async fn role_view(&self, name: &RoleName, now: Time) -> Result<RoleView, AppError> {
        let users = self.store.role_users().await?;
        view(&self.access.roster(), name, &users, now).ok_or_else(|| unknown(name))
    }
}

fn view(roster: &Roster, name: &RoleName, users: &HashMap<String, u64>, now: Time) -> Option<RoleView> {
    let users = users.get(name.as_str()).copied().unwrap_or(0);
    let uses = RoleUses { users, assignments: roster.assignments(name, now), ..RoleUses::default() };
    if let Some(role) = name.built_in() {
        let (title, description) = words(role);
        let actions: Vec<&str> = ALL.iter().filter(|action| action.weakest <= role).map(|action| action.name).collect();
        let form = RoleForm { title: title.to_owned(), description: description.to_owned(), ..RoleForm::new(name.clone()) }
            .with(Rule::allow(&actions));
        let cedar = mc_policy::built_in_cedar(role);
        return Some(RoleView { form, built_in: true, cedar, uses, version: 0, updated_at: None, updated_by: None });
    }
    let stored = roster.set.roles.iter().find(|role| role.name == *name)?;
    let form = roster.forms.get(name)?.clone();
    let (updated_at, updated_by) = (Some(stored.updated_at), Some(stored.updated_by.clone()));
    Some(RoleView { cedar: mc_policy::cedar(&form), form, built_in: false, uses, version: stored.version, updated_at, updated_by })
}

const fn words(role: Role) -> (&'static str, &'static str) {
    match role {
        Role::Viewer => ("Viewer", "Reads everything but users, the audit trail and secrets."),
        Role::Developer => ("Developer", "Reads, and restarts and checks agents."),
        Role::Operator => ("Operator", "Acts on every agent and admits new ones."),
        Role::Admin => ("Admin", "May do everything, users and roles included."),
    }
}

fn unknown(name: &RoleName) -> AppError {
    AppError::NotFound(format!("there is no role {name}"))
}

fn not_built_in(name: &RoleName) -> Result<(), AppError> {
    match name.built_in() {
        Some(_) => Err(AppError::conflict("built_in", format!("{name} is built in and never changes: make a role of your own beside it"))),
        None => Ok(()),
    }
}

fn well_formed(form: &RoleForm) -> Result<(), AppError> {
    let problems = mc_policy::check(form).problems;
    if problems.is_empty() {
        return Ok(());
    }
    let shown: Vec<String> = problems.iter().take(10).map(ToString::to_string).collect();
    Err(AppError::Invalid(shown.join("; ")))
}

fn stored(ctx: &Ctx, form: &RoleForm) -> Result<StoredRole, AppError> {
    let rules = serde_json::to_string(&form.rules).map_err(|error| AppError::Internal(error.to_string()))?;
    Ok(StoredRole {
        name: form.name.clone(),
        title: form.title.clone(),
        description: form.description.clone(),
        form: rules,
        cedar: form.cedar.clone(),
        step_up: form.step_up,
        version: 0,
        created_at: ctx.now,
        updated_at: ctx.now,
        updated_by: ctx.actor.name().to_owned(),
    })
}

/// What keeps a role, each with what to do about it.
fn in_use(name: &RoleName, uses: RoleUses) -> String {
    let say = |count: u64, one: &str, many: &str| match count {
        0 => None,
        1 => Some(one.to_owned()),
        count => Some(many.replace("{}", &count.to_string())),
    };
    let keeps = [
        say(
            uses.users,
            "it is the own role of a user: give that user another one",
            "it is the own role of {} users: give them another one",
        ),
        say(uses.assignments, "it is given once: take it away", "it is given {} times: take it away"),
        say(uses.invites, "an open invite gives it: revoke that", "{} open invites give it: revoke them"),
        say(uses.tokens, "a service token was made with it: revoke that", "{} service tokens were made with it: revoke them"),
        say(
            uses.providers,
            "the rules of an identity provider give it: change them",
            "the rules of {} identity providers give it: change them",
        ),
        say(uses.settings, "the settings of sign-in name it: take it off there", "the settings of sign-in name it: take it off there"),
    ];
    let what = keeps.into_iter().flatten().collect::<Vec<_>>().join("; ");
    format!("the role {name} is in use; {what} first")
}

/// Both forms as JSON, for the audit trail.
fn before_and_after(before: Option<&RoleForm>, after: Option<&RoleForm>) -> String {
    serde_json::json!({ "before": before, "after": after }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_a_role_is_said_with_what_to_do() {
        let name: RoleName = "ops".parse().expect("a role's name");
        let text = in_use(&name, RoleUses { users: 2, assignments: 1, ..RoleUses::default() });
        assert_eq!(
            text,
            "the role ops is in use; it is the own role of 2 users: give them another one; it is given once: take it away first"
        );
    }

    #[test]
    fn the_audit_trail_gets_both_forms() {
        let form = RoleForm::new("ops".parse().expect("a role's name")).with(Rule::deny(&["agent_kill"]));
        let text = before_and_after(None, Some(&form));
        assert!(text.contains(r#""before":null"#) && text.contains(r#""effect":"deny""#), "{text}");
    }
}
