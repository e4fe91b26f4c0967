//! An agent made of frames: it joins, connects and says whatever a test wants, right or wrong.
//!
//! [`RawAgent`] is an identity, [`RawLink`] one stream of it. Nothing happens by itself but the answers to pings, and those only while the
//! test waits for a frame: an agent that is silent, slow or dead is one whose test does nothing.

use std::{io, net::SocketAddr, sync::Arc};

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use hyper_util::rt::TokioIo;
use mc_domain::{
    id::{AgentId, InstanceId},
    time::{Clock as _, SystemClock},
};
use mc_wire::{
    SERVER_NAME,
    v1::{self, agent_frame, agent_link_client::AgentLinkClient, server_frame},
    version,
};
use prost::Message as _;
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::{
    ClientConfig, RootCertStore,
    client::Resumption,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _},
};
use tokio::{net::TcpStream, sync::mpsc, time::timeout};
use tokio_rustls::TlsConnector;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{
    Request, Status, Streaming,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    metadata::MetadataValue,
    transport::{Channel, Endpoint},
};
use uuid::Uuid;

use crate::{program::LIMIT, server::Server};

/// How an agent proves who it is.
#[derive(Debug, Clone)]
pub enum RawCredential {
    /// Not at all.
    Nothing,
    /// A certificate and its key, both in PEM.
    Certificate {
        /// The certificate.
        certificate: String,
        /// Its key.
        key: String,
    },
    /// An API key.
    ApiKey(String),
}

/// A request to join; a test changes what is to be wrong.
pub struct Join {
    /// What is sent.
    pub request: v1::JoinRequest,
    key: KeyPair,
}

impl Join {
    /// A right one: a supervised command whose owner allows every action.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn new(token: &str, name: &str) -> Result<Self> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let identity = v1::Identity {
            hostname: "raw.example".to_owned(),
            os: "linux 6".to_owned(),
            arch: "x86_64".to_owned(),
            version: "0.0.0-raw".to_owned(),
            capabilities: vec!["workload".to_owned(), "host".to_owned()],
            allow: ["restart", "kill", "check"].map(str::to_owned).into(),
            kind: "command".to_owned(),
        };
        let request = v1::JoinRequest {
            token: token.to_owned(),
            name: name.to_owned(),
            csr_der: csr(&key)?,
            tags: Vec::new(),
            identity: Some(identity),
        };
        Ok(Self { request, key })
    }

    /// Sends it.
    ///
    /// # Errors
    /// The server's refusal, or `Unknown` when it cannot be reached.
    pub async fn send(self, server: &Server) -> Result<RawAgent, Status> {
        let ca = CertificateDer::from_pem_file(server.ca_file()).map_err(unknown)?;
        let address = server.agent_address();
        let (channel, _wire) = dial(address, &ca, &RawCredential::Nothing).await.map_err(unknown)?;
        let identity = self.request.identity.clone().unwrap_or_default();
        let joined = AgentLinkClient::new(channel).join(self.request).await?.into_inner();
        let credential = if joined.api_key.is_empty() {
            RawCredential::Certificate { certificate: joined.certificate_pem, key: self.key.serialize_pem() }
        } else {
            RawCredential::ApiKey(joined.api_key)
        };
        let id = joined.agent_id.parse().map_err(unknown)?;
        Ok(RawAgent {
            id,
            name: joined.name,
            credential,
            identity,
            instance: InstanceId::new(),
            spool: Uuid::new_v4(),
            server: address,
            ca,
        })
    }
}

fn unknown(error: impl std::fmt::Display) -> Status {
    Status::unknown(format!("{error:#}"))
}

/// A certificate request over `key`.
///
/// # Errors
/// When it cannot be signed.
pub fn csr(key: &KeyPair) -> Result<Vec<u8>> {
    Ok(CertificateParams::default().serialize_request(key)?.der().to_vec())
}

/// A joined agent. Cloned it is what a copied disk is: the same identity twice.
#[derive(Debug, Clone)]
pub struct RawAgent {
    /// Its id.
    pub id: AgentId,
    /// Its name.
    pub name: String,
    /// How it proves who it is.
    pub credential: RawCredential,
    /// What it says of itself.
    pub identity: v1::Identity,
    /// Its process.
    pub instance: InstanceId,
    /// Its spool.
    pub spool: Uuid,
    /// Where it dials.
    pub server: SocketAddr,
    /// The authority it trusts.
    pub ca: CertificateDer<'static>,
}

impl RawAgent {
    /// Joins as an agent that does everything right.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn join(server: &Server, token: &str, name: &str) -> Result<Self> {
        Ok(Join::new(token, name)?.send(server).await?)
    }

    /// The hello it says when nothing else is wanted.
    #[must_use]
    pub fn hello(&self) -> v1::Hello {
        v1::Hello {
            protocol_min: version::OLDEST,
            protocol_max: version::NEWEST,
            instance_id: self.instance.to_string(),
            spool_id: self.spool.to_string(),
            now_micros: SystemClock.now().as_micros(),
            identity: Some(self.identity.clone()),
            workload: Some(v1::WorkloadReport { state: "running".to_owned(), title: "raw".to_owned(), ..Default::default() }),
            unfinished_commands: Vec::new(),
        }
    }

    /// Opens a stream and says nothing.
    ///
    /// # Errors
    /// The server's refusal, or `Unknown` when it cannot be reached.
    pub async fn open(&self) -> Result<RawLink, Status> {
        let (channel, wire) = dial(self.server, &self.ca, &self.credential).await.map_err(unknown)?;
        let (outbox, frames) = mpsc::channel(64);
        let mut request = self.authorised(ReceiverStream::new(frames))?;
        request.set_timeout(LIMIT * 10);
        let mut grpc = tonic::client::Grpc::new(channel);
        grpc.ready().await.map_err(unknown)?;
        let path = http::uri::PathAndQuery::from_static("/missioncontrol.agent.v1.AgentLink/Connect");
        let inbound = grpc.streaming(request, path, Frames).await?.into_inner();
        Ok(RawLink { outbox, inbound, wire })
    }

    /// Opens a stream with this hello.
    ///
    /// # Errors
    /// As for [`RawAgent::open`].
    pub async fn greet(&self, hello: v1::Hello) -> Result<RawLink, Status> {
        let link = self.open().await?;
        link.send(agent_frame::Frame::Hello(hello)).await.map_err(unknown)?;
        Ok(link)
    }

    /// Opens a stream with the usual hello and waits for the welcome.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn connect(&self) -> Result<(RawLink, v1::Welcome)> {
        self.connect_with(self.hello()).await
    }

    /// Opens a stream with this hello and waits for the welcome.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn connect_with(&self, hello: v1::Hello) -> Result<(RawLink, v1::Welcome)> {
        let mut link = self.greet(hello).await?;
        match link.next().await? {
            Some(server_frame::Frame::Welcome(welcome)) => Ok((link, welcome)),
            other => bail!("no welcome but {other:?}"),
        }
    }

    /// Asks for a new certificate and returns the agent as it is with it; `self` still has the old one.
    ///
    /// # Errors
    /// The server's refusal, or `Unknown` when it cannot be reached.
    pub async fn renew(&self) -> Result<Self, Status> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(unknown)?;
        let request = v1::RenewRequest { csr_der: csr(&key).map_err(unknown)? };
        let (channel, _wire) = dial(self.server, &self.ca, &self.credential).await.map_err(unknown)?;
        let renewed = AgentLinkClient::new(channel).renew(self.authorised(request)?).await?.into_inner();
        let credential = RawCredential::Certificate { certificate: renewed.certificate_pem, key: key.serialize_pem() };
        Ok(Self { credential, ..self.clone() })
    }

    fn authorised<T>(&self, message: T) -> Result<Request<T>, Status> {
        let mut request = Request::new(message);
        if let RawCredential::ApiKey(key) = &self.credential {
            let value: MetadataValue<_> = format!("Bearer {key}").parse().map_err(unknown)?;
            request.metadata_mut().insert("authorization", value);
        }
        Ok(request)
    }
}

/// One stream of an agent.
#[derive(Debug)]
pub struct RawLink {
    outbox: mpsc::Sender<Bytes>,
    inbound: Streaming<v1::ServerFrame>,
    wire: Wire,
}

impl RawLink {
    /// Sends a frame.
    ///
    /// # Errors
    /// When the stream has ended.
    pub async fn send(&self, frame: agent_frame::Frame) -> Result<()> {
        self.send_bytes(v1::AgentFrame { frame: Some(frame) }.encode_to_vec()).await
    }

    /// Sends bytes in the place of a frame.
    ///
    /// # Errors
    /// When the stream has ended.
    pub async fn send_bytes(&self, bytes: Vec<u8>) -> Result<()> {
        timeout(LIMIT, self.outbox.send(bytes.into())).await.context("the server does not read")?.context("the stream has ended")
    }

    /// The next frame; `None` at the stream's end.
    ///
    /// # Errors
    /// When the stream breaks, or nothing comes in time.
    pub async fn next(&mut self) -> Result<Option<server_frame::Frame>, Status> {
        let next = timeout(LIMIT, self.inbound.message()).await.map_err(|_| Status::deadline_exceeded("no frame in time"))?;
        Ok(next?.and_then(|frame| frame.frame))
    }

    /// The first coming frame for which `pick` has an answer. Pings on the way are answered.
    ///
    /// # Errors
    /// When the stream ends without it, or it does not come in time.
    pub async fn find<T>(&mut self, mut pick: impl FnMut(&server_frame::Frame) -> Option<T>) -> Result<T> {
        loop {
            let frame = self.next().await?.context("the stream ended")?;
            if let server_frame::Frame::Ping(ping) = &frame {
                // The server may have ended the stream after it; what it said meanwhile is still to be read.
                let _ = self.send(agent_frame::Frame::Pong(v1::Pong { nonce: ping.nonce })).await;
            }
            if let Some(found) = pick(&frame) {
                return Ok(found);
            }
        }
    }

    /// The next command.
    ///
    /// # Errors
    /// As for [`RawLink::find`].
    pub async fn command(&mut self) -> Result<v1::Command> {
        self.find(|frame| if let server_frame::Frame::Command(command) = frame { Some(command.clone()) } else { None }).await
    }

    /// The server's last word.
    ///
    /// # Errors
    /// As for [`RawLink::find`].
    pub async fn disconnect(&mut self) -> Result<v1::Disconnect> {
        self.find(|frame| if let server_frame::Frame::Disconnect(last) = frame { Some(last.clone()) } else { None }).await
    }

    /// Says how a command goes, without waiting for the acknowledgement.
    ///
    /// # Errors
    /// When the stream has ended.
    pub async fn tell(&self, command_id: &str, state: &str, text: &str) -> Result<()> {
        let (command_id, state, text) = (command_id.to_owned(), state.to_owned(), text.to_owned());
        self.send(agent_frame::Frame::Command(v1::CommandUpdate { command_id, state, text })).await
    }

    /// Says how a command goes, and waits until that is durable.
    ///
    /// # Errors
    /// When it is not acknowledged in time.
    pub async fn report(&mut self, command_id: &str, state: &str, text: &str) -> Result<()> {
        self.tell(command_id, state, text).await?;
        self.find(|frame| match frame {
            server_frame::Frame::CommandAck(ack) => (ack.command_id == command_id && ack.state == state).then_some(()),
            _ => None,
        })
        .await
    }

    /// A heartbeat and its answer.
    ///
    /// # Errors
    /// When it is not answered.
    pub async fn beat(&mut self, sequence: u64) -> Result<()> {
        self.send(agent_frame::Frame::Heartbeat(v1::Heartbeat { sequence })).await?;
        self.find(|frame| match frame {
            server_frame::Frame::Heartbeat(ack) => (ack.sequence == sequence).then_some(()),
            _ => None,
        })
        .await
    }

    /// A batch of telemetry, and the acknowledgement that it is durable.
    ///
    /// # Errors
    /// When it is not acknowledged in time.
    pub async fn telemetry(&mut self, batch: v1::Telemetry) -> Result<()> {
        let number = batch.batch;
        self.send(agent_frame::Frame::Telemetry(batch)).await?;
        self.acknowledged(number).await
    }

    /// Waits until this batch is acknowledged.
    ///
    /// # Errors
    /// When it is not in time.
    pub async fn acknowledged(&mut self, batch: u64) -> Result<()> {
        self.find(|frame| match frame {
            server_frame::Frame::Telemetry(ack) => (ack.batch >= batch).then_some(()),
            _ => None,
        })
        .await
    }

    /// Says goodbye and waits for the stream's end.
    ///
    /// # Errors
    /// When the stream has ended before.
    pub async fn goodbye(mut self, reason: &str) -> Result<()> {
        self.send(agent_frame::Frame::Goodbye(v1::Goodbye { reason: reason.to_owned() })).await?;
        while self.next().await?.is_some() {}
        Ok(())
    }

    /// Cuts the connection without a word, as a crash of the machine's process does.
    pub fn cut(self) {
        self.wire.0.cancel();
    }
}

/// Log lines of a batch: one a message, a microsecond apart, beginning now.
#[must_use]
pub fn lines(batch: u64, messages: impl IntoIterator<Item = String>) -> v1::Telemetry {
    let now = SystemClock.now().as_micros();
    let line = |(n, message)| v1::LogLine { at_micros: now.saturating_add(n), level: 2, source: "stdout".to_owned(), message };
    v1::Telemetry { batch, lines: (0..).zip(messages).map(line).collect(), samples: Vec::new(), dropped_lines: 0 }
}

/// A TCP connection that can be cut, and is when dropped.
#[derive(Debug)]
struct Wire(CancellationToken);

impl Drop for Wire {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Opens a connection of its own and a channel over it.
async fn dial(server: SocketAddr, ca: &CertificateDer<'static>, credential: &RawCredential) -> Result<(Channel, Wire)> {
    let name = ServerName::try_from(SERVER_NAME)?;
    let tcp = TcpStream::connect(server).await?;
    tcp.set_nodelay(true)?;
    let mut tls = TlsConnector::from(Arc::new(tls_config(ca, credential)?)).connect(name, tcp).await?;
    let (mut near, far) = tokio::io::duplex(64 * 1024);
    let cut = CancellationToken::new();
    let cutting = cut.clone();
    tokio::spawn(async move {
        tokio::select! {
            // Either side hanging up ends the connection; who cares finds out by reading.
            _ = tokio::io::copy_bidirectional(&mut near, &mut tls) => {}
            () = cutting.cancelled() => {}
        }
    });
    let mut far = Some(TokioIo::new(far));
    let connector = tower::service_fn(move |_: http::Uri| {
        let taken = far.take();
        async move { taken.ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected)) }
    });
    // The scheme only shapes the request line; encryption is ours.
    let channel = Endpoint::from_shared(format!("http://{SERVER_NAME}"))?.connect_with_connector(connector).await?;
    Ok((channel, Wire(cut)))
}

fn tls_config(ca: &CertificateDer<'static>, credential: &RawCredential) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(ca.clone())?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_protocol_versions(&[&rustls::version::TLS13])?.with_root_certificates(roots);
    let mut config = match credential {
        RawCredential::Certificate { certificate, key } => {
            let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes())?];
            builder.with_client_auth_cert(chain, PrivateKeyDer::from_pem_slice(key.as_bytes())?)?
        }
        RawCredential::ApiKey(_) | RawCredential::Nothing => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// Bytes out, frames in.
#[derive(Debug, Clone, Copy)]
struct Frames;

impl Codec for Frames {
    type Encode = Bytes;
    type Decode = v1::ServerFrame;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }
    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Frames {
    type Item = Bytes;
    type Error = Status;
    fn encode(&mut self, item: Bytes, out: &mut EncodeBuf<'_>) -> Result<(), Status> {
        bytes::BufMut::put(out, item);
        Ok(())
    }
}

impl Decoder for Frames {
    type Item = v1::ServerFrame;
    type Error = Status;
    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<v1::ServerFrame>, Status> {
        v1::ServerFrame::decode(from).map(Some).map_err(unknown)
    }
}
