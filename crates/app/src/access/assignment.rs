//! Roles given to users, service tokens and groups, for good or for a while.

use std::time::Duration;

use mc_domain::{
    action,
    api_token::TokenState,
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    id::{AssignmentId, TokenId, UserId},
    name::UserName,
    permit::Everything,
    role::RoleName,
    role_assignment::{RoleAssignment, SubjectKind},
};

use super::{Roster, escalation::to_write_roles};
use crate::{App, error::AppError, fleet::command::check_reason};

/// How long a role may be given for, when it ends by itself: a minute to a year.
const LIFE: std::ops::RangeInclusive<u64> = 60..=365 * 86_400;
/// The longest name of a group, in characters.
const GROUP_MAX: usize = 256;

/// What is to be given.
#[derive(Debug, Clone)]
pub struct AssignmentWish {
    /// Which role.
    pub role: RoleName,
    /// To what kind of subject.
    pub subject_kind: SubjectKind,
    /// A user's id or name, a token's id, or a group.
    pub subject: String,
    /// For how long; `None`: until it is taken away.
    pub life: Option<Duration>,
    /// Why.
    pub reason: String,
}

/// An assignment as people see it.
#[derive(Debug, Clone)]
pub struct AssignmentView {
    /// The assignment.
    pub given: RoleAssignment,
    /// The subject's name.
    pub subject_name: String,
}

impl App {
    /// Live assignments, newest first: of one role, to one subject, or all.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn assignment_list(
        &self,
        ctx: &Ctx,
        role: Option<&RoleName>,
        subject: Option<&str>,
    ) -> Result<Vec<AssignmentView>, AppError> {
        let permit = self.permit::<_, action::AssignmentList>(ctx, Everything)?;
        let by_name = match subject.and_then(|subject| subject.parse::<UserName>().ok()) {
            Some(name) => self.store.user_by_name(&name).await?.map(|(user, _)| user.id.to_string()),
            None => None,
        };
        let all = self.store.assignment_list(&permit, role, None, ctx.now).await?;
        let meant = |one: &RoleAssignment| {
            subject.is_none_or(|subject| one.subject == subject)
                || (one.subject_kind == SubjectKind::User && by_name.as_ref() == Some(&one.subject))
        };
        let mut views = Vec::new();
        for given in all.into_iter().filter(meant) {
            views.push(self.assignment_view(given).await?);
        }
        Ok(views)
    }

    /// Gives a role to somebody. It counts from their next request.
    ///
    /// # Errors
    /// When the caller may not, has less than what would be given, the role or the subject is unknown, or no admin would be left.
    pub async fn assignment_create(&self, ctx: &Ctx, wish: AssignmentWish) -> Result<AssignmentView, AppError> {
        let permit = self.permit::<_, action::AssignmentCreate>(ctx, wish.role.clone())?;
        self.may_give::<action::AssignmentCreate>(ctx, &wish.role).await?;
        self.role_exists(&wish.role)?;
        check_reason(&wish.reason)?;
        if wish.life.is_some_and(|life| !LIFE.contains(&life.as_secs())) {
            return Err(AppError::Invalid("a role is given for between a minute and a year, or until it is taken away".to_owned()));
        }
        let (subject, subject_name) = self.subject(wish.subject_kind, &wish.subject).await?;
        let given = RoleAssignment {
            id: AssignmentId::new(),
            role: wish.role,
            subject_kind: wish.subject_kind,
            subject,
            expires_at: wish.life.map(|life| ctx.now.after(life)),
            created_at: ctx.now,
            created_by: ctx.actor.name().to_owned(),
            reason: wish.reason,
            removed_at: None,
        };
        let _turn = self.access.changing.lock().await;
        let mut next = self.access.roster().set.clone();
        let same = |one: &&RoleAssignment| one.role == given.role && one.subject_kind == given.subject_kind && one.subject == given.subject;
        let longer =
            |one: &RoleAssignment| one.live(ctx.now) && one.expires_at.is_none_or(|end| given.expires_at.is_some_and(|ours| ours <= end));
        if next.assignments.iter().filter(same).any(longer) {
            return Err(AppError::conflict("already_given", format!("{subject_name} has the role {} for as long already", given.role)));
        }
        next.assignments.push(given.clone());
        self.admin_remains(ctx, &Roster::new(next.clone(), 0)).await?;
        let audit = entry(ctx, permit.action_name(), &given, &subject_name).because(&given.reason);
        let version = self.store.assignment_insert(&permit, &given, &audit).await?;
        self.roles_changed(&given.role, next, version, audit).await;
        Ok(AssignmentView { given, subject_name })
    }

    /// Takes a role away again. It counts from the next request.
    ///
    /// # Errors
    /// When there is no such assignment, or the caller may not.
    pub async fn assignment_remove(&self, ctx: &Ctx, id: AssignmentId) -> Result<(), AppError> {
        let unknown = || AppError::NotFound("there is no such assignment (any more)".to_owned());
        let found = self.store.assignment_by_id(id).await?;
        // Whoever may not is told the same about one that exists and one that does not.
        let role = found.as_ref().map_or_else(to_write_roles, |given| given.role.clone());
        let permit = self.permit::<_, action::AssignmentRemove>(ctx, role)?;
        let given = found.filter(|given| given.live(ctx.now)).ok_or_else(unknown)?;
        let roster = self.access.roster();
        if roster.denies(&given.role) {
            // To be rid of a role that denies is to be given something.
            self.may_give::<action::AssignmentRemove>(ctx, &to_write_roles()).await?;
        }
        let view = self.assignment_view(given).await?;
        let _turn = self.access.changing.lock().await;
        let mut next = self.access.roster().set.clone();
        next.assignments.retain(|one| one.id != id);
        let audit = entry(ctx, permit.action_name(), &view.given, &view.subject_name);
        let version = self.store.assignment_remove(id, &permit, ctx.now, &audit).await?;
        self.roles_changed(&view.given.role, next, version, audit).await;
        Ok(())
    }

    /// Who is meant, by id and by name.
    async fn subject(&self, kind: SubjectKind, text: &str) -> Result<(String, String), AppError> {
        match kind {
            SubjectKind::User => {
                let unknown = || AppError::NotFound("there is no such user".to_owned());
                let user = match text.parse::<UserId>() {
                    Ok(id) => self.store.user_by_id(id).await?,
                    Err(_) => self.store.user_by_name(&text.parse().map_err(|_| unknown())?).await?.map(|(user, _)| user),
                };
                user.filter(|user| user.deleted_at.is_none()).map(|user| (user.id.to_string(), user.name.to_string())).ok_or_else(unknown)
            }
            SubjectKind::Token => {
                let unknown = || AppError::NotFound("there is no such service token (any more)".to_owned());
                let id: TokenId = text.parse().map_err(|error: mc_domain::id::NotAnId| AppError::Invalid(error.to_string()))?;
                let token = self.store.api_token_by_id(id).await?.ok_or_else(unknown)?;
                if token.owner.is_some() {
                    return Err(AppError::Invalid("a personal token has the roles of its owner: give the role to them".to_owned()));
                }
                if token.state(self.now()) != TokenState::Active {
                    return Err(unknown());
                }
                Ok((id.to_string(), token.name.to_string()))
            }
            SubjectKind::Group => {
                let good = (1..=GROUP_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control);
                if !good {
                    return Err(AppError::Invalid(format!("a group's name has 1 to {GROUP_MAX} characters, all of them visible")));
                }
                Ok((text.to_owned(), text.to_owned()))
            }
        }
    }

    async fn assignment_view(&self, given: RoleAssignment) -> Result<AssignmentView, AppError> {
        // What was given to somebody who is gone is still shown, so that it can be taken away.
        let subject_name = match self.subject(given.subject_kind, &given.subject).await {
            Ok((_, name)) => name,
            Err(AppError::NotFound(_) | AppError::Invalid(_)) => given.subject.clone(),
            Err(error) => return Err(error),
        };
        Ok(AssignmentView { given, subject_name })
    }
}

/// The entry about an assignment: on the role, with who has it in words and as data.
fn entry(ctx: &Ctx, action: &str, given: &RoleAssignment, subject_name: &str) -> AuditEntry {
    let until = given.expires_at.map_or_else(|| "until it is taken away".to_owned(), |end| format!("until {end}"));
    let detail = format!("{} {subject_name} ({}), {until}, assignment {}", given.subject_kind.as_str(), given.subject, given.id);
    AuditEntry::new(ctx, ctx.now, action, AuditResult::Ok).on("role", &given.role, &given.role).detail(detail)
}
