//! Identity providers (OpenID Connect): the buttons of the login page, their administration, and one's own accounts at them.

use mc_domain::{
    provider::{self, FactorTrust, ProviderKind, Provisioning},
    time::Time,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The ways to log in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProviderButtons {
    /// Providers that people can log in by, in the order of their names.
    pub items: Vec<ProviderButton>,
    /// Whether a user name and a password work: always.
    pub password: bool,
}

/// One provider on the login page. Its button leads to `/api/v1/auth/oidc/{name}/start?return_to=/path`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProviderButton {
    /// Its name.
    pub name: String,
    /// What the button says after "Sign in with".
    pub label: String,
    /// Which product it is.
    #[schema(value_type = crate::schema::ProviderKind)]
    pub kind: ProviderKind,
}

/// An identity provider. Its client secret is never shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Provider {
    /// Its name, in the addresses of its routes.
    pub name: String,
    /// What the button says after "Sign in with".
    pub label: String,
    /// Which product it is.
    #[schema(value_type = crate::schema::ProviderKind)]
    pub kind: ProviderKind,
    /// The issuer, exactly as its discovery document says it.
    pub issuer: String,
    /// What we are called there.
    pub client_id: String,
    /// Whether a client secret is kept.
    pub has_secret: bool,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// The claim with the groups; a nested one with dots: `realm_access.roles`.
    pub groups_claim: String,
    /// Who gets which role: the first rule that fits decides.
    pub role_rules: Vec<RoleRule>,
    /// The role when no rule fits; without one, they are refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_role: Option<String>,
    /// What happens to somebody who is unknown here.
    #[schema(value_type = crate::schema::Provisioning)]
    pub provisioning: Provisioning,
    /// Who answers for the second factor of roles that need one.
    #[schema(value_type = crate::schema::FactorTrust)]
    pub second_factor: FactorTrust,
    /// Certificates (PEM) trusted for this provider beside the system's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_pem: Option<String>,
    /// Where Microsoft Graph is, when not at `https://graph.microsoft.com`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graph_url: Option<String>,
    /// Whether people can log in by it.
    pub enabled: bool,
    /// When it was added.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// The address to register at the provider as the redirect URI.
    pub redirect_uri: String,
    /// The address to register at the provider for back-channel logout.
    pub backchannel_logout_uri: String,
}

/// Who gets which role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoleRule {
    /// The claim to look at; without one, the groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<String>,
    /// What one of its values must look like; `*` stands for anything.
    pub value: String,
    /// The role then.
    pub role: String,
}

impl From<provider::RoleRule> for RoleRule {
    fn from(rule: provider::RoleRule) -> Self {
        Self { claim: rule.claim, value: rule.value, role: rule.role.to_string() }
    }
}

/// A new provider, or a changed one: what is left out takes its default, but a secret that is left out stays as it is.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct ProviderForm {
    /// Its name: 1 to 30 of a-z, 0-9 and '-'. It cannot be changed.
    pub name: String,
    /// What the button says after "Sign in with".
    pub label: String,
    /// Which product it is.
    #[serde(default = "generic")]
    #[schema(value_type = crate::schema::ProviderKind)]
    pub kind: ProviderKind,
    /// The issuer, exactly as its discovery document says it.
    pub issuer: String,
    /// What we are called there.
    pub client_id: String,
    /// The client secret; left out when it is public, or stays as it is. An empty one is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = Password)]
    pub client_secret: Option<String>,
    /// What is asked for; left out: `openid`, `profile`, `email`, and `offline_access` where the provider offers it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// The claim with the groups; left out: `groups`.
    #[serde(default = "groups")]
    pub groups_claim: String,
    /// Who gets which role: the first rule that fits decides.
    #[serde(default)]
    pub role_rules: Vec<RoleRule>,
    /// The role when no rule fits; without one, they are refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_role: Option<String>,
    /// What happens to somebody who is unknown here.
    #[serde(default = "link")]
    #[schema(value_type = crate::schema::Provisioning)]
    pub provisioning: Provisioning,
    /// Who answers for the second factor of roles that need one.
    #[serde(default = "trusted")]
    #[schema(value_type = crate::schema::FactorTrust)]
    pub second_factor: FactorTrust,
    /// Certificates (PEM) trusted for this provider beside the system's; null or left out: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_pem: Option<String>,
    /// Where Microsoft Graph is; null or left out: at `https://graph.microsoft.com`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graph_url: Option<String>,
    /// Whether people can log in by it.
    #[serde(default = "enabled")]
    pub enabled: bool,
}

const fn generic() -> ProviderKind {
    ProviderKind::Generic
}

fn groups() -> String {
    "groups".to_owned()
}

const fn link() -> Provisioning {
    Provisioning::Link
}

const fn trusted() -> FactorTrust {
    FactorTrust::Provider
}

const fn enabled() -> bool {
    true
}

/// What a provider answered when it was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProviderCheck {
    /// The issuer as its discovery document says it; absent when it did not answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Where it is asked for what.
    pub endpoints: Vec<ProviderEndpoint>,
    /// What will not work, and what to do; empty when all is well.
    pub problems: Vec<String>,
}

/// One address of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProviderEndpoint {
    /// What it is for: `authorization`, `token`, `userinfo`, `keys`, `end_session`.
    pub name: String,
    /// Where it is.
    pub url: String,
}

/// One's own account at a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Identity {
    /// The provider's name.
    pub provider: String,
    /// Who one is there.
    pub subject: String,
    /// The address the provider gave last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// When it was linked.
    #[schema(value_type = String, format = DateTime)]
    pub linked_at: Time,
    /// The last login by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_login_at: Option<Time>,
}

impl From<provider::IdentityLink> for Identity {
    fn from(link: provider::IdentityLink) -> Self {
        Self {
            provider: link.provider.to_string(),
            subject: link.subject,
            email: link.email,
            linked_at: link.linked_at,
            last_login_at: link.last_login_at,
        }
    }
}

/// What is asked when one links an account of one's own at a provider.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IdentityLinkWish {
    /// A path of ours to come back to; left out: the front page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_to: Option<String>,
}

/// A linking that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IdentityLinkBegun {
    /// Where to send the browser: an address of the provider.
    pub url: String,
}

/// Proof that an account here and one at a provider are the same person's.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct OidcLink {
    /// The ticket from `/login/link#ticket=…`.
    pub ticket: String,
    /// The password of the account here.
    #[schema(format = Password)]
    pub password: String,
}

/// What the command line got from the browser, for tokens.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct CliExchange {
    /// The one-time code.
    pub code: String,
    /// The secret whose hash the login began with.
    pub verifier: String,
}

/// Where to go after logging out here, to be logged out at the provider too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LoggedOut {
    /// An address of the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect: Option<String>,
}
