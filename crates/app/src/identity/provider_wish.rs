//! Whether what somebody wants of an identity provider makes sense: lengths, numbers, characters.

use mc_domain::{
    id::ProviderId,
    provider::{Provider, RoleRule},
    time::Time,
};

use super::provider::ProviderWish;
use crate::error::AppError;

const LABEL_MAX: usize = 60;
const ISSUER_MAX: usize = 500;
const CLIENT_ID_MAX: usize = 255;
const SECRET_MAX: usize = 1_000;
const SCOPES_MAX: usize = 20;
const NAME_MAX: usize = 100;
const RULES_MAX: usize = 100;
const VALUE_MAX: usize = 300;
const PEM_MAX: usize = 64 * 1024;

/// The provider that is wanted, without its secret.
pub(super) fn checked(wish: ProviderWish, id: ProviderId, created_at: Time, now: Time) -> Result<Provider, AppError> {
    let plain = |text: &str| !text.chars().any(char::is_control);
    let fits = |what: &str, text: &str, max: usize| {
        let good = !text.trim().is_empty() && text.len() <= max && plain(text);
        if good { Ok(()) } else { Err(AppError::Invalid(format!("{what} must be 1 to {max} bytes of plain text"))) }
    };
    fits("label", &wish.label, LABEL_MAX)?;
    fits("issuer", &wish.issuer, ISSUER_MAX)?;
    fits("client_id", &wish.client_id, CLIENT_ID_MAX)?;
    fits("groups_claim", &wish.groups_claim, NAME_MAX)?;
    let secret_fits = |secret: &secrecy::SecretString| {
        use secrecy::ExposeSecret as _;
        secret.expose_secret().len() <= SECRET_MAX && plain(secret.expose_secret())
    };
    if !wish.client_secret.as_ref().is_none_or(secret_fits) {
        return Err(AppError::Invalid(format!("client_secret must be at most {SECRET_MAX} bytes of plain text")));
    }
    if wish.scopes.len() > SCOPES_MAX || !wish.scopes.iter().all(|scope| is_scope(scope)) {
        return Err(AppError::Invalid(format!("scopes must be at most {SCOPES_MAX} words")));
    }
    if wish.role_rules.len() > RULES_MAX || !wish.role_rules.iter().all(rule_fits) {
        return Err(AppError::Invalid(format!("role_rules must be at most {RULES_MAX}, each with a value of 1 to {VALUE_MAX} bytes")));
    }
    if wish.ca_pem.as_ref().is_some_and(|pem| pem.len() > PEM_MAX) {
        return Err(AppError::Invalid("ca_pem must be at most 64 KiB".to_owned()));
    }
    if let Some(graph) = &wish.graph_url {
        fits("graph_url", graph, ISSUER_MAX)?;
    }
    Ok(Provider {
        id,
        name: wish.name,
        label: wish.label.trim().to_owned(),
        kind: wish.kind,
        issuer: wish.issuer,
        client_id: wish.client_id,
        has_secret: false,
        scopes: wish.scopes,
        groups_claim: wish.groups_claim,
        role_rules: wish.role_rules,
        default_role: wish.default_role,
        provisioning: wish.provisioning,
        second_factor: wish.second_factor,
        ca_pem: wish.ca_pem.filter(|pem| !pem.trim().is_empty()),
        graph_url: wish.graph_url,
        enabled: wish.enabled,
        created_at,
        updated_at: now,
    })
}

/// `scope-token` of RFC 6749, 3.3.
fn is_scope(text: &str) -> bool {
    !text.is_empty() && text.len() <= NAME_MAX && text.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
}

fn rule_fits(rule: &RoleRule) -> bool {
    let named = rule.claim.as_ref().is_none_or(|claim| !claim.is_empty() && claim.len() <= NAME_MAX);
    named && !rule.value.is_empty() && rule.value.len() <= VALUE_MAX && !rule.value.chars().any(char::is_control)
}
