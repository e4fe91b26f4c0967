//! Back-channel logout: the provider says that a login, or everything of a person, is over. OpenID Connect Back-Channel Logout 1.0, 2.4 and 2.6.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use mc_domain::time::Time;
use openidconnect::{
    JsonWebKey as _,
    core::{CoreJsonWebKeyUse, CoreJwsSigningAlgorithm},
};
use serde_json::{Map, Value};

use crate::{
    OidcError,
    discovery::Known,
    token::{Doubt, body, header},
};

/// The event that makes a token a logout token.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// The longest token that is read.
const LONGEST: usize = 16 * 1024;
/// The oldest a logout token may be, and how far the provider's clock may be ahead.
const OLDEST: Duration = Duration::from_secs(10 * 60);
const AHEAD: Duration = Duration::from_secs(120);

/// What is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutToken {
    /// Whose logins.
    pub subject: Option<String>,
    /// Which login, as the provider counts them.
    pub session: Option<String>,
    /// Names this token, so that it works once.
    pub id: String,
    /// Until when a copy of it would be believed.
    pub until: Time,
}

/// Checks a logout token.
pub(crate) fn check(known: &Known, client_id: &str, token: &str, now: Time) -> Result<LogoutToken, Doubt> {
    let bad = |text: &str| Doubt::Bad(OidcError::token(text));
    if token.len() > LONGEST {
        return Err(bad("it is too long"));
    }
    let head = header(token).map_err(Doubt::Bad)?;
    let kind = head.get("typ").and_then(Value::as_str).unwrap_or("JWT").to_ascii_lowercase();
    if !["jwt", "logout+jwt", "application/logout+jwt"].contains(&kind.as_str()) || head.contains_key("crit") {
        return Err(bad("it is a token of another kind"));
    }
    signed(known, &head, token)?;
    let claims = body(token).map_err(Doubt::Bad)?;
    let text =
        |name: &str| claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty() && text.len() <= 255).map(str::to_owned);
    if text("iss").as_deref() != Some(known.issuer.as_str()) {
        return Err(bad("it was made by another issuer"));
    }
    if !for_us(&claims, client_id) {
        return Err(bad("it was made for another application"));
    }
    let event = claims.get("events").and_then(|events| events.get(EVENT));
    if !event.is_some_and(Value::is_object) || claims.contains_key("nonce") {
        return Err(bad("it is no logout token"));
    }
    let issued = seconds(&claims, "iat").ok_or_else(|| bad("it does not say when it was made"))?;
    let until = seconds(&claims, "exp").unwrap_or_else(|| issued.after(OLDEST)).min(issued.after(OLDEST));
    if issued > now.after(AHEAD) || until <= now {
        return Err(bad("it has expired, or the clocks differ"));
    }
    let (subject, session) = (text("sub"), text("sid"));
    if subject.is_none() && session.is_none() {
        return Err(bad("it names neither a person nor a session"));
    }
    let id = text("jti").ok_or_else(|| bad("it has no id"))?;
    Ok(LogoutToken { subject, session, id, until })
}

fn for_us(claims: &Map<String, Value>, client_id: &str) -> bool {
    match claims.get("aud") {
        Some(Value::String(audience)) => audience == client_id,
        // As with ID tokens, others beside us would have to be trusted.
        Some(Value::Array(audiences)) => audiences.len() == 1 && audiences.iter().all(|audience| audience == client_id),
        _ => false,
    }
}

fn seconds(claims: &Map<String, Value>, name: &str) -> Option<Time> {
    let seconds = claims.get(name)?.as_f64()?;
    #[expect(clippy::cast_possible_truncation, reason = "a float that does not fit is cut to the farthest time, which is refused")]
    let seconds = seconds as i64;
    Some(Time::from_micros(seconds.saturating_mul(1_000_000)))
}

/// That one of the provider's keys made the signature.
fn signed(known: &Known, head: &Map<String, Value>, token: &str) -> Result<(), Doubt> {
    let bad = |text: &str| Doubt::Bad(OidcError::token(text));
    let algorithm = head.get("alg").cloned().and_then(|alg| serde_json::from_value::<CoreJwsSigningAlgorithm>(alg).ok());
    let algorithm = algorithm.filter(|algorithm| known.algorithms.contains(algorithm));
    let algorithm = algorithm.ok_or_else(|| bad("its signature algorithm is not allowed"))?;
    let (signed, signature) = token.rsplit_once('.').ok_or_else(|| bad("it is no token"))?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| bad("it is no token"))?;
    let wanted = head.get("kid").and_then(Value::as_str);
    let fits = |kid: Option<&str>| wanted.is_none() || wanted == kid;
    let mut keys = known.keys.keys().iter().filter(|key| fits(key.key_id().map(|kid| kid.as_str()))).peekable();
    if keys.peek().is_none() {
        return Err(Doubt::UnknownKey);
    }
    let made = keys
        .filter(|key| key.key_use().is_none_or(|used| *used == CoreJsonWebKeyUse::Signature))
        .any(|key| key.verify_signature(&algorithm, signed.as_bytes(), &signature).is_ok());
    if made { Ok(()) } else { Err(bad("its signature is wrong")) }
}
