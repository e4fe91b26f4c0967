//! What roles demand of their holders beyond being allowed: a second factor, and proving again who one is before something destructive.
//!
//! The gate says whether somebody may; this says whether they may now. Both lists of roles are settings in the database; they are read
//! again when they are older than a few seconds, since another server may have changed them. What is owed is found out when a request is
//! authenticated and goes along with it; what nobody looked at counts as owed.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use dashmap::DashMap;
use mc_domain::{
    action::{self, Action},
    actor::{Actor, Credential, Owed},
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    id::{SessionId, UserId},
    login::LoginMethod,
    name::ProviderName,
    permit::Everything,
    role::RoleName,
    session::Session,
    time::Time,
    user::User,
};
use mc_store::{Shown, ShownFor};
use secrecy::SecretString;
use serde_json::Value;
use webauthn_rs::prelude::PasskeyAuthentication;

use super::{
    enrolment::login,
    guesses::Guesser,
    passkey::Opened,
    second_factor::{Judged, Method, Proof, methods},
};
use crate::{App, error::AppError};

/// How long what was read from the database is trusted.
const CACHED_FOR: Duration = Duration::from_secs(15);

/// What somebody without the second factor their role demands may still do: set one up. Logging out asks no gate.
const ENROLLING: &[&str] = &[
    action::MeShow::NAME,
    action::MeSecondFactor::NAME,
    action::MeTotpBegin::NAME,
    action::MeTotpConfirm::NAME,
    action::MeRecoveryCodes::NAME,
    action::MePasskeyBegin::NAME,
    action::MePasskeyAdd::NAME,
    action::MeStepUpBegin::NAME,
    action::MeStepUp::NAME,
];

pub(crate) const FRESH: AppError = AppError::Forbidden {
    code: "step_up_required",
    text: "prove again who you are first: confirm with your second factor or password, or log in again",
};
const FAILED: AppError = AppError::Forbidden { code: "step_up_failed", text: "this is not right, or was used before: try again" };
const TOKEN: AppError = AppError::Forbidden {
    code: "step_up_required",
    text: "a role of this token's owner asks people to prove again who they are before this: only a token whose scopes name the action itself may do it",
};
const ENROL: AppError = AppError::Forbidden {
    code: "second_factor_required",
    text: "your role demands a second factor: set one up first, or log in again to be led through it",
};

/// What roles demand by the settings, as it was read last.
#[derive(Debug, Default)]
pub(crate) struct Demands {
    read_at: Time,
    second_factor: Vec<RoleName>,
    step_up: Vec<RoleName>,
    /// Providers that must prove a second factor.
    proving: Vec<ProviderName>,
}

/// What is known of demands, and of those who were asked to meet them.
#[derive(Default)]
pub(crate) struct Demanded {
    last: ArcSwap<Demands>,
    /// Whoever reads holds this, so that nobody keeps an older reading over a newer one.
    reading: tokio::sync::Mutex<()>,
    /// Whether users of whom a second factor is demanded have one, with when that was read.
    enrolled: DashMap<UserId, (Time, bool)>,
    /// Counts the changes of what users have set up: who reads meanwhile must not keep what they read.
    changes: AtomicU64,
}

impl Demanded {
    /// Forgets what was read too long ago to be trusted.
    pub(crate) fn tidy(&self, now: Time) {
        self.enrolled.retain(|_, (read, _)| now.since(*read) < CACHED_FOR);
    }

    /// Forgets whether a user has a second factor, after it was changed.
    pub(crate) fn forget(&self, user: UserId) {
        self.changes.fetch_add(1, Ordering::AcqRel);
        self.enrolled.remove(&user);
    }

    fn known(&self, user: UserId, now: Time) -> Option<bool> {
        self.enrolled.get(&user).filter(|known| now.since(known.0) < CACHED_FOR).map(|known| known.1)
    }

    fn keep(&self, user: UserId, known: (Time, bool), changes: u64) {
        self.enrolled.insert(user, known);
        if self.changes.load(Ordering::Acquire) != changes {
            self.enrolled.remove(&user);
        }
    }
}

/// How the caller can prove again who they are.
pub struct StepUpAsked {
    /// What can be shown.
    pub methods: Vec<Method>,
    /// To be sent back with a passkey's answer.
    pub challenge: Option<SecretString>,
    /// For the browser, when a passkey can be shown.
    pub passkey: Option<Value>,
}

impl App {
    /// Whether one of these roles demands a second factor.
    pub(crate) fn second_factor_demanded(&self, roles: &[RoleName]) -> bool {
        let demands = self.identity.demanded.last.load();
        roles.iter().any(|role| demands.second_factor.contains(role))
    }

    /// Whether one of these roles demands a second factor that the provider of a login must prove, and of which it said nothing when the
    /// login was made. When the demand was made does not matter.
    pub(crate) async fn second_factor_unproved(&self, roles: &[RoleName], session: &Session, now: Time) -> Result<bool, AppError> {
        let LoginMethod::Oidc(provider) = &session.method else { return Ok(false) };
        self.demands_refresh(now).await?;
        let proving = self.identity.demanded.last.load().proving.iter().any(|name| name.as_str() == provider);
        Ok(proving && !session.second_factor && self.second_factor_demanded(roles))
    }

    /// Reads what roles demand. After a change of the settings or of a provider, and at start.
    pub(crate) async fn demands_read(&self, now: Time) -> Result<(), AppError> {
        let _turn = self.identity.demanded.reading.lock().await;
        self.demands_replace(now).await
    }

    /// Makes sure that what is known of demands is not too old to decide by.
    pub(crate) async fn demands_refresh(&self, now: Time) -> Result<(), AppError> {
        let old = || now.since(self.identity.demanded.last.load().read_at) >= CACHED_FOR;
        if old() {
            let _turn = self.identity.demanded.reading.lock().await;
            // Who waited for the turn finds it read.
            if old() {
                self.demands_replace(now).await?;
            }
        }
        Ok(())
    }

    async fn demands_replace(&self, now: Time) -> Result<(), AppError> {
        let settings = self.store.settings_identity().await?;
        let proving = self.store.provider_proving().await?;
        let demands = Demands { read_at: now, second_factor: settings.require_second_factor, step_up: settings.step_up, proving };
        self.identity.demanded.last.store(Arc::new(demands));
        Ok(())
    }

    /// What the person at a login has to do before anything else, by the roles of this moment.
    pub(crate) async fn owed(&self, user: UserId, roles: &[RoleName], session: &Session, now: Time) -> Result<Owed, AppError> {
        self.demands_refresh(now).await?;
        // A login by an identity provider: the second factor is that provider's business. Whether it must prove one was looked at before.
        if !self.second_factor_demanded(roles) || matches!(session.method, LoginMethod::Oidc(_)) {
            return Ok(Owed::Nothing);
        }
        let demanded = &self.identity.demanded;
        let has = match demanded.known(user, now) {
            Some(has) => has,
            None => {
                let changes = demanded.changes.load(Ordering::Acquire);
                let has = self.store.second_factors(user).await?.any();
                demanded.keep(user, (now, has), changes);
                has
            }
        };
        Ok(if has { Owed::Nothing } else { Owed::SecondFactor })
    }

    /// What is asked of an actor whom the gate allowed an action.
    pub(crate) fn obligations<A: Action>(&self, ctx: &Ctx) -> Result<(), AppError> {
        let demanded = self.obligation::<A>(ctx);
        if let Err(error) = &demanded {
            let entry = AuditEntry::new(ctx, ctx.now, A::NAME, AuditResult::Denied).detail(error.to_string());
            self.recorder.record_soon(entry);
        }
        demanded
    }

    fn obligation<A: Action>(&self, ctx: &Ctx) -> Result<(), AppError> {
        if ctx.actor.owed() == Owed::SecondFactor && !ENROLLING.contains(&A::NAME) {
            return Err(ENROL);
        }
        if !A::DESTRUCTIVE || !self.asks_again::<A>(ctx) {
            return Ok(());
        }
        match ctx.actor.scopes() {
            Some(scopes) if scopes.iter().any(|scope| scope.as_str() == A::NAME) => Ok(()),
            Some(_) => Err(TOKEN),
            None if self.verified_lately(ctx) => Ok(()),
            None => Err(FRESH),
        }
    }

    /// Whether a role of the actor's asks for a fresh proof: by the settings, or, of a role made here, by the role itself.
    fn asks_again<A: Action>(&self, ctx: &Ctx) -> bool {
        let demands = self.identity.demanded.last.load();
        ctx.actor.roles().iter().any(|role| demands.step_up.contains(role)) || self.gate.step_up::<A>(ctx).is_some()
    }

    /// Whether the person at this login proved lately who they are.
    pub(crate) fn verified_lately(&self, ctx: &Ctx) -> bool {
        match &ctx.actor {
            Actor::User { credential: Credential::Session { verified_at, .. }, .. } => {
                ctx.now.since(*verified_at) < self.settings.step_up_life
            }
            // Whoever has the data directory in their hands has no session to prove anything in.
            Actor::Console | Actor::System => true,
            _ => false,
        }
    }

    /// How the caller can prove again who they are. With a second factor set up, the password alone does not.
    ///
    /// # Errors
    /// When the caller is at no login.
    pub async fn me_step_up_begin(&self, ctx: &Ctx) -> Result<StepUpAsked, AppError> {
        self.permit::<_, action::MeStepUpBegin>(ctx, Everything)?;
        let (user, session) = login(ctx)?;
        let factors = self.store.second_factors(user).await?;
        if !factors.any() {
            // Who has no password came through an identity provider, and logs in there again.
            let methods = if self.password_hash(user).await?.is_some() { vec![Method::Password] } else { Vec::new() };
            return Ok(StepUpAsked { methods, challenge: None, passkey: None });
        }
        let Some((options, state)) = self.passkey_ask(user).await? else {
            return Ok(StepUpAsked { methods: methods(factors, false), challenge: None, passkey: None });
        };
        let challenge = self.challenge_seal(&stepping_up(session), &state, ctx.now)?;
        Ok(StepUpAsked { methods: methods(factors, true), challenge: Some(challenge), passkey: Some(options) })
    }

    /// Takes the proof that the person at this login is still who they say.
    ///
    /// # Errors
    /// `step_up_failed`, `challenge_ended`, or too many wrong codes.
    pub async fn me_step_up(&self, ctx: &Ctx, proof: Proof, challenge: Option<&SecretString>) -> Result<(), AppError> {
        self.permit::<_, action::MeStepUp>(ctx, Everything)?;
        let (id, session) = login(ctx)?;
        let user = self.user_find(id).await?;
        let opened: Option<Opened<PasskeyAuthentication>> = match (&proof, challenge) {
            (Proof::Passkey(_), Some(challenge)) => Some(self.challenge_open(&stepping_up(session), challenge, ctx.now)?),
            (Proof::Passkey(_), None) => return Err(AppError::Invalid("passkey: send the challenge it answers too".to_owned())),
            _ => None,
        };
        let guesser = match proof {
            Proof::Code(_) | Proof::Password(_) => Some(self.guess(Guesser::Session(session), ctx)?),
            Proof::RecoveryCode(_) | Proof::Passkey(_) => None,
        };
        let judged = match proof {
            Proof::Password(password) => self.password_shown(&user, password).await?,
            proof => self.judge(ctx, id, &proof, opened.as_ref().map(|opened| &opened.state)).await?,
        };
        let shown_for = ShownFor::StepUp(session, opened.map(|opened| opened.spent));
        if let Err(why) = self.spend(ctx, &user, judged, &shown_for, "me_step_up").await? {
            self.factor_failed(ctx, &user, "me_step_up", why).await?;
            return Err(FAILED);
        }
        if let Some(guesser) = guesser {
            self.identity.guesses.right(guesser);
        }
        // The next request reads the session anew.
        self.identity.sessions.remove(&session);
        Ok(())
    }

    /// Whether the password is right and enough. With a second factor set up it is not.
    async fn password_shown(&self, user: &User, password: SecretString) -> Result<Judged, AppError> {
        if self.store.second_factors(user.id).await?.any() {
            return Ok(Judged::Wrong("a password is not enough for an account with a second factor"));
        }
        let hash = self.password_hash(user.id).await?;
        let right = self.identity.passwords.verify(password, hash).await?;
        Ok(if right { Judged::Right(Shown::Password) } else { Judged::Wrong("wrong password") })
    }

    /// The hash of a user's password, if they have one.
    pub(super) async fn password_hash(&self, id: UserId) -> Result<Option<String>, AppError> {
        Ok(self.store.user_with_password(id).await?.map(|(_, hash)| hash).filter(|hash| !hash.is_empty()))
    }
}

/// What a step-up's challenge is sealed for.
fn stepping_up(session: SessionId) -> String {
    format!("step-up:{session}")
}
