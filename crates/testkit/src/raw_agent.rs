//! An agent made of frames: it joins, renews and connects as a test wants, rightly or wrongly. What its stream says is in `raw_link.rs`.

use std::net::SocketAddr;

use anyhow::{Result, bail};
use mc_domain::{
    id::{AgentId, InstanceId},
    time::{Clock as _, SystemClock},
};
use mc_wire::{
    v1::{self, agent_frame, agent_link_client::AgentLinkClient, server_frame},
    version,
};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Status, metadata::MetadataValue};
use uuid::Uuid;

use crate::{
    program::LIMIT,
    raw_link::{Frames, RawLink, dial},
    server::Server,
};

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
        self.send_trusting(server, ca).await
    }

    /// Sends it, trusting only this authority.
    ///
    /// # Errors
    /// As for [`Join::send`].
    pub async fn send_trusting(self, server: &Server, ca: CertificateDer<'static>) -> Result<RawAgent, Status> {
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

pub(crate) fn unknown(error: impl std::fmt::Display) -> Status {
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
        Ok(RawLink::new(outbox, inbound, wire))
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

    /// Asks for a new certificate and returns the agent as it is with it, trusting only the authority it was told of first; `self` still has the old one.
    ///
    /// # Errors
    /// The server's refusal, or `Unknown` when it cannot be reached.
    pub async fn renew(&self) -> Result<Self, Status> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(unknown)?;
        let request = v1::RenewRequest { csr_der: csr(&key).map_err(unknown)? };
        let (channel, _wire) = dial(self.server, &self.ca, &self.credential).await.map_err(unknown)?;
        let renewed = AgentLinkClient::new(channel).renew(self.authorised(request)?).await?.into_inner();
        let credential = RawCredential::Certificate { certificate: renewed.certificate_pem, key: key.serialize_pem() };
        let ca = CertificateDer::from_pem_slice(renewed.ca_pem.as_bytes()).map_err(unknown)?;
        Ok(Self { credential, ca, ..self.clone() })
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

/// Log lines of a batch: one a message, a microsecond apart, beginning now.
#[must_use]
pub fn lines(batch: u64, messages: impl IntoIterator<Item = String>) -> v1::Telemetry {
    let now = SystemClock.now().as_micros();
    let line = |(n, message)| v1::LogLine { at_micros: now.saturating_add(n), level: 2, source: "stdout".to_owned(), message };
    v1::Telemetry { batch, lines: (0..).zip(messages).map(line).collect(), samples: Vec::new(), dropped_lines: 0 }
}
