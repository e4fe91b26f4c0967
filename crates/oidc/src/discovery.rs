//! What a provider says of itself, and its keys: read, kept for a while, read again.

use std::{sync::Arc, time::Duration};

use mc_domain::time::{Clock, Time};
use openidconnect::{
    JsonWebKeySet,
    core::{CoreJsonWebKey, CoreJwsSigningAlgorithm},
};
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::OwnedMutexGuard;
use url::Url;

use crate::{
    OidcError,
    net::{ANSWER_WITHIN, Net},
};

/// How long what was read is taken as it is.
const FRESH: Duration = Duration::from_secs(5 * 60);
/// How long it still serves when the provider does not answer: keys of tokens that were signed before.
const STALE: Duration = Duration::from_secs(24 * 3_600);
/// How long after looking for a key that is not among those known they are not read again: a stranger could ask for many. And how long a
/// provider that did not answer is left alone by those who can do without.
const AGAIN_AFTER: Duration = Duration::from_secs(10);
/// How long asking may take, for whoever waits for it: two requests.
const ASKED_WITHIN: Duration = ANSWER_WITHIN.saturating_mul(2);

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
    /// Grows each time the keys are read.
    keys_read: u64,
}

/// Where it is read from.
struct Source {
    net: Net,
    issuer: String,
    clock: Arc<dyn Clock>,
}

/// What is kept.
#[derive(Debug, Default)]
struct Kept {
    known: Option<Known>,
    /// How often the provider was asked to the end, whatever came of it.
    asked: u64,
    /// What the last time came to, and when that was.
    failed: Option<(Time, OidcError)>,
    /// When keys were read again the last time.
    keys_again_at: Option<Time>,
}

impl Kept {
    fn not_older(&self, now: Time, than: Duration) -> Option<Known> {
        self.known.as_ref().filter(|known| now.since(known.read_at) < than).cloned()
    }

    /// What the provider was heard to say since somebody looked: an error is not asked for again by each who waited for the same answer.
    fn failed_since(&self, asked: u64) -> Option<OidcError> {
        self.failed.as_ref().filter(|_| self.asked != asked).map(|(_, error)| error.clone())
    }

    fn newer_than(&self, used: &Known) -> Option<Known> {
        self.known.as_ref().filter(|known| known.keys_read > used.keys_read).cloned()
    }

    fn heard(&mut self, now: Time, failed: Option<&OidcError>) {
        self.asked += 1;
        self.failed = failed.map(|error| (now, error.clone()));
    }
}

/// What a provider says of itself.
///
/// One request is under way at a time. Who has what they need does not wait for it; who does not waits for its answer, for so long and no
/// longer. A request that was begun is finished although its caller leaves, so that callers who leave cannot begin many.
pub(crate) struct Discovery {
    source: Arc<Source>,
    /// Held for a moment only, never while the provider is asked.
    kept: Arc<Mutex<Kept>>,
    /// Held by whoever asks the provider.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl Discovery {
    pub(crate) fn new(net: Net, issuer: String, clock: Arc<dyn Clock>) -> Self {
        Self { source: Arc::new(Source { net, issuer, clock }), kept: Arc::default(), turn: Arc::default() }
    }

    /// What the provider says now: not older than five minutes.
    pub(crate) async fn fresh(&self) -> Result<Known, OidcError> {
        let (asked, now) = (self.kept.lock().asked, self.source.clock.now());
        if let Some(known) = self.kept.lock().not_older(now, FRESH) {
            return Ok(known);
        }
        let turn = self.turn().await?;
        {
            let kept = self.kept.lock();
            if let Some(known) = kept.not_older(now, FRESH) {
                return Ok(known);
            }
            if let Some(error) = kept.failed_since(asked) {
                return Err(error);
            }
        }
        self.read(turn).await
    }

    /// The same, or what it said up to a day ago when it does not answer, or somebody asks it already.
    pub(crate) async fn any(&self) -> Result<Known, OidcError> {
        let now = self.source.clock.now();
        let (stale, silent) = {
            let kept = self.kept.lock();
            let silent = kept.failed.as_ref().is_some_and(|(at, _)| now.since(*at) < AGAIN_AFTER);
            (kept.not_older(now, STALE), silent)
        };
        let Some(stale) = stale else { return self.fresh().await };
        if now.since(stale.read_at) < FRESH || silent {
            return Ok(stale);
        }
        match Arc::clone(&self.turn).try_lock_owned() {
            Ok(turn) => Ok(self.read(turn).await.unwrap_or(stale)),
            Err(_) => Ok(stale),
        }
    }

    /// The keys read again, for a token whose key is not among those that were used; `None` when that was done just now.
    pub(crate) async fn keys_again(&self, used: &Known) -> Result<Option<Known>, OidcError> {
        let looked = |asked: Option<u64>| {
            let kept = self.kept.lock();
            if let Some(known) = kept.newer_than(used) {
                return Some(Ok(Some(known)));
            }
            if let Some(error) = asked.and_then(|asked| kept.failed_since(asked)) {
                return Some(Err(error));
            }
            let now = self.source.clock.now();
            kept.keys_again_at.is_some_and(|at| now.since(at) < AGAIN_AFTER).then_some(Ok(None))
        };
        let asked = self.kept.lock().asked;
        if let Some(answer) = looked(None) {
            return answer;
        }
        let turn = self.turn().await?;
        if let Some(answer) = looked(Some(asked)) {
            return answer;
        }
        let (source, kept, at) = (Arc::clone(&self.source), Arc::clone(&self.kept), used.keys_at.clone());
        let reading = tokio::spawn(async move {
            let _turn = turn;
            let keys = source.net.json(&at, None).await;
            let (mut kept, now) = (kept.lock(), source.clock.now());
            kept.heard(now, keys.as_ref().err());
            // Also after a failure, and from its end: forged tokens must not keep a slow provider busy.
            kept.keys_again_at = Some(now);
            let (keys, asked) = (keys?, kept.asked);
            Ok(kept.known.as_mut().map(|known| {
                (known.keys, known.keys_read) = (keys, asked);
                known.clone()
            }))
        });
        reading.await.unwrap_or_else(|_| Err(broke_off()))
    }

    /// Waits for whoever asks the provider now.
    async fn turn(&self) -> Result<OwnedMutexGuard<()>, OidcError> {
        let turn = tokio::time::timeout(ASKED_WITHIN, Arc::clone(&self.turn).lock_owned()).await;
        turn.map_err(|_| OidcError::unavailable("the provider takes too long"))
    }

    async fn read(&self, turn: OwnedMutexGuard<()>) -> Result<Known, OidcError> {
        let (source, kept) = (Arc::clone(&self.source), Arc::clone(&self.kept));
        let reading = tokio::spawn(async move {
            let _turn = turn;
            let read = read(&source).await;
            let mut kept = kept.lock();
            kept.heard(source.clock.now(), read.as_ref().err());
            let known = Known { keys_read: kept.asked, ..read? };
            kept.known = Some(known.clone());
            Ok(known)
        });
        reading.await.unwrap_or_else(|_| Err(broke_off()))
    }
}

fn broke_off() -> OidcError {
    OidcError::unavailable("asking the provider broke off")
}

/// Reads document and keys.
async fn read(source: &Source) -> Result<Known, OidcError> {
    let Source { net, issuer, clock } = source;
    let at = net.url(&format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/')))?;
    let document: Document = net.json(&at, None).await?;
    if document.issuer != *issuer {
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
        read_at: clock.now(),
        keys_read: 0,
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
