//! Checking ID tokens: signature, issuer, audience, authorised party, times, nonce, and that the access token beside it belongs to it.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::DateTime;
use mc_domain::time::Time;
use openidconnect::{
    AccessToken, AccessTokenHash, ClaimsVerificationError, ClientId, IssuerUrl, Nonce, SignatureVerificationError,
    core::{CoreIdToken, CoreIdTokenVerifier},
};
use serde_json::{Map, Value};

use crate::{OidcError, discovery::Known};

/// How far a provider's clock may be ahead of ours.
const AHEAD: Duration = Duration::from_secs(120);

/// What else must be true of a token.
pub(crate) struct Expect<'a> {
    pub(crate) client_id: &'a str,
    /// The nonce; `None` at a refresh, whose tokens need not repeat it.
    pub(crate) nonce: Option<&'a str>,
    /// The access token that came along.
    pub(crate) access_token: &'a AccessToken,
    pub(crate) now: Time,
}

/// Why a token was not believed.
pub(crate) enum Doubt {
    /// Its key is not among those known: the provider may have new ones.
    UnknownKey,
    /// Anything else.
    Bad(OidcError),
}

impl From<Doubt> for OidcError {
    fn from(doubt: Doubt) -> Self {
        match doubt {
            Doubt::UnknownKey => Self::token("it is signed with a key that is not the provider's"),
            Doubt::Bad(error) => error,
        }
    }
}

/// The body of a token that holds.
pub(crate) fn check(known: &Known, token: &CoreIdToken, expect: &Expect<'_>) -> Result<Map<String, Value>, Doubt> {
    let bad = |text: &str| Doubt::Bad(OidcError::token(text));
    let issuer = IssuerUrl::new(known.issuer.clone()).map_err(|_| bad("the issuer is no URL"))?;
    let (now, latest) = (date(expect.now)?, date(expect.now.after(AHEAD))?);
    let client = ClientId::new(expect.client_id.to_owned());
    // As for a public client: a signature made with the client secret is never believed.
    let verifier = CoreIdTokenVerifier::new_public_client(client, issuer, known.keys.clone())
        .set_allowed_algs(known.algorithms.clone())
        .set_time_fn(move || now)
        .set_issue_time_verifier_fn(move |issued| if issued <= latest { Ok(()) } else { Err("it was issued in the future".to_owned()) });
    let nonce = expect.nonce.map(|nonce| Nonce::new(nonce.to_owned()));
    let claims = match &nonce {
        Some(nonce) => token.claims(&verifier, nonce),
        None => token.claims(&verifier, |_: Option<&Nonce>| Ok(())),
    };
    let claims = claims.map_err(|error| doubt(&error))?;
    // The library leaves the authorised party to its users.
    let party = claims.authorized_party().map(|party| party.as_str());
    if party.is_some_and(|party| party != expect.client_id) || (claims.audiences().len() > 1 && party.is_none()) {
        return Err(bad("it was made for another application"));
    }
    if let Some(said) = claims.access_token_hash() {
        let made = token.signing_alg().and_then(|algorithm| Ok((algorithm, token.signing_key(&verifier)?)));
        let (algorithm, key) = made.map_err(|_| bad("its signature cannot be read"))?;
        let ours =
            AccessTokenHash::from_token(expect.access_token, algorithm, key).map_err(|_| bad("its access token cannot be checked"))?;
        if ours != *said {
            return Err(bad("the access token does not belong to it"));
        }
    }
    body(&token.to_string()).map_err(Doubt::Bad)
}

fn doubt(error: &ClaimsVerificationError) -> Doubt {
    use ClaimsVerificationError as E;
    let text = match error {
        E::SignatureVerification(SignatureVerificationError::NoMatchingKey) => return Doubt::UnknownKey,
        E::SignatureVerification(SignatureVerificationError::NoSignature) => "it is not signed",
        E::SignatureVerification(SignatureVerificationError::DisallowedAlg(_)) => "its signature algorithm is not allowed",
        E::SignatureVerification(_) => "its signature is wrong",
        E::Expired(_) => "it has expired, or the clocks differ",
        E::InvalidAudience(_) => "it was made for another application",
        E::InvalidIssuer(_) => "it was made by another issuer",
        E::InvalidNonce(_) => "it belongs to another login (nonce)",
        E::InvalidSubject(_) => "it is about somebody else",
        _ => "it is not as the standard says",
    };
    Doubt::Bad(OidcError::token(text))
}

fn date(time: Time) -> Result<DateTime<chrono::Utc>, Doubt> {
    DateTime::from_timestamp(time.as_secs(), 0).ok_or_else(|| Doubt::Bad(OidcError::token("the time cannot be told")))
}

/// The middle part of a token. Says nothing about who wrote it.
pub(crate) fn body(token: &str) -> Result<Map<String, Value>, OidcError> {
    part(token, 1)
}

/// The first part of a token. Says nothing about who wrote it.
pub(crate) fn header(token: &str) -> Result<Map<String, Value>, OidcError> {
    part(token, 0)
}

fn part(token: &str, place: usize) -> Result<Map<String, Value>, OidcError> {
    let bad = || OidcError::token("it is no token");
    let part = token.split('.').nth(place).ok_or_else(bad)?;
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| bad())?;
    serde_json::from_slice(&bytes).map_err(|_| bad())
}
