//! TLS 1.3 on both ports: the certificate in force, and accepting connections without letting a slow handshake hold up the next.

use std::{
    collections::{HashMap, hash_map::Entry},
    fs, io,
    net::{IpAddr, SocketAddr},
    path::Path,
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use arc_swap::{ArcSwap, ArcSwapOption};
use mc_app::trust::ServerCertificate;
use mc_wire::TUNNEL_PROTOCOL;
use parking_lot::Mutex;
use rustls::{
    RootCertStore, ServerConfig,
    crypto::aws_lc_rs::sign::any_supported_type,
    server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier},
    sign::CertifiedKey,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// How long a peer may take for its handshake.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);
/// Handshakes under way at once: each costs about a millisecond of a core, so more would only wait on each other.
const HANDSHAKES: usize = 512;
/// Of these, from one address.
const HANDSHAKES_OF_ONE: usize = 128;

/// The certificate in force, which can be replaced while serving.
#[derive(Debug)]
pub(crate) struct Certificate {
    in_force: ArcSwapOption<CertifiedKey>,
    /// Shown until there is one of its own.
    stand_in: Option<Arc<Certificate>>,
    /// What an ACME authority must see when it checks a name.
    answers: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

/// The protocol an ACME authority asks for when it checks a name (RFC 8737).
const ACME_PROTOCOL: &[u8] = b"acme-tls/1";

impl Certificate {
    /// Takes a certificate into use.
    pub(crate) fn new(certificate: ServerCertificate) -> anyhow::Result<Arc<Self>> {
        let in_force = ArcSwapOption::from_pointee(certified(certificate)?);
        Ok(Arc::new(Self { in_force, stand_in: None, answers: Mutex::default() }))
    }

    /// One that is not there yet: until then the other one is shown.
    pub(crate) fn standing_in(other: &Arc<Self>) -> Arc<Self> {
        Arc::new(Self { in_force: ArcSwapOption::empty(), stand_in: Some(Arc::clone(other)), answers: Mutex::default() })
    }

    /// Replaces it; connections that are open keep the old one.
    pub(crate) fn replace(&self, certificate: ServerCertificate) -> anyhow::Result<()> {
        self.in_force.store(Some(Arc::new(certified(certificate)?)));
        Ok(())
    }

    /// Shows this to an ACME authority that checks the name.
    pub(crate) fn answer(&self, name: &str, proof: ServerCertificate) -> anyhow::Result<()> {
        // Not compared with its key as others are: it says critical things that only such an authority understands.
        self.answers.lock().insert(name.to_owned(), Arc::new(paired(proof)?));
        Ok(())
    }

    /// Shows nothing more to ACME authorities.
    pub(crate) fn stop_answering(&self) {
        self.answers.lock().clear();
    }

    fn current(&self) -> Option<Arc<CertifiedKey>> {
        self.in_force.load_full().or_else(|| self.stand_in.as_ref()?.current())
    }
}

fn paired(certificate: ServerCertificate) -> anyhow::Result<CertifiedKey> {
    let key = any_supported_type(&certificate.key).context("the server's key is of a kind that TLS does not use")?;
    Ok(CertifiedKey::new(certificate.chain, key))
}

fn certified(certificate: ServerCertificate) -> anyhow::Result<CertifiedKey> {
    let certified = paired(certificate)?;
    certified.keys_match().context("the certificate and the key do not belong together")?;
    Ok(certified)
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        if hello.alpn().is_some_and(|mut asked| asked.any(|protocol| protocol == ACME_PROTOCOL)) {
            return self.answers.lock().get(hello.server_name()?).cloned();
        }
        self.current()
    }
}

/// Reads a certificate chain and key of the operator's own.
pub(crate) fn read(cert: &Path, key: &Path) -> anyhow::Result<ServerCertificate> {
    let bytes = |path: &Path| fs::read(path).with_context(|| format!("cannot read {}", path.display()));
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&bytes(cert)?)
        .collect::<Result<_, _>>()
        .with_context(|| format!("{} holds no PEM certificate", cert.display()))?;
    anyhow::ensure!(!chain.is_empty(), "{} holds no PEM certificate", cert.display());
    let key = PrivateKeyDer::from_pem_slice(&bytes(key)?).with_context(|| format!("{} holds no PEM key", key.display()))?;
    Ok(ServerCertificate { chain, key })
}

/// TLS for people: no client certificates.
pub(crate) fn for_people(certificate: Arc<Certificate>, acme: bool) -> ServerConfig {
    let mut config =
        ServerConfig::builder_with_protocol_versions(&[&rustls::version::TLS13]).with_no_client_auth().with_cert_resolver(certificate);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    if acme {
        config.alpn_protocols.push(ACME_PROTOCOL.to_vec());
    }
    config
}

/// TLS for agents: a client certificate of our authority or one it replaced, or none for those that join or use a key.
pub(crate) fn for_agents(certificate: Arc<Certificate>, authorities: Vec<CertificateDer<'static>>) -> anyhow::Result<ServerConfig> {
    let mut roots = RootCertStore::empty();
    for authority in authorities {
        roots.add(authority)?;
    }
    let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).allow_unauthenticated().build()?;
    let mut config = ServerConfig::builder_with_protocol_versions(&[&rustls::version::TLS13])
        .with_client_cert_verifier(verifier)
        .with_cert_resolver(certificate);
    config.alpn_protocols = vec![b"h2".to_vec(), TUNNEL_PROTOCOL.to_vec()];
    // Agents hold their stream for days; tickets would only cost memory.
    config.send_tls13_tickets = 0;
    Ok(config)
}

/// Handshakes under way, by address.
type UnderWay = Arc<Mutex<HashMap<IpAddr, usize>>>;

/// One address's share of the handshakes under way, given back when dropped.
struct Turn(UnderWay, IpAddr);

impl Turn {
    /// `None` when the address has its share already: one machine that opens connections and says nothing must not lock out the others.
    fn take(under_way: &UnderWay, address: IpAddr) -> Option<Self> {
        let mut counts = under_way.lock();
        let count = counts.entry(address).or_insert(0);
        if *count >= HANDSHAKES_OF_ONE {
            return None;
        }
        *count += 1;
        drop(counts);
        Some(Self(Arc::clone(under_way), address))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Entry::Occupied(mut count) = self.0.lock().entry(self.1) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

/// A connection, or why there is none.
pub(crate) type Accepted = (SocketAddr, io::Result<TlsStream<TcpStream>>);

/// Settings in force, which can be replaced while serving; connections that are open keep the old ones.
pub(crate) type Settings = Arc<ArcSwap<ServerConfig>>;

/// Accepts connections and does their handshakes side by side. Ends when the receiver is dropped.
pub(crate) fn accept(listener: TcpListener, settings: Settings) -> mpsc::Receiver<Accepted> {
    let (ready, accepted) = mpsc::channel(64);
    let places = Arc::new(Semaphore::new(HANDSHAKES));
    let under_way = Arc::new(Mutex::new(HashMap::new()));
    tokio::spawn(async move {
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            let (stream, address) = tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok(accepted) => accepted,
                    Err(error) => {
                        // Out of file descriptors, most often: wait for some to be given back instead of spinning.
                        tracing::warn!(%error, "cannot accept connections right now");
                        tokio::time::sleep(Duration::from_millis(200)).await;
                        continue;
                    }
                },
                () = ready.closed() => return,
            };
            // On a socket for both families, an IPv4 peer looks like an IPv6 one.
            let address = SocketAddr::new(address.ip().to_canonical(), address.port());
            let Some(turn) = Turn::take(&under_way, address.ip()) else { continue };
            let (acceptor, ready) = (TlsAcceptor::from(settings.load_full()), ready.clone());
            tokio::spawn(async move {
                let _held = (place, turn);
                // Small frames must not wait for bigger ones; a socket that refuses the option is as good as gone.
                let _ = stream.set_nodelay(true);
                let late = || io::Error::new(io::ErrorKind::TimedOut, "the handshake took too long");
                let tls = tokio::time::timeout(HANDSHAKE_WITHIN, acceptor.accept(stream)).await.unwrap_or_else(|_| Err(late()));
                // The server is ending when nobody takes the connection.
                let _ = ready.send((address, tls)).await;
            });
        }
    });
    accepted
}
