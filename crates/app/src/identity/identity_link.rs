//! One's own accounts at identity providers.

use mc_domain::{
    action,
    actor::Actor,
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    id::UserId,
    name::ProviderName,
    permit::Everything,
    provider::IdentityLink,
};

use crate::{App, error::AppError};

impl App {
    /// The caller's accounts at providers.
    ///
    /// # Errors
    /// When the caller is no user.
    pub async fn me_identities(&self, ctx: &Ctx) -> Result<Vec<IdentityLink>, AppError> {
        self.permit::<_, action::MeIdentities>(ctx, Everything)?;
        Ok(self.store.identity_list(own(ctx)?).await?)
    }

    /// Unlinks the caller's account at a provider; sessions that came by it end.
    ///
    /// # Errors
    /// When there is none, or the caller could not log in any more.
    pub async fn me_identity_unlink(&self, ctx: &Ctx, provider: &str) -> Result<(), AppError> {
        self.permit::<_, action::MeIdentityUnlink>(ctx, Everything)?;
        let user = own(ctx)?;
        let unknown = || AppError::NotFound("no account of that provider is linked".to_owned());
        let provider: ProviderName = provider.parse().map_err(|_| unknown())?;
        let audit = AuditEntry::new(ctx, ctx.now, "identity_unlink", AuditResult::Ok)
            .on("user", user, ctx.actor.name())
            .detail(format!("oidc:{provider}"));
        self.store.identity_delete(user, &provider, ctx.now, &audit).await.map_err(|error| match error {
            mc_store::StoreError::NotFound => unknown(),
            mc_store::StoreError::Conflict(text) => AppError::conflict("last_login_way", text),
            other => other.into(),
        })?;
        self.identity.forget_user(user);
        self.recorder.announce(audit);
        Ok(())
    }
}

fn own(ctx: &Ctx) -> Result<UserId, AppError> {
    match &ctx.actor {
        Actor::User { id, .. } => Ok(*id),
        _ => Err(AppError::NotFound("you are no user".to_owned())),
    }
}
