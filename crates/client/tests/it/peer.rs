//! An HTTPS server that answers by script and remembers what it was asked.

use std::sync::{Arc, Mutex};

use mc_client::trust::CaPin;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

/// One request as it arrived: the head in lower case.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) line: String,
    pub(crate) head: String,
}

/// Status, extra header lines, body.
pub(crate) type Answer = (u16, String, String);

/// The server; ends when dropped.
pub(crate) struct Peer {
    pub(crate) url: String,
    pub(crate) pin: CaPin,
    pub(crate) ca_pem: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: JoinHandle<()>,
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Peer {
    /// Serves `localhost` with a certificate of its own CA.
    pub(crate) async fn start(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("key")).expect("CA");
        let key = KeyPair::generate().expect("key");
        let leaf = CertificateParams::new(vec!["localhost".into()]).expect("name").signed_by(&key, &ca).expect("leaf");
        let chain: Vec<CertificateDer<'static>> = vec![leaf.der().clone(), ca.der().clone()];
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(chain, PrivateKeyDer::try_from(key.serialize_der()).expect("key"))
            .expect("config");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let port = listener.local_addr().expect("address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let task = tokio::spawn(serve(listener, TlsAcceptor::from(Arc::new(config)), Arc::new(answer), Arc::clone(&asked)));
        Self { url: format!("https://localhost:{port}"), pin: CaPin::of(ca.der()), ca_pem: ca.pem(), asked, task }
    }

    /// The requests to a path, in order.
    pub(crate) fn asked(&self, path: &str) -> Vec<Asked> {
        let all = self.asked.lock().expect("lock");
        all.iter().filter(|asked| asked.line.split(' ').nth(1) == Some(path)).cloned().collect()
    }
}

async fn serve<F>(listener: TcpListener, acceptor: TlsAcceptor, answer: Arc<F>, asked: Arc<Mutex<Vec<Asked>>>)
where
    F: Fn(&Asked) -> Answer + Send + Sync + 'static,
{
    while let Ok((tcp, _)) = listener.accept().await {
        let (acceptor, answer, asked) = (acceptor.clone(), Arc::clone(&answer), Arc::clone(&asked));
        tokio::spawn(async move {
            // A client that refuses the certificate ends the handshake.
            let Ok(mut stream) = acceptor.accept(tcp).await else { return };
            let mut received = Vec::new();
            while !received.windows(4).any(|end| end == b"\r\n\r\n") {
                let mut piece = [0; 4096];
                match stream.read(&mut piece).await {
                    Ok(count) if count > 0 => received.extend_from_slice(&piece[..count]),
                    _ => return,
                }
            }
            let text = String::from_utf8_lossy(&received);
            let (head, _) = text.split_once("\r\n\r\n").expect("a head");
            let (line, head) = head.split_once("\r\n").expect("a request line");
            let request = Asked { line: line.to_owned(), head: head.to_owned() };
            asked.lock().expect("lock").push(request.clone());
            let (status, headers, body) = answer(&request);
            let reply = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
            // The client may have what it wants already.
            let _ = stream.write_all(reply.as_bytes()).await;
            let _ = stream.shutdown().await;
        });
    }
}
