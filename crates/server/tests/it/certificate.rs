//! The certificate that people see: an operator's files that change, and an ACME authority (pebble) that signs and renews.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::Arc,
    time::Duration,
};

use mc_testkit::{
    Server,
    program::{LIMIT, Program},
    server::Setup,
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose};
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, verify_tls13_signature},
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::Command,
};
use tokio_rustls::TlsConnector;
use x509_parser::prelude::FromDer;

use crate::support::eventually;

/// Takes whatever is shown: these tests look at it themselves.
#[derive(Debug)]
struct Looks(Arc<CryptoProvider>);

impl ServerCertVerifier for Looks {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.3 only".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// What a server shows to somebody who asks for a name, and what it answers to a request over that.
async fn shown(address: SocketAddr, name: &str, path: &str) -> (CertificateDer<'static>, Value) {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions().expect("versions");
    let config = builder.dangerous().with_custom_certificate_verifier(Arc::new(Looks(provider))).with_no_client_auth();
    let tcp = TcpStream::connect(address).await.expect("it listens");
    let name = ServerName::try_from(name.to_owned()).expect("a name");
    let mut tls = TlsConnector::from(Arc::new(config)).connect(name, tcp).await.expect("TLS");
    let leaf = tls.get_ref().1.peer_certificates().and_then(|chain| chain.first()).expect("a certificate").clone().into_owned();
    tls.write_all(format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes()).await.expect("sent");
    let mut answer = String::new();
    // The end of TLS may be missing; the answer is there.
    let _ = tls.read_to_string(&mut answer).await;
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    (leaf, serde_json::from_str(body).unwrap_or(Value::Null))
}

fn people(server: &Server) -> SocketAddr {
    server.url().replace("https://localhost", "127.0.0.1").parse().expect("an address")
}

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a certificate")
}

/// Writes a certificate for `localhost` and its key; answers the certificate.
fn pair(authority: &CertifiedIssuer<'static, KeyPair>, cert: &Path, key: &Path) -> CertificateDer<'static> {
    let pair = KeyPair::generate().expect("a key");
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name").signed_by(&pair, authority).expect("signed");
    fs::write(cert, certificate.pem()).expect("written");
    fs::write(key, pair.serialize_pem()).expect("written");
    certificate.der().clone()
}

#[tokio::test]
async fn files_are_read_again_when_they_change() {
    let dir = tempfile::tempdir().expect("a directory");
    let (cert, key, authority) = (dir.path().join("cert.pem"), dir.path().join("key.pem"), authority());
    let first = pair(&authority, &cert, &key);
    let text = |path: &Path| path.display().to_string();
    let setup =
        Setup::default().without_admin().argument(format!("--tls-cert={}", text(&cert))).argument(format!("--tls-key={}", text(&key)));
    let server = setup.start().await.expect("it starts");
    let look = async || shown(people(&server), "localhost", "/health").await;
    assert_eq!(look().await.0, first);
    let second = pair(&authority, &cert, &key);
    eventually("the new pair", async || (look().await.0 == second).then_some(())).await;
    // Half of a pair, as while it is being replaced: said, and nothing is lost.
    fs::write(&key, KeyPair::generate().expect("a key").serialize_pem()).expect("written");
    eventually("the warning", async || (look().await.1["warnings"] == json!(["certificate_files"])).then_some(())).await;
    assert_eq!(look().await.0, second);
    let third = pair(&authority, &cert, &key);
    eventually("the third pair", async || {
        let (leaf, health) = look().await;
        (leaf == third && health["warnings"].is_null()).then_some(())
    })
    .await;
}

/// An ACME authority for tests, and the name server it asks.
struct Pebble {
    _names: Program,
    _authority: Program,
}

/// Ports nobody listens on right now.
fn free_ports<const N: usize>() -> [u16; N] {
    let held: [TcpListener; N] = std::array::from_fn(|_| TcpListener::bind("127.0.0.1:0").expect("a port"));
    held.map(|listener| listener.local_addr().expect("an address").port())
}

impl Pebble {
    async fn start(dir: &Path, port: u16, tls_port: u16, validity: u64) -> Self {
        let [management, dns, unused, control] = free_ports();
        let mut names = Command::new("pebble-challtestsrv");
        let off = ["-http01", "", "-https01", "", "-tlsalpn01", "", "-defaultIPv6", ""];
        names.args(["-dns01", &format!("127.0.0.1:{dns}"), "-management", &format!("127.0.0.1:{control}")]).args(off);
        let mut names = Program::start("pebble-challtestsrv", &mut names).expect("Debian's package pebble");
        names.find(|line| line.contains("Starting management server").then_some(())).await.expect("names");
        let config = json!({"pebble": {
            "listenAddress": format!("127.0.0.1:{port}"), "managementListenAddress": format!("127.0.0.1:{management}"),
            "certificate": dir.join("acme.pem"), "privateKey": dir.join("acme.key"), "httpPort": unused, "tlsPort": tls_port,
            "ocspResponderURL": "", "externalAccountBindingRequired": false, "certificateValidityPeriod": validity,
        }});
        fs::write(dir.join("pebble.json"), config.to_string()).expect("written");
        let mut authority = Command::new("pebble");
        authority.arg("-config").arg(dir.join("pebble.json")).args(["-dnsserver", &format!("127.0.0.1:{dns}")]);
        authority.env("PEBBLE_VA_NOSLEEP", "1").env("PEBBLE_WFE_NONCEREJECT", "10").env("PEBBLE_AUTHZREUSE", "0");
        let mut authority = Program::start("pebble", &mut authority).expect("Debian's package pebble");
        authority.find(|line| line.contains("ACME directory available at").then_some(())).await.expect("an authority");
        Self { _names: names, _authority: authority }
    }
}

/// Who signed it, for which names, and its serial number.
fn read(leaf: &CertificateDer<'_>) -> (String, Vec<String>, String) {
    let (_, parsed) = x509_parser::certificate::X509Certificate::from_der(leaf).expect("a certificate");
    let names = parsed.subject_alternative_name().expect("readable").expect("names").value.general_names.iter();
    let names = names.map(|name| name.to_string().replace("DNSName(", "").replace(')', "")).collect();
    (parsed.issuer().to_string(), names, parsed.raw_serial_as_string())
}

#[tokio::test]
async fn an_acme_authority_signs_and_renews_without_a_restart() {
    let dir = tempfile::tempdir().expect("a directory");
    let root = authority();
    pair(&root, &dir.path().join("acme.pem"), &dir.path().join("acme.key"));
    fs::write(dir.path().join("root.pem"), root.pem()).expect("written");
    let [port] = free_ports();
    let setup = Setup::default()
        .without_admin()
        .argument("--acme-domain=mission.example.com")
        .argument(format!("--acme-directory=https://localhost:{port}/dir"))
        .variable("MC_HTTP__ACME_CA", dir.path().join("root.pem").display().to_string());
    let mut server = setup.start().await.expect("it starts, though there is no authority yet");
    let look = async |server: &Server| shown(people(server), "mission.example.com", "/health").await;
    let ours = eventually("the warning", async || {
        let (leaf, health) = look(&server).await;
        (health["warnings"] == json!(["acme"])).then_some(leaf)
    })
    .await;
    assert!(read(&ours).0.contains("Mission Control"), "until then our own is shown");

    // The authority connects to the port the server had: it keeps it when it starts again.
    let pebble = Pebble::start(dir.path(), port, people(&server).port(), 15).await;
    server.stop().await.expect("ends");
    server.start_again().await.expect("starts");
    let first = eventually("a certificate of the authority", async || {
        let (leaf, health) = look(&server).await;
        (read(&leaf).0.contains("Pebble") && health["warnings"].is_null()).then_some(leaf)
    })
    .await;
    assert!(read(&first).1.iter().any(|name| name.contains("mission.example.com")), "{:?}", read(&first));
    for file in ["acme.pem", "acme-account.json"] {
        let mode = fs::metadata(server.data_dir().join("keys").join(file)).expect("kept").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    // It lives 15 seconds: at two thirds of that there is another, on the same port, without a restart.
    let second = tokio::time::timeout(LIMIT + Duration::from_secs(20), async {
        loop {
            let leaf = eventually("a certificate", async || Some(look(&server).await.0)).await;
            if read(&leaf).2 != read(&first).2 {
                return leaf;
            }
            tokio::task::yield_now().await;
        }
    });
    let second = second.await.expect("it is renewed in time");
    assert!(read(&second).0.contains("Pebble"));
    drop(pebble);
    server.kill().await.expect("killed");
    server.start_again().await.expect("starts without its authority");
    assert!(read(&look(&server).await.0).0.contains("Pebble"), "what was kept is in force at once");
}
