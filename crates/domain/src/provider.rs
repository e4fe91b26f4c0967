//! Identity providers: who else may say who somebody is, and what we make of what they say.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    id::{ProviderId, UserId},
    name::ProviderName,
    role::RoleName,
    time::Time,
};

/// Which product a provider is: it decides the button's look and what is asked where its groups are kept elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderKind {
    /// Microsoft Entra ID: people in very many groups have them at Microsoft Graph.
    Entra,
    /// Keycloak.
    Keycloak,
    /// Authentik.
    Authentik,
    /// Any other.
    Generic,
}

/// What happens to somebody who is unknown here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provisioning {
    /// An account is made, as long as there are seats.
    Create,
    /// Only accounts that exist can be linked.
    Link,
}

/// Who answers for a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactorTrust {
    /// The provider does, in its own way.
    Provider,
    /// The provider must say (claim `amr`) that there was one, for roles that need one here.
    Proved,
}

macro_rules! words {
    ($($name:ident: $what:literal, $($variant:ident = $word:literal),+;)+) => {$(
        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// As text.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl FromStr for $name {
            type Err = NotAWord;
            fn from_str(text: &str) -> Result<Self, NotAWord> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text).ok_or(NotAWord { what: $what, all: &[$($word),+] })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )+};
}

/// Text that is none of the words there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be one of {all:?}")]
pub struct NotAWord {
    what: &'static str,
    all: &'static [&'static str],
}

words! {
    ProviderKind: "kind", Entra = "entra", Keycloak = "keycloak", Authentik = "authentik", Generic = "generic";
    Provisioning: "provisioning", Create = "create", Link = "link";
    FactorTrust: "second_factor", Provider = "provider", Proved = "proved";
}

/// Claims of a token as texts; what was nested has dots in its name (`realm_access.roles`).
pub type Claims = BTreeMap<String, Vec<String>>;

/// Who gets which role: the first rule that fits decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleRule {
    /// The claim to look at; without one, the groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<String>,
    /// What one of its values must look like; `*` stands for anything.
    pub value: String,
    /// The role then.
    pub role: RoleName,
}

impl RoleRule {
    fn fits(&self, claims: &Claims, groups: &[String]) -> bool {
        let values = self.claim.as_ref().map_or(Some(groups), |claim| claims.get(claim).map(Vec::as_slice));
        values.unwrap_or_default().iter().any(|value| pattern_fits(&self.value, value))
    }
}

/// Whether `text` looks like `pattern`, in which each `*` stands for anything. Upper and lower case differ.
#[must_use]
pub fn pattern_fits(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(rest) = pieces.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else { return rest.is_empty() };
    let mut rest = rest;
    for piece in pieces {
        let Some((_, behind)) = rest.split_once(piece) else { return false };
        rest = behind;
    }
    rest.ends_with(last)
}

/// An identity provider, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Stable id.
    pub id: ProviderId,
    /// Its name in addresses: `entra`.
    pub name: ProviderName,
    /// What its button says: `Microsoft`.
    pub label: String,
    /// Which product it is.
    pub kind: ProviderKind,
    /// The issuer, exactly as its discovery document says it.
    pub issuer: String,
    /// What we are called there.
    pub client_id: String,
    /// Whether a client secret is kept.
    pub has_secret: bool,
    /// What is asked for; `openid` always is.
    pub scopes: Vec<String>,
    /// The claim with the groups.
    pub groups_claim: String,
    /// Who gets which role.
    pub role_rules: Vec<RoleRule>,
    /// The role when no rule fits; without one, they are refused.
    pub default_role: Option<RoleName>,
    /// What happens to somebody who is unknown here.
    pub provisioning: Provisioning,
    /// Who answers for a second factor.
    pub second_factor: FactorTrust,
    /// Certificates (PEM) trusted for this provider beside the system's.
    pub ca_pem: Option<String>,
    /// Where Microsoft Graph is, when not at `https://graph.microsoft.com`.
    pub graph_url: Option<String>,
    /// Whether people can log in by it.
    pub enabled: bool,
    /// When it was added.
    pub created_at: Time,
    /// When it was changed last.
    pub updated_at: Time,
}

impl Provider {
    /// The role of somebody with these claims and groups.
    #[must_use]
    pub fn role_of(&self, claims: &Claims, groups: &[String]) -> Option<RoleName> {
        let found = self.role_rules.iter().find(|rule| rule.fits(claims, groups)).map(|rule| rule.role.clone());
        found.or_else(|| self.default_role.clone())
    }

    /// A group of this provider as roles are given to it: no provider can speak for the groups of another.
    #[must_use]
    pub fn group(&self, group: &str) -> String {
        format!("{}:{group}", self.name)
    }
}

/// An account at a provider that is linked to a user here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityLink {
    /// Where the account is.
    pub provider_id: ProviderId,
    /// The provider's name.
    pub provider: ProviderName,
    /// Who it is there: never given to anybody else.
    pub subject: String,
    /// Whose it is here.
    pub user_id: UserId,
    /// The address the provider gave last, to show.
    pub email: Option<String>,
    /// Whether the provider's rules give the user's role: so for accounts it made, not for those that existed before.
    pub role_managed: bool,
    /// When it was linked.
    pub linked_at: Time,
    /// The last login by it.
    pub last_login_at: Option<Time>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_or_not() {
        for (pattern, text) in
            [("ops", "ops"), ("*", ""), ("ops-*", "ops-eu"), ("*-admins", "eu-admins"), ("a*b*c", "axxbyyc"), ("a*a", "aa")]
        {
            assert!(pattern_fits(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("ops", "ops2"), ("ops", "Ops"), ("a*a", "a"), ("a*b*c", "acb"), ("", "x"), ("*b*b", "ab")] {
            assert!(!pattern_fits(pattern, text), "{pattern} {text}");
        }
    }

    fn provider(rules: &[(Option<&str>, &str, &str)], default: Option<&str>) -> Provider {
        let rule = |(claim, value, role): &(Option<&str>, &str, &str)| RoleRule {
            claim: claim.map(ToOwned::to_owned),
            value: (*value).to_owned(),
            role: role.parse().expect("a role"),
        };
        Provider {
            id: ProviderId::new(),
            name: "keycloak".parse().expect("a name"),
            label: "Keycloak".into(),
            kind: ProviderKind::Keycloak,
            issuer: "https://idp".into(),
            client_id: "mc".into(),
            has_secret: false,
            scopes: Vec::new(),
            groups_claim: "groups".into(),
            role_rules: rules.iter().map(rule).collect(),
            default_role: default.map(|role| role.parse().expect("a role")),
            provisioning: Provisioning::Create,
            second_factor: FactorTrust::Provider,
            ca_pem: None,
            graph_url: None,
            enabled: true,
            created_at: Time::default(),
            updated_at: Time::default(),
        }
    }

    #[test]
    fn the_first_rule_that_fits_gives_the_role() {
        let claims = Claims::from([("realm_access.roles".to_owned(), vec!["boss".to_owned()])]);
        let groups = ["ops-eu".to_owned(), "staff".to_owned()];
        let rules = [(Some("realm_access.roles"), "boss", "admin"), (None, "ops-*", "operator"), (None, "*", "viewer")];
        let role = |provider: Provider, claims: &Claims, groups: &[String]| provider.role_of(claims, groups).map(String::from);
        assert_eq!(role(provider(&rules, None), &claims, &groups).as_deref(), Some("admin"));
        assert_eq!(role(provider(&rules, None), &Claims::new(), &groups).as_deref(), Some("operator"));
        assert_eq!(role(provider(&rules, None), &Claims::new(), &[]), None, "nobody has a role by accident");
        assert_eq!(role(provider(&rules, Some("viewer")), &Claims::new(), &[]).as_deref(), Some("viewer"));
        assert_eq!(provider(&rules, None).group("ops-eu"), "keycloak:ops-eu");
    }

    #[test]
    fn words_read_back() {
        assert_eq!("entra".parse(), Ok(ProviderKind::Entra));
        assert_eq!("link".parse(), Ok(Provisioning::Link));
        assert_eq!("proved".parse(), Ok(FactorTrust::Proved));
        assert!("Entra".parse::<ProviderKind>().is_err());
    }
}
