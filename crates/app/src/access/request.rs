//! Access for a while: somebody asks, somebody else says yes or no, and it ends by itself.
//!
//! What is granted is an assignment of a role with an end, which counts at the moment of each decision: nothing has to happen for it to end.
//! One action on one thing is granted by a role made for it alone, gone with the grant. Nobody decides their own request, whatever they hold,
//! and nobody grants more than they have for good.

use std::{sync::Arc, time::Duration};

use mc_domain::{
    access_request::{AccessRequest, AccessState, DURATION, Wanted},
    action::{self, Action, ActionInfo, Kind},
    actor::Actor,
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    event::EventKind,
    id::{AccessRequestId, AssignmentId, UserId},
    permit::{Everything, Permitted},
    role::RoleName,
    role_assignment::{RoleAssignment, SubjectKind},
};
use mc_policy::{Asker, Denied, Extent, GRANT_PREFIX, Resource as _, Target};
use mc_store::{AccessRequestFilter, StoreError, StoredRole};

use super::{Roster, simulate::known_action};
use crate::{App, Change, error::AppError, fleet::command::check_reason};

/// Read from the database at once while a list is put together.
const PAGE: u32 = 200;
/// The rule by which nobody decides their own request.
const OWN: &str = "default:not-ones-own-request";
/// The rule by which nobody grants more than they have.
const MORE: &str = "default:no-more-than-ones-own";

/// What is asked for.
#[derive(Debug, Clone)]
pub struct AccessWish {
    /// A role, or one action.
    pub wanted: AccessWanted,
    /// Why.
    pub reason: String,
    /// For how long.
    pub duration: Duration,
}

/// A role, or one action on one thing.
#[derive(Debug, Clone)]
pub enum AccessWanted {
    /// A role.
    Role(RoleName),
    /// One action.
    Action {
        /// Its name.
        action: String,
        /// The kind of thing; `None`: what the action is done to.
        kind: Option<String>,
        /// The thing, by id or name.
        thing: Option<String>,
    },
}

/// A request as a caller sees it.
#[derive(Debug, Clone)]
pub struct AccessView {
    /// The request.
    pub request: AccessRequest,
    /// Whether the caller may decide it now.
    pub may_decide: bool,
}

/// Which requests are wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct AccessQuery {
    /// Only the caller's own.
    pub mine: bool,
    /// Only those that stand so now.
    pub state: Option<AccessState>,
    /// Only older ones: the next page.
    pub before: Option<AccessRequestId>,
}

impl App {
    /// The caller's own requests and those the caller may decide, newest first; and whether there are more.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn access_request_list(&self, ctx: &Ctx, query: AccessQuery, limit: usize) -> Result<(Vec<AccessView>, bool), AppError> {
        let permit = self.permit::<_, action::AccessRequestList>(ctx, Everything)?;
        let rules = self.gate.snapshot();
        let decides = rules.extent(&Asker::of(ctx), action::AccessRequestApprove::NAME).0 != Extent::None;
        let caller = person(ctx);
        if caller.is_none() && (query.mine || !decides) {
            return Ok((Vec::new(), false));
        }
        let requester = caller.filter(|_| query.mine || !decides);
        // What is stored as waiting or granted may be over by now, so those that are over are looked for among all.
        let stored = query.state.filter(|state| *state != AccessState::Expired);
        let mut filter = AccessRequestFilter { requester, state: stored, before: query.before, limit: PAGE };
        let mut found = Vec::new();
        loop {
            let page = self.store.access_request_list(&permit, filter).await?;
            let last = page.last().map(|request| request.id);
            for request in page {
                if query.state.is_some_and(|state| request.state_at(ctx.now) != state) || !self.sees(ctx, &request) {
                    continue;
                }
                if found.len() == limit {
                    return Ok((found, true));
                }
                found.push(self.access_view(ctx, request));
            }
            match last {
                Some(last) => filter.before = Some(last),
                None => return Ok((found, false)),
            }
        }
    }

    /// One request.
    ///
    /// # Errors
    /// When there is none that the caller may see.
    pub async fn access_request_show(&self, ctx: &Ctx, id: AccessRequestId) -> Result<AccessView, AppError> {
        let request = self.access_request_find::<action::AccessRequestShow>(ctx, id).await?.into_inner();
        Ok(self.access_view(ctx, request))
    }

    /// Asks for access.
    ///
    /// # Errors
    /// When the caller is no person, has it already, asked for it already, or asks for what cannot be given.
    pub async fn access_request_create(&self, ctx: &Ctx, wish: AccessWish) -> Result<AccessView, AppError> {
        let permit = self.permit::<_, action::AccessRequestCreate>(ctx, Everything)?;
        let Actor::User { id, name, .. } = &ctx.actor else {
            return Err(AppError::Invalid("only people ask for access: give a service token the roles it needs".to_owned()));
        };
        some_reason(&wish.reason)?;
        check_duration(wish.duration)?;
        let wanted = self.wanted(ctx, wish.wanted).await?;
        let request = AccessRequest {
            id: AccessRequestId::new(),
            requester: *id,
            requester_name: name.clone(),
            wanted,
            reason: wish.reason,
            duration: wish.duration,
            state: AccessState::Pending,
            created_at: ctx.now,
            decided_at: None,
            decided_by: None,
            decision_reason: None,
            expires_at: None,
            ended_at: None,
            assignment: None,
        };
        let audit = entry(ctx, permit.action_name(), &request).because(&request.reason).detail(for_so_long(&request));
        self.store.access_request_insert(&permit, &request, &audit).await?;
        self.access_announce(&request, audit);
        Ok(self.access_view(ctx, request))
    }

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
        let detail = format!("{}, for {} s until {expires_at}", for_so_long(&permit), duration.as_secs());
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

    /// Takes back one's own request.
    ///
    /// # Errors
    /// When it is not the caller's, or does not wait any more.
    pub async fn access_request_cancel(&self, ctx: &Ctx, id: AccessRequestId) -> Result<AccessView, AppError> {
        let permit = self.access_request_find::<action::AccessRequestCancel>(ctx, id).await?;
        if person(ctx) != Some(permit.requester) {
            return Err(AppError::conflict("not_yours", "only who asked takes a request back: deny it instead"));
        }
        self.access_close(ctx, permit, AccessState::Cancelled, "").await
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

    async fn access_close<A: Action>(
        &self,
        ctx: &Ctx,
        permit: Permitted<AccessRequest, A>,
        state: AccessState,
        reason: &str,
    ) -> Result<AccessView, AppError> {
        waits(&permit, ctx)?;
        let permit = self.permit::<_, A>(ctx, decided(ctx, permit.into_inner(), state, reason))?;
        let audit = entry(ctx, permit.action_name(), &permit).because(reason);
        self.store.access_request_close(&permit, &audit).await.map_err(decided_before)?;
        self.access_announce(&permit, audit);
        Ok(self.access_view(ctx, permit.into_inner()))
    }

    /// The request, for `A`. What is neither the caller's own nor the caller's to decide does not exist for them.
    async fn access_request_find<A: Action>(&self, ctx: &Ctx, id: AccessRequestId) -> Result<Permitted<AccessRequest, A>, AppError> {
        let unknown = || AppError::NotFound("there is no such access request".to_owned());
        let found = self.store.access_request_by_id(id).await?.filter(|request| self.sees(ctx, request));
        let Some(request) = found else {
            // Whoever may never do this is told so, whether the request exists or not.
            if self.gate.snapshot().extent(&Asker::of(ctx), A::NAME).0 == Extent::None {
                self.permit::<_, A>(ctx, Everything)?;
            }
            return Err(unknown());
        };
        self.permit::<_, A>(ctx, request)
    }

    fn sees(&self, ctx: &Ctx, request: &AccessRequest) -> bool {
        matches!(ctx.actor, Actor::Console | Actor::System)
            || person(ctx) == Some(request.requester)
            || self.allows_to_approve(ctx, request)
    }

    fn allows_to_approve(&self, ctx: &Ctx, request: &AccessRequest) -> bool {
        let (approve, target) = (action::AccessRequestApprove::NAME, request.target());
        self.gate.snapshot().decide(&Asker::of(ctx), approve, &target).allowed
    }

    fn access_view(&self, ctx: &Ctx, mut request: AccessRequest) -> AccessView {
        request.state = request.state_at(ctx.now);
        let others = person(ctx).is_some_and(|caller| caller != request.requester);
        let may_decide = others && request.state == AccessState::Pending && self.allows_to_approve(ctx, &request);
        AccessView { request, may_decide }
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

    /// What is asked for, if it can be.
    async fn wanted(&self, ctx: &Ctx, wanted: AccessWanted) -> Result<Wanted, AppError> {
        match wanted {
            AccessWanted::Role(role) => {
                if role.as_str().starts_with(GRANT_PREFIX) {
                    return Err(AppError::Invalid(format!("there is no role {role}")));
                }
                self.role_exists(&role)?;
                if ctx.actor.roles().contains(&role) {
                    return Err(AppError::conflict("already_given", format!("you have the role {role} already")));
                }
                Ok(Wanted::Role(role))
            }
            AccessWanted::Action { action, kind, thing } => {
                let action = known_action(&action)?;
                askable(action)?;
                let (target, name, id) = match action.on {
                    Kind::Agent => {
                        let thing = thing.ok_or_else(|| AppError::Invalid(format!("name the agent that {} is for", action.name)))?;
                        let view = self.inventory.find(&thing).filter(|view| self.knows_of(ctx, view));
                        let view = view.ok_or_else(|| crate::fleet::agent::unknown(&thing))?;
                        ((*view.target).clone(), view.agent.name.to_string(), view.agent.id.to_string())
                    }
                    _ => (Target::everything(), String::new(), String::new()),
                };
                if kind.is_some_and(|kind| kind != action.on.as_str()) {
                    return Err(AppError::Invalid(format!("{} is done to {}", action.name, action.on.as_str())));
                }
                if self.gate.snapshot().decide(&Asker::of(ctx), action.name, &target).allowed {
                    return Err(AppError::conflict("already_given", "you may do this already"));
                }
                Ok(Wanted::Action { action: action.name.to_owned(), kind: action.on.as_str().to_owned(), thing: id, name })
            }
        }
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

    fn access_announce(&self, request: &AccessRequest, audit: AuditEntry) {
        self.recorder.announce(audit);
        self.bus_access(request);
    }

    fn bus_access(&self, request: &AccessRequest) {
        self.bus.publish(EventKind::AccessRequestChanged, request.id.to_string(), Change::AccessRequest(Arc::new(request.clone())));
    }
}

/// The person who asks, at a login or with a token of their own.
fn person(ctx: &Ctx) -> Option<UserId> {
    match &ctx.actor {
        Actor::User { id, .. } => Some(*id),
        _ => None,
    }
}

/// What can be asked for one by one: what is done to an agent, and what only reads. For the rest there are roles.
fn askable(action: &ActionInfo) -> Result<(), AppError> {
    let reads = ["_list", "_show", "_logs", "_verify", "_checkpoints", "_key"].iter().any(|end| action.name.ends_with(end));
    match action.on {
        Kind::Agent => Ok(()),
        Kind::Everything if reads && !action.name.starts_with("me_") => Ok(()),
        _ => Err(AppError::Invalid(format!("{} is not granted by itself: ask for a role that allows it", action.name))),
    }
}

fn some_reason(reason: &str) -> Result<(), AppError> {
    if reason.trim().is_empty() {
        return Err(AppError::Invalid("say why: a reason is needed".to_owned()));
    }
    check_reason(reason)
}

fn check_duration(duration: Duration) -> Result<(), AppError> {
    if DURATION.contains(&duration) {
        return Ok(());
    }
    Err(AppError::Invalid("access is granted for between 5 minutes and 30 days".to_owned()))
}

fn waits(request: &AccessRequest, ctx: &Ctx) -> Result<(), AppError> {
    match request.state_at(ctx.now) {
        AccessState::Pending => Ok(()),
        state => Err(AppError::conflict("decided", format!("this request is {} already", state.as_str()))),
    }
}

/// Somebody else was faster.
fn decided_before(error: StoreError) -> AppError {
    match error {
        StoreError::Conflict(text) => AppError::conflict("decided", text),
        other => other.into(),
    }
}

fn decided(ctx: &Ctx, request: AccessRequest, state: AccessState, reason: &str) -> AccessRequest {
    AccessRequest {
        state,
        decided_at: Some(ctx.now),
        decided_by: Some(ctx.actor.name().to_owned()),
        decision_reason: Some(reason.to_owned()).filter(|reason| !reason.is_empty()),
        ..request
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

/// `role operator for bob, 3600 s asked`.
fn for_so_long(request: &AccessRequest) -> String {
    format!("{} for {}, {} s asked", request.wanted.label(), request.requester_name, request.duration.as_secs())
}

fn entry(ctx: &Ctx, action: &str, request: &AccessRequest) -> AuditEntry {
    let name = format!("{} for {}", request.wanted.label(), request.requester_name);
    AuditEntry::new(ctx, ctx.now, action, AuditResult::Ok).on(AccessRequest::KIND, request.id, name)
}
