//! The audit trail: recording, reading, exporting; signing, proving, ending.

#[cfg(test)]
mod coverage;
pub mod entry;
pub(crate) mod mirror;
pub mod proof;
pub(crate) mod recorder;
mod retention;
mod throttle;
pub(crate) mod witness;
