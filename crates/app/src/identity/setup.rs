//! The first set-up: a one-time link makes the first admin. There is no default password.

use mc_domain::{
    actor::Actor,
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    id::UserId,
    login::LoginMethod,
    name::UserName,
    role::Role,
    user::User,
};
use mc_store::Store;
use parking_lot::Mutex;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use super::{
    login::{Proved, Visitor},
    policy,
    session::LoggedIn,
};
use crate::{App, error::AppError, secret};

/// The one-time token, while no user exists.
pub(crate) struct Setup {
    token: Mutex<Option<SecretString>>,
}

impl Setup {
    pub(crate) async fn open(store: &Store) -> Result<Self, AppError> {
        let needed = store.user_count().await? == 0;
        Ok(Self { token: Mutex::new(needed.then(|| secret::random("mcs_"))) })
    }
}

impl App {
    /// Whether the first user is still to be made.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn setup_needed(&self) -> Result<bool, AppError> {
        if self.setup.token.lock().is_none() {
            return Ok(false);
        }
        let needed = self.store.user_count().await? == 0;
        if !needed {
            *self.setup.token.lock() = None;
        }
        Ok(needed)
    }

    /// The one-time token, for whoever started the server.
    #[must_use]
    pub fn setup_token(&self) -> Option<SecretString> {
        self.setup.token.lock().clone()
    }

    /// Makes the first admin and logs them in.
    ///
    /// # Errors
    /// When the token is wrong, set-up is done already, or the name or password is not good enough.
    pub async fn setup_complete(
        &self,
        ctx: &Ctx,
        token: &str,
        name: &str,
        password: SecretString,
        visitor: Visitor<'_>,
    ) -> Result<LoggedIn, AppError> {
        let right = self.setup.token.lock().as_ref().is_some_and(|known| known.expose_secret().as_bytes().ct_eq(token.as_bytes()).into());
        if !self.setup_needed().await? {
            return Err(AppError::conflict("setup_done", "set-up is done already: log in"));
        }
        if !right {
            self.recorder.record(AuditEntry::new(ctx, ctx.now, "setup_complete", AuditResult::Denied).detail("wrong set-up token")).await?;
            return Err(AppError::Unauthenticated {
                code: "setup_token_wrong",
                text: "the set-up link is not valid (any more): the server prints a new one each time it starts",
            });
        }
        let name: UserName = name.parse().map_err(|error: mc_domain::name::BadName| AppError::Invalid(error.to_string()))?;
        policy::check(&name, password.expose_secret())?;
        let hash = self.identity.passwords.hash(password).await?;
        let user = User { password_set_at: Some(ctx.now), ..User::new(UserId::new(), name, Role::Admin.into(), ctx.now) };
        let audit = AuditEntry::new(&ctx.acting_as(Actor::Console), ctx.now, "setup_complete", AuditResult::Ok)
            .on("user", user.id, &user.name)
            .detail("first admin made");
        self.store.user_insert_first(&user, &hash, &audit).await?;
        *self.setup.token.lock() = None;
        let user = self.announce_user(user, audit).await?.user;
        self.session_begin(ctx, Proved { user, password_hash: Some(hash), method: LoginMethod::Setup }, visitor).await
    }
}
