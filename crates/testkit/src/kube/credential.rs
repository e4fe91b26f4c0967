//! The certificates of an API server and its clients, made for one test.

use std::{fmt, sync::Arc};

use anyhow::Result;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256,
};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use serde_json::{Value, json};

use crate::program::LIMIT;

/// An authority for one API server.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: String,
}

/// A certificate with its key: a server's, or what a client proves with who it is.
#[derive(Clone)]
pub struct Credential {
    name: String,
    certificate: String,
    key: String,
    authority: String,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Authority {
    pub(super) fn make() -> Result<Self> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = named("test cluster", None);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let certificate = params.self_signed(&key)?.pem();
        Ok(Self { issuer: Issuer::new(params, key), certificate })
    }

    /// Its certificate in PEM.
    #[must_use]
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    pub(super) fn certificate_base64(&self) -> String {
        STANDARD.encode(&self.certificate)
    }

    /// A server's on this machine.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn server(&self) -> Result<Credential> {
        let mut params = CertificateParams::new(["127.0.0.1".to_owned(), "localhost".to_owned()])?;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.issue("kube-apiserver", None, params)
    }

    /// A client's: the server takes the name for the user's, and the group for a group of theirs.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn credential(&self, user: &str, group: Option<&str>) -> Result<Credential> {
        let mut params = CertificateParams::default();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.issue(user, group, params)
    }

    fn issue(&self, name: &str, group: Option<&str>, mut params: CertificateParams) -> Result<Credential> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        params.distinguished_name = named(name, group);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let certificate = params.signed_by(&key, &self.issuer)?.pem();
        Ok(Credential { name: name.to_owned(), certificate, key: key.serialize_pem(), authority: self.certificate.clone() })
    }
}

fn named(name: &str, group: Option<&str>) -> DistinguishedName {
    let mut named = DistinguishedName::new();
    named.push(DnType::CommonName, name);
    if let Some(group) = group {
        named.push(DnType::OrganizationName, group);
    }
    named
}

impl Credential {
    /// The user's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The certificate in PEM.
    #[must_use]
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// The key in PEM.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    pub(super) fn kubeconfig(&self) -> Value {
        json!({"client-certificate-data": STANDARD.encode(&self.certificate), "client-key-data": STANDARD.encode(&self.key)})
    }

    /// TLS that proves it, speaking HTTP/1.1, or whatever the server likes best of these.
    ///
    /// # Errors
    /// When it does not fit together.
    pub fn tls(&self, protocols: &[&str]) -> Result<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.authority.as_bytes())?)?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let chain = vec![CertificateDer::from_pem_slice(self.certificate.as_bytes())?];
        let mut tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_client_auth_cert(chain, PrivateKeyDer::from_pem_slice(self.key.as_bytes())?)?;
        tls.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        Ok(tls)
    }

    /// An HTTP client that proves it.
    ///
    /// # Errors
    /// When it cannot be set up.
    pub fn client(&self) -> Result<reqwest::Client> {
        let tls = self.tls(&["h2", "http/1.1"])?;
        // What is compressed would be unpacked before a test sees it: nothing is asked for compressed.
        Ok(reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().no_gzip().timeout(LIMIT).build()?)
    }
}
