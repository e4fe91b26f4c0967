//! What a provider says of itself, and its keys: read, kept for a while, read again.

use std::time::Duration;

use mc_domain::time::Time;
use openidconnect::{
    JsonWebKeySet,
    core::{CoreJsonWebKey, CoreJwsSigningAlgorithm},
};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;
use url::Url;

use crate::{OidcError, net::Net};

/// How long what was read is taken as it is.
const FRESH: Duration = Duration::from_secs(5 * 60);
/// How long it still serves when the provider does not answer: keys of tokens that were signed before.
const STALE: Duration = Duration::from_secs(24 * 3_600);
/// How long after looking for a key that is not among those known they are not read again: a stranger could ask for many.
const KEYS_AGAIN_AFTER: Duration = Duration::from_secs(10);

/// The parts of the discovery document that are used here.
#[derive(Debug, Clone, Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    end_session_endpoint: Option<String>,
    #[serde(default)]
    id_token_signing_alg_values_supported: Vec<Value>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
    code_challenge_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    scopes_supported: Vec<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    #[serde(default)]
    backchannel_logout_supported: bool,
}

/// A provider as it described itself.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) issuer: String,
    pub(crate) authorization: Url,
    pub(crate) token: Url,
    pub(crate) userinfo: Option<Url>,
    pub(crate) end_session: Option<Url>,
    pub(crate) keys_at: Url,
    pub(crate) keys: JsonWebKeySet<CoreJsonWebKey>,
    /// Signature algorithms it may use: never none, never one with a shared secret.
    pub(crate) algorithms: Vec<CoreJwsSigningAlgorithm>,
    /// Whether the client secret goes into the body.
    pub(crate) secret_in_body: bool,
    pub(crate) pkce: bool,
    pub(crate) scopes: Vec<String>,
    pub(crate) names_itself: bool,
    pub(crate) backchannel_logout: bool,
    read_at: Time,
    keys_again_at: Option<Time>,
}

/// What is kept.
#[derive(Debug, Default)]
pub(crate) struct Discovery(Mutex<Option<Known>>);

impl Discovery {
    /// What the provider says now: not older than five minutes.
    pub(crate) async fn fresh(&self, net: &Net, issuer: &str, now: Time) -> Result<Known, OidcError> {
        self.within(net, issuer, now, FRESH).await
    }

    /// The same, or what it said up to a day ago when it does not answer.
    pub(crate) async fn any(&self, net: &Net, issuer: &str, now: Time) -> Result<Known, OidcError> {
        self.within(net, issuer, now, STALE).await
    }

    async fn within(&self, net: &Net, issuer: &str, now: Time, stale: Duration) -> Result<Known, OidcError> {
        // Held while asking, so that many logins at once ask once.
        let mut kept = self.0.lock().await;
        if let Some(known) = kept.as_ref().filter(|known| now.since(known.read_at) < FRESH) {
            return Ok(known.clone());
        }
        match read(net, issuer, now).await {
            Ok(mut known) => {
                known.keys_again_at = kept.as_ref().and_then(|known| known.keys_again_at);
                *kept = Some(known.clone());
                Ok(known)
            }
            Err(error) => kept.as_ref().filter(|known| now.since(known.read_at) < stale).cloned().ok_or(error),
        }
    }

    /// The keys read again, for a token whose key is not among those known; `None` when that was done just now.
    pub(crate) async fn keys_again(&self, net: &Net, now: Time) -> Result<Option<Known>, OidcError> {
        let mut kept = self.0.lock().await;
        let Some(known) = kept.as_mut() else { return Ok(None) };
        if known.keys_again_at.is_some_and(|at| now.since(at) < KEYS_AGAIN_AFTER) {
            return Ok(None);
        }
        known.keys_again_at = Some(now);
        known.keys = net.json(&known.keys_at.clone(), None).await?;
        Ok(Some(known.clone()))
    }
}

/// Reads document and keys.
async fn read(net: &Net, issuer: &str, now: Time) -> Result<Known, OidcError> {
    let at = net.url(&format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/')))?;
    let document: Document = net.json(&at, None).await?;
    if document.issuer != issuer {
        return Err(OidcError::Settings(format!(
            "the provider calls itself {:?}: write the issuer exactly so",
            document.issuer.chars().take(200).collect::<String>()
        )));
    }
    let some = |text: &Option<String>| text.as_deref().map(|text| net.url(text)).transpose();
    let keys_at = net.url(&document.jwks_uri)?;
    let methods = &document.token_endpoint_auth_methods_supported;
    Ok(Known {
        authorization: net.url(&document.authorization_endpoint)?,
        token: net.url(&document.token_endpoint)?,
        userinfo: some(&document.userinfo_endpoint)?,
        end_session: some(&document.end_session_endpoint)?,
        keys: net.json(&keys_at, None).await?,
        keys_at,
        algorithms: algorithms(&document.id_token_signing_alg_values_supported),
        secret_in_body: !methods.is_empty() && !methods.iter().any(|method| method == "client_secret_basic"),
        pkce: document.code_challenge_methods_supported.is_none_or(|methods| methods.iter().any(|method| method == "S256")),
        scopes: document.scopes_supported,
        names_itself: document.authorization_response_iss_parameter_supported,
        backchannel_logout: document.backchannel_logout_supported,
        issuer: document.issuer,
        read_at: now,
        keys_again_at: None,
    })
}

/// Which signatures are believed: those the provider announces, without `none` and without shared secrets.
fn algorithms(announced: &[Value]) -> Vec<CoreJwsSigningAlgorithm> {
    use openidconnect::JwsSigningAlgorithm as _;
    let known = announced.iter().filter_map(|name| serde_json::from_value::<CoreJwsSigningAlgorithm>(name.clone()).ok());
    let good: Vec<_> = known.filter(|algorithm| !algorithm.uses_shared_secret() && *algorithm != CoreJwsSigningAlgorithm::None).collect();
    // What every provider must offer.
    if good.is_empty() { vec![CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256] } else { good }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsigned_and_shared_secrets_are_never_believed() {
        let announced: Vec<Value> = ["none", "HS256", "HS512", "RS256", "ES256", "XY9"].map(Value::from).into();
        assert_eq!(algorithms(&announced), [CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256, CoreJwsSigningAlgorithm::EcdsaP256Sha256]);
        assert_eq!(algorithms(&["none".into(), "HS256".into()]), [CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256]);
    }
}
