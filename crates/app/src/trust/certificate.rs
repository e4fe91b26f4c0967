//! Reading an agent's certificate after the TLS layer has verified it.

use mc_domain::{agent::AGENT_URI_PREFIX, id::AgentId, time::Time};
use x509_parser::{extensions::GeneralName, prelude::*};

/// Who a certificate is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentCertificate {
    /// The agent.
    pub agent: AgentId,
    /// The certificate's serial number in lower-case hex.
    pub serial: String,
}

/// The certificate is not one of an agent's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the certificate is not an agent's")]
pub struct BadCertificate;

/// Reads the agent's id and the serial number.
///
/// # Errors
/// When the certificate names no agent.
pub fn agent_certificate(der: &[u8]) -> Result<AgentCertificate, BadCertificate> {
    let (_, certificate) = X509Certificate::from_der(der).map_err(|_| BadCertificate)?;
    let names = certificate.subject_alternative_name().map_err(|_| BadCertificate)?.ok_or(BadCertificate)?;
    let agent = names
        .value
        .general_names
        .iter()
        .find_map(|name| match name {
            GeneralName::URI(uri) => uri.strip_prefix(AGENT_URI_PREFIX)?.parse().ok(),
            _ => None,
        })
        .ok_or(BadCertificate)?;
    Ok(AgentCertificate { agent, serial: hex::encode(certificate.raw_serial()) })
}

/// What a server's certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// From when it is valid.
    pub not_before: Time,
    /// Until when.
    pub not_after: Time,
    /// The DNS names it is for.
    pub names: Vec<String>,
}

/// Reads a server's certificate.
#[must_use]
pub fn leaf(der: &[u8]) -> Option<Leaf> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let time = |time: ASN1Time| Time::from_micros(time.timestamp().saturating_mul(1_000_000));
    let names = certificate.subject_alternative_name().ok()??.value.general_names.iter().filter_map(|name| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        _ => None,
    });
    let names = names.collect();
    Some(Leaf { not_before: time(certificate.validity().not_before), not_after: time(certificate.validity().not_after), names })
}
