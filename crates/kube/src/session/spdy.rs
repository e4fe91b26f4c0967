//! SPDY/3.1 as Kubernetes uses it: the client opens a stream for each of stdin, stdout, stderr, error and resize, named by the header
//! `streamtype`, and what is in them goes in data frames. The server opens none.
//!
//! Source: SPDY Protocol, draft 3.1, sections 2.2 and 2.6.

mod headers;

use self::headers::Headers;
use super::{
    Sink, Unreadable, Way,
    streams::{Channel, Streams},
};

/// A frame's head.
const HEAD: usize = 8;
/// No client opens more streams in a session.
const STREAMS_MAX: usize = 5;
const VERSION: u16 = 3;

const SYN_STREAM: u16 = 1;
const SYN_REPLY: u16 = 2;
const RST_STREAM: u16 = 3;
const SETTINGS: u16 = 4;
const PING: u16 = 6;
const GOAWAY: u16 = 7;
const HEADERS: u16 = 8;
const WINDOW_UPDATE: u16 = 9;

/// Both ways of a connection: streams are opened on one and used on both.
#[derive(Debug, Default)]
pub(super) struct Spdy {
    up: Half,
    down: Half,
    headers: Headers,
    streams: Vec<(u32, Channel)>,
}

#[derive(Debug, Default)]
struct Half {
    head: Vec<u8>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    /// A frame's head.
    #[default]
    Head,
    /// What stands before the headers of a frame: so many bytes, and how many come in all. Whether it opens a stream.
    Before { bytes: usize, left: usize, opens: bool },
    /// Headers, of a stream that is opened or of another.
    Headers { opens: Option<u32>, left: usize },
    /// Something of no interest.
    Skip { left: usize },
    /// Bytes of a stream.
    Data { channel: Channel, left: usize },
}

impl Spdy {
    pub(super) fn up(&mut self, bytes: &[u8], streams: &mut Streams, sink: &mut Sink<'_>) -> Result<(), Unreadable> {
        self.read(Way::Up, bytes, streams, sink)
    }

    pub(super) fn down(&mut self, bytes: &[u8], streams: &mut Streams, sink: &mut Sink<'_>) -> Result<(), Unreadable> {
        self.read(Way::Down, bytes, streams, sink)
    }

    const fn half(&mut self, way: Way) -> &mut Half {
        match way {
            Way::Up => &mut self.up,
            Way::Down => &mut self.down,
        }
    }

    fn read(&mut self, way: Way, mut bytes: &[u8], streams: &mut Streams, sink: &mut Sink<'_>) -> Result<(), Unreadable> {
        loop {
            let state = self.half(way).state;
            let next = match state {
                State::Head => match self.half(way).gather(&mut bytes, HEAD) {
                    Some(head) => self.frame(way, &head)?,
                    None => return Ok(()),
                },
                State::Before { bytes: before, left, opens } => match self.half(way).gather(&mut bytes, before) {
                    Some(before) => State::Headers { opens: opens.then(|| number(&before)), left },
                    None => return Ok(()),
                },
                State::Headers { opens, left: 0 } => {
                    let streamtype = self.headers.end()?;
                    if let Some(stream) = opens {
                        self.open(stream, streamtype.as_deref())?;
                    }
                    State::Head
                }
                State::Skip { left: 0 } | State::Data { left: 0, .. } => State::Head,
                State::Headers { opens, left } => {
                    let Some(piece) = take(&mut bytes, left) else { return Ok(()) };
                    self.headers.push(piece)?;
                    State::Headers { opens, left: left.saturating_sub(piece.len()) }
                }
                State::Skip { left } => {
                    let Some(piece) = take(&mut bytes, left) else { return Ok(()) };
                    State::Skip { left: left.saturating_sub(piece.len()) }
                }
                State::Data { channel, left } => {
                    let Some(piece) = take(&mut bytes, left) else { return Ok(()) };
                    streams.take(way, channel, piece, sink)?;
                    State::Data { channel, left: left.saturating_sub(piece.len()) }
                }
            };
            self.half(way).state = next;
        }
    }

    /// What a frame's head begins.
    fn frame(&self, way: Way, head: &[u8]) -> Result<State, Unreadable> {
        let &[first, second, third, fourth, _flags, long, middle, short] = head else {
            return Err(Unreadable::Frame("a head is too short"));
        };
        let left = usize::from(long) << 16 | usize::from(middle) << 8 | usize::from(short);
        if first & 0x80 == 0 {
            let stream = u32::from_be_bytes([first, second, third, fourth]);
            let found = self.streams.iter().find(|(known, _)| *known == stream);
            return found.map(|(_, channel)| State::Data { channel: *channel, left }).ok_or(Unreadable::Stream);
        }
        if u16::from_be_bytes([first & 0x7f, second]) != VERSION {
            return Err(Unreadable::Frame("a frame is not of SPDY/3"));
        }
        // Only what a client says opens streams; what a server's headers say matters to nobody here, so they are not unpacked.
        let before = |bytes: usize, opens| {
            let left = left.checked_sub(bytes).ok_or(Unreadable::Frame("a frame of SPDY is too short"))?;
            Ok(State::Before { bytes, left, opens })
        };
        match (u16::from_be_bytes([third, fourth]), way) {
            (SYN_STREAM, Way::Up) => before(10, true),
            (SYN_REPLY | HEADERS, Way::Up) => before(4, false),
            (SYN_REPLY | HEADERS, Way::Down) | (RST_STREAM | SETTINGS | PING | GOAWAY | WINDOW_UPDATE, _) => Ok(State::Skip { left }),
            _ => Err(Unreadable::Frame("a frame of SPDY is out of place")),
        }
    }

    fn open(&mut self, stream: u32, streamtype: Option<&[u8]>) -> Result<(), Unreadable> {
        let channel = streamtype.and_then(Channel::named).ok_or(Unreadable::Stream)?;
        let stream = stream & 0x7fff_ffff;
        // Two streams of one kind could be two terminals of which one is seen.
        if self.streams.len() >= STREAMS_MAX || self.streams.iter().any(|(known, other)| *known == stream || *other == channel) {
            return Err(Unreadable::Stream);
        }
        self.streams.push((stream, channel));
        Ok(())
    }
}

impl Half {
    /// So many bytes, once they are all there.
    fn gather(&mut self, bytes: &mut &[u8], wanted: usize) -> Option<Vec<u8>> {
        let missing = wanted.saturating_sub(self.head.len());
        if let Some(piece) = take(bytes, missing) {
            self.head.extend_from_slice(piece);
        }
        (self.head.len() >= wanted).then(|| std::mem::take(&mut self.head))
    }
}

/// The next bytes, at most so many; `None` when there are none.
fn take<'a>(bytes: &mut &'a [u8], most: usize) -> Option<&'a [u8]> {
    let (piece, rest) = bytes.split_at_checked(most).unwrap_or((bytes, &[]));
    *bytes = rest;
    (!piece.is_empty()).then_some(piece)
}

/// The number that `bytes` begin with.
fn number(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).fold(0, |sum, byte| (sum << 8) | u32::from(*byte))
}
