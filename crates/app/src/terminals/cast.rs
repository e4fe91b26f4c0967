//! The text of a recording: asciicast, version 2 (<https://docs.asciinema.org/manual/asciicast/v2/>): a line with the head, then a line for
//! each event. It has one stream of output, so errors are among it.

use std::time::Duration;

use mc_domain::recording::Recording;
use serde_json::json;

/// Its media type.
pub const CONTENT_TYPE: &str = "application/x-asciicast";

/// The size of a terminal that nobody told.
pub(super) const SIZE: (u16, u16) = (80, 24);

/// A stream of text in the recording. Characters may come in pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    Typed,
    Out,
    Err,
}

/// Bytes of characters that are not whole yet, of each stream.
#[derive(Debug, Default)]
pub(super) struct Cast {
    open: [Vec<u8>; 3],
}

impl Text {
    const fn code(self) -> &'static str {
        match self {
            Self::Typed => "i",
            Self::Out | Self::Err => "o",
        }
    }
}

/// The first line.
pub(super) fn head(recording: &Recording, (cols, rows): (u16, u16)) -> String {
    let head = json!({
        "version": 2, "width": cols, "height": rows, "timestamp": recording.started_at.as_secs(),
        "title": recording.label(), "command": recording.command.join(" "),
    });
    format!("{head}\n")
}

fn event(at: Duration, code: &str, text: &str) -> String {
    format!("[{}.{:06},{},{}]\n", at.as_secs(), at.subsec_micros(), json!(code), json!(text))
}

/// The terminal has another size.
pub(super) fn resized(at: Duration, cols: u16, rows: u16) -> String {
    event(at, "r", &format!("{cols}x{rows}"))
}

/// A mark with a word to who watches.
pub(super) fn mark(at: Duration, text: &str) -> String {
    event(at, "m", text)
}

impl Cast {
    /// Bytes of a stream; empty when no character is whole.
    pub(super) fn text(&mut self, at: Duration, stream: Text, bytes: &[u8]) -> String {
        let [typed, out, err] = &mut self.open;
        let open = match stream {
            Text::Typed => typed,
            Text::Out => out,
            Text::Err => err,
        };
        open.extend_from_slice(bytes);
        let whole = open.len() - unfinished(open);
        let rest = open.split_off(whole);
        let text = String::from_utf8_lossy(open).into_owned();
        *open = rest;
        if text.is_empty() { text } else { event(at, stream.code(), &text) }
    }

    /// The end: what is not whole never will be.
    pub(super) fn end(&mut self, at: Duration) -> String {
        let typed = [Text::Typed, Text::Out, Text::Err].into_iter().zip(&mut self.open);
        typed.filter(|(_, open)| !open.is_empty()).map(|(stream, open)| event(at, stream.code(), &String::from_utf8_lossy(open))).collect()
    }
}

/// How many bytes at the end begin a character that more bytes could finish.
fn unfinished(bytes: &[u8]) -> usize {
    for length in 1..=bytes.len().min(3) {
        let Some(tail) = bytes.get(bytes.len() - length..) else { return 0 };
        match std::str::from_utf8(tail) {
            Ok(_) => return 0,
            // It begins a character, and there is nothing wrong with it but that it ends.
            Err(error) if error.valid_up_to() == 0 && error.error_len().is_none() => return length,
            Err(_) => {}
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(pieces: &[&[u8]]) -> String {
        let mut cast = Cast::default();
        let mut lines: String = pieces.iter().map(|piece| cast.text(Duration::ZERO, Text::Out, piece)).collect();
        lines += &cast.end(Duration::ZERO);
        let text = |line: &str| serde_json::from_str::<(f64, String, String)>(line).expect("an event").2;
        lines.lines().map(text).collect()
    }

    #[test]
    fn characters_come_whole_whatever_the_pieces() {
        let text = "a ä € 🦀 漢字 e\u{301}";
        for length in 1..9 {
            let pieces: Vec<&[u8]> = text.as_bytes().chunks(length).collect();
            assert_eq!(texts(&pieces), text, "in pieces of {length}");
        }
        assert_eq!(texts(&[b"x\xff\xfey", b"\xe2\x82"]), "x\u{fffd}\u{fffd}y\u{fffd}", "what is no text is marked");
        assert_eq!(texts(&[b"\xe2\x82", b"z"]), "\u{fffd}z");
    }

    #[test]
    fn events_are_as_asciicast_says() {
        let at = Duration::from_micros(61_500_001);
        assert_eq!(event(at, "o", "a\"\r\n\u{1b}[0m"), "[61.500001,\"o\",\"a\\\"\\r\\n\\u001b[0m\"]\n");
        assert_eq!(resized(Duration::ZERO, 100, 30), "[0.000000,\"r\",\"100x30\"]\n");
        assert_eq!(mark(Duration::from_micros(1), "x"), "[0.000001,\"m\",\"x\"]\n");
    }
}
