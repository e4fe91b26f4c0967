//! Passkeys: what is asked of browsers, and what they answer.
//!
//! Every ceremony wants the user verified (a fingerprint, a PIN), so that a passkey is two factors in one and can stand for the password too.
//! The origin and the name passkeys are bound to come from the server's public address; browsers make none for IP addresses. Challenges are
//! sealed and handed to the browser instead of being kept: what was answered is noted, so that none is answered twice.

use mc_domain::{
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    id::UserId,
    login::LoginMethod,
    time::Time,
    user::User,
};
use mc_store::{Passkey, Shown, ShownFor};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use webauthn_rs::{
    Webauthn, WebauthnBuilder,
    prelude::{
        AuthenticationResult, CredentialID, DiscoverableAuthentication, DiscoverableKey, PasskeyAuthentication, PublicKeyCredential, Url,
        WebauthnError,
    },
};

use super::{
    login::{Proved, Visitor},
    second_factor::{CHALLENGE_LIFE, Judged},
    session::LoggedIn,
};
use crate::{App, error::AppError, secret};

/// What challenges of logins without a password are sealed for.
const LOGIN: &str = "passkey-login";
const FAILED: AppError = AppError::Unauthenticated { code: "passkey_failed", text: "this passkey does not open an account here" };

/// What a browser is asked.
pub struct PasskeyAsked {
    /// To be sent back with the answer.
    pub challenge: SecretString,
    /// For `navigator.credentials`, as JSON.
    pub options: Value,
}

/// The relying party, if browsers make passkeys for this server's address.
pub(crate) struct Passkeys {
    webauthn: Option<Webauthn>,
}

/// A ceremony between its two halves, as it is sealed.
#[derive(Serialize, Deserialize)]
struct Begun<T> {
    ends: i64,
    state: T,
}

/// An opened challenge.
pub(crate) struct Opened<T> {
    pub(crate) state: T,
    /// By which it is known to be spent, and until when that matters.
    pub(crate) spent: (String, Time),
}

impl Passkeys {
    pub(crate) fn new(public_url: &str) -> Self {
        let webauthn = Url::parse(public_url).ok().and_then(|origin| {
            let host = origin.domain()?.to_owned();
            WebauthnBuilder::new(&host, &origin).ok()?.rp_name("Mission Control").timeout(CHALLENGE_LIFE).build().ok()
        });
        Self { webauthn }
    }

    /// Whether browsers make passkeys for this server's address.
    pub(crate) const fn possible(&self) -> bool {
        self.webauthn.is_some()
    }

    pub(crate) fn webauthn(&self) -> Result<&Webauthn, AppError> {
        let text = "passkeys need a host name: set http.public_url to the address people use, such as https://mc.example.com";
        self.webauthn.as_ref().ok_or_else(|| AppError::conflict("passkeys_not_possible", text))
    }
}

impl App {
    /// Begins a login by passkey alone. Says the same to everybody.
    ///
    /// # Errors
    /// `passkeys_not_possible`.
    pub fn passkey_begin(&self, ctx: &Ctx) -> Result<PasskeyAsked, AppError> {
        let (options, state) = self.identity.passkeys.webauthn()?.start_discoverable_authentication().map_err(broken)?;
        Ok(PasskeyAsked { challenge: self.challenge_seal(LOGIN, &state, ctx.now)?, options: public_key(&options)? })
    }

    /// Ends a login by passkey alone, which begins the session. Unknown passkeys, wrong ones and disabled accounts look alike.
    ///
    /// # Errors
    /// `passkey_failed`, `challenge_ended`.
    pub async fn passkey_finish(
        &self,
        ctx: &Ctx,
        challenge: &SecretString,
        credential: Value,
        visitor: Visitor<'_>,
    ) -> Result<LoggedIn, AppError> {
        let opened: Opened<DiscoverableAuthentication> = self.challenge_open(LOGIN, challenge, ctx.now)?;
        let answer: PublicKeyCredential = serde_json::from_value(credential).map_err(|_| not_a_credential())?;
        let Some((user, passkey)) = self.passkey_owner(&answer).await? else {
            let entry = AuditEntry::new(ctx, ctx.now, "passkey_finish", AuditResult::Failed).detail("unknown passkey");
            self.recorder.record(entry).await?;
            return Err(FAILED);
        };
        let known = read(&passkey)?;
        let result =
            self.identity.passkeys.webauthn()?.finish_discoverable_authentication_v2(&answer, opened.state, DiscoverableKey::from(&known));
        let judged = match result {
            _ if !user.is_active() => Judged::Wrong("the account is disabled"),
            Ok(result) => shown(&passkey, known, &result)?,
            Err(error) => Judged::Wrong(why(&error)),
        };
        let (hash, ends) = opened.spent;
        match self.spend(ctx, &user, judged, &ShownFor::Passwordless(hash, ends), "passkey_finish").await? {
            Ok(()) => self.session_begin(ctx, Proved { user, password_hash: None, method: LoginMethod::Passkey }, visitor).await,
            Err(why) => {
                self.factor_failed(ctx, &user, "passkey_finish", why).await?;
                self.factor_failed_note(ctx, &user, LoginMethod::Passkey, visitor);
                Err(FAILED)
            }
        }
    }

    /// The account a passkey says it is for, if it is that account's.
    async fn passkey_owner(&self, answer: &PublicKeyCredential) -> Result<Option<(User, Passkey)>, AppError> {
        let handle = answer.get_user_unique_id().and_then(|handle| uuid::Uuid::from_slice(handle).ok()).map(UserId);
        let Some(passkey) = self.store.passkey_by_credential(&credential_id(answer.get_credential_id())).await? else { return Ok(None) };
        if handle != Some(passkey.user_id) {
            return Ok(None);
        }
        Ok(self.store.user_by_id(passkey.user_id).await?.map(|user| (user, passkey)))
    }

    /// What to ask a browser for one of the user's passkeys; nothing when they have none, or none can work here.
    pub(crate) async fn passkey_ask(&self, user: UserId) -> Result<Option<(Value, PasskeyAuthentication)>, AppError> {
        let Ok(webauthn) = self.identity.passkeys.webauthn() else { return Ok(None) };
        let passkeys = self.store.passkey_list(user).await?.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        if passkeys.is_empty() {
            return Ok(None);
        }
        let (options, state) = webauthn.start_passkey_authentication(&passkeys).map_err(broken)?;
        Ok(Some((public_key(&options)?, state)))
    }

    /// Whether a browser's answer proves that the user has one of their passkeys.
    pub(crate) async fn passkey_judge(&self, user: UserId, credential: &Value, state: &PasskeyAuthentication) -> Result<Judged, AppError> {
        let answer: PublicKeyCredential = serde_json::from_value(credential.clone()).map_err(|_| not_a_credential())?;
        if answer.get_user_unique_id().is_some_and(|handle| handle != user.0.as_bytes()) {
            return Ok(Judged::Wrong("the passkey is another user's"));
        }
        let result = match self.identity.passkeys.webauthn()?.finish_passkey_authentication(&answer, state) {
            Ok(result) => result,
            Err(error) => return Ok(Judged::Wrong(why(&error))),
        };
        // Read again: it may have been removed since the challenge was made.
        match self.store.passkey_by_credential(&credential_id(result.cred_id())).await? {
            Some(passkey) if passkey.user_id == user => shown(&passkey, read(&passkey)?, &result),
            _ => Ok(Judged::Wrong("the passkey was removed")),
        }
    }

    /// Seals a ceremony's state for its second half.
    pub(crate) fn challenge_seal<T: Serialize>(&self, purpose: &str, state: &T, now: Time) -> Result<SecretString, AppError> {
        let begun = Begun { ends: now.after(CHALLENGE_LIFE).as_micros(), state };
        let text = serde_json::to_vec(&begun).map_err(|_| AppError::Internal("a challenge cannot be written".to_owned()))?;
        Ok(format!("mcx_{}", self.seal.seal(purpose, &text)?).into())
    }

    /// Opens what was sealed for the same purpose, while it lasts.
    pub(crate) fn challenge_open<T: DeserializeOwned>(&self, purpose: &str, text: &SecretString, now: Time) -> Result<Opened<T>, AppError> {
        let text = text.expose_secret();
        let sealed = text.strip_prefix("mcx_").ok_or_else(ended)?;
        let plain = self.seal.open(purpose, sealed).map_err(|_| ended())?;
        let begun: Begun<T> = serde_json::from_slice(&plain).map_err(|_| ended())?;
        let ends = Time::from_micros(begun.ends);
        if ends <= now { Err(ended()) } else { Ok(Opened { state: begun.state, spent: (secret::hash(text), ends) }) }
    }
}

/// A challenge that no longer counts. Not "unauthenticated": the caller may be logged in all the same.
pub(crate) fn ended() -> AppError {
    AppError::conflict("challenge_ended", "this took too long, or was answered before: begin again")
}

pub(crate) fn not_a_credential() -> AppError {
    AppError::Invalid("passkey: send what the browser answered, as its toJSON() writes it".to_owned())
}

/// A stored passkey as the library knows it.
pub(crate) fn read(passkey: &Passkey) -> Result<webauthn_rs::prelude::Passkey, AppError> {
    serde_json::from_str(&passkey.credential).map_err(|_| AppError::Internal("a stored passkey cannot be read".to_owned()))
}

/// How a credential's id is stored.
pub(crate) fn credential_id(bytes: &[u8]) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The ids of passkeys as the library knows them.
pub(crate) fn ids(passkeys: &[Passkey]) -> Result<Vec<CredentialID>, AppError> {
    passkeys.iter().map(|passkey| Ok(read(passkey)?.cred_id().clone())).collect()
}

/// The options as browsers' `parse…OptionsFromJSON` takes them: without the wrapping that is for older ones.
pub(crate) fn public_key<T: Serialize>(options: &T) -> Result<Value, AppError> {
    let mut options = serde_json::to_value(options).map_err(|_| AppError::Internal("passkey options cannot be written".to_owned()))?;
    Ok(options.get_mut("publicKey").map_or_else(|| json!({}), Value::take))
}

fn shown(passkey: &Passkey, mut known: webauthn_rs::prelude::Passkey, result: &AuthenticationResult) -> Result<Judged, AppError> {
    if !result.user_verified() {
        return Ok(Judged::Wrong("the device did not verify its user"));
    }
    known.update_credential(result);
    let credential = serde_json::to_string(&known).map_err(|_| AppError::Internal("a passkey cannot be written".to_owned()))?;
    Ok(Judged::Right(Shown::Passkey { id: passkey.id, counter: i64::from(result.counter()), credential }))
}

pub(crate) fn broken(error: WebauthnError) -> AppError {
    AppError::Internal(format!("a passkey ceremony cannot begin: {error:?}"))
}

/// Why a browser's answer does not count, for the audit trail.
pub(crate) const fn why(error: &WebauthnError) -> &'static str {
    match error {
        WebauthnError::CredentialPossibleCompromise => "the passkey's counter did not grow: it may have been copied",
        WebauthnError::InvalidRPOrigin => "the passkey was used on another site",
        WebauthnError::MismatchedChallenge => "the passkey answered another challenge",
        WebauthnError::UserNotVerified => "the device did not verify its user",
        WebauthnError::CredentialNotFound => "the passkey is not one of the user's",
        _ => "the passkey's answer is not valid",
    }
}
