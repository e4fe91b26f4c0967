//! A small central for tests: its own CA, real TLS, real gRPC, and frames under the test's control.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use mc_domain::id::AgentId;
use mc_wire::{
    SERVER_NAME,
    v1::{
        self, AgentFrame, JoinRequest, JoinResponse, RenewRequest, RenewResponse, ServerFrame, TunnelFrame,
        agent_link_server::{AgentLink, AgentLinkServer},
    },
};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    PKCS_ECDSA_P256_SHA256, SanType,
};
use rustls::{RootCertStore, ServerConfig, server::WebPkiClientVerifier};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sha2::{Digest, Sha256};
use tokio::{net::TcpListener, sync::mpsc, task::JoinHandle};
use tokio_stream::{StreamExt, wrappers::ReceiverStream};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

/// Far longer than anything here takes, so that a hang fails instead of hanging.
pub(crate) const LIMIT: Duration = Duration::from_secs(40);

/// A CA with its key.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    der: CertificateDer<'static>,
    pem: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self { der: certificate.der().clone(), pem: certificate.pem(), issuer: Issuer::new(params, key) }
    }

    pub(crate) fn pin(&self) -> String {
        format!("sha256:{}", hex::encode(Sha256::digest(&self.der)))
    }

    fn server_config(&self) -> ServerConfig {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let leaf = CertificateParams::new(vec![SERVER_NAME.to_owned()]).unwrap().signed_by(&key, &self.issuer).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(self.der.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let clients =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).allow_unauthenticated().build().unwrap();
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_client_cert_verifier(clients)
            .with_single_cert(
                vec![leaf.der().clone(), self.der.clone()],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
            )
            .unwrap();
        config.alpn_protocols = vec![b"h2".to_vec()];
        config
    }

    /// A certificate for the request, alive for `life` of which a part is over.
    fn agent_certificate(&self, csr_der: &[u8], agent: AgentId, life: Duration, over: Duration) -> String {
        let mut request = CertificateSigningRequestParams::from_der(&csr_der.to_vec().into()).unwrap();
        let begin = std::time::UNIX_EPOCH.elapsed().unwrap().saturating_sub(over);
        let at = |seconds: Duration| rcgen::date_time_ymd(1970, 1, 1) + seconds;
        request.params.not_before = at(begin);
        request.params.not_after = at(begin + life);
        request.params.subject_alt_names = vec![SanType::URI(format!("{}{agent}", mc_domain::agent::AGENT_URI_PREFIX).try_into().unwrap())];
        request.params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        request.signed_by(&self.issuer).unwrap().pem()
    }
}

/// One accepted stream.
pub(crate) struct Accepted {
    pub(crate) hello: v1::Hello,
    pub(crate) authorization: Option<String>,
    pub(crate) from_agent: mpsc::Receiver<v1::agent_frame::Frame>,
    to_agent: mpsc::Sender<Result<ServerFrame, Status>>,
    /// The state of the last workload report that went by.
    pub(crate) state: String,
    /// How long anything that is waited for may take.
    pub(crate) patience: Duration,
    /// Cuts the TCP connection without a word.
    pub(crate) cut: CancellationToken,
}

impl Accepted {
    pub(crate) async fn say(&self, frame: v1::server_frame::Frame) {
        self.to_agent.send(Ok(ServerFrame { frame: Some(frame) })).await.unwrap();
    }

    pub(crate) async fn welcome(&self, last_batch: u64) {
        let welcome = v1::Welcome {
            protocol: 1,
            heartbeat_seconds: 30,
            last_batch,
            now_micros: self.hello.now_micros,
            server_version: "0.0.0-test".to_owned(),
            ..Default::default()
        };
        self.say(v1::server_frame::Frame::Welcome(welcome)).await;
    }

    pub(crate) async fn acknowledge(&self, batch: u64) {
        self.say(v1::server_frame::Frame::Telemetry(v1::TelemetryAck { batch })).await;
    }

    pub(crate) async fn command(&self, id: &str, action: &str, timeout_seconds: u32) {
        let command = v1::Command {
            command_id: id.to_owned(),
            action: action.to_owned(),
            reason: "a test".to_owned(),
            actor: "tester".to_owned(),
            request_id: String::new(),
            timeout_seconds,
        };
        self.say(v1::server_frame::Frame::Command(command)).await;
    }

    /// The next frame, acknowledging nothing.
    pub(crate) async fn next(&mut self) -> Option<v1::agent_frame::Frame> {
        tokio::time::timeout(LIMIT, self.from_agent.recv()).await.expect("a frame in time")
    }

    /// The first thing that `pick` finds among the coming frames. Telemetry on the way is acknowledged.
    pub(crate) async fn find<T>(&mut self, mut pick: impl FnMut(&v1::agent_frame::Frame) -> Option<T>) -> T {
        let deadline = tokio::time::Instant::now() + self.patience;
        loop {
            let frame = tokio::time::timeout_at(deadline, self.from_agent.recv()).await.expect("found in time").expect("the link holds");
            let found = pick(&frame);
            if let v1::agent_frame::Frame::Workload(report) = &frame {
                self.state.clone_from(&report.state);
            }
            if let v1::agent_frame::Frame::Telemetry(batch) = &frame {
                self.acknowledge(batch.batch).await;
            }
            if let Some(found) = found {
                return found;
            }
        }
    }

    /// Waits for a workload report in that state.
    pub(crate) async fn workload(&mut self, state: &str) -> v1::WorkloadReport {
        self.find(|frame| match frame {
            v1::agent_frame::Frame::Workload(report) if report.state == state => Some(report.clone()),
            _ => None,
        })
        .await
    }

    /// Waits for the final update of a command.
    pub(crate) async fn result(&mut self, id: &str) -> v1::CommandUpdate {
        self.find(|frame| match frame {
            v1::agent_frame::Frame::Command(update) if update.command_id == id && update.state != "running" => Some(update.clone()),
            _ => None,
        })
        .await
    }

    /// Waits until a log line holds `text`.
    pub(crate) async fn line(&mut self, text: &str) -> v1::LogLine {
        self.find(|frame| match frame {
            v1::agent_frame::Frame::Telemetry(batch) => batch.lines.iter().find(|line| line.message.contains(text)).cloned(),
            _ => None,
        })
        .await
    }
}

/// How joins and renewals are answered.
#[derive(Clone, Default)]
pub(crate) struct Behaviour {
    /// Join and Connect are refused with this.
    pub(crate) join_refusal: Option<Status>,
    pub(crate) connect_refusal: Option<Status>,
    /// How much of a certificate's week is over when it is given.
    pub(crate) age: Duration,
}

pub(crate) struct Central {
    pub(crate) address: SocketAddr,
    pub(crate) authority: Arc<Authority>,
    pub(crate) behaviour: Arc<Mutex<Behaviour>>,
    pub(crate) joins: Arc<Mutex<Vec<JoinRequest>>>,
    accepted: mpsc::Receiver<Accepted>,
    renewals: mpsc::Receiver<()>,
    stop: CancellationToken,
    listening: JoinHandle<()>,
}

struct Service {
    authority: Arc<Authority>,
    behaviour: Arc<Mutex<Behaviour>>,
    joins: Arc<Mutex<Vec<JoinRequest>>>,
    accepted: mpsc::Sender<Accepted>,
    renewals: mpsc::Sender<()>,
    cut: CancellationToken,
}

impl Central {
    pub(crate) async fn start() -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap(), Arc::new(Authority::new())).await
    }

    /// A central at a known address, as after a restart.
    pub(crate) async fn start_at(address: SocketAddr, authority: Arc<Authority>) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(authority.server_config()));
        let (to_accepted, accepted) = mpsc::channel(8);
        let (to_renewals, renewals) = mpsc::channel(8);
        let (stop, behaviour, joins) = (CancellationToken::new(), Arc::default(), Arc::default());
        let end = stop.clone();
        let (ours, behaviours, joined) = (Arc::clone(&authority), Arc::clone(&behaviour), Arc::clone(&joins));
        let listening = tokio::spawn(async move {
            loop {
                let tcp = tokio::select! {
                    tcp = listener.accept() => tcp.unwrap().0,
                    () = end.cancelled() => return,
                };
                let cut = end.child_token();
                let service = Service {
                    authority: Arc::clone(&ours),
                    behaviour: Arc::clone(&behaviours),
                    joins: Arc::clone(&joined),
                    accepted: to_accepted.clone(),
                    renewals: to_renewals.clone(),
                    cut: cut.clone(),
                };
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let serve = async {
                        let Ok(mut tls) = acceptor.accept(tcp).await else { return };
                        let (mut near, far) = tokio::io::duplex(64 * 1024);
                        let one = tokio_stream::once(Ok::<_, std::io::Error>(far)).chain(tokio_stream::pending());
                        let server = tonic::transport::Server::builder().add_service(AgentLinkServer::new(service));
                        // An agent that hangs up is no failure of the test by itself.
                        tokio::select! {
                            _ = tokio::io::copy_bidirectional(&mut tls, &mut near) => {}
                            _ = server.serve_with_incoming(one) => {}
                        }
                    };
                    tokio::select! {
                        () = serve => {}
                        () = cut.cancelled() => {}
                    }
                });
            }
        });
        Self { address, authority, behaviour, joins, accepted, renewals, stop, listening }
    }

    /// The next stream, not yet welcomed.
    pub(crate) async fn accept(&mut self) -> Accepted {
        tokio::time::timeout(LIMIT, self.accepted.recv()).await.expect("a link in time").expect("central runs")
    }

    /// The next stream, welcomed.
    pub(crate) async fn link(&mut self) -> Accepted {
        let accepted = self.accept().await;
        accepted.welcome(0).await;
        accepted
    }

    pub(crate) async fn renewed(&mut self) {
        tokio::time::timeout(LIMIT, self.renewals.recv()).await.expect("a renewal in time").expect("central runs");
    }

    /// Ends everything without a goodbye, as kill -9 would.
    pub(crate) async fn die(self) -> (SocketAddr, Arc<Authority>) {
        self.stop.cancel();
        self.listening.await.expect("it stops listening");
        (self.address, self.authority)
    }
}

#[tonic::async_trait]
impl AgentLink for Service {
    async fn join(&self, request: Request<JoinRequest>) -> Result<Response<JoinResponse>, Status> {
        let request = request.into_inner();
        let behaviour = self.behaviour.lock().unwrap().clone();
        self.joins.lock().unwrap().push(request.clone());
        if let Some(status) = behaviour.join_refusal {
            return Err(status);
        }
        let agent = AgentId::new();
        let mut answer = JoinResponse {
            agent_id: agent.to_string(),
            name: if request.name.is_empty() { "from-host".to_owned() } else { request.name },
            ca_pem: self.authority.pem.clone(),
            ..Default::default()
        };
        if request.csr_der.is_empty() {
            answer.api_key = format!("mcak_{}", "k".repeat(43));
        } else {
            answer.certificate_pem =
                self.authority.agent_certificate(&request.csr_der, agent, Duration::from_secs(7 * 86_400), behaviour.age);
        }
        Ok(Response::new(answer))
    }

    async fn renew(&self, request: Request<RenewRequest>) -> Result<Response<RenewResponse>, Status> {
        let csr = request.into_inner().csr_der;
        let certificate_pem = self.authority.agent_certificate(&csr, AgentId::new(), Duration::from_secs(7 * 86_400), Duration::ZERO);
        self.renewals.send(()).await.unwrap();
        Ok(Response::new(RenewResponse { certificate_pem, ca_pem: self.authority.pem.clone() }))
    }

    type TunnelStream = ReceiverStream<Result<TunnelFrame, Status>>;

    async fn tunnel(&self, _: Request<Streaming<TunnelFrame>>) -> Result<Response<Self::TunnelStream>, Status> {
        Err(Status::unimplemented("this central asks for no tunnels"))
    }

    type ConnectStream = ReceiverStream<Result<ServerFrame, Status>>;

    async fn connect(&self, request: Request<Streaming<AgentFrame>>) -> Result<Response<Self::ConnectStream>, Status> {
        let refusal = self.behaviour.lock().unwrap().connect_refusal.clone();
        if let Some(status) = refusal {
            return Err(status);
        }
        let authorization = request.metadata().get("authorization").map(|value| value.to_str().unwrap().to_owned());
        let mut frames = request.into_inner();
        let Some(v1::agent_frame::Frame::Hello(hello)) = frames.message().await?.and_then(|frame| frame.frame) else {
            return Err(Status::invalid_argument("hello first"));
        };
        let (to_agent, out) = mpsc::channel(64);
        let (heard, from_agent) = mpsc::channel(1024);
        tokio::spawn(async move {
            while let Ok(Some(frame)) = frames.message().await {
                if let Some(frame) = frame.frame
                    && heard.send(frame).await.is_err()
                {
                    return;
                }
            }
        });
        let accepted =
            Accepted { hello, authorization, from_agent, to_agent, state: String::new(), patience: LIMIT, cut: self.cut.clone() };
        self.accepted.send(accepted).await.map_err(|_| Status::unavailable("the test is over"))?;
        Ok(Response::new(ReceiverStream::new(out)))
    }
}
