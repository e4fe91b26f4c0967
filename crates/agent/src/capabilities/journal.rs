//! Follows a unit's journal, from the cursor where reading stopped.

use std::{process::Stdio, sync::Arc, time::Duration};

use mc_domain::{
    log::{LINE_MAX_BYTES, LogLevel, LogLine},
    time::Clock,
};
use mc_process::lines::{OutputLine, Stream, pump};
use tokio::{sync::mpsc, task::JoinHandle, time::Instant};

use super::systemd::{Unit, journal_line};
use crate::{spool::Spool, telemetry::Collector};

/// A journal record is its message, escaped, and some twenty fields.
const RECORD_MAX_BYTES: usize = 4 * LINE_MAX_BYTES + 16 * 1024;
const RETRY_FIRST: Duration = Duration::from_secs(1);
const RETRY_LONGEST: Duration = Duration::from_secs(60);

/// Follows the journal of `unit` until the returned task is aborted.
pub(crate) fn follow(unit: Unit, spool: &Spool, collector: &Collector, clock: &Arc<dyn Clock>) -> JoinHandle<()> {
    tokio::spawn(keep(unit, spool.clone(), collector.clone(), Arc::clone(clock)))
}

async fn keep(unit: Unit, spool: Spool, collector: Collector, clock: Arc<dyn Clock>) {
    let key: Arc<str> = format!("journal:{}", unit.name).into();
    let mut cursor = spool.position(&key).await;
    drop(spool);
    let mut retry = RETRY_FIRST;
    loop {
        let begun = Instant::now();
        let why = match once(&unit, &key, &mut cursor, &collector, &*clock).await {
            Ok(()) => "journalctl ended".to_owned(),
            Err(error) => format!("cannot run journalctl: {error}"),
        };
        if begun.elapsed() > RETRY_LONGEST {
            retry = RETRY_FIRST;
        }
        tracing::warn!(unit = %unit.name, "{why}; trying again");
        if retry == RETRY_FIRST {
            let message = format!("the journal of {} is not read: {why}", unit.name);
            collector.line(LogLine { at: clock.now(), level: LogLevel::Warn, source: "agent".to_owned(), message }, None).await;
        }
        tokio::time::sleep(retry).await;
        retry = (retry * 2).min(RETRY_LONGEST);
    }
}

async fn once(unit: &Unit, key: &Arc<str>, cursor: &mut Option<String>, collector: &Collector, clock: &dyn Clock) -> std::io::Result<()> {
    let mut child = unit.journal(cursor.as_deref()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let (to, mut records) = mpsc::channel(64);
    if let Some(out) = child.stdout.take() {
        tokio::spawn(pump(out, Stream::Stdout, RECORD_MAX_BYTES, to));
    }
    while let Some(OutputLine { text, .. }) = records.recv().await {
        let Some((line, after)) = journal_line(&text, clock.now()) else { continue };
        *cursor = Some(after.clone());
        collector.line(line, Some((Arc::clone(key), after))).await;
    }
    child.wait().await.map(|_| ())
}
