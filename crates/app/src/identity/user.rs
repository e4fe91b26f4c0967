//! Users: listed, made, changed, disabled, deleted, given roles.

use std::sync::Arc;

use mc_domain::{
    action,
    actor::{Actor, ActorKind, Credential},
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    email::Email,
    event::EventKind,
    id::{SessionId, TokenId, UserId},
    name::UserName,
    permit::Everything,
    role::{Role, RoleName},
    session::Session,
    time::Time,
    user::{DisplayName, User},
};
use mc_policy::Asker;
use mc_store::UserFilter;
use secrecy::{ExposeSecret, SecretString};

use super::{link::LinkMade, policy};
use crate::{App, Change, error::AppError};

/// The caller, with what they may do.
#[derive(Debug, Clone)]
pub struct Me {
    /// A user or a service.
    pub kind: ActorKind,
    /// The id of the account, or of the service token.
    pub id: String,
    /// The login name, or the service token's name.
    pub name: String,
    /// The role the account always has; a service has none of its own.
    pub role: Option<RoleName>,
    /// Every role now.
    pub roles: Vec<RoleName>,
    /// This login; `None` for a token.
    pub session: Option<SessionId>,
    /// The token's id and name, when one was shown.
    pub token: Option<(TokenId, String)>,
    /// Names of the actions that the roles allow, and the token's scopes.
    pub allowed: Vec<&'static str>,
    /// When the account or the service token was made.
    pub created_at: Time,
}

/// A user as admins see one.
#[derive(Debug, Clone)]
pub struct UserView {
    /// The account.
    pub user: User,
    /// Until when strangers are held up who try to log in as this user. The user's own devices are not.
    pub locked_until: Option<Time>,
    /// Whether a second factor is set up.
    pub second_factor: bool,
    /// Identity providers that are linked, by name.
    pub providers: Vec<String>,
}

/// Which users to list.
#[derive(Debug, Clone, Default)]
pub struct UserQuery {
    /// Part of the login name, display name or address.
    pub q: Option<String>,
    /// In which state.
    pub status: Option<UserStatus>,
    /// Whose own role it is.
    pub role: Option<RoleName>,
}

/// The state of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserStatus {
    /// Can log in.
    Active,
    /// Cannot.
    Disabled,
    /// Strangers who try to log in as this user are held up.
    Locked,
}

impl std::str::FromStr for UserStatus {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "active" => Ok(Self::Active),
            "disabled" => Ok(Self::Disabled),
            "locked" => Ok(Self::Locked),
            _ => Err("status must be active, disabled or locked".to_owned()),
        }
    }
}

/// A user to be made.
#[derive(Debug)]
pub struct UserWish {
    /// Login name.
    pub name: String,
    /// The first password. Without one, a link is made with which the user sets it.
    pub password: Option<SecretString>,
    /// The role.
    pub role: RoleName,
    /// The name people see.
    pub display_name: String,
    /// Where the person's mail goes; empty for nowhere.
    pub email: String,
}

/// Changes of names and addresses; what is `None` stays, what is empty is removed.
#[derive(Debug, Clone, Default)]
pub struct ProfileWish {
    /// The name people see.
    pub display_name: Option<String>,
    /// Where the person's mail goes.
    pub email: Option<String>,
}

impl ProfileWish {
    pub(super) fn parse(&self) -> Result<(Option<DisplayName>, Option<Option<Email>>), AppError> {
        let name = self.display_name.as_deref().map(str::parse).transpose().map_err(invalid)?;
        let email = self.email.as_deref().map(email_of).transpose()?;
        Ok((name, email))
    }
}

/// An address, or none when the text is empty.
pub(super) fn email_of(text: &str) -> Result<Option<Email>, AppError> {
    let text = text.trim();
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(invalid) }
}

pub(super) fn invalid(error: impl std::fmt::Display) -> AppError {
    AppError::Invalid(error.to_string())
}

impl App {
    /// The caller.
    ///
    /// # Errors
    /// When the caller is neither a user nor a service.
    pub async fn me_show(&self, ctx: &Ctx) -> Result<Me, AppError> {
        self.permit::<_, action::MeShow>(ctx, Everything)?;
        let Actor::Service { id, name, .. } = &ctx.actor else {
            let user = self.user_find(caller(ctx)?).await?;
            return Ok(self.me(user, &ctx.actor));
        };
        let token = self.store.api_token_by_id(*id).await?.ok_or_else(|| AppError::NotFound("there is no such token".to_owned()))?;
        Ok(Me {
            kind: ActorKind::Service,
            id: id.to_string(),
            name: name.clone(),
            role: None,
            roles: ctx.actor.roles().to_vec(),
            session: None,
            token: Some((*id, name.clone())),
            allowed: self.allowed(&ctx.actor),
            created_at: token.created_at,
        })
    }

    /// What a user may do, as told at login.
    #[must_use]
    pub fn me(&self, user: User, actor: &Actor) -> Me {
        let token = match actor {
            Actor::User { credential: Credential::Token { id, name, .. }, .. } => Some((*id, name.clone())),
            _ => None,
        };
        Me {
            kind: ActorKind::User,
            id: user.id.to_string(),
            name: user.name.to_string(),
            role: Some(user.role),
            roles: actor.roles().to_vec(),
            session: actor.session(),
            token,
            allowed: self.allowed(actor),
            created_at: user.created_at,
        }
    }

    fn allowed(&self, actor: &Actor) -> Vec<&'static str> {
        let asker = Asker { scopes: actor.scopes(), ..Asker::with_roles(actor.roles()) };
        self.gate.snapshot().allowed(&asker)
    }

    /// Users by name, those after `after` when given, and how many match.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn user_list(&self, ctx: &Ctx, query: UserQuery, limit: u32, after: Option<&str>) -> Result<(Vec<UserView>, u64), AppError> {
        let permit = self.permit::<_, action::UserList>(ctx, Everything)?;
        let locked = || self.identity.guard.slowed(ctx.now).iter().filter_map(|name| name.parse().ok()).collect();
        let filter = UserFilter {
            q: query.q.filter(|q| !q.is_empty()),
            active: query.status.and_then(|status| (status != UserStatus::Locked).then_some(status == UserStatus::Active)),
            role: query.role,
            names: (query.status == Some(UserStatus::Locked)).then(locked),
        };
        let (users, total) = self.store.user_list(&permit, &filter, limit, after).await?;
        Ok((self.user_views(users).await?, total))
    }

    /// One user.
    ///
    /// # Errors
    /// When there is none, or the caller may not.
    pub async fn user_show(&self, ctx: &Ctx, id: UserId) -> Result<UserView, AppError> {
        let user = self.user_find(id).await?;
        let permit = self.permit::<_, action::UserShow>(ctx, user)?;
        self.user_view(permit.into_inner()).await
    }

    /// Makes a user; without a password also a link with which the user sets it, which is sent when there is an address.
    ///
    /// # Errors
    /// When the caller may not, the name or address is taken or malformed, the password too weak, or every seat is taken.
    pub async fn user_create(&self, ctx: &Ctx, wish: UserWish) -> Result<(UserView, Option<LinkMade>), AppError> {
        let permit = self.permit::<_, action::UserCreate>(ctx, Everything)?;
        let name: UserName = wish.name.parse().map_err(invalid)?;
        self.may_give::<action::UserCreate>(ctx, &wish.role).await?;
        self.role_exists(&wish.role)?;
        let mut user = User::new(UserId::new(), name, wish.role, ctx.now);
        user.display_name = wish.display_name.parse().map_err(invalid)?;
        user.email = email_of(&wish.email)?;
        let hash = match wish.password {
            Some(password) => {
                policy::check(&user.name, password.expose_secret())?;
                user.password_set_at = Some(ctx.now);
                self.identity.passwords.hash(password).await?
            }
            None => String::new(),
        };
        let audit = AuditEntry::new(ctx, ctx.now, "user_create", AuditResult::Ok)
            .on("user", user.id, &user.name)
            .detail(format!("role {}", user.role));
        self.store.user_insert(&permit, &user, &hash, &audit).await?;
        let link = if hash.is_empty() { Some(self.welcome_link(ctx, &user).await?) } else { None };
        Ok((self.announce_user(user, audit).await?, link))
    }

    /// Gives a user another role. It counts from their next request.
    ///
    /// # Errors
    /// When the caller may not, or it would leave no admin.
    pub async fn user_set_role(&self, ctx: &Ctx, id: UserId, role: RoleName) -> Result<UserView, AppError> {
        let user = self.user_find(id).await?;
        let permit = self.permit::<_, action::UserSetRole>(ctx, user)?;
        self.may_give::<action::UserSetRole>(ctx, &role).await?;
        self.role_exists(&role)?;
        if role != Role::Admin {
            self.admin_remains_without(ctx, &permit).await?;
        }
        let audit = AuditEntry::new(ctx, ctx.now, "user_set_role", AuditResult::Ok)
            .on("user", id, &permit.name)
            .detail(format!("{} → {role}", permit.role));
        self.store.user_set_role(&permit, &role, &audit).await?;
        self.changed_user(id, audit).await
    }

    /// Disables or enables a user. Disabling ends every session at once.
    ///
    /// # Errors
    /// When the caller may not, it would leave no admin, or every seat is taken.
    pub async fn user_set_active(&self, ctx: &Ctx, id: UserId, active: bool) -> Result<UserView, AppError> {
        let user = self.user_find(id).await?;
        let permit = self.permit::<_, action::UserUpdate>(ctx, user)?;
        if !active {
            self.admin_remains_without(ctx, &permit).await?;
        }
        let action = if active { "user_enable" } else { "user_disable" };
        let audit = AuditEntry::new(ctx, ctx.now, action, AuditResult::Ok).on("user", id, &permit.name);
        self.store.user_set_disabled(&permit, (!active).then_some(ctx.now), &audit).await?;
        self.changed_user(id, audit).await
    }

    /// Gives a user a new password and ends every session.
    ///
    /// # Errors
    /// When the caller may not, or the password is too weak.
    pub async fn user_set_password(&self, ctx: &Ctx, id: UserId, password: SecretString) -> Result<UserView, AppError> {
        let user = self.user_find(id).await?;
        let permit = self.permit::<_, action::UserUpdate>(ctx, user)?;
        self.not_with_a_token(ctx, "user_set_password")?;
        policy::check(&permit.name, password.expose_secret())?;
        let hash = self.identity.passwords.hash(password).await?;
        let audit = AuditEntry::new(ctx, ctx.now, "user_set_password", AuditResult::Ok).on("user", id, &permit.name);
        self.store.user_set_password(&permit, &hash, ctx.now, &audit).await?;
        self.mail_password_changed(&permit);
        self.changed_user(id, audit).await
    }

    /// Changes a user's display name or address. Another address is not proved yet.
    ///
    /// # Errors
    /// When the caller may not, or the address is malformed or taken.
    pub async fn user_set_profile(&self, ctx: &Ctx, id: UserId, wish: &ProfileWish) -> Result<UserView, AppError> {
        let user = self.user_find(id).await?;
        let permit = self.permit::<_, action::UserUpdate>(ctx, user)?;
        self.profile_set(ctx, &permit, wish, "user_update").await
    }

    pub(super) async fn profile_set(&self, ctx: &Ctx, user: &User, wish: &ProfileWish, action: &str) -> Result<UserView, AppError> {
        let (name, email) = wish.parse()?;
        let changed: Vec<&str> =
            [name.as_ref().map(|_| "display name"), email.as_ref().map(|_| "e-mail address")].into_iter().flatten().collect();
        let audit =
            AuditEntry::new(ctx, ctx.now, action.to_owned(), AuditResult::Ok).on("user", user.id, &user.name).detail(changed.join(", "));
        self.store.user_set_profile(user.id, name.as_ref(), email.as_ref().map(Option::as_ref), &audit).await?;
        if email.is_some_and(|email| email != user.email) {
            self.mail_address_changed(user);
        }
        self.changed_user(user.id, audit).await
    }

    /// Lets everybody try at once again who is held up at a user's account.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn user_unlock(&self, ctx: &Ctx, id: UserId) -> Result<UserView, AppError> {
        let user = self.user_find(id).await?;
        let permit = self.permit::<_, action::UserUpdate>(ctx, user)?;
        let audit = AuditEntry::new(ctx, ctx.now, "user_unlock", AuditResult::Ok).on("user", id, &permit.name);
        self.recorder.record(audit).await?;
        self.identity.guard.forget(permit.name.as_str());
        self.user_view(permit.into_inner()).await
    }

    /// Deletes a user: sessions, links and address are gone, the name and what the user did stay.
    ///
    /// # Errors
    /// When the caller may not, or it would leave no admin.
    pub async fn user_delete(&self, ctx: &Ctx, id: UserId) -> Result<(), AppError> {
        let user = self.user_find(id).await?;
        let permit = self.permit::<_, action::UserDelete>(ctx, user)?;
        self.admin_remains_without(ctx, &permit).await?;
        let audit = AuditEntry::new(ctx, ctx.now, "user_delete", AuditResult::Ok).on("user", id, &permit.name);
        self.store.user_delete(&permit, ctx.now, &audit).await?;
        self.identity.forget_user(id);
        self.recorder.announce(audit);
        self.bus.publish(EventKind::UserRemoved, id.to_string(), Change::UserRemoved(id));
        Ok(())
    }

    /// A user's open sessions.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn user_sessions(&self, ctx: &Ctx, id: UserId) -> Result<Vec<Session>, AppError> {
        let user = self.user_find(id).await?;
        self.permit::<_, action::UserSessions>(ctx, user)?;
        Ok(self.store.session_list(id, ctx.now).await?)
    }

    /// Ends all of a user's sessions.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn user_sessions_end(&self, ctx: &Ctx, id: UserId) -> Result<(), AppError> {
        let user = self.user_find(id).await?;
        let permit = self.permit::<_, action::UserSessionsEnd>(ctx, user)?;
        let audit = AuditEntry::new(ctx, ctx.now, "user_sessions_end", AuditResult::Ok).on("user", id, &permit.name);
        self.store.session_end_all(id, None, ctx.now, &audit).await?;
        self.identity.forget_user(id);
        self.recorder.announce(audit);
        Ok(())
    }

    /// A user by name, for the server's own command line.
    ///
    /// # Errors
    /// When there is none.
    pub async fn user_named(&self, ctx: &Ctx, name: &str) -> Result<User, AppError> {
        self.permit::<_, action::UserList>(ctx, Everything)?;
        let unknown = || AppError::NotFound(format!("there is no user {name:?}"));
        let parsed: UserName = name.parse().map_err(|_| unknown())?;
        let found = self.store.user_by_name(&parsed).await?.map(|(user, _)| user);
        found.filter(|user| user.deleted_at.is_none()).ok_or_else(unknown)
    }

    /// A user who was not deleted.
    pub(crate) async fn user_find(&self, id: UserId) -> Result<User, AppError> {
        let found = self.store.user_by_id(id).await?.filter(|user| user.deleted_at.is_none());
        found.ok_or_else(|| AppError::NotFound("there is no such user".to_owned()))
    }

    /// A user as admins see one.
    pub(crate) async fn user_view(&self, user: User) -> Result<UserView, AppError> {
        let views = self.user_views(vec![user]).await?;
        views.into_iter().next().ok_or_else(|| AppError::Internal("a user has no view".to_owned()))
    }

    async fn user_views(&self, users: Vec<User>) -> Result<Vec<UserView>, AppError> {
        let now = self.now();
        let ids: Vec<UserId> = users.iter().map(|user| user.id).collect();
        let mut extras = self.store.user_extras(&ids).await?;
        let view = |user: User| {
            let extra = extras.remove(&user.id).unwrap_or_default();
            let locked_until = self.identity.guard.slowed_until(user.name.as_str(), now);
            UserView { locked_until, second_factor: extra.second_factor, providers: extra.providers, user }
        };
        Ok(users.into_iter().map(view).collect())
    }

    /// Tells of a changed user, once it is stored.
    pub(crate) async fn changed_user(&self, id: UserId, audit: AuditEntry) -> Result<UserView, AppError> {
        self.identity.forget_user(id);
        let user = self.user_find(id).await?;
        self.announce_user(user, audit).await
    }

    pub(crate) async fn announce_user(&self, user: User, audit: AuditEntry) -> Result<UserView, AppError> {
        self.recorder.announce(audit);
        let view = self.user_view(user).await?;
        self.bus.publish(EventKind::UserChanged, view.user.id.to_string(), Change::User(Arc::new(view.clone())));
        Ok(view)
    }
}

/// The user who asks, for what is one's own.
pub(crate) fn caller(ctx: &Ctx) -> Result<UserId, AppError> {
    match &ctx.actor {
        Actor::User { id, .. } => Ok(*id),
        _ => Err(AppError::NotFound("you are no user".to_owned())),
    }
}
