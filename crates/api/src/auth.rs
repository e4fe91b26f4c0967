//! Logging in and out, and the first set-up.

use mc_domain::{
    actor::ActorKind,
    id::{SessionId, TokenId},
    role::RoleName,
    time::Time,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Credentials.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct LoginRequest {
    /// Login name.
    pub username: String,
    /// Password.
    #[schema(format = Password)]
    pub password: String,
}

/// A successful login or refresh. The refresh token comes as the cookie `__Host-mc_refresh`, the access token also as `__Host-mc_access`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct LoginAnswer {
    /// Signed access token (JWT, RS256), for `Authorization: Bearer`.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// Seconds until the access token ends.
    pub expires_in: u64,
    /// Who logged in.
    pub user: Me,
}

/// The caller: a user, by login or by a token of theirs, or a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Me {
    /// `user`, or `service` for a service token.
    #[schema(value_type = crate::schema::ActorKind)]
    pub kind: ActorKind,
    /// Stable id: of the account, or of the service token.
    #[schema(format = "uuid")]
    pub id: String,
    /// Login name, or the name of the service token.
    pub username: String,
    /// The role the account always has; absent for a service, which has no account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub role: Option<RoleName>,
    /// Every role in force now.
    #[schema(value_type = Vec<String>)]
    pub roles: Vec<RoleName>,
    /// This login; absent for a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "uuid")]
    pub session_id: Option<SessionId>,
    /// The API token that was shown; absent for a login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<MeToken>,
    /// The actions that the roles allow (and the token's scopes), by name (`agent_restart`, …), so that a page can disable the others with a reason.
    pub allowed: Vec<String>,
    /// When the account or the service token was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
}

/// The API token somebody showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MeToken {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: TokenId,
    /// Its name.
    pub name: String,
}

/// Whether the server still waits for its first user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SetupStatus {
    /// True until the first user exists.
    pub needed: bool,
}

/// The first user, made with the one-time token of the set-up link.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct SetupRequest {
    /// The token from the set-up link (`/setup#token=…`).
    pub token: String,
    /// Login name of the first admin.
    pub username: String,
    /// Password, at least 12 characters.
    #[schema(format = Password)]
    pub password: String,
}

/// Somebody forgot their password.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct PasswordForgot {
    /// The address of the account.
    pub email: String,
}

/// What becomes of it: the same whether or not anybody has the address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PasswordForgotAnswer {
    /// Whether this server sends mail at all. If not, an admin can make a link.
    pub mail: bool,
}

/// A new password by a link.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct PasswordReset {
    /// From the link (`/reset#token=…`).
    pub token: String,
    /// The new password, at least 12 characters.
    #[schema(format = Password)]
    pub password: String,
}

/// The proof of an address by a link.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct EmailVerify {
    /// From the link (`/verify#token=…`).
    pub token: String,
}

/// A password to be judged while it is typed.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct PasswordJudge {
    /// The password, at most 1024 bytes.
    #[schema(format = Password)]
    pub password: String,
    /// For whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
}

/// What is thought of a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PasswordJudgement {
    /// From 0 (guessed at once) to 4 (not in this life).
    #[schema(maximum = 4)]
    pub score: u8,
    /// Why it would be refused: a stable code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<crate::schema::WeakPassword>)]
    pub problem: Option<mc_domain::password::WeakPassword>,
    /// The same in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}
