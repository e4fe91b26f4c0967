//! The audit trail: recording, reading, exporting; signing, proving, ending.

pub mod entry;
pub(crate) mod mirror;
pub mod proof;
pub(crate) mod recorder;
mod retention;
pub(crate) mod witness;
