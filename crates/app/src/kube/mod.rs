//! Kubernetes clusters, reached through the agents that run in them or beside them.

pub mod target;
