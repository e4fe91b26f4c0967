//! Trust before there is any: a server is believed when its chain holds the pinned CA and its certificate verifies against that CA.

use std::{fmt, str::FromStr, sync::Arc};

use mc_wire::SERVER_NAME;
use rustls::{
    CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::CryptoProvider,
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// SHA-256 of a CA certificate's DER: `sha256:` and 64 hex digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct CaPin([u8; 32]);

/// A string that is no pin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the CA pin must be sha256: and 64 hex digits, as the join command shows it")]
pub(crate) struct NotAPin;

impl CaPin {
    /// The pin of a certificate.
    pub(crate) fn of(der: &[u8]) -> Self {
        Self(Sha256::digest(der).into())
    }
}

impl FromStr for CaPin {
    type Err = NotAPin;
    fn from_str(text: &str) -> Result<Self, NotAPin> {
        let digits = text.trim().strip_prefix("sha256:").ok_or(NotAPin)?;
        let bytes = hex::decode(digits).map_err(|_| NotAPin)?;
        Ok(Self(bytes.try_into().map_err(|_| NotAPin)?))
    }
}

impl TryFrom<String> for CaPin {
    type Error = NotAPin;
    fn try_from(text: String) -> Result<Self, NotAPin> {
        text.parse()
    }
}

impl From<CaPin> for String {
    fn from(pin: CaPin) -> Self {
        pin.to_string()
    }
}

impl fmt::Display for CaPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", hex::encode(self.0))
    }
}

/// The server's chain does not hold the pinned CA.
#[derive(Debug, thiserror::Error)]
#[error("the CA pin does not match this server")]
pub(crate) struct PinMismatch;

/// Verifies a server by the pin of its CA.
#[derive(Debug)]
pub(crate) struct PinVerifier {
    pin: CaPin,
    provider: Arc<CryptoProvider>,
}

impl PinVerifier {
    pub(crate) const fn new(pin: CaPin, provider: Arc<CryptoProvider>) -> Self {
        Self { pin, provider }
    }
}

impl ServerCertVerifier for PinVerifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        _dialled: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let pinned = others.iter().chain([leaf]).find(|certificate| CaPin::of(certificate) == self.pin);
        let pinned = pinned.ok_or_else(|| Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(PinMismatch)))))?;
        let mut roots = RootCertStore::empty();
        roots.add(pinned.clone().into_owned())?;
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&self.provider))
            .build()
            .map_err(|error| Error::General(error.to_string()))?;
        let name = ServerName::try_from(SERVER_NAME).map_err(|error| Error::General(error.to_string()))?;
        verifier.verify_server_cert(leaf, others, &name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

    use super::*;

    struct Authority {
        der: CertificateDer<'static>,
        issuer: Issuer<'static, KeyPair>,
    }

    fn authority() -> Authority {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let der = params.self_signed(&key).expect("a certificate").der().clone();
        Authority { der, issuer: Issuer::new(params, key) }
    }

    fn server(authority: &Authority, name: &str) -> CertificateDer<'static> {
        let params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        params.signed_by(&KeyPair::generate().expect("a key"), &authority.issuer).expect("a certificate").der().clone()
    }

    fn verify(pin: CaPin, leaf: &CertificateDer<'_>, others: &[CertificateDer<'_>]) -> Result<(), Error> {
        let verifier = PinVerifier::new(pin, Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
        let dialled = ServerName::try_from("10.0.0.1").expect("an address");
        let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(1_795_320_500));
        verifier.verify_server_cert(leaf, others, &dialled, &[], now).map(|_| ())
    }

    #[test]
    fn the_pinned_ca_and_nothing_else_is_believed() {
        let (ours, theirs) = (authority(), authority());
        let leaf = server(&ours, SERVER_NAME);
        assert!(verify(CaPin::of(&ours.der), &leaf, std::slice::from_ref(&ours.der)).is_ok());
        let wrong_pin = verify(CaPin::of(&theirs.der), &leaf, std::slice::from_ref(&ours.der));
        assert!(matches!(wrong_pin, Err(Error::InvalidCertificate(CertificateError::Other(_)))), "{wrong_pin:?}");
        let foreign = server(&theirs, SERVER_NAME);
        assert!(verify(CaPin::of(&ours.der), &foreign, &[ours.der.clone(), theirs.der.clone()]).is_err(), "pin shown, leaf from elsewhere");
        let misnamed = server(&ours, "elsewhere.example");
        assert!(verify(CaPin::of(&ours.der), &misnamed, std::slice::from_ref(&ours.der)).is_err());
    }

    #[test]
    fn pins_read_back() {
        let pin = CaPin::of(b"x");
        assert_eq!(pin.to_string().parse(), Ok(pin));
        for bad in ["", "sha256:", "sha256:zz", "md5:00", &"0".repeat(64)] {
            assert_eq!(bad.parse::<CaPin>(), Err(NotAPin), "{bad}");
        }
    }
}
