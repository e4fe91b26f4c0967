//! The authority itself: its key, its certificate, and what it signs.

use std::{fs, path::Path, time::Duration};

use mc_domain::{id::AgentId, time::Time};
use rand::RngExt;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SanType, SerialNumber,
};
use rustls_pki_types::{CertificateDer, CertificateSigningRequestDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject};
use sha2::{Digest, Sha256};

use crate::{error::AppError, secret};

/// How long the authority lives.
const CA_LIFE: Duration = Duration::from_secs(10 * 365 * 86_400);
/// How far certificates are backdated, so that a machine whose clock is behind can use them.
const BACKDATE: Duration = Duration::from_secs(2 * 3_600);
/// How long the server's own certificate lives; it is made anew at each start and daily.
const SERVER_LIFE: Duration = Duration::from_secs(90 * 86_400);

/// The internal certificate authority.
pub struct Ca {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
    der: CertificateDer<'static>,
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
    /// The leaf, then the authority, so that agents can check the pin.
    pub chain: Vec<CertificateDer<'static>>,
    /// The leaf's key.
    pub key: PrivateKeyDer<'static>,
}

fn internal(error: &rcgen::Error) -> AppError {
    AppError::Internal(format!("certificate authority: {error}"))
}

impl Ca {
    /// Reads the authority from `keys/ca.key` and `ca.pem`, or makes it on first start.
    pub(crate) fn open(data_dir: &Path, keys: &Path, now: Time) -> Result<Self, AppError> {
        let (key_path, pem_path) = (keys.join("ca.key"), data_dir.join("ca.pem"));
        match (fs::read_to_string(&key_path), fs::read_to_string(&pem_path)) {
            (Ok(key), Ok(pem)) => Self::read(&key, pem),
            (Err(_), Err(_)) => {
                let (key, pem) = Self::make(now).map_err(|error| internal(&error))?;
                secret::write_private(&key_path, key.as_bytes())?;
                fs::write(&pem_path, &pem)?;
                Self::read(&key, pem)
            }
            _ => Err(AppError::Internal(
                "of the certificate authority's two files ca.pem and keys/ca.key one is missing: restore it from a backup, or remove the other to begin anew (all agents must then join again)"
                    .to_owned(),
            )),
        }
    }

    fn make(now: Time) -> Result<(String, String), rcgen::Error> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = base("Mission Control internal CA", now, CA_LIFE);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key)?;
        Ok((key.serialize_pem(), certificate.pem()))
    }

    fn read(key: &str, pem: String) -> Result<Self, AppError> {
        let der = CertificateDer::from_pem_slice(pem.as_bytes())
            .map_err(|_| AppError::Internal("ca.pem holds no certificate".to_owned()))?
            .into_owned();
        let key = KeyPair::from_pem(key).map_err(|_| AppError::Internal("keys/ca.key holds no key".to_owned()))?;
        let issuer = Issuer::from_ca_cert_pem(&pem, key).map_err(|error| internal(&error))?;
        Ok(Self { issuer, pem, der })
    }

    /// The authority's certificate in PEM.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The authority's certificate.
    #[must_use]
    pub const fn der(&self) -> &CertificateDer<'static> {
        &self.der
    }

    /// What agents and people pin: `sha256:` and the hash of the certificate in hex.
    #[must_use]
    pub fn pin(&self) -> String {
        format!("sha256:{}", hex::encode(Sha256::digest(&self.der)))
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
        Ok(ServerCertificate { chain: vec![certificate.der().clone(), self.der.clone()], key })
    }
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
