//! API tokens: made, shown once, narrowed, rotated, revoked, and recognised when somebody shows one.
//!
//! A token that was read is trusted for [`CACHED_FOR`], as sessions are: what another server changed counts here within that time, what
//! this one changed at once. Uses are counted in memory and stored in batches.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use dashmap::DashMap;
use mc_domain::{
    action,
    actor::{Actor, Credential},
    api_token::{ApiToken, PREFIX, TokenState, TokenUse},
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    id::{RequestId, TokenId, UserId},
    permit::Everything,
    time::Time,
    user::User,
};
use subtle::ConstantTimeEq;

use super::session::UNAUTHENTICATED;
use crate::{App, error::AppError, secret};

/// How long a token that was read is trusted without reading it again: other replicas may have revoked it.
const CACHED_FOR: Duration = Duration::from_secs(15);
/// Tokens kept in memory at most.
const CACHED_MAX: usize = 20_000;
/// Places of use kept in memory between two writes; past this, a use is counted without its address.
const PLACES_MAX: usize = 20_000;

/// A token as it was read.
#[derive(Clone)]
struct Known {
    read: Time,
    token: Arc<ApiToken>,
    owner: Option<Arc<User>>,
}

/// What is kept in memory of tokens.
#[derive(Default)]
pub(crate) struct ApiTokens {
    /// By the hash of the secret that was shown.
    known: DashMap<String, Known>,
    /// Counts what was forgotten: who reads meanwhile must not keep what they read.
    forgotten: AtomicU64,
    /// Uses not stored yet, by token and address.
    uses: DashMap<(TokenId, String), TokenUse>,
}

impl ApiTokens {
    /// Forgets a token, so that its next use reads the truth.
    pub(super) fn forget(&self, id: TokenId) {
        self.forgotten.fetch_add(1, Ordering::AcqRel);
        self.known.retain(|_, known| known.token.id != id);
    }

    /// Forgets a person's tokens.
    pub(crate) fn forget_owner(&self, owner: UserId) {
        self.forgotten.fetch_add(1, Ordering::AcqRel);
        self.known.retain(|_, known| known.token.owner != Some(owner));
    }

    /// Forgets what was read too long ago to be trusted.
    pub(crate) fn tidy(&self, now: Time) {
        self.known.retain(|_, known| now.since(known.read) < CACHED_FOR);
    }

    fn keep(&self, hash: String, known: Known, forgotten: u64) {
        if self.known.len() >= CACHED_MAX {
            return;
        }
        self.known.insert(hash.clone(), known);
        // Something was forgotten while this was read: it may have been this.
        if self.forgotten.load(Ordering::Acquire) != forgotten {
            self.known.remove(&hash);
        }
    }

    fn used(&self, token: TokenId, address: Option<&str>, now: Time) {
        let address = address.filter(|_| self.uses.len() < PLACES_MAX).unwrap_or_default().to_owned();
        let first = TokenUse { token, address: address.clone(), first: now, last: now, uses: 0 };
        let mut entry = self.uses.entry((token, address)).or_insert(first);
        entry.uses += 1;
        entry.last = entry.last.max(now);
    }

    /// Takes the uses that are not stored yet.
    pub(crate) fn take_uses(&self) -> Vec<TokenUse> {
        let keys: Vec<_> = self.uses.iter().map(|entry| entry.key().clone()).collect();
        keys.into_iter().filter_map(|key| self.uses.remove(&key)).map(|(_, used)| used).collect()
    }

    /// Puts back uses that could not be stored.
    pub(crate) fn put_back(&self, uses: Vec<TokenUse>) {
        for used in uses {
            let mut entry = self.uses.entry((used.token, used.address.clone())).or_insert_with(|| TokenUse { uses: 0, ..used.clone() });
            entry.uses += used.uses;
            entry.first = entry.first.min(used.first);
            entry.last = entry.last.max(used.last);
        }
    }

    /// A token with the uses that are not stored yet.
    pub(super) fn counted(&self, mut token: ApiToken) -> ApiToken {
        for used in self.uses.iter().filter(|entry| entry.key().0 == token.id) {
            token.uses += used.uses;
            if token.last_used_at.is_none_or(|at| at <= used.last) {
                token.last_used_at = Some(used.last);
                token.last_used_address = Some(used.address.clone()).filter(|address| !address.is_empty());
            }
        }
        token
    }
}

/// Whether the text could be an API token, rather than an access token.
pub(super) fn is_one(text: &str) -> bool {
    text.starts_with(PREFIX)
}

impl App {
    /// Who shows this token. `count` is false when somebody known is only looked at again.
    ///
    /// # Errors
    /// `unauthenticated`, or when the database does not answer.
    pub(super) async fn token_authenticate(
        &self,
        text: &str,
        request_id: RequestId,
        address: Option<String>,
        count: bool,
    ) -> Result<Ctx, AppError> {
        // Guesses and cut-off copies do not get to ask the database.
        if !secret::is_well_formed(PREFIX, text) {
            return Err(UNAUTHENTICATED);
        }
        let (now, hash) = (self.now(), secret::hash(text));
        let known = self.token_known(&hash, now).await?;
        if !known.token.admits(&hash, now) {
            return Err(UNAUTHENTICATED);
        }
        if count {
            self.identity.api_tokens.used(known.token.id, address.as_deref(), now);
        }
        self.token_ctx(&known, request_id, address, now)
    }

    /// Who holds this token, for somebody who showed it a short while ago: if it still stands.
    pub(crate) async fn token_again(&self, id: TokenId, request_id: RequestId, address: Option<String>) -> Result<Ctx, AppError> {
        let (now, key) = (self.now(), format!("id:{id}"));
        let tokens = &self.identity.api_tokens;
        let cached = tokens.known.get(&key).filter(|known| now.since(known.read) < CACHED_FOR).map(|known| known.clone());
        let known = match cached {
            Some(known) => known,
            None => {
                let forgotten = tokens.forgotten.load(Ordering::Acquire);
                let token = self.store.api_token_by_id(id).await?.ok_or(UNAUTHENTICATED)?;
                let known = self.token_read(token, now).await?;
                tokens.keep(key, known.clone(), forgotten);
                known
            }
        };
        if known.token.state(now) != TokenState::Active {
            return Err(UNAUTHENTICATED);
        }
        self.token_ctx(&known, request_id, address, now)
    }

    fn token_ctx(&self, known: &Known, request_id: RequestId, address: Option<String>, now: Time) -> Result<Ctx, AppError> {
        if known.owner.as_ref().is_some_and(|owner| !owner.is_active()) {
            return Err(UNAUTHENTICATED);
        }
        let (token, scopes) = (&known.token, known.token.scopes.clone().into());
        let actor = match &known.owner {
            Some(owner) => Actor::User {
                id: owner.id,
                name: owner.name.to_string(),
                roles: self.user_standing(owner.id, &owner.role, &[], now).roles,
                credential: Credential::Token { id: token.id, name: token.name.to_string(), scopes },
            },
            None => Actor::Service { id: token.id, name: token.name.to_string(), roles: self.roles_of_token(token), scopes },
        };
        Ok(Ctx { actor, request_id, address, now })
    }

    async fn token_known(&self, hash: &str, now: Time) -> Result<Known, AppError> {
        let tokens = &self.identity.api_tokens;
        if let Some(known) = tokens.known.get(hash).filter(|known| now.since(known.read) < CACHED_FOR) {
            return Ok(known.clone());
        }
        let forgotten = tokens.forgotten.load(Ordering::Acquire);
        let token = self.store.api_token_by_hash(hash).await?.ok_or(UNAUTHENTICATED)?;
        // The database has compared already; this one takes the same time wherever they differ.
        let same = |stored: &str| bool::from(stored.as_bytes().ct_eq(hash.as_bytes()));
        if !same(&token.hash) && !token.old_hash.as_deref().is_some_and(same) {
            return Err(UNAUTHENTICATED);
        }
        let known = self.token_read(token, now).await?;
        tokens.keep(hash.to_owned(), known.clone(), forgotten);
        Ok(known)
    }

    async fn token_read(&self, token: ApiToken, now: Time) -> Result<Known, AppError> {
        let owner = match token.owner {
            Some(owner) => Some(Arc::new(self.store.user_by_id(owner).await?.ok_or(UNAUTHENTICATED)?)),
            None => None,
        };
        Ok(Known { read: now, token: Arc::new(token), owner })
    }

    /// Revokes a token: it opens nothing here from now on, and on other servers within seconds.
    ///
    /// # Errors
    /// When there is none that the caller may see.
    pub async fn token_revoke(&self, ctx: &Ctx, id: TokenId) -> Result<(), AppError> {
        let token = self.token_find(ctx, id).await?;
        let permit = self.permit::<_, action::TokenRevoke>(ctx, token)?;
        let audit = AuditEntry::new(ctx, ctx.now, permit.action_name(), AuditResult::Ok).on("token", id, &permit.name).detail(format!(
            "{} token of {}",
            permit.kind().as_str(),
            permit.created_by
        ));
        self.store.api_token_revoke(&permit, ctx.now, &audit).await?;
        self.identity.api_tokens.forget(id);
        self.recorder.announce(audit);
        Ok(())
    }

    /// The token, when the caller may know of it: one's own, the one that asks, or any for who looks after all tokens.
    pub(super) async fn token_find(&self, ctx: &Ctx, id: TokenId) -> Result<ApiToken, AppError> {
        let missing = || AppError::NotFound("there is no such token".to_owned());
        let token = self.store.api_token_by_id(id).await?.ok_or_else(missing)?;
        let own = match &ctx.actor {
            Actor::User { id, .. } => token.owner == Some(*id),
            Actor::Service { id, .. } => token.id == *id,
            _ => false,
        };
        // Asked without a trace: that somebody else's token exists is not theirs to know, so nothing was refused.
        if own || self.gate.permit::<_, action::TokenAdmin>(ctx, Everything).is_ok() { Ok(token) } else { Err(missing()) }
    }
}
