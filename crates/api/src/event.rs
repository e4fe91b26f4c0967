//! Live events: the text frames of the WebSocket at `/api/v1/events`.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use mc_domain::event::EventKind;

/// What the server sends.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EventFrame {
    /// First frame. When `resumed` is false the events since `since` are gone: read everything anew, then follow.
    Hello {
        /// Names this run of the server; sequence numbers count within it.
        epoch: String,
        /// The newest event's number.
        seq: u64,
        /// Whether every event after the asked `since` follows.
        resumed: bool,
    },
    /// Events in order. Under load an event that a later one of the same kind and thing replaces is left out.
    Events {
        /// The newest number among what this frame covers: pass it with the epoch as `since=EPOCH:SEQ` to resume.
        seq: u64,
        /// The events.
        events: Vec<EventItem>,
    },
}

/// One event.
#[derive(Debug, Serialize, Deserialize)]
pub struct EventItem {
    /// Its number.
    pub seq: u64,
    /// What it is about.
    pub kind: EventKind,
    /// The thing, in its API type.
    pub data: Box<RawValue>,
}
