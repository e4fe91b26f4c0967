//! Joining for real: a key, a certificate request, a join token, and the certificate that central answers.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use anyhow::Context;
use mc_wire::v1;
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::ClientConfig;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject};

use crate::dial::{self, Tls};

/// Agents that dial from one address: central admits 120 joins a minute from each.
const AGENTS_AN_ADDRESS: usize = 100;

/// Who a simulated agent is.
pub(crate) struct Identity {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) from: Ipv4Addr,
    pub(crate) tls: Arc<ClientConfig>,
    pub(crate) about: v1::Identity,
}

/// The loopback address of the `number`th agent: 127.1.0.1 and up.
pub(crate) fn address(number: usize) -> Ipv4Addr {
    let place = number / AGENTS_AN_ADDRESS;
    let byte = |value: usize| u8::try_from(value % 250).unwrap_or(0);
    Ipv4Addr::new(127, byte(place / (250 * 250)) + 1, byte(place / 250), byte(place) + 1)
}

/// What the `number`th agent says of itself; varied, so that filters find some and leave some.
pub(crate) fn about(number: usize) -> v1::Identity {
    v1::Identity {
        hostname: format!("host-{number:05}.rack-{:02}.example.net", number % 40),
        os: "linux 6.12.41".to_owned(),
        arch: "x86_64".to_owned(),
        version: if number.is_multiple_of(7) { "0.0.9" } else { env!("CARGO_PKG_VERSION") }.to_owned(),
        capabilities: vec!["workload".to_owned(), "host".to_owned()],
        allow: ["restart", "kill", "check"].map(str::to_owned).to_vec(),
        kind: match number % 10 {
            0..6 => "command",
            6..9 => "systemd",
            _ => "openclaw",
        }
        .to_owned(),
    }
}

/// The tags of the `number`th agent.
fn tags(number: usize) -> Vec<String> {
    let env = if number.is_multiple_of(5) { "env:test" } else { "env:prod" };
    vec![env.to_owned(), format!("rack:{:02}", number % 40)]
}

/// Joins as the `number`th agent.
pub(crate) async fn join(
    server: SocketAddr,
    tls: &Tls,
    anonymous: Arc<ClientConfig>,
    token: String,
    number: usize,
) -> anyhow::Result<Identity> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let csr = CertificateParams::default().serialize_request(&key)?;
    let (about, from) = (about(number), address(number));
    let mut link = dial::grpc(server, from, anonymous).await?;
    let request = v1::JoinRequest {
        token,
        name: format!("bench-{number:05}"),
        csr_der: csr.der().to_vec(),
        tags: tags(number),
        identity: Some(about.clone()),
    };
    let answer = link.join(request).await.with_context(|| format!("agent {number} could not join"))?.into_inner();
    let chain = CertificateDer::pem_slice_iter(answer.certificate_pem.as_bytes()).collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    Ok(Identity { id: answer.agent_id, name: answer.name, from, tls: tls.agent(Some((chain, key)))?, about })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn no_address_joins_more_agents_than_central_admits_a_minute() {
        let mut used: HashMap<Ipv4Addr, usize> = HashMap::new();
        for number in 0..60_000 {
            *used.entry(address(number)).or_default() += 1;
        }
        assert!(used.values().all(|count| *count <= 100));
        assert!(used.keys().all(|address| address.is_loopback() && address.octets()[3] > 0));
    }
}
