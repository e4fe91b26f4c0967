//! The authority itself: its key, its certificate, and what it signs.
//!
//! `ca.pem` holds its certificate and, after it, those it replaced, each with when that was; `ca-cross.pem` holds certificates in which a
//! replaced authority vouches for the one that replaced it. The private key of a replaced one is gone. How it is replaced: `replace.rs`.

use std::{fs, path::Path, time::Duration};

use mc_domain::{id::AgentId, time::Time};
use rand::RngExt;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SanType, SerialNumber,
};
use rustls_pki_types::{CertificateDer, CertificateSigningRequestDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject};
use sha2::{Digest, Sha256};

use super::replace::{self, Files};
use crate::{error::AppError, secret};

/// How long the authority lives.
pub(super) const CA_LIFE: Duration = Duration::from_secs(10 * 365 * 86_400);
/// How far certificates are backdated, so that a machine whose clock is behind can use them.
const BACKDATE: Duration = Duration::from_secs(2 * 3_600);
/// How long the server's own certificate lives; it is made anew at each start and daily.
const SERVER_LIFE: Duration = Duration::from_secs(90 * 86_400);

/// The internal certificate authority.
pub struct Ca {
    pub(super) issuer: Issuer<'static, KeyPair>,
    pem: String,
    der: CertificateDer<'static>,
    /// The file they were read from.
    pub(super) bundle: String,
    /// Those it replaced, newest first.
    pub(super) older: Vec<Older>,
    /// In which those vouch for their successors.
    cross: Vec<CertificateDer<'static>>,
}

/// An authority that was replaced.
#[derive(Debug, Clone)]
pub struct Older {
    /// Its certificate.
    pub der: CertificateDer<'static>,
    /// Its certificate in PEM.
    pub pem: String,
    /// When it was replaced.
    pub retired: Time,
}

/// A certificate made for an agent.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The certificate.
    pub pem: String,
    /// Its serial number in lower-case hex.
    pub serial: String,
    /// When it ends.
    pub not_after: Time,
}

/// The server's certificate, its chain and its key.
#[derive(Debug)]
pub struct ServerCertificate {
    /// The leaf, then the authority, so that agents can check the pin, then what leads to it from those it replaced.
    pub chain: Vec<CertificateDer<'static>>,
    /// The leaf's key.
    pub key: PrivateKeyDer<'static>,
}

pub(super) fn internal(error: &rcgen::Error) -> AppError {
    AppError::Internal(format!("certificate authority: {error}"))
}

impl Ca {
    /// Reads the authority from `keys/ca.key` and `ca.pem`, or makes it on first start. Finishes a replacement that was cut off.
    pub(crate) fn open(data_dir: &Path, keys: &Path, now: Time) -> Result<Self, AppError> {
        let files = Files::new(data_dir, keys);
        let _lock = files.lock()?;
        files.finish()?;
        match (fs::read_to_string(&files.key), fs::read_to_string(&files.bundle)) {
            (Ok(key), Ok(bundle)) => Self::read(&key, &bundle, &files.cross()?),
            (Err(_), Err(_)) => {
                let (key, params) = Self::make(now).map_err(|error| internal(&error))?;
                let pem = params.self_signed(&key).map_err(|error| internal(&error))?.pem();
                let key = key.serialize_pem();
                secret::write_private(&files.key, key.as_bytes())?;
                fs::write(&files.bundle, &pem)?;
                Self::read(&key, &pem, "")
            }
            _ => Err(AppError::Internal(
                "of the certificate authority's two files ca.pem and keys/ca.key one is missing: restore it from a backup, or remove the other to begin anew (all agents must then join again)"
                    .to_owned(),
            )),
        }
    }

    /// A new key, and what its certificate is to say.
    pub(super) fn make(now: Time) -> Result<(KeyPair, CertificateParams), rcgen::Error> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        // Named by its key, so that an authority and its successor are told apart.
        let mark: String = hex::encode(Sha256::digest(key.public_key_raw())).chars().take(8).collect();
        let mut params = base(&format!("Mission Control internal CA {mark}"), now, CA_LIFE);
        // Agents' and servers' certificates below it, and a successor or two that it vouches for.
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(3));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Ok((key, params))
    }

    fn read(key: &str, bundle: &str, cross: &str) -> Result<Self, AppError> {
        let (pem, older) = replace::read_bundle(bundle)?;
        let der = CertificateDer::from_pem_slice(pem.as_bytes())
            .map_err(|_| AppError::Internal("ca.pem holds no certificate".to_owned()))?
            .into_owned();
        let key = KeyPair::from_pem(key).map_err(|_| AppError::Internal("keys/ca.key holds no key".to_owned()))?;
        if !replace::belongs(&key, &der) {
            return Err(AppError::Internal(
                "keys/ca.key is not the key of the first certificate in ca.pem: restore both from one backup".to_owned(),
            ));
        }
        let issuer = Issuer::from_ca_cert_pem(&pem, key).map_err(|error| internal(&error))?;
        let cross = CertificateDer::pem_slice_iter(cross.as_bytes())
            .collect::<Result<_, _>>()
            .map_err(|_| AppError::Internal("ca-cross.pem cannot be read".to_owned()))?;
        Ok(Self { issuer, pem, der, bundle: bundle.to_owned(), older, cross })
    }

    /// The authority's certificate in PEM.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// What agents are told to trust: the authority, and those it replaced while their certificates may still be shown.
    #[must_use]
    pub fn bundle(&self, now: Time, certificate_life: Duration) -> String {
        let older = self.trusted(now, certificate_life).map(|older| older.pem.as_str());
        std::iter::once(self.pem.as_str()).chain(older).collect()
    }

    /// Whose certificates agents may show: the authority's, and those of the ones it replaced until the last of them has ended.
    #[must_use]
    pub fn client_roots(&self, now: Time, certificate_life: Duration) -> Vec<CertificateDer<'static>> {
        std::iter::once(self.der.clone()).chain(self.trusted(now, certificate_life).map(|older| older.der.clone())).collect()
    }

    fn trusted(&self, now: Time, certificate_life: Duration) -> impl Iterator<Item = &Older> {
        self.older.iter().filter(move |older| older.ends(certificate_life) > now)
    }

    /// The authorities it replaced, newest first.
    #[must_use]
    pub fn older(&self) -> &[Older] {
        &self.older
    }

    /// The authority's certificate.
    #[must_use]
    pub const fn der(&self) -> &CertificateDer<'static> {
        &self.der
    }

    /// What agents and people pin: `sha256:` and the hash of the certificate in hex.
    #[must_use]
    pub fn pin(&self) -> String {
        pin(&self.der)
    }

    /// Signs a certificate for an agent over the key of its request. Names in the request are ignored: the agent's id is the only one.
    ///
    /// # Errors
    /// When the request is malformed or not signed by its key.
    pub(crate) fn sign_agent(&self, csr: &[u8], agent: AgentId, now: Time, life: Duration) -> Result<Issued, AppError> {
        let bad = |_| AppError::Invalid("the certificate request is malformed".to_owned());
        let request = CertificateSigningRequestParams::from_der(&CertificateSigningRequestDer::from(csr)).map_err(bad)?;
        let mut params = base(&agent.to_string(), now, life);
        let serial = serial(&mut params);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let uri = format!("{}{agent}", mc_domain::agent::AGENT_URI_PREFIX);
        params.subject_alt_names = vec![SanType::URI(uri.try_into().map_err(|error| internal(&error))?)];
        let certificate = params.signed_by(&request.public_key, &self.issuer).map_err(|error| internal(&error))?;
        Ok(Issued { pem: certificate.pem(), serial, not_after: now.after(life) })
    }

    /// Makes the server's certificate for these names and addresses.
    ///
    /// # Errors
    /// When a name is none.
    pub fn server_certificate(&self, names: &[String], now: Time) -> Result<ServerCertificate, AppError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(|error| internal(&error))?;
        let mut params = base("Mission Control", now, SERVER_LIFE);
        serial(&mut params);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.subject_alt_names = CertificateParams::new(names.to_vec()).map_err(|error| internal(&error))?.subject_alt_names;
        let certificate = params.signed_by(&key, &self.issuer).map_err(|error| internal(&error))?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        // Whoever trusts or pins only an authority that was replaced finds its way from it to this one.
        let mut chain = vec![certificate.der().clone(), self.der.clone()];
        chain.extend(self.cross.iter().cloned());
        chain.extend(self.older.iter().map(|older| older.der.clone()));
        Ok(ServerCertificate { chain, key })
    }
}

impl Older {
    /// When the last certificate it signed for an agent has ended.
    #[must_use]
    pub fn ends(&self, certificate_life: Duration) -> Time {
        self.retired.after(certificate_life + BACKDATE)
    }

    /// Its pin.
    #[must_use]
    pub fn pin(&self) -> String {
        pin(&self.der)
    }
}

fn pin(der: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(der)))
}

fn base(common_name: &str, now: Time, life: Duration) -> CertificateParams {
    let mut params = CertificateParams::default();
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    params.distinguished_name = name;
    params.use_authority_key_identifier_extension = true;
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let seconds = |time: Time| Duration::from_secs(u64::try_from(time.as_secs()).unwrap_or(0));
    params.not_before = epoch + seconds(now.before(BACKDATE));
    params.not_after = epoch + seconds(now.after(life));
    params
}

/// Gives a certificate a random serial number and returns it in hex.
fn serial(params: &mut CertificateParams) -> String {
    let mut bytes = [0u8; 16];
    rand::rng().fill(&mut bytes);
    // The first bit stays clear: serial numbers are positive. The second is set: no leading zero byte can be dropped.
    if let Some(first) = bytes.first_mut() {
        *first = (*first & 0x3f) | 0x40;
    }
    params.serial_number = Some(SerialNumber::from_slice(&bytes));
    hex::encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trust::agent_certificate;

    fn open(dir: &Path) -> Ca {
        let keys = dir.join("keys");
        secret::private_dir(&keys).expect("a directory");
        Ca::open(dir, &keys, Time::from_micros(1_795_320_500_000_000)).expect("opens")
    }

    fn request() -> Vec<u8> {
        let key = KeyPair::generate().expect("a key");
        CertificateParams::default().serialize_request(&key).expect("a request").der().to_vec()
    }

    #[test]
    fn the_authority_survives_a_restart_and_its_key_is_private() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().expect("a directory");
        let first = open(dir.path()).pin();
        assert_eq!(open(dir.path()).pin(), first);
        let mode = fs::metadata(dir.path().join("keys/ca.key")).expect("exists").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn half_an_authority_is_refused_not_replaced() {
        let dir = tempfile::tempdir().expect("a directory");
        open(dir.path());
        fs::remove_file(dir.path().join("keys/ca.key")).expect("removed");
        let keys = dir.path().join("keys");
        assert!(Ca::open(dir.path(), &keys, Time::default()).is_err());
    }

    #[test]
    fn agents_certificates_carry_their_id_and_serial() {
        let dir = tempfile::tempdir().expect("a directory");
        let ca = open(dir.path());
        let (id, now) = (AgentId::new(), Time::from_micros(1_795_320_500_000_000));
        let issued = ca.sign_agent(&request(), id, now, Duration::from_secs(60)).expect("signs");
        let der = CertificateDer::from_pem_slice(issued.pem.as_bytes()).expect("a certificate");
        let read = agent_certificate(&der).expect("reads");
        assert_eq!((read.agent, read.serial), (id, issued.serial));
    }

    #[test]
    fn a_request_that_is_none_is_invalid() {
        let dir = tempfile::tempdir().expect("a directory");
        let error = open(dir.path()).sign_agent(b"nonsense", AgentId::new(), Time::default(), Duration::from_secs(60));
        assert!(matches!(error, Err(AppError::Invalid(_))));
    }
}
