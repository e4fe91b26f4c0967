//! Sealing: secrets that must be read again (seeds, credentials of other systems) are stored encrypted.
//!
//! AES-256-GCM with a fresh random nonce each time; the purpose (`totp:<user>`) is authenticated with the text, so that a sealed value that
//! was copied to another row does not open there. The key comes from `MC_SEAL_KEY`, or from `keys/seal.key`, made at the first start. Both may
//! hold several keys, one a line, newest first: the first seals, all of them open, which is what lets a key be replaced. In the file a
//! replaced key says when: `KEY # retired TIME`. The file is read again when it changes; see [`crate::rotation`].

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    hmac,
};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use mc_domain::time::Time;
use parking_lot::RwLock;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{AppError, secret};

/// The form of a sealed text; another one gets another word.
const FORM: &str = "s1";
/// What a key makes an HMAC of, to be told from others. Another text makes every server look like a stranger.
const FINGERPRINT: &[u8] = b"mission-control seal key 1";
/// The file in the keys' folder.
const FILE: &str = "seal.key";
/// What stands before the time at which a key was replaced.
const RETIRED: &str = "# retired ";

struct Key {
    /// The first eight hex digits of the key's SHA-256: says which key opens a text without trying all.
    id: String,
    /// An HMAC by the key, which says whether two servers have the same one.
    fingerprint: String,
    key: RandomizedNonceKey,
}

struct Keys {
    list: Vec<Key>,
    /// Hash of the text they were read from.
    read_from: String,
}

/// Seals and opens secrets.
pub struct Seal {
    /// The file; `None` when the environment holds the keys.
    file: Option<PathBuf>,
    keys: RwLock<Arc<Keys>>,
}

impl Seal {
    /// Takes the keys from `given` (`MC_SEAL_KEY`), or from the file in `dir`, which is made when there is none.
    ///
    /// # Errors
    /// When the file cannot be read or written, or a key is not 32 bytes in base64.
    pub fn open_keys(dir: &Path, given: Option<&SecretString>) -> Result<Self, AppError> {
        let (file, text) = match given {
            Some(text) => (None, Zeroizing::new(text.expose_secret().to_owned())),
            None => (Some(dir.join(FILE)), Zeroizing::new(read_or_make(&dir.join(FILE))?)),
        };
        Ok(Self { file, keys: RwLock::new(Arc::new(read(&text)?)) })
    }

    /// Reads the keys again when their file has changed; says whether it had.
    ///
    /// # Errors
    /// When the file cannot be read any more, or holds something else; the keys stay as they were.
    pub fn reload(&self) -> Result<bool, AppError> {
        let Some(file) = &self.file else { return Ok(false) };
        let text = Zeroizing::new(fs::read_to_string(file)?);
        if self.keys.read().read_from == secret::hash(&text) {
            return Ok(false);
        }
        *self.keys.write() = Arc::new(read(&text)?);
        Ok(true)
    }

    /// Makes a new key the one that seals. The others go on opening.
    ///
    /// # Errors
    /// When the environment holds the keys, or the file cannot be written.
    pub(crate) fn add_key(&self, now: Time) -> Result<(), AppError> {
        let Some(file) = &self.file else {
            let text = "the keys come from MC_SEAL_KEY: put a new one (openssl rand -base64 32) on a line before the old one, restart every server, then run this again";
            return Err(AppError::conflict("keys_given", text));
        };
        let old = Zeroizing::new(fs::read_to_string(file)?);
        let mut fresh = Zeroizing::new(new_key().expose_secret().to_owned());
        for line in old.lines().filter(|line| !line.trim().is_empty()) {
            fresh.push('\n');
            fresh.push_str(line.trim());
            if !line.contains(RETIRED) {
                fresh.push_str(&format!(" {RETIRED}{now}"));
            }
        }
        fresh.push('\n');
        secret::write_private(file, fresh.as_bytes())?;
        self.reload().map(drop)
    }

    /// Forgets keys that were replaced before then; says how many.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn drop_keys(&self, before: Time) -> Result<usize, AppError> {
        let Some(file) = &self.file else { return Ok(0) };
        let text = Zeroizing::new(fs::read_to_string(file)?);
        let kept: Vec<&str> = text.lines().filter(|line| retired(line).is_none_or(|at| at >= before)).collect();
        let gone = text.lines().count().saturating_sub(kept.len());
        if gone > 0 {
            let fresh = Zeroizing::new(kept.join("\n") + "\n");
            secret::write_private(file, fresh.as_bytes())?;
            self.reload()?;
        }
        Ok(gone)
    }

    /// How many keys there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.keys.read().list.len()
    }

    /// What tells the keys from others, newest first.
    pub(crate) fn fingerprints(&self) -> Vec<String> {
        self.keys.read().list.iter().map(|key| key.fingerprint.clone()).collect()
    }

    /// What a text sealed by the newest key begins with.
    pub(crate) fn current_form(&self) -> Result<String, AppError> {
        let keys = Arc::clone(&self.keys.read());
        keys.list.first().map(|key| format!("{FORM}:{}:", key.id)).ok_or_else(bad_key)
    }

    /// Seals `secret` for `purpose`.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn seal(&self, purpose: &str, secret: &[u8]) -> Result<String, AppError> {
        let keys = Arc::clone(&self.keys.read());
        let key = keys.list.first().ok_or_else(bad_key)?;
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
        let opened = self.try_open(purpose, sealed).or_else(|| {
            // Another server may have been given a new key just now.
            self.reload().ok().filter(|changed| *changed).and_then(|_| self.try_open(purpose, sealed))
        });
        opened.ok_or_else(|| {
            let text = "a sealed secret does not open: was it sealed with another key (MC_SEAL_KEY or keys/seal.key)?";
            AppError::Internal(text.to_owned())
        })
    }

    /// Whether the newest key sealed this.
    #[must_use]
    pub fn is_current(&self, sealed: &str) -> bool {
        self.current_form().is_ok_and(|form| sealed.starts_with(&form))
    }

    fn try_open(&self, purpose: &str, sealed: &str) -> Option<Zeroizing<Vec<u8>>> {
        let (form, rest) = sealed.split_once(':')?;
        let (id, text) = rest.split_once(':')?;
        let keys = Arc::clone(&self.keys.read());
        let key = keys.list.iter().find(|key| form == FORM && key.id == id)?;
        let mut whole = STANDARD_NO_PAD.decode(text).ok()?;
        let mut text = whole.split_off_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(&whole).ok()?;
        let plain = key.key.open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut text).ok()?;
        Some(Zeroizing::new(plain.to_vec()))
    }
}

/// When the key of this line was replaced.
fn retired(line: &str) -> Option<Time> {
    line.split_once(RETIRED)?.1.trim().parse().ok()
}

fn read(text: &str) -> Result<Keys, AppError> {
    let words = text.lines().flat_map(|line| line.split('#').next().unwrap_or_default().split_whitespace());
    let list: Vec<Key> = words.map(parse).collect::<Result<_, _>>()?;
    if list.is_empty() { Err(bad_key()) } else { Ok(Keys { list, read_from: secret::hash(text) }) }
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
    let fingerprint = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &bytes), FINGERPRINT);
    Ok(Key { id, fingerprint: hex::encode(fingerprint), key })
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
    fn keys_are_replaced_in_the_file_and_others_notice() {
        let dir = tempfile::tempdir().expect("a folder");
        let (ours, theirs) = (Seal::open_keys(dir.path(), None).expect("made"), Seal::open_keys(dir.path(), None).expect("read"));
        let old = theirs.seal("p", b"x").expect("seals");
        let at = |seconds: i64| Time::from_micros(seconds * 1_000_000);
        ours.add_key(at(100)).expect("added");
        let new = ours.seal("p", b"y").expect("seals");
        assert!(ours.is_current(&new) && !ours.is_current(&old) && ours.open("p", &old).is_ok());
        // The other one still seals with the old key, and learns of the new one when it meets it.
        assert!(theirs.is_current(&old));
        assert_eq!(theirs.open("p", &new).expect("opens").as_slice(), b"y");
        assert!(theirs.is_current(&new));
        assert_eq!(ours.drop_keys(at(100)).expect("nothing is old enough"), 0);
        ours.add_key(at(200)).expect("added");
        assert_eq!((ours.count(), ours.drop_keys(at(101)).expect("dropped"), ours.count()), (3, 1, 2));
        assert!(ours.open("p", &old).is_err() && ours.open("p", &new).is_ok());
        assert!(theirs.reload().expect("reads") && !theirs.reload().expect("reads"));
        assert!(Seal::open_keys(dir.path(), Some(&new_key())).expect("given").add_key(at(1)).is_err());
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
