//! Where a kubectl finds its API server: a port of this machine's own, for one run, whose connections go to central's door.
//!
//! It speaks TLS because kubectl shows its token over nothing else. The certificate is made for the run and the kubeconfig names it alone.

use std::{convert::Infallible, net::Ipv4Addr, sync::Arc, time::Duration};

use anyhow::Context as _;
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::ServerConfig;
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;

use crate::{channel, tunnel::Doors};

/// Connections of one kubectl at a time. It speaks HTTP/2, so it needs few.
const CONNECTIONS: usize = 32;
/// How long a handshake may take.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);
/// How long to wait when the system has no more descriptors.
const OUT_OF_FILES: Duration = Duration::from_millis(200);

/// The port.
pub(super) struct Lock {
    listener: TcpListener,
    tls: TlsAcceptor,
    pub(super) port: u16,
    /// In PEM.
    pub(super) certificate: String,
}

impl Lock {
    pub(super) async fn open() -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let certificate = CertificateParams::new(vec![Ipv4Addr::LOCALHOST.to_string()])?.self_signed(&key)?;
        let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let mut config = ServerConfig::builder_with_provider(channel::provider())
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], private)
            .context("a certificate for one run")?;
        // What central speaks as well: the bytes are passed on as they are.
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let port = listener.local_addr()?.port();
        Ok(Self { listener, tls: TlsAcceptor::from(Arc::new(config)), port, certificate: certificate.pem() })
    }

    /// Passes connections on until it is dropped, and they with it.
    pub(super) async fn serve(&self, doors: &Doors) -> Infallible {
        let mut open = JoinSet::new();
        loop {
            while open.try_join_next().is_some() {}
            if open.len() >= CONNECTIONS {
                open.join_next().await;
                continue;
            }
            match self.listener.accept().await {
                Ok((tcp, _)) => {
                    open.spawn(pass(self.tls.clone(), tcp, doors.clone()));
                }
                Err(error) => {
                    tracing::warn!("a kubectl's connection cannot be taken: {error}");
                    tokio::time::sleep(OUT_OF_FILES).await;
                }
            }
        }
    }
}

async fn pass(tls: TlsAcceptor, tcp: TcpStream, doors: Doors) {
    // Small frames must not wait for bigger ones; a socket that refuses the option is as good as gone.
    let _ = tcp.set_nodelay(true);
    let Ok(Ok(stream)) = timeout(HANDSHAKE_WITHIN, tls.accept(tcp)).await else { return };
    if let Err(why) = doors.pass(stream).await {
        tracing::debug!("a kubectl's connection ended: {why}");
    }
}
