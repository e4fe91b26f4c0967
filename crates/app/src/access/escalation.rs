//! Nobody gives more than they have, and somebody always remains who can administer.
//!
//! A role may be given by who is allowed the action and holds, for good and undiminished, at least that role: the role itself, a built-in role
//! that reaches as far, or `admin`. Undiminished means that no role of theirs denies anything and that they do not act by a narrowed token.
//! Roles are written by who could give `admin`.

use mc_domain::{
    action::Action,
    actor::Actor,
    ctx::Ctx,
    role::{Role, RoleName},
    role_assignment::SubjectKind,
    user::User,
};
use mc_policy::Denied;

use super::Roster;
use crate::{App, error::AppError};

/// The name of this rule.
const RULE: &str = "default:no-more-than-ones-own";

impl App {
    /// Whether the caller may hand on this role, by whatever means: an assignment, a user's own role, an invite, a token, a provider's rule.
    ///
    /// # Errors
    /// `Denied`, which is audited, when that would give more than the caller has.
    pub(crate) async fn may_give<A: Action>(&self, ctx: &Ctx, role: &RoleName) -> Result<(), AppError> {
        if self.holds_undiminished(ctx, role).await? {
            return Ok(());
        }
        let denied = Box::new(Denied {
            who: ctx.actor.name().to_owned(),
            action: A::NAME,
            what: format!("role {role}"),
            resource_kind: "role",
            resource_id: role.to_string(),
            rule: RULE.to_owned(),
            why: format!("nobody hands on more than they have for good and undiminished: the role {role}, or one that reaches as far"),
        });
        self.recorder.denied(ctx, &denied);
        Err(AppError::Denied(denied))
    }

    async fn holds_undiminished(&self, ctx: &Ctx, role: &RoleName) -> Result<bool, AppError> {
        let lasting = match &ctx.actor {
            Actor::Console | Actor::System => return Ok(true),
            Actor::User { id, .. } => {
                let own = self.store.user_by_id(*id).await?.map(|user| user.role);
                own.map(|own| self.user_standing(*id, &own, &[], ctx.now).lasting)
            }
            Actor::Service { .. } | Actor::Agent { .. } | Actor::Nobody => None,
        };
        let whole = ctx.actor.scopes().is_none_or(|scopes| scopes.iter().any(|scope| scope.as_str() == "*"));
        let roster = self.access.roster();
        let diminished = ctx.actor.roles().iter().any(|role| roster.denies(role));
        Ok(whole && !diminished && lasting.is_some_and(|lasting| lasting.iter().any(|held| reaches(held, role))))
    }

    /// Refuses a change after which nobody could administer any more. Groups are taken to hold everybody: who is in them is known only when
    /// people log in.
    pub(crate) async fn admin_remains(&self, ctx: &Ctx, next: &Roster) -> Result<(), AppError> {
        self.admin_among(ctx, next, |_| true).await
    }

    /// Refuses to let go of an admin when those who remain could not administer: a role denies them something.
    pub(crate) async fn admin_remains_without(&self, ctx: &Ctx, leaving: &User) -> Result<(), AppError> {
        if leaving.role == Role::Admin {
            return self.admin_among(ctx, &self.access.roster(), |user| user.id != leaving.id).await;
        }
        Ok(())
    }

    async fn admin_among(&self, ctx: &Ctx, next: &Roster, counts: impl Fn(&User) -> bool) -> Result<(), AppError> {
        for user in self.store.users_active().await?.into_iter().filter(|user| user.role == Role::Admin && counts(user)) {
            let id = user.id.to_string();
            let groups = next.set.assignments.iter().filter(|one| one.subject_kind == SubjectKind::Group);
            let subjects =
                std::iter::once((SubjectKind::User, id.as_str())).chain(groups.map(|one| (one.subject_kind, one.subject.as_str())));
            let standing = next.standing(&[Role::Admin.into()], subjects, ctx.now);
            if !standing.roles.iter().any(|role| next.denies(role)) {
                return Ok(());
            }
        }
        let text = "after this no admin would be left whom no role denies anything: make another admin first, or deny less";
        Err(AppError::conflict("last_admin", text))
    }
}

/// Whether who holds `held` has everything that `role` gives.
fn reaches(held: &RoleName, role: &RoleName) -> bool {
    *held == Role::Admin || held == role || held.built_in().zip(role.built_in()).is_some_and(|(held, role)| held >= role)
}

/// What must be held to write roles.
pub(crate) fn to_write_roles() -> RoleName {
    Role::Admin.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_reaches_itself_and_weaker_built_in_ones() {
        let name = |text: &str| text.parse::<RoleName>().expect("a role's name");
        for (held, role, expected) in [
            ("admin", "admin", true),
            ("admin", "ops", true),
            ("operator", "viewer", true),
            ("operator", "operator", true),
            ("viewer", "operator", false),
            ("ops", "ops", true),
            ("ops", "viewer", false),
            ("operator", "ops", false),
        ] {
            assert_eq!(reaches(&name(held), &name(role)), expected, "{held} {role}");
        }
    }
}
