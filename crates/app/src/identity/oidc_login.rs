//! What a person whom a provider vouches for becomes here: a session of a linked account, a new account, or a question for a password.

use std::time::Duration;

use mc_domain::{
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    email::Email,
    id::{SessionId, UserId},
    name::UserName,
    provider::{FactorTrust, IdentityLink, Provider, Provisioning},
    role::RoleName,
    time::Time,
    user::User,
};
use mc_oidc::Person;
use mc_store::{OidcTicket, StoreError, TicketKind};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use super::{
    login::Visitor,
    oidc::{OidcLanded, OidcRefused, OidcTarget, challenge_of},
    oidc_session::{Hang, groups},
    session::LoggedIn,
};
use crate::{App, error::AppError, secret};

/// How long somebody may take to type the password that links.
const LINK_LIFE: Duration = Duration::from_secs(600);
/// How many passwords may be tried for it.
const LINK_TRIES: u32 = 5;
/// How long the command line may take to fetch its tokens.
const CLI_LIFE: Duration = Duration::from_secs(60);
/// How many numbers are tried behind a name that is taken.
const NAMES_MAX: u32 = 50;

const TICKET_ENDED: AppError =
    AppError::Unauthenticated { code: "ticket_ended", text: "this login has ended or was tried too often: begin again" };

/// What a ticket waits with, sealed.
#[derive(Serialize, Deserialize)]
struct Waiting {
    hang: Hang,
    email: Option<String>,
    /// The challenge of the command line.
    challenge: Option<String>,
}

impl App {
    /// Where somebody lands whom the provider vouches for.
    pub(super) async fn oidc_land(
        &self,
        ctx: &Ctx,
        provider: &Provider,
        person: Person,
        target: OidcTarget,
        visitor: Visitor<'_>,
    ) -> Result<Result<OidcLanded, OidcRefused>, AppError> {
        let known = self.store.identity_by_subject(provider.id, &person.subject).await?;
        if let OidcTarget::Link(user, session, path) = target {
            let linked = self.oidc_link_profile(ctx, provider, &person, known, (user, session)).await?;
            return Ok(linked.map(|()| OidcLanded::Linked(path)));
        }
        let user = match known {
            Some((link, user)) => self.oidc_known(ctx, provider, &person, &link, user).await?,
            None => match self.oidc_namesake(&person).await? {
                Some(user) => return self.oidc_namesake_ask(ctx, provider, person, user, target).await,
                None => self.oidc_newcomer(ctx, provider, &person).await?,
            },
        };
        let user = match user {
            Ok(user) => user,
            Err(refused) => return Ok(Err(refused)),
        };
        if let Err(refused) = self.oidc_factor(ctx, provider, &person, &user).await? {
            return Ok(Err(refused));
        }
        let hang = Hang::new(provider, &person);
        Ok(Ok(match target {
            OidcTarget::Cli(port, challenge) => {
                let waiting = Waiting { hang, email: person.email, challenge: Some(challenge) };
                let code = self.oidc_ticket(ctx, provider, &user, TicketKind::Cli, &waiting).await?;
                OidcLanded::Cli(port, code)
            }
            OidcTarget::Login(path) | OidcTarget::Link(_, _, path) => {
                OidcLanded::Session(Box::new(self.oidc_session_begin(ctx, provider, user, hang, visitor).await?), path)
            }
        }))
    }

    /// Somebody whose account there is linked: still welcome, and with the role that the rules say now.
    async fn oidc_known(
        &self,
        ctx: &Ctx,
        provider: &Provider,
        person: &Person,
        link: &IdentityLink,
        user: User,
    ) -> Result<Result<User, OidcRefused>, AppError> {
        if !user.is_active() {
            return self.oidc_no(ctx, provider, "account_disabled", &format!("the account of {} is disabled", user.name)).await;
        }
        if !link.role_managed {
            return Ok(Ok(user));
        }
        match provider.role_of(&person.claims, &person.groups) {
            Some(role) => Ok(Ok(self.oidc_role(ctx, provider, user, role).await?)),
            None => self.oidc_no(ctx, provider, "no_role", &format!("no rule gives {} a role", user.name)).await,
        }
    }

    /// Gives a user the role that the provider's rules say. The last admin stays one.
    pub(super) async fn oidc_role(&self, ctx: &Ctx, provider: &Provider, user: User, role: RoleName) -> Result<User, AppError> {
        if user.role == role {
            return Ok(user);
        }
        let detail = format!("{} → {role} by the rules of oidc:{}", user.role, provider.name);
        let entry =
            |result, detail: String| AuditEntry::new(ctx, ctx.now, "user_set_role", result).on("user", user.id, &user.name).detail(detail);
        let audit = entry(AuditResult::Ok, detail.clone());
        match self.store.identity_role(user.id, &role, &audit).await {
            Ok(()) => {
                self.identity.forget_user(user.id);
                Ok(self.announce_user(User { role, ..user }, audit).await?.user)
            }
            Err(StoreError::LastAdmin) => {
                self.recorder.record(entry(AuditResult::Failed, format!("{detail}: not done, this is the last active admin"))).await?;
                Ok(user)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The user here with the same address, when both sides know that it is the person's own.
    async fn oidc_namesake(&self, person: &Person) -> Result<Option<User>, AppError> {
        let Some(email) = verified_email(person) else { return Ok(None) };
        let user = self.store.user_by_email(&email).await?;
        Ok(user.filter(|user| user.is_active() && user.verified_email().is_some()))
    }

    /// Asks for the password of the account here: an address alone links nothing.
    async fn oidc_namesake_ask(
        &self,
        ctx: &Ctx,
        provider: &Provider,
        person: Person,
        user: User,
        target: OidcTarget,
    ) -> Result<Result<OidcLanded, OidcRefused>, AppError> {
        let by_password = matches!(target, OidcTarget::Login(_)) && self.oidc_password_is_enough(&user, ctx.now).await?;
        if !by_password {
            let why = format!("the address is that of {}, who must log in here and link from the profile", user.name);
            return self.oidc_no(ctx, provider, "link_from_profile", &why).await;
        }
        let waiting = Waiting { hang: Hang::new(provider, &person), email: person.email, challenge: None };
        let ticket = self.oidc_ticket(ctx, provider, &user, TicketKind::Link, &waiting).await?;
        Ok(Ok(OidcLanded::Confirm(ticket)))
    }

    /// Whether a role that the user has, by these groups too, demands a second factor: as the settings are now.
    async fn oidc_factor_demanded(&self, user: &User, groups: &[String], now: Time) -> Result<bool, AppError> {
        self.demands_read(now).await?;
        Ok(self.second_factor_demanded(&self.user_standing(user.id, &user.role, groups, now).roles))
    }

    /// Whether the password alone opens the account: there is one, and no second factor that linking would go around.
    async fn oidc_password_is_enough(&self, user: &User, now: Time) -> Result<bool, AppError> {
        let password = self.store.user_with_password(user.id).await?.is_some_and(|(_, hash)| !hash.is_empty());
        let has_factor = self.store.second_factors(user.id).await?.any();
        Ok(password && !has_factor && !self.oidc_factor_demanded(user, &[], now).await?)
    }

    /// An account for somebody new, when that is wanted.
    async fn oidc_newcomer(&self, ctx: &Ctx, provider: &Provider, person: &Person) -> Result<Result<User, OidcRefused>, AppError> {
        let who: String = person.email.as_deref().unwrap_or(&person.subject).chars().filter(|c| !c.is_control()).take(100).collect();
        if provider.provisioning == Provisioning::Link {
            return self.oidc_no(ctx, provider, "not_linked", &format!("{who:?} has no account here, and none is made")).await;
        }
        let Some(role) = provider.role_of(&person.claims, &person.groups) else {
            return self.oidc_no(ctx, provider, "no_role", &format!("no rule gives {who:?} a role")).await;
        };
        let mut email = verified_email(person);
        let mut names = names(person).into_iter();
        let mut name = names.next();
        while let Some(tried) = name {
            let mut user = User::new(UserId::new(), tried, role.clone(), ctx.now);
            user.display_name = person.display_name.as_deref().and_then(|name| name.parse().ok()).unwrap_or_default();
            user.email_verified_at = email.as_ref().map(|_| ctx.now);
            user.email.clone_from(&email);
            let link = link(provider, person.subject.clone(), person.email.clone(), user.id, true, ctx);
            let audit = AuditEntry::new(ctx, ctx.now, "user_create", AuditResult::Ok)
                .on("user", user.id, &user.name)
                .detail(format!("by oidc:{}, subject {:?}, role {role}", provider.name, person.subject));
            match self.store.identity_provision(&user, &link, &audit).await {
                Ok(()) => return Ok(Ok(self.announce_user(user, audit).await?.user)),
                Err(StoreError::NameTaken) => name = names.next(),
                // Somebody here uses the address without having proved it: it stays theirs, and links nothing.
                Err(StoreError::EmailTaken) => {
                    email = None;
                    name = Some(user.name);
                }
                Err(StoreError::SeatsFull) => {
                    return self.oidc_no(ctx, provider, "seats_full", &format!("no seat is left for {who:?}")).await;
                }
                Err(StoreError::Conflict(_)) => return Ok(Err(OidcRefused("try_again"))),
                Err(error) => return Err(error.into()),
            }
        }
        self.oidc_no(ctx, provider, "no_name", &format!("no user name is free for {who:?}")).await
    }

    /// Whether the provider showed the second factor that the user's role needs, where it must.
    async fn oidc_factor(&self, ctx: &Ctx, provider: &Provider, person: &Person, user: &User) -> Result<Result<(), OidcRefused>, AppError> {
        if provider.second_factor == FactorTrust::Provider || person.second_factor {
            return Ok(Ok(()));
        }
        if !self.oidc_factor_demanded(user, &groups(provider, &person.groups), ctx.now).await? {
            return Ok(Ok(()));
        }
        let why = format!("a role of {} needs a second factor, and the provider says of none", user.name);
        self.oidc_no(ctx, provider, "second_factor_missing", &why).await
    }

    /// Links the account at the provider to the user who asked for it from the profile.
    async fn oidc_link_profile(
        &self,
        ctx: &Ctx,
        provider: &Provider,
        person: &Person,
        known: Option<(IdentityLink, User)>,
        (user, session): (UserId, SessionId),
    ) -> Result<Result<(), OidcRefused>, AppError> {
        // Who was logged out meanwhile, by whomever, links nothing any more.
        let live = self.store.session_live(session, ctx.now).await?.filter(|(_, owner)| owner.id == user);
        let Some((_, user)) = live else { return Ok(Err(OidcRefused("login_first"))) };
        match known {
            Some((_, owner)) if owner.id == user.id => return Ok(Ok(())),
            Some((_, owner)) => {
                let why = format!("{} wanted to link an account that belongs to {}", user.name, owner.name);
                return self.oidc_no(ctx, provider, "identity_taken", &why).await;
            }
            None => {}
        }
        match self.oidc_link(ctx, provider, &user, person.subject.clone(), person.email.clone()).await {
            Ok(()) => Ok(Ok(())),
            Err(AppError::Conflict { .. }) => {
                self.oidc_no(ctx, provider, "already_linked", &format!("{} has another account of this provider linked", user.name)).await
            }
            Err(error) => Err(error),
        }
    }

    async fn oidc_link(&self, ctx: &Ctx, provider: &Provider, user: &User, subject: String, email: Option<String>) -> Result<(), AppError> {
        let audit = AuditEntry::new(ctx, ctx.now, "identity_link", AuditResult::Ok)
            .on("user", user.id, &user.name)
            .detail(format!("oidc:{}, subject {subject:?}", provider.name));
        self.store.identity_insert(&link(provider, subject, email, user.id, false, ctx), &audit).await?;
        self.recorder.announce(audit);
        Ok(())
    }

    /// Links an account with the password of the user it belongs to, and begins a session.
    ///
    /// # Errors
    /// `ticket_ended`, `login_failed`, or when the database does not answer.
    pub async fn oidc_link_confirm(
        &self,
        ctx: &Ctx,
        ticket: &SecretString,
        password: SecretString,
        visitor: Visitor<'_>,
    ) -> Result<LoggedIn, AppError> {
        let (kept, waiting, provider) = self.oidc_ticket_open(ctx, ticket, TicketKind::Link).await?;
        let user = self.store.user_by_id(kept.user_id).await?.ok_or(TICKET_ENDED)?;
        let proved = self.password_prove(ctx, user.name.as_str(), password, visitor).await?;
        if !self.store.oidc_ticket_spend(&kept.hash).await? {
            return Err(TICKET_ENDED);
        }
        self.oidc_link(ctx, &provider, &proved.user, waiting.hang.subject.clone(), waiting.email).await?;
        self.oidc_session_begin(ctx, &provider, proved.user, waiting.hang, visitor).await
    }

    /// Trades the one-time code of a browser for a session of the command line that began the login.
    ///
    /// # Errors
    /// `ticket_ended`, or when the database does not answer.
    pub async fn cli_exchange(
        &self,
        ctx: &Ctx,
        code: &SecretString,
        verifier: &SecretString,
        visitor: Visitor<'_>,
    ) -> Result<LoggedIn, AppError> {
        let (kept, waiting, provider) = self.oidc_ticket_open(ctx, code, TicketKind::Cli).await?;
        let shown = challenge_of(verifier.expose_secret());
        let right = waiting.challenge.is_some_and(|challenge| bool::from(challenge.as_bytes().ct_eq(shown.as_bytes())));
        // Used up in any case: a code that somebody else has is worth nothing.
        let first = self.store.oidc_ticket_spend(&kept.hash).await?;
        let user = self.store.user_by_id(kept.user_id).await?.filter(User::is_active);
        let Some(user) = user.filter(|_| right && first) else {
            self.oidc_refused(ctx, &provider, AuditResult::Denied, "the command line did not show the secret it began with").await?;
            return Err(TICKET_ENDED);
        };
        self.oidc_session_begin(ctx, &provider, user, waiting.hang, visitor).await
    }

    async fn oidc_ticket(
        &self,
        ctx: &Ctx,
        provider: &Provider,
        user: &User,
        kind: TicketKind,
        waiting: &Waiting,
    ) -> Result<SecretString, AppError> {
        let ticket = secret::random("mco_");
        let hash = secret::hash(ticket.expose_secret());
        let (tries_left, life) = if kind == TicketKind::Link { (LINK_TRIES, LINK_LIFE) } else { (1, CLI_LIFE) };
        let content = self.oidc_seal(&format!("oidc-ticket:{hash}"), waiting)?;
        let kept =
            OidcTicket { hash, kind, provider_id: provider.id, user_id: user.id, content, tries_left, expires_at: ctx.now.after(life) };
        self.store.oidc_ticket_insert(&kept, ctx.now).await?;
        Ok(ticket)
    }

    async fn oidc_ticket_open(
        &self,
        ctx: &Ctx,
        ticket: &SecretString,
        kind: TicketKind,
    ) -> Result<(OidcTicket, Waiting, Provider), AppError> {
        let kept = self.store.oidc_ticket_try(&secret::hash(ticket.expose_secret()), kind, ctx.now).await?.ok_or(TICKET_ENDED)?;
        let waiting = self.oidc_open(&format!("oidc-ticket:{}", kept.hash), &kept.content)?;
        let found = self.store.provider_by_id(kept.provider_id).await?.filter(|(provider, _)| provider.enabled);
        let (provider, _) = found.ok_or(TICKET_ENDED)?;
        Ok((kept, waiting, provider))
    }

    /// Refuses with a code for the page, and says why in the audit trail.
    async fn oidc_no<T>(&self, ctx: &Ctx, provider: &Provider, code: &'static str, why: &str) -> Result<Result<T, OidcRefused>, AppError> {
        self.oidc_refused(ctx, provider, AuditResult::Denied, why).await?;
        Ok(Err(OidcRefused(code)))
    }
}

fn verified_email(person: &Person) -> Option<Email> {
    person.email.as_ref().filter(|_| person.email_verified)?.parse().ok()
}

/// Names to try for a new account: what the person is called, then the best of these with numbers.
fn names(person: &Person) -> Vec<UserName> {
    let mut names: Vec<UserName> = person.names.iter().filter_map(|name| UserName::from_outside(name)).collect();
    if names.is_empty() {
        names.extend(UserName::from_outside("user"));
    }
    if let Some(first) = names.first().cloned() {
        names.extend((2..NAMES_MAX).filter_map(|number| first.numbered(number)));
    }
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

fn link(provider: &Provider, subject: String, email: Option<String>, user_id: UserId, role_managed: bool, ctx: &Ctx) -> IdentityLink {
    IdentityLink {
        provider_id: provider.id,
        provider: provider.name.clone(),
        subject,
        user_id,
        email,
        role_managed,
        linked_at: ctx.now,
        last_login_at: None,
    }
}
