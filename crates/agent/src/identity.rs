//! Who this agent is: the files of the data directory that joining writes and running reads. Secrets are 0600 and never printed.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use mc_domain::{id::AgentId, name::AgentName, time::Time};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::pin::CaPin;

/// Why the data directory does not say who this agent is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IdentityError {
    #[error("{} has not joined: run `mc-agent join --data-dir {}` with a join token first", .0.display(), .0.display())]
    NotJoined(PathBuf),
    #[error("cannot {what} {}: {source}", file.display())]
    Io { what: &'static str, file: PathBuf, source: io::Error },
    #[error("{} is damaged ({what}): join again with a new token", file.display())]
    Damaged { file: PathBuf, what: &'static str },
    #[error("another mc-agent already runs on {}", .0.display())]
    Locked(PathBuf),
    #[error("cannot make a key: {0}")]
    Key(String),
}

/// The agent's data directory.
#[derive(Debug, Clone)]
pub(crate) struct DataDir(PathBuf);

/// `identity.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct IdentityFile {
    pub(crate) agent_id: AgentId,
    pub(crate) name: AgentName,
    /// `host:port` of central's agent port.
    pub(crate) server: String,
    pub(crate) ca_pin: CaPin,
}

/// How the agent proves who it is.
pub(crate) enum Credential {
    Certificate { chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>, not_before: Time, not_after: Time },
    ApiKey(SecretString),
}

/// Everything joining left behind.
pub(crate) struct Identity {
    pub(crate) file: IdentityFile,
    pub(crate) ca: Vec<CertificateDer<'static>>,
    pub(crate) credential: Credential,
}

/// A fresh key and the request for its certificate.
pub(crate) struct KeyAndRequest {
    pub(crate) key_pem: SecretString,
    pub(crate) csr_der: Vec<u8>,
}

/// Makes a P-256 key and a certificate request for it. Central decides what the certificate says.
pub(crate) fn key_and_request() -> Result<KeyAndRequest, IdentityError> {
    let failed = |error: rcgen::Error| IdentityError::Key(error.to_string());
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(failed)?;
    let request = CertificateParams::default().serialize_request(&key).map_err(failed)?;
    Ok(KeyAndRequest { key_pem: key.serialize_pem().into(), csr_der: request.der().to_vec() })
}

impl DataDir {
    /// The directory, made for this user alone when it is missing.
    pub(crate) fn create(path: &Path) -> Result<Self, IdentityError> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|source| IdentityError::Io {
            what: "make the folder",
            file: path.to_owned(),
            source,
        })?;
        Ok(Self(path.to_owned()))
    }

    /// The directory of an agent that joined.
    pub(crate) fn joined(path: &Path) -> Result<Self, IdentityError> {
        let dir = Self(path.to_owned());
        if dir.has_joined() { Ok(dir) } else { Err(IdentityError::NotJoined(path.to_owned())) }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(crate) fn has_joined(&self) -> bool {
        self.file("identity.json").exists()
    }

    /// Takes the directory for one running agent, until the returned file is closed.
    pub(crate) fn lock(&self) -> Result<File, IdentityError> {
        let file = self.file("lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&file);
        let lock = lock.map_err(|source| IdentityError::Io { what: "open", file, source })?;
        match rustix::fs::flock(&lock, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(lock),
            Err(_) => Err(IdentityError::Locked(self.0.clone())),
        }
    }

    /// Writes a file whole or not at all, readable by this user alone.
    pub(crate) fn write(&self, name: &str, content: &[u8]) -> Result<(), IdentityError> {
        let (file, fresh) = (self.file(name), self.file(&format!("{name}.part")));
        let write = || -> io::Result<()> {
            let mut out = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&fresh)?;
            out.write_all(content)?;
            out.sync_all()?;
            fs::rename(&fresh, &file)
        };
        write().map_err(|source| IdentityError::Io { what: "write", file: file.clone(), source })
    }

    /// Puts a renewed certificate and its key in place. A crash in between is put right by the next [`DataDir::identity`].
    pub(crate) fn replace_certificate(&self, key_pem: &SecretString, certificate_pem: &str) -> Result<(), IdentityError> {
        self.write("key.pem.next", key_pem.expose_secret().as_bytes())?;
        self.write("certificate.pem", certificate_pem.as_bytes())?;
        self.adopt_next_key()
    }

    fn adopt_next_key(&self) -> Result<(), IdentityError> {
        let (next, file) = (self.file("key.pem.next"), self.file("key.pem"));
        fs::rename(&next, &file).map_err(|source| IdentityError::Io { what: "write", file, source })
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, IdentityError> {
        let file = self.file(name);
        fs::read(&file).map_err(|source| IdentityError::Io { what: "read", file, source })
    }

    fn damaged(&self, name: &str, what: &'static str) -> IdentityError {
        IdentityError::Damaged { file: self.file(name), what }
    }

    /// Reads who this agent is.
    pub(crate) fn identity(&self) -> Result<Identity, IdentityError> {
        let file = serde_json::from_slice(&self.read("identity.json")?).map_err(|_| self.damaged("identity.json", "not understood"))?;
        let ca = self.certificates("ca.pem")?;
        let credential = if self.file("api_key").exists() {
            let key = String::from_utf8(self.read("api_key")?).map_err(|_| self.damaged("api_key", "no text"))?;
            Credential::ApiKey(key.trim().to_owned().into())
        } else {
            self.certificate()?
        };
        Ok(Identity { file, ca, credential })
    }

    fn certificates(&self, name: &str) -> Result<Vec<CertificateDer<'static>>, IdentityError> {
        let pem = self.read(name)?;
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
        found.ok().filter(|found| !found.is_empty()).ok_or_else(|| self.damaged(name, "no certificate in it"))
    }

    fn certificate(&self) -> Result<Credential, IdentityError> {
        let chain = self.certificates("certificate.pem")?;
        let leaf = chain.first().ok_or_else(|| self.damaged("certificate.pem", "no certificate in it"))?;
        let (_, parsed) = x509_parser::parse_x509_certificate(leaf).map_err(|_| self.damaged("certificate.pem", "not understood"))?;
        let wanted = parsed.public_key().subject_public_key.data.to_vec();
        let seconds = |time: x509_parser::time::ASN1Time| Time::from_micros(time.timestamp().saturating_mul(1_000_000));
        let (not_before, not_after) = (seconds(parsed.validity().not_before), seconds(parsed.validity().not_after));
        let fits = |name: &str| self.read(name).ok().filter(|pem| public_key(pem).is_some_and(|key| key == wanted));
        let pem = match (fits("key.pem"), fits("key.pem.next")) {
            (Some(pem), _) => pem,
            (None, Some(pem)) => {
                self.adopt_next_key()?;
                pem
            }
            (None, None) => return Err(self.damaged("key.pem", "not the key of certificate.pem")),
        };
        let key = PrivateKeyDer::from_pem_slice(&pem).map_err(|_| self.damaged("key.pem", "not understood"))?;
        Ok(Credential::Certificate { chain, key, not_before, not_after })
    }
}

fn public_key(key_pem: &[u8]) -> Option<Vec<u8>> {
    let key = KeyPair::from_pem(std::str::from_utf8(key_pem).ok()?).ok()?;
    Some(key.der_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn joined() -> (tempfile::TempDir, DataDir) {
        let temp = tempfile::tempdir().expect("a folder");
        let dir = DataDir::create(&temp.path().join("agent")).expect("made");
        let (key, certificate) = pair();
        dir.write("key.pem", key.expose_secret().as_bytes()).expect("written");
        dir.write("certificate.pem", certificate.as_bytes()).expect("written");
        dir.write("ca.pem", certificate.as_bytes()).expect("written");
        let pin = CaPin::of(certificate.as_bytes());
        let file = IdentityFile { agent_id: AgentId::new(), name: "a".parse().expect("a name"), server: "h:1".into(), ca_pin: pin };
        dir.write("identity.json", &serde_json::to_vec(&file).expect("json")).expect("written");
        (temp, dir)
    }

    fn pair() -> (SecretString, String) {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key");
        let certificate = CertificateParams::default().self_signed(&key).expect("a certificate");
        (key.serialize_pem().into(), certificate.pem())
    }

    #[test]
    fn files_are_for_this_user_alone() {
        let (_temp, dir) = joined();
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(dir.path()), 0o700);
        assert_eq!(mode(&dir.file("key.pem")), 0o600);
    }

    #[test]
    fn a_renewal_cut_in_half_is_completed() {
        let (_temp, dir) = joined();
        let (key, certificate) = pair();
        // The crash comes after the certificate and before the key.
        dir.write("key.pem.next", key.expose_secret().as_bytes()).expect("written");
        dir.write("certificate.pem", certificate.as_bytes()).expect("written");
        assert!(dir.identity().is_ok());
        assert!(!dir.file("key.pem.next").exists());
        // The crash comes before the certificate: the old pair still fits.
        dir.write("key.pem.next", pair().0.expose_secret().as_bytes()).expect("written");
        assert!(dir.identity().is_ok());
        assert!(dir.file("key.pem.next").exists(), "kept, unused");
    }

    #[test]
    fn a_foreign_key_is_damage() {
        let (_temp, dir) = joined();
        dir.write("key.pem", pair().0.expose_secret().as_bytes()).expect("written");
        let error = dir.identity().err().expect("an error").to_string();
        assert!(error.contains("not the key of certificate.pem"), "{error}");
    }

    #[test]
    fn one_agent_per_directory() {
        let (_temp, dir) = joined();
        let held = dir.lock().expect("free");
        assert!(matches!(dir.lock(), Err(IdentityError::Locked(_))));
        drop(held);
        assert!(dir.lock().is_ok());
    }
}
