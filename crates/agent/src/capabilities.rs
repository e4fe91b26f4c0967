//! What the agent offers, a file each.

pub(crate) mod cluster;
pub(crate) mod command;
pub(crate) mod host;
pub(crate) mod journal;
pub(crate) mod kubectl;
pub(crate) mod kubernetes;
pub(crate) mod logs;
pub(crate) mod openclaw;
pub(crate) mod systemd;
mod tail;
pub(crate) mod unit;
pub(crate) mod usage;
pub(crate) mod workload;
