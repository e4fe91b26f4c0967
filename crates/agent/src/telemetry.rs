//! Collects log lines and samples into batches for the spool: one a second while there is something, sooner when a batch is full.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use mc_domain::{log::LogLine, metric::Sample};
use mc_wire::{BATCH_MAX_BYTES, v1};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use crate::spool::Spool;

/// The longest a line waits for company.
const FLUSH_AFTER: Duration = Duration::from_secs(1);
/// Lines on their way in. Whoever brings more waits: a program that prints faster than the disk writes is slowed down, not dropped.
const QUEUE: usize = 128;
/// What a line costs on the wire beside its text.
const LINE_OVERHEAD: usize = 24;

/// Something for the next batch.
enum Item {
    /// A line and, from a log that can be read again, the log and the position after the line.
    Line(LogLine, Option<(Arc<str>, String)>),
    /// Only a position: what led to it was read and not wanted.
    Position(Arc<str>, String),
    Sample(Sample),
}

/// A handle on the collector.
#[derive(Debug, Clone)]
pub(crate) struct Collector {
    items: mpsc::Sender<Item>,
    lines: Arc<AtomicU64>,
}

impl Collector {
    /// Starts collecting into `spool`. Ends, after a last flush, when every handle is gone; the returned task then ends too.
    pub(crate) fn start(spool: Spool) -> (Self, tokio::task::JoinHandle<()>) {
        let (items, inbox) = mpsc::channel(QUEUE);
        let task = tokio::spawn(collect(inbox, spool));
        (Self { items, lines: Arc::default() }, task)
    }

    /// Adds a line; waits when the collector is behind.
    pub(crate) async fn line(&self, line: LogLine, position: Option<(Arc<str>, String)>) {
        self.lines.fetch_add(1, Ordering::Relaxed);
        // A collector that is gone means the agent is ending.
        let _ = self.items.send(Item::Line(line, position)).await;
    }

    /// Notes how far `log` was read.
    pub(crate) async fn position(&self, log: Arc<str>, position: String) {
        // As above.
        let _ = self.items.send(Item::Position(log, position)).await;
    }

    /// Adds a sample.
    pub(crate) async fn sample(&self, sample: Sample) {
        // As above.
        let _ = self.items.send(Item::Sample(sample)).await;
    }

    /// Lines seen since the agent began.
    pub(crate) fn lines_seen(&self) -> u64 {
        self.lines.load(Ordering::Relaxed)
    }
}

#[derive(Default)]
struct Batch {
    telemetry: v1::Telemetry,
    positions: BTreeMap<Arc<str>, String>,
    bytes: usize,
}

impl Batch {
    fn is_empty(&self) -> bool {
        self.telemetry.lines.is_empty() && self.telemetry.samples.is_empty() && self.positions.is_empty()
    }

    fn add(&mut self, item: Item) {
        match item {
            Item::Line(line, position) => {
                self.bytes += line.message.len() + line.source.len() + LINE_OVERHEAD;
                self.telemetry.lines.push((&line).into());
                self.positions.extend(position);
            }
            Item::Position(log, position) => {
                self.positions.insert(log, position);
            }
            Item::Sample(sample) => {
                self.bytes += sample.values.len() * 12 + LINE_OVERHEAD;
                self.telemetry.samples.push((&sample).into());
            }
        }
    }
}

/// Full well before the limit of the wire, so that the last line still fits whatever its length.
const FULL_BYTES: usize = BATCH_MAX_BYTES - 2 * mc_domain::log::LINE_MAX_BYTES;

async fn collect(mut inbox: mpsc::Receiver<Item>, spool: Spool) {
    let mut batch = Batch::default();
    let mut due = Instant::now();
    loop {
        let item = tokio::select! {
            item = inbox.recv() => item,
            () = sleep_until(due), if !batch.is_empty() => {
                flush(&spool, &mut batch).await;
                continue;
            }
        };
        let Some(item) = item else { break };
        if batch.is_empty() {
            due = Instant::now() + FLUSH_AFTER;
        }
        batch.add(item);
        if batch.bytes >= FULL_BYTES {
            flush(&spool, &mut batch).await;
        }
    }
    if !batch.is_empty() {
        flush(&spool, &mut batch).await;
    }
}

async fn flush(spool: &Spool, batch: &mut Batch) {
    let Batch { telemetry, positions, .. } = std::mem::take(batch);
    spool.append(telemetry, positions.into_iter().map(|(log, position)| (log.to_string(), position)).collect()).await;
}

#[cfg(test)]
mod tests {
    use mc_domain::{log::LogLevel, time::Time};
    use prost::Message;

    use super::*;

    #[tokio::test]
    async fn batches_stay_below_the_limit_and_hold_every_line_in_order() {
        let dir = tempfile::tempdir().expect("a folder");
        let spool = Spool::open(&dir.path().join("spool.redb"), 64 * 1024 * 1024);
        let (collector, task) = Collector::start(spool.clone());
        let long = "z".repeat(mc_domain::log::LINE_MAX_BYTES - 8);
        for n in 0..100 {
            let line =
                LogLine { at: Time::from_micros(n), level: LogLevel::Info, source: "stdout".into(), message: format!("{n:08}{long}") };
            collector.line(line, Some(("/log".into(), n.to_string()))).await;
        }
        assert_eq!(collector.lines_seen(), 100);
        drop(collector);
        task.await.expect("ended");
        let (mut last, mut seen) = (0, Vec::new());
        while let Some(batch) = spool.after(last).await {
            last = batch.batch;
            assert!(batch.encoded_len() <= BATCH_MAX_BYTES, "{}", batch.encoded_len());
            seen.extend(batch.lines.iter().map(|line| line.at_micros));
        }
        assert!(last > 1);
        assert_eq!(seen, (0..100).collect::<Vec<_>>());
        assert_eq!(spool.position("/log").await.as_deref(), Some("99"));
    }
}
