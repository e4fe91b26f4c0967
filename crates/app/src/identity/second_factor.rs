//! The second step of a login: after the password, a code of an authenticator app, a passkey, or a recovery code.
//!
//! A right password begins a challenge: a token that only whoever gave the password has. It ends after five minutes or five tries, is
//! answered once, and is void when the password or the account changes meanwhile. A user whose role demands a second factor and who has
//! none sets up an authenticator app within the challenge.

use std::time::Duration;

use mc_domain::{
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    id::{LoginId, UserId},
    login::{LoginMethod, LoginRecord, LoginResult},
    user::User,
};
use mc_store::{LoginChallenge, SecondFactors, Shown, ShownFor};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use webauthn_rs::prelude::PasskeyAuthentication;

use super::{
    guard::Try,
    guesses::Guesser,
    login::{KNOWN_PLACE_FOR, Proved, Visitor},
    recovery_code,
    session::LoggedIn,
    totp::{self, TotpEnrolment},
};
use crate::{App, error::AppError, secret};

/// How long a challenge may be answered.
pub(crate) const CHALLENGE_LIFE: Duration = Duration::from_secs(300);
/// How many answers a challenge bears.
const TRIES: u32 = 5;

const CHALLENGE_ENDED: AppError =
    AppError::Unauthenticated { code: "challenge_ended", text: "this login took too long or was tried too often: begin again" };
const FAILED: AppError =
    AppError::Unauthenticated { code: "second_factor_failed", text: "this is not right, or was used before: try again" };

/// How somebody can prove who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// The password.
    Password,
    /// A code of an authenticator app.
    Totp,
    /// A passkey.
    Passkey,
    /// A recovery code.
    Recovery,
}

/// What somebody shows to prove who they are.
pub enum Proof {
    /// The password.
    Password(SecretString),
    /// A code of an authenticator app.
    Code(SecretString),
    /// A recovery code.
    RecoveryCode(SecretString),
    /// What the browser says for a passkey.
    Passkey(Value),
}

/// How far a login came.
pub enum LoginStep {
    /// To its end.
    Done(Box<LoggedIn>),
    /// The password was right; more is asked for.
    SecondFactor(Box<SecondFactorAsked>),
}

/// What is asked for after the password.
pub struct SecondFactorAsked {
    /// Names this login in the answer.
    pub challenge: SecretString,
    /// What can be shown.
    pub methods: Vec<Method>,
    /// An authenticator app must be set up first.
    pub enrol: bool,
    /// For the browser, when a passkey can be shown.
    pub passkey: Option<Value>,
    /// How long there is to answer.
    pub expires_in: Duration,
}

/// A login that came through the second step.
pub struct SecondFactorDone {
    /// The login.
    pub login: LoggedIn,
    /// New recovery codes, when an authenticator app was set up on the way.
    pub recovery_codes: Vec<SecretString>,
}

/// What a login needs to go on after its second step; sealed in the database.
#[derive(Serialize, Deserialize)]
struct Waiting {
    /// Tells whether the password was changed meanwhile.
    password: Option<String>,
    method: LoginMethod,
    enrol: bool,
    seed: Option<Vec<u8>>,
    passkey: Option<PasskeyAuthentication>,
}

/// What became of a proof before it is spent.
pub(crate) enum Judged {
    /// It is right, unless it was spent before.
    Right(Shown),
    /// It is not, for this reason.
    Wrong(&'static str),
}

impl App {
    /// Goes on with a login whose password was right.
    pub(crate) async fn login_proceed(&self, ctx: &Ctx, proved: Proved, visitor: Visitor<'_>) -> Result<LoginStep, AppError> {
        let user = &proved.user;
        let factors = self.store.second_factors(user.id).await?;
        let enrol = !factors.any();
        self.demands_refresh(ctx.now).await?;
        if enrol && !self.second_factor_demanded(&self.user_standing(user.id, &user.role, &[], ctx.now).roles) {
            return Ok(LoginStep::Done(Box::new(self.session_begin(ctx, proved, visitor).await?)));
        }
        let passkeys = if factors.passkeys > 0 { self.passkey_ask(user.id).await? } else { None };
        let (options, state) = passkeys.unzip();
        let challenge = secret::random("mcc_");
        let hash = secret::hash(challenge.expose_secret());
        let password = proved.password_hash.as_deref().map(secret::hash);
        let waiting = Waiting { password, method: proved.method, enrol, seed: None, passkey: state };
        let waits = LoginChallenge {
            content: self.waiting_seal(&hash, &waiting)?,
            hash,
            user_id: user.id,
            tries: 0,
            created_at: ctx.now,
            expires_at: ctx.now.after(CHALLENGE_LIFE),
        };
        self.store.login_challenge_insert(&waits).await?;
        let methods = if enrol { vec![Method::Totp] } else { methods(factors, options.is_some()) };
        let asked = SecondFactorAsked { challenge, methods, enrol, passkey: options, expires_in: CHALLENGE_LIFE };
        Ok(LoginStep::SecondFactor(Box::new(asked)))
    }

    /// Answers a challenge, which begins the session.
    ///
    /// # Errors
    /// `second_factor_failed`, `challenge_ended`, or too many wrong codes.
    pub async fn second_factor_answer(
        &self,
        ctx: &Ctx,
        challenge: &SecretString,
        proof: Proof,
        visitor: Visitor<'_>,
    ) -> Result<SecondFactorDone, AppError> {
        let hash = secret::hash(challenge.expose_secret());
        let waits = self.store.login_challenge_try(&hash, ctx.now, TRIES).await?.ok_or(CHALLENGE_ENDED)?;
        let (waiting, user, password_hash) = self.waiting_open(&waits).await?;
        let guesser = self.guesser(ctx, &user, &proof, visitor).await?;
        let outcome = if waiting.enrol {
            self.enrol_finish(ctx, &user, &waits.hash, &waiting, &proof).await?
        } else {
            let judged = self.judge(ctx, user.id, &proof, waiting.passkey.as_ref()).await?;
            self.spend(ctx, &user, judged, &ShownFor::Login(waits.hash), "second_factor_answer").await?.map(|()| Vec::new())
        };
        let recovery_codes = match outcome {
            Ok(codes) => codes,
            Err(why) => {
                self.factor_failed(ctx, &user, "second_factor_answer", why).await?;
                self.factor_failed_note(ctx, &user, waiting.method, visitor);
                return Err(FAILED);
            }
        };
        if let Some(guesser) = guesser {
            self.identity.guesses.right(guesser);
        }
        let proved = Proved { user, password_hash: waiting.password.and(Some(password_hash)), method: waiting.method };
        let login = self.session_begin(ctx, proved, visitor).await?;
        Ok(SecondFactorDone { login, recovery_codes })
    }

    /// A new seed for an authenticator app, within a login that demands one. Asking again gives another.
    ///
    /// # Errors
    /// `challenge_ended`, or when nothing is to be set up.
    pub async fn second_factor_enrol(&self, ctx: &Ctx, challenge: &SecretString) -> Result<TotpEnrolment, AppError> {
        let hash = secret::hash(challenge.expose_secret());
        let waits = self.store.login_challenge(&hash, ctx.now).await?.ok_or(CHALLENGE_ENDED)?;
        let (mut waiting, user, _) = self.waiting_open(&waits).await?;
        if !waiting.enrol {
            return Err(AppError::conflict("enrolled_already", "this account has a second factor: show it"));
        }
        let seed = totp::seed();
        waiting.seed = Some(seed.to_vec());
        if !self.store.login_challenge_update(&hash, &self.waiting_seal(&hash, &waiting)?).await? {
            return Err(CHALLENGE_ENDED);
        }
        totp::enrolment(&seed, user.name.as_str())
    }

    /// Sets up the authenticator app whose code this is: its recovery codes, or why not.
    async fn enrol_finish(
        &self,
        ctx: &Ctx,
        user: &User,
        challenge: &str,
        waiting: &Waiting,
        proof: &Proof,
    ) -> Result<Result<Vec<SecretString>, &'static str>, AppError> {
        let (Some(seed), Proof::Code(code)) = (&waiting.seed, proof) else {
            return Ok(Err("an authenticator app was to be set up first"));
        };
        let Some(step) = totp::step(seed, code.expose_secret(), ctx.now, 0) else { return Ok(Err("wrong code")) };
        let codes = recovery_code::codes();
        let audit = AuditEntry::new(ctx, ctx.now, "second_factor_enrol", AuditResult::Ok)
            .on("user", user.id, &user.name)
            .detail("authenticator app set up during login, as the role demands");
        let sealed = self.seal.seal(&totp_purpose(user.id), seed)?;
        let hashes = recovery_code::hashes(user.id, &codes);
        if !self.store.totp_enrol(challenge, user.id, (&sealed, step), &hashes, &audit).await? {
            return Ok(Err("answered already"));
        }
        self.recorder.announce(audit);
        self.identity.demanded.forget(user.id);
        Ok(Ok(codes))
    }

    /// Whether a proof is right, before it is spent.
    pub(crate) async fn judge(
        &self,
        ctx: &Ctx,
        user: UserId,
        proof: &Proof,
        passkey: Option<&PasskeyAuthentication>,
    ) -> Result<Judged, AppError> {
        match proof {
            Proof::Password(_) => Ok(Judged::Wrong("a password is no second factor")),
            Proof::Code(code) => {
                let Some(totp) = self.store.totp(user).await? else { return Ok(Judged::Wrong("there is no authenticator app")) };
                let seed = self.seal.open(&totp_purpose(user), &totp.seed)?;
                let step = totp::step(&seed, code.expose_secret(), ctx.now, totp.last_step);
                Ok(step.map_or(Judged::Wrong("wrong code, or one that was used before"), |step| Judged::Right(Shown::Totp { step })))
            }
            Proof::RecoveryCode(code) => Ok(Judged::Right(Shown::Recovery { hash: recovery_code::hash(user, code.expose_secret()) })),
            Proof::Passkey(credential) => match passkey {
                Some(state) => self.passkey_judge(user, credential, state).await,
                None => Ok(Judged::Wrong("there is no passkey")),
            },
        }
    }

    /// Spends what was judged right, with its audit entry; or says why it does not count.
    pub(crate) async fn spend(
        &self,
        ctx: &Ctx,
        user: &User,
        judged: Judged,
        shown_for: &ShownFor,
        action: &str,
    ) -> Result<Result<(), &'static str>, AppError> {
        let shown = match judged {
            Judged::Right(shown) => shown,
            Judged::Wrong(why) => return Ok(Err(why)),
        };
        let (detail, spent) = match &shown {
            Shown::Password => ("by password", "answered already"),
            Shown::Totp { .. } => ("by a code of the authenticator app", "a code or challenge that was used before"),
            Shown::Recovery { .. } => ("by a recovery code, which is spent now", "wrong recovery code, or one that was used before"),
            Shown::Passkey { .. } => ("by a passkey", "the passkey's counter did not grow, or the challenge was answered before"),
        };
        let audit = AuditEntry::new(ctx, ctx.now, action, AuditResult::Ok).on("user", user.id, &user.name).detail(detail);
        if !self.store.second_factor_spend(user.id, &shown, shown_for, &audit).await? {
            return Ok(Err(spent));
        }
        self.recorder.announce(audit);
        Ok(Ok(()))
    }

    /// Records that a proof was wrong.
    pub(crate) async fn factor_failed(&self, ctx: &Ctx, user: &User, action: &str, why: &str) -> Result<(), AppError> {
        let entry = AuditEntry::new(ctx, ctx.now, action, AuditResult::Failed).on("user", user.id, &user.name).detail(why);
        self.recorder.record(entry).await
    }

    /// Notes in the user's own history that somebody came no further than the password.
    pub(crate) fn factor_failed_note(&self, ctx: &Ctx, user: &User, method: LoginMethod, visitor: Visitor<'_>) {
        let (id, address, result) = (LoginId::new(), ctx.address.clone().unwrap_or_default(), LoginResult::WrongFactor);
        let record = LoginRecord { id, user_id: user.id, at: ctx.now, method, result, address, device: visitor.device_text() };
        let store = self.store.clone();
        tokio::spawn(async move {
            if let Err(error) = store.login_failed(&record).await {
                tracing::warn!(%error, "a failed login is missing in the user's history");
            }
        });
    }

    /// Counts a guess of a code; what cannot be guessed is not counted.
    async fn guesser(&self, ctx: &Ctx, user: &User, proof: &Proof, visitor: Visitor<'_>) -> Result<Option<Guesser>, AppError> {
        if !matches!(proof, Proof::Code(_)) {
            return Ok(None);
        }
        let place = Try::new(user.name.as_str(), ctx.address.as_deref(), None).place;
        let since = ctx.now.before(KNOWN_PLACE_FOR);
        let guesser = match self.device_known(Some(user.id), visitor.known, ctx.now) {
            Some(mark) => Guesser::Device(user.id, mark),
            None if self.store.login_from(Some(user.id), ctx.address.as_deref().unwrap_or_default(), since).await? => {
                Guesser::Known(user.id, place)
            }
            None => Guesser::Unknown(user.id),
        };
        self.guess(guesser, ctx).map(Some)
    }

    /// Counts a guess.
    pub(crate) fn guess(&self, guesser: Guesser, ctx: &Ctx) -> Result<Guesser, AppError> {
        self.identity.guesses.take(guesser, ctx.now).map_err(|wait| AppError::TooMany { wait })?;
        Ok(guesser)
    }

    fn waiting_seal(&self, hash: &str, waiting: &Waiting) -> Result<String, AppError> {
        let failed = |_| AppError::Internal("a login cannot be kept".to_owned());
        let plain = zeroize::Zeroizing::new(serde_json::to_vec(waiting).map_err(failed)?);
        self.seal.seal(&format!("login:{hash}"), &plain)
    }

    /// What waits, with its user as they are now; ended when the password or the account changed meanwhile.
    async fn waiting_open(&self, waits: &LoginChallenge) -> Result<(Waiting, User, String), AppError> {
        let plain = self.seal.open(&format!("login:{}", waits.hash), &waits.content)?;
        let waiting: Waiting = serde_json::from_slice(&plain).map_err(|_| CHALLENGE_ENDED)?;
        let user = self.store.user_by_id(waits.user_id).await?.ok_or(CHALLENGE_ENDED)?;
        let (user, password_hash) = self.store.user_by_name(&user.name).await?.ok_or(CHALLENGE_ENDED)?;
        if !user.is_active() || waiting.password.as_ref().is_some_and(|checked| *checked != secret::hash(&password_hash)) {
            return Err(CHALLENGE_ENDED);
        }
        Ok((waiting, user, password_hash))
    }
}

/// What can be shown beside a password.
pub(crate) fn methods(factors: SecondFactors, passkeys_work: bool) -> Vec<Method> {
    let all = [
        (factors.totp, Method::Totp),
        (factors.passkeys > 0 && passkeys_work, Method::Passkey),
        (factors.any() && factors.recovery_codes > 0, Method::Recovery),
    ];
    all.into_iter().filter(|(has, _)| *has).map(|(_, method)| method).collect()
}

/// What a user's seed is sealed for.
pub(crate) fn totp_purpose(user: UserId) -> String {
    format!("totp:{user}")
}
