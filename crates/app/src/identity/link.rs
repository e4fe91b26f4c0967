//! One-time links: to choose a new password, and to prove an e-mail address.
//!
//! What somebody asks without being known is answered the same, and as fast, whether or not there is such an address: the work is done
//! behind the answer.

use std::{sync::Arc, time::Duration};

use mc_domain::{
    action,
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    email::Email,
    id::UserId,
    name::ProviderName,
    permit::Everything,
    time::Time,
    user::User,
};
use mc_store::{Link, Purpose, StoreError};
use secrecy::{ExposeSecret, SecretString};

use super::{guard::Try, policy, user::caller};
use crate::{App, error::AppError, secret};

/// How long a link to a new password works.
const RESET_LIFE: Duration = Duration::from_secs(30 * 60);
/// The same for the first password of an account that an admin made.
const WELCOME_LIFE: Duration = Duration::from_secs(7 * 86_400);
/// How long a link that proves an address works.
const EMAIL_LIFE: Duration = Duration::from_secs(86_400);

const SPENT: AppError = AppError::Unauthenticated {
    code: "link_invalid",
    text: "the link is not valid (any more): links work once and not for long; ask for a new one",
};

/// A link for whoever asked for it to hand on.
#[derive(Debug)]
pub struct LinkMade {
    /// Where it leads.
    pub url: SecretString,
    /// When it ends by itself.
    pub expires_at: Time,
}

impl App {
    /// A link with which a user sets a new password, for an admin to hand on. Also to who logged in by a provider only: the way in when it
    /// is down.
    ///
    /// # Errors
    /// When the caller may not, or the user is disabled.
    pub async fn user_reset_link(&self, ctx: &Ctx, id: UserId) -> Result<LinkMade, AppError> {
        let user = self.user_find(id).await?;
        let permit = self.permit::<_, action::UserResetLink>(ctx, user)?;
        self.not_with_a_token(ctx, permit.action_name())?;
        if !permit.is_active() {
            return Err(AppError::conflict("user_disabled", "the user is disabled: enable the account first"));
        }
        let audit = AuditEntry::new(ctx, ctx.now, "user_reset_link", AuditResult::Ok).on("user", id, &permit.name);
        let first = !self.only_by_provider(&permit).await?.is_empty();
        let audit = if first { audit.detail("first password of an account that logs in by a provider only") } else { audit };
        // Handed on by a person, it proves nothing about the address.
        self.reset_link(ctx, permit.get(), None, RESET_LIFE, audit).await
    }

    /// The link for the first password of a new user, sent as well when there is an address.
    pub(super) async fn welcome_link(&self, ctx: &Ctx, user: &User) -> Result<LinkMade, AppError> {
        let audit =
            AuditEntry::new(ctx, ctx.now, "user_reset_link", AuditResult::Ok).on("user", user.id, &user.name).detail("first password");
        let link = self.reset_link(ctx, user, user.email.clone(), WELCOME_LIFE, audit).await?;
        self.mail_welcome(user, &link.url);
        Ok(link)
    }

    async fn reset_link(
        &self,
        ctx: &Ctx,
        user: &User,
        sent_to: Option<Email>,
        life: Duration,
        audit: AuditEntry,
    ) -> Result<LinkMade, AppError> {
        let token = secret::random("mcp_");
        let link = Link {
            hash: secret::hash(token.expose_secret()),
            user_id: user.id,
            purpose: Purpose::Reset,
            email: sent_to,
            created_at: ctx.now,
            expires_at: ctx.now.after(life),
        };
        self.store.link_insert(&link, &audit).await?;
        self.recorder.announce(audit);
        Ok(LinkMade { url: self.url("reset", &token), expires_at: link.expires_at })
    }

    /// An address of our page with a secret in its fragment, which no server ever sees in a log.
    pub(super) fn url(&self, page: &str, token: &SecretString) -> SecretString {
        format!("{}/{page}#token={}", self.settings.public_url.trim_end_matches('/'), token.expose_secret()).into()
    }

    /// Sends the link to a new password to whoever has this address. Returns at once, whether or not anybody has it; answers whether this
    /// server sends mail at all.
    ///
    /// # Errors
    /// When the text is no address.
    pub fn password_forgot(self: &Arc<Self>, ctx: &Ctx, email: &str) -> Result<bool, AppError> {
        let email: Email = email.trim().parse().map_err(super::user::invalid)?;
        let sends = self.mailer.is_on();
        // Counted like a try to log in, so that nobody's mailbox is flooded.
        let attempt = Try::new(&format!("mail:{}", email.key()), ctx.address.as_deref(), None);
        if sends && self.identity.guard.admit(&attempt, ctx.now).is_ok() {
            let (app, ctx) = (Arc::clone(self), ctx.clone());
            tokio::spawn(async move {
                if let Err(error) = app.reset_send(&ctx, &email, &attempt).await {
                    tracing::warn!(%error, "a link to a new password was not sent");
                }
            });
        }
        Ok(sends)
    }

    async fn reset_send(&self, ctx: &Ctx, email: &Email, attempt: &Try) -> Result<(), AppError> {
        let Some(user) = self.store.user_by_email(email).await?.filter(User::is_active) else {
            if self.identity.guard.says(attempt, ctx.now) {
                let entry = AuditEntry::new(ctx, ctx.now, "password_forgot", AuditResult::Failed).detail("nobody here has the address");
                self.recorder.record(entry).await?;
            }
            return Ok(());
        };
        let audit = AuditEntry::new(ctx, ctx.now, "password_forgot", AuditResult::Ok).on("user", user.id, &user.name);
        let providers = self.only_by_provider(&user).await?;
        if !providers.is_empty() {
            // A password would be a second way in, beside the provider and whatever it demands: that is an admin's to give.
            let ways = providers.iter().map(|provider| format!("oidc:{provider}")).collect::<Vec<_>>().join(", ");
            let entry = AuditEntry { result: AuditResult::Denied, ..audit };
            self.recorder.record(entry.detail(format!("no link: the account has no password, it logs in by {ways}"))).await?;
            self.mail_no_password(&user);
            return Ok(());
        }
        let link = self.reset_link(ctx, &user, Some(email.clone()), RESET_LIFE, audit).await?;
        self.mail_reset(&user, &link.url);
        Ok(())
    }

    /// The providers by which alone a user logs in: none for who has a password, or nothing yet.
    pub(super) async fn only_by_provider(&self, user: &User) -> Result<Vec<ProviderName>, AppError> {
        if self.password_hash(user.id).await?.is_some() {
            return Ok(Vec::new());
        }
        Ok(self.store.identity_list(user.id).await?.into_iter().map(|link| link.provider).collect())
    }

    /// Spends a link on a new password. Every session ends.
    ///
    /// # Errors
    /// `link_invalid`, or when the password is not good enough; the link stays good then.
    pub async fn password_reset(
        &self,
        ctx: &Ctx,
        token: &str,
        password: SecretString,
        known: Option<&str>,
    ) -> Result<SecretString, AppError> {
        let Some((link, user)) = self.store.link_find(Purpose::Reset, &secret::hash(token), ctx.now).await? else {
            return Err(self.link_spent(ctx, "password_reset").await?);
        };
        policy::check(&user.name, password.expose_secret())?;
        let hash = self.identity.passwords.hash(password).await?;
        let audit = AuditEntry::new(ctx, ctx.now, "password_reset", AuditResult::Ok).on("user", user.id, &user.name);
        let first = self.password_hash(user.id).await?.is_none();
        let audit = if first { audit.detail("first password") } else { audit };
        match self.store.link_reset(&link, &hash, ctx.now, &audit).await {
            Err(StoreError::NotFound) => return Err(self.link_spent(ctx, "password_reset").await?),
            other => other?,
        }
        self.identity.guard.forget(user.name.as_str());
        self.mail_password_changed(&user);
        self.changed_user(user.id, audit).await?;
        // Whoever held the link comes in from this device next, whatever strangers do to the account meanwhile.
        self.device_note(user.id, known, ctx.now)
    }

    /// Sends the link that proves the caller's address.
    ///
    /// # Errors
    /// When there is no address, it is proved already, or this server sends no mail.
    pub async fn me_email_verify(&self, ctx: &Ctx) -> Result<(), AppError> {
        self.permit::<_, action::MeEmailVerify>(ctx, Everything)?;
        let user = self.user_find(caller(ctx)?).await?;
        let Some(email) = user.email.clone() else {
            return Err(AppError::conflict("no_email", "there is no e-mail address in your profile: set one first"));
        };
        if user.email_verified_at.is_some() {
            return Err(AppError::conflict("email_verified", "the address is verified already"));
        }
        if !self.mailer.is_on() {
            return Err(AppError::conflict("mail_off", "this server sends no mail: ask whoever runs it to set MC_SMTP_URL"));
        }
        let attempt = Try::new(&format!("mail:{}", email.key()), ctx.address.as_deref(), None);
        self.identity.guard.admit(&attempt, ctx.now).map_err(|wait| AppError::TooMany { wait })?;
        let token = secret::random("mcv_");
        let link = Link {
            hash: secret::hash(token.expose_secret()),
            user_id: user.id,
            purpose: Purpose::Email,
            email: Some(email),
            created_at: ctx.now,
            expires_at: ctx.now.after(EMAIL_LIFE),
        };
        let audit = AuditEntry::new(ctx, ctx.now, "me_email_verify", AuditResult::Ok).on("user", user.id, &user.name);
        self.store.link_insert(&link, &audit).await?;
        self.recorder.announce(audit);
        self.mail_verify(&user, &self.url("verify", &token));
        Ok(())
    }

    /// Spends a link on the proof of an address.
    ///
    /// # Errors
    /// `link_invalid`.
    pub async fn email_verify(&self, ctx: &Ctx, token: &str) -> Result<(), AppError> {
        let Some((link, user)) = self.store.link_find(Purpose::Email, &secret::hash(token), ctx.now).await? else {
            return Err(self.link_spent(ctx, "email_verify").await?);
        };
        let audit = AuditEntry::new(ctx, ctx.now, "email_verify", AuditResult::Ok).on("user", user.id, &user.name);
        match self.store.link_verify(&link, ctx.now, &audit).await {
            Ok(true) => self.changed_user(user.id, audit).await.map(drop),
            Ok(false) | Err(StoreError::NotFound) => Err(self.link_spent(ctx, "email_verify").await?),
            Err(error) => Err(error.into()),
        }
    }

    /// Notes that a link was tried that is none, and makes the refusal.
    async fn link_spent(&self, ctx: &Ctx, action: &'static str) -> Result<AppError, AppError> {
        if self.identity.guard.says(&Try::new("link", ctx.address.as_deref(), None), ctx.now) {
            self.recorder.record(AuditEntry::new(ctx, ctx.now, action, AuditResult::Denied).detail("the link is not valid")).await?;
        }
        Ok(SPENT)
    }
}
