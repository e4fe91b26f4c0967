//! The server's own log: to stderr, and into the database so that the page shows it like an agent's.
//!
//! Nothing here ever blocks the code that logs: lines that the database cannot take in time are dropped and counted.

use std::{
    borrow::Cow,
    fmt::Write,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use mc_app::App;
use mc_domain::{
    log::{LogLevel, LogLine},
    time::{Clock, SystemClock},
};
use tokio::sync::mpsc;
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{EnvFilter, Layer, layer::Context, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::{Log, LogFormat};

/// Lines that may wait to be stored.
const QUEUE: usize = 8_192;
/// Lines stored in one transaction.
const TOGETHER: usize = 1_000;
/// Fields whose values never reach a log.
const SECRET_FIELDS: [&str; 8] = ["password", "secret", "token", "authorization", "cookie", "api_key", "key", "url"];
/// How our secrets begin; what begins so is masked wherever it stands.
const SECRET_PREFIXES: [&str; 9] = ["mck_", "mcr_", "mcs_", "mcj_", "mcak_", "mct_", "mci_", "mcp_", "eyJ"];
/// What stands before a secret in a header.
const BEARER: &str = "Bearer ";

/// Lines on their way to the database.
pub(crate) struct Lines {
    waiting: mpsc::Receiver<LogLine>,
    dropped: Arc<AtomicU64>,
}

struct Store {
    queue: mpsc::Sender<LogLine>,
    dropped: Arc<AtomicU64>,
}

/// Begins to log. Returns the lines for [`keep`].
pub(crate) fn start(log: &Log) -> anyhow::Result<Lines> {
    let filter = EnvFilter::builder()
        .parse(&log.filter)
        .map_err(|error| anyhow::anyhow!("the log filter {:?} is not valid: {error}", log.filter))?;
    let (queue, waiting) = mpsc::channel(QUEUE);
    let dropped = Arc::new(AtomicU64::new(0));
    let stderr = tracing_subscriber::fmt::layer().with_writer(|| MaskedStderr).with_target(false);
    let stderr = match log.format {
        LogFormat::Json => stderr.json().flatten_event(true).boxed(),
        LogFormat::Text => stderr.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).boxed(),
    };
    let store = Store { queue, dropped: Arc::clone(&dropped) };
    tracing_subscriber::registry().with(filter).with(stderr).with(store).try_init()?;
    Ok(Lines { waiting, dropped })
}

/// Stores lines until the log ends.
pub(crate) async fn keep(app: Arc<App>, mut lines: Lines) {
    let mut together = Vec::with_capacity(TOGETHER);
    while lines.waiting.recv_many(&mut together, TOGETHER).await > 0 {
        let lost = lines.dropped.swap(0, Ordering::Relaxed);
        if lost > 0 {
            let message = format!("{lost} lines of this log were dropped because too many came at once");
            together.push(LogLine { at: SystemClock.now(), level: LogLevel::Warn, source: "log".into(), message });
        }
        // Not logged: a log line about a failing log store would only feed it. The next lines try again.
        let _ = app.server_log_append(std::mem::take(&mut together)).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

impl<S: Subscriber> Layer<S> for Store {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let meta = event.metadata();
        let level = match *meta.level() {
            Level::TRACE => LogLevel::Trace,
            Level::DEBUG => LogLevel::Debug,
            Level::INFO => LogLevel::Info,
            Level::WARN => LogLevel::Warn,
            Level::ERROR => LogLevel::Error,
        };
        let mut text = Text::default();
        event.record(&mut text);
        let line = LogLine { at: SystemClock.now(), level, source: meta.target().to_owned(), message: text.finish() };
        if self.queue.try_send(line).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// An event's message and fields as one line.
#[derive(Default)]
struct Text {
    message: String,
    fields: String,
}

impl Text {
    fn finish(mut self) -> String {
        self.message.push_str(&self.fields);
        masked(&self.message).into_owned()
    }
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        // Writing to a String cannot fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name if SECRET_FIELDS.contains(&name) => write!(self.fields, " {name}=***"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if SECRET_FIELDS.contains(&field.name()) {
            self.record_debug(field, &"***");
        } else if field.name() == "message" {
            self.message.push_str(value);
        } else {
            let _ = write!(self.fields, " {}={value}", field.name());
        }
    }
}

/// Stderr without secrets. Each line of the log comes in one piece.
struct MaskedStderr;

impl std::io::Write for MaskedStderr {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        std::io::stderr().write_all(masked(&String::from_utf8_lossy(line)).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        std::io::stderr().flush()
    }
}

/// The text with everything that looks like one of our secrets, or follows `Bearer`, masked.
fn masked(text: &str) -> Cow<'_, str> {
    if !SECRET_PREFIXES.iter().any(|prefix| text.contains(prefix)) && !text.contains(BEARER) {
        return Cow::Borrowed(text);
    }
    let of_a_secret = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let inside_a_word = out.ends_with(|c: char| c.is_ascii_alphanumeric());
        if !inside_a_word && (out.ends_with(BEARER) || SECRET_PREFIXES.iter().any(|prefix| rest.starts_with(prefix))) {
            out.push_str("***");
            rest = rest.trim_start_matches(of_a_secret);
            if let Some(after) = rest.chars().next() {
                out.push(after);
                rest = rest.get(after.len_utf8()..).unwrap_or_default();
            }
        } else {
            out.push(next);
            rest = rest.get(next.len_utf8()..).unwrap_or_default();
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_wherever_they_stand() {
        assert_eq!(masked("join with mcj_abc now"), "join with *** now");
        assert_eq!(masked("header Authorization: Bearer abc.def x"), "header Authorization: Bearer *** x");
        assert_eq!(masked("t=eyJhbGciOi.x.y"), "t=***");
        assert_eq!(masked("{\"token\":\"mcj_a-b_c\",\"x\":[\"mcr_d\",mcak_e]}"), "{\"token\":\"***\",\"x\":[\"***\",***]}");
        assert_eq!(masked("Bearer mcak_x"), "Bearer ***");
        assert_eq!(masked("monkeyJump keeps, ümlauts stay: mcs_ü"), "monkeyJump keeps, ümlauts stay: ***ü");
        assert_eq!(masked("nothing here"), "nothing here");
    }
}
