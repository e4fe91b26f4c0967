//! Sealing: secrets that must be read again (seeds, credentials of other systems) are stored encrypted.
//!
//! AES-256-GCM with a fresh random nonce each time; the purpose (`totp:<user>`) is authenticated with the text, so that a sealed value that
//! was copied to another row does not open there. The key comes from `MC_SEAL_KEY`, or from `keys/seal.key`, made at the first start. Both may
//! hold several keys, one a line, newest first: the first seals, all of them open, which is what lets a key be replaced.

use std::{fs, path::Path};

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{AppError, secret};

/// The form of a sealed text; another one gets another word.
const FORM: &str = "s1";
/// The file in the keys' folder.
const FILE: &str = "seal.key";

struct Key {
    /// The first eight hex digits of the key's SHA-256: says which key opens a text without trying all.
    id: String,
    key: RandomizedNonceKey,
}

/// Seals and opens secrets.
pub struct Seal {
    keys: Vec<Key>,
}

impl Seal {
    /// Takes the keys from `given` (`MC_SEAL_KEY`), or from the file in `dir`, which is made when there is none.
    ///
    /// # Errors
    /// When the file cannot be read or written, or a key is not 32 bytes in base64.
    pub fn open_keys(dir: &Path, given: Option<&SecretString>) -> Result<Self, AppError> {
        let text = match given {
            Some(text) => Zeroizing::new(text.expose_secret().to_owned()),
            None => Zeroizing::new(read_or_make(&dir.join(FILE))?),
        };
        let keys: Vec<Key> = text.split_whitespace().map(parse).collect::<Result<_, _>>()?;
        if keys.is_empty() {
            return Err(bad_key());
        }
        Ok(Self { keys })
    }

    /// Seals `secret` for `purpose`.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn seal(&self, purpose: &str, secret: &[u8]) -> Result<String, AppError> {
        let key = self.keys.first().ok_or_else(bad_key)?;
        let mut text = secret.to_vec();
        let nonce = key.key.seal_in_place_append_tag(Aad::from(purpose.as_bytes()), &mut text);
        let nonce = nonce.map_err(|_| AppError::Internal("sealing failed".to_owned()))?;
        let mut whole = nonce.as_ref().to_vec();
        whole.append(&mut text);
        Ok(format!("{FORM}:{}:{}", key.id, STANDARD_NO_PAD.encode(whole)))
    }

    /// Opens what was sealed for the same purpose.
    ///
    /// # Errors
    /// When it was sealed with a key that is not here, for another purpose, or was changed.
    pub fn open(&self, purpose: &str, sealed: &str) -> Result<Zeroizing<Vec<u8>>, AppError> {
        self.try_open(purpose, sealed).ok_or_else(|| {
            let text = "a sealed secret does not open: was it sealed with another key (MC_SEAL_KEY or keys/seal.key)?";
            AppError::Internal(text.to_owned())
        })
    }

    /// Whether the newest key sealed this.
    #[must_use]
    pub fn is_current(&self, sealed: &str) -> bool {
        let id = sealed.split(':').nth(1);
        self.keys.first().is_some_and(|key| Some(key.id.as_str()) == id)
    }

    fn try_open(&self, purpose: &str, sealed: &str) -> Option<Zeroizing<Vec<u8>>> {
        let (form, rest) = sealed.split_once(':')?;
        let (id, text) = rest.split_once(':')?;
        let key = self.keys.iter().find(|key| form == FORM && key.id == id)?;
        let mut whole = STANDARD_NO_PAD.decode(text).ok()?;
        let mut text = whole.split_off_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(&whole).ok()?;
        let plain = key.key.open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut text).ok()?;
        Some(Zeroizing::new(plain.to_vec()))
    }
}

/// `Vec::split_off` without its panic.
trait SplitOffChecked: Sized {
    fn split_off_checked(&mut self, at: usize) -> Option<Self>;
}

impl SplitOffChecked for Vec<u8> {
    fn split_off_checked(&mut self, at: usize) -> Option<Self> {
        (at <= self.len()).then(|| self.split_off(at))
    }
}

fn parse(text: &str) -> Result<Key, AppError> {
    let bytes = Zeroizing::new(STANDARD_NO_PAD.decode(text.trim_end_matches('=')).map_err(|_| bad_key())?);
    let key = RandomizedNonceKey::new(&AES_256_GCM, &bytes).map_err(|_| bad_key())?;
    let mut id = hex::encode(Sha256::digest(&*bytes));
    id.truncate(8);
    Ok(Key { id, key })
}

fn bad_key() -> AppError {
    AppError::Internal(
        "MC_SEAL_KEY or keys/seal.key must hold 32 random bytes in base64, one key a line: openssl rand -base64 32".to_owned(),
    )
}

fn read_or_make(file: &Path) -> Result<String, AppError> {
    if file.exists() {
        return Ok(fs::read_to_string(file)?);
    }
    let made = new_key();
    secret::write_private(file, made.expose_secret().as_bytes())?;
    Ok(made.expose_secret().to_owned())
}

/// A new key as text.
#[must_use]
pub fn new_key() -> SecretString {
    let bytes: Zeroizing<[u8; 32]> = Zeroizing::new(rand::random());
    SecretString::from(STANDARD_NO_PAD.encode(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(keys: &[&SecretString]) -> Seal {
        let text: Vec<&str> = keys.iter().map(|key| key.expose_secret()).collect();
        Seal::open_keys(Path::new("/nowhere"), Some(&text.join("\n").into())).expect("keys")
    }

    #[test]
    fn opens_for_its_purpose_only() {
        let seal = with(&[&new_key()]);
        let sealed = seal.seal("totp:alice", b"seed").expect("seals");
        assert_eq!(seal.open("totp:alice", &sealed).expect("opens").as_slice(), b"seed");
        assert!(seal.open("totp:bob", &sealed).is_err());
        assert_ne!(sealed, seal.seal("totp:alice", b"seed").expect("seals"), "a nonce is used once");
        let (head, last) = sealed.split_at(sealed.len() - 1);
        let changed = format!("{head}{}", if last == "A" { "B" } else { "A" });
        assert!(seal.open("totp:alice", &changed).is_err());
        for nonsense in ["", "s1", "s1::", "s1:00000000:AAAA", "x:y:z"] {
            assert!(seal.open("totp:alice", nonsense).is_err(), "{nonsense}");
        }
    }

    #[test]
    fn a_new_key_seals_and_the_old_one_still_opens() {
        let (old, new) = (new_key(), new_key());
        let sealed = with(&[&old]).seal("p", b"x").expect("seals");
        let both = with(&[&new, &old]);
        assert_eq!(both.open("p", &sealed).expect("opens").as_slice(), b"x");
        assert!(!both.is_current(&sealed));
        let again = both.seal("p", b"x").expect("seals");
        assert!(both.is_current(&again));
        assert!(with(&[&old]).open("p", &again).is_err());
    }

    #[test]
    fn a_key_is_made_once_and_kept_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().expect("a folder");
        let sealed = Seal::open_keys(dir.path(), None).expect("made").seal("p", b"x").expect("seals");
        assert!(Seal::open_keys(dir.path(), None).expect("read").open("p", &sealed).is_ok());
        let mode = fs::metadata(dir.path().join(FILE)).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(Seal::open_keys(dir.path(), Some(&"c2hvcnQ=".into())).is_err());
        assert!(Seal::open_keys(dir.path(), Some(&"".into())).is_err());
    }
}
