//! Invites: made by admins, used once by whoever holds the link.

use std::time::Duration;

use mc_domain::{
    action,
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    email::Email,
    id::{InviteId, UserId},
    invite::{INVITE_NOTE_MAX, Invite, InviteState},
    login::LoginMethod,
    name::UserName,
    permit::Everything,
    role::RoleName,
    user::User,
};
use mc_store::StoreError;
use secrecy::{ExposeSecret, SecretString};

use super::{
    guard::Try,
    login::Visitor,
    policy,
    session::{LoggedIn, login_entry},
    user::{email_of, invalid},
};
use crate::{App, error::AppError, secret};

/// How long an invite may live: from a minute to 90 days.
const LIFE_MIN: Duration = Duration::from_secs(60);
const LIFE_MAX: Duration = Duration::from_secs(90 * 86_400);
/// How long it lives unless said otherwise.
pub const INVITE_LIFE: Duration = Duration::from_secs(7 * 86_400);

const SPENT: AppError =
    AppError::Unauthenticated { code: "invite_invalid", text: "the invite is not valid (any more): ask whoever invited you for a new one" };

/// An invite to be made.
#[derive(Debug)]
pub struct InviteWish {
    /// The role of the account to be.
    pub role: RoleName,
    /// Whom it is for; empty for anybody.
    pub email: String,
    /// What it is for.
    pub note: String,
    /// How long it lives.
    pub life: Duration,
    /// Whether it is sent to the address.
    pub send: bool,
}

/// A new invite with its secret, which is never shown again.
#[derive(Debug)]
pub struct InviteMade {
    /// The invite.
    pub invite: Invite,
    /// The secret.
    pub token: SecretString,
    /// The page's address with the secret.
    pub url: SecretString,
}

/// Somebody who uses an invite.
#[derive(Debug)]
pub struct Newcomer {
    /// The login name they chose.
    pub name: String,
    /// The name people see.
    pub display_name: String,
    /// The password they chose.
    pub password: SecretString,
}

impl App {
    /// The newest invites, newest first.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn invite_list(&self, ctx: &Ctx) -> Result<Vec<Invite>, AppError> {
        let permit = self.permit::<_, action::InviteList>(ctx, Everything)?;
        Ok(self.store.invite_list(&permit).await?)
    }

    /// Makes an invite, and sends it when that is wished.
    ///
    /// # Errors
    /// When the caller may not, something is malformed, or it cannot be sent.
    pub async fn invite_create(&self, ctx: &Ctx, wish: InviteWish) -> Result<InviteMade, AppError> {
        let permit = self.permit::<_, action::InviteCreate>(ctx, Everything)?;
        self.not_with_a_token(ctx, permit.action_name())?;
        self.may_give::<action::InviteCreate>(ctx, &wish.role).await?;
        self.role_exists(&wish.role)?;
        let email: Option<Email> = email_of(&wish.email)?;
        if wish.note.chars().count() > INVITE_NOTE_MAX || wish.note.chars().any(char::is_control) {
            return Err(AppError::Invalid("note must be one line of at most 200 characters".to_owned()));
        }
        if !(LIFE_MIN..=LIFE_MAX).contains(&wish.life) {
            return Err(AppError::Invalid("ttl_seconds must be between 60 and 7776000 (90 days)".to_owned()));
        }
        if wish.send && email.is_none() {
            return Err(AppError::Invalid("send needs an e-mail address".to_owned()));
        }
        if wish.send && !self.mailer.is_on() {
            return Err(AppError::conflict("mail_off", "this server sends no mail: hand the link on yourself, or set MC_SMTP_URL"));
        }
        let token = secret::random("mci_");
        let invite = Invite {
            id: InviteId::new(),
            role: wish.role,
            email,
            note: wish.note,
            created_by: ctx.actor.name().to_owned(),
            created_at: ctx.now,
            expires_at: ctx.now.after(wish.life),
            used_at: None,
            used_by: None,
            revoked_at: None,
        };
        let audit = AuditEntry::new(ctx, ctx.now, "invite_create", AuditResult::Ok)
            .on("invite", invite.id, &invite.note)
            .detail(format!("role {}", invite.role));
        self.store.invite_insert(&permit, &invite, &secret::hash(token.expose_secret()), &audit).await?;
        self.recorder.announce(audit);
        let url = self.url("invite", &token);
        if wish.send {
            self.mail_invite(&invite, &url);
        }
        Ok(InviteMade { invite, token, url })
    }

    /// Revokes an invite. One that was used stays used.
    ///
    /// # Errors
    /// When the caller may not, or there is none.
    pub async fn invite_revoke(&self, ctx: &Ctx, id: InviteId) -> Result<(), AppError> {
        let found = self.store.invite_by_id(id).await?.ok_or_else(|| AppError::NotFound("there is no such invite".to_owned()))?;
        let permit = self.permit::<_, action::InviteRevoke>(ctx, found)?;
        let audit = AuditEntry::new(ctx, ctx.now, "invite_revoke", AuditResult::Ok).on("invite", id, &permit.note);
        if self.store.invite_revoke(&permit, ctx.now, &audit).await? {
            self.recorder.announce(audit);
        }
        Ok(())
    }

    /// What an invite offers, for whoever holds it.
    ///
    /// # Errors
    /// `invite_invalid`.
    pub async fn invite_look(&self, ctx: &Ctx, token: &str) -> Result<Invite, AppError> {
        let found = self.store.invite_by_hash(&secret::hash(token)).await?;
        match found.filter(|invite| invite.state(ctx.now) == InviteState::Open) {
            Some(invite) => Ok(invite),
            None => Err(self.invite_spent(ctx, "invite_look").await?),
        }
    }

    /// Makes the account an invite is for, and logs it in.
    ///
    /// # Errors
    /// `invite_invalid`, or when the name is taken or malformed, the password not good enough, or every seat is taken: the invite stays good.
    pub async fn invite_accept(&self, ctx: &Ctx, token: &str, newcomer: Newcomer, visitor: Visitor<'_>) -> Result<LoggedIn, AppError> {
        let invite = self.invite_look(ctx, token).await?;
        let name: UserName = newcomer.name.parse().map_err(invalid)?;
        policy::check(&name, newcomer.password.expose_secret())?;
        let mut user = User::new(UserId::new(), name, invite.role.clone(), ctx.now);
        user.display_name = newcomer.display_name.parse().map_err(invalid)?;
        user.email.clone_from(&invite.email);
        user.password_set_at = Some(ctx.now);
        let hash = self.identity.passwords.hash(newcomer.password).await?;
        let session = self.session_new(ctx, &user, LoginMethod::Invite, visitor);
        let refresh = secret::random("mcr_");
        let made = AuditEntry::new(&ctx.acting_as(self.actor(&user, &session, ctx.now)), ctx.now, "invite_accept", AuditResult::Ok)
            .on("user", user.id, &user.name)
            .detail(format!("role {}, invited by {}", user.role, invite.created_by));
        let entries = [made, login_entry(ctx, self.actor(&user, &session, ctx.now), &user, &session)];
        let kept = self.store.invite_accept(&invite, &user, &hash, (&session, &secret::hash(refresh.expose_secret())), &entries).await;
        match kept {
            Err(StoreError::NotFound) => return Err(self.invite_spent(ctx, "invite_accept").await?),
            other => other?,
        }
        let [made, login] = entries;
        self.recorder.announce(login);
        let user = self.announce_user(user, made).await?.user;
        let device = self.device_note(user.id, visitor.known, ctx.now)?;
        Ok(LoggedIn { device: Some(device), ..self.logged_in(user, &session, Some(refresh), ctx.now)? })
    }

    async fn invite_spent(&self, ctx: &Ctx, action: &'static str) -> Result<AppError, AppError> {
        if self.identity.guard.says(&Try::new("invite", ctx.address.as_deref(), None), ctx.now) {
            self.recorder.record(AuditEntry::new(ctx, ctx.now, action, AuditResult::Denied).detail("the invite is not valid")).await?;
        }
        Ok(SPENT)
    }
}
