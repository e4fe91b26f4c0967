//! Live events: the text frames of the WebSocket at `/api/v1/events`.

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::value::RawValue;

use mc_domain::event::EventKind;

/// What the server sends.
#[derive(Debug, Serialize)]
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

/// A frame before its type is looked at. serde buffers the content of a tagged enum, and what was buffered holds no raw JSON any more, so
/// the fields of all frames are read side by side.
#[derive(Deserialize)]
struct AnyFrame {
    #[serde(rename = "type")]
    kind: FrameKind,
    epoch: Option<String>,
    seq: u64,
    resumed: Option<bool>,
    events: Option<Vec<EventItem>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum FrameKind {
    Hello,
    Events,
}

impl<'de> Deserialize<'de> for EventFrame {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let AnyFrame { kind, epoch, seq, resumed, events } = AnyFrame::deserialize(from)?;
        match kind {
            FrameKind::Hello => Ok(Self::Hello {
                epoch: epoch.ok_or_else(|| de::Error::missing_field("epoch"))?,
                seq,
                resumed: resumed.ok_or_else(|| de::Error::missing_field("resumed"))?,
            }),
            FrameKind::Events => Ok(Self::Events { seq, events: events.ok_or_else(|| de::Error::missing_field("events"))? }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_as_they_are_written() {
        let data = RawValue::from_string(r#"{"id": 1}"#.to_owned()).expect("JSON");
        let events = EventFrame::Events { seq: 7, events: vec![EventItem { seq: 7, kind: EventKind::AgentChanged, data }] };
        for frame in [EventFrame::Hello { epoch: "e".to_owned(), seq: 6, resumed: true }, events] {
            let text = serde_json::to_string(&frame).expect("writes");
            let read: EventFrame = serde_json::from_str(&text).expect("reads");
            assert_eq!(serde_json::to_string(&read).expect("writes"), text);
        }
        assert!(serde_json::from_str::<EventFrame>(r#"{"type":"hello","seq":1,"resumed":true}"#).is_err(), "no epoch");
    }
}
