//! One stream of an agent made of frames, and the connection under it.
//!
//! Nothing happens by itself but the answers to pings, and those only while the test waits for a frame: an agent that is silent, slow or
//! dead is one whose test does nothing.

use std::{io, net::SocketAddr, sync::Arc};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use hyper_util::rt::TokioIo;
use mc_wire::{
    SERVER_NAME,
    v1::{self, agent_frame, server_frame},
};
use prost::Message as _;
use rustls::{
    ClientConfig, RootCertStore,
    client::Resumption,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _},
};
use tokio::{net::TcpStream, sync::mpsc, time::timeout};
use tokio_rustls::TlsConnector;
use tokio_util::sync::CancellationToken;
use tonic::{
    Status, Streaming,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    transport::{Channel, Endpoint},
};

use crate::{
    program::LIMIT,
    raw_agent::{RawCredential, unknown},
};

/// One stream of an agent.
#[derive(Debug)]
pub struct RawLink {
    outbox: mpsc::Sender<Bytes>,
    inbound: Streaming<v1::ServerFrame>,
    wire: Wire,
}

impl RawLink {
    pub(crate) const fn new(outbox: mpsc::Sender<Bytes>, inbound: Streaming<v1::ServerFrame>, wire: Wire) -> Self {
        Self { outbox, inbound, wire }
    }

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

/// A TCP connection that can be cut, and is when dropped.
#[derive(Debug)]
pub(crate) struct Wire(CancellationToken);

impl Drop for Wire {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Opens a connection of its own and a channel over it.
pub(crate) async fn dial(server: SocketAddr, ca: &CertificateDer<'static>, credential: &RawCredential) -> Result<(Channel, Wire)> {
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
pub(crate) struct Frames;

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
