//! Logging in, staying logged in, logging out.

use std::time::Duration;

use mc_domain::{
    actor::{Actor, Credential, Owed},
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    id::{RequestId, SessionId},
    login::LoginMethod,
    session::Session,
    time::Time,
    user::User,
};
use mc_store::Refresh;
use secrecy::{ExposeSecret, SecretString};

use super::{
    api_token,
    login::{Proved, Visitor},
    token::Bearer,
};
use crate::{App, error::AppError, secret};

/// How long a cached session is trusted without reading it again: other replicas may have ended it.
const CACHED_FOR: Duration = Duration::from_secs(15);
/// Two tabs may refresh at the same moment: the token before the newest works this much longer.
const REFRESH_GRACE: Duration = Duration::from_secs(10);

/// A login, or its refresh.
#[derive(Debug)]
pub struct LoggedIn {
    /// Signed access token.
    pub access: SecretString,
    /// How long it lives.
    pub access_life: Duration,
    /// The new refresh token; `None` when the one in use stays.
    pub refresh: Option<SecretString>,
    /// How long the login lives without a refresh.
    pub refresh_life: Duration,
    /// Which login.
    pub session: SessionId,
    /// What makes this device known at the next login.
    pub device: Option<SecretString>,
    /// Whose.
    pub user: User,
    /// The user as an actor.
    pub actor: Actor,
}

pub(crate) const SESSION_ENDED: AppError = AppError::Unauthenticated { code: "session_ended", text: "the session has ended: log in again" };
pub(crate) const UNAUTHENTICATED: AppError = AppError::Unauthenticated { code: "unauthenticated", text: "log in first" };

impl App {
    /// Begins a session for somebody who proved who they are.
    pub(crate) async fn session_begin(&self, ctx: &Ctx, proved: Proved, visitor: Visitor<'_>) -> Result<LoggedIn, AppError> {
        let Proved { user, password_hash, method } = proved;
        let refresh = secret::random("mcr_");
        let session = self.session_new(ctx, &user, method, visitor);
        let audit = login_entry(ctx, self.actor(&user, &session, ctx.now), &user, &session);
        self.store.session_insert(&session, password_hash.as_deref(), &secret::hash(refresh.expose_secret()), &audit).await?;
        self.recorder.announce(audit);
        let device = self.device_note(user.id, visitor.known, ctx.now)?;
        Ok(LoggedIn { device: Some(device), ..self.logged_in(user, &session, Some(refresh), ctx.now)? })
    }

    pub(crate) fn session_new(&self, ctx: &Ctx, user: &User, method: LoginMethod, visitor: Visitor<'_>) -> Session {
        Session {
            id: SessionId::new(),
            user_id: user.id,
            address: ctx.address.clone().unwrap_or_default(),
            device: visitor.device_text(),
            method,
            verified_at: ctx.now,
            created_at: ctx.now,
            last_used_at: ctx.now,
            expires_at: ctx.now.after(self.settings.refresh_life),
            revoked_at: None,
            groups: Vec::new(),
            second_factor: false,
        }
    }

    pub(crate) fn logged_in(&self, user: User, session: &Session, refresh: Option<SecretString>, now: Time) -> Result<LoggedIn, AppError> {
        self.logged_in_for(user, session, refresh, now, self.identity.tokens.life())
    }

    /// A login whose access token lives so long.
    pub(crate) fn logged_in_for(
        &self,
        user: User,
        session: &Session,
        refresh: Option<SecretString>,
        now: Time,
        access_life: Duration,
    ) -> Result<LoggedIn, AppError> {
        Ok(LoggedIn {
            access: self.identity.tokens.issue(user.id, session.id, now, access_life)?.into(),
            access_life,
            refresh,
            refresh_life: self.settings.refresh_life,
            session: session.id,
            device: None,
            actor: self.actor(&user, session, now),
            user,
        })
    }

    /// Trades a refresh token for a new pair. A token used twice ends the whole session: one of the two users stole it.
    ///
    /// # Errors
    /// `session_ended`.
    pub async fn session_refresh(&self, ctx: &Ctx, token: &SecretString) -> Result<LoggedIn, AppError> {
        let fresh = secret::random("mcr_");
        let (old, new) = (secret::hash(token.expose_secret()), secret::hash(fresh.expose_secret()));
        let expires = ctx.now.after(self.settings.refresh_life);
        let reuse = |session: &Session, user: &User| {
            AuditEntry::new(&ctx.acting_as(self.actor(user, session, ctx.now)), ctx.now, "session_reuse", AuditResult::Denied)
                .on("session", session.id, &user.name)
                .detail("a refresh token was used twice; the session was ended")
        };
        match self.store.session_refresh(&old, &new, ctx.now, expires, REFRESH_GRACE, reuse).await? {
            Refresh::Rotated(session, user) => {
                let (user, life) = self.oidc_renew(ctx, &session, user).await?;
                self.logged_in_for(user, &session, Some(fresh), ctx.now, life)
            }
            Refresh::Recent(session, user) => {
                let (user, life) = self.oidc_renew(ctx, &session, user).await?;
                self.logged_in_for(user, &session, None, ctx.now, life)
            }
            Refresh::Reused(session, entry) => {
                self.identity.sessions.remove(&session);
                self.recorder.announce(*entry);
                Err(SESSION_ENDED)
            }
            Refresh::Unknown | Refresh::Ended => Err(SESSION_ENDED),
        }
    }

    /// Ends the caller's session; says where to go to be logged out at the identity provider too, if it came by one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn logout(&self, ctx: &Ctx) -> Result<Option<String>, AppError> {
        let Actor::User { id, name, credential: Credential::Session { id: session, .. }, .. } = &ctx.actor else { return Ok(None) };
        let redirect = self.oidc_end_url(*session).await;
        let audit = AuditEntry::new(ctx, ctx.now, "logout", AuditResult::Ok).on("user", id, name);
        self.store.session_revoke(*session, ctx.now, &audit).await?;
        self.identity.sessions.remove(session);
        self.recorder.announce(audit);
        Ok(redirect)
    }

    /// Ends the session of a refresh token, for a caller whose access token has run out. Says nothing about tokens that are none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn logout_by_refresh(&self, ctx: &Ctx, token: &SecretString) -> Result<Option<String>, AppError> {
        match self.session_refresh(ctx, token).await {
            Ok(found) => self.logout(&ctx.acting_as(found.actor)).await,
            Err(AppError::Unauthenticated { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Who a bearer of `token` is now: the role and the account's state are read, not taken from the token.
    ///
    /// # Errors
    /// `unauthenticated`, or when the database does not answer.
    pub async fn authenticate(&self, token: &str, request_id: RequestId, address: Option<String>) -> Result<Ctx, AppError> {
        self.known(token, request_id, address, true).await
    }

    /// The same for somebody who was known a moment ago and stays connected: it counts as no new use of a token.
    ///
    /// # Errors
    /// `unauthenticated`, or when the database does not answer.
    pub async fn authenticate_again(&self, token: &str, request_id: RequestId, address: Option<String>) -> Result<Ctx, AppError> {
        self.known(token, request_id, address, false).await
    }

    async fn known(&self, token: &str, request_id: RequestId, address: Option<String>, counts: bool) -> Result<Ctx, AppError> {
        if api_token::is_one(token) {
            let ctx = self.token_authenticate(token, request_id, address, counts).await?;
            self.demands_refresh(ctx.now).await?;
            return Ok(ctx);
        }
        self.session_authenticate(token, request_id, address).await
    }

    async fn session_authenticate(&self, token: &str, request_id: RequestId, address: Option<String>) -> Result<Ctx, AppError> {
        let now = self.now();
        let bearer = self.identity.tokens.check(token, now).ok_or(UNAUTHENTICATED)?;
        self.session_ctx(bearer, request_id, address, now).await
    }

    /// The person at this login, if it still stands.
    pub(crate) async fn session_ctx(&self, bearer: Bearer, request_id: RequestId, address: Option<String>, now: Time) -> Result<Ctx, AppError> {
        let cached = self
            .identity
            .sessions
            .get(&bearer.session)
            .filter(|entry| now.since(entry.0) < CACHED_FOR)
            .map(|entry| (entry.1.clone(), entry.2.clone()));
        let (session, user) = match cached {
            Some(found) => found,
            None => {
                let (session, user) = self.store.session_live(bearer.session, now).await?.ok_or(UNAUTHENTICATED)?;
                self.identity.sessions.insert(bearer.session, (now, session.clone(), user.clone()));
                (session, user)
            }
        };
        if user.id != bearer.user {
            return Err(UNAUTHENTICATED);
        }
        self.identity.active.insert(user.id, now);
        let mut ctx = Ctx { actor: self.actor(&user, &session, now), request_id, address, now };
        self.oidc_overtaken(&ctx, &session, &user).await?;
        if let Actor::User { id, roles, credential: Credential::Session { owed, .. }, .. } = &mut ctx.actor {
            *owed = self.owed(*id, roles, &session, now).await?;
        }
        Ok(ctx)
    }

    /// The user as an actor, with the roles of this moment: to be named, and to set up a second factor. More is known of whoever was
    /// authenticated.
    pub(crate) fn actor(&self, user: &User, session: &Session, now: Time) -> Actor {
        let credential = Credential::Session { id: session.id, verified_at: session.verified_at, owed: Owed::SecondFactor };
        Actor::User {
            id: user.id,
            name: user.name.to_string(),
            roles: self.user_standing(user.id, &user.role, &session.groups, now).roles,
            credential,
        }
    }
}

/// The audit trail's line for a session that begins.
pub(crate) fn login_entry(ctx: &Ctx, actor: Actor, user: &User, session: &Session) -> AuditEntry {
    AuditEntry::new(&ctx.acting_as(actor), ctx.now, "login", AuditResult::Ok)
        .on("user", user.id, &user.name)
        .detail(format!("by {}", session.method))
}
