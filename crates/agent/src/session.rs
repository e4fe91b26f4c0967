//! One open stream: frames in, frames out, until it ends.

use std::{
    collections::{HashSet, VecDeque},
    time::Duration,
};

use mc_domain::{
    cluster::ClusterReport,
    command::{CommandState, CommandUpdate},
    id::CommandId,
    name::ClusterName,
    workload::Workload,
};
use mc_wire::{
    HEARTBEAT_SECONDS,
    v1::{self, agent_frame::Frame as Say, server_frame::Frame as Heard},
};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, MissedTickBehavior, interval, timeout},
};
use tokio_util::sync::CancellationToken;
use tonic::Streaming;

use crate::{
    channel,
    commands::{Commands, FromCentral},
    link::{Link, Open, Outcome, disconnected},
    link_state::Ended,
    spool::{Spool, SpoolState},
    tunnel::Tunnels,
    witness::Testimony,
};

/// The most telemetry batches central has not acknowledged at a time.
const UNDER_WAY_MAX: usize = 8;
/// How long a goodbye may take, last logs and results included.
const GOODBYE_LIMIT: Duration = Duration::from_secs(3);

pub(crate) struct Session<'a> {
    outbox: mpsc::Sender<v1::AgentFrame>,
    inbound: Streaming<v1::ServerFrame>,
    testimony: Testimony,
    spool: &'a Spool,
    spool_state: watch::Receiver<SpoolState>,
    commands: &'a Commands,
    tunnels: &'a Tunnels,
    workload: watch::Receiver<Workload>,
    cluster: Option<(ClusterName, watch::Receiver<ClusterReport>)>,
    progress: &'a mut mpsc::Receiver<CommandUpdate>,
    goodbye: CancellationToken,
    renewed: watch::Receiver<()>,
    heartbeat: Duration,
    sequence: u64,
    heard_at: Instant,
    /// The last batch that was sent.
    sent: u64,
    under_way: VecDeque<u64>,
    told: HashSet<CommandId>,
}

/// Whether the session goes on.
type Step = Result<(), Outcome>;

impl<'a> Session<'a> {
    pub(crate) fn new(link: &'a mut Link, open: Open) -> Self {
        let Open { outbox, inbound, welcome, testimony } = open;
        let seconds = if welcome.heartbeat_seconds == 0 { HEARTBEAT_SECONDS } else { welcome.heartbeat_seconds.min(600) };
        Self {
            outbox,
            inbound,
            testimony,
            spool: &link.spool,
            spool_state: link.spool.watch(),
            commands: &link.commands,
            tunnels: &link.tunnels,
            workload: link.workload.clone(),
            cluster: link.cluster.clone(),
            progress: &mut link.progress,
            goodbye: link.goodbye.clone(),
            renewed: link.renewed.clone(),
            heartbeat: Duration::from_secs(u64::from(seconds)),
            sequence: 0,
            heard_at: Instant::now(),
            sent: welcome.last_batch,
            under_way: VecDeque::new(),
            told: HashSet::new(),
        }
    }

    pub(crate) async fn serve(mut self) -> Outcome {
        match self.serve_until_ended().await {
            Ok(()) => Outcome::lost("said goodbye"),
            Err(outcome) => outcome,
        }
    }

    async fn serve_until_ended(&mut self) -> Step {
        let mut beat = interval(self.heartbeat);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let goodbye = self.goodbye.clone();
        // The hello carried a report, which may be older than the last change by now.
        self.workload.mark_changed();
        if let Some((_, report)) = &mut self.cluster {
            report.mark_changed();
        }
        self.tell_results().await?;
        self.send_telemetry().await?;
        loop {
            tokio::select! {
                frame = self.inbound.message() => self.hear(frame).await?,
                _ = beat.tick() => self.beat().await?,
                Ok(()) = self.workload.changed() => {
                    let report = v1::WorkloadReport::from(&*self.workload.borrow_and_update());
                    self.say(Say::Workload(report)).await?;
                }
                Some(report) = changed(&mut self.cluster) => self.say(Say::Cluster(report)).await?,
                Some(update) = self.progress.recv() => self.say(command_frame(&update)).await?,
                Ok(()) = self.spool_state.changed() => {
                    self.spool_state.mark_unchanged();
                    self.tell_results().await?;
                    self.send_telemetry().await?;
                }
                // The certificate before is refused as soon as the new one was used: a copy of it should not live longer than it must.
                Ok(()) = self.renewed.changed() => {
                    return Err(Outcome { ended: Ended::HelloAgain, why: "the certificate was renewed".to_owned() });
                }
                () = goodbye.cancelled() => {
                    // A link that is slow must not keep the agent from ending.
                    let _ = timeout(GOODBYE_LIMIT, self.say_goodbye()).await;
                    return Ok(());
                }
            }
        }
    }

    async fn say(&mut self, frame: Say) -> Step {
        let sending = self.outbox.send(v1::AgentFrame { frame: Some(frame) });
        match timeout(self.heartbeat * 2, sending).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => {
                // The transport let go of our half: the other half knows why.
                let last = timeout(Duration::from_secs(1), self.inbound.message()).await;
                Err(match last {
                    Ok(Ok(Some(v1::ServerFrame { frame: Some(Heard::Disconnect(disconnect)) }))) => disconnected(&disconnect),
                    Ok(Err(status)) => self.broke(&status),
                    _ => Outcome::lost("central hung up"),
                })
            }
            Err(_) => Err(Outcome::lost("central takes nothing any more")),
        }
    }

    fn broke(&self, status: &tonic::Status) -> Outcome {
        Outcome::lost(format!("the link broke: {}", self.testimony.words(channel::innermost(status))))
    }

    async fn beat(&mut self) -> Step {
        if self.heard_at.elapsed() > self.heartbeat * 2 {
            return Err(Outcome::lost(format!("nothing heard from central for {} s", self.heard_at.elapsed().as_secs())));
        }
        self.sequence += 1;
        self.say(Say::Heartbeat(v1::Heartbeat { sequence: self.sequence })).await
    }

    async fn hear(&mut self, frame: Result<Option<v1::ServerFrame>, tonic::Status>) -> Step {
        let frame = match frame {
            Ok(Some(frame)) => frame,
            Ok(None) => return Err(Outcome::lost("central hung up")),
            Err(status) => return Err(self.broke(&status)),
        };
        self.heard_at = Instant::now();
        match frame.frame {
            Some(Heard::Telemetry(ack)) => {
                while self.under_way.front().is_some_and(|batch| *batch <= ack.batch) {
                    self.under_way.pop_front();
                }
                // Never more than was sent, whatever central says: an acknowledgement deletes.
                self.spool.acknowledge(ack.batch.min(self.sent)).await;
                self.send_telemetry().await
            }
            Some(Heard::Command(command)) => {
                self.commands.take(FromCentral::Run(command)).await;
                Ok(())
            }
            Some(Heard::Cancel(cancel)) => {
                self.commands.take(FromCentral::Cancel(cancel.command_id)).await;
                Ok(())
            }
            Some(Heard::Tunnel(open)) => {
                self.tunnels.open(open);
                Ok(())
            }
            Some(Heard::CommandAck(ack)) => {
                if let (Ok(id), Some(state)) = (ack.command_id.parse(), CommandState::from_text(&ack.state)) {
                    self.spool.result_acknowledge(id, state).await;
                }
                Ok(())
            }
            Some(Heard::Ping(ping)) => self.say(Say::Pong(v1::Pong { nonce: ping.nonce })).await,
            Some(Heard::Disconnect(disconnect)) => Err(disconnected(&disconnect)),
            // Frames of a newer central that this agent does not know are skipped.
            Some(Heard::Heartbeat(_) | Heard::Welcome(_)) | None => Ok(()),
        }
    }

    async fn send_telemetry(&mut self) -> Step {
        while self.under_way.len() < UNDER_WAY_MAX && self.spool_state.borrow().newest > self.sent {
            let Some(batch) = self.spool.after(self.sent).await else { break };
            self.sent = batch.batch;
            self.under_way.push_back(batch.batch);
            self.say(Say::Telemetry(batch)).await?;
        }
        Ok(())
    }

    /// Tells every final result once per link; central's acknowledgement makes the spool forget it.
    async fn tell_results(&mut self) -> Step {
        for update in self.spool.unfinished().await {
            if update.state.is_final() && self.told.insert(update.id) {
                self.say(command_frame(&update)).await?;
            }
        }
        Ok(())
    }

    async fn say_goodbye(&mut self) -> Step {
        let report = v1::WorkloadReport::from(&*self.workload.borrow());
        self.say(Say::Workload(report)).await?;
        self.tell_results().await?;
        self.send_telemetry().await?;
        while !self.under_way.is_empty() {
            let frame = self.inbound.message().await;
            self.hear(frame).await?;
        }
        self.say(Say::Goodbye(v1::Goodbye { reason: "the agent was stopped".to_owned() })).await?;
        // Our half is closed by giving the sender away; central closes the other once it read the goodbye.
        self.outbox = mpsc::channel(1).0;
        while let Ok(Some(_)) = self.inbound.message().await {}
        Ok(())
    }
}

/// The cluster as it is now, when that changed; `None` at once when there is none.
async fn changed(cluster: &mut Option<(ClusterName, watch::Receiver<ClusterReport>)>) -> Option<v1::ClusterReport> {
    let (name, report) = cluster.as_mut()?;
    report.changed().await.ok()?;
    Some(mc_wire::convert::cluster_frame(name, &report.borrow_and_update()))
}

fn command_frame(update: &CommandUpdate) -> Say {
    Say::Command(v1::CommandUpdate {
        command_id: update.id.to_string(),
        state: update.state.as_str().to_owned(),
        text: update.text.clone(),
    })
}
