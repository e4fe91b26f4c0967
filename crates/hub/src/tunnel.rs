//! Tunnels: streams of bytes between somebody who calls central and something beside an agent.
//!
//! Central asks for one over the agent's link; the agent then calls, and both halves meet here. Each is a stream of its own with the flow
//! control of HTTP/2, so a slow reader holds up nobody but its own writer. Whoever lets go of its half ends the other.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use dashmap::DashMap;
use mc_domain::id::AgentId;
use mc_wire::{
    DATA_MAX_BYTES, TUNNELS_MAX,
    v1::{self, open_tunnel::Target, tunnel_failed, tunnel_frame::Frame},
};
use tokio::sync::{mpsc, oneshot};
use tokio_stream::{Stream, StreamExt};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{Hub, NotLinked, frame, kubectl::Runs};

/// How long an agent may take to call after it was asked to.
const OPEN_WITHIN: Duration = Duration::from_secs(10);
/// Tunnels of all agents at a time: each may hold a window of bytes that its caller does not read.
const IN_ALL: usize = 4_096;
/// Frames on their way to the transport. A frame is at most [`DATA_MAX_BYTES`].
const OUTGOING_FRAMES: usize = 4;

/// Why there is no tunnel, or none any more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TunnelError {
    /// The agent is not connected.
    #[error(transparent)]
    NotLinked(#[from] NotLinked),
    /// It was asked, and did not call.
    #[error("the agent did not answer within {} s", OPEN_WITHIN.as_secs())]
    Silent,
    /// Too many at once.
    #[error("too many streams are open at once: try again when some have ended")]
    Busy,
    /// It ended before its end.
    #[error("the stream broke off")]
    Broken,
    /// The agent says that it could not do it.
    #[error("{1}")]
    Failed(TunnelFailure, String),
}

/// What an agent could not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TunnelFailure {
    /// Its machine's owner does not allow it.
    NotAllowed,
    /// What is beside it does not answer.
    Unreachable,
    /// It does too much already.
    Busy,
    /// What is beside it answered, and then broke off.
    Broken,
}

impl From<tunnel_failed::Reason> for TunnelFailure {
    fn from(reason: tunnel_failed::Reason) -> Self {
        match reason {
            tunnel_failed::Reason::NotAllowed => Self::NotAllowed,
            tunnel_failed::Reason::Unreachable => Self::Unreachable,
            tunnel_failed::Reason::Busy => Self::Busy,
            tunnel_failed::Reason::Broken | tunnel_failed::Reason::Unspecified => Self::Broken,
        }
    }
}

/// A header of HTTP: its name in lower case, and its value.
pub type Header = (String, Vec<u8>);

/// A request to the API server beside an agent, without its body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KubernetesRequest {
    /// The method.
    pub method: String,
    /// Path and query as `mc-kube` writes them.
    pub target: String,
    /// None of them says who calls.
    pub headers: Vec<Header>,
    /// Whom the API server is to take the caller for.
    pub user: String,
    /// The user's groups.
    pub groups: Vec<String>,
    /// More about the user, by key.
    pub extra: Vec<(String, Vec<String>)>,
    /// Whether a body follows.
    pub body: bool,
    /// Whether the connection is to be taken over.
    pub upgrade: bool,
}

/// The head of an API server's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubernetesResponse {
    /// The status.
    pub status: u16,
    /// Its headers.
    pub headers: Vec<Header>,
}

impl From<KubernetesRequest> for Target {
    fn from(request: KubernetesRequest) -> Self {
        let extra = request.extra.into_iter().map(|(key, values)| v1::Extra { key, values }).collect();
        Self::Kubernetes(v1::KubernetesRequest {
            method: request.method,
            target: request.target,
            headers: request.headers.into_iter().map(|(name, value)| v1::HttpHeader { name, value }).collect(),
            impersonation: Some(v1::Impersonation { user: request.user, groups: request.groups, extra }),
            body: request.body,
            upgrade: request.upgrade,
        })
    }
}

/// What an agent sends through a tunnel.
type Incoming = Pin<Box<dyn Stream<Item = Result<v1::TunnelFrame, tonic::Status>> + Send>>;

/// Tunnels that were asked for, and how many there are.
#[derive(Default)]
pub(crate) struct Tunnels {
    asked: DashMap<Uuid, (AgentId, oneshot::Sender<Tunnel>)>,
    pub(crate) runs: Arc<Runs>,
    agents: DashMap<AgentId, Arc<OfAgent>>,
    open: Arc<AtomicUsize>,
}

#[derive(Default)]
struct OfAgent {
    open: AtomicUsize,
    ended: CancellationToken,
}

/// A place among the bounded number of tunnels.
struct Place {
    agent: Arc<OfAgent>,
    open: Arc<AtomicUsize>,
}

impl Place {
    fn take(tunnels: &Tunnels, agent: AgentId) -> Option<Arc<Self>> {
        let of_agent = Arc::clone(tunnels.agents.entry(agent).or_default().value());
        let place = Self { agent: of_agent, open: Arc::clone(&tunnels.open) };
        // Both are counted before they are looked at; dropping the place counts them down.
        let of_one = place.agent.open.fetch_add(1, Ordering::Relaxed);
        let in_all = place.open.fetch_add(1, Ordering::Relaxed);
        (of_one < TUNNELS_MAX as usize && in_all < IN_ALL).then(|| Arc::new(place))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.agent.open.fetch_sub(1, Ordering::Relaxed);
        self.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Both halves of a tunnel, seen from central. Dropped before their end, they break the tunnel off.
pub struct Tunnel {
    /// From the agent.
    pub reader: TunnelReader,
    /// To the agent.
    pub writer: TunnelWriter,
}

/// What comes from the agent.
pub struct TunnelReader {
    incoming: Incoming,
    place: Arc<Place>,
    /// The call stands until all was read: its end tells the agent that nothing is on its way any more.
    _call: mpsc::Sender<v1::TunnelFrame>,
}

/// What goes to the agent.
#[derive(Clone)]
pub struct TunnelWriter {
    outgoing: mpsc::Sender<v1::TunnelFrame>,
    _place: Arc<Place>,
}

impl TunnelReader {
    /// The head of the answer.
    ///
    /// # Errors
    /// When the agent could not do what was asked, or the tunnel broke.
    pub async fn response(&mut self) -> Result<KubernetesResponse, TunnelError> {
        match self.frame().await? {
            Frame::Response(response) => Ok(KubernetesResponse {
                status: u16::try_from(response.status).map_err(|_| TunnelError::Broken)?,
                headers: response.headers.into_iter().map(|header| (header.name, header.value)).collect(),
            }),
            _ => Err(TunnelError::Broken),
        }
    }

    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// When the tunnel broke: what came is not all.
    pub async fn data(&mut self) -> Result<Option<Bytes>, TunnelError> {
        match self.frame().await? {
            Frame::Data(data) => Ok(Some(data)),
            Frame::End(_) => Ok(None),
            _ => Err(TunnelError::Broken),
        }
    }

    pub(crate) async fn frame(&mut self) -> Result<Frame, TunnelError> {
        let received = tokio::select! {
            received = self.incoming.next() => received,
            () = self.place.agent.ended.cancelled() => None,
        };
        match received {
            Some(Ok(v1::TunnelFrame { frame: Some(Frame::Failed(failed)) })) => {
                Err(TunnelError::Failed(failed.reason().into(), mc_wire::convert::cut(&failed.message, 300)))
            }
            Some(Ok(v1::TunnelFrame { frame: Some(frame) })) => Ok(frame),
            _ => Err(TunnelError::Broken),
        }
    }
}

impl TunnelWriter {
    /// Sends bytes, in frames of a bounded size. Waits while the agent does not take them.
    ///
    /// # Errors
    /// When the tunnel broke.
    pub async fn data(&self, mut data: Bytes) -> Result<(), TunnelError> {
        while !data.is_empty() {
            let part = data.split_to(data.len().min(DATA_MAX_BYTES));
            self.send(Frame::Data(part)).await?;
        }
        Ok(())
    }

    /// Says that nothing more comes this way.
    ///
    /// # Errors
    /// When the tunnel broke.
    pub async fn end(&self) -> Result<(), TunnelError> {
        self.send(Frame::End(v1::TunnelEnd {})).await
    }

    /// Says that what was sent is not all, and that no more comes.
    ///
    /// # Errors
    /// When the tunnel broke.
    pub async fn broken(&self) -> Result<(), TunnelError> {
        self.send(Frame::Failed(v1::TunnelFailed { reason: tunnel_failed::Reason::Broken.into(), message: String::new() })).await
    }

    pub(crate) async fn send(&self, frame: Frame) -> Result<(), TunnelError> {
        self.outgoing.send(v1::TunnelFrame { frame: Some(frame) }).await.map_err(|_| TunnelError::Broken)
    }
}

/// Takes back the question when nobody waits for its answer any more.
struct Asked<'a> {
    tunnels: &'a Tunnels,
    id: Uuid,
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        self.tunnels.asked.remove(&self.id);
    }
}

impl Hub {
    /// Opens a tunnel to the API server beside an agent, for one request.
    ///
    /// # Errors
    /// When the agent is not linked or does not call within ten seconds, or there are too many tunnels.
    pub async fn open_tunnel(&self, agent: AgentId, request: KubernetesRequest) -> Result<Tunnel, TunnelError> {
        self.open(agent, Uuid::now_v7(), request.into()).await
    }

    pub(crate) async fn open(&self, agent: AgentId, id: Uuid, target: Target) -> Result<Tunnel, TunnelError> {
        let (called, call) = oneshot::channel();
        self.tunnels.asked.insert(id, (agent, called));
        let _asked = Asked { tunnels: &self.tunnels, id };
        let open = frame::open_tunnel(id.to_string(), target);
        let opening = async {
            self.greeted(agent)?.send_soon(open).await?;
            call.await.map_err(|_| TunnelError::Busy)
        };
        tokio::time::timeout(OPEN_WITHIN, opening).await.map_err(|_| TunnelError::Silent)?
    }

    /// An agent calls, as it was asked to. Answers what to send it; `None` when nobody asked this agent for that tunnel.
    pub fn tunnel_arrived<S>(&self, agent: AgentId, id: &str, incoming: S) -> Option<mpsc::Receiver<v1::TunnelFrame>>
    where
        S: Stream<Item = Result<v1::TunnelFrame, tonic::Status>> + Send + 'static,
    {
        let id = Uuid::parse_str(id).ok()?;
        let (_, (_, caller)) = self.tunnels.asked.remove_if(&id, |_, (asked, _)| *asked == agent)?;
        let (tunnel, frames) = self.tunnel(agent, incoming)?;
        // Whoever asked may have gone meanwhile; the tunnel then ends at once.
        let _ = caller.send(tunnel);
        Some(frames)
    }

    /// A kubectl that an agent runs for us opens a connection to its API server. Answers what to send it; `None` when this agent runs none by that
    /// id, or it has too many connections.
    pub fn door_arrived<S>(&self, agent: AgentId, run: &str, incoming: S) -> Option<mpsc::Receiver<v1::TunnelFrame>>
    where
        S: Stream<Item = Result<v1::TunnelFrame, tonic::Status>> + Send + 'static,
    {
        let doors = self.tunnels.runs.doors(agent, Uuid::parse_str(run).ok()?)?;
        let (tunnel, frames) = self.tunnel(agent, incoming)?;
        doors.try_send(tunnel).ok()?;
        Some(frames)
    }

    fn tunnel<S>(&self, agent: AgentId, incoming: S) -> Option<(Tunnel, mpsc::Receiver<v1::TunnelFrame>)>
    where
        S: Stream<Item = Result<v1::TunnelFrame, tonic::Status>> + Send + 'static,
    {
        let place = Place::take(&self.tunnels, agent)?;
        let (outgoing, frames) = mpsc::channel(OUTGOING_FRAMES);
        let reader = TunnelReader { incoming: Box::pin(incoming), place: Arc::clone(&place), _call: outgoing.clone() };
        Some((Tunnel { reader, writer: TunnelWriter { outgoing, _place: place } }, frames))
    }

    /// How many tunnels are open.
    #[must_use]
    pub fn tunnels(&self) -> usize {
        self.tunnels.open.load(Ordering::Relaxed)
    }

    /// Breaks off every tunnel of a removed agent.
    pub(crate) fn end_tunnels(&self, agent: AgentId) {
        if let Some((_, of_agent)) = self.tunnels.agents.remove(&agent) {
            of_agent.ended.cancel();
        }
    }
}
