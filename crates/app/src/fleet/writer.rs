//! Writing what agents send, many agents at a time: one transaction holds whatever came while the last one was written.

use std::sync::Arc;

use mc_domain::{log::LogLine, metric::Sample, time::Time};
use mc_hub::TelemetryBatch as Sent;
use mc_store::{AgentHello, LogOwner, Store, StoreError, Stored, TelemetryBatch};
use tokio::sync::{mpsc, oneshot};

use super::log::Feeds;
use crate::error::AppError;

/// What may wait to be written before senders are held back.
const QUEUE: usize = 1_024;
/// What is written in one transaction.
const TOGETHER: usize = 256;
/// A clock is corrected only when it is further off than this, so that lines of one machine keep their distances.
const SKEW_TOLERATED_MS: i64 = 2_000;

/// How far ahead of us a line or sample may be dated.
const AHEAD_TOLERATED: std::time::Duration = std::time::Duration::from_secs(300);

type Done = oneshot::Sender<Result<(), AppError>>;

/// Writers of hellos and of telemetry.
pub(crate) struct Writer {
    hellos: mpsc::Sender<(AgentHello, Done)>,
    telemetry: mpsc::Sender<(TelemetryBatch, Done)>,
}

impl Writer {
    pub(crate) fn start(store: Store, feeds: Arc<Feeds>) -> Self {
        let (hellos, waiting_hellos) = mpsc::channel(QUEUE);
        let (telemetry, waiting_telemetry) = mpsc::channel(QUEUE);
        tokio::spawn(write_hellos(store.clone(), waiting_hellos));
        tokio::spawn(write_telemetry(store, feeds, waiting_telemetry));
        Self { hellos, telemetry }
    }

    /// Stores that an agent is here; returns when it is durable.
    pub(crate) async fn hello(&self, hello: AgentHello) -> Result<(), AppError> {
        written(&self.hellos, hello).await
    }

    /// Stores logs and metrics; returns when they are durable.
    pub(crate) async fn telemetry(&self, batch: TelemetryBatch) -> Result<(), AppError> {
        written(&self.telemetry, batch).await
    }
}

async fn written<T>(queue: &mpsc::Sender<(T, Done)>, item: T) -> Result<(), AppError> {
    let ending = || AppError::Unavailable("the server is ending".to_owned());
    let (done, durable) = oneshot::channel();
    queue.send((item, done)).await.map_err(|_| ending())?;
    durable.await.map_err(|_| ending())?
}

async fn write_hellos(store: Store, mut waiting: mpsc::Receiver<(AgentHello, Done)>) {
    let mut together = Vec::with_capacity(TOGETHER);
    while waiting.recv_many(&mut together, TOGETHER).await > 0 {
        let (hellos, done): (Vec<_>, Vec<_>) = together.drain(..).unzip();
        answer(done, store.agent_hello(&hellos).await);
    }
}

async fn write_telemetry(store: Store, feeds: Arc<Feeds>, mut waiting: mpsc::Receiver<(TelemetryBatch, Done)>) {
    let mut together = Vec::with_capacity(TOGETHER);
    while waiting.recv_many(&mut together, TOGETHER).await > 0 {
        let (batches, done): (Vec<_>, Vec<_>) = together.drain(..).unzip();
        match store.telemetry_append(&batches).await {
            Ok(stored) => {
                publish(&feeds, stored);
                answer(done, Ok(()));
            }
            Err(error @ (StoreError::Unavailable(_) | StoreError::Full)) => answer(done, Err(error)),
            // Something of one agent spoils the transaction of all: each for itself then, so that only the one is held up.
            Err(_) => {
                for (batch, done) in batches.iter().zip(done) {
                    let stored = store.telemetry_append(std::slice::from_ref(batch)).await.map(|stored| publish(&feeds, stored));
                    answer(vec![done], stored);
                }
            }
        }
    }
}

fn publish(feeds: &Feeds, stored: Vec<Stored>) {
    for batch in stored.into_iter().filter(|batch| batch.fresh && !batch.lines.is_empty()) {
        feeds.publish(LogOwner::Agent(batch.agent_id), batch.lines);
    }
}

fn answer(done: Vec<Done>, result: Result<(), StoreError>) {
    let failed = result.err().map(|error| {
        tracing::warn!(%error, "what agents sent could not be stored; they will send it again");
        AppError::from(error).to_string()
    });
    for done in done {
        // The agent may have gone meanwhile.
        let _ = done.send(failed.clone().map_or(Ok(()), |text| Err(AppError::Unavailable(text))));
    }
}

/// The batch as it is stored, with times corrected by the agent's clock skew, and a line for what the agent had to drop.
pub(crate) fn corrected(sent: Sent, skew_ms: i64, now: Time) -> TelemetryBatch {
    let by = if skew_ms.abs() > SKEW_TOLERATED_MS { skew_ms.saturating_mul(1_000) } else { 0 };
    // A time of its own that a program wrote may lie anywhere; one in the future would outlive every retention.
    let newest = now.after(AHEAD_TOLERATED);
    let correct = |at: Time| Time::from_micros(at.as_micros().saturating_sub(by)).min(newest);
    let mut lines: Vec<LogLine> = sent.lines.into_iter().map(|line| LogLine { at: correct(line.at), ..line }).collect();
    if let (true, Some(at)) = (sent.dropped_lines > 0, lines.first().map(|line| line.at)) {
        let message =
            format!("{} lines before this one were dropped: the agent's spool was full while the server was away", sent.dropped_lines);
        lines.insert(0, LogLine { at, level: mc_domain::log::LogLevel::Warn, source: "mc-agent".to_owned(), message });
    }
    TelemetryBatch {
        agent_id: sent.agent,
        spool_id: sent.spool,
        batch: sent.batch,
        lines,
        samples: sent.samples.into_iter().map(|sample| Sample { at: correct(sample.at), ..sample }).collect(),
    }
}

#[cfg(test)]
mod tests {
    use mc_domain::{id::AgentId, log::LogLevel};

    use super::*;

    fn sent(at: i64, dropped_lines: u64) -> Sent {
        let line = LogLine { at: Time::from_micros(at), level: LogLevel::Info, source: "stdout".into(), message: "m".into() };
        Sent { agent: AgentId::new(), spool: uuid::Uuid::nil(), batch: 1, lines: vec![line], samples: Vec::new(), dropped_lines }
    }

    #[test]
    fn an_hour_of_skew_is_corrected_and_a_second_is_not() {
        let hour = 3_600_000_000;
        let now = Time::from_micros(hour);
        assert_eq!(corrected(sent(hour + 5, 0), 3_600_000, now).lines[0].at.as_micros(), 5);
        assert_eq!(corrected(sent(5_000_000, 0), 1_000, now).lines[0].at.as_micros(), 5_000_000);
    }

    #[test]
    fn the_future_is_cut_off() {
        let batch = corrected(sent(i64::MAX, 0), 0, Time::from_micros(0));
        assert_eq!(batch.lines[0].at, Time::from_micros(0).after(AHEAD_TOLERATED));
    }

    #[test]
    fn dropped_lines_leave_a_trace() {
        let batch = corrected(sent(7, 42), 0, Time::from_micros(7));
        assert_eq!(batch.lines.len(), 2);
        assert!(batch.lines[0].message.starts_with("42 lines"));
    }
}
