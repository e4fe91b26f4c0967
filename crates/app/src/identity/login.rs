//! Logging in with a password: who may try, whether it is right, and what comes next.

use std::time::Duration;

use mc_domain::{
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    id::LoginId,
    login::{LoginMethod, LoginRecord, LoginResult},
    user::User,
};
use secrecy::SecretString;

use super::{guard::Try, second_factor::LoginStep};
use crate::{App, error::AppError};

/// A try from an address that came in this long ago is not held up by what strangers do to the account.
pub(crate) const KNOWN_PLACE_FOR: Duration = Duration::from_secs(90 * 86_400);

const LOGIN_FAILED: AppError = AppError::Unauthenticated { code: "login_failed", text: "the user name or the password is wrong" };

/// Who stands at the door, beside the secret they bring.
#[derive(Debug, Clone, Copy, Default)]
pub struct Visitor<'a> {
    /// The `User-Agent`.
    pub device: &'a str,
    /// The cookie of an earlier login from this device.
    pub known: Option<&'a str>,
}

impl Visitor<'_> {
    /// The device as it is kept: bounded, and free of what breaks lines.
    #[must_use]
    pub fn device_text(&self) -> String {
        self.device.chars().filter(|c| !c.is_control()).take(200).collect()
    }
}

/// Somebody who proved to be this user.
#[derive(Debug)]
pub(crate) struct Proved {
    pub(crate) user: User,
    /// The hash that was checked. When it is changed before the session begins, there is no session.
    pub(crate) password_hash: Option<String>,
    pub(crate) method: LoginMethod,
}

impl App {
    /// Checks a user's password, and begins a session or asks for the second factor. Unknown user, wrong password and disabled account look alike.
    ///
    /// # Errors
    /// `login_failed`, `TooMany`, or when the database does not answer.
    pub async fn login(&self, ctx: &Ctx, name: &str, password: SecretString, visitor: Visitor<'_>) -> Result<LoginStep, AppError> {
        let proved = self.password_prove(ctx, name, password, visitor).await?;
        self.login_proceed(ctx, proved, visitor).await
    }

    /// Whether the password is that user's.
    pub(super) async fn password_prove(
        &self,
        ctx: &Ctx,
        name: &str,
        password: SecretString,
        visitor: Visitor<'_>,
    ) -> Result<Proved, AppError> {
        let found = match name.parse() {
            Ok(name) => self.store.user_by_name(&name).await?,
            Err(_) => None,
        };
        let user_id = found.as_ref().map(|(user, _)| user.id);
        let device = self.device_known(user_id, visitor.known, ctx.now);
        let mut attempt = Try::new(name, ctx.address.as_deref(), device);
        if self.identity.guard.is_slowed(&attempt, ctx.now) {
            let since = ctx.now.before(KNOWN_PLACE_FOR);
            attempt.known_place = self.store.login_from(user_id, ctx.address.as_deref().unwrap_or_default(), since).await?;
        }
        self.identity.guard.admit(&attempt, ctx.now).map_err(|wait| AppError::TooMany { wait })?;
        let hash = found.as_ref().map(|(_, hash)| hash.clone()).filter(|hash| !hash.is_empty());
        let right = self.identity.passwords.verify(password, hash).await?;
        match found {
            Some((user, hash)) if right && user.is_active() => {
                self.identity.guard.succeeded(&attempt);
                Ok(Proved { user, password_hash: Some(hash), method: LoginMethod::Password })
            }
            found => {
                let result = if right { LoginResult::Disabled } else { LoginResult::WrongPassword };
                let user = found.map(|(user, _)| user);
                self.login_failed(ctx, &attempt, user.as_ref(), (LoginMethod::Password, result), visitor).await?;
                Err(LOGIN_FAILED)
            }
        }
    }

    /// Notes a try that failed: in the audit trail, one by one or summed up, and in the user's own history.
    pub(crate) async fn login_failed(
        &self,
        ctx: &Ctx,
        attempt: &Try,
        user: Option<&User>,
        (method, result): (LoginMethod, LoginResult),
        visitor: Visitor<'_>,
    ) -> Result<(), AppError> {
        if !self.identity.guard.says(attempt, ctx.now) {
            return Ok(());
        }
        if let Some(user) = user {
            let (id, address) = (LoginId::new(), ctx.address.clone().unwrap_or_default());
            let record = LoginRecord { id, user_id: user.id, at: ctx.now, method, result, address, device: visitor.device_text() };
            let store = self.store.clone();
            // Not waited for: a try at a user there is must not take longer than one at nobody.
            tokio::spawn(async move {
                if let Err(error) = store.login_failed(&record).await {
                    tracing::warn!(%error, "a failed login is missing in the user's history");
                }
            });
        }
        self.recorder.record(AuditEntry::new(ctx, ctx.now, "login", AuditResult::Failed).on("user", "", &attempt.name)).await
    }

    /// Sums up the tries that were held up or not audited one by one since the last time.
    pub(crate) async fn login_flood(&self) -> Result<(), AppError> {
        let (by, others) = self.identity.guard.summary();
        let now = self.now();
        let entry = |place: Option<String>, name: &str, text: String| {
            let ctx = Ctx { actor: mc_domain::actor::Actor::Nobody, address: place, ..Ctx::system(now) };
            AuditEntry::new(&ctx, now, "login_flood", AuditResult::Denied).on("user", "", name).detail(text)
        };
        for (place, name, times) in by {
            self.recorder
                .record(entry(Some(place.to_string()), &name, format!("{times} tries to log in within a minute were held up")))
                .await?;
        }
        if others > 0 {
            let text = format!("{others} more tries to log in from other places or as other users were held up");
            self.recorder.record(entry(None, "", text)).await?;
        }
        Ok(())
    }
}
