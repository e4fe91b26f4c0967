//! Identity providers, and logging in by one from the command line.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::Method;
use mc_api::{
    auth::LoginAnswer,
    list::List,
    provider::{CliExchange, Identity, Provider, ProviderButtons, ProviderCheck, ProviderForm},
};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use crate::{Client, Result};

/// A login that a browser does for a command line: the secret that proves at the end who began it.
#[derive(Debug)]
pub struct BrowserLogin {
    verifier: SecretString,
}

impl BrowserLogin {
    /// Begins one.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "a default that differs on each call would surprise")]
    pub fn new() -> Self {
        Self { verifier: URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()).into() }
    }

    /// What may be shown of the secret: its SHA-256 in base64url.
    #[must_use]
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.expose_secret().as_bytes()))
    }
}

impl Client {
    /// The ways to log in. Needs no login.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn provider_buttons(&self) -> Result<ProviderButtons> {
        let response = self.send_public(self.call(Method::GET, &["auth", "providers"])).await?;
        self.json(response).await
    }

    /// Where a browser on this machine begins a login by `provider` that comes back to `port` of loopback.
    #[must_use]
    pub fn browser_login_url(&self, provider: &str, port: u16, login: &BrowserLogin) -> String {
        let call = self.call(Method::GET, &["auth", "oidc", provider, "start"]);
        call.query(vec![("cli_port", Some(port.to_string())), ("cli_challenge", Some(login.challenge()))]).address()
    }

    /// Trades the one-time code that the browser brought for a session, and keeps it.
    ///
    /// # Errors
    /// See [`Error`](crate::Error); code `ticket_ended`.
    pub async fn cli_exchange(&self, code: &str, login: &BrowserLogin) -> Result<LoginAnswer> {
        let body = CliExchange { code: code.to_owned(), verifier: login.verifier.expose_secret().to_owned() };
        let response = self.send_public(self.call(Method::POST, &["auth", "cli", "exchange"]).json(&body)?).await?;
        self.logged_in(response).await
    }

    /// All identity providers.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn provider_list(&self) -> Result<List<Provider>> {
        self.fetch(self.call(Method::GET, &["admin", "providers"])).await
    }

    /// Adds an identity provider.
    ///
    /// # Errors
    /// See [`Error`](crate::Error); code `name_taken`.
    pub async fn provider_create(&self, form: &ProviderForm) -> Result<Provider> {
        self.fetch(self.call(Method::POST, &["admin", "providers"]).json(form)?).await
    }

    /// One identity provider.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn provider_show(&self, name: &str) -> Result<Provider> {
        self.fetch(self.call(Method::GET, &["admin", "providers", name])).await
    }

    /// Changes an identity provider.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn provider_update(&self, name: &str, form: &ProviderForm) -> Result<Provider> {
        self.fetch(self.call(Method::PUT, &["admin", "providers", name]).json(form)?).await
    }

    /// Removes an identity provider.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn provider_delete(&self, name: &str) -> Result<()> {
        self.done(self.call(Method::DELETE, &["admin", "providers", name])).await
    }

    /// Tries an identity provider.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn provider_check(&self, name: &str) -> Result<ProviderCheck> {
        self.fetch(self.call(Method::POST, &["admin", "providers", name, "check"])).await
    }

    /// One's own accounts at identity providers.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn me_identities(&self) -> Result<List<Identity>> {
        self.fetch(self.call(Method::GET, &["me", "identities"])).await
    }

    /// Unlinks one's own account at a provider.
    ///
    /// # Errors
    /// See [`Error`](crate::Error); code `last_login_way`.
    pub async fn me_identity_unlink(&self, provider: &str) -> Result<()> {
        self.done(self.call(Method::DELETE, &["me", "identities", provider])).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_stays_here() {
        let login = BrowserLogin::new();
        assert_eq!(login.challenge().len(), 43);
        assert!(!format!("{login:?}").contains(login.verifier.expose_secret()));
        assert_ne!(login.challenge(), BrowserLogin::new().challenge());
    }
}
