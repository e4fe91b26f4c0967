//! The audit trail: recording, reading, exporting.

pub mod entry;
pub(crate) mod recorder;
