//! What people see and change of themselves: profile, password, sessions, login history, preferences.

use mc_domain::{
    action,
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    id::{LoginId, SessionId},
    login::LoginRecord,
    permit::Everything,
    preference::Preferences,
    session::Session,
};
use secrecy::{ExposeSecret, SecretString};

use super::{
    guard::Try,
    policy,
    step_up::FRESH,
    user::{ProfileWish, UserView, caller},
};
use crate::{App, access::HeldRole, error::AppError};

const WRONG_PASSWORD: AppError = AppError::Unauthenticated { code: "wrong_password", text: "the current password is wrong" };

/// The caller's own profile.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The account.
    pub view: UserView,
    /// All roles.
    pub roles: Vec<HeldRole>,
    /// Whether there is a password.
    pub has_password: bool,
}

impl App {
    /// The caller's own profile.
    ///
    /// # Errors
    /// When the caller is no user.
    pub async fn me_profile(&self, ctx: &Ctx) -> Result<Profile, AppError> {
        self.permit::<_, action::MeProfile>(ctx, Everything)?;
        self.profile(ctx).await
    }

    async fn profile(&self, ctx: &Ctx) -> Result<Profile, AppError> {
        let view = self.user_view(self.user_find(caller(ctx)?).await?).await?;
        let groups = match ctx.actor.session() {
            Some(session) => self.store.session_live(session, ctx.now).await?.map(|(session, _)| session.groups).unwrap_or_default(),
            None => Vec::new(),
        };
        let roles = self.access.roster().held(view.user.id, &view.user.role, &groups, ctx.now);
        Ok(Profile { has_password: self.password_hash(view.user.id).await?.is_some(), roles, view })
    }

    /// Changes the caller's display name or address.
    ///
    /// # Errors
    /// When it is malformed or taken; `step_up_required` for another address, when the caller did not prove lately who they are.
    pub async fn me_update(&self, ctx: &Ctx, wish: &ProfileWish) -> Result<Profile, AppError> {
        let permit = self.permit::<_, action::MeUpdate>(ctx, Everything)?;
        if wish.email.is_some() {
            self.not_with_a_token(ctx, permit.action_name())?;
            // Whoever found an open page must not make "forgot password" lead to their own mailbox.
            if !self.verified_lately(ctx) {
                return Err(FRESH);
            }
        }
        let user = self.user_find(caller(ctx)?).await?;
        self.profile_set(ctx, &user, wish, "me_update").await?;
        self.profile(ctx).await
    }

    /// Changes the caller's own password; all other sessions end.
    ///
    /// # Errors
    /// When the current password is wrong or the new one not good enough.
    pub async fn me_password(&self, ctx: &Ctx, current: SecretString, new: SecretString) -> Result<(), AppError> {
        let permit = self.permit::<_, action::MePassword>(ctx, Everything)?;
        self.not_with_a_token(ctx, permit.action_name())?;
        let found = self.store.user_with_password(caller(ctx)?).await?;
        let (user, hash) = found.ok_or_else(|| AppError::NotFound("there is no such user".to_owned()))?;
        if hash.is_empty() {
            return Err(AppError::conflict(
                "no_password",
                "the account has no password: an admin can make a link with which you choose one",
            ));
        }
        // Whoever found an open page must not guess the password there.
        let attempt = Try::new(&format!("me:{}", user.id), ctx.address.as_deref(), None);
        self.identity.guard.admit(&attempt, ctx.now).map_err(|wait| AppError::TooMany { wait })?;
        if !self.identity.passwords.verify(current, Some(hash.clone())).await? {
            self.recorder.record(AuditEntry::new(ctx, ctx.now, "me_password", AuditResult::Failed).on("user", user.id, &user.name)).await?;
            return Err(WRONG_PASSWORD);
        }
        self.identity.guard.succeeded(&attempt);
        policy::check(&user.name, new.expose_secret())?;
        let fresh = self.identity.passwords.hash(new).await?;
        let audit = AuditEntry::new(ctx, ctx.now, "me_password", AuditResult::Ok).on("user", user.id, &user.name);
        self.store.user_change_password(user.id, (&hash, &fresh), ctx.actor.session(), ctx.now, &audit).await?;
        self.mail_password_changed(&user);
        self.changed_user(user.id, audit).await?;
        Ok(())
    }

    /// The caller's open sessions.
    ///
    /// # Errors
    /// When the caller is no user.
    pub async fn me_sessions(&self, ctx: &Ctx) -> Result<Vec<Session>, AppError> {
        self.permit::<_, action::MeSessions>(ctx, Everything)?;
        Ok(self.store.session_list(caller(ctx)?, ctx.now).await?)
    }

    /// Ends one of the caller's sessions; this one, too, if that is wished.
    ///
    /// # Errors
    /// When it is not the caller's.
    pub async fn me_session_end(&self, ctx: &Ctx, id: SessionId) -> Result<(), AppError> {
        self.permit::<_, action::MeSessionEnd>(ctx, Everything)?;
        let audit = AuditEntry::new(ctx, ctx.now, "me_session_end", AuditResult::Ok).on("session", id, ctx.actor.name());
        self.store.session_end(caller(ctx)?, id, ctx.now, &audit).await?;
        self.identity.sessions.remove(&id);
        self.recorder.announce(audit);
        Ok(())
    }

    /// Ends all of the caller's sessions but this.
    ///
    /// # Errors
    /// When the caller is no user.
    pub async fn me_sessions_end(&self, ctx: &Ctx) -> Result<(), AppError> {
        self.permit::<_, action::MeSessionsEnd>(ctx, Everything)?;
        let id = caller(ctx)?;
        let audit = AuditEntry::new(ctx, ctx.now, "me_sessions_end", AuditResult::Ok).on("user", id, ctx.actor.name());
        self.store.session_end_all(id, ctx.actor.session(), ctx.now, &audit).await?;
        self.identity.forget_user(id);
        self.recorder.announce(audit);
        Ok(())
    }

    /// The caller's login history, newest first, and how much there is.
    ///
    /// # Errors
    /// When the caller is no user.
    pub async fn me_logins(&self, ctx: &Ctx, limit: u32, before: Option<LoginId>) -> Result<(Vec<LoginRecord>, u64), AppError> {
        self.permit::<_, action::MeLogins>(ctx, Everything)?;
        Ok(self.store.login_list(caller(ctx)?, limit, before).await?)
    }

    /// The caller's preferences.
    ///
    /// # Errors
    /// When the caller is no user.
    pub async fn me_preferences(&self, ctx: &Ctx) -> Result<Preferences, AppError> {
        self.permit::<_, action::MePreferences>(ctx, Everything)?;
        Ok(self.store.user_preferences(caller(ctx)?).await?)
    }

    /// Keeps the caller's preferences. How one's page looks is nobody's business: it leaves no audit entry.
    ///
    /// # Errors
    /// When they make no sense.
    pub async fn me_preferences_update(&self, ctx: &Ctx, preferences: &Preferences) -> Result<(), AppError> {
        self.permit::<_, action::MePreferencesUpdate>(ctx, Everything)?;
        preferences.check().map_err(super::user::invalid)?;
        Ok(self.store.user_set_preferences(caller(ctx)?, preferences).await?)
    }
}
