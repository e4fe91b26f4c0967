//! The frames of the gateway's WebSocket, read leniently.
//!
//! Protocol 4: the gateway says `connect.challenge` first, the client asks `connect`, the gateway answers `hello-ok` inside an
//! ordinary response. Frames are JSON text; answers come in any order; unknown fields and kinds are welcome. Any bytes whatever give
//! a value or an error, never a panic.

use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::config::Credential;

/// The protocol version that is spoken.
pub const PROTOCOL: u64 = 4;
/// The largest frame that is read, in bytes. A hello has 16 KB, the configuration's schema 2 MB.
pub const FRAME_MAX_BYTES: usize = 8 * 1024 * 1024;
/// The longest text that is kept from a refusal, in characters.
const TEXT_MAX_CHARS: usize = 300;

/// One frame from the gateway.
#[derive(Debug, Clone, PartialEq)]
pub enum Frame {
    /// Something happened.
    Event {
        /// Which kind: `connect.challenge`, `shutdown`, `gateway.suspension`, …
        name: String,
        /// Its content.
        payload: Value,
    },
    /// The answer to a request.
    Response {
        /// The request's id.
        id: String,
        /// What was asked for, or why not.
        outcome: Result<Value, Refusal>,
    },
    /// A kind of frame that means nothing to a client.
    Other,
}

/// Why the gateway refused a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Refusal {
    /// The most precise code there is: `AUTH_TOKEN_MISMATCH`, `UNAVAILABLE`, `INVALID_REQUEST`, …
    pub code: String,
    /// What the gateway says to people, cut to a sensible length.
    pub message: String,
    /// Whether the same request may work in a moment.
    pub retryable: bool,
}

/// A frame that cannot be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadFrame {
    /// More bytes than a frame may have.
    #[error("a frame of {0} bytes is larger than {FRAME_MAX_BYTES}")]
    TooLarge(usize),
    /// No JSON object with a type.
    #[error("a frame is no JSON object with a type")]
    Malformed,
}

impl Frame {
    /// Reads one text frame.
    ///
    /// # Errors
    /// When it is too large or no JSON object with a type.
    pub fn parse(text: &[u8]) -> Result<Self, BadFrame> {
        if text.len() > FRAME_MAX_BYTES {
            return Err(BadFrame::TooLarge(text.len()));
        }
        let Ok(Value::Object(mut frame)) = serde_json::from_slice(text) else { return Err(BadFrame::Malformed) };
        let Some(kind) = frame.get("type").and_then(Value::as_str) else { return Err(BadFrame::Malformed) };
        match kind {
            "event" => {
                let Some(Value::String(name)) = frame.remove("event") else { return Err(BadFrame::Malformed) };
                Ok(Self::Event { name, payload: frame.remove("payload").unwrap_or(Value::Null) })
            }
            "res" => {
                let Some(Value::String(id)) = frame.remove("id") else { return Err(BadFrame::Malformed) };
                let ok = frame.get("ok").and_then(Value::as_bool).unwrap_or(false);
                let outcome =
                    if ok { Ok(frame.remove("payload").unwrap_or(Value::Null)) } else { Err(Refusal::from_error(frame.get("error"))) };
                Ok(Self::Response { id, outcome })
            }
            _ => Ok(Self::Other),
        }
    }
}

impl Refusal {
    fn from_error(error: Option<&Value>) -> Self {
        let text = |pointer: &str| error.and_then(|error| error.pointer(pointer)).and_then(Value::as_str);
        Self {
            code: cut(text("/details/code").or_else(|| text("/code")).unwrap_or("UNKNOWN")),
            message: cut(text("/message").unwrap_or("no reason was given")),
            retryable: error.and_then(|error| error.get("retryable")).and_then(Value::as_bool).unwrap_or(false)
                || text("/code") == Some("UNAVAILABLE"),
        }
    }
}

fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(TEXT_MAX_CHARS).collect()
}

/// What a hello tells of the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// The protocol version agreed on.
    pub protocol: u64,
    /// The gateway's version: `2026.9.6`.
    pub version: Option<String>,
    /// A fresh id for every boot, also for one within the same process.
    pub boot_id: Option<String>,
    /// `accepting`, or `preparing`, `prepared`, `draining` while the gateway is suspended.
    pub suspension: Option<String>,
}

impl Hello {
    /// Reads the payload of the answer to `connect`.
    #[must_use]
    pub fn parse(payload: &Value) -> Option<Self> {
        let text = |pointer: &str| payload.pointer(pointer).and_then(Value::as_str).map(cut);
        (payload.get("type").and_then(Value::as_str) == Some("hello-ok")).then(|| Self {
            protocol: payload.get("protocol").and_then(Value::as_u64).unwrap_or(0),
            version: text("/server/version"),
            boot_id: text("/server/bootId"),
            suspension: text("/snapshot/suspension/phase"),
        })
    }
}

/// The `connect` request of a device-less backend on loopback, which is the client the gateway exempts from pairing.
///
/// The text holds the credential: it goes to the gateway and nowhere else.
#[must_use]
pub fn connect_request(id: &str, credential: &Credential, scopes: &[&str]) -> String {
    let auth = match credential {
        Credential::Token(token) => json!({"token": token.expose_secret()}),
        Credential::Password(password) => json!({"password": password.expose_secret()}),
        Credential::Open | Credential::Elsewhere => json!({}),
    };
    let version = env!("CARGO_PKG_VERSION");
    request(
        id,
        "connect",
        &json!({
            "minProtocol": PROTOCOL, "maxProtocol": PROTOCOL,
            // The gateway accepts a closed list of client ids and modes only.
            "client": {"id": "gateway-client", "version": version, "platform": "linux", "mode": "backend"},
            "role": "operator", "scopes": scopes, "caps": [], "auth": auth,
            "locale": "en-US", "userAgent": format!("mission-control/{version}"),
        }),
    )
}

/// Any request.
#[must_use]
pub fn request(id: &str, method: &str, params: &Value) -> String {
    json!({"type": "req", "id": id, "method": method, "params": params}).to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use secrecy::SecretString;

    use super::*;

    #[test]
    fn the_kinds_of_frames_are_told_apart() {
        let event = Frame::parse(br#"{"type":"event","event":"tick","payload":{"ts":1},"seq":2,"new":true}"#).unwrap();
        assert_eq!(event, Frame::Event { name: "tick".into(), payload: json!({"ts": 1}) });
        let answer = Frame::parse(br#"{"type":"res","id":"r1","ok":true}"#).unwrap();
        assert_eq!(answer, Frame::Response { id: "r1".into(), outcome: Ok(Value::Null) });
        assert_eq!(Frame::parse(br#"{"type":"pong"}"#), Ok(Frame::Other));
        assert_eq!(Frame::parse(b"[]"), Err(BadFrame::Malformed));
        assert_eq!(Frame::parse(br#"{"type":"event"}"#), Err(BadFrame::Malformed));
    }

    #[test]
    fn a_refusal_carries_its_most_precise_code() {
        let text = br#"{"type":"res","id":"c1","ok":false,"error":{"code":"INVALID_REQUEST","message":"unauthorized","details":{"code":"AUTH_TOKEN_MISMATCH"}}}"#;
        let Ok(Frame::Response { outcome: Err(refusal), .. }) = Frame::parse(text) else { panic!("no refusal") };
        assert_eq!((refusal.code.as_str(), refusal.retryable), ("AUTH_TOKEN_MISMATCH", false));
        let Ok(Frame::Response { outcome: Err(refusal), .. }) = Frame::parse(br#"{"type":"res","id":"c1","error":{"code":"UNAVAILABLE"}}"#)
        else {
            panic!("no refusal")
        };
        assert!(refusal.retryable);
    }

    #[test]
    fn connect_is_what_the_gateway_was_seen_to_accept() {
        let text = connect_request("c1", &Credential::Token(SecretString::from("t-1")), &[]);
        let frame: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(frame["params"]["client"]["id"], "gateway-client");
        assert_eq!(frame["params"]["client"]["mode"], "backend");
        assert_eq!(frame["params"]["auth"], json!({"token": "t-1"}));
        assert_eq!((&frame["params"]["minProtocol"], &frame["params"]["maxProtocol"]), (&json!(4), &json!(4)));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..512), text in "[{}\\[\\]\":,a-z0-9\\\\ ]{0,200}") {
            let _ = Frame::parse(&bytes);
            let _ = Frame::parse(text.as_bytes());
        }

        #[test]
        fn odd_types_in_every_place_never_panic(kind in "(event|res|req|hello-ok)", one in odd(), two in odd(), three in odd(), four in odd()) {
            let frame = json!({"type": kind, "event": one, "id": two, "ok": three, "payload": four, "error": {"code": one, "details": two, "message": three, "retryable": four}});
            let _ = Frame::parse(frame.to_string().as_bytes());
            let _ = Hello::parse(&json!({"type": "hello-ok", "protocol": one, "server": two, "snapshot": {"suspension": three}}));
        }
    }

    fn odd() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-z]{0,4}".prop_map(Value::from),
            Just(json!({})),
            Just(json!([]))
        ]
    }
}
