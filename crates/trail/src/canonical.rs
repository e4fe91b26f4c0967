//! Canonical bytes: one entry, one way to write it, and no two entries alike.
//!
//! Every value says its kind and its length, and every record has the same values in the same order: so the bytes can be read back in
//! exactly one way, which is what makes the encoding injective.

use mc_domain::audit::{AuditEntry, Sequence};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The version of the bytes; the first byte of each record.
pub const VERSION: u8 = 1;
/// Longest texts kept, in characters: what is longer is cut before it is sealed, with an ellipsis at its end.
const NAME_MAX: usize = 300;
const TEXT_MAX: usize = 4_000;

/// Bytes of values one after the other, each with its kind and length.
#[derive(Debug, Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    const NOTHING: u8 = 0;
    const INTEGER: u8 = 1;
    const TEXT: u8 = 2;
    const BYTES: u8 = 3;

    /// Begins with what the bytes are of, so that one kind never passes as another.
    pub(crate) fn new(label: &[u8], version: u8) -> Self {
        let mut bytes = Vec::with_capacity(512);
        bytes.extend_from_slice(label);
        bytes.extend_from_slice(&[0, version]);
        Self(bytes)
    }

    pub(crate) fn integer(mut self, value: i64) -> Self {
        self.0.push(Self::INTEGER);
        self.0.extend_from_slice(&value.to_be_bytes());
        self
    }

    /// A count; kept as the same 64 bits, so that no two counts are alike.
    pub(crate) fn count(self, value: u64) -> Self {
        self.integer(i64::from_be_bytes(value.to_be_bytes()))
    }

    pub(crate) fn text(mut self, value: &str) -> Self {
        self.0.push(Self::TEXT);
        self.sized(value.as_bytes());
        self
    }

    pub(crate) fn bytes(mut self, value: &[u8]) -> Self {
        self.0.push(Self::BYTES);
        self.sized(value);
        self
    }

    pub(crate) fn maybe<T>(mut self, value: Option<T>, write: impl FnOnce(Self, T) -> Self) -> Self {
        match value {
            Some(value) => write(self, value),
            None => {
                self.0.push(Self::NOTHING);
                self
            }
        }
    }

    fn sized(&mut self, value: &[u8]) {
        self.0.extend_from_slice(&(value.len() as u64).to_be_bytes());
        self.0.extend_from_slice(value);
    }

    pub(crate) fn done(self) -> Vec<u8> {
        self.0
    }
}

/// One entry as it is stored: kinds and results are texts, because what was written is what is proved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Its place: 1, 2, 3, …
    pub sequence: u64,
    /// Stable id.
    pub id: Uuid,
    /// When, in microseconds since 1970.
    pub at_micros: i64,
    /// What kind of actor.
    pub actor_kind: String,
    /// The actor's id.
    pub actor_id: Option<String>,
    /// The actor's name at that time.
    pub actor: String,
    /// What the actor showed to be let in.
    pub via: Option<String>,
    /// Where it came from.
    pub address: Option<String>,
    /// What was done.
    pub action: String,
    /// On what kind of thing.
    pub resource_kind: Option<String>,
    /// On which thing.
    pub resource_id: Option<String>,
    /// Its name at that time.
    pub resource: Option<String>,
    /// How it ended.
    pub result: String,
    /// Why, in the actor's words.
    pub reason: String,
    /// What happened, in ours.
    pub detail: String,
    /// How long it took.
    pub duration_ms: Option<i64>,
    /// Correlation id.
    pub request_id: Uuid,
}

impl Record {
    /// The record of an entry at its place. Texts are as both engines keep them: without NUL, and within their bounds.
    #[must_use]
    pub fn new(sequence: Sequence, entry: &AuditEntry) -> Self {
        let name = |text: &Option<String>| text.as_deref().map(|text| storable(text, NAME_MAX));
        Self {
            sequence: sequence.0,
            id: entry.id.0,
            at_micros: entry.at.as_micros(),
            actor_kind: entry.actor_kind.as_str().to_owned(),
            actor_id: name(&entry.actor_id),
            actor: storable(&entry.actor_name, NAME_MAX),
            via: name(&entry.via),
            address: name(&entry.address),
            action: storable(&entry.action, NAME_MAX),
            resource_kind: name(&entry.resource_kind),
            resource_id: name(&entry.resource_id),
            resource: name(&entry.resource_name),
            result: entry.result.as_str().to_owned(),
            reason: storable(&entry.reason, TEXT_MAX),
            detail: storable(&entry.detail, TEXT_MAX),
            duration_ms: entry.duration_ms,
            request_id: entry.request_id.0,
        }
    }

    /// The canonical bytes.
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        Writer::new(b"mission-control audit entry", VERSION)
            .count(self.sequence)
            .bytes(self.id.as_bytes())
            .integer(self.at_micros)
            .text(&self.actor_kind)
            .maybe(self.actor_id.as_deref(), Writer::text)
            .text(&self.actor)
            .maybe(self.via.as_deref(), Writer::text)
            .maybe(self.address.as_deref(), Writer::text)
            .text(&self.action)
            .maybe(self.resource_kind.as_deref(), Writer::text)
            .maybe(self.resource_id.as_deref(), Writer::text)
            .maybe(self.resource.as_deref(), Writer::text)
            .text(&self.result)
            .text(&self.reason)
            .text(&self.detail)
            .maybe(self.duration_ms, Writer::integer)
            .bytes(self.request_id.as_bytes())
            .done()
    }
}

/// PostgreSQL's text cannot hold NUL, and nobody may fill the trail with one entry.
fn storable(text: &str, max: usize) -> String {
    let text = text.replace('\0', "\u{fffd}");
    if text.chars().count() <= max {
        return text;
    }
    let mut cut: String = text.chars().take(max.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Reads the values back: what can be read back in one way only was written in one way only.
    fn read(mut bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
        let head = b"mission-control audit entry\0\x01";
        assert_eq!(&bytes[..head.len()], head);
        bytes = &bytes[head.len()..];
        let mut values = Vec::new();
        while let Some((kind, rest)) = bytes.split_first() {
            let (size, skip) = match *kind {
                Writer::NOTHING => (0, 0),
                Writer::INTEGER => (8, 0),
                _ => (usize::try_from(u64::from_be_bytes(rest[..8].try_into().unwrap())).unwrap(), 8),
            };
            values.push((*kind, rest[skip..skip + size].to_vec()));
            bytes = &rest[skip + size..];
        }
        values
    }

    fn text() -> impl Strategy<Value = String> {
        // Few letters, so that neighbours often look alike when put together.
        prop_oneof!["[ab\u{1}\u{2}]{0,3}", ".{0,40}"]
    }

    prop_compose! {
        fn names()(kind in text(), actor in text(), action in text(), result in text(), reason in text(), detail in text())
            -> [String; 6] { [kind, actor, action, result, reason, detail] }
    }

    prop_compose! {
        fn records()(
            sequence in 0..3_u64, id in any::<u128>(), at_micros in any::<i64>(), names in names(),
            actor_id in proptest::option::of(text()), via in proptest::option::of(text()), address in proptest::option::of(text()),
            resource_kind in proptest::option::of(text()), resource_id in proptest::option::of(text()),
            resource in proptest::option::of(text()), duration_ms in proptest::option::of(any::<i64>()), request in any::<u128>(),
        ) -> Record {
            let [actor_kind, actor, action, result, reason, detail] = names;
            Record {
                sequence, id: Uuid::from_u128(id), at_micros, actor_kind, actor_id, actor, via, address, action, resource_kind, resource_id,
                resource, result, reason, detail, duration_ms, request_id: Uuid::from_u128(request),
            }
        }
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_back(record in records()) {
            let values = read(&record.canonical());
            prop_assert_eq!(values.len(), 17);
            let text = |n: usize| (values[n].0 == Writer::TEXT).then(|| String::from_utf8(values[n].1.clone()).unwrap());
            prop_assert_eq!(u64::from_be_bytes(values[0].1.clone().try_into().unwrap()), record.sequence);
            prop_assert_eq!(&values[1].1, record.id.as_bytes());
            prop_assert_eq!(i64::from_be_bytes(values[2].1.clone().try_into().unwrap()), record.at_micros);
            let texts = [Some(record.actor_kind), record.actor_id, Some(record.actor), record.via, record.address, Some(record.action),
                record.resource_kind, record.resource_id, record.resource, Some(record.result), Some(record.reason), Some(record.detail)];
            for (n, expected) in texts.into_iter().enumerate() {
                prop_assert_eq!(text(n + 3), expected);
            }
            let duration = (values[15].0 == Writer::INTEGER).then(|| i64::from_be_bytes(values[15].1.clone().try_into().unwrap()));
            prop_assert_eq!(duration, record.duration_ms);
            prop_assert_eq!(&values[16].1, record.request_id.as_bytes());
        }

        #[test]
        fn two_entries_never_have_the_same_bytes(one in records(), other in records()) {
            prop_assert_eq!(one == other, one.canonical() == other.canonical());
        }

        #[test]
        fn text_that_moves_to_its_neighbour_shows(one in records(), at in 0..40_usize) {
            let mut other = one.clone();
            let moved: String = one.reason.chars().skip(at).collect();
            other.reason = one.reason.chars().take(at).collect();
            other.detail = moved.clone() + &one.detail;
            prop_assert_eq!(moved.is_empty(), one.canonical() == other.canonical());
        }
    }

    #[test]
    fn long_texts_and_nul_are_kept_as_the_database_can() {
        assert_eq!(storable("a\0b", 10), "a\u{fffd}b");
        assert_eq!(storable("äöüß", 3), "äö…");
        assert_eq!(storable("äöü", 3), "äöü");
    }
}
