//! Access tokens: JWT signed by RS256 with a key made on first start.

use std::{fs, path::Path, time::Duration};

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use mc_domain::{
    id::{SessionId, UserId},
    time::Time,
};
use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{error::AppError, secret};

const ISSUER: &str = "mission-control";
/// What the token is good for: a refresh token, or a token for another door, is never taken as one.
const KIND: &str = "access";

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: UserId,
    sid: SessionId,
    typ: String,
    iat: i64,
    exp: i64,
}

/// Signs and checks access tokens.
pub(crate) struct Tokens {
    sign: EncodingKey,
    check: DecodingKey,
    key_id: String,
    life: Duration,
}

/// What a valid access token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bearer {
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
}

impl Tokens {
    /// Reads `keys/jwt.pem`, or makes it on first start.
    pub(crate) fn open(keys: &Path, life: Duration) -> Result<Self, AppError> {
        let path = keys.join("jwt.pem");
        let key = match fs::read_to_string(&path) {
            Ok(pem) => KeyPair::from_pem(&pem).map_err(|_| AppError::Internal("keys/jwt.pem holds no RSA key".to_owned()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).map_err(|e| AppError::Internal(e.to_string()))?;
                secret::write_private(&path, key.serialize_pem().as_bytes())?;
                key
            }
            Err(error) => return Err(AppError::Internal(format!("keys/jwt.pem cannot be read: {error}"))),
        };
        let broken = |_| AppError::Internal("keys/jwt.pem holds no RSA key".to_owned());
        Ok(Self {
            sign: EncodingKey::from_rsa_pem(key.serialize_pem().as_bytes()).map_err(broken)?,
            check: DecodingKey::from_rsa_pem(key.public_key_pem().as_bytes()).map_err(broken)?,
            key_id: hex::encode(Sha256::digest(key.public_key_raw())).chars().take(16).collect(),
            life,
        })
    }

    pub(crate) const fn life(&self) -> Duration {
        self.life
    }

    pub(crate) fn issue(&self, user: UserId, session: SessionId, now: Time, life: Duration) -> Result<String, AppError> {
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: ISSUER.to_owned(),
            sub: user,
            sid: session,
            typ: KIND.to_owned(),
            iat: now.as_secs(),
            exp: now.after(life).as_secs(),
        };
        let header = Header { kid: Some(self.key_id.clone()), ..Header::new(Algorithm::RS256) };
        jsonwebtoken::encode(&header, &claims, &self.sign).map_err(|_| AppError::Internal("signing a token failed".to_owned()))
    }

    /// What the token says, when its signature, audience, kind and time are right.
    pub(crate) fn check(&self, token: &str, now: Time) -> Option<Bearer> {
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The time is checked below against our own clock.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &self.check, &validation).ok()?.claims;
        let valid = claims.typ == KIND && claims.exp > now.as_secs() && claims.iat <= now.as_secs() + 60;
        valid.then_some(Bearer { user: claims.sub, session: claims.sid })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFE: Duration = Duration::from_secs(60);

    fn open(dir: &Path) -> Tokens {
        Tokens::open(dir, Duration::from_secs(60)).expect("opens")
    }

    #[test]
    fn tokens_verify_until_they_end_and_across_restarts() {
        let dir = tempfile::tempdir().expect("a directory");
        let tokens = open(dir.path());
        let (user, session, now) = (UserId::new(), SessionId::new(), Time::from_micros(1_795_320_500_000_000));
        let token = tokens.issue(user, session, now, LIFE).expect("signs");
        assert_eq!(open(dir.path()).check(&token, now), Some(Bearer { user, session }));
        assert_eq!(tokens.check(&token, now.after(Duration::from_secs(61))), None);
    }

    #[test]
    fn another_key_or_algorithm_is_refused() {
        let (one, two) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
        let now = Time::from_micros(1_795_320_500_000_000);
        let token = open(one.path()).issue(UserId::new(), SessionId::new(), now, LIFE).expect("signs");
        let other = open(two.path());
        assert_eq!(other.check(&token, now), None);
        let claims = Claims {
            iss: ISSUER.into(),
            aud: ISSUER.into(),
            sub: UserId::new(),
            sid: SessionId::new(),
            typ: KIND.into(),
            iat: now.as_secs(),
            exp: now.as_secs() + 60,
        };
        // The classic confusion: the public key used as an HMAC secret.
        let public = fs::read(two.path().join("jwt.pem")).expect("reads");
        let forged = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(&public)).expect("encodes");
        assert_eq!(other.check(&forged, now), None);
        let mut refresh = claims;
        refresh.typ = "refresh".into();
        let signed = jsonwebtoken::encode(&Header::new(Algorithm::RS256), &refresh, &other.sign).expect("encodes");
        assert_eq!(other.check(&signed, now), None, "a token of another kind is no access token");
    }
}
