//! Deciding requests for access: granted, refused, ended early, or over by themselves.
//!
//! What is granted is an assignment of a role with an end, which counts at the moment of each decision: nothing has to happen for it to end.
//! One action on one thing is granted by a role made for it alone, gone with the grant. Nobody decides their own request, whatever they hold,
//! and nobody grants more than they have for good.

use std::time::Duration;

use mc_domain::{
    access_request::{AccessRequest, AccessState, Wanted},
    action::{self, Action, Kind},
    audit::AuditEntry,
    ctx::Ctx,
    id::{AccessRequestId, AssignmentId},
    role::RoleName,
    role_assignment::{RoleAssignment, SubjectKind},
    time::in_words,
};
use mc_policy::{Asker, Denied, Resource as _, Target};
use mc_store::{StoreError, StoredRole};

use super::{
    Roster,
    request::{AccessView, check_duration, decided, decided_before, entry, for_so_long, person, some_reason, waits},
};
use crate::{App, error::AppError, fleet::command::check_reason};

/// The rule by which nobody decides their own request.
const OWN: &str = "default:not-ones-own-request";
/// The rule by which nobody grants more than they have.
const MORE: &str = "default:no-more-than-ones-own";

impl App {
    /// Grants a request: it counts from the next request of who asked.
    ///
    /// # Errors
    /// When the caller may not decide it, it does not wait any more, or who asked is gone or disabled.
    pub async fn access_request_approve(
        &self,
        ctx: &Ctx,
        id: AccessRequestId,
        reason: String,
        duration: Option<Duration>,
    ) -> Result<AccessView, AppError> {
        let permit = self.access_request_find::<action::AccessRequestApprove>(ctx, id).await?;
        self.not_ones_own::<action::AccessRequestApprove>(ctx, &permit)?;
        check_reason(&reason)?;
        let duration = duration.unwrap_or(permit.duration);
        check_duration(duration)?;
        waits(&permit, ctx)?;
        let user = self.store.user_by_id(permit.requester).await?.filter(|user| user.disabled_at.is_none());
        if user.is_none() {
            return Err(AppError::conflict("requester_gone", format!("{} has no active account any more", permit.requester_name)));
        }
        self.may_grant(ctx, &permit).await?;
        let expires_at = ctx.now.after(duration);
        let role = match (&permit.wanted, permit.grant_role()) {
            (Wanted::Role(role), _) => role.clone(),
            (_, Some(role)) => role,
            (_, None) => return Err(AppError::Internal("a grant without a role".to_owned())),
        };
        let grant = grant_role(ctx, &role, &permit)?;
        let given = RoleAssignment {
            id: AssignmentId::new(),
            role: role.clone(),
            subject_kind: SubjectKind::User,
            subject: permit.requester.to_string(),
            expires_at: Some(expires_at),
            created_at: ctx.now,
            created_by: ctx.actor.name().to_owned(),
            reason: permit.reason.clone(),
            removed_at: None,
        };
        let decided = |request: AccessRequest| AccessRequest {
            duration,
            expires_at: given.expires_at,
            assignment: Some(given.id),
            ..decided(ctx, request, AccessState::Approved, &reason)
        };
        let permit = self.permit::<_, action::AccessRequestApprove>(ctx, decided(permit.into_inner()))?;
        let _turn = self.access.changing.lock().await;
        let mut next = self.access.roster().set.clone();
        next.roles.extend(grant.clone());
        next.assignments.push(given.clone());
        self.admin_remains(ctx, &Roster::new(next.clone(), 0)).await?;
        let detail = format!("{}, for {} until {expires_at}", for_so_long(&permit), in_words(duration));
        let audit = entry(ctx, permit.action_name(), &permit).because(&reason).detail(detail);
        let version = self.store.access_request_approve(&permit, grant.as_ref(), &given, &audit).await.map_err(decided_before)?;
        self.roles_changed(&role, next, version, audit).await;
        self.bus_access(&permit);
        Ok(self.access_view(ctx, permit.into_inner()))
    }

    /// Refuses a request.
    ///
    /// # Errors
    /// When the caller may not decide it, or it does not wait any more.
    pub async fn access_request_deny(&self, ctx: &Ctx, id: AccessRequestId, reason: String) -> Result<AccessView, AppError> {
        let permit = self.access_request_find::<action::AccessRequestDeny>(ctx, id).await?;
        self.not_ones_own::<action::AccessRequestDeny>(ctx, &permit)?;
        some_reason(&reason)?;
        self.access_close(ctx, permit, AccessState::Denied, &reason).await
    }

    /// Ends granted access early: by who has it, or by who may approve it.
    ///
    /// # Errors
    /// When the caller is neither, or it is over already.
    pub async fn access_request_end(&self, ctx: &Ctx, id: AccessRequestId) -> Result<AccessView, AppError> {
        let permit = self.access_request_find::<action::AccessRequestEnd>(ctx, id).await?;
        if permit.state_at(ctx.now) != AccessState::Approved {
            return Err(AppError::conflict(
                "not_granted",
                format!("there is nothing to end: this request is {}", permit.state_at(ctx.now).as_str()),
            ));
        }
        let ended = |request: AccessRequest| AccessRequest { state: AccessState::Ended, ended_at: Some(ctx.now), ..request };
        let permit = self.permit::<_, action::AccessRequestEnd>(ctx, ended(permit.into_inner()))?;
        let _turn = self.access.changing.lock().await;
        let audit = entry(ctx, permit.action_name(), &permit);
        let version = self.store.access_request_end(&permit, ctx.now, &audit).await.map_err(decided_before)?;
        self.access_taken_away(&permit, version, audit).await;
        Ok(self.access_view(ctx, permit.into_inner()))
    }

    /// Notes what is over, and says so: for the background. It ended without this.
    pub(crate) async fn access_request_expire(&self) -> Result<(), AppError> {
        let ctx = Ctx::system(self.now());
        for request in self.store.access_request_due(ctx.now).await? {
            let request = AccessRequest { state: AccessState::Expired, ended_at: Some(ctx.now), ..request };
            let audit = entry(&ctx, "access_request_expire", &request).detail("its time was over");
            let _turn = self.access.changing.lock().await;
            match self.store.access_request_expire(&request, ctx.now, &audit).await {
                Ok(Some(version)) => self.access_taken_away(&request, version, audit).await,
                Ok(None) => self.access_announce(&request, audit),
                // Another server noted it.
                Err(StoreError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Nobody decides their own request, and no program decides at all: who made its token might be who asks.
    fn not_ones_own<A: Action>(&self, ctx: &Ctx, request: &AccessRequest) -> Result<(), AppError> {
        match person(ctx) {
            Some(caller) if caller != request.requester => Ok(()),
            Some(_) => Err(self.refused::<A>(ctx, request, OWN, "nobody decides their own request: ask somebody else".to_owned())),
            None => Err(self.refused::<A>(ctx, request, OWN, "people decide requests for access, programs do not".to_owned())),
        }
    }

    /// Nobody grants more than they have for good and undiminished.
    async fn may_grant(&self, ctx: &Ctx, request: &AccessRequest) -> Result<(), AppError> {
        let (action, kind, thing) = match &request.wanted {
            Wanted::Role(role) => {
                self.role_exists(role)?;
                return self.may_give::<action::AccessRequestApprove>(ctx, role).await;
            }
            Wanted::Action { action, kind, thing, .. } => (action, kind, thing),
        };
        let Some(caller) = person(ctx) else { return Err(AppError::Internal("decided by nobody".to_owned())) };
        let target = if kind == Kind::Agent.as_str() {
            let view = self.inventory.find(thing).ok_or_else(|| AppError::conflict("resource_gone", "the agent is not there any more"))?;
            (*view.target).clone()
        } else {
            Target::everything()
        };
        let own = self.store.user_by_id(caller).await?.map(|user| user.role);
        let lasting = own.map(|own| self.user_standing(caller, &own, &[], ctx.now).lasting);
        let rules = self.gate.snapshot();
        let may = |roles: &[RoleName]| rules.decide(&Asker { roles, ..Asker::of(ctx) }, action, &target).allowed;
        if lasting.is_some_and(|lasting| may(&lasting)) && may(ctx.actor.roles()) {
            return Ok(());
        }
        let why = format!("nobody grants what they may not do themselves for good: {}", request.wanted.label());
        Err(self.refused::<action::AccessRequestApprove>(ctx, request, MORE, why))
    }

    fn refused<A: Action>(&self, ctx: &Ctx, request: &AccessRequest, rule: &str, why: String) -> AppError {
        let denied = Box::new(Denied {
            who: ctx.actor.name().to_owned(),
            action: A::NAME,
            what: request.label(),
            resource_kind: AccessRequest::KIND,
            resource_id: request.id.to_string(),
            rule: rule.to_owned(),
            why,
        });
        self.recorder.denied(ctx, &denied);
        AppError::Denied(denied)
    }

    /// Makes it count that something was taken away. Whoever calls holds the turn to change.
    async fn access_taken_away(&self, request: &AccessRequest, version: i64, audit: AuditEntry) {
        let mut next = self.access.roster().set.clone();
        let gone = request.assignment.and_then(|id| next.assignments.iter().position(|one| one.id == id));
        let role = gone.map(|place| next.assignments.remove(place).role);
        let own = request.grant_role();
        next.roles.retain(|role| Some(&role.name) != own.as_ref());
        let role = role.or(own).or_else(|| match &request.wanted {
            Wanted::Role(role) => Some(role.clone()),
            Wanted::Action { .. } => None,
        });
        if let Some(role) = role {
            self.roles_changed(&role, next, version, audit).await;
        }
        self.bus_access(request);
    }
}

/// The role made for one action on one thing; `None` when a role is asked for.
fn grant_role(ctx: &Ctx, name: &RoleName, request: &AccessRequest) -> Result<Option<StoredRole>, AppError> {
    let Wanted::Action { action, kind, thing, .. } = &request.wanted else { return Ok(None) };
    let cedar = mc_policy::grant(action, kind, thing).ok_or_else(|| AppError::Internal("a grant of nothing".to_owned()))?;
    Ok(Some(StoredRole {
        name: name.clone(),
        title: request.wanted.label().chars().take(80).collect(),
        description: format!("Granted to {} for a while: {}", request.requester_name, request.reason),
        form: "[]".to_owned(),
        cedar: Some(cedar),
        step_up: false,
        version: 1,
        created_at: ctx.now,
        updated_at: ctx.now,
        updated_by: ctx.actor.name().to_owned(),
    }))
}
