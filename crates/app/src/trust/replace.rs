//! Replacing the authority while agents and people go on.
//!
//! The new authority signs from now on. The old one signs one last thing, a certificate in which it vouches for the new one, and its key is
//! gone. The server shows that certificate with its own, so whoever trusts or has pinned only the old authority goes on connecting. Agents
//! learn of the new one when they renew, over the connection they trust. What the old authority signed for agents is accepted until the last
//! of it has ended.
//!
//! All of it is first written to one file, whole: from then on the replacement is done, and whoever opens the authority next puts the pieces
//! in their places. A crash at any moment leaves the old authority or the new one, never half of each.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::Duration,
};

use mc_domain::time::Time;
use rcgen::{KeyPair, PublicKeyData};
use rustls_pki_types::CertificateDer;
use x509_parser::prelude::FromDer;
use zeroize::Zeroizing;

use super::ca::{Ca, Older, internal};
use crate::{error::AppError, secret};

/// How long people that pinned a replaced authority have to pin the new one.
const KEPT: Duration = Duration::from_secs(180 * 86_400);
/// What stands before the certificate of a replaced authority.
const RETIRED: &str = "# retired ";
/// What parts the three files within the one that makes a replacement count.
const PART: &str = "# === ";

/// Where the authority's pieces are.
pub(super) struct Files {
    pub(super) key: PathBuf,
    pub(super) bundle: PathBuf,
    cross: PathBuf,
    /// All of a replacement.
    next: PathBuf,
    lock: PathBuf,
}

impl Files {
    pub(super) fn new(data_dir: &Path, keys: &Path) -> Self {
        Self {
            key: keys.join("ca.key"),
            bundle: data_dir.join("ca.pem"),
            cross: data_dir.join("ca-cross.pem"),
            next: keys.join("ca-next.pem"),
            lock: keys.join("ca.lock"),
        }
    }

    /// Keeps others from reading or replacing the authority meanwhile; ends when the answer is dropped.
    pub(super) fn lock(&self) -> Result<File, AppError> {
        let lock = File::options().write(true).create(true).truncate(false).open(&self.lock)?;
        lock.lock()?;
        Ok(lock)
    }

    /// In which replaced authorities vouch for their successors.
    pub(super) fn cross(&self) -> Result<String, AppError> {
        match fs::read_to_string(&self.cross) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
            other => Ok(other?),
        }
    }

    /// Finishes a replacement that was begun, if one was.
    pub(super) fn finish(&self) -> Result<(), AppError> {
        let whole = match fs::read_to_string(&self.next) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            other => Zeroizing::new(other?),
        };
        let parts: Vec<&str> = whole.split(PART).collect();
        let [_, key, bundle, cross] = parts.as_slice() else {
            return Err(AppError::Internal("keys/ca-next.pem is damaged: remove it to keep the authority as it was".to_owned()));
        };
        let content = |part: &str| part.split_once('\n').map(|(_, content)| content.to_owned()).unwrap_or_default();
        public(&self.cross, &content(cross))?;
        public(&self.bundle, &content(bundle))?;
        secret::write_private(&self.key, content(key).as_bytes())?;
        Ok(fs::remove_file(&self.next)?)
    }
}

/// Writes a file that all may read, whole or not at all.
fn public(path: &Path, content: &str) -> Result<(), AppError> {
    let part = path.with_extension("part");
    fs::write(&part, content)?;
    File::open(&part)?.sync_all()?;
    Ok(fs::rename(&part, path)?)
}

/// Makes a new authority and has the old one vouch for it.
///
/// # Errors
/// When the last one is so new that agents may not know it yet, unless `again` says that this does not matter; when a file cannot be written.
pub(crate) fn replace(data_dir: &Path, keys: &Path, now: Time, certificate_life: Duration, again: bool) -> Result<(), AppError> {
    // Opened first, which finishes a replacement that was cut off.
    let old = Ca::open(data_dir, keys, now)?;
    let files = Files::new(data_dir, keys);
    let _lock = files.lock()?;
    if let Some(last) = old.older.first().filter(|last| last.ends(certificate_life) > now && !again) {
        let text = format!(
            "the authority was replaced at {} and agents have until {} to renew: wait, or pass --again",
            last.retired,
            last.ends(certificate_life)
        );
        return Err(AppError::conflict("just_rotated", text));
    }
    let (key, params) = Ca::make(now).map_err(|error| internal(&error))?;
    let own = params.self_signed(&key).map_err(|error| internal(&error))?.pem();
    let vouched = params.signed_by(&key, &old.issuer).map_err(|error| internal(&error))?.pem();
    let mut bundle = format!("{own}{RETIRED}{now}\n{}", old.pem());
    for older in old.older.iter().filter(|older| now.since(older.retired) < KEPT) {
        bundle.push_str(&format!("{RETIRED}{}\n{}", older.retired, older.pem));
    }
    let kept = old.older.iter().filter(|older| now.since(older.retired) < KEPT).count();
    let cross: String = std::iter::once(vouched).chain(pem_blocks(&files.cross()?).take(kept)).collect();
    let key = Zeroizing::new(key.serialize_pem());
    let whole = Zeroizing::new(format!("{PART}key\n{}{PART}ca.pem\n{bundle}{PART}ca-cross.pem\n{cross}", key.as_str()));
    // From here on it is done.
    secret::write_private(&files.next, whole.as_bytes())?;
    files.finish()
}

/// Whether the files hold another authority than this one, or a replacement that was cut off.
pub(crate) fn is_due(data_dir: &Path, keys: &Path, known: &Ca) -> Result<bool, AppError> {
    let files = Files::new(data_dir, keys);
    Ok(files.next.exists() || fs::read_to_string(&files.bundle)? != known.bundle)
}

fn pem_blocks(text: &str) -> impl Iterator<Item = String> {
    const END: &str = "-----END CERTIFICATE-----\n";
    text.split_inclusive(END).filter(|block| block.ends_with(END)).map(ToOwned::to_owned)
}

/// The authority's certificate, and those it replaced.
pub(super) fn read_bundle(text: &str) -> Result<(String, Vec<Older>), AppError> {
    let bad = || AppError::Internal("ca.pem cannot be read".to_owned());
    let mut parts = text.split(RETIRED);
    let own = parts.next().unwrap_or_default().to_owned();
    let older = parts.map(|part| {
        let (when, pem) = part.split_once('\n').ok_or_else(bad)?;
        let der = <CertificateDer<'_> as rustls_pki_types::pem::PemObject>::from_pem_slice(pem.as_bytes()).map_err(|_| bad())?;
        Ok(Older { der: der.into_owned(), pem: pem.to_owned(), retired: when.trim().parse().map_err(|_| bad())? })
    });
    Ok((own, older.collect::<Result<_, AppError>>()?))
}

/// Whether the certificate is over this key.
pub(super) fn belongs(key: &KeyPair, der: &[u8]) -> bool {
    x509_parser::certificate::X509Certificate::from_der(der)
        .is_ok_and(|(_, certificate)| *certificate.public_key().subject_public_key.data == *key.der_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFE: Duration = Duration::from_secs(7 * 86_400);

    fn dirs() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let dir = tempfile::tempdir().expect("a directory");
        let (data, keys) = (dir.path().to_owned(), dir.path().join("keys"));
        secret::private_dir(&keys).expect("a directory");
        (dir, data, keys)
    }

    fn at(days: i64) -> Time {
        Time::from_micros(1_795_320_500_000_000 + days * 86_400_000_000)
    }

    #[test]
    fn the_new_one_signs_and_the_old_one_is_accepted_until_its_last_certificate_ends() {
        let (_dir, data, keys) = dirs();
        let old = Ca::open(&data, &keys, at(0)).expect("opens");
        replace(&data, &keys, at(0), LIFE, false).expect("replaced");
        let new = Ca::open(&data, &keys, at(0)).expect("opens");
        assert_ne!(new.pin(), old.pin());
        assert_eq!(new.older().iter().map(Older::pin).collect::<Vec<_>>(), [old.pin()]);
        assert_eq!((new.client_roots(at(6), LIFE).len(), new.client_roots(at(8), LIFE).len()), (2, 1));
        assert_eq!((pem_blocks(&new.bundle(at(6), LIFE)).count(), pem_blocks(&new.bundle(at(8), LIFE)).count()), (2, 1));
        assert!(matches!(replace(&data, &keys, at(1), LIFE, false), Err(AppError::Conflict { code: "just_rotated", .. })));
        replace(&data, &keys, at(1), LIFE, true).expect("again");
        assert_eq!(Ca::open(&data, &keys, at(1)).expect("opens").older().len(), 2);
        replace(&data, &keys, at(400), LIFE, false).expect("much later");
        assert_eq!(Ca::open(&data, &keys, at(400)).expect("opens").older().len(), 1, "long gone ones are forgotten");
    }

    #[test]
    fn a_crash_leaves_the_old_one_or_the_new_one() {
        let (_dir, data, keys) = dirs();
        let old = Ca::open(&data, &keys, at(0)).expect("opens").pin();
        let before = |name: &str| fs::read(data.join(name)).unwrap_or_default();
        let (key, bundle) = (before("keys/ca.key"), before("ca.pem"));
        replace(&data, &keys, at(0), LIFE, false).expect("replaced");
        let new = Ca::open(&data, &keys, at(0)).expect("opens").pin();
        let (new_key, new_bundle, new_cross) = (before("keys/ca.key"), before("ca.pem"), before("ca-cross.pem"));
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
        let whole = format!("{PART}key\n{}{PART}ca.pem\n{}{PART}ca-cross.pem\n{}", text(&new_key), text(&new_bundle), text(&new_cross));
        let pieces = [(&key, &bundle, false), (&key, &bundle, true), (&key, &new_bundle, true), (&new_key, &new_bundle, true)];
        for (key, bundle, begun) in pieces {
            fs::write(keys.join("ca.key"), key).expect("written");
            fs::write(data.join("ca.pem"), bundle).expect("written");
            if begun {
                fs::write(keys.join("ca-next.pem"), &whole).expect("written");
            }
            // Half of the file that makes it count is no such file: it has another name until it is whole.
            fs::write(keys.join("ca-next.part"), &whole[..100]).expect("written");
            let opened = Ca::open(&data, &keys, at(0)).expect("opens");
            assert_eq!(opened.pin(), if begun { new.clone() } else { old.clone() });
            assert!(!keys.join("ca-next.pem").exists());
        }
        fs::write(keys.join("ca.key"), key).expect("written");
        assert!(Ca::open(&data, &keys, at(0)).is_err(), "the key of another authority is refused");
    }
}
