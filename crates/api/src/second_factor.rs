//! Second factors: the second step of a login, what one sets up for it, and proving again who one is.

use mc_domain::{id::PasskeyId, time::Time};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::auth::LoginAnswer;

/// How somebody can prove who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FactorMethod {
    /// The password.
    Password,
    /// A code of an authenticator app: send `code`.
    Totp,
    /// A passkey: send `passkey`.
    Passkey,
    /// A recovery code: send `recovery_code`.
    Recovery,
}

/// The password was right; more is asked for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SecondFactor {
    /// Send it back with the answer. It ends after `expires_in`, after five wrong answers, and with the right one.
    pub challenge: String,
    /// What can be shown.
    pub methods: Vec<FactorMethod>,
    /// True when a role demands a second factor and none is set up: ask for a seed at `/auth/second-factor/enrol`, then answer with its
    /// first `code`.
    pub enrol: bool,
    /// `PublicKeyCredentialRequestOptionsJSON`, when a passkey can be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub passkey: Option<Value>,
    /// Seconds there are to answer.
    pub expires_in: u64,
}

/// The answer to a challenge: exactly one of `code`, `recovery_code` and `passkey`.
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct SecondFactorAnswer {
    /// The challenge.
    pub challenge: String,
    /// Six digits of an authenticator app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = Password)]
    pub code: Option<String>,
    /// A recovery code; it is spent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = Password)]
    pub recovery_code: Option<String>,
    /// What the browser answered, as its `toJSON()` writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub passkey: Option<Value>,
}

/// A login that came through its second step.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct SecondFactorDone {
    /// The login.
    #[serde(flatten)]
    pub login: LoginAnswer,
    /// New recovery codes, shown this once, when an authenticator app was set up on the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_codes: Option<Vec<String>>,
}

/// Which login is meant.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct ChallengeRequest {
    /// The challenge.
    pub challenge: String,
}

/// What is needed to set up an authenticator app. Shown once.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct TotpEnrolment {
    /// The seed in base32, to be typed.
    pub secret: String,
    /// The same as an `otpauth:` address.
    pub url: String,
    /// The address as a picture to scan (SVG).
    pub qr_svg: String,
}

/// A code of an authenticator app.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct TotpCode {
    /// Six digits.
    #[schema(format = Password)]
    pub code: String,
}

/// Recovery codes, shown this once. Each opens the account once when the second factor is lost.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct RecoveryCodes {
    /// Ten codes. Case and dashes do not matter.
    pub recovery_codes: Vec<String>,
}

/// What the caller has set up.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MeSecondFactor {
    /// Whether an authenticator app is set up.
    pub totp: bool,
    /// Passkeys, oldest first.
    pub passkeys: Vec<Passkey>,
    /// Recovery codes not used yet.
    pub recovery_codes_left: u32,
    /// Whether one of the caller's roles demands a second factor.
    pub required: bool,
    /// Whether browsers make passkeys for this server's address. They make none for IP addresses: `http.public_url` must name a host.
    pub passkeys_possible: bool,
}

/// A passkey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Passkey {
    /// Stable id.
    #[schema(value_type = String, format = "uuid")]
    pub id: PasskeyId,
    /// What its owner calls it.
    pub name: String,
    /// When it was added.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// When it was shown last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Time>,
}

/// What to ask a browser.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct PasskeyAsked {
    /// Send it back with the browser's answer, within five minutes.
    pub challenge: String,
    /// `PublicKeyCredentialCreationOptionsJSON` or `…RequestOptionsJSON`, for the browser's `parse…OptionsFromJSON`.
    #[schema(value_type = Object)]
    pub options: Value,
}

/// A login by passkey alone.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct PasskeyLogin {
    /// The challenge.
    pub challenge: String,
    /// What the browser answered, as its `toJSON()` writes it.
    #[schema(value_type = Object)]
    pub credential: Value,
}

/// A new passkey.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct PasskeyAdd {
    /// The challenge.
    pub challenge: String,
    /// Which device it is, in its owner's words.
    pub name: String,
    /// What the browser answered, as its `toJSON()` writes it.
    #[schema(value_type = Object)]
    pub credential: Value,
}

/// Another name for a passkey.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PasskeyRename {
    /// The name.
    pub name: String,
}

/// How the caller can prove again who they are.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct StepUpAsked {
    /// What can be shown. With a second factor set up, the password is not among it.
    pub methods: Vec<FactorMethod>,
    /// Send it back with a passkey's answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenge: Option<String>,
    /// `PublicKeyCredentialRequestOptionsJSON`, when a passkey can be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub passkey: Option<Value>,
}

/// Proof that the person at this login is still who they say: exactly one of `password`, `code`, `recovery_code` and `passkey`.
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct StepUp {
    /// The password, when no second factor is set up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = Password)]
    pub password: Option<String>,
    /// Six digits of an authenticator app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = Password)]
    pub code: Option<String>,
    /// A recovery code; it is spent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = Password)]
    pub recovery_code: Option<String>,
    /// What the browser answered, as its `toJSON()` writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub passkey: Option<Value>,
    /// The challenge a passkey answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenge: Option<String>,
}
