//! Identity providers: added, changed, tried, removed; and the party that relies on each.

use std::sync::{Arc, atomic::Ordering};

use dashmap::DashMap;
use mc_domain::{
    action,
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    id::ProviderId,
    name::ProviderName,
    permit::Everything,
    provider::{FactorTrust, Provider, ProviderKind, Provisioning, RoleRule},
    role::RoleName,
    time::Time,
};
use mc_oidc::{OidcError, Relying};
use mc_store::SecretChange;
use secrecy::{ExposeSecret as _, SecretString};

use super::provider_wish::checked;
use crate::{App, error::AppError};

/// The relying parties in use, each with the moment its provider was changed last.
pub(crate) type Relyings = DashMap<ProviderId, (Time, Arc<Relying>)>;

/// A provider as somebody wants it.
#[derive(Debug, Clone)]
pub struct ProviderWish {
    /// Its name in addresses.
    pub name: ProviderName,
    /// What its button says.
    pub label: String,
    /// Which product it is.
    pub kind: ProviderKind,
    /// The issuer.
    pub issuer: String,
    /// What we are called there.
    pub client_id: String,
    /// The client secret: `None` keeps what is there, an empty one removes it.
    pub client_secret: Option<SecretString>,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// The claim with the groups.
    pub groups_claim: String,
    /// Who gets which role.
    pub role_rules: Vec<RoleRule>,
    /// The role when no rule fits.
    pub default_role: Option<RoleName>,
    /// What happens to somebody who is unknown here.
    pub provisioning: Provisioning,
    /// Who answers for a second factor.
    pub second_factor: FactorTrust,
    /// Certificates trusted beside the system's.
    pub ca_pem: Option<String>,
    /// Where Microsoft Graph is.
    pub graph_url: Option<String>,
    /// Whether people can log in by it.
    pub enabled: bool,
}

impl App {
    /// Providers that people can log in by: anybody may know them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn provider_buttons(&self) -> Result<Vec<Provider>, AppError> {
        Ok(self.store.provider_buttons().await?)
    }

    /// All providers by name.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn provider_list(&self, ctx: &Ctx) -> Result<Vec<Provider>, AppError> {
        let permit = self.permit::<_, action::ProviderList>(ctx, Everything)?;
        Ok(self.store.provider_list(&permit).await?)
    }

    /// One provider.
    ///
    /// # Errors
    /// When there is none, or the caller may not.
    pub async fn provider_show(&self, ctx: &Ctx, name: &str) -> Result<Provider, AppError> {
        let (provider, _) = self.provider_find(name).await?;
        Ok(self.permit::<_, action::ProviderShow>(ctx, provider)?.into_inner())
    }

    /// Adds a provider. Nothing is asked of it yet.
    ///
    /// # Errors
    /// When the caller may not, the name is taken, or the wish makes no sense.
    pub async fn provider_create(&self, ctx: &Ctx, wish: ProviderWish) -> Result<Provider, AppError> {
        let permit = self.permit::<_, action::ProviderCreate>(ctx, Everything)?;
        let secret = wish.client_secret.clone().filter(|secret| !secret.expose_secret().is_empty());
        let mut provider = checked(wish, ProviderId::new(), ctx.now, ctx.now)?;
        provider.has_secret = secret.is_some();
        // Built once now, so that what cannot work is refused while somebody looks.
        self.relying_new(&provider, secret.clone()).map_err(refused)?;
        self.roles_to_hand_on::<action::ProviderCreate>(ctx, &provider).await?;
        let sealed = secret.as_ref().map(|secret| self.provider_seal(provider.id, secret)).transpose()?;
        let audit = AuditEntry::new(ctx, ctx.now, "provider_create", AuditResult::Ok)
            .on("provider", provider.id, &provider.name)
            .detail(told(&provider));
        self.store.provider_insert(&permit, &provider, sealed.as_deref(), &audit).await?;
        self.recorder.announce(audit);
        Ok(provider)
    }

    /// Changes a provider.
    ///
    /// # Errors
    /// When there is none, the caller may not, or the wish makes no sense.
    pub async fn provider_update(&self, ctx: &Ctx, name: &str, wish: ProviderWish) -> Result<Provider, AppError> {
        let (old, sealed) = self.provider_find(name).await?;
        let permit = self.permit::<_, action::ProviderUpdate>(ctx, old)?;
        if wish.name != permit.name {
            return Err(AppError::Invalid("a provider's name cannot be changed: it stands in the addresses registered there".to_owned()));
        }
        let wished = wish.client_secret.clone();
        let mut new = checked(wish, permit.id, permit.created_at, ctx.now)?;
        let (secret, change) = match wished {
            // A secret goes only to the issuer it was given for: else whoever may edit could have it sent anywhere.
            None if new.issuer != permit.issuer && sealed.is_some() => {
                return Err(AppError::Invalid("with another issuer, give the client secret again".to_owned()));
            }
            None => (self.provider_open(permit.id, sealed.as_deref())?, SecretChange::Keep),
            Some(secret) if secret.expose_secret().is_empty() => (None, SecretChange::Remove),
            Some(secret) => {
                let sealed = self.provider_seal(permit.id, &secret)?;
                (Some(secret), SecretChange::Set(sealed))
            }
        };
        new.has_secret = secret.is_some();
        self.relying_new(&new, secret).map_err(refused)?;
        self.roles_to_hand_on::<action::ProviderUpdate>(ctx, &new).await?;
        let audit = AuditEntry::new(ctx, ctx.now, "provider_update", AuditResult::Ok).on("provider", new.id, &new.name).detail(told(&new));
        self.store.provider_update(&permit, &new, &change, &audit).await?;
        self.provider_forget(new.id);
        self.recorder.announce(audit);
        // What it must prove holds for sessions that run, and for pages that are open.
        self.demands_read(ctx.now).await?;
        self.identity.forgotten.fetch_add(1, Ordering::AcqRel);
        Ok(new)
    }

    /// Removes a provider, its links and its sessions. The users stay.
    ///
    /// # Errors
    /// When there is none, or the caller may not.
    pub async fn provider_delete(&self, ctx: &Ctx, name: &str) -> Result<(), AppError> {
        let (provider, _) = self.provider_find(name).await?;
        let permit = self.permit::<_, action::ProviderDelete>(ctx, provider)?;
        let audit = AuditEntry::new(ctx, ctx.now, "provider_delete", AuditResult::Ok).on("provider", permit.id, &permit.name);
        self.store.provider_delete(&permit, ctx.now, &audit).await?;
        self.provider_forget(permit.id);
        self.recorder.announce(audit);
        Ok(())
    }

    /// Tries whether a provider answers as it should.
    ///
    /// # Errors
    /// When there is none, or the caller may not. What is wrong with the provider is in the answer.
    pub async fn provider_check(&self, ctx: &Ctx, name: &str) -> Result<mc_oidc::Check, AppError> {
        let (provider, sealed) = self.provider_find(name).await?;
        let permit = self.permit::<_, action::ProviderCheck>(ctx, provider)?;
        match self.relying(&permit, sealed.as_deref())? {
            Ok(relying) => {
                let mut check = relying.check().await;
                if permit.role_rules.is_empty() && permit.default_role.is_none() {
                    check.problems.push("no rule gives a role and there is no default role: no new user can come in".to_owned());
                }
                Ok(check)
            }
            Err(error) => Ok(mc_oidc::Check { problems: vec![error.to_string()], ..mc_oidc::Check::default() }),
        }
    }

    /// Where a provider sends the browser back to.
    #[must_use]
    pub fn provider_redirect_uri(&self, name: &ProviderName) -> String {
        format!("{}/api/v1/auth/oidc/{name}/callback", self.settings.public_url)
    }

    /// Where a provider says that logins are over.
    #[must_use]
    pub fn provider_logout_uri(&self, name: &ProviderName) -> String {
        format!("{}/api/v1/auth/oidc/{name}/backchannel-logout", self.settings.public_url)
    }

    pub(crate) async fn provider_find(&self, name: &str) -> Result<(Provider, Option<String>), AppError> {
        let unknown = || AppError::NotFound("there is no such identity provider".to_owned());
        let name: ProviderName = name.parse().map_err(|_| unknown())?;
        self.store.provider_by_name(&name).await?.ok_or_else(unknown)
    }

    /// The party that relies on a provider, made anew when the provider was changed; or why it cannot be.
    pub(crate) fn relying(&self, provider: &Provider, sealed: Option<&str>) -> Result<Result<Arc<Relying>, OidcError>, AppError> {
        if let Some(kept) = self.identity.relyings.get(&provider.id).filter(|kept| kept.0 == provider.updated_at) {
            return Ok(Ok(Arc::clone(&kept.1)));
        }
        let secret = self.provider_open(provider.id, sealed)?;
        Ok(self.relying_new(provider, secret).map(|relying| {
            let relying = Arc::new(relying);
            self.identity.relyings.insert(provider.id, (provider.updated_at, Arc::clone(&relying)));
            relying
        }))
    }

    fn relying_new(&self, provider: &Provider, client_secret: Option<SecretString>) -> Result<Relying, OidcError> {
        let graph =
            (provider.kind == ProviderKind::Entra).then(|| provider.graph_url.clone().unwrap_or_else(mc_oidc::Settings::default_graph));
        let settings = mc_oidc::Settings {
            issuer: provider.issuer.clone(),
            client_id: provider.client_id.clone(),
            client_secret,
            scopes: provider.scopes.clone(),
            groups_claim: provider.groups_claim.clone(),
            ca_pem: provider.ca_pem.clone(),
            graph,
            http_loopback: self.settings.oidc_http_loopback,
        };
        Relying::new(settings, Arc::clone(&self.clock))
    }

    /// The roles its rules give exist, and are the caller's to give.
    async fn roles_to_hand_on<A: action::Action>(&self, ctx: &Ctx, provider: &Provider) -> Result<(), AppError> {
        for role in provider.role_rules.iter().map(|rule| &rule.role).chain(&provider.default_role) {
            self.may_give::<A>(ctx, role).await?;
            self.role_exists(role)?;
        }
        Ok(())
    }

    fn provider_forget(&self, id: ProviderId) {
        self.identity.relyings.remove(&id);
        // Sessions that hung on it may have ended.
        self.identity.sessions.clear();
    }

    fn provider_seal(&self, id: ProviderId, secret: &SecretString) -> Result<String, AppError> {
        self.seal.seal(&format!("provider:{id}"), secret.expose_secret().as_bytes())
    }

    fn provider_open(&self, id: ProviderId, sealed: Option<&str>) -> Result<Option<SecretString>, AppError> {
        sealed.map(|sealed| self.seal_open_text(&format!("provider:{id}"), sealed)).transpose()
    }

    /// Opens sealed text.
    pub(crate) fn seal_open_text(&self, purpose: &str, sealed: &str) -> Result<SecretString, AppError> {
        let bytes = self.seal.open(purpose, sealed)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| AppError::Internal("a sealed text is no text".to_owned()))?;
        Ok(text.to_owned().into())
    }
}

fn refused(error: OidcError) -> AppError {
    AppError::Invalid(error.to_string())
}

/// What the audit trail keeps of a provider: never its secret.
fn told(provider: &Provider) -> String {
    let rules: Vec<String> = provider
        .role_rules
        .iter()
        .map(|rule| format!("{} {:?} → {}", rule.claim.as_deref().unwrap_or("groups"), rule.value, rule.role))
        .collect();
    let default = provider.default_role.as_ref().map_or("none", |role| role.as_str());
    let text = format!(
        "issuer {:?}, client {:?}, {}, provisioning {}, second factor {}, default role {default}, rules [{}]",
        provider.issuer,
        provider.client_id,
        if provider.enabled { "enabled" } else { "disabled" },
        provider.provisioning,
        provider.second_factor,
        rules.join("; ")
    );
    text.chars().take(2_000).collect()
}
