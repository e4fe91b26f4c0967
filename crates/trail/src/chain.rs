//! The chain: each entry's hash covers the hash before it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Digest, Record};

/// An entry with what links and proves it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linked {
    /// The entry.
    #[serde(flatten)]
    pub record: Record,
    /// The link: [`link`] of the hash before it and the record.
    pub hash: Digest,
    /// The server's HMAC over the hash; says that the server wrote it also before the next checkpoint is signed.
    pub mac: Digest,
}

/// What the first entry of a trail is linked to. The trail's id is in it, so that entries of one server never pass as another's.
#[must_use]
pub fn genesis(trail: Uuid) -> Digest {
    Digest::of(&[b"mission-control audit genesis\0\x01".as_slice(), trail.as_bytes()].concat())
}

/// The hash of a record that follows `previous`.
#[must_use]
pub fn link(previous: Digest, record: &Record) -> Digest {
    Digest::of(&[b"mission-control audit chain\0\x01".as_slice(), &previous.0, &record.canonical()].concat())
}
