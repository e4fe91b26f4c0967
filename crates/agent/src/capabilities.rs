//! What the agent offers, a file each.

pub(crate) mod command;
pub(crate) mod host;
pub(crate) mod usage;
pub(crate) mod workload;
