//! Access tokens: JWT signed by RS256 with a key made on first start.
//!
//! The file `keys/jwt.pem` (or `MC_JWT_KEY_FILE`) holds the private key that signs and, after it, the public keys of those it replaced, each
//! with when that was: what they signed is good until it ends. The file is read again when it changes and when a token names a key that is
//! not known yet; see [`crate::rotation`].

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use mc_domain::{
    id::{SessionId, TokenId, UserId},
    time::Time,
};
use parking_lot::RwLock;
use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{error::AppError, secret};

const ISSUER: &str = "mission-control";
/// What the token is good for: a refresh token, or a token for another door, is never taken as one.
const KIND: &str = "access";
/// What a token for a cluster's door is good for.
const DOOR_KIND: &str = "kube";
/// Where a token for a cluster's door is shown.
const DOOR_AUDIENCE: &str = "mission-control/kube";
/// How long a token for a cluster's door lives.
pub(crate) const DOOR_LIFE: Duration = Duration::from_secs(15 * 60);
/// How far the clocks of two servers may be apart.
const CLOCKS: Duration = Duration::from_secs(60);
/// What stands before the public key of a replaced one: its id, and when.
const RETIRED: &str = "# retired ";

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: UserId,
    sid: SessionId,
    typ: String,
    iat: i64,
    exp: i64,
}

/// Whose access a token for a cluster's door carries on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DoorHolder {
    /// A person at a login.
    Session {
        /// The person.
        user: UserId,
        /// The login.
        session: SessionId,
    },
    /// Whoever holds this API token.
    Token(TokenId),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct DoorClaims {
    iss: String,
    aud: String,
    typ: String,
    cluster: String,
    holder: DoorHolder,
    iat: i64,
    exp: i64,
}

/// A key that was replaced.
struct Old {
    id: String,
    check: DecodingKey,
    retired: Time,
}

/// The keys of the file.
struct Keys {
    sign: EncodingKey,
    check: DecodingKey,
    id: String,
    public: String,
    old: Vec<Old>,
    /// Hash of the text they were read from.
    read_from: String,
}

/// Signs and checks access tokens.
pub(crate) struct Tokens {
    file: PathBuf,
    keys: RwLock<Arc<Keys>>,
    life: Duration,
}

/// What a valid access token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bearer {
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
}

impl Tokens {
    /// Reads the keys, or makes one on first start.
    pub(crate) fn open(file: PathBuf, life: Duration) -> Result<Self, AppError> {
        let text = match fs::read_to_string(&file) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let text = Zeroizing::new(fresh_key()?);
                secret::write_private(&file, text.as_bytes())?;
                text
            }
            Err(error) => return Err(AppError::Internal(format!("the JWT key cannot be read: {error}"))),
        };
        Ok(Self { file, keys: RwLock::new(Arc::new(read(&text)?)), life })
    }

    pub(crate) const fn life(&self) -> Duration {
        self.life
    }

    /// Reads the keys again when their file has changed; says whether it had.
    pub(crate) fn reload(&self) -> Result<bool, AppError> {
        let text = Zeroizing::new(fs::read_to_string(&self.file)?);
        if self.keys.read().read_from == secret::hash(&text) {
            return Ok(false);
        }
        *self.keys.write() = Arc::new(read(&text)?);
        Ok(true)
    }

    /// Makes a new key the one that signs. What the old one signed is good until it ends; of it only the public half is kept.
    pub(crate) fn rotate(&self, now: Time) -> Result<(), AppError> {
        self.reload()?;
        let keys = Arc::clone(&self.keys.read());
        let text = Zeroizing::new(fs::read_to_string(&self.file)?);
        let mut fresh = Zeroizing::new(fresh_key()?);
        fresh.push_str(&format!("{RETIRED}{now}\n{}", keys.public));
        for (retired, pem) in retired_blocks(&text).filter(|(retired, _)| now.since(*retired) <= self.life.max(DOOR_LIFE) + CLOCKS) {
            fresh.push_str(&format!("{RETIRED}{retired}\n{pem}\n"));
        }
        secret::write_private(&self.file, fresh.as_bytes())?;
        self.reload().map(drop)
    }

    /// The names of the keys it knows, newest first: hashes of their public halves.
    pub(crate) fn key_ids(&self) -> Vec<String> {
        let keys = Arc::clone(&self.keys.read());
        std::iter::once(&keys.id).chain(keys.old.iter().map(|old| &old.id)).cloned().collect()
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
        self.sign(&claims)
    }

    /// Issues a token that opens one cluster's door and nothing else.
    pub(crate) fn issue_door(&self, holder: DoorHolder, cluster: &str, now: Time, life: Duration) -> Result<String, AppError> {
        self.sign(&DoorClaims {
            iss: ISSUER.to_owned(),
            aud: DOOR_AUDIENCE.to_owned(),
            typ: DOOR_KIND.to_owned(),
            cluster: cluster.to_owned(),
            holder,
            iat: now.as_secs(),
            exp: now.after(life).as_secs(),
        })
    }

    fn sign(&self, claims: &impl Serialize) -> Result<String, AppError> {
        let keys = Arc::clone(&self.keys.read());
        let header = Header { kid: Some(keys.id.clone()), ..Header::new(Algorithm::RS256) };
        jsonwebtoken::encode(&header, claims, &keys.sign).map_err(|_| AppError::Internal("signing a token failed".to_owned()))
    }

    /// What the token says, when its signature, audience, kind and time are right.
    pub(crate) fn check(&self, token: &str, now: Time) -> Option<Bearer> {
        let claims: Claims = self.claims(token, ISSUER, now, |claims: &Claims| (claims.iat, claims.exp))?;
        (claims.typ == KIND).then_some(Bearer { user: claims.sub, session: claims.sid })
    }

    /// Who holds this token for the door of `cluster`, when all about it is right.
    pub(crate) fn check_door(&self, token: &str, cluster: &str, now: Time) -> Option<DoorHolder> {
        let claims: DoorClaims = self.claims(token, DOOR_AUDIENCE, now, |claims: &DoorClaims| (claims.iat, claims.exp))?;
        (claims.typ == DOOR_KIND && claims.cluster == cluster).then_some(claims.holder)
    }

    fn claims<C: DeserializeOwned>(&self, token: &str, audience: &str, now: Time, times: fn(&C) -> (i64, i64)) -> Option<C> {
        let id = jsonwebtoken::decode_header(token).ok()?.kid?;
        let mut keys = Arc::clone(&self.keys.read());
        // Another server on these keys may have been given a new one just now.
        if !keys.knows(&id) && self.reload().unwrap_or(false) {
            keys = Arc::clone(&self.keys.read());
        }
        let (check, until) = if keys.id == id {
            (&keys.check, None)
        } else {
            let old = keys.old.iter().find(|old| old.id == id)?;
            (&old.check, Some(old.retired.after(CLOCKS).as_secs()))
        };
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        // The time is checked below against our own clock.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<C>(token, check, &validation).ok()?.claims;
        let (issued, ends) = times(&claims);
        let valid = ends > now.as_secs() && issued <= now.after(CLOCKS).as_secs();
        // A key that was replaced signs nothing any more: neither later than that, nor for longer than tokens live.
        let life = i64::try_from(self.life.max(DOOR_LIFE).as_secs()).unwrap_or(i64::MAX);
        let in_time = until.is_none_or(|until| issued <= until && ends - issued <= life);
        (valid && in_time).then_some(claims)
    }
}

impl Keys {
    fn knows(&self, id: &str) -> bool {
        self.id == id || self.old.iter().any(|old| old.id == id)
    }
}

fn fresh_key() -> Result<String, AppError> {
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).map_err(|e| AppError::Internal(e.to_string()))?;
    Ok(key.serialize_pem())
}

fn broken<E>(_: E) -> AppError {
    AppError::Internal("keys/jwt.pem (or MC_JWT_KEY_FILE) holds no RSA key".to_owned())
}

fn read(text: &str) -> Result<Keys, AppError> {
    let end = text.find(RETIRED).unwrap_or(text.len());
    let key = KeyPair::from_pem(text.get(..end).unwrap_or_default()).map_err(broken)?;
    let public = key.public_key_pem();
    let old = retired_blocks(text)
        .map(|(retired, pem)| Ok(Old { id: key_id(&pem), check: DecodingKey::from_rsa_pem(pem.as_bytes()).map_err(broken)?, retired }))
        .collect::<Result<_, AppError>>()?;
    Ok(Keys {
        sign: EncodingKey::from_rsa_pem(key.serialize_pem().as_bytes()).map_err(broken)?,
        check: DecodingKey::from_rsa_pem(public.as_bytes()).map_err(broken)?,
        id: key_id(&public),
        public,
        old,
        read_from: secret::hash(text),
    })
}

/// The name of a key: the beginning of the hash of its public half, however its lines end.
fn key_id(public_pem: &str) -> String {
    let body: String = public_pem.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
    hex::encode(Sha256::digest(body.as_bytes())).chars().take(16).collect()
}

/// The public keys after the first, with when each was replaced.
fn retired_blocks(text: &str) -> impl Iterator<Item = (Time, String)> {
    text.split(RETIRED).skip(1).filter_map(|block| {
        let (when, pem) = block.split_once('\n')?;
        Some((when.trim().parse().ok()?, pem.trim().to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

    use super::*;

    const LIFE: Duration = Duration::from_secs(60);

    fn open(dir: &Path) -> Tokens {
        Tokens::open(dir.join("jwt.pem"), Duration::from_secs(60)).expect("opens")
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
        let keys = Arc::clone(&other.keys.read());
        let header = |algorithm| Header { kid: Some(keys.id.clone()), ..Header::new(algorithm) };
        // The classic confusion: what everybody may know of the key, used as an HMAC secret.
        let der = keys.public.lines().filter(|line| !line.starts_with('-')).collect::<String>();
        for public in [keys.public.as_bytes(), keys.public.trim().as_bytes(), der.as_bytes()] {
            let forged = jsonwebtoken::encode(&header(Algorithm::HS256), &claims, &EncodingKey::from_secret(public)).expect("encodes");
            assert_eq!(other.check(&forged, now), None);
        }
        let sign = |claims: &Claims| jsonwebtoken::encode(&header(Algorithm::RS256), claims, &keys.sign).expect("encodes");
        let right = sign(&claims);
        assert!(other.check(&right, now).is_some(), "what the others differ from");
        let unsigned = |algorithm: &str, rest: &str| {
            let head = format!(r#"{{"alg":"{algorithm}","typ":"JWT","kid":"{}"}}"#, keys.id);
            let body = right.split('.').nth(1).expect("claims");
            format!("{}.{body}.{rest}", URL_SAFE_NO_PAD.encode(head))
        };
        for (algorithm, rest) in [("none", ""), ("None", ""), ("NONE", "x"), ("", ""), ("HS256", ""), ("RS256", "")] {
            assert_eq!(other.check(&unsigned(algorithm, rest), now), None, "{algorithm}");
        }
        let changes: [fn(&mut Claims); 5] = [
            |claims: &mut Claims| claims.typ = "refresh".into(),
            |claims: &mut Claims| claims.aud = "elsewhere".into(),
            |claims: &mut Claims| claims.iss = "elsewhere".into(),
            |claims: &mut Claims| claims.exp = claims.iat,
            |claims: &mut Claims| claims.iat += 3_600,
        ];
        for change in changes {
            let mut other_claims = claims.clone();
            change(&mut other_claims);
            assert_eq!(other.check(&sign(&other_claims), now), None);
        }
    }

    #[test]
    fn a_replaced_key_checks_what_it_signed_and_signs_no_more() {
        let dir = tempfile::tempdir().expect("a directory");
        let (ours, theirs) = (open(dir.path()), open(dir.path()));
        let (user, session, now) = (UserId::new(), SessionId::new(), Time::from_micros(1_795_320_500_000_000));
        let before = ours.issue(user, session, now, LIFE).expect("signs");
        let stolen = ours.keys.read().sign.clone();
        let old_id = ours.keys.read().id.clone();
        ours.rotate(now).expect("rotates");
        let after = ours.issue(user, session, now, LIFE).expect("signs");
        for tokens in [&ours, &theirs] {
            assert_eq!(tokens.check(&before, now), Some(Bearer { user, session }), "nobody is logged out");
            assert_eq!(tokens.check(&after, now), Some(Bearer { user, session }), "and a server that was not told finds the new key");
        }
        let later = now.after(Duration::from_secs(59));
        assert!(ours.check(&before, later).is_some() && ours.check(&before, later.after(Duration::from_secs(2))).is_none());
        // Whoever has the old key cannot use it for long tokens, or for tokens made after it was replaced.
        let forge = |iat: i64, exp: i64| {
            let claims = Claims { iss: ISSUER.into(), aud: ISSUER.into(), sub: user, sid: session, typ: KIND.into(), iat, exp };
            jsonwebtoken::encode(&Header { kid: Some(old_id.clone()), ..Header::new(Algorithm::RS256) }, &claims, &stolen).expect("signs")
        };
        let late = now.after(Duration::from_secs(500)).as_secs();
        assert_eq!(ours.check(&forge(now.as_secs(), late + 500), now.after(Duration::from_secs(500))), None);
        assert_eq!(ours.check(&forge(late, late + 60), now.after(Duration::from_secs(500))), None);
        let file = fs::read_to_string(dir.path().join("jwt.pem")).expect("reads");
        assert_eq!(file.matches("BEGIN PRIVATE KEY").count(), 1, "of the old one only the public half is left");
        // The next rotation forgets keys whose tokens have all ended.
        ours.rotate(now.after(Duration::from_secs(30))).expect("rotates");
        assert_eq!(ours.keys.read().old.len(), 2);
        ours.rotate(now.after(Duration::from_secs(1_000))).expect("rotates");
        assert_eq!(ours.keys.read().old.len(), 1);
    }
}
