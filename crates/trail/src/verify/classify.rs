//! What happened to an entry that does not fit: told from the entries behind it.

use super::{Item, Kind, Verifier};
use crate::{
    Digest, Record,
    chain::{Linked, link},
};

impl Verifier<'_> {
    /// An entry whose number is not the next one.
    pub(super) fn misplaced(&mut self, at: u64, entry: Option<&Linked>) {
        let expected = self.sequence + 1;
        if at < expected {
            return self.bad(at, entry, Kind::Inserted, format!("entry {at} is there more than once"));
        }
        if self.is_ahead(expected) {
            return self.bad(expected, None, Kind::Reordered, format!("entries are out of order: {at} stands where {expected} should"));
        }
        let last = at - 1;
        let text = if last == expected { format!("entry {expected} is gone") } else { format!("entries {expected} to {last} are gone") };
        self.bad(expected, None, Kind::Missing, text);
    }

    /// An entry in the right place that the hash before it does not lead to.
    pub(super) fn classify(&self, entry: &Linked) -> (Kind, String) {
        let at = entry.record.sequence;
        let ahead: Vec<&Linked> = self.ahead().collect();
        // The entry that belongs here carries its hash with it, or has left it behind.
        let found = ahead.iter().position(|other| {
            let hash = link(self.hash, &moved(&other.record, at));
            hash == other.hash || hash == entry.hash
        });
        match found {
            Some(0) if !self.swapped(entry, &ahead) => {
                return (Kind::Inserted, format!("entry {at} was inserted: the one that belongs in its place follows it"));
            }
            Some(place) => {
                let other = ahead.get(place).map_or(at, |other| other.record.sequence);
                return (Kind::Reordered, format!("entries {at} and {other} changed places"));
            }
            None => {}
        }
        let next_fits = ahead.first().is_some_and(|next| link(entry.hash, &moved(&next.record, at + 2)) == next.hash);
        let covered =
            self.queue.iter().any(|item| matches!(item, Item::Checkpoint(found) if found.hash == entry.hash && found.sequence > at));
        let ends_early = ahead.is_empty() && self.against.head.is_some_and(|head| at < head);
        if next_fits || covered || ends_early {
            return (Kind::Missing, format!("entry {at} is gone, and those behind it moved up"));
        }
        if self.against.head.is_some_and(|head| at > head) {
            return (Kind::Inserted, format!("entry {at} was inserted: the server's own end of the trail is before it"));
        }
        (Kind::Changed, format!("entry {at} was changed: it no longer gives the hash it was stored with"))
    }

    /// Whether this entry belongs where the next one stands.
    fn swapped(&self, entry: &Linked, ahead: &[&Linked]) -> bool {
        let Some(next) = ahead.first() else { return false };
        let at = entry.record.sequence;
        let before: Digest = link(self.hash, &moved(&next.record, at));
        let hash = link(before, &moved(&entry.record, at + 1));
        hash == entry.hash || hash == next.hash
    }

    /// Whether the entry of that number comes later.
    pub(super) fn is_ahead(&self, sequence: u64) -> bool {
        self.ahead().any(|entry| entry.record.sequence == sequence)
    }

    fn ahead(&self) -> impl Iterator<Item = &Linked> {
        self.queue.iter().filter_map(|item| match item {
            Item::Entry(entry) => Some(&**entry),
            Item::Unreadable(_) | Item::Checkpoint(_) => None,
        })
    }
}

/// The record as it would be in another place.
fn moved(record: &Record, sequence: u64) -> Record {
    Record { sequence, ..record.clone() }
}
