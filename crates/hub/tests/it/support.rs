//! A hub, a listener whose answer to arrivals is set, and an agent's half of a stream.

use std::{sync::Arc, time::Duration};

use mc_domain::{
    cluster::ClusterReport,
    command::CommandUpdate,
    id::{AgentId, InstanceId},
    name::ClusterName,
    time::{SystemClock, Time},
    workload::Workload,
};
use mc_hub::{Arrival, Ending, Greeting, Hub, LinkEnd, Listener, Refused, TelemetryBatch, Timing};
use mc_wire::v1::{self, agent_frame::Frame as Say, server_frame::Frame as Heard};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use uuid::Uuid;

/// Answers every arrival the same.
pub(crate) struct Fixed(pub(crate) Result<Greeting, Refused>);

impl Listener for Fixed {
    async fn arrived(&self, _: Arrival) -> Result<Greeting, Refused> {
        self.0.clone()
    }
    async fn workload(&self, _: AgentId, _: Workload) {}
    async fn cluster(&self, _: AgentId, _: ClusterName, _: ClusterReport) {}
    async fn telemetry(&self, _: TelemetryBatch) -> Result<(), String> {
        Ok(())
    }
    async fn command(&self, _: AgentId, _: CommandUpdate) -> bool {
        true
    }
    async fn left(&self, _: AgentId, _: InstanceId, _: Time, _: Ending) {}
    async fn cloned(&self, _: AgentId, _: String, _: String) {}
    async fn misbehaved(&self, _: AgentId, _: String) {}
}

pub(crate) fn welcoming() -> Fixed {
    Fixed(Ok(Greeting { name: "alpha".to_owned(), last_batch: 0 }))
}

pub(crate) fn hub() -> Arc<Hub> {
    let minute = Duration::from_secs(60);
    Arc::new(Hub::new(Timing { heartbeat: minute, silence: minute, clone_probe: minute }, Arc::new(SystemClock)))
}

/// An agent's stream. It is open while this is held.
pub(crate) struct Stream {
    _say: mpsc::Sender<Result<v1::AgentFrame, tonic::Status>>,
    hear: LinkEnd,
}

/// Connects an agent of its own, which says hello.
pub(crate) async fn connect(hub: &Arc<Hub>, listener: Fixed) -> Stream {
    let (say, frames) = mpsc::channel(8);
    let hello = v1::Hello {
        protocol_min: 1,
        protocol_max: 1,
        instance_id: InstanceId::new().to_string(),
        spool_id: Uuid::now_v7().to_string(),
        ..v1::Hello::default()
    };
    say.send(Ok(v1::AgentFrame { frame: Some(Say::Hello(hello)) })).await.expect("room");
    let hear = mc_hub::run(Arc::clone(hub), Arc::new(listener), AgentId::new(), "127.0.0.1:1".to_owned(), ReceiverStream::new(frames));
    Stream { _say: say, hear }
}

impl Stream {
    /// The next frame; none when central ended the stream.
    pub(crate) async fn next(&mut self) -> Option<Heard> {
        self.hear.recv().await?.frame
    }
}
