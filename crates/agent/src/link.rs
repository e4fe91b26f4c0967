//! The one stream to central: dial, say hello, then serve it until it ends, and again. When to dial again is [`crate::link_state`]'s.

use std::{sync::Arc, time::Duration};

use mc_domain::{cluster::ClusterReport, command::CommandUpdate, id::InstanceId, name::ClusterName, time::Clock, workload::Workload};
use mc_wire::{
    FRAME_MAX_BYTES,
    v1::{self, agent_frame::Frame as Say, agent_link_client::AgentLinkClient, server_frame::Frame as Heard},
    version,
};
use secrecy::ExposeSecret;
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, timeout},
};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{
    Code, Request, Status, Streaming,
    metadata::{Ascii, MetadataValue},
};

use crate::{
    channel::{self, DialError, Opened},
    commands::Commands,
    identity::{Credential, DataDir, Identity},
    link_state::{Ended, Reconnect},
    session::Session,
    spool::Spool,
    status::LinkStatus,
    tunnel::Tunnels,
    witness::Testimony,
};

/// How long central may take to answer a hello.
const WELCOME_LIMIT: Duration = Duration::from_secs(30);
/// Frames between us and the transport.
const OUTBOX: usize = 16;
/// A clock further off than this is worth a warning.
const SKEW_WARNING: Duration = Duration::from_secs(60);

/// Everything the link connects.
pub(crate) struct Link {
    pub(crate) dir: DataDir,
    pub(crate) about: v1::Identity,
    pub(crate) instance: InstanceId,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) spool: Spool,
    pub(crate) commands: Commands,
    pub(crate) tunnels: Tunnels,
    pub(crate) workload: watch::Receiver<Workload>,
    /// The cluster that is looked after, if one is.
    pub(crate) cluster: Option<(ClusterName, watch::Receiver<ClusterReport>)>,
    pub(crate) progress: mpsc::Receiver<CommandUpdate>,
    pub(crate) status: watch::Sender<LinkStatus>,
    /// Changes when the certificate was renewed: the link begins again with the new one.
    pub(crate) renewed: watch::Receiver<()>,
    /// Cancelled when the agent ends: the link says goodbye.
    pub(crate) goodbye: CancellationToken,
}

/// How one try went.
pub(crate) struct Outcome {
    pub(crate) ended: Ended,
    /// For people: why.
    pub(crate) why: String,
}

/// A stream that was welcomed.
pub(crate) struct Open {
    pub(crate) outbox: mpsc::Sender<v1::AgentFrame>,
    pub(crate) inbound: Streaming<v1::ServerFrame>,
    pub(crate) welcome: v1::Welcome,
    pub(crate) testimony: Testimony,
}

impl Outcome {
    pub(crate) fn lost(why: impl Into<String>) -> Self {
        Self { ended: Ended::Lost, why: why.into() }
    }
}

impl Link {
    /// Keeps the link until the agent ends.
    pub(crate) async fn run(mut self) {
        let mut reconnect = Reconnect::default();
        while !self.goodbye.is_cancelled() {
            let mut welcomed = None;
            let outcome = self.once(&mut welcomed).await;
            if self.goodbye.is_cancelled() {
                break;
            }
            let held = welcomed.map_or(Duration::ZERO, |at: Instant| at.elapsed());
            let wait = reconnect.wait(&outcome.ended, held, rand::random::<f64>());
            tracing::warn!(wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX), "no link: {}", outcome.why);
            let now = self.clock.now();
            self.status.send_replace(LinkStatus {
                linked: false,
                since: now,
                detail: outcome.why,
                next_try: Some(now.after(wait)),
                ..LinkStatus::default()
            });
            self.pause(wait).await;
        }
    }

    /// Waits, and lets progress go that nobody can be told of.
    async fn pause(&mut self, wait: Duration) {
        let over = tokio::time::sleep(wait);
        tokio::pin!(over);
        loop {
            tokio::select! {
                () = &mut over => return,
                () = self.goodbye.cancelled() => return,
                Some(_) = self.progress.recv() => {}
            }
        }
    }

    async fn once(&mut self, welcomed: &mut Option<Instant>) -> Outcome {
        let goodbye = self.goodbye.clone();
        let opening = self.open();
        let opened = tokio::select! {
            opened = opening => opened,
            () = goodbye.cancelled() => return Outcome::lost("the agent is stopping"),
        };
        let open = match opened {
            Ok(open) => open,
            Err(outcome) => return outcome,
        };
        *welcomed = Some(Instant::now());
        self.note_welcome(&open.welcome);
        if !self.spool.welcome(open.welcome.last_batch).await {
            return Outcome { ended: Ended::HelloAgain, why: "the spool was begun anew".to_owned() };
        }
        while self.progress.try_recv().is_ok() {}
        Session::new(self, open).serve().await
    }

    async fn open(&mut self) -> Result<Open, Outcome> {
        let unusable = |why: String| Outcome { ended: Ended::Refused, why };
        // What was renewed until here is in use from here on.
        self.renewed.mark_unchanged();
        let identity = self.dir.identity().map_err(|error| unusable(error.to_string()))?;
        let Opened { channel, testimony } = channel::open_as(&identity).await.map_err(|error| {
            let refused = matches!(error, DialError::Refused { .. } | DialError::WrongCa { .. } | DialError::Credential(_));
            let expired = if refused { expired(&identity, &*self.clock) } else { None };
            Outcome { ended: if refused { Ended::Refused } else { Ended::Lost }, why: expired.unwrap_or_else(|| error.to_string()) }
        })?;
        let mut client =
            AgentLinkClient::new(channel).max_decoding_message_size(FRAME_MAX_BYTES).max_encoding_message_size(FRAME_MAX_BYTES);
        let (outbox, frames) = mpsc::channel(OUTBOX);
        let hello = v1::AgentFrame { frame: Some(Say::Hello(self.hello().await)) };
        outbox.send(hello).await.map_err(|_| Outcome::lost("closed"))?;
        let mut request = Request::new(ReceiverStream::new(frames));
        if let Some(bearer) = bearer(&identity).map_err(unusable)? {
            request.metadata_mut().insert("authorization", bearer);
        }
        let welcoming = async {
            let mut inbound = client.connect(request).await?.into_inner();
            let first = inbound.message().await?;
            Ok::<_, Status>((inbound, first.and_then(|first| first.frame)))
        };
        let answer = timeout(WELCOME_LIMIT, welcoming).await.map_err(|_| Outcome::lost("central does not answer"))?;
        let (inbound, first) = answer.map_err(|status| refused(&status, &testimony, &identity, &*self.clock))?;
        match first {
            Some(Heard::Welcome(welcome)) => Ok(Open { outbox, inbound, welcome, testimony }),
            Some(Heard::Disconnect(disconnect)) => Err(disconnected(&disconnect)),
            _ => Err(Outcome::lost("central's first frame was no welcome")),
        }
    }

    async fn hello(&self) -> v1::Hello {
        let workload = v1::WorkloadReport::from(&*self.workload.borrow());
        v1::Hello {
            protocol_min: version::OLDEST,
            protocol_max: version::NEWEST,
            instance_id: self.instance.to_string(),
            spool_id: self.spool.id().await,
            now_micros: self.clock.now().as_micros(),
            identity: Some(self.about.clone()),
            workload: Some(workload),
            unfinished_commands: self.spool.unfinished().await.into_iter().map(|update| update.id.to_string()).collect(),
        }
    }

    fn note_welcome(&self, welcome: &v1::Welcome) {
        let now = self.clock.now();
        let skew = Duration::from_micros(now.as_micros().abs_diff(welcome.now_micros));
        if skew > SKEW_WARNING {
            tracing::warn!(
                seconds = skew.as_secs(),
                "this machine's clock differs from central's: set it, so that times of logs are right"
            );
        }
        tracing::info!(server_version = %welcome.server_version, name = %welcome.name, "linked");
        self.status.send_replace(LinkStatus {
            linked: true,
            since: now,
            detail: String::new(),
            server_version: welcome.server_version.clone(),
            clock_skew_seconds: skew.as_secs(),
            next_try: None,
        });
    }
}

/// What an agent without a certificate shows with each call.
pub(crate) type Bearer = MetadataValue<Ascii>;

/// The API key of an agent that has one, as metadata.
pub(crate) fn bearer(identity: &Identity) -> Result<Option<Bearer>, String> {
    let Credential::ApiKey(key) = &identity.credential else { return Ok(None) };
    let mut value: Bearer =
        format!("Bearer {}", key.expose_secret()).parse().map_err(|_| "the API key is damaged: join again".to_owned())?;
    value.set_sensitive(true);
    Ok(Some(value))
}

/// What is said of a certificate that ran out, which central's refusal alone would not explain.
fn expired(identity: &Identity, clock: &dyn Clock) -> Option<String> {
    match &identity.credential {
        Credential::Certificate { not_after, .. } if *not_after < clock.now() => {
            Some(format!("this agent's certificate ran out on {not_after}: join again with a new token"))
        }
        _ => None,
    }
}

fn refused(status: &Status, testimony: &Testimony, identity: &Identity, clock: &dyn Clock) -> Outcome {
    let words = mc_wire::convert::cut(status.message(), 300);
    let ended = match status.code() {
        _ if testimony.refused() => Ended::Refused,
        Code::Unauthenticated | Code::FailedPrecondition => Ended::Refused,
        Code::PermissionDenied => Ended::Removed,
        Code::ResourceExhausted => Ended::Busy,
        _ => Ended::Lost,
    };
    let why = match ended {
        Ended::Lost => format!("central hung up: {}", testimony.words(channel::innermost(status))),
        Ended::Refused => expired(identity, clock).unwrap_or_else(|| {
            let server = identity.file.server.clone();
            if testimony.refused() { DialError::Refused { server }.to_string() } else { format!("central refuses this agent: {words}") }
        }),
        _ => format!("central refuses this agent: {words}"),
    };
    Outcome { ended, why }
}

/// Central's last word as an end.
pub(crate) fn disconnected(disconnect: &v1::Disconnect) -> Outcome {
    use v1::disconnect::Reason;
    let ended = match disconnect.reason() {
        Reason::ShuttingDown => Ended::ShuttingDown(Duration::from_millis(u64::from(disconnect.retry_after_ms))),
        Reason::Removed | Reason::UnsupportedVersion => Ended::Removed,
        Reason::AlreadyConnected => Ended::Cloned,
        Reason::Replaced | Reason::ProtocolError | Reason::Unspecified => Ended::Lost,
    };
    let words = mc_wire::convert::cut(&disconnect.message, 300);
    let why = match disconnect.reason() {
        Reason::ShuttingDown => "central is restarting".to_owned(),
        Reason::Removed if words.is_empty() => "this agent was removed: join it again with a new token".to_owned(),
        Reason::AlreadyConnected if words.is_empty() => "another machine uses this agent's identity: join one of them anew".to_owned(),
        _ => format!("central ended the link: {words}"),
    };
    Outcome { ended, why }
}
