//! The streams of a session, whatever carries them.

use serde::Deserialize;

use super::{Event, Flow, Outcome, Sink, Unreadable, Way};

/// More than any size of a terminal takes.
const SIZE_MAX: usize = 1_024;
/// Of what is told about the end, so much is kept; a `Status` with an exit code is far shorter.
const OUTCOME_MAX: usize = 16 * 1_024;
/// Of a message to people, so much.
const MESSAGE_MAX: usize = 500;

/// A stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channel {
    Stdin,
    Stdout,
    Stderr,
    Error,
    Resize,
}

impl Channel {
    /// By the number that WebSocket messages begin with.
    pub(super) const fn numbered(number: u8) -> Option<Self> {
        Some(match number {
            0 => Self::Stdin,
            1 => Self::Stdout,
            2 => Self::Stderr,
            3 => Self::Error,
            4 => Self::Resize,
            _ => return None,
        })
    }

    /// By the value of SPDY's header `streamtype`.
    pub(super) fn named(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"stdin" => Self::Stdin,
            b"stdout" => Self::Stdout,
            b"stderr" => Self::Stderr,
            b"error" => Self::Error,
            b"resize" => Self::Resize,
            _ => return None,
        })
    }
}

/// What of the streams makes no sense piece by piece.
#[derive(Debug, Default)]
pub(super) struct Streams {
    sizes: Vec<u8>,
    outcome: Vec<u8>,
}

/// A terminal's size as clients write it. Go reads names in any case; these two are what its clients write.
#[derive(Deserialize)]
struct Size {
    #[serde(alias = "width", rename = "Width")]
    width: u16,
    #[serde(alias = "height", rename = "Height")]
    height: u16,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Status {
    status: String,
    message: String,
    reason: String,
    details: Details,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Details {
    causes: Vec<Cause>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Cause {
    reason: String,
    message: String,
}

impl Streams {
    /// Bytes of a stream.
    pub(super) fn take(&mut self, way: Way, channel: Channel, bytes: &[u8], sink: &mut Sink<'_>) -> Result<(), Unreadable> {
        // An empty message says that a stream is there.
        if bytes.is_empty() {
            return Ok(());
        }
        match (way, channel) {
            (Way::Up, Channel::Stdin) => sink(Event::Data(Flow::Stdin, bytes)),
            (Way::Down, Channel::Stdout) => sink(Event::Data(Flow::Stdout, bytes)),
            (Way::Down, Channel::Stderr) => sink(Event::Data(Flow::Stderr, bytes)),
            (Way::Down, Channel::Error) => {
                let room = OUTCOME_MAX.saturating_sub(self.outcome.len());
                self.outcome.extend(bytes.iter().take(room));
            }
            (Way::Up, Channel::Resize) => return self.resize(bytes, sink),
            _ => return Err(Unreadable::Way),
        }
        Ok(())
    }

    /// Sizes are one JSON value behind the other, whatever pieces they come in.
    fn resize(&mut self, bytes: &[u8], sink: &mut Sink<'_>) -> Result<(), Unreadable> {
        for piece in bytes.chunks(SIZE_MAX) {
            self.sizes.extend_from_slice(piece);
            let mut sizes = serde_json::Deserializer::from_slice(&self.sizes).into_iter::<Size>();
            let rest = loop {
                let before = sizes.byte_offset();
                match sizes.next() {
                    Some(Ok(size)) => sink(Event::Resize { cols: size.width, rows: size.height }),
                    Some(Err(error)) if error.is_eof() => break before,
                    Some(Err(_)) => return Err(Unreadable::Size),
                    None => break self.sizes.len(),
                }
            };
            self.sizes.drain(..rest);
            if self.sizes.len() > SIZE_MAX {
                return Err(Unreadable::Size);
            }
        }
        Ok(())
    }

    pub(super) fn outcome(&self) -> Outcome {
        let told = String::from_utf8_lossy(&self.outcome);
        let told = told.trim();
        if told.is_empty() {
            return Outcome::default();
        }
        let message = |text: &str| Some(text.chars().take(MESSAGE_MAX).collect::<String>());
        // Before the protocol's version 4 it is a text.
        let Ok(status) = serde_json::from_str::<Status>(told) else { return Outcome { exit_code: None, message: message(told) } };
        if status.status == "Success" {
            return Outcome { exit_code: Some(0), message: None };
        }
        let code = status.details.causes.iter().find(|cause| cause.reason == "ExitCode").and_then(|cause| cause.message.parse().ok());
        match code.filter(|_| status.reason == "NonZeroExitCode") {
            Some(code) => Outcome { exit_code: Some(code), message: None },
            None => Outcome { exit_code: None, message: message(&status.message) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_come_in_any_pieces() {
        let text = br#"{"Width":80,"Height":24} {"width":100,"height":30}{"Width":1,"Height":2}"#;
        for piece in 1..text.len() {
            let (mut streams, mut sizes) = (Streams::default(), Vec::new());
            for bytes in text.chunks(piece) {
                let mut sink = |event: Event<'_>| {
                    let Event::Resize { cols, rows } = event else { panic!("{event:?}") };
                    sizes.push((cols, rows));
                };
                streams.take(Way::Up, Channel::Resize, bytes, &mut sink).unwrap();
            }
            assert_eq!(sizes, [(80, 24), (100, 30), (1, 2)], "in pieces of {piece}");
        }
    }

    #[test]
    fn what_is_no_size_ends_the_session() {
        for text in ["x", "{\"Width\":70000,\"Height\":1}", "{}", &format!("{{\"Width\":{}", " ".repeat(5_000))] {
            let sent = Streams::default().take(Way::Up, Channel::Resize, text.as_bytes(), &mut |_| {});
            assert_eq!(sent, Err(Unreadable::Size), "{text}");
        }
    }

    #[test]
    fn streams_have_one_direction() {
        let sent = |way, channel| Streams::default().take(way, channel, b"x", &mut |_| {});
        for channel in [Channel::Stdout, Channel::Stderr, Channel::Error] {
            assert_eq!((sent(Way::Up, channel), sent(Way::Down, channel)), (Err(Unreadable::Way), Ok(())));
        }
        assert_eq!(sent(Way::Down, Channel::Stdin), Err(Unreadable::Way));
        assert_eq!(sent(Way::Down, Channel::Resize), Err(Unreadable::Way));
        assert_eq!(Streams::default().take(Way::Down, Channel::Stdin, b"", &mut |_| {}), Ok(()));
    }

    #[test]
    fn the_end_is_told_in_three_ways() {
        let outcome = |text: &str| {
            let mut streams = Streams::default();
            for byte in text.as_bytes().chunks(3) {
                streams.take(Way::Down, Channel::Error, byte, &mut |_| {}).unwrap();
            }
            let Outcome { exit_code, message } = streams.outcome();
            (exit_code, message.unwrap_or_default())
        };
        assert_eq!(outcome(""), (None, String::new()));
        assert_eq!(outcome(r#"{"metadata":{},"status":"Success"}"#), (Some(0), String::new()));
        let code = r#"{"metadata":{},"status":"Failure","message":"command terminated with non-zero exit code","reason":"NonZeroExitCode",
            "details":{"causes":[{"reason":"ExitCode","message":"137"}]}}"#;
        assert_eq!(outcome(code), (Some(137), String::new()));
        let failed = r#"{"status":"Failure","message":"no such container","reason":"InternalError"}"#;
        assert_eq!(outcome(failed), (None, "no such container".to_owned()));
        assert_eq!(outcome("Error executing in container: gone"), (None, "Error executing in container: gone".to_owned()));
        assert_eq!(outcome(&"x".repeat(40_000)).1.len(), MESSAGE_MAX);
    }
}
