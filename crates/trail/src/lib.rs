//! What proves the audit trail.
//!
//! Each entry becomes canonical bytes, each link of the chain hashes the one before it, checkpoints sign the chain's head, and one verifier
//! checks all of it: over the database, where the server's key is at hand, and over an export, where only the public key is. `docs/audit.md`
//! is the specification; a change of any byte here is a new version there. No I/O: keys and rows are passed in.

pub mod canonical;
pub mod chain;
pub mod checkpoint;
pub mod digest;
pub mod export;
pub mod key;
pub mod verify;

pub use crate::{
    canonical::Record,
    chain::{Linked, genesis, link},
    checkpoint::{Checkpoint, Segment},
    digest::Digest,
    key::{BadKey, MacKey, PublicKey, Signer},
    verify::{Bad, Kind, Pin, Report, Verifier},
};
