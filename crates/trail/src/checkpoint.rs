//! Signed statements about the chain: where its head is, and what retention removed.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Digest, PublicKey, Signer, canonical::Writer};

/// "At this time the trail ended here": pins every entry up to it, and how many there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// 1, 2, 3, … without a gap.
    pub number: u64,
    /// The trail it is of.
    pub trail: Uuid,
    /// The newest entry it covers.
    pub sequence: u64,
    /// That entry's hash.
    pub hash: Digest,
    /// How many entries were kept then.
    pub count: u64,
    /// The oldest entry kept then.
    pub first_sequence: u64,
    /// [`Checkpoint::digest`] of the one before it; zeros for the first.
    pub previous: Digest,
    /// When, in microseconds since 1970.
    pub at_micros: i64,
    /// The first entry that was found to be bad before this was signed: the server covers what follows it, and says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_bad: Option<u64>,
    /// Which key signed it.
    pub key_id: String,
    /// Ed25519 over [`Checkpoint::signed_bytes`], in base64.
    pub signature: String,
}

impl Checkpoint {
    /// The bytes that are signed.
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        Writer::new(b"mission-control audit checkpoint", 1)
            .count(self.number)
            .bytes(self.trail.as_bytes())
            .count(self.sequence)
            .bytes(&self.hash.0)
            .count(self.count)
            .count(self.first_sequence)
            .bytes(&self.previous.0)
            .integer(self.at_micros)
            .maybe(self.first_bad, Writer::count)
            .text(&self.key_id)
            .done()
    }

    /// What the next checkpoint names as the one before it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&self.signed_bytes())
    }

    /// The same, signed.
    #[must_use]
    pub fn sign(mut self, signer: &Signer) -> Self {
        signer.public().id().clone_into(&mut self.key_id);
        self.signature = signer.sign(&self.signed_bytes());
        self
    }

    /// Whether one of the keys signed it.
    #[must_use]
    pub fn is_signed(&self, keys: &[PublicKey]) -> bool {
        keys.iter().any(|key| key.id() == self.key_id && key.proves(&self.signed_bytes(), &self.signature))
    }
}

/// What is kept of entries that retention removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// The trail it was of.
    pub trail: Uuid,
    /// The first entry removed.
    pub first_sequence: u64,
    /// The last one.
    pub last_sequence: u64,
    /// The hash before the first.
    pub first_hash: Digest,
    /// The hash of the last: covers every entry of the segment.
    pub last_hash: Digest,
    /// When it was removed, in microseconds since 1970.
    pub at_micros: i64,
    /// The first entry of it that was found to be bad before it was removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_bad: Option<u64>,
    /// Which key signed it.
    pub key_id: String,
    /// Ed25519 over [`Segment::signed_bytes`], in base64.
    pub signature: String,
}

impl Segment {
    /// The bytes that are signed.
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        Writer::new(b"mission-control audit segment", 1)
            .bytes(self.trail.as_bytes())
            .count(self.first_sequence)
            .count(self.last_sequence)
            .bytes(&self.first_hash.0)
            .bytes(&self.last_hash.0)
            .integer(self.at_micros)
            .maybe(self.first_bad, Writer::count)
            .text(&self.key_id)
            .done()
    }

    /// The same, signed.
    #[must_use]
    pub fn sign(mut self, signer: &Signer) -> Self {
        signer.public().id().clone_into(&mut self.key_id);
        self.signature = signer.sign(&self.signed_bytes());
        self
    }

    /// Whether one of the keys signed it.
    #[must_use]
    pub fn is_signed(&self, keys: &[PublicKey]) -> bool {
        keys.iter().any(|key| key.id() == self.key_id && key.proves(&self.signed_bytes(), &self.signature))
    }
}
