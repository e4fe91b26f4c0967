//! Keys: the server's secret one for each entry, and the pair that signs checkpoints.

use std::fmt;

use aws_lc_rs::{
    hmac,
    signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::Digest;

/// What stands before the 32 bytes of an Ed25519 key in its `SubjectPublicKeyInfo` (RFC 8410).
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
const MAC_LABEL: &[u8] = b"mission-control audit mac\0\x01";

/// A key that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadKey(&'static str);

/// The key of the entries' HMAC.
pub struct MacKey {
    key: hmac::Key,
    id: String,
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MacKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl MacKey {
    /// From 32 random bytes.
    #[must_use]
    pub fn new(bytes: &[u8; 32]) -> Self {
        let id = Digest::of(&[b"mission-control audit key id\0\x01".as_slice(), bytes].concat());
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, bytes), id: short(id) }
    }

    /// Names the key without telling it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The HMAC over an entry's hash.
    #[must_use]
    pub fn mac(&self, hash: Digest) -> Digest {
        let tag = hmac::sign(&self.key, &[MAC_LABEL, &hash.0].concat());
        Digest::try_from(tag.as_ref()).unwrap_or(Digest::NONE)
    }

    /// Whether the HMAC is this key's, in constant time.
    #[must_use]
    pub fn proves(&self, hash: Digest, mac: Digest) -> bool {
        hmac::verify(&self.key, &[MAC_LABEL, &hash.0].concat(), &mac.0).is_ok()
    }
}

/// Signs checkpoints.
pub struct Signer {
    pair: Ed25519KeyPair,
    public: PublicKey,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("key_id", &self.public.id).finish_non_exhaustive()
    }
}

impl Signer {
    /// A new key and its PEM, to be kept where only the server may read it.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn generate() -> Result<(Self, String), BadKey> {
        let failed = |_| BadKey("a signing key cannot be made");
        let pair = Ed25519KeyPair::generate().map_err(failed)?;
        let document = pair.to_pkcs8v1().map_err(failed)?;
        let pem = to_pem("PRIVATE KEY", document.as_ref());
        Ok((Self::from_pem(&pem)?, pem))
    }

    /// From PKCS#8 in PEM.
    ///
    /// # Errors
    /// When it is no Ed25519 key.
    pub fn from_pem(pem: &str) -> Result<Self, BadKey> {
        let wrong = BadKey("it holds no Ed25519 key in PEM (PRIVATE KEY)");
        let der = from_pem("PRIVATE KEY", pem).ok_or_else(|| wrong.clone())?;
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).map_err(|_| wrong.clone())?;
        let public = PublicKey::new(pair.public_key().as_ref().try_into().map_err(|_| wrong)?);
        Ok(Self { pair, public })
    }

    /// The public half.
    #[must_use]
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    /// A signature in base64.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> String {
        STANDARD.encode(self.pair.sign(bytes))
    }
}

/// Checks signatures of checkpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    raw: [u8; 32],
    id: String,
}

impl PublicKey {
    /// From the 32 bytes of an Ed25519 key.
    #[must_use]
    pub fn new(raw: [u8; 32]) -> Self {
        let id = short(Digest::of(&[SPKI.as_slice(), &raw].concat()));
        Self { raw, id }
    }

    /// From PEM.
    ///
    /// # Errors
    /// When it is no Ed25519 key.
    pub fn from_pem(pem: &str) -> Result<Self, BadKey> {
        let der = from_pem("PUBLIC KEY", pem).unwrap_or_default();
        let raw = der.strip_prefix(SPKI.as_slice()).and_then(|raw| raw.try_into().ok());
        raw.map(Self::new).ok_or(BadKey("it holds no Ed25519 key in PEM (PUBLIC KEY)"))
    }

    /// The key in PEM, as `openssl` reads it.
    #[must_use]
    pub fn pem(&self) -> String {
        to_pem("PUBLIC KEY", &[SPKI.as_slice(), &self.raw].concat())
    }

    /// The beginning of the SHA-256 of the key's DER, in hex.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether the signature (base64) over the bytes is this key's.
    #[must_use]
    pub fn proves(&self, bytes: &[u8], signature: &str) -> bool {
        let Ok(signature) = STANDARD.decode(signature) else { return false };
        UnparsedPublicKey::new(&ED25519, &self.raw).verify(bytes, &signature).is_ok()
    }
}

fn short(digest: Digest) -> String {
    digest.to_string().chars().take(16).collect()
}

fn to_pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = format!("-----BEGIN {label}-----\n");
    for (place, c) in text.chars().enumerate() {
        if place > 0 && place % 64 == 0 {
            pem.push('\n');
        }
        pem.push(c);
    }
    pem + &format!("\n-----END {label}-----\n")
}

fn from_pem(label: &str, pem: &str) -> Option<Vec<u8>> {
    let (_, rest) = pem.split_once(&format!("-----BEGIN {label}-----"))?;
    let (body, _) = rest.split_once(&format!("-----END {label}-----"))?;
    STANDARD.decode(body.split_whitespace().collect::<String>()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_its_file_and_signs_for_its_public_half_only() {
        let (signer, pem) = Signer::generate().unwrap();
        let again = Signer::from_pem(&pem).unwrap();
        let public = PublicKey::from_pem(&again.public().pem()).unwrap();
        assert_eq!(&public, signer.public());
        let signature = signer.sign(b"head");
        assert!(public.proves(b"head", &signature));
        assert!(!public.proves(b"tail", &signature));
        assert!(!public.proves(b"head", "AAAA") && !public.proves(b"head", "not base64"));
        let (other, _) = Signer::generate().unwrap();
        assert!(!other.public().proves(b"head", &signature));
        assert!(Signer::from_pem(&public.pem()).is_err() && PublicKey::from_pem(&pem).is_err());
        assert!(!format!("{signer:?}").contains(pem.lines().nth(1).unwrap()));
    }

    #[test]
    fn a_mac_is_of_one_key_and_one_hash() {
        let (one, other) = (MacKey::new(&[1; 32]), MacKey::new(&[2; 32]));
        let (hash, another) = (Digest::of(b"a"), Digest::of(b"b"));
        assert!(one.proves(hash, one.mac(hash)));
        assert!(!one.proves(another, one.mac(hash)) && !other.proves(hash, one.mac(hash)));
        assert_ne!(one.id(), other.id());
    }
}
