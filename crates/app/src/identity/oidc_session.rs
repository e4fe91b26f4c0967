//! Sessions that hang on an identity provider.
//!
//! Whenever the provider's access token has run out, the provider is asked again with its refresh token: what it says then counts, roles and
//! groups included, and when it says that the login is over, so it is here. A provider that does not answer ends nobody's work at once: its
//! sessions go on for [`GRACE`]. A provider that gives no refresh token cannot be asked: such sessions last [`UNASKED`].

use std::time::Duration;

use mc_domain::{
    actor::Actor,
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    id::SessionId,
    login::LoginMethod,
    provider::Provider,
    session::Session,
    time::Time,
    user::User,
};
use mc_oidc::{OidcError, Person, Renewal, ask_again_after};
use mc_store::{OidcRenewed, OidcSession};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::{
    login::Visitor,
    session::{LoggedIn, login_entry},
};
use crate::{App, error::AppError, secret};

/// How long sessions go on while their provider does not answer.
const GRACE: Duration = Duration::from_secs(4 * 3_600);
/// How long a session lasts whose provider gives nothing to ask again with.
const UNASKED: Duration = Duration::from_secs(8 * 3_600);
/// How long asking may take before somebody else may try.
const TURN: Duration = Duration::from_secs(45);
/// How soon a provider that does not answer is tried again.
const TRY_AGAIN: Duration = Duration::from_secs(60);
/// The shortest life of an access token of ours.
const SHORTEST: Duration = Duration::from_secs(30);

/// What a session hangs on.
#[derive(Serialize, Deserialize)]
pub(super) struct Hang {
    pub(super) subject: String,
    sid: Option<String>,
    refresh: Option<String>,
    id_token: Option<String>,
    access_life: Option<Duration>,
    groups: Vec<String>,
    /// Whether the provider said that a second factor was shown. Of a login under way that was kept without it, nobody knows.
    #[serde(default)]
    second_factor: bool,
}

impl Hang {
    pub(super) fn new(provider: &Provider, person: &Person) -> Self {
        let text = |token: &Option<SecretString>| token.as_ref().map(|token| token.expose_secret().to_owned());
        Self {
            subject: person.subject.clone(),
            sid: person.session.clone(),
            refresh: text(&person.tokens.refresh),
            id_token: text(&person.tokens.id_token),
            access_life: person.tokens.access_life,
            groups: groups(provider, &person.groups),
            second_factor: person.second_factor,
        }
    }
}

/// The groups as the session keeps them.
pub(super) fn groups(provider: &Provider, said: &[String]) -> Vec<String> {
    said.iter().map(|group| provider.group(group)).collect()
}

impl App {
    /// Begins a session for somebody whom the provider vouches for.
    pub(super) async fn oidc_session_begin(
        &self,
        ctx: &Ctx,
        provider: &Provider,
        user: User,
        hang: Hang,
        visitor: Visitor<'_>,
    ) -> Result<LoggedIn, AppError> {
        let refresh = secret::random("mcr_");
        let mut session = self.session_new(ctx, &user, LoginMethod::Oidc(provider.name.to_string()), visitor);
        session.groups = hang.groups;
        session.second_factor = hang.second_factor;
        let ends_at = hang.refresh.is_none().then(|| ctx.now.after(UNASKED));
        if let Some(ends_at) = ends_at {
            session.expires_at = session.expires_at.min(ends_at);
        }
        let hangs = OidcSession {
            session_id: session.id,
            provider_id: provider.id,
            subject: hang.subject,
            sid: hang.sid,
            refresh_token: self.oidc_token_seal(session.id, hang.refresh.as_deref())?,
            id_token: self.oidc_token_seal(session.id, hang.id_token.as_deref())?,
            due_at: ends_at.unwrap_or_else(|| ask_again_after(hang.access_life, ctx.now)),
            failing_since: None,
            ends_at,
        };
        let audit = login_entry(ctx, self.actor(&user, &session, ctx.now), &user, &session);
        self.store.oidc_session_insert(&session, &hangs, &secret::hash(refresh.expose_secret()), &audit).await?;
        self.recorder.announce(audit);
        let life = life(&hangs, self.identity.tokens.life(), ctx.now);
        self.logged_in_for(user, &session, Some(refresh), ctx.now, life)
    }

    /// Asks the provider about a session that was just refreshed here, when it is time. Answers the user as the provider's rules make them
    /// now, and how long an access token may live.
    ///
    /// # Errors
    /// `session_ended` when the provider says so, or did not answer for too long.
    pub(super) async fn oidc_renew(&self, ctx: &Ctx, session: &Session, user: User) -> Result<(User, Duration), AppError> {
        let longest = self.identity.tokens.life();
        if !matches!(session.method, LoginMethod::Oidc(_)) {
            return Ok((user, longest));
        }
        let mut user = user;
        if let Some(hangs) = self.store.oidc_session_ask(session.id, ctx.now, TURN).await? {
            user = self.oidc_ask(ctx, session, &hangs, user).await?;
        }
        let hangs = self.store.oidc_session(session.id).await?;
        Ok((user, hangs.map_or(longest, |hangs| life(&hangs, longest, ctx.now))))
    }

    async fn oidc_ask(&self, ctx: &Ctx, session: &Session, hangs: &OidcSession, user: User) -> Result<User, AppError> {
        let found = self.store.provider_by_id(hangs.provider_id).await?;
        let Some((provider, sealed)) = found.filter(|(provider, _)| provider.enabled) else {
            return self.oidc_over(ctx, session, &user, "its provider was disabled or removed").await;
        };
        let Some(refresh) = &hangs.refresh_token else {
            return self.oidc_over(ctx, session, &user, "the provider gave nothing to ask again with").await;
        };
        let refresh = self.seal_open_text(&purpose(session.id), refresh)?;
        let renewal = match self.relying(&provider, sealed.as_deref())? {
            Ok(relying) => relying.renew(&refresh, &hangs.subject).await,
            Err(error) => Err(error),
        };
        match renewal {
            Ok(renewal) => self.oidc_renewed(ctx, session, &provider, hangs, renewal, user).await,
            Err(error) if error.is_over() => self.oidc_over(ctx, session, &user, "the provider says that the login is over").await,
            Err(OidcError::Token(why)) => self.oidc_over(ctx, session, &user, &format!("the provider's token does not hold: {why}")).await,
            Err(error) => {
                let since = hangs.failing_since.unwrap_or(ctx.now);
                if ctx.now.since(since) >= GRACE {
                    return self.oidc_over(ctx, session, &user, &format!("the provider did not answer for 4 hours: {error}")).await;
                }
                tracing::warn!(provider = %provider.name, %error, "a provider does not answer; its sessions go on for 4 hours");
                self.store.oidc_session_failing(session.id, since, ctx.now.after(TRY_AGAIN)).await?;
                Ok(user)
            }
        }
    }

    /// Keeps what the provider said: tokens, groups, and the role its rules give.
    async fn oidc_renewed(
        &self,
        ctx: &Ctx,
        session: &Session,
        provider: &Provider,
        hangs: &OidcSession,
        renewal: Renewal,
        user: User,
    ) -> Result<User, AppError> {
        let text = |token: &Option<SecretString>| self.oidc_token_seal(session.id, token.as_ref().map(|token| token.expose_secret()));
        let renewed = OidcRenewed {
            refresh_token: text(&renewal.tokens.refresh)?,
            id_token: text(&renewal.tokens.id_token)?,
            groups: renewal.said.as_ref().map(|(_, said)| groups(provider, said)),
            due_at: ask_again_after(renewal.tokens.access_life, ctx.now),
        };
        // First of all: the old refresh token may not work a second time.
        self.store.oidc_session_renewed(session.id, &renewed).await?;
        self.identity.sessions.remove(&session.id);
        let link = self.store.identity_by_subject(provider.id, &hangs.subject).await?;
        let Some((link, _)) = link.filter(|(link, _)| link.user_id == user.id) else {
            return self.oidc_over(ctx, session, &user, "the account was unlinked").await;
        };
        match renewal.said {
            Some((claims, said)) if link.role_managed => match provider.role_of(&claims, &said) {
                Some(role) => self.oidc_role(&Ctx { actor: Actor::System, ..ctx.clone() }, provider, user, role).await,
                None => self.oidc_over(ctx, session, &user, "no rule of the provider gives a role any more").await,
            },
            _ => Ok(user),
        }
    }

    /// Ends a session that a demand for a second factor has overtaken: its provider must prove one now, and said of none at the login. A new
    /// login is the only way to prove it.
    ///
    /// # Errors
    /// `session_ended` then.
    pub(super) async fn oidc_overtaken(&self, ctx: &Ctx, session: &Session, user: &User) -> Result<(), AppError> {
        if !self.second_factor_unproved(ctx.actor.roles(), session, ctx.now).await? {
            return Ok(());
        }
        let why = "a role demands a second factor, and the provider said of none at the login";
        self.oidc_over(ctx, session, user, why).await.map(drop)
    }

    /// Ends a session because of its provider.
    async fn oidc_over(&self, ctx: &Ctx, session: &Session, user: &User, why: &str) -> Result<User, AppError> {
        let audit = AuditEntry::new(&Ctx { actor: Actor::System, ..ctx.clone() }, ctx.now, "session_end", AuditResult::Ok)
            .on("user", user.id, &user.name)
            .detail(format!("{}: {why}", session.method));
        self.store.session_revoke(session.id, ctx.now, &audit).await?;
        self.identity.sessions.remove(&session.id);
        self.recorder.announce(audit);
        Err(super::session::SESSION_ENDED)
    }

    /// Where to send the browser after a logout here, to be logged out at the provider too.
    pub(super) async fn oidc_end_url(&self, session: SessionId) -> Option<String> {
        let hangs = self.store.oidc_session(session).await.ok()??;
        let (provider, sealed) = self.store.provider_by_id(hangs.provider_id).await.ok()??;
        let relying = self.relying(&provider, sealed.as_deref()).ok()?.ok()?;
        let id_token = hangs.id_token.and_then(|sealed| self.seal_open_text(&purpose(session), &sealed).ok());
        let url = relying.end_session_url(id_token.as_ref(), &format!("{}/login", self.settings.public_url)).await;
        url.ok().flatten().map(Into::into)
    }

    /// The provider says that logins are over. The answer says nothing about whether there were any.
    ///
    /// # Errors
    /// When the token does not hold, was used before, or cannot be checked now.
    pub async fn oidc_backchannel_logout(&self, ctx: &Ctx, name: &str, token: &str) -> Result<(), AppError> {
        let (provider, sealed) = self.provider_find(name).await?;
        let checked = match self.relying(&provider, sealed.as_deref())? {
            Ok(relying) => relying.logout_token(token).await,
            Err(error) => Err(error),
        };
        let audit = |result, detail: String| {
            AuditEntry::new(ctx, ctx.now, "backchannel_logout", result).on("provider", provider.id, &provider.name).detail(detail)
        };
        let token = match checked {
            Ok(token) => token,
            Err(error @ OidcError::Token(_)) => {
                self.recorder.record(audit(AuditResult::Denied, error.to_string())).await?;
                return Err(AppError::Invalid(error.to_string()));
            }
            Err(error) => return Err(AppError::Unavailable(error.to_string())),
        };
        if !self.store.oidc_logout_spend(provider.id, &token.id, token.until).await? {
            self.recorder.record(audit(AuditResult::Denied, "the logout token was used before".to_owned())).await?;
            return Err(AppError::Invalid("the logout token was used before".to_owned()));
        }
        let (subject, session) = (token.subject.as_deref(), token.session.as_deref());
        let named = |what: &str, value: Option<&str>| value.map(|value| format!("{what} {value}"));
        let whose: Vec<String> = [named("subject", subject), named("session", session)].into_iter().flatten().collect();
        let entry = audit(AuditResult::Ok, whose.join(", "));
        let ended = self.store.oidc_sessions_end(provider.id, subject, session, ctx.now, &entry).await?;
        for session in &ended {
            self.identity.sessions.remove(session);
        }
        if !ended.is_empty() {
            self.recorder.announce(entry);
        }
        Ok(())
    }

    fn oidc_token_seal(&self, session: SessionId, token: Option<&str>) -> Result<Option<String>, AppError> {
        token.map(|token| self.seal.seal(&purpose(session), token.as_bytes())).transpose()
    }
}

fn purpose(session: SessionId) -> String {
    format!("oidc-session:{session}")
}

/// How long an access token of ours lives: no longer than until the provider is to be asked.
fn life(hangs: &OidcSession, longest: Duration, now: Time) -> Duration {
    hangs.due_at.since(now).clamp(SHORTEST.min(longest), longest)
}
