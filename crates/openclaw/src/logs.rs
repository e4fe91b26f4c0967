//! The gateway's log: where it is and how its lines read.
//!
//! One JSON object a line: level in `_meta.logLevelName`, subsystem as JSON inside `"0"`, text in `message`, time in `time`. Without
//! `logging.file` the gateway writes `/tmp/openclaw/openclaw-YYYY-MM-DD.log`, by its own time zone, shared by all its user's gateways.

use std::{
    fs,
    io::{Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use mc_domain::{
    log::{LINE_MAX_BYTES, LogLevel, LogLine},
    time::Time,
};
use serde_json::Value;

use crate::{config::Config, files};

/// Where a gateway without `logging.file` writes.
pub const DEFAULT_LOG_DIR: &str = "/tmp/openclaw";
/// How much of a log's end is searched for the last error, in bytes.
const TAIL_BYTES: u64 = 256 * 1024;
/// The longest error that is quoted, in characters.
const QUOTE_MAX_CHARS: usize = 300;

/// The file the gateway writes its log to now: the configured one, or the newest of the default ones.
#[must_use]
pub fn file(config: &Config, state_dir: &Path) -> Option<PathBuf> {
    match &config.log_file {
        Some(path) if path.is_absolute() => Some(path.clone()),
        // `~` is the gateway's home, which is where the default state directory is.
        Some(path) => {
            let home = state_dir.ends_with(".openclaw").then(|| state_dir.parent()).flatten()?;
            path.strip_prefix("~").ok().map(|rest| home.join(rest))
        }
        None => newest_in(Path::new(DEFAULT_LOG_DIR)),
    }
}

/// The newest dated log: the greatest name, since the date is in it.
fn newest_in(folder: &Path) -> Option<PathBuf> {
    let dated = |name: &str| {
        let date = name.strip_prefix("openclaw-").and_then(|rest| rest.strip_suffix(".log"));
        date.is_some_and(|date| date.len() == 10 && date.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'))
    };
    fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(dated))
        .max()
}

/// Understands one line. A line that is no such JSON object becomes a line of text at `fallback`.
#[must_use]
pub fn parse_line(line: &str, source: &str, fallback: Time) -> LogLine {
    let record = serde_json::from_str::<Value>(line).ok().filter(Value::is_object);
    let read = record.as_ref().and_then(|record| Some((level(record), time(record).unwrap_or(fallback), message(record)?)));
    let (level, at, message) = read.unwrap_or_else(|| (LogLevel::Info, fallback, line.to_owned()));
    LogLine { at, level, source: source.to_owned(), message: cut(&message) }
}

fn level(record: &Value) -> LogLevel {
    let name = record.pointer("/_meta/logLevelName").or_else(|| record.get("level")).and_then(Value::as_str);
    name.and_then(LogLevel::from_any_spelling).unwrap_or(LogLevel::Info)
}

fn time(record: &Value) -> Option<Time> {
    let text = record.get("time").or_else(|| record.pointer("/_meta/date")).and_then(Value::as_str)?;
    text.parse().ok()
}

/// The text with its subsystem or module in front: `[gateway/ws] …`.
fn message(record: &Value) -> Option<String> {
    let origin = record.get("0").and_then(Value::as_str).and_then(|text| serde_json::from_str::<Value>(text).ok());
    let origin = origin.as_ref().and_then(|object| object.get("subsystem").or_else(|| object.get("module"))).and_then(Value::as_str);
    let text = match record.get("message").and_then(Value::as_str) {
        Some(text) => text.to_owned(),
        // A record without one has its parts under "0", "1", …; the first may be the origin.
        None => {
            let first = usize::from(origin.is_some());
            let parts: Vec<String> = (first..16).map_while(|n| record.get(n.to_string()).map(plain)).collect();
            parts.join(" ")
        }
    };
    match (text.is_empty(), origin) {
        (true, _) => None,
        (false, Some(origin)) if !text.starts_with(&format!("[{origin}]")) => Some(format!("[{origin}] {text}")),
        (false, _) => Some(text),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Without control characters that a terminal would obey, and not longer than a log line may be.
fn cut(text: &str) -> String {
    let mut clean: String = text.trim_end().chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    if clean.len() > LINE_MAX_BYTES {
        clean.truncate(clean.floor_char_boundary(LINE_MAX_BYTES - '…'.len_utf8()));
        clean.push('…');
    }
    clean
}

/// The last error the gateway logged after `since`, in one short line: the reason people look for when it does not come back.
#[must_use]
pub fn last_error(file: &Path, since: Time) -> Option<String> {
    let mut open = files::open(file).ok()?;
    let size = open.metadata().ok()?.len();
    open.seek(SeekFrom::Start(size.saturating_sub(TAIL_BYTES))).ok()?;
    let mut tail = Vec::new();
    open.take(TAIL_BYTES).read_to_end(&mut tail).ok()?;
    let tail = String::from_utf8_lossy(&tail);
    let error = tail
        .lines()
        .rev()
        .filter(|line| line.starts_with('{'))
        .map(|line| parse_line(line, "", Time::default()))
        .find(|line| line.level == LogLevel::Error && line.at >= since)?;
    // The first line of such an error is a heading; the second says what is wrong.
    let text = error.message.lines().map(str::trim).filter(|line| !line.is_empty()).take(2).collect::<Vec<_>>().join(" ");
    Some(text.chars().take(QUOTE_MAX_CHARS).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LINE: &str = r#"{"0":"{\"subsystem\":\"gateway/ws\"}","1":"res config.patch","_meta":{"date":"2026-11-22T04:17:36.892Z","logLevelId":3,"logLevelName":"INFO"},"time":"2026-11-22T04:17:36.892+00:00","hostname":"vm","message":"res config.patch 630ms","traceId":"f8"}"#;

    #[test]
    fn a_gateway_line_is_understood() {
        let line = parse_line(LINE, "gateway.log", Time::default());
        assert_eq!(line.message, "[gateway/ws] res config.patch 630ms");
        assert_eq!(
            (line.level, line.at.to_string().as_str(), line.source.as_str()),
            (LogLevel::Info, "2026-11-22T04:17:36.892Z", "gateway.log")
        );
    }

    #[test]
    fn levels_offsets_and_missing_parts_are_forgiven() {
        let at = Time::from_micros(5_000_000);
        let line = parse_line(r#"{"0":"it","1":{"a":1},"_meta":{"logLevelName":"FATAL","date":"2026-11-22T06:17:36+02:00"}}"#, "s", at);
        assert_eq!(
            (line.level, line.message.as_str(), line.at.to_string().as_str()),
            (LogLevel::Error, r#"it {"a":1}"#, "2026-11-22T04:17:36.000Z")
        );
        for text in ["plain words", "[1]", "{}", "{\"broken\""] {
            let line = parse_line(text, "s", at);
            assert_eq!((line.level, line.message.as_str(), line.at), (LogLevel::Info, text, at));
        }
    }

    #[test]
    fn long_lines_are_cut_and_terminals_are_safe() {
        let line = parse_line(&format!("\u{1b}[2J{}", "é".repeat(LINE_MAX_BYTES)), "s", Time::default());
        assert!(line.message.len() <= LINE_MAX_BYTES && line.message.ends_with('…') && line.message.starts_with("[2J"));
    }

    #[test]
    fn the_file_is_the_configured_one_or_the_newest() {
        let config = |path: &str| Config { log_file: Some(path.into()), ..Config::default() };
        assert_eq!(file(&config("/srv/gw.log"), Path::new("/srv/state")), Some("/srv/gw.log".into()));
        assert_eq!(file(&config("~/gw.log"), Path::new("/home/ada/.openclaw")), Some("/home/ada/gw.log".into()));
        assert_eq!(file(&config("gw.log"), Path::new("/srv/state")), None);
        let dir = tempfile::tempdir().unwrap();
        for name in ["openclaw-2026-11-21.log", "openclaw-2026-11-22.log", "openclaw-2026-11-22.1.log", "openclaw-work-2026-11-23.log"] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        assert_eq!(newest_in(dir.path()), Some(dir.path().join("openclaw-2026-11-22.log")));
    }

    #[test]
    fn the_last_error_is_quoted_in_one_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("gateway.log");
        let error = r#"{"0":"{\"subsystem\":\"gateway\"}","_meta":{"logLevelName":"ERROR"},"time":"2026-11-22T06:51:38.957Z","message":"gateway startup failed: Invalid config:\ngateway: Unrecognized key: \"nonsense\"\n    at here"}"#;
        fs::write(&path, format!("{error}\n{LINE}\n")).unwrap();
        let quoted = last_error(&path, "2026-11-22T06:51:00Z".parse().unwrap());
        assert_eq!(quoted.as_deref(), Some("[gateway] gateway startup failed: Invalid config: gateway: Unrecognized key: \"nonsense\""));
        assert_eq!(last_error(&path, "2026-11-22T06:52:00Z".parse().unwrap()), None);
    }

    proptest! {
        #[test]
        fn no_line_panics(line in any::<String>(), json in "[{}\\[\\]\":,a-z0-9_\\\\ ]{0,200}") {
            let _ = parse_line(&line, "s", Time::default());
            let _ = parse_line(&json, "s", Time::default());
        }
    }
}
