//! Live agents: who is linked now, how to reach them, and what their frames mean.
//!
//! The hub knows streams, heartbeats and clones. What is stored, shown or allowed is decided by whoever implements [`Listener`].

mod frame;
mod kubectl;
mod link;
mod registry;
mod tunnel;

pub use kubectl::{Kubectl, Run, RunFrame, RunReader, RunWriter};
pub use link::{Greeting, LinkEnd, Outgoing, Refused, run};
pub use registry::{Hub, NotLinked};
pub use tunnel::{Header, KubernetesRequest, KubernetesResponse, Tunnel, TunnelError, TunnelFailure, TunnelReader, TunnelWriter};

use std::{future::Future, time::Duration};

use mc_domain::{
    agent::Identity,
    cluster::ClusterReport,
    command::CommandUpdate,
    id::{AgentId, InstanceId},
    log::LogLine,
    metric::Sample,
    name::ClusterName,
    time::Time,
    workload::{AgentKind, Workload},
};
use uuid::Uuid;

/// Times of a link.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// How often agents send a heartbeat.
    pub heartbeat: Duration,
    /// A link silent for this long is dead.
    pub silence: Duration,
    /// How long an older link has to answer before a newer one of the same identity replaces it.
    pub clone_probe: Duration,
}

/// What an agent says when its stream begins.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Which agent, proved by its credential.
    pub agent: AgentId,
    /// Its process.
    pub instance: InstanceId,
    /// Its spool.
    pub spool: Uuid,
    /// Where it dials from.
    pub address: String,
    /// What it looks after; `None` when it named no kind we know.
    pub kind: Option<AgentKind>,
    /// What it says of itself.
    pub identity: Identity,
    /// Its workload.
    pub workload: Workload,
    /// Its clock minus ours, in milliseconds.
    pub clock_skew_ms: i64,
    /// Commands it still works on or has a result for.
    pub unfinished: Vec<String>,
}

/// Logs and metrics of one batch.
#[derive(Debug, Clone)]
pub struct TelemetryBatch {
    /// Whose.
    pub agent: AgentId,
    /// From which spool.
    pub spool: Uuid,
    /// Its number in the spool.
    pub batch: u64,
    /// Log lines.
    pub lines: Vec<LogLine>,
    /// Metric samples.
    pub samples: Vec<Sample>,
    /// Lines the agent had to drop before this batch.
    pub dropped_lines: u64,
}

/// Why a link ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// The agent said goodbye, with its reason.
    Goodbye(String),
    /// The stream broke or fell silent; how, in words.
    Lost(String),
    /// Another connection of the same process took over.
    Replaced,
    /// We ended it: drain or removal.
    Ended,
}

/// What central does about what agents say. Calls for one link come in order, one at a time.
pub trait Listener: Send + Sync + 'static {
    /// An agent's stream begins. Answers the last stored batch of its spool and the agent's name, or why it is refused.
    fn arrived(&self, arrival: Arrival) -> impl Future<Output = Result<Greeting, Refused>> + Send;
    /// Its workload changed.
    fn workload(&self, agent: AgentId, workload: Workload) -> impl Future<Output = ()> + Send;
    /// It says how the cluster is that it looks after.
    fn cluster(&self, agent: AgentId, name: ClusterName, report: ClusterReport) -> impl Future<Output = ()> + Send;
    /// It sent logs and metrics. Returns when they are durable; an error means: not stored, do not acknowledge.
    fn telemetry(&self, batch: TelemetryBatch) -> impl Future<Output = Result<(), String>> + Send;
    /// It says how a command goes. True when that is durable.
    fn command(&self, agent: AgentId, update: CommandUpdate) -> impl Future<Output = bool> + Send;
    /// Its stream ended; `heard` is when its last frame came.
    fn left(&self, agent: AgentId, instance: InstanceId, heard: Time, ending: Ending) -> impl Future<Output = ()> + Send;
    /// Its identity is connected twice: this address was refused, that one stays.
    fn cloned(&self, agent: AgentId, refused_address: String, linked_address: String) -> impl Future<Output = ()> + Send;
    /// It sent something that is no frame of ours.
    fn misbehaved(&self, agent: AgentId, what: String) -> impl Future<Output = ()> + Send;
}
