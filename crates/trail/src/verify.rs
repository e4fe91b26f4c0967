//! The verifier: reads a trail in order, in constant memory, and says ok or what is the first bad entry and how it is bad.
//!
//! The caller feeds retention's segments first, then entries by sequence, each checkpoint behind the entry it covers. A short look ahead
//! tells what happened to an entry that does not fit; see `classify.rs`.

mod classify;
#[cfg(test)]
mod tests;

use std::{collections::VecDeque, fmt};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Checkpoint, Digest, MacKey, PublicKey, Segment,
    chain::{Linked, genesis, link},
};

/// The action of the entry from which on another key is used.
pub const KEY_CHANGED: &str = "audit_key_changed";
/// How far the verifier looks ahead to tell what happened.
const WINDOW: usize = 64;

/// What is wrong with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Its content, or what proves it, is not what was written.
    Changed,
    /// It is not there, and what follows it is.
    Missing,
    /// The server never wrote it.
    Inserted,
    /// It stands where another one was.
    Reordered,
    /// It and all after it are gone.
    Truncated,
    /// A checkpoint or a segment's digest is forged or gone.
    Checkpoint,
}

impl Kind {
    /// The kind as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Missing => "missing",
            Self::Inserted => "inserted",
            Self::Reordered => "reordered",
            Self::Truncated => "truncated",
            Self::Checkpoint => "checkpoint",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The first bad entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bad {
    /// Its place in the trail.
    pub sequence: u64,
    /// The id that stands there, if anything does.
    pub id: Option<Uuid>,
    /// The time that stands there.
    pub at_micros: Option<i64>,
    /// How it is bad.
    pub kind: Kind,
    /// The same in words.
    pub text: String,
}

/// An entry somebody remembers: whoever checks knows that the trail once had this hash at this place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pin {
    /// The place.
    pub sequence: u64,
    /// The hash.
    pub hash: Digest,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Entries read.
    pub entries: u64,
    /// The oldest entry kept; 0 when there is none.
    pub first_sequence: u64,
    /// The newest good one.
    pub last_sequence: u64,
    /// Segments that retention removed.
    pub segments: u64,
    /// How many of those had been found bad before.
    pub bad_segments: u64,
    /// Checkpoints read.
    pub checkpoints: u64,
    /// The newest entry that a checkpoint covers; 0 when there is none.
    pub covered_to: u64,
    /// The first bad entry.
    pub bad: Option<Bad>,
}

/// What is checked against.
#[derive(Debug, Clone, Default)]
pub struct Against<'k> {
    /// Keys whose signatures count.
    pub keys: Vec<PublicKey>,
    /// The server's key, where it is at hand.
    pub mac: Option<&'k MacKey>,
    /// The first entry of that key: earlier ones were written with one that was lost.
    pub mac_from: u64,
    /// Where the database says that the trail ends.
    pub head: Option<u64>,
    /// What is remembered outside the database.
    pub pins: Vec<Pin>,
    /// The number of the newest checkpoint that is remembered.
    pub newest_checkpoint: Option<u64>,
}

enum Item {
    Entry(Box<Linked>),
    Unreadable(u64),
    Checkpoint(Box<Checkpoint>),
}

/// Checks a trail while it is read.
pub struct Verifier<'k> {
    trail: Uuid,
    against: Against<'k>,
    queue: VecDeque<Item>,
    /// The entry before the next one, and its hash.
    sequence: u64,
    hash: Digest,
    checkpoint: Option<(u64, Digest)>,
    report: Report,
}

impl<'k> Verifier<'k> {
    /// Begins with an empty trail.
    #[must_use]
    pub fn new(trail: Uuid, against: Against<'k>) -> Self {
        let report = Report::default();
        Self { trail, against, queue: VecDeque::new(), sequence: 0, hash: genesis(trail), checkpoint: None, report }
    }

    /// Begins in the middle, behind what is known to be good.
    #[must_use]
    pub fn after(trail: Uuid, against: Against<'k>, sequence: u64, hash: Digest) -> Self {
        Self { sequence, hash, ..Self::new(trail, against) }
    }

    /// Whether reading on can tell more.
    #[must_use]
    pub const fn goes_on(&self) -> bool {
        self.report.bad.is_none()
    }

    /// A digest of removed entries; in order, before anything else.
    pub fn segment(&mut self, segment: &Segment) {
        if !self.goes_on() {
            return;
        }
        let at = segment.first_sequence;
        if segment.trail != self.trail || !segment.is_signed(&self.against.keys) {
            let text = format!("the digest of the removed entries {at} to {} is not signed by this server's key", segment.last_sequence);
            return self.bad(at, None, Kind::Checkpoint, text);
        }
        if segment.first_sequence != self.sequence + 1 || segment.first_hash != self.hash || segment.last_sequence < at {
            let text = format!("a digest of removed entries is gone: the next one begins at {at}, not at {}", self.sequence + 1);
            return self.bad(self.sequence + 1, None, Kind::Checkpoint, text);
        }
        (self.sequence, self.hash) = (segment.last_sequence, segment.last_hash);
        self.report.segments += 1;
        self.report.bad_segments += u64::from(segment.first_bad.is_some());
        self.report.covered_to = segment.last_sequence;
    }

    /// The next entry.
    pub fn entry(&mut self, entry: Linked) {
        self.push(Item::Entry(Box::new(entry)));
    }

    /// The next entry, which cannot be read as one.
    pub fn unreadable(&mut self, sequence: u64) {
        self.push(Item::Unreadable(sequence));
    }

    /// The next checkpoint, behind the entry it covers.
    pub fn checkpoint(&mut self, checkpoint: Checkpoint) {
        self.push(Item::Checkpoint(Box::new(checkpoint)));
    }

    fn push(&mut self, item: Item) {
        self.queue.push_back(item);
        if self.queue.len() > WINDOW {
            self.step();
        }
    }

    fn step(&mut self) {
        let Some(item) = self.queue.pop_front() else { return };
        if !self.goes_on() {
            return;
        }
        match item {
            Item::Entry(entry) => self.check_entry(*entry),
            Item::Unreadable(sequence) if sequence == self.sequence + 1 => {
                let text = format!("entry {sequence} was changed: it cannot be read as an entry any more");
                self.bad(sequence, None, Kind::Changed, text);
            }
            Item::Unreadable(sequence) => self.misplaced(sequence, None),
            Item::Checkpoint(checkpoint) => self.check_checkpoint(&checkpoint),
        }
    }

    fn check_entry(&mut self, entry: Linked) {
        let at = entry.record.sequence;
        if at != self.sequence + 1 {
            return self.misplaced(at, Some(&entry));
        }
        self.report.entries += 1;
        if self.report.first_sequence == 0 {
            self.report.first_sequence = at;
        }
        if link(self.hash, &entry.record) != entry.hash {
            let (kind, text) = self.classify(&entry);
            return self.bad(at, Some(&entry), kind, text);
        }
        if let Some((kind, text)) = self.check_mac(&entry) {
            return self.bad(at, Some(&entry), kind, text);
        }
        if self.against.pins.iter().any(|pin| pin.sequence == at && pin.hash != entry.hash) {
            let text =
                format!("the trail was cut off at or before entry {at} and grew again: this server remembers another entry in its place");
            return self.bad(at, Some(&entry), Kind::Truncated, text);
        }
        (self.sequence, self.hash) = (at, entry.hash);
        self.report.last_sequence = at;
    }

    fn check_mac(&self, entry: &Linked) -> Option<(Kind, String)> {
        let (mac, at) = (self.against.mac?, entry.record.sequence);
        if at < self.against.mac_from || mac.proves(entry.hash, entry.mac) {
            return None;
        }
        Some(if self.against.head.is_some_and(|head| at > head) {
            (Kind::Inserted, format!("entry {at} was inserted: it is not keyed as this server keys what it writes"))
        } else {
            (Kind::Changed, format!("entry {at} was changed: it, or its key hash, is not what this server wrote"))
        })
    }

    fn check_checkpoint(&mut self, checkpoint: &Checkpoint) {
        let (number, at) = (checkpoint.number, checkpoint.sequence);
        if checkpoint.trail != self.trail || !checkpoint.is_signed(&self.against.keys) {
            let text = format!("checkpoint {number} at entry {at} is forged: it is not signed by this server's key");
            return self.bad(at, None, Kind::Checkpoint, text);
        }
        let follows = match self.checkpoint {
            Some((before, digest)) => number == before + 1 && checkpoint.previous == digest,
            None => number == 1 || self.report.segments > 0,
        };
        if !follows {
            let before = self.checkpoint.map_or(0, |(before, _)| before);
            let text = format!("a checkpoint is gone: checkpoint {number} at entry {at} does not follow checkpoint {before}");
            return self.bad(at, None, Kind::Checkpoint, text);
        }
        if at > self.sequence {
            let missing = self.sequence + 1;
            if self.is_ahead(missing) {
                let text = format!("entries are out of order: {missing} stands behind entries that follow it");
                return self.bad(missing, None, Kind::Reordered, text);
            }
            let more = self.queue.iter().any(|item| !matches!(item, Item::Checkpoint(_)));
            let kind = if more { Kind::Missing } else { Kind::Truncated };
            let text = format!("entries {missing} to {at} are gone: checkpoint {number} was signed when they were there");
            return self.bad(missing, None, kind, text);
        }
        if checkpoint.hash != self.hash || at < self.sequence {
            let from = self.report.covered_to + 1;
            let kind = if self.against.mac.is_some() { Kind::Truncated } else { Kind::Changed };
            let text = format!(
                "entries between {from} and {at} were replaced: the trail's hash at {at} is not the one checkpoint {number} signed"
            );
            return self.bad(from, None, kind, text);
        }
        if let Some(bad) = checkpoint.first_bad.filter(|bad| *bad > 0 && *bad >= self.report.first_sequence) {
            let text = format!("checkpoint {number} says that the server found entry {bad} to be bad before it signed");
            return self.bad(bad, None, Kind::Changed, text);
        }
        self.checkpoint = Some((number, checkpoint.digest()));
        self.report.checkpoints += 1;
        self.report.covered_to = at;
    }

    /// Whether an entry or a checkpoint was fed already.
    pub(crate) fn has_begun(&self) -> bool {
        self.report.entries > 0 || !self.queue.is_empty()
    }

    /// The end of an export: what follows the last checkpoint is signed by nobody, and an export without its last line was cut off.
    pub(crate) fn end(mut self, end: Option<&crate::export::End>) -> Report {
        if let Some(end) = end {
            self.against.pins.extend((end.last_sequence > 0).then_some(Pin { sequence: end.last_sequence, hash: end.hash }));
        }
        self.drain();
        if self.goes_on() && end.is_none() {
            let text = "the export was cut off: its last line is missing".to_owned();
            self.bad(self.sequence + 1, None, Kind::Truncated, text);
        }
        self.finish()
    }

    /// Looks at everything that was fed, without waiting for more to look ahead to.
    pub fn drain(&mut self) {
        while !self.queue.is_empty() {
            self.step();
        }
    }

    /// All was fed.
    #[must_use]
    pub fn finish(mut self) -> Report {
        self.drain();
        let remembered = self.against.pins.iter().map(|pin| pin.sequence).chain(self.against.head).max();
        if let Some(remembered) = remembered.filter(|remembered| self.goes_on() && *remembered > self.sequence) {
            let missing = self.sequence + 1;
            let text = format!("the trail's end was cut off: entries {missing} to {remembered} were written and are gone");
            self.bad(missing, None, Kind::Truncated, text);
        }
        let newest = self.checkpoint.map_or(0, |(number, _)| number);
        if let Some(remembered) = self.against.newest_checkpoint.filter(|remembered| self.goes_on() && *remembered > newest) {
            let text = format!("checkpoints {} to {remembered} were made and are gone", newest + 1);
            self.bad(self.sequence, None, Kind::Checkpoint, text);
        }
        self.report
    }

    /// Where the good part ends, and its hash.
    #[must_use]
    pub const fn head(&self) -> (u64, Digest) {
        (self.sequence, self.hash)
    }

    fn bad(&mut self, sequence: u64, entry: Option<&Linked>, kind: Kind, text: String) {
        let (id, at_micros) = (entry.map(|entry| entry.record.id), entry.map(|entry| entry.record.at_micros));
        self.report.bad = Some(Bad { sequence, id, at_micros, kind, text });
    }
}
