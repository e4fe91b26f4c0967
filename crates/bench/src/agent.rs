//! One simulated agent: a task that keeps a link as a real agent does, answers commands at once, and does what the bench asks of it.

use std::{
    net::SocketAddr,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use mc_domain::time::{Clock, SystemClock};
use mc_wire::v1::{self, agent_frame::Frame as Say, server_frame::Frame as Heard};
use tokio::{
    sync::{Semaphore, mpsc, oneshot, watch},
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;
use uuid::Uuid;

use crate::{
    backoff::{Backoff, Ended},
    dial,
    identity::Identity,
    spool::Spool,
};

/// How long central may take to answer a hello, as with real agents.
const WELCOME_LIMIT: Duration = Duration::from_secs(30);
/// Frames between the agent and the transport: more than it ever has under way.
const OUTBOX: usize = 32;
/// How often a machine reports its figures.
const METRICS_EVERY: Duration = Duration::from_secs(15);

/// What all agents do just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mood {
    /// Keep a link.
    pub(crate) up: bool,
    /// Report the machine's figures every 15 s.
    pub(crate) metrics: bool,
}

/// What one agent is asked to do.
#[derive(Debug)]
pub(crate) enum Order {
    /// Report the workload with this title; answers when the frame was handed to the transport.
    Report(String, oneshot::Sender<Instant>),
    /// Pour log lines, or stop.
    Pour(bool),
}

/// What the bench knows of an agent.
#[derive(Debug)]
pub(crate) struct Face {
    pub(crate) id: String,
    pub(crate) name: String,
    orders: mpsc::Sender<Order>,
    /// Connections tried.
    pub(crate) tries: AtomicU32,
    pub(crate) linked: AtomicBool,
    /// Times central refused its credential or its hello.
    pub(crate) refusals: AtomicU32,
    /// Batches of log lines made, and known to be stored.
    pub(crate) log_batches: AtomicU64,
    pub(crate) log_batches_stored: AtomicU64,
}

impl Face {
    /// Asks something of the agent; an error when its queue is full.
    pub(crate) fn ask(&self, order: Order) -> anyhow::Result<()> {
        self.orders.try_send(order).map_err(|_| anyhow::anyhow!("{} does not keep up with its orders", self.name))
    }
}

/// What all agents share.
pub(crate) struct Shared {
    pub(crate) server: SocketAddr,
    pub(crate) mood: watch::Receiver<Mood>,
    /// What central said when it refused an agent, the first of all.
    pub(crate) refused: OnceLock<String>,
    /// Agents that may link for the first time at once: a fleet grows, it does not appear.
    pub(crate) first_links: Semaphore,
}

/// An agent in its task.
pub(crate) struct Agent {
    number: u64,
    identity: Identity,
    face: Arc<Face>,
    shared: Arc<Shared>,
    mood: watch::Receiver<Mood>,
    orders: mpsc::Receiver<Order>,
    instance: String,
    spool_id: String,
    spool: Spool,
    title: String,
}

impl Agent {
    /// An agent and what the bench keeps of it.
    pub(crate) fn new(number: usize, identity: Identity, shared: Arc<Shared>) -> (Self, Arc<Face>) {
        let (sender, orders) = mpsc::channel(8);
        let face = Arc::new(Face {
            id: identity.id.clone(),
            name: identity.name.clone(),
            orders: sender,
            tries: AtomicU32::new(0),
            linked: AtomicBool::new(false),
            refusals: AtomicU32::new(0),
            log_batches: AtomicU64::new(0),
            log_batches_stored: AtomicU64::new(0),
        });
        let agent = Self {
            number: number as u64,
            title: format!("node /srv/app-{:02}/server.js --port {}", number % 40, 3000 + number % 40),
            identity,
            face: Arc::clone(&face),
            mood: shared.mood.clone(),
            shared,
            orders,
            instance: Uuid::now_v7().to_string(),
            spool_id: Uuid::now_v7().to_string(),
            spool: Spool::default(),
        };
        (agent, face)
    }

    /// Lives until the bench ends.
    pub(crate) async fn live(mut self) {
        let mut backoff = Backoff::default();
        let mut first = true;
        loop {
            if self.mood.wait_for(|mood| mood.up).await.is_err() {
                return;
            }
            let shared = Arc::clone(&self.shared);
            let place = if first { shared.first_links.acquire().await.ok() } else { None };
            let opened = self.open().await;
            drop(place);
            first = false;
            let (ended, held) = match opened {
                Err(ended) => (ended, Duration::ZERO),
                Ok((outbox, inbound, heartbeat)) => {
                    let began = Instant::now();
                    self.face.linked.store(true, Ordering::Relaxed);
                    let ended = Box::pin(self.serve(outbox, inbound, heartbeat)).await;
                    self.face.linked.store(false, Ordering::Relaxed);
                    (ended, began.elapsed())
                }
            };
            if ended == Ended::Refused {
                self.face.refusals.fetch_add(1, Ordering::Relaxed);
            }
            sleep(backoff.wait(ended, held, rand::random())).await;
        }
    }

    async fn open(&mut self) -> Result<(mpsc::Sender<v1::AgentFrame>, Streaming<v1::ServerFrame>, Duration), Ended> {
        self.face.tries.fetch_add(1, Ordering::Relaxed);
        let tls = Arc::clone(&self.identity.tls);
        let mut link = dial::grpc(self.shared.server, self.identity.from, tls).await.map_err(|_| Ended::Lost)?;
        let (outbox, frames) = mpsc::channel(OUTBOX);
        outbox.try_send(v1::AgentFrame { frame: Some(Say::Hello(self.hello())) }).map_err(|_| Ended::Lost)?;
        let welcoming = async {
            let mut inbound = link.connect(ReceiverStream::new(frames)).await?.into_inner();
            let first = inbound.message().await?;
            Ok::<_, tonic::Status>((inbound, first.and_then(|first| first.frame)))
        };
        let (inbound, first) = match timeout(WELCOME_LIMIT, welcoming).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(status)) => return Err(self.refused(&status)),
            Err(_) => return Err(Ended::Lost),
        };
        match first {
            Some(Heard::Welcome(welcome)) => {
                let stored = self.spool.welcome(welcome.last_batch);
                self.face.log_batches_stored.fetch_add(stored, Ordering::Relaxed);
                Ok((outbox, inbound, Duration::from_secs(u64::from(welcome.heartbeat_seconds.max(1)))))
            }
            Some(Heard::Disconnect(disconnect)) => Err(self.disconnected(&disconnect)),
            _ => Err(Ended::Lost),
        }
    }

    fn hello(&self) -> v1::Hello {
        v1::Hello {
            protocol_min: mc_wire::version::OLDEST,
            protocol_max: mc_wire::version::NEWEST,
            instance_id: self.instance.clone(),
            spool_id: self.spool_id.clone(),
            now_micros: SystemClock.now().as_micros(),
            identity: Some(self.identity.about.clone()),
            workload: Some(self.workload()),
            unfinished_commands: Vec::new(),
        }
    }

    fn workload(&self) -> v1::WorkloadReport {
        let began = SystemClock.now().as_micros() - 3_600_000_000;
        let fact = |name: &str| v1::Fact { name: name.to_owned(), state: "ok".to_owned(), detail: String::new(), since_micros: began };
        v1::WorkloadReport {
            state: "running".to_owned(),
            title: self.title.clone(),
            pid: 4_242,
            started_at_micros: began,
            facts: vec![fact("process"), fact("port")],
            ..v1::WorkloadReport::default()
        }
    }

    /// Serves an open link until it ends.
    async fn serve(&mut self, outbox: mpsc::Sender<v1::AgentFrame>, mut inbound: Streaming<v1::ServerFrame>, heartbeat: Duration) -> Ended {
        let mut heard_at = Instant::now();
        let mut beat_at = Instant::now();
        // Machines were not all started at the same moment.
        let mut metrics_at = Instant::now() + METRICS_EVERY.mul_f64(rand::random());
        let mut beats = 0;
        loop {
            let mood = *self.mood.borrow_and_update();
            if !mood.up {
                return Ended::Parked;
            }
            if self.send_telemetry(&outbox).is_err() {
                return Ended::Lost;
            }
            let due = if mood.metrics { beat_at.min(metrics_at) } else { beat_at };
            tokio::select! {
                frame = inbound.message() => {
                    heard_at = Instant::now();
                    match frame {
                        Ok(Some(frame)) => if let Err(ended) = self.hear(frame, &outbox) { return ended },
                        Ok(None) | Err(_) => return Ended::Lost,
                    }
                }
                Some(order) = self.orders.recv() => if self.obey(order, &outbox).is_err() { return Ended::Lost },
                _ = self.mood.changed() => {}
                () = sleep_until(due) => {
                    let now = Instant::now();
                    if now.duration_since(heard_at) > heartbeat * 2 {
                        return Ended::Lost;
                    }
                    if now >= beat_at {
                        beats += 1;
                        beat_at = now + heartbeat;
                        if say(&outbox, Say::Heartbeat(v1::Heartbeat { sequence: beats })).is_err() {
                            return Ended::Lost;
                        }
                    }
                    if mood.metrics && now >= metrics_at {
                        metrics_at = now + METRICS_EVERY;
                        self.spool.sample();
                    }
                }
            }
        }
    }

    fn hear(&mut self, frame: v1::ServerFrame, outbox: &mpsc::Sender<v1::AgentFrame>) -> Result<(), Ended> {
        match frame.frame {
            Some(Heard::Command(command)) => {
                let done = v1::CommandUpdate { command_id: command.command_id, state: "done".to_owned(), text: "all well".to_owned() };
                say(outbox, Say::Command(done))
            }
            Some(Heard::Telemetry(ack)) => {
                let stored = self.spool.ack(ack.batch);
                self.face.log_batches_stored.fetch_add(stored, Ordering::Relaxed);
                Ok(())
            }
            Some(Heard::Ping(ping)) => say(outbox, Say::Pong(v1::Pong { nonce: ping.nonce })),
            Some(Heard::Disconnect(disconnect)) => Err(self.disconnected(&disconnect)),
            Some(Heard::Welcome(_) | Heard::Heartbeat(_) | Heard::Cancel(_) | Heard::CommandAck(_) | Heard::Tunnel(_)) | None => Ok(()),
        }
    }

    fn obey(&mut self, order: Order, outbox: &mpsc::Sender<v1::AgentFrame>) -> Result<(), Ended> {
        match order {
            Order::Pour(on) => {
                self.spool.pour(on);
                Ok(())
            }
            Order::Report(title, handed) => {
                self.title = title;
                let at = Instant::now();
                say(outbox, Say::Workload(self.workload()))?;
                // Whoever asked may have given up.
                let _ = handed.send(at);
                Ok(())
            }
        }
    }

    fn send_telemetry(&mut self, outbox: &mpsc::Sender<v1::AgentFrame>) -> Result<(), Ended> {
        while let Some((batch, made)) = self.spool.take(SystemClock.now().as_micros(), self.number) {
            self.face.log_batches.fetch_add(u64::from(made), Ordering::Relaxed);
            say(outbox, Say::Telemetry(batch))?;
        }
        Ok(())
    }
}

fn say(outbox: &mpsc::Sender<v1::AgentFrame>, frame: Say) -> Result<(), Ended> {
    outbox.try_send(v1::AgentFrame { frame: Some(frame) }).map_err(|_| Ended::Lost)
}

impl Agent {
    fn note(&self, why: &str) -> Ended {
        // Only the first is kept: the others are of its kind.
        let _ = self.shared.refused.set(format!("{}: {why}", self.face.name));
        Ended::Refused
    }

    fn refused(&self, status: &tonic::Status) -> Ended {
        use tonic::Code;
        match status.code() {
            Code::Unauthenticated | Code::PermissionDenied | Code::ResourceExhausted | Code::FailedPrecondition => {
                self.note(status.message())
            }
            _ => Ended::Lost,
        }
    }

    fn disconnected(&self, disconnect: &v1::Disconnect) -> Ended {
        use v1::disconnect::Reason;
        match disconnect.reason() {
            Reason::ShuttingDown => Ended::ShuttingDown(Duration::from_millis(u64::from(disconnect.retry_after_ms))),
            Reason::Removed | Reason::AlreadyConnected | Reason::UnsupportedVersion => self.note(&disconnect.message),
            Reason::Replaced | Reason::ProtocolError | Reason::Unspecified => Ended::Lost,
        }
    }
}
