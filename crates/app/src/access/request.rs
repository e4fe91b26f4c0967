//! Access for a while: somebody asks, somebody else says yes or no ([`super::grant`]), and it ends by itself.

use std::{sync::Arc, time::Duration};

use mc_domain::{
    access_request::{AccessRequest, AccessState, DURATION, Wanted},
    action::{self, Action, ActionInfo, Kind},
    actor::Actor,
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    event::EventKind,
    id::{AccessRequestId, UserId},
    permit::{Everything, Permitted},
    role::RoleName,
    time::in_words,
};
use mc_policy::{Asker, Extent, GRANT_PREFIX, Resource as _, Target};
use mc_store::{AccessRequestFilter, StoreError};

use super::simulate::known_action;
use crate::{App, Change, error::AppError, fleet::command::check_reason};

/// Read from the database at once while a list is put together.
const PAGE: u32 = 200;

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

    pub(super) async fn access_close<A: Action>(
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
    pub(super) async fn access_request_find<A: Action>(
        &self,
        ctx: &Ctx,
        id: AccessRequestId,
    ) -> Result<Permitted<AccessRequest, A>, AppError> {
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

    pub(super) fn access_view(&self, ctx: &Ctx, mut request: AccessRequest) -> AccessView {
        request.state = request.state_at(ctx.now);
        let others = person(ctx).is_some_and(|caller| caller != request.requester);
        let may_decide = others && request.state == AccessState::Pending && self.allows_to_approve(ctx, &request);
        AccessView { request, may_decide }
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

    pub(super) fn access_announce(&self, request: &AccessRequest, audit: AuditEntry) {
        self.recorder.announce(audit);
        self.bus_access(request);
    }

    pub(super) fn bus_access(&self, request: &AccessRequest) {
        self.bus.publish(EventKind::AccessRequestChanged, request.id.to_string(), Change::AccessRequest(Arc::new(request.clone())));
    }
}

/// The person who asks, at a login or with a token of their own.
pub(super) fn person(ctx: &Ctx) -> Option<UserId> {
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

pub(super) fn some_reason(reason: &str) -> Result<(), AppError> {
    if reason.trim().is_empty() {
        return Err(AppError::Invalid("say why: a reason is needed".to_owned()));
    }
    check_reason(reason)
}

pub(super) fn check_duration(duration: Duration) -> Result<(), AppError> {
    if DURATION.contains(&duration) {
        return Ok(());
    }
    Err(AppError::Invalid("access is granted for between 5 minutes and 30 days".to_owned()))
}

pub(super) fn waits(request: &AccessRequest, ctx: &Ctx) -> Result<(), AppError> {
    match request.state_at(ctx.now) {
        AccessState::Pending => Ok(()),
        state => Err(AppError::conflict("decided", format!("this request is {} already", state.as_str()))),
    }
}

/// Somebody else was faster.
pub(super) fn decided_before(error: StoreError) -> AppError {
    match error {
        StoreError::Conflict(text) => AppError::conflict("decided", text),
        other => other.into(),
    }
}

pub(super) fn decided(ctx: &Ctx, request: AccessRequest, state: AccessState, reason: &str) -> AccessRequest {
    AccessRequest {
        state,
        decided_at: Some(ctx.now),
        decided_by: Some(ctx.actor.name().to_owned()),
        decision_reason: Some(reason.to_owned()).filter(|reason| !reason.is_empty()),
        ..request
    }
}

/// `role operator for bob, 1 h asked`.
pub(super) fn for_so_long(request: &AccessRequest) -> String {
    format!("{} for {}, {} asked", request.wanted.label(), request.requester_name, in_words(request.duration))
}

pub(super) fn entry(ctx: &Ctx, action: &str, request: &AccessRequest) -> AuditEntry {
    let name = format!("{} for {}", request.wanted.label(), request.requester_name);
    AuditEntry::new(ctx, ctx.now, action, AuditResult::Ok).on(AccessRequest::KIND, request.id, name)
}
