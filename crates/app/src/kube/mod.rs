//! Kubernetes clusters behind agents.

pub mod cluster;
pub mod door;
pub mod target;
