//! What roles demand of their holders beyond being allowed: a second factor, and proving again who one is before something destructive.
//!
//! The gate says whether somebody may; this says whether they may now. Both lists of roles are settings in the database; they are read
//! again when they are older than a few seconds, since another server may have changed them.

use std::{sync::Arc, time::Duration};

use mc_domain::{
    action::{self, Action},
    actor::{Actor, Credential},
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    id::{SessionId, UserId},
    login::LoginMethod,
    permit::Everything,
    role::RoleName,
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

/// What roles demand, as it was read last.
#[derive(Debug, Default)]
pub(crate) struct Demands {
    read_at: Time,
    second_factor: Vec<RoleName>,
    step_up: Vec<RoleName>,
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
        let demands = self.identity.demands.load();
        roles.iter().any(|role| demands.second_factor.contains(role))
    }

    /// Reads what roles demand. After a change of the settings, and at start.
    pub(crate) async fn demands_read(&self, now: Time) -> Result<(), AppError> {
        let settings = self.store.settings_identity().await?;
        let mut step_up = settings.step_up;
        step_up.extend(self.store.step_up_roles().await?);
        let demands = Demands { read_at: now, second_factor: settings.require_second_factor, step_up };
        self.identity.demands.store(Arc::new(demands));
        Ok(())
    }

    /// Makes sure that what is known of demands and of the actor's enrolment is not too old for [`App::obligations`] to decide by.
    pub(crate) async fn demands_refresh(&self, actor: &Actor, now: Time) -> Result<(), AppError> {
        if now.since(self.identity.demands.load().read_at) >= CACHED_FOR {
            self.demands_read(now).await?;
        }
        if let (Actor::User { id, roles, .. }, Some(_)) = (actor, actor.session())
            && self.second_factor_demanded(roles)
            && self.identity.enrolled.get(id).is_none_or(|known| now.since(known.0) >= CACHED_FOR)
        {
            self.enrolment_read(*id, now).await?;
        }
        Ok(())
    }

    /// Reads whether a user has a second factor.
    pub(crate) async fn enrolment_read(&self, user: UserId, now: Time) -> Result<(), AppError> {
        let any = self.store.second_factors(user).await?.any();
        self.identity.enrolled.insert(user, (now, any));
        Ok(())
    }

    /// What is asked of an actor whom the gate allowed an action.
    pub(crate) fn obligations<A: Action>(&self, ctx: &Ctx) -> Result<(), AppError> {
        let demanded = self.obligation(ctx, A::NAME, A::DESTRUCTIVE);
        if let Err(error) = &demanded {
            let entry = AuditEntry::new(ctx, ctx.now, A::NAME, AuditResult::Denied).detail(error.to_string());
            self.recorder.record_soon(entry);
        }
        demanded
    }

    fn obligation(&self, ctx: &Ctx, action: &str, destructive: bool) -> Result<(), AppError> {
        if let (Actor::User { id, roles, .. }, Some(session)) = (&ctx.actor, ctx.actor.session())
            && !ENROLLING.contains(&action)
            && self.second_factor_demanded(roles)
            && self.identity.enrolled.get(id).is_some_and(|known| !known.1)
            && !self.by_provider(session)
        {
            return Err(ENROL);
        }
        let asks = |demands: &Demands| ctx.actor.roles().iter().any(|role| demands.step_up.contains(role));
        if !destructive || !asks(&self.identity.demands.load()) {
            return Ok(());
        }
        match ctx.actor.scopes() {
            Some(scopes) if scopes.iter().any(|scope| scope.as_str() == action) => Ok(()),
            Some(_) => Err(TOKEN),
            None if self.verified_lately(ctx) => Ok(()),
            None => Err(FRESH),
        }
    }

    /// Whether a login came through an identity provider, whose business the second factor is then.
    fn by_provider(&self, session: SessionId) -> bool {
        self.identity.sessions.get(&session).is_some_and(|known| matches!(known.1.method, LoginMethod::Oidc(_)))
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
    async fn password_hash(&self, id: UserId) -> Result<Option<String>, AppError> {
        let user = self.user_find(id).await?;
        Ok(self.store.user_by_name(&user.name).await?.map(|(_, hash)| hash).filter(|hash| !hash.is_empty()))
    }
}

/// What a step-up's challenge is sealed for.
fn stepping_up(session: SessionId) -> String {
    format!("step-up:{session}")
}
