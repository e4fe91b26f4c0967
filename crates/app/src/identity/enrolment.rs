//! What users set up for their second step: an authenticator app, passkeys, recovery codes; and the admin's way to take it all away.
//!
//! Changing how one logs in is for logins, not for tokens, and only shortly after the person proved who they are: a session that was left
//! open, or stolen, is not enough to lock its owner out.

use mc_domain::{
    action,
    actor::Actor,
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    id::{PasskeyId, SessionId, UserId},
    permit::Everything,
    user::User,
};
use mc_store::{Passkey, SecondFactors};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use webauthn_rs::prelude::{PasskeyRegistration, RegisterPublicKeyCredential};

use super::{
    passkey::{self, Opened, PasskeyAsked},
    recovery_code,
    second_factor::totp_purpose,
    step_up::FRESH,
    totp::{self, TotpEnrolment},
};
use crate::{App, error::AppError};

/// How long a seed waits for its first code.
const SEED_WAITS: std::time::Duration = std::time::Duration::from_secs(900);
/// The most passkeys of one user.
const PASSKEYS_MAX: usize = 20;
/// The longest name of a passkey, in characters.
const NAME_MAX: usize = 64;

const NO_LOGIN: AppError =
    AppError::Forbidden { code: "login_required", text: "this is for people who logged in: a token cannot change how its owner logs in" };
const LAST_FACTOR: &str = "your role demands a second factor: add another one first";

/// What the caller has set up.
#[derive(Debug, Clone)]
pub struct SecondFactorShown {
    /// What there is.
    pub factors: SecondFactors,
    /// Passkeys, oldest first.
    pub passkeys: Vec<Passkey>,
    /// Whether one of the caller's roles demands a second factor.
    pub required: bool,
    /// Whether browsers make passkeys for this server's address.
    pub passkeys_possible: bool,
}

impl App {
    /// What the caller has set up.
    ///
    /// # Errors
    /// When the caller is no user.
    pub async fn me_second_factor(&self, ctx: &Ctx) -> Result<SecondFactorShown, AppError> {
        self.permit::<_, action::MeSecondFactor>(ctx, Everything)?;
        let Actor::User { id, roles, .. } = &ctx.actor else { return Err(NO_LOGIN) };
        Ok(SecondFactorShown {
            factors: self.store.second_factors(*id).await?,
            passkeys: self.store.passkey_list(*id).await?,
            required: self.second_factor_demanded(roles),
            passkeys_possible: self.identity.passkeys.possible(),
        })
    }

    /// A seed for an authenticator app. It counts once its first code was given; until then the app in use stays.
    ///
    /// # Errors
    /// `step_up_required`.
    pub async fn me_totp_begin(&self, ctx: &Ctx) -> Result<TotpEnrolment, AppError> {
        let permit = self.permit::<_, action::MeTotpBegin>(ctx, Everything)?;
        let user = self.freshly_verified(ctx)?;
        let seed = totp::seed();
        let sealed = self.seal.seal(&totp_purpose(user), &seed)?;
        let audit = audit(ctx, "me_totp_begin", "a new authenticator app waits for its first code");
        self.store.totp_begin(&permit, user, &sealed, &audit).await?;
        self.recorder.announce(audit);
        totp::enrolment(&seed, ctx.actor.name())
    }

    /// Takes the first code of a new authenticator app, which puts it in force: new recovery codes.
    ///
    /// # Errors
    /// `code_wrong`, or when none was begun lately.
    pub async fn me_totp_confirm(&self, ctx: &Ctx, code: &SecretString) -> Result<Vec<SecretString>, AppError> {
        let permit = self.permit::<_, action::MeTotpConfirm>(ctx, Everything)?;
        let (user, session) = login(ctx)?;
        let gone = || AppError::conflict("not_begun", "no authenticator app waits for its first code: begin again");
        let sealed = self.store.totp_pending(user, ctx.now.before(SEED_WAITS)).await?.ok_or_else(gone)?;
        let guesser = self.guess(super::guesses::Guesser::Session(session), ctx)?;
        let seed = self.seal.open(&totp_purpose(user), &sealed)?;
        let Some(step) = totp::step(&seed, code.expose_secret(), ctx.now, 0) else {
            let entry = AuditEntry { result: AuditResult::Failed, ..audit(ctx, "me_totp_confirm", "wrong code") };
            self.recorder.record(entry).await?;
            return Err(AppError::conflict(
                "code_wrong",
                "this is not the app's code: check the clock of the device and try the next code",
            ));
        };
        self.identity.guesses.right(guesser);
        let codes = recovery_code::codes();
        let audit = audit(ctx, "me_totp_confirm", "authenticator app set up; new recovery codes");
        let hashes = recovery_code::hashes(user, &codes);
        if !self.store.totp_confirm(&permit, user, (&sealed, step), &hashes, &audit).await? {
            return Err(gone());
        }
        self.factor_changed(user, audit).await?;
        Ok(codes)
    }

    /// Removes the caller's authenticator app.
    ///
    /// # Errors
    /// `step_up_required`, `no_second_factor`; `second_factor_required` when the caller's role demands one and this is the last.
    pub async fn me_totp_remove(&self, ctx: &Ctx) -> Result<(), AppError> {
        let permit = self.permit::<_, action::MeTotpRemove>(ctx, Everything)?;
        let user = self.freshly_verified(ctx)?;
        let factors = self.store.second_factors(user).await?;
        if !factors.totp {
            return Err(AppError::conflict("no_second_factor", "there is no authenticator app to remove"));
        }
        if factors.passkeys == 0 && self.second_factor_demanded(ctx.actor.roles()) {
            return Err(AppError::conflict("second_factor_required", LAST_FACTOR));
        }
        let audit = audit(ctx, "me_totp_remove", "authenticator app removed");
        self.store.totp_remove(&permit, user, &audit).await?;
        self.factor_changed(user, audit).await
    }

    /// New recovery codes for the caller; the ones before are worth nothing from now on.
    ///
    /// # Errors
    /// `step_up_required`; `no_second_factor` when there is nothing they could stand in for.
    pub async fn me_recovery_codes(&self, ctx: &Ctx) -> Result<Vec<SecretString>, AppError> {
        let permit = self.permit::<_, action::MeRecoveryCodes>(ctx, Everything)?;
        let user = self.freshly_verified(ctx)?;
        if !self.store.second_factors(user).await?.any() {
            return Err(AppError::conflict("no_second_factor", "set up an authenticator app or a passkey first"));
        }
        let codes = recovery_code::codes();
        let audit = audit(ctx, "me_recovery_codes", "new recovery codes; the ones before are void");
        self.store.recovery_codes_replace(&permit, user, &recovery_code::hashes(user, &codes), &audit).await?;
        self.recorder.announce(audit);
        Ok(codes)
    }

    /// Begins to add a passkey.
    ///
    /// # Errors
    /// `step_up_required`, `passkeys_not_possible`.
    pub async fn me_passkey_begin(&self, ctx: &Ctx) -> Result<PasskeyAsked, AppError> {
        self.permit::<_, action::MePasskeyBegin>(ctx, Everything)?;
        let user = self.freshly_verified(ctx)?;
        let webauthn = self.identity.passkeys.webauthn()?;
        let passkeys = self.store.passkey_list(user).await?;
        if passkeys.len() >= PASSKEYS_MAX {
            return Err(AppError::conflict("too_many_passkeys", format!("at most {PASSKEYS_MAX} passkeys: remove one first")));
        }
        let name = ctx.actor.name();
        let begun = webauthn.start_passkey_registration(user.0, name, name, Some(passkey::ids(&passkeys)?));
        let (options, state) = begun.map_err(passkey::broken)?;
        let mut options = passkey::public_key(&options)?;
        // Only a key the device itself remembers can open an account whose name was not typed.
        if let Some(selection) = options.get_mut("authenticatorSelection") {
            selection["residentKey"] = json!("required");
            selection["requireResidentKey"] = json!(true);
        }
        Ok(PasskeyAsked { challenge: self.challenge_seal(&adding(user), &state, ctx.now)?, options })
    }

    /// Adds the passkey a browser made.
    ///
    /// # Errors
    /// `challenge_ended`, `passkey_failed`.
    pub async fn me_passkey_add(&self, ctx: &Ctx, challenge: &SecretString, name: &str, credential: Value) -> Result<Passkey, AppError> {
        let permit = self.permit::<_, action::MePasskeyAdd>(ctx, Everything)?;
        let (user, _) = login(ctx)?;
        let name = passkey_name(name)?;
        let opened: Opened<PasskeyRegistration> = self.challenge_open(&adding(user), challenge, ctx.now)?;
        let answer: RegisterPublicKeyCredential = serde_json::from_value(credential).map_err(|_| passkey::not_a_credential())?;
        let made = match self.identity.passkeys.webauthn()?.finish_passkey_registration(&answer, &opened.state) {
            Ok(made) => made,
            Err(error) => {
                let entry = AuditEntry { result: AuditResult::Failed, ..audit(ctx, "me_passkey_add", passkey::why(&error)) };
                self.recorder.record(entry).await?;
                return Err(AppError::conflict("passkey_failed", "the browser's answer does not fit what was asked: begin again"));
            }
        };
        let passkey = Passkey {
            id: PasskeyId::new(),
            user_id: user,
            credential_id: passkey::credential_id(made.cred_id()),
            credential: serde_json::to_string(&made).map_err(|_| AppError::Internal("a passkey cannot be written".to_owned()))?,
            name,
            created_at: ctx.now,
            last_used_at: None,
        };
        let audit = audit(ctx, "me_passkey_add", &format!("passkey {:?} added", passkey.name));
        if !self.store.passkey_insert(&permit, &passkey, (&opened.spent.0, opened.spent.1), &audit).await? {
            return Err(passkey::ended());
        }
        self.factor_changed(user, audit).await?;
        Ok(passkey)
    }

    /// Renames a passkey of the caller's.
    ///
    /// # Errors
    /// When there is none of that id, or the name is no name.
    pub async fn me_passkey_rename(&self, ctx: &Ctx, id: PasskeyId, name: &str) -> Result<Passkey, AppError> {
        let permit = self.permit::<_, action::MePasskeyRename>(ctx, Everything)?;
        let (user, _) = login(ctx)?;
        let name = passkey_name(name)?;
        let passkey = self.passkey_find(user, id).await?;
        let audit = audit(ctx, "me_passkey_rename", &format!("passkey {:?} is {name:?} now", passkey.name));
        self.store.passkey_rename(&permit, (user, id), &name, &audit).await?;
        self.recorder.announce(audit);
        Ok(Passkey { name, ..passkey })
    }

    /// Removes a passkey of the caller's.
    ///
    /// # Errors
    /// `step_up_required`; `second_factor_required` when the caller's role demands one and this is the last.
    pub async fn me_passkey_remove(&self, ctx: &Ctx, id: PasskeyId) -> Result<(), AppError> {
        let permit = self.permit::<_, action::MePasskeyRemove>(ctx, Everything)?;
        let user = self.freshly_verified(ctx)?;
        let passkey = self.passkey_find(user, id).await?;
        let factors = self.store.second_factors(user).await?;
        if !factors.totp && factors.passkeys == 1 && self.second_factor_demanded(ctx.actor.roles()) {
            return Err(AppError::conflict("second_factor_required", LAST_FACTOR));
        }
        let audit = audit(ctx, "me_passkey_remove", &format!("passkey {:?} removed", passkey.name));
        self.store.passkey_remove(&permit, (user, id), &audit).await?;
        self.factor_changed(user, audit).await
    }

    /// Takes away a user's second factors, and ends every session: for a user who lost them.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn user_second_factor_reset(&self, ctx: &Ctx, id: UserId) -> Result<User, AppError> {
        let user = self.user_find(id).await?;
        let permit = self.permit::<_, action::UserSecondFactorReset>(ctx, user)?;
        let audit = AuditEntry::new(ctx, ctx.now, "user_second_factor_reset", AuditResult::Ok).on("user", id, &permit.name);
        self.store.second_factor_reset(&permit, &audit).await?;
        self.factor_changed(id, audit).await?;
        Ok(permit.into_inner())
    }

    /// The user, if they proved lately who they are.
    fn freshly_verified(&self, ctx: &Ctx) -> Result<UserId, AppError> {
        let (user, _) = login(ctx)?;
        if self.verified_lately(ctx) { Ok(user) } else { Err(FRESH) }
    }

    async fn passkey_find(&self, user: UserId, id: PasskeyId) -> Result<Passkey, AppError> {
        let found = self.store.passkey_list(user).await?.into_iter().find(|passkey| passkey.id == id);
        found.ok_or_else(|| AppError::NotFound("there is no such passkey".to_owned()))
    }

    /// What follows a change of what a user has set up.
    async fn factor_changed(&self, user: UserId, audit: AuditEntry) -> Result<(), AppError> {
        self.identity.demanded.forget(user);
        self.changed_user(user, audit).await.map(drop)
    }
}

/// The user at a login, and the login.
pub(crate) fn login(ctx: &Ctx) -> Result<(UserId, SessionId), AppError> {
    match (&ctx.actor, ctx.actor.session()) {
        (Actor::User { id, .. }, Some(session)) => Ok((*id, session)),
        _ => Err(NO_LOGIN),
    }
}

/// What a passkey being added is sealed for.
fn adding(user: UserId) -> String {
    format!("passkey-add:{user}")
}

fn audit(ctx: &Ctx, action: &str, detail: &str) -> AuditEntry {
    let id = ctx.actor.id().unwrap_or_default();
    AuditEntry::new(ctx, ctx.now, action, AuditResult::Ok).on("user", id, ctx.actor.name()).detail(detail)
}

fn passkey_name(name: &str) -> Result<String, AppError> {
    let name: String = name.trim().chars().filter(|c| !c.is_control()).collect();
    if name.is_empty() || name.chars().count() > NAME_MAX {
        return Err(AppError::Invalid(format!("name: say which device it is, in 1 to {NAME_MAX} characters")));
    }
    Ok(name)
}
