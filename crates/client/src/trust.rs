//! Which server certificates are trusted: those of the system's authorities, of a CA file, or of the one CA with a pinned hash.
//!
//! A pin is checked like agents check it: a certificate in the chain has that hash, and the server's certificate verifies against it
//! alone, host name included. When nothing is trusted the verifier notes which pin would have been right, so that a person can be asked.

use std::{
    fmt,
    path::Path,
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
};

use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature},
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject};
use sha2::{Digest, Sha256};

use crate::{Error, Result};

/// The SHA-256 of a CA certificate's DER, written `sha256:` and 64 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaPin([u8; 32]);

impl CaPin {
    /// The pin of a certificate.
    #[must_use]
    pub fn of(certificate: &[u8]) -> Self {
        Self(Sha256::digest(certificate).into())
    }
}

impl fmt::Display for CaPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", hex::encode(self.0))
    }
}

/// A string that is no CA pin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is not a CA pin: a pin is `sha256:` and 64 hex digits, as `mc status` and join commands show it")]
pub struct NotAPin;

impl FromStr for CaPin {
    type Err = NotAPin;
    fn from_str(text: &str) -> std::result::Result<Self, NotAPin> {
        let digits = text.trim().strip_prefix("sha256:").ok_or(NotAPin)?;
        let mut hash = [0; 32];
        hex::decode_to_slice(digits, &mut hash).map_err(|_| NotAPin)?;
        Ok(Self(hash))
    }
}

/// Whom to trust.
#[derive(Debug, Clone, Default)]
pub enum Trust {
    /// The authorities the operating system trusts.
    #[default]
    System,
    /// These authorities and no other.
    Authorities(Vec<CertificateDer<'static>>),
    /// The one CA with this hash.
    Pin(CaPin),
}

impl Trust {
    /// Trusts the certificates of a PEM file.
    ///
    /// # Errors
    /// When the file cannot be read or holds no certificate.
    pub fn from_ca_file(path: &Path) -> Result<Self> {
        let bad = |why: String| Error::BadSetting(format!("cannot use the CA file {}: {why}", path.display()));
        let text = std::fs::read(path).map_err(|error| bad(error.to_string()))?;
        let certificates = CertificateDer::pem_slice_iter(&text)
            .collect::<std::result::Result<Vec<_>, _>>()
            .map_err(|_| bad("it is not valid PEM".into()))?;
        if certificates.is_empty() {
            return Err(bad("it holds no certificate".into()));
        }
        Ok(Self::Authorities(certificates))
    }
}

/// What was seen of the server's certificates.
#[derive(Debug, Default)]
pub(crate) struct Noted {
    refused: Mutex<Option<CaPin>>,
    vouched: Mutex<Option<CertificateDer<'static>>>,
}

impl Noted {
    /// Which authority the last refused certificate came from.
    pub(crate) fn refused(&self) -> Option<CaPin> {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The pinned authority, once a certificate of its was accepted.
    pub(crate) fn vouched(&self) -> Option<CertificateDer<'static>> {
        self.vouched.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note_refused(&self, pin: Option<CaPin>) {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = pin;
    }

    fn note_vouched(&self, authority: &CertificateDer<'_>) {
        *self.vouched.lock().unwrap_or_else(PoisonError::into_inner) = Some(authority.clone().into_owned());
    }
}

/// TLS settings that trust as asked, without ALPN.
pub(crate) fn client_config(trust: &Trust, noted: &Arc<Noted>) -> Result<ClientConfig> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let rule = match trust {
        Trust::System => system_rule(&provider)?,
        Trust::Authorities(certificates) => {
            let mut roots = RootCertStore::empty();
            for certificate in certificates {
                roots
                    .add(certificate.clone())
                    .map_err(|error| Error::BadSetting(format!("a certificate of the CA file cannot be used: {error}")))?;
            }
            Rule::Roots(webpki(roots, &provider)?)
        }
        Trust::Pin(pin) => Rule::Pin(*pin),
    };
    let verifier = Verifier { rule, provider: Arc::clone(&provider), noted: Arc::clone(noted) };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::BadSetting(format!("TLS cannot be set up: {error}")))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(config)
}

/// The system's authorities. A machine without any trusts nobody, and its user is asked about the server's own CA like anybody else.
fn system_rule(provider: &Arc<CryptoProvider>) -> Result<Rule> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() { Ok(Rule::Nobody) } else { Ok(Rule::Roots(webpki(roots, provider)?)) }
}

fn webpki(roots: RootCertStore, provider: &Arc<CryptoProvider>) -> Result<Arc<WebPkiServerVerifier>> {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map_err(|error| Error::BadSetting(format!("the trusted certificates cannot be used: {error}")))
}

const UNKNOWN_ISSUER: rustls::Error = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);

#[derive(Debug)]
enum Rule {
    Nobody,
    Roots(Arc<WebPkiServerVerifier>),
    Pin(CaPin),
}

#[derive(Debug)]
struct Verifier {
    rule: Rule,
    provider: Arc<CryptoProvider>,
    noted: Arc<Noted>,
}

/// What a server presents.
struct Presented<'a> {
    leaf: &'a CertificateDer<'a>,
    chain: &'a [CertificateDer<'a>],
    name: &'a ServerName<'a>,
    ocsp: &'a [u8],
    now: UnixTime,
}

impl Verifier {
    /// Whether the leaf verifies against this one certificate of the chain.
    fn against(&self, authority: &CertificateDer<'_>, seen: &Presented<'_>) -> std::result::Result<ServerCertVerified, rustls::Error> {
        let mut roots = RootCertStore::empty();
        roots.add(authority.clone().into_owned())?;
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&self.provider))
            .build()
            .map_err(|error| rustls::Error::General(error.to_string()))?;
        verifier.verify_server_cert(seen.leaf, seen.chain, seen.name, seen.ocsp, seen.now)
    }

    fn pinned(&self, pin: CaPin, seen: &Presented<'_>) -> std::result::Result<ServerCertVerified, rustls::Error> {
        let authority = seen.chain.iter().find(|certificate| CaPin::of(certificate) == pin);
        let authority = authority.ok_or(UNKNOWN_ISSUER)?;
        let verified = self.against(authority, seen)?;
        self.noted.note_vouched(authority);
        Ok(verified)
    }

    /// The authority a person may be asked to trust: the outermost one of the chain that the leaf verifies against.
    fn candidate(&self, seen: &Presented<'_>) -> Option<CaPin> {
        seen.chain.iter().rev().find(|certificate| self.against(certificate, seen).is_ok()).map(|certificate| CaPin::of(certificate))
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        let seen = Presented { leaf: end_entity, chain: intermediates, name: server_name, ocsp: ocsp_response, now };
        let verdict = match &self.rule {
            Rule::Nobody => Err(UNKNOWN_ISSUER),
            Rule::Roots(verifier) => verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now),
            Rule::Pin(pin) => self.pinned(*pin, &seen),
        };
        if verdict.is_err() {
            self.noted.note_refused(self.candidate(&seen));
        }
        verdict
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose};

    use super::*;

    struct Authority(CertifiedIssuer<'static, KeyPair>);

    impl Authority {
        fn new() -> Self {
            let mut params = CertificateParams::default();
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
            Self(CertifiedIssuer::self_signed(params, KeyPair::generate().expect("key")).expect("certificate"))
        }

        fn leaf(&self, name: &str) -> CertificateDer<'static> {
            let key = KeyPair::generate().expect("key");
            CertificateParams::new(vec![name.to_owned()]).expect("name").signed_by(&key, &self.0).expect("signed").der().clone()
        }

        fn der(&self) -> CertificateDer<'static> {
            self.0.der().clone()
        }
    }

    fn verifier(pin: CaPin) -> Verifier {
        Verifier { rule: Rule::Pin(pin), provider: Arc::new(aws_lc_rs::default_provider()), noted: Arc::default() }
    }

    fn verify(verifier: &Verifier, leaf: &CertificateDer<'_>, chain: &[CertificateDer<'_>], name: &str) -> bool {
        let name = ServerName::try_from(name.to_owned()).expect("name");
        verifier.verify_server_cert(leaf, chain, &name, &[], UnixTime::now()).is_ok()
    }

    #[test]
    fn a_pin_admits_its_ca_and_nothing_else() {
        let (ours, other) = (Authority::new(), Authority::new());
        let pinned = verifier(CaPin::of(&ours.der()));
        let leaf = ours.leaf("localhost");
        assert_eq!(pinned.noted.vouched(), None);
        assert!(verify(&pinned, &leaf, &[ours.der()], "localhost"));
        assert_eq!(pinned.noted.vouched(), Some(ours.der()));
        assert!(!verify(&pinned, &leaf, &[ours.der()], "example.org"), "another host name");
        assert!(!verify(&pinned, &leaf, &[], "localhost"), "the CA is not in the chain");
        let forged = other.leaf("localhost");
        assert!(!verify(&pinned, &forged, &[other.der()], "localhost"), "another CA");
        assert!(!verify(&pinned, &forged, &[other.der(), ours.der()], "localhost"), "our CA only carried along");
        assert_eq!(pinned.noted.vouched(), Some(ours.der()), "of what is refused nothing is kept");
    }

    #[test]
    fn a_refusal_names_the_pin_that_would_fit() {
        let (ours, other) = (Authority::new(), Authority::new());
        let wrong = verifier(CaPin::of(&other.der()));
        assert!(!verify(&wrong, &ours.leaf("localhost"), &[ours.der()], "localhost"));
        assert_eq!(wrong.noted.refused(), Some(CaPin::of(&ours.der())));
        assert!(!verify(&wrong, &ours.leaf("localhost"), &[ours.der()], "example.org"));
        assert_eq!(wrong.noted.refused(), None, "no pin would help against a wrong host name");
    }

    #[test]
    fn pins_round_trip_and_refuse_nonsense() {
        let pin = CaPin::of(b"certificate");
        assert_eq!(pin.to_string().parse(), Ok(pin));
        for bad in ["", "sha256:", "sha256:00", &pin.to_string().replace("sha256:", ""), &format!("{pin}00")] {
            assert_eq!(bad.parse::<CaPin>(), Err(NotAPin), "{bad}");
        }
    }
}
