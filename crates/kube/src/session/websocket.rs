//! Frames of a WebSocket (RFC 6455), one way, and the messages in them: the first byte names the stream.
//!
//! A message to the container must come in one frame: servers of Kubernetes that are still in use take every frame for a message of its own,
//! so one in several frames would be read in two ways.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    Sink, Unreadable, Way,
    streams::{Channel, Streams},
};

/// Read at once of a frame that is masked.
const PIECE: usize = 4_096;
/// The longest head: two bytes, eight of length, four of mask.
const HEAD_MAX: usize = 14;
/// The number that says, with another behind it, that a stream ends (`v5.channel.k8s.io`).
const CLOSING: u8 = 255;

/// How messages are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// As they are.
    Binary,
    /// A digit for the stream, the rest in base64.
    Base64,
}

impl Coding {
    /// By the name of the protocol; servers that were not asked for one speak binary.
    pub(super) fn of(protocol: &str) -> Option<Self> {
        match protocol {
            "" | "v5.channel.k8s.io" | "v4.channel.k8s.io" | "channel.k8s.io" => Some(Self::Binary),
            "v4.base64.channel.k8s.io" | "base64.channel.k8s.io" => Some(Self::Base64),
            _ => None,
        }
    }
}

/// Where a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum To {
    Channel(Channel),
    /// It names a stream that ends; whether that was read already.
    Closing(bool),
}

/// A message as far as it came.
#[derive(Debug, Default)]
struct Message {
    to: Option<To>,
    base64: Quads,
}

/// Base64 in pieces.
#[derive(Debug, Default)]
struct Quads {
    open: Vec<u8>,
    ended: bool,
}

impl Quads {
    fn decode(&mut self, bytes: &[u8]) -> Result<Vec<u8>, Unreadable> {
        self.open.extend(bytes.iter().filter(|byte| !matches!(byte, b'\r' | b'\n')));
        let whole = self.open.len() / 4 * 4;
        if self.ended && !self.open.is_empty() {
            return Err(Unreadable::Frame("base64 goes on behind its end"));
        }
        let text: Vec<u8> = self.open.drain(..whole).collect();
        self.ended = text.last() == Some(&b'=');
        STANDARD.decode(text).map_err(|_| Unreadable::Frame("what should be base64 is not"))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Body {
    /// Of a message; whether it ends with this frame.
    Message(bool),
    /// Of a ping or pong.
    Control,
}

#[derive(Debug)]
enum State {
    Head,
    Body { body: Body, left: u64, mask: [u8; 4], at: usize },
}

/// The frames of one way.
#[derive(Debug)]
pub(super) struct Frames {
    way: Way,
    coding: Coding,
    head: Vec<u8>,
    state: State,
    message: Option<Message>,
    closed: bool,
}

impl Frames {
    pub(super) fn new(way: Way, coding: Coding) -> Self {
        Self { way, coding, head: Vec::with_capacity(HEAD_MAX), state: State::Head, message: None, closed: false }
    }

    pub(super) fn read(&mut self, mut bytes: &[u8], streams: &mut Streams, sink: &mut Sink<'_>) -> Result<(), Unreadable> {
        loop {
            match self.state {
                State::Head => {
                    let Some((first, rest)) = bytes.split_first() else { return Ok(()) };
                    bytes = rest;
                    self.head.push(*first);
                    if let Some(state) = self.opened()? {
                        self.head.clear();
                        self.state = state;
                    }
                }
                State::Body { body, left: 0, .. } => {
                    self.state = State::Head;
                    if body == Body::Message(true) {
                        self.ended()?;
                    }
                }
                State::Body { body, ref mut left, mask, ref mut at } => {
                    let most = usize::try_from(*left).unwrap_or(usize::MAX).min(PIECE);
                    let (piece, rest) = bytes.split_at_checked(most).unwrap_or((bytes, &[]));
                    if piece.is_empty() {
                        return Ok(());
                    }
                    bytes = rest;
                    *left = left.saturating_sub(u64::try_from(piece.len()).unwrap_or(u64::MAX));
                    let from = *at;
                    *at = from.wrapping_add(piece.len());
                    if let Body::Message(_) = body {
                        let masks = mask.into_iter().cycle().skip(from % 4);
                        let plain: Vec<u8> = piece.iter().zip(masks).map(|(byte, mask)| byte ^ mask).collect();
                        self.content(&plain, streams, sink)?;
                    }
                }
            }
        }
    }

    /// What the head says, once it is whole.
    fn opened(&mut self) -> Result<Option<State>, Unreadable> {
        let [flags, length, rest @ ..] = self.head.as_slice() else { return Ok(None) };
        let masked = length & 0x80 != 0;
        let (short, wide) = (u64::from(length & 0x7f), usize::from(length & 0x7f == 126) * 2 + usize::from(length & 0x7f == 127) * 8);
        if rest.len() < wide + usize::from(masked) * 4 {
            return Ok(None);
        }
        let (wide_length, mask) = rest.split_at_checked(wide).unwrap_or((rest, &[]));
        let left = if wide == 0 { short } else { wide_length.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte)) };
        let mask = <[u8; 4]>::try_from(mask).unwrap_or_default();
        let (last, opcode) = (flags & 0x80 != 0, flags & 0x0f);
        if flags & 0x70 != 0 {
            return Err(Unreadable::Extension);
        }
        if masked != (self.way == Way::Up) {
            return Err(Unreadable::Frame("a WebSocket's client masks its frames, its server does not"));
        }
        if left > u64::MAX / 2 {
            return Err(Unreadable::Frame("the length of a WebSocket's frame is none"));
        }
        if self.closed {
            return Err(Unreadable::Frame("a WebSocket goes on behind its end"));
        }
        let body = self.body(opcode, last, left)?;
        Ok(Some(State::Body { body, left, mask, at: 0 }))
    }

    fn body(&mut self, opcode: u8, last: bool, left: u64) -> Result<Body, Unreadable> {
        match opcode {
            0 | 1 | 2 if self.way == Way::Up && (opcode == 0 || !last) => {
                Err(Unreadable::Frame("a message to a container must come in one frame"))
            }
            0 if self.message.is_some() => Ok(Body::Message(last)),
            1 | 2 if self.message.is_none() => {
                self.message = Some(Message::default());
                Ok(Body::Message(last))
            }
            8..=10 if last && left <= 125 => {
                self.closed = opcode == 8;
                Ok(Body::Control)
            }
            _ => Err(Unreadable::Frame("a frame of a WebSocket is out of place")),
        }
    }

    fn content(&mut self, bytes: &[u8], streams: &mut Streams, sink: &mut Sink<'_>) -> Result<(), Unreadable> {
        let Some(message) = &mut self.message else { return Ok(()) };
        let (to, bytes) = match (message.to, bytes.split_first()) {
            (Some(to), _) => (to, bytes),
            (None, Some((first, rest))) => {
                let to = match (self.coding, *first) {
                    (Coding::Binary, CLOSING) => Some(To::Closing(false)),
                    (Coding::Binary, number) => Channel::numbered(number).map(To::Channel),
                    (Coding::Base64, digit) => Channel::numbered(digit.wrapping_sub(b'0')).map(To::Channel),
                };
                (*message.to.insert(to.ok_or(Unreadable::Stream)?), rest)
            }
            (None, None) => return Ok(()),
        };
        match (to, self.coding, bytes) {
            (_, _, []) => Ok(()),
            (To::Channel(channel), Coding::Binary, bytes) => streams.take(self.way, channel, bytes, sink),
            (To::Channel(channel), Coding::Base64, bytes) => {
                let plain = message.base64.decode(bytes)?;
                streams.take(self.way, channel, &plain, sink)
            }
            (To::Closing(false), _, [number]) if Channel::numbered(*number).is_some() => {
                message.to = Some(To::Closing(true));
                Ok(())
            }
            (To::Closing(_), ..) => Err(Unreadable::Stream),
        }
    }

    fn ended(&mut self) -> Result<(), Unreadable> {
        match self.message.take() {
            Some(message) if !message.base64.open.is_empty() => Err(Unreadable::Frame("what should be base64 ends too early")),
            Some(Message { to: Some(To::Closing(false)), .. }) => Err(Unreadable::Stream),
            _ => Ok(()),
        }
    }
}
