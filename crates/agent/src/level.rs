//! From a raw line to time, level and text: JSON fields where a line is an object, the usual words at the usual places otherwise.

use mc_domain::{
    log::{LogLevel, LogLine},
    time::Time,
};
use mc_wire::convert::cut;
use serde_json::{Map, Value};

use crate::config::LogFormat;

/// What a line says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Read {
    pub(crate) at: Option<Time>,
    pub(crate) level: Option<LogLevel>,
    pub(crate) message: String,
}

/// Words of a text line that are looked at for a level.
const WORDS: usize = 6;

/// Reads one line.
pub(crate) fn read(line: &str, format: LogFormat) -> Read {
    if format != LogFormat::Text
        && line.trim_start().starts_with('{')
        && let Ok(Value::Object(object)) = serde_json::from_str(line)
    {
        return from_object(&object, line);
    }
    let plain = without_escapes(line);
    Read { at: None, level: level_of_text(&plain), message: plain }
}

/// A line as it is sent, with `now` and `usual` where it says nothing itself.
pub(crate) fn line(raw: &str, format: LogFormat, source: &str, usual: LogLevel, now: Time) -> LogLine {
    let read = read(raw, format);
    LogLine {
        at: read.at.unwrap_or(now),
        level: read.level.unwrap_or(usual),
        source: source.to_owned(),
        message: cut(&read.message, mc_domain::log::LINE_MAX_BYTES),
    }
}

fn from_object(object: &Map<String, Value>, line: &str) -> Read {
    let meta = object.get("_meta").and_then(Value::as_object);
    let level = ["level", "severity", "logLevelName", "lvl", "log.level", "levelname"]
        .iter()
        .find_map(|name| level_of_value(object.get(*name)?))
        .or_else(|| level_of_value(meta?.get("logLevelName")?));
    let at = ["time", "timestamp", "ts", "@timestamp", "date"]
        .iter()
        .find_map(|name| time_of_value(object.get(*name)?))
        .or_else(|| time_of_value(meta?.get("date")?));
    let message = ["message", "msg", "text"].iter().find_map(|name| object.get(*name)?.as_str());
    Read { at, level, message: message.map_or_else(|| line.to_owned(), without_escapes) }
}

fn level_of_value(value: &Value) -> Option<LogLevel> {
    match value {
        Value::String(text) => LogLevel::from_any_spelling(text.trim()),
        // The numbers of bunyan and pino.
        Value::Number(number) => match number.as_u64()? {
            0..=10 => Some(LogLevel::Trace),
            11..=20 => Some(LogLevel::Debug),
            21..=30 => Some(LogLevel::Info),
            31..=40 => Some(LogLevel::Warn),
            41..=60 => Some(LogLevel::Error),
            _ => None,
        },
        _ => None,
    }
}

/// RFC 3339, or a number of seconds, milliseconds or microseconds since 1970 by its size. Times outside 2000 to 2100 are none.
fn time_of_value(value: &Value) -> Option<Time> {
    let micros = match value {
        Value::String(text) => text.trim().parse::<Time>().ok()?.as_micros(),
        Value::Number(number) => {
            let number = number.as_f64()?;
            let factor = if number < 1e11 {
                1e6
            } else if number < 1e14 {
                1e3
            } else {
                1.0
            };
            let micros = number * factor;
            #[expect(clippy::cast_possible_truncation, reason = "the range is checked first and again below")]
            let whole = if (0.0..5e15).contains(&micros) { micros as i64 } else { return None };
            whole
        }
        _ => return None,
    };
    (946_684_800_000_000..4_102_444_800_000_000).contains(&micros).then(|| Time::from_micros(micros))
}

/// The first of the first few words that is a level: `WARN`, `[error]`, `level=info`, `ERROR:`. Lower-case words count only with
/// such marks, because "error" and "info" are also ordinary words.
fn level_of_text(line: &str) -> Option<LogLevel> {
    if let Some(level) = syslog_level(line) {
        return Some(level);
    }
    line.split_whitespace().take(WORDS).find_map(|word| {
        if let Some((name, value)) = word.split_once('=') {
            let named = matches!(name.to_ascii_lowercase().as_str(), "level" | "lvl" | "severity");
            return if named { LogLevel::from_any_spelling(value.trim_matches('"')) } else { None };
        }
        let marked = word.starts_with(['[', '(', '<', '|']) || word.ends_with([':', ']', ')', '>', '|']);
        let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        let loud = bare.len() > 2 && bare.bytes().all(|byte| byte.is_ascii_uppercase());
        if marked || loud { LogLevel::from_any_spelling(bare) } else { None }
    })
}

/// `<3>text`, as programs under systemd print it.
fn syslog_level(line: &str) -> Option<LogLevel> {
    let (number, _) = line.strip_prefix('<')?.split_once('>')?;
    number.parse::<u8>().ok().and_then(from_syslog)
}

/// A syslog severity as a level.
pub(crate) const fn from_syslog(severity: u8) -> Option<LogLevel> {
    match severity {
        0..=3 => Some(LogLevel::Error),
        4 => Some(LogLevel::Warn),
        5 | 6 => Some(LogLevel::Info),
        7 => Some(LogLevel::Debug),
        _ => None,
    }
}

/// The text without terminal colours and cursor movements.
fn without_escapes(text: &str) -> String {
    if !text.contains('\u{1b}') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\u{1b}' {
            out.push(c);
            continue;
        }
        match chars.next() {
            // CSI: parameters, then one final character.
            Some('[') => while chars.next().is_some_and(|c| !('@'..='~').contains(&c)) {},
            // OSC: up to BEL or the escape of the string terminator.
            Some(']') => while chars.next().is_some_and(|c| c != '\u{7}' && c != '\u{1b}') {},
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn level(line: &str) -> Option<LogLevel> {
        read(line, LogFormat::Auto).level
    }

    #[test]
    fn levels_are_found_where_programs_put_them() {
        let cases = [
            ("2026-11-22 05:31:07 WARN cache is cold", Some(LogLevel::Warn)),
            ("[error] no route", Some(LogLevel::Error)),
            ("ERROR: no route", Some(LogLevel::Error)),
            ("time=now level=debug msg=x", Some(LogLevel::Debug)),
            ("\u{1b}[33mWARN\u{1b}[0m colourful", Some(LogLevel::Warn)),
            ("<3>from a unit", Some(LogLevel::Error)),
            ("no error here, for your info", None),
            ("", None),
            (r#"{"level":"warning","msg":"x"}"#, Some(LogLevel::Warn)),
            (r#"{"severity":"NOTICE","message":"x"}"#, Some(LogLevel::Info)),
            (r#"{"level":50,"msg":"pino"}"#, Some(LogLevel::Error)),
            (r#"{"_meta":{"logLevelName":"FATAL"},"message":"x"}"#, Some(LogLevel::Error)),
            ("{not json WARN", Some(LogLevel::Warn)),
        ];
        for (line, expected) in cases {
            assert_eq!(level(line), expected, "{line}");
        }
    }

    #[test]
    fn json_gives_time_and_text() {
        let read = read(r#"{"time":"2026-11-22T04:17:36.892+00:00","message":"⇄ res ✓","_meta":{"logLevelName":"INFO"}}"#, LogFormat::Auto);
        assert_eq!(read.message, "⇄ res ✓");
        assert_eq!(read.at.map(|at| at.to_string()).as_deref(), Some("2026-11-22T04:17:36.892Z"));
        for stamp in ["1795320500", "1795320500.000", "1795320500000", "1795320500000000"] {
            let line = format!(r#"{{"ts":{stamp},"msg":"x"}}"#);
            assert_eq!(super::read(&line, LogFormat::Auto).at, Some(Time::from_micros(1_795_320_500_000_000)), "{stamp}");
        }
        assert_eq!(super::read(r#"{"ts":-5,"msg":"x"}"#, LogFormat::Auto).at, None);
        let bare = r#"{"a":1}"#;
        assert_eq!(super::read(bare, LogFormat::Auto).message, bare);
        assert_eq!(super::read(r#"{"level":"warn"}"#, LogFormat::Text).message, r#"{"level":"warn"}"#);
    }

    proptest! {
        #[test]
        fn no_line_breaks_it(text in ".{0,200}") {
            let line = line(&text, LogFormat::Auto, "stdout", LogLevel::Info, Time::from_micros(5));
            prop_assert!(line.message.len() <= mc_domain::log::LINE_MAX_BYTES);
        }
    }
}
