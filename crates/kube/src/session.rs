//! What goes over a connection into a container (`exec`, `attach`), told from its bytes as they pass.
//!
//! Behind the answer `101 Switching Protocols` several streams share one connection: in WebSocket messages whose first byte names the stream,
//! or in SPDY/3.1. [`Session`] reads both, in pieces of any size, and holds only what does not make sense by itself yet: a few kilobytes at
//! most. What it cannot read, or what could be read in two ways, is [`Unreadable`]: such a connection is to be ended, not passed on.
//!
//! Source of the streams: `k8s.io/apimachinery/pkg/util/remotecommand` and `k8s.io/kubelet/pkg/cri/streaming/remotecommand`.

mod spdy;
mod streams;
mod websocket;

use self::{
    spdy::Spdy,
    streams::Streams,
    websocket::{Coding, Frames},
};

/// A stream of what people type and read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flow {
    /// What is typed.
    Stdin,
    /// What is printed.
    Stdout,
    /// What is printed as an error.
    Stderr,
}

/// Something that passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// Bytes of a stream, a piece as it came.
    Data(Flow, &'a [u8]),
    /// The terminal has another size.
    Resize {
        /// Characters in a line.
        cols: u16,
        /// Lines.
        rows: u16,
    },
}

/// Who is told of what passed.
pub type Sink<'a> = dyn FnMut(Event<'_>) + 'a;

/// How what ran in the container ended, as the other side told it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// The program's exit code.
    pub exit_code: Option<i32>,
    /// What went wrong, when it was something else.
    pub message: Option<String>,
}

/// Why a connection is not passed on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Not one of the protocols known here.
    #[error("a session into a container speaks SPDY/3.1 or a WebSocket protocol of Kubernetes, not {0}")]
    Protocol(String),
    /// An extension of WebSocket, which changes what the bytes mean.
    #[error("a session into a container may use no extension of WebSocket")]
    Extension,
    /// A frame that is none, or that two readers could take for two things.
    #[error("what passes cannot be read: {0}")]
    Frame(&'static str),
    /// A stream that sessions do not have.
    #[error("what passes belongs to no known stream of a session")]
    Stream,
    /// Bytes that go the wrong way: output to the container, input from it.
    #[error("a stream of the session goes the wrong way")]
    Way,
    /// Words that are none: the size of a terminal.
    #[error("the size of the terminal cannot be read")]
    Size,
    /// More than is held.
    #[error("what passes has parts that are longer than any session needs")]
    TooLong,
}

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// To the container.
    Up,
    /// From it.
    Down,
}

/// How the streams share the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Protocol(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    WebSocket(Coding),
    Spdy,
}

impl Protocol {
    /// The protocol that the headers of a `101` say, names in lower case.
    ///
    /// # Errors
    /// [`Unreadable::Protocol`], [`Unreadable::Extension`].
    pub fn of<'a>(headers: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Result<Self, Unreadable> {
        let (mut upgrade, mut protocol) = (None, None);
        for (name, value) in headers {
            let place = match name {
                "upgrade" => &mut upgrade,
                "sec-websocket-protocol" => &mut protocol,
                "sec-websocket-extensions" => return Err(Unreadable::Extension),
                _ => continue,
            };
            let text = String::from_utf8_lossy(value).trim().to_ascii_lowercase();
            if place.is_some() {
                return Err(Unreadable::Protocol("two at once".to_owned()));
            }
            *place = Some(text);
        }
        match upgrade.as_deref() {
            Some("spdy/3.1") => Ok(Self(Kind::Spdy)),
            Some("websocket") => {
                let protocol = protocol.unwrap_or_default();
                let coding = Coding::of(&protocol).ok_or_else(|| Unreadable::Protocol(protocol.chars().take(60).collect()))?;
                Ok(Self(Kind::WebSocket(coding)))
            }
            other => Err(Unreadable::Protocol(other.unwrap_or("nothing").chars().take(60).collect())),
        }
    }
}

/// How a browser gives its token among the protocols; no server is told.
const TOKEN: &str = "base64url.bearer.authorization.k8s.io.";

/// The WebSocket protocols of a request (all its headers, names in lower case) that can be read; `None` when it asks for none. What the server
/// chooses is known only when the session has begun, so what could not be read is not offered to it.
///
/// # Errors
/// [`Unreadable::Protocol`] when nothing that was asked for can be read.
pub fn offered<'a>(headers: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Result<Option<String>, Unreadable> {
    let (mut upgrade, mut protocols) = (None, Vec::new());
    for (name, value) in headers {
        let text = String::from_utf8_lossy(value);
        match name {
            "upgrade" if upgrade.is_some() => return Err(Unreadable::Protocol("two at once".to_owned())),
            "upgrade" => upgrade = Some(text.trim().to_ascii_lowercase()),
            "sec-websocket-protocol" => protocols.extend(text.split(',').map(|protocol| protocol.trim().to_owned())),
            _ => {}
        }
    }
    let wrong = |text: &str| Err(Unreadable::Protocol(text.chars().take(60).collect()));
    match upgrade.as_deref() {
        Some("spdy/3.1") => return Ok(None),
        Some("websocket") => {}
        other => return wrong(other.unwrap_or("nothing")),
    }
    let known = |protocol: &String| !protocol.is_empty() && Coding::of(protocol).is_some();
    let token = |protocol: &String| protocol.starts_with(TOKEN);
    if !protocols.iter().any(known) && protocols.iter().any(|protocol| !token(protocol)) {
        return wrong(&protocols.join(", "));
    }
    protocols.retain(|protocol| known(protocol) || token(protocol));
    Ok((!protocols.is_empty()).then(|| protocols.join(", ")))
}

/// Both ways of one connection.
#[derive(Debug)]
pub struct Session {
    wire: Wire,
    streams: Streams,
}

#[derive(Debug)]
enum Wire {
    WebSocket { up: Box<Frames>, down: Box<Frames> },
    Spdy(Box<Spdy>),
}

impl Session {
    /// A connection of which nothing has passed yet behind the `101`.
    #[must_use]
    pub fn new(protocol: Protocol) -> Self {
        let wire = match protocol.0 {
            Kind::WebSocket(coding) => {
                Wire::WebSocket { up: Box::new(Frames::new(Way::Up, coding)), down: Box::new(Frames::new(Way::Down, coding)) }
            }
            Kind::Spdy => Wire::Spdy(Box::default()),
        };
        Self { wire, streams: Streams::default() }
    }

    /// Reads what goes to the container, before it goes.
    ///
    /// # Errors
    /// [`Unreadable`]: none of `bytes` is to be passed on, and nothing after them.
    pub fn up(&mut self, bytes: &[u8], sink: &mut Sink<'_>) -> Result<(), Unreadable> {
        match &mut self.wire {
            Wire::WebSocket { up, .. } => up.read(bytes, &mut self.streams, sink),
            Wire::Spdy(spdy) => spdy.up(bytes, &mut self.streams, sink),
        }
    }

    /// Reads what comes from the container, before it is passed on.
    ///
    /// # Errors
    /// [`Unreadable`]: none of `bytes` is to be passed on, and nothing after them.
    pub fn down(&mut self, bytes: &[u8], sink: &mut Sink<'_>) -> Result<(), Unreadable> {
        match &mut self.wire {
            Wire::WebSocket { down, .. } => down.read(bytes, &mut self.streams, sink),
            Wire::Spdy(spdy) => spdy.down(bytes, &mut self.streams, sink),
        }
    }

    /// How it ended, as far as the container's side has told it.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.streams.outcome()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(headers: &[(&str, &str)]) -> Result<Protocol, Unreadable> {
        Protocol::of(headers.iter().map(|(name, value)| (*name, value.as_bytes())))
    }

    #[test]
    fn only_what_can_be_read_is_offered() {
        let offered = |headers: &[(&str, &str)]| offered(headers.iter().map(|(name, value)| (*name, value.as_bytes())));
        let protocol = "sec-websocket-protocol";
        assert_eq!(offered(&[("upgrade", "SPDY/3.1")]), Ok(None));
        assert_eq!(offered(&[("upgrade", "websocket")]), Ok(None));
        let known = Ok(Some("v5.channel.k8s.io, channel.k8s.io".to_owned()));
        assert_eq!(
            offered(&[("upgrade", "WebSocket"), (protocol, "v9.channel.k8s.io,v5.channel.k8s.io"), (protocol, "channel.k8s.io")]),
            known
        );
        let token = format!("{TOKEN}eA");
        assert_eq!(offered(&[("upgrade", "websocket"), (protocol, &token)]), Ok(Some(token.clone())));
        assert!(offered(&[("upgrade", "websocket"), (protocol, &format!("{token}, v9.channel.k8s.io"))]).is_err());
        assert!(offered(&[("upgrade", "h2c")]).is_err() && offered(&[]).is_err());
        assert!(offered(&[("upgrade", "websocket"), ("upgrade", "SPDY/3.1")]).is_err());
    }

    #[test]
    fn only_what_can_be_read_is_a_protocol() {
        assert_eq!(of(&[("upgrade", "SPDY/3.1"), ("x-stream-protocol-version", "v4.channel.k8s.io")]), Ok(Protocol(Kind::Spdy)));
        for name in ["v5.channel.k8s.io", "v4.channel.k8s.io", "channel.k8s.io"] {
            let protocol = of(&[("upgrade", "WebSocket"), ("sec-websocket-protocol", name)]);
            assert_eq!(protocol, Ok(Protocol(Kind::WebSocket(Coding::Binary))), "{name}");
        }
        assert_eq!(of(&[("upgrade", "websocket")]), Ok(Protocol(Kind::WebSocket(Coding::Binary))));
        for name in ["v4.base64.channel.k8s.io", "base64.channel.k8s.io"] {
            let protocol = of(&[("upgrade", "websocket"), ("sec-websocket-protocol", name)]);
            assert_eq!(protocol, Ok(Protocol(Kind::WebSocket(Coding::Base64))), "{name}");
        }
        assert!(of(&[]).is_err() && of(&[("upgrade", "h2c")]).is_err() && of(&[("upgrade", "spdy/2")]).is_err());
        assert!(of(&[("upgrade", "websocket"), ("upgrade", "SPDY/3.1")]).is_err());
        assert!(of(&[("upgrade", "websocket"), ("sec-websocket-protocol", "v6.channel.k8s.io")]).is_err());
        let deflate = [("upgrade", "websocket"), ("sec-websocket-extensions", "permessage-deflate")];
        assert_eq!(of(&deflate), Err(Unreadable::Extension));
    }
}
