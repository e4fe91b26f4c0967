//! Follows a unit's journal, from the cursor where reading stopped.

use std::{process::Stdio, sync::Arc, time::Duration};

use mc_domain::{
    log::{LINE_MAX_BYTES, LogLevel, LogLine},
    time::{Clock, Time},
};
use mc_process::lines::{OutputLine, Stream, pump};
use tokio::{sync::mpsc, task::JoinHandle, time::Instant};

use super::unit::Unit;
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

/// One line of the journal, and the cursor after it.
fn journal_line(text: &str, now: Time) -> Option<(LogLine, String)> {
    let record: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).ok()?;
    let word = |name: &str| record.get(name).and_then(serde_json::Value::as_str);
    let message = match record.get("MESSAGE")? {
        serde_json::Value::String(text) => text.clone(),
        // What is no text comes as an array of bytes.
        serde_json::Value::Array(bytes) => {
            let bytes: Vec<u8> = bytes.iter().filter_map(|byte| byte.as_u64().and_then(|byte| u8::try_from(byte).ok())).collect();
            String::from_utf8_lossy(&bytes).into_owned()
        }
        _ => return None,
    };
    let at = word("__REALTIME_TIMESTAMP").and_then(|micros| micros.parse().ok()).map_or(now, Time::from_micros);
    let read = crate::level::read(&message, crate::config::LogFormat::Auto);
    let priority = word("PRIORITY").and_then(|number| number.parse().ok());
    // Everything a service prints has priority 6: what the text itself says is more then.
    let level = match (priority, read.level) {
        (None | Some(6), Some(level)) => level,
        (Some(priority), _) => crate::level::from_syslog(priority).unwrap_or(LogLevel::Info),
        (None, None) => LogLevel::Info,
    };
    let message = mc_wire::convert::cut(&read.message, mc_domain::log::LINE_MAX_BYTES);
    let line = LogLine { at: read.at.unwrap_or(at), level, source: "journal".to_owned(), message };
    Some((line, word("__CURSOR")?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn journal_records_become_lines() {
        let now = Time::from_micros(9);
        let text = r#"{"__CURSOR":"s=1;i=2","__REALTIME_TIMESTAMP":"1795320500000000","PRIORITY":"6","MESSAGE":"ERROR: no route"}"#;
        let (line, cursor) = journal_line(text, now).expect("a line");
        assert_eq!((line.level, line.at.as_micros(), cursor.as_str()), (LogLevel::Error, 1_795_320_500_000_000, "s=1;i=2"));
        let (line, _) = journal_line(r#"{"__CURSOR":"c","PRIORITY":"3","MESSAGE":[104,105]}"#, now).expect("a line");
        assert_eq!((line.level, line.message.as_str(), line.at), (LogLevel::Error, "hi", now));
        for nonsense in ["", "{}", r#"{"MESSAGE":null,"__CURSOR":"c"}"#, "[1]"] {
            assert!(journal_line(nonsense, now).is_none(), "{nonsense}");
        }
    }
}
