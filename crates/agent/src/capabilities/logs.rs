//! Follows log files: rotation, truncation, and going on where it left off.
//!
//! Each line carries the position after it, which the spool stores together with the line: a crash repeats none and loses none. Reading
//! happens on a thread of its own kind, because a file system may hang and the link must not.

use std::{path::PathBuf, sync::Arc, time::Duration};

use mc_domain::{
    log::{LogLevel, LogLine},
    time::{Clock, Time},
};
use tokio::task::{JoinHandle, spawn_blocking};

use super::tail::{Tail, Tailed};
use crate::{config::LogFormat, level, spool::Spool, telemetry::Collector};

/// How often a quiet file is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// How the lines of a file are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parse {
    /// By the usual words and JSON fields.
    Usual(LogFormat),
    /// As the log of an OpenClaw gateway.
    Openclaw,
}

impl Parse {
    fn line(self, text: &str, source: &str, now: Time) -> LogLine {
        match self {
            Self::Usual(format) => level::line(text, format, source, LogLevel::Info, now),
            Self::Openclaw => mc_openclaw::logs::parse_line(text, source, now),
        }
    }

    /// Whether a line says itself when it was written.
    fn is_dated(self, text: &str) -> bool {
        match self {
            Self::Usual(format) => level::read(text, format).at.is_some(),
            Self::Openclaw => mc_openclaw::logs::parse_line(text, "", Time::default()).at != Time::default(),
        }
    }
}

/// Follows `path` until the returned task is aborted.
pub(crate) fn follow(path: PathBuf, parse: Parse, spool: &Spool, collector: &Collector, clock: &Arc<dyn Clock>) -> JoinHandle<()> {
    tokio::spawn(keep(path, parse, spool.clone(), collector.clone(), Arc::clone(clock)))
}

async fn keep(path: PathBuf, parse: Parse, spool: Spool, collector: Collector, clock: Arc<dyn Clock>) {
    let source = path.to_string_lossy().into_owned();
    let key: Arc<str> = format!("file:{source}").into();
    let resume = spool.position(&key).await;
    drop(spool);
    let mut tail = Tail::new(path, resume.as_deref());
    let mut told = None;
    loop {
        let read = spawn_blocking(move || {
            let outcome = tail.read();
            (tail, outcome)
        });
        let Ok((back, outcome)) = read.await else { return };
        tail = back;
        let Tailed { lines, mut position, more, problem } = outcome;
        for line in lines {
            if line.text.trim().is_empty() || (line.old && !parse.is_dated(&line.text)) {
                position = line.position;
                continue;
            }
            let own = line.position.map(|position| (Arc::clone(&key), position));
            collector.line(parse.line(&line.text, &source, clock.now()), own).await;
            position = None;
        }
        if let Some(position) = position {
            collector.position(Arc::clone(&key), position).await;
        }
        if problem != told {
            if let Some(problem) = &problem {
                tracing::warn!(file = %source, "{problem}");
                let message = format!("{source}: {problem}");
                collector.line(LogLine { at: clock.now(), level: LogLevel::Warn, source: "agent".to_owned(), message }, None).await;
            }
            told = problem;
        }
        if !more {
            tokio::time::sleep(LOOK).await;
        }
    }
}
