//! Join tokens: made, listed, revoked.

use std::time::Duration;

use mc_domain::{
    action,
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    event::EventKind,
    id::JoinTokenId,
    join_token::JoinToken,
    permit::Everything,
    workload::AgentKind,
};
use secrecy::{ExposeSecret, SecretString};

use super::agent::parse_tags;
use crate::{App, Change, error::AppError, identity::token_wish::shown, secret};

/// How long a token may live: a minute to 30 days.
const LIFE: std::ops::RangeInclusive<u64> = 60..=30 * 86_400;
/// How many agents one token may admit.
const USES: std::ops::RangeInclusive<u32> = 1..=10_000;

/// What is wanted of a new token.
#[derive(Debug, Clone)]
pub struct JoinTokenWish {
    /// How long it lives.
    pub life: Duration,
    /// How many agents it admits.
    pub uses: u32,
    /// Only this kind.
    pub kind: Option<AgentKind>,
    /// Tags of its agents.
    pub tags: Vec<String>,
    /// Whether it admits agents with an API key.
    pub allow_api_key: bool,
}

impl Default for JoinTokenWish {
    fn default() -> Self {
        Self { life: Duration::from_secs(3_600), uses: 1, kind: None, tags: Vec::new(), allow_api_key: false }
    }
}

/// A new token with its secret, told this once.
#[derive(Debug)]
pub struct JoinTokenSecret {
    /// What is stored.
    pub token: JoinToken,
    /// The secret.
    pub secret: SecretString,
}

impl App {
    /// Makes a join token.
    ///
    /// # Errors
    /// When the caller may not, or the wish is out of range.
    pub async fn join_token_create(&self, ctx: &Ctx, wish: JoinTokenWish) -> Result<JoinTokenSecret, AppError> {
        let permit = self.permit::<_, action::JoinTokenCreate>(ctx, Everything)?;
        if !LIFE.contains(&wish.life.as_secs()) {
            return Err(AppError::Invalid("a join token lives between 1 minute and 30 days".to_owned()));
        }
        if !USES.contains(&wish.uses) {
            return Err(AppError::Invalid("a join token admits between 1 and 10000 agents".to_owned()));
        }
        let secret = secret::random("mcj_");
        let token = JoinToken {
            id: JoinTokenId::new(),
            hash: secret::hash(secret.expose_secret()),
            prefix: shown(&secret),
            kind: wish.kind,
            tags: parse_tags(&wish.tags)?,
            allow_api_key: wish.allow_api_key,
            uses: wish.uses,
            used: 0,
            last_used_at: None,
            last_used_address: None,
            created_at: ctx.now,
            expires_at: ctx.now.after(wish.life),
            revoked_at: None,
            created_by: ctx.actor.name().to_owned(),
        };
        let detail = format!("{} uses, ends {}", token.uses, token.expires_at);
        let audit = AuditEntry::new(ctx, ctx.now, permit.action_name(), AuditResult::Ok).on("join_token", token.id, "").detail(detail);
        self.store.join_token_insert(&permit, &token, &audit).await?;
        self.recorder.announce(audit);
        self.announce_join_token(token.clone());
        Ok(JoinTokenSecret { token, secret })
    }

    /// All join tokens, newest first, without their secrets.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn join_token_list(&self, ctx: &Ctx) -> Result<Vec<JoinToken>, AppError> {
        let permit = self.permit::<_, action::JoinTokenList>(ctx, Everything)?;
        Ok(self.store.join_token_list(&permit).await?)
    }

    /// Revokes a join token; agents it admitted stay.
    ///
    /// # Errors
    /// When there is none, or the caller may not.
    pub async fn join_token_revoke(&self, ctx: &Ctx, id: JoinTokenId) -> Result<(), AppError> {
        let missing = || AppError::NotFound("there is no such join token".to_owned());
        let token = self.store.join_token_by_id(id).await?.ok_or_else(missing)?;
        let permit = self.permit::<_, action::JoinTokenRevoke>(ctx, token)?;
        let audit = AuditEntry::new(ctx, ctx.now, permit.action_name(), AuditResult::Ok).on("join_token", id, "");
        self.store.join_token_revoke(&permit, ctx.now, &audit).await?;
        self.recorder.announce(audit);
        self.announce_join_token(JoinToken { revoked_at: Some(ctx.now), ..permit.into_inner() });
        Ok(())
    }

    pub(crate) fn announce_join_token(&self, token: JoinToken) {
        self.bus.publish(EventKind::JoinTokenChanged, token.id.to_string(), Change::JoinToken(token.into()));
    }
}
