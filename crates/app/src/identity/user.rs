//! Users: listed, made, disabled, given roles.

use mc_domain::{
    action,
    actor::Actor,
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    event::EventKind,
    id::{SessionId, UserId},
    name::UserName,
    permit::Everything,
    role::RoleName,
    user::{User, password_check},
};
use secrecy::{ExposeSecret, SecretString};

use crate::{App, Change, error::AppError};

/// The caller, with what they may do.
#[derive(Debug, Clone)]
pub struct Me {
    /// The account.
    pub user: User,
    /// This login; `None` for a token.
    pub session: Option<SessionId>,
    /// Names of the actions the role allows.
    pub allowed: Vec<&'static str>,
}

impl App {
    /// The caller.
    ///
    /// # Errors
    /// When the caller is no user.
    pub async fn me_show(&self, ctx: &Ctx) -> Result<Me, AppError> {
        self.permit::<_, action::MeShow>(ctx, Everything)?;
        let Actor::User { id, .. } = &ctx.actor else {
            return Err(AppError::NotFound("you are no user".to_owned()));
        };
        let user = self.user_find(*id).await?;
        Ok(self.me(user, &ctx.actor))
    }

    /// What a user may do, as told at login.
    #[must_use]
    pub fn me(&self, user: User, actor: &Actor) -> Me {
        let allowed = self.gate.allowed(actor.roles());
        Me { user, session: actor.session(), allowed }
    }

    /// All users by name.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn user_list(&self, ctx: &Ctx) -> Result<Vec<User>, AppError> {
        let permit = self.permit::<_, action::UserList>(ctx, Everything)?;
        Ok(self.store.user_list(&permit).await?)
    }

    /// Makes a user.
    ///
    /// # Errors
    /// When the caller may not, the name is taken or malformed, or the password too weak.
    pub async fn user_create(&self, ctx: &Ctx, name: &str, password: SecretString, role: RoleName) -> Result<User, AppError> {
        let permit = self.permit::<_, action::UserCreate>(ctx, Everything)?;
        let name: UserName = name.parse().map_err(|error: mc_domain::name::BadName| AppError::Invalid(error.to_string()))?;
        password_check(&name, password.expose_secret()).map_err(|error| AppError::Invalid(error.to_string()))?;
        role_exists(&role)?;
        let hash = self.identity.passwords.hash(password).await?;
        let user = User { id: UserId::new(), name, role, disabled_at: None, created_at: ctx.now, last_active_at: None };
        let audit = AuditEntry::new(ctx, ctx.now, "user_create", AuditResult::Ok)
            .on("user", user.id, &user.name)
            .detail(format!("role {}", user.role));
        self.store.user_insert(&permit, &user, &hash, &audit).await?;
        self.announce_user(&user, audit);
        Ok(user)
    }

    /// Gives a user another role. It counts from their next request.
    ///
    /// # Errors
    /// When the caller may not, or it would leave no admin.
    pub async fn user_set_role(&self, ctx: &Ctx, id: UserId, role: RoleName) -> Result<User, AppError> {
        let user = self.user_find(id).await?;
        let permit = self.permit::<_, action::UserSetRole>(ctx, user)?;
        role_exists(&role)?;
        let audit = AuditEntry::new(ctx, ctx.now, "user_set_role", AuditResult::Ok)
            .on("user", id, &permit.name)
            .detail(format!("{} → {role}", permit.role));
        self.store.user_set_role(&permit, &role, &audit).await?;
        self.changed_user(id, audit).await
    }

    /// Disables or enables a user. Disabling ends every session at once.
    ///
    /// # Errors
    /// When the caller may not, or it would leave no admin.
    pub async fn user_set_active(&self, ctx: &Ctx, id: UserId, active: bool) -> Result<User, AppError> {
        let user = self.user_find(id).await?;
        let permit = self.permit::<_, action::UserUpdate>(ctx, user)?;
        let action = if active { "user_enable" } else { "user_disable" };
        let audit = AuditEntry::new(ctx, ctx.now, action, AuditResult::Ok).on("user", id, &permit.name);
        self.store.user_set_disabled(&permit, (!active).then_some(ctx.now), &audit).await?;
        self.changed_user(id, audit).await
    }

    /// Gives a user a new password and ends every session.
    ///
    /// # Errors
    /// When the caller may not, or the password is too weak.
    pub async fn user_set_password(&self, ctx: &Ctx, id: UserId, password: SecretString) -> Result<User, AppError> {
        let user = self.user_find(id).await?;
        let permit = self.permit::<_, action::UserUpdate>(ctx, user)?;
        password_check(&permit.name, password.expose_secret()).map_err(|error| AppError::Invalid(error.to_string()))?;
        let hash = self.identity.passwords.hash(password).await?;
        let audit = AuditEntry::new(ctx, ctx.now, "user_set_password", AuditResult::Ok).on("user", id, &permit.name);
        self.store.user_set_password(&permit, &hash, ctx.now, &audit).await?;
        self.changed_user(id, audit).await
    }

    /// A user by name, for the server's own command line.
    ///
    /// # Errors
    /// When there is none.
    pub async fn user_named(&self, ctx: &Ctx, name: &str) -> Result<User, AppError> {
        self.permit::<_, action::UserList>(ctx, Everything)?;
        let unknown = || AppError::NotFound(format!("there is no user {name:?}"));
        let parsed: UserName = name.parse().map_err(|_| unknown())?;
        Ok(self.store.user_by_name(&parsed).await?.ok_or_else(unknown)?.0)
    }

    async fn user_find(&self, id: UserId) -> Result<User, AppError> {
        self.store.user_by_id(id).await?.ok_or_else(|| AppError::NotFound("there is no such user".to_owned()))
    }

    async fn changed_user(&self, id: UserId, audit: AuditEntry) -> Result<User, AppError> {
        self.identity.forget_user(id);
        let user = self.user_find(id).await?;
        self.announce_user(&user, audit);
        Ok(user)
    }

    fn announce_user(&self, user: &User, audit: AuditEntry) {
        self.recorder.announce(audit);
        self.bus.publish(EventKind::UserChanged, user.id.to_string(), Change::User(user.clone().into()));
    }
}

fn role_exists(role: &RoleName) -> Result<(), AppError> {
    role.built_in().map(drop).ok_or_else(|| AppError::Invalid(format!("there is no role {role}")))
}
