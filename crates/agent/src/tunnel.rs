//! Tunnels that central asked for. Each is a call of its own, over a connection beside the link's, so that no transfer holds up a heartbeat.

use std::{io, sync::Arc};

use bytes::BytesMut;
use mc_wire::v1::{self, agent_link_client::AgentLinkClient, open_tunnel::Target, tunnel_failed::Reason, tunnel_frame::Frame};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    sync::{Mutex, Semaphore, mpsc, watch},
    task::JoinHandle,
};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, transport::Channel};

use crate::{
    capabilities::{kubectl::Kubectl, kubernetes::Kubernetes},
    channel::{self, Opened},
    identity::DataDir,
    link::{self, Bearer},
};

/// Frames between us and the transport.
const OUTBOX: usize = 4;
/// Frames of central's that wait for whoever they are for.
const INBOX: usize = 4;
/// How much is read at once of a connection whose bytes are passed on.
const READ_BYTES: usize = 16 * 1024;

/// What an agent can open tunnels to.
#[derive(Clone)]
pub(crate) struct Tunnels(Arc<Shared>);

struct Shared {
    dir: DataDir,
    kubernetes: Option<Kubernetes>,
    kubectl: Option<Kubectl>,
    connection: Mutex<Connection>,
    places: Arc<Semaphore>,
}

/// The connection that tunnels come over.
struct Connection {
    /// Changes when the credential was renewed: what comes then comes over a new connection.
    renewed: watch::Receiver<()>,
    open: Option<(Opened, Option<Bearer>)>,
}

/// Why a tunnel ended badly; central is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) reason: Reason,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into() }
    }
}

/// Our half of a tunnel.
#[derive(Clone)]
pub(crate) struct Outbox(mpsc::Sender<v1::TunnelFrame>);

/// Central let go of the tunnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gone;

impl Outbox {
    pub(crate) async fn say(&self, frame: Frame) -> Result<(), Gone> {
        self.0.send(v1::TunnelFrame { frame: Some(frame) }).await.map_err(|_| Gone)
    }

    /// Returns when central does not listen any more.
    pub(crate) async fn gone(&self) {
        self.0.closed().await;
    }
}

/// Central's half of a tunnel.
pub(crate) struct Inbox(mpsc::Receiver<Frame>);

impl Inbox {
    /// The next bytes; `None` at the end.
    pub(crate) async fn data(&mut self) -> Result<Option<bytes::Bytes>, Gone> {
        match self.0.recv().await {
            Some(Frame::Data(data)) => Ok(Some(data)),
            Some(Frame::End(_)) => Ok(None),
            // Without its end, what came is not whole.
            _ => Err(Gone),
        }
    }

    /// The next frame, whatever it is.
    pub(crate) async fn frame(&mut self) -> Result<Frame, Gone> {
        self.0.recv().await.ok_or(Gone)
    }
}

/// Passes bytes on both ways until our side has ended, or central lets go.
pub(crate) async fn both_ways(io: impl AsyncRead + AsyncWrite, mut inbox: Inbox, outbox: &Outbox) -> Result<(), io::Error> {
    let (mut from_us, mut to_us) = tokio::io::split(io);
    let up = async {
        while let Some(data) = inbox.data().await? {
            to_us.write_all(&data).await.map_err(|_| Gone)?;
        }
        to_us.shutdown().await.map_err(|_| Gone)?;
        // Our side has the last word: until then the tunnel's half is held.
        std::future::pending::<Result<(), Gone>>().await
    };
    let down = async {
        let mut buffer = BytesMut::with_capacity(READ_BYTES);
        let let_go = |Gone| io::Error::other("central let go of the tunnel");
        loop {
            buffer.reserve(READ_BYTES);
            match from_us.read_buf(&mut buffer).await? {
                0 => return outbox.say(Frame::End(v1::TunnelEnd {})).await.map_err(let_go),
                _ => outbox.say(Frame::Data(buffer.split().freeze())).await.map_err(let_go)?,
            }
        }
    };
    tokio::select! {
        done = down => done,
        _ = up => Ok(()),
    }
}

/// The way that connections of one run take to central's door.
#[derive(Clone)]
pub(crate) struct Doors {
    shared: Arc<Shared>,
    run: String,
}

impl Doors {
    /// Passes a connection's bytes on until one side has ended.
    pub(crate) async fn pass(&self, io: impl AsyncRead + AsyncWrite) -> Result<(), String> {
        let _place = self.shared.places.try_acquire().map_err(|_| "too many tunnels are open".to_owned())?;
        let (outbox, inbox, called) = self.shared.call(Frame::Door(self.run.clone())).await?;
        let passed = both_ways(io, inbox, &outbox).await;
        drop(outbox);
        called.await.map_err(|error| error.to_string())??;
        passed.map_err(|error| error.to_string())
    }
}

impl Tunnels {
    pub(crate) fn new(dir: DataDir, kubernetes: Option<Kubernetes>, kubectl: Option<Kubectl>, renewed: watch::Receiver<()>) -> Self {
        let places = Arc::new(Semaphore::new(mc_wire::TUNNELS_MAX as usize));
        let connection = Mutex::new(Connection { renewed, open: None });
        Self(Arc::new(Shared { dir, kubernetes, kubectl, connection, places }))
    }

    /// Does what central asks for, in a task of its own.
    pub(crate) fn open(&self, open: v1::OpenTunnel) {
        // Central keeps to the same number; one that does not is not answered.
        let Ok(place) = Arc::clone(&self.0.places).try_acquire_owned() else { return };
        let shared = Arc::clone(&self.0);
        tokio::spawn(async move {
            let _place = place;
            let id = open.tunnel_id.clone();
            if let Err(why) = shared.serve(open).await {
                tracing::debug!(tunnel = %id, "a tunnel could not be opened: {why}");
            }
        });
    }
}

impl Shared {
    async fn serve(self: &Arc<Self>, open: v1::OpenTunnel) -> Result<(), String> {
        let run = open.tunnel_id.clone();
        let (outbox, inbox, called) = self.call(Frame::Hello(open.tunnel_id)).await?;
        let done = match (open.target, &self.kubernetes, &self.kubectl) {
            (Some(Target::Kubernetes(request)), Some(kubernetes), _) => kubernetes.serve(request, inbox, &outbox).await,
            (Some(Target::Kubectl(asked)), _, Some(kubectl)) => {
                let doors = Doors { shared: Arc::clone(self), run };
                kubectl.serve(asked, doors, inbox, &outbox).await
            }
            (Some(_), ..) => {
                let text = "this agent looks after no Kubernetes cluster: it has no [kubernetes] in its configuration";
                Err(Failure::new(Reason::NotAllowed, text))
            }
            (None, ..) => Err(Failure::new(Reason::NotAllowed, "this agent does not know what to open the tunnel to: update it")),
        };
        if let Err(failure) = done {
            let failed = v1::TunnelFailed { reason: failure.reason.into(), message: failure.message };
            // Central may have let go already.
            let _ = outbox.say(Frame::Failed(failed)).await;
        }
        drop(outbox);
        // Central lets go when it has read all: a call that ended before would take with it what is still on its way.
        called.await.map_err(|error| error.to_string())?
    }

    /// Calls central for a tunnel that begins with `first`. What is asked for begins before central has answered the call: that saves a way there
    /// and back.
    async fn call(&self, first: Frame) -> Result<(Outbox, Inbox, JoinHandle<Result<(), String>>), String> {
        let (channel, bearer) = self.connect().await?;
        let (outbox, frames) = mpsc::channel(OUTBOX);
        let outbox = Outbox(outbox);
        outbox.say(first).await.map_err(|Gone| "closed".to_owned())?;
        let mut request = Request::new(ReceiverStream::new(frames));
        if let Some(bearer) = bearer {
            request.metadata_mut().insert("authorization", bearer);
        }
        let client = AgentLinkClient::new(channel)
            .max_decoding_message_size(mc_wire::FRAME_MAX_BYTES)
            .max_encoding_message_size(mc_wire::FRAME_MAX_BYTES);
        let (heard, inbox) = mpsc::channel(INBOX);
        Ok((outbox, Inbox(inbox), tokio::spawn(call(client, request, heard))))
    }

    /// The connection, opened when it is first needed, and again when it ended or the credential was renewed.
    async fn connect(&self) -> Result<(Channel, Option<Bearer>), String> {
        let mut connection = self.connection.lock().await;
        let renewed = connection.renewed.has_changed().unwrap_or(false);
        if let Some((opened, bearer)) = &connection.open
            && !renewed
            && !opened.testimony.over()
        {
            return Ok((opened.channel.clone(), bearer.clone()));
        }
        connection.renewed.mark_unchanged();
        let identity = self.dir.identity().map_err(|error| error.to_string())?;
        let bearer = link::bearer(&identity)?;
        let opened = channel::open_for_tunnels(&identity).await.map_err(|error| error.to_string())?;
        let channel = opened.channel.clone();
        connection.open = Some((opened, bearer.clone()));
        Ok((channel, bearer))
    }
}

/// Holds the call until central lets go of it, and hands on what central sends.
async fn call(
    mut client: AgentLinkClient<Channel>,
    request: Request<ReceiverStream<v1::TunnelFrame>>,
    heard: mpsc::Sender<Frame>,
) -> Result<(), String> {
    let mut incoming = client.tunnel(request).await.map_err(|status| status.to_string())?.into_inner();
    while let Ok(Some(message)) = incoming.message().await {
        if let Some(frame) = message.frame {
            // An API server that has heard enough does not take the rest.
            let _ = heard.send(frame).await;
        }
    }
    Ok(())
}
