//! One agent's stream, from hello to its end.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use mc_domain::{id::AgentId, time::Time, workload::AgentKind};
use mc_wire::{
    convert,
    v1::{self, agent_frame::Frame, disconnect::Reason},
    version,
};
use tokio::sync::mpsc;
use tokio_stream::{Stream, StreamExt};

use crate::{
    Arrival, Ending, Hub, Listener, TelemetryBatch, frame,
    registry::{Claim, Link, NotLinked, OUTGOING_FRAMES},
};

/// How long an agent may take to say hello.
const HELLO_WITHIN: Duration = Duration::from_secs(10);
/// Batches that may wait to be stored before the stream's flow control holds the agent back.
const BATCHES_WAITING: usize = 8;
/// Frames a second taken from one link: a busy agent sends about ten.
const FRAMES_A_SECOND: u32 = 200;
/// How long to wait before storing is tried again.
const STORE_AGAIN_AFTER: Duration = Duration::from_secs(2);
/// The most lines taken from one telemetry frame.
const LINES_MAX: usize = 10_000;
/// The most metric samples taken from one telemetry frame.
const SAMPLES_MAX: usize = 2_000;
/// The most unfinished commands taken from a hello.
const UNFINISHED_MAX: usize = 1_000;

/// What central answers to a hello.
#[derive(Debug, Clone)]
pub struct Greeting {
    /// The agent's name.
    pub name: String,
    /// The last stored batch of its spool.
    pub last_batch: u64,
}

/// Why an agent's stream cannot begin, in one line for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// It was removed: only a new join helps.
    Removed(String),
    /// Central cannot just now: it may come back soon.
    NotNow(String),
}

/// The sending half of a stream, to be given to the transport.
pub type LinkEnd = mpsc::Receiver<Outgoing>;

/// A frame on its way. Boxed, because a channel keeps room for 32 of them whether they come or not, and ten thousand agents each have one.
pub type Outgoing = Box<v1::ServerFrame>;

// Every open stream keeps its task's state for days, as large as the largest thing it may do. What is done once or seldom and is large (a
// database's futures) is boxed, so that the ten thousand that only wait for the next frame stay small.

/// Runs the stream of `agent`, whose credential was checked, and returns the frames to send. The work goes on in a task of its own until
/// the stream ends.
pub fn run<L, S>(hub: Arc<Hub>, listener: Arc<L>, agent: AgentId, address: String, incoming: S) -> LinkEnd
where
    L: Listener,
    S: Stream<Item = Result<v1::AgentFrame, tonic::Status>> + Send + Unpin + 'static,
{
    let (outgoing, end) = mpsc::channel(OUTGOING_FRAMES);
    tokio::spawn(async move { serve(&hub, &*listener, agent, address, incoming, outgoing).await });
    end
}

async fn serve<L, S>(hub: &Hub, listener: &L, agent: AgentId, address: String, mut incoming: S, outgoing: mpsc::Sender<Outgoing>)
where
    L: Listener,
    S: Stream<Item = Result<v1::AgentFrame, tonic::Status>> + Send + Unpin,
{
    let refuse = |reason: Reason, message: String| {
        let outgoing = outgoing.clone();
        async move {
            // When the agent is gone already, there is nobody to tell.
            let _ = outgoing.send(Box::new(frame::disconnect(reason, message, 0))).await;
        }
    };
    let first = tokio::time::timeout(HELLO_WITHIN, incoming.next()).await;
    let Ok(Some(Ok(v1::AgentFrame { frame: Some(Frame::Hello(hello)) }))) = first else {
        listener.misbehaved(agent, "the stream did not begin with a hello".to_owned()).await;
        return refuse(Reason::ProtocolError, "expected a hello first".to_owned()).await;
    };
    let protocol = match version::negotiate(hello.protocol_min, hello.protocol_max) {
        Ok(protocol) => protocol,
        Err(error) => return refuse(Reason::UnsupportedVersion, error.to_string()).await,
    };
    let Some(arrival) = arrival(agent, &address, &hello, hub.clock.now()) else {
        listener.misbehaved(agent, "the hello has ids that are none".to_owned()).await;
        return refuse(Reason::ProtocolError, "the hello's ids are malformed".to_owned()).await;
    };
    let (instance, spool) = (arrival.instance, arrival.spool);
    let link = match Box::pin(hub.claim(agent, instance, &address, outgoing.clone())).await {
        Claim::Taken(link) => link,
        Claim::Held(linked) => {
            listener.cloned(agent, address, linked).await;
            let message =
                "this agent's identity is connected from elsewhere: if this is a copy, remove its data directory and join it anew";
            return refuse(Reason::AlreadyConnected, message.to_owned()).await;
        }
    };
    let ending = match Box::pin(listener.arrived(arrival)).await {
        Err(refused) => {
            match refused {
                Refused::Removed(message) => link.close(Reason::Removed, &message, 0),
                // Told that it was removed, an agent would stay away for minutes because a database was slow.
                Refused::NotNow(message) => link.close(Reason::Unspecified, &message, 0),
            }
            if hub.release(agent, &link) {
                // The stream this one replaced has ended without a word: somebody must say that the agent is away.
                let heard = Time::from_micros(link.heard.load(Ordering::Relaxed));
                Box::pin(listener.left(agent, instance, heard, Ending::Lost("it could not be taken up".to_owned()))).await;
            }
            return;
        }
        Ok(greeting) => {
            let welcome = frame::welcome(v1::Welcome {
                protocol,
                agent_id: agent.to_string(),
                name: greeting.name,
                heartbeat_seconds: u32::try_from(hub.timing.heartbeat.as_secs().max(1)).unwrap_or(mc_wire::HEARTBEAT_SECONDS),
                last_batch: greeting.last_batch,
                now_micros: hub.clock.now().as_micros(),
                server_version: env!("CARGO_PKG_VERSION").to_owned(),
            });
            let sent = link.send(welcome);
            link.welcome();
            if sent.is_err() {
                Ending::Lost("the connection broke".to_owned())
            } else {
                let (batches, waiting) = mpsc::channel(BATCHES_WAITING);
                tokio::select! {
                    ending = follow(hub, listener, agent, spool, &link, &mut incoming, batches) => ending,
                    ending = store(listener, &link, waiting) => ending,
                }
            }
        }
    };
    let ending = if hub.release(agent, &link) { ending } else { Ending::Replaced };
    let heard = Time::from_micros(link.heard.load(Ordering::Relaxed));
    Box::pin(listener.left(agent, instance, heard, ending)).await;
}

fn arrival(agent: AgentId, address: &str, hello: &v1::Hello, now: Time) -> Option<Arrival> {
    let identity = hello.identity.clone().unwrap_or_default();
    Some(Arrival {
        agent,
        instance: hello.instance_id.parse().ok()?,
        spool: hello.spool_id.parse().ok()?,
        address: address.to_owned(),
        kind: AgentKind::from_text(&identity.kind),
        identity: (&identity).into(),
        workload: hello.workload.as_ref().map(Into::into).unwrap_or_default(),
        clock_skew_ms: hello.now_micros.saturating_sub(now.as_micros()) / 1_000,
        unfinished: hello.unfinished_commands.iter().take(UNFINISHED_MAX).cloned().collect(),
    })
}

/// Stores batches in order and acknowledges each once it is durable. While storing fails, the agent's other frames still flow.
async fn store<L: Listener>(listener: &L, link: &Link, mut waiting: mpsc::Receiver<Box<TelemetryBatch>>) -> Ending {
    while let Some(batch) = waiting.recv().await {
        let number = batch.batch;
        while let Err(error) = Box::pin(listener.telemetry((*batch).clone())).await {
            tracing::debug!(%error, "telemetry not stored yet");
            tokio::time::sleep(STORE_AGAIN_AFTER).await;
        }
        if link.send(frame::telemetry_ack(number)).is_err() {
            return stuck();
        }
    }
    std::future::pending().await
}

fn stuck() -> Ending {
    Ending::Lost("the agent does not read what is sent to it".to_owned())
}

/// Handles frames until the stream ends, falls silent, or is ended from our side.
async fn follow<L, S>(
    hub: &Hub,
    listener: &L,
    agent: AgentId,
    spool: uuid::Uuid,
    link: &Link,
    incoming: &mut S,
    batches: mpsc::Sender<Box<TelemetryBatch>>,
) -> Ending
where
    L: Listener,
    S: Stream<Item = Result<v1::AgentFrame, tonic::Status>> + Send + Unpin,
{
    let mut pace = Pace::default();
    loop {
        let next = tokio::select! {
            next = tokio::time::timeout(hub.timing.silence, incoming.next()) => next,
            () = link.end.notified() => return Ending::Ended,
        };
        let received = match next {
            Err(_) => {
                link.close(Reason::Unspecified, "nothing was heard for too long", 0);
                return Ending::Lost(format!("nothing heard for {} s", hub.timing.silence.as_secs()));
            }
            Ok(None) => return Ending::Lost("the connection was closed without a goodbye".to_owned()),
            Ok(Some(Err(status))) => {
                if status.code() == tonic::Code::OutOfRange || status.code() == tonic::Code::Internal {
                    listener.misbehaved(agent, "a frame was too large or malformed".to_owned()).await;
                }
                return Ending::Lost("the connection broke".to_owned());
            }
            Ok(Some(Ok(frame))) => frame,
        };
        pace.wait().await;
        link.heard.store(hub.clock.now().as_micros(), Ordering::Relaxed);
        if let Some(Frame::Goodbye(goodbye)) = received.frame {
            return Ending::Goodbye(convert::cut(&goodbye.reason, 200));
        }
        if let Some(Frame::Telemetry(telemetry)) = received.frame {
            // The database counts batches in signed numbers: one it cannot hold would spoil the transaction of everybody it is written with.
            if telemetry.batch == 0 || i64::try_from(telemetry.batch).is_err() {
                return misbehaved(listener, agent, link, "a telemetry batch has an impossible number").await;
            }
            if batches.send(Box::new(telemetry_batch(agent, spool, telemetry))).await.is_err() {
                return stuck();
            }
        } else {
            match Box::pin(handle(listener, agent, link, received)).await {
                Ok(()) => {}
                Err(Trouble::Stuck) => return stuck(),
                Err(Trouble::Misbehaved(what)) => return misbehaved(listener, agent, link, what).await,
            }
        }
    }
}

/// Why a link cannot go on.
enum Trouble {
    /// The agent does not read.
    Stuck,
    /// It sent something that is no frame of ours; what, in words.
    Misbehaved(&'static str),
}

impl From<NotLinked> for Trouble {
    fn from(_: NotLinked) -> Self {
        Self::Stuck
    }
}

/// Ends the stream at the first nonsense: an agent that speaks the protocol sends none, and one that does not must not fill the audit.
async fn misbehaved<L: Listener>(listener: &L, agent: AgentId, link: &Link, what: &'static str) -> Ending {
    listener.misbehaved(agent, what.to_owned()).await;
    link.close(Reason::ProtocolError, what, 0);
    Ending::Lost(what.to_owned())
}

/// Holds back a link that sends more frames than any agent has reason to; the stream's flow control passes it on.
#[derive(Default)]
struct Pace {
    since: Option<tokio::time::Instant>,
    frames: u32,
}

impl Pace {
    async fn wait(&mut self) {
        let now = tokio::time::Instant::now();
        let since = *self.since.get_or_insert(now);
        if now.duration_since(since) >= Duration::from_secs(1) {
            *self = Self { since: Some(now), frames: 0 };
        }
        self.frames += 1;
        if self.frames > FRAMES_A_SECOND {
            tokio::time::sleep_until(since + Duration::from_secs(1)).await;
        }
    }
}

async fn handle<L: Listener>(listener: &L, agent: AgentId, link: &Link, received: v1::AgentFrame) -> Result<(), Trouble> {
    match received.frame {
        Some(Frame::Heartbeat(heartbeat)) => Ok(link.send(frame::heartbeat_ack(heartbeat.sequence))?),
        Some(Frame::Workload(report)) => {
            listener.workload(agent, (&report).into()).await;
            Ok(())
        }
        Some(Frame::Cluster(report)) => match convert::cluster_report(&report) {
            None => Err(Trouble::Misbehaved("a cluster's name is none")),
            Some((name, report)) => {
                listener.cluster(agent, name, report).await;
                Ok(())
            }
        },
        Some(Frame::Command(update)) => match convert::command_update(&update) {
            None => Err(Trouble::Misbehaved("a command update made no sense")),
            Some(parsed) => {
                let (state, id) = (parsed.state, parsed.id.to_string());
                if listener.command(agent, parsed).await {
                    link.send(frame::command_ack(id, state))?;
                }
                Ok(())
            }
        },
        Some(Frame::Pong(pong)) => {
            link.answer_probe(pong.nonce);
            Ok(())
        }
        Some(Frame::Hello(_)) => Err(Trouble::Misbehaved("a second hello on one stream")),
        // Telemetry and goodbyes are the caller's; an agent newer than we are may send kinds of frames we do not know.
        Some(Frame::Telemetry(_) | Frame::Goodbye(_)) | None => Ok(()),
    }
}

fn telemetry_batch(agent: AgentId, spool: uuid::Uuid, frame: v1::Telemetry) -> TelemetryBatch {
    TelemetryBatch {
        agent,
        spool,
        batch: frame.batch,
        lines: frame.lines.iter().take(LINES_MAX).map(Into::into).collect(),
        samples: frame.samples.iter().take(SAMPLES_MAX).map(Into::into).collect(),
        dropped_lines: frame.dropped_lines,
    }
}
