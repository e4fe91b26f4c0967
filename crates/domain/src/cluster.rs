//! A Kubernetes cluster: reached through one agent, which says how it is.

use serde::{Deserialize, Serialize};

use crate::{id::AgentId, name::ClusterName, time::Time};

/// How a cluster is, as its agent found it last.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ClusterReport {
    /// Its API server's version: `v1.34.1`. Empty while it has never answered.
    pub version: String,
    /// Why the API server does not answer, in words; empty when it does.
    pub trouble: String,
    /// Nodes, if the agent may count them.
    pub nodes: Option<Ready>,
    /// Deployments, stateful sets and daemon sets, by their plural names, if the agent may count them.
    pub workloads: Vec<(String, Ready)>,
}

/// How many of how many are as they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ready {
    /// Those that are.
    pub ready: u32,
    /// All of them.
    pub all: u32,
}

/// A cluster that an agent looks after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// Its name, unique.
    pub name: ClusterName,
    /// The agent that it is reached through.
    pub agent_id: AgentId,
    /// What the agent said last.
    pub report: ClusterReport,
    /// When the agent said it.
    pub reported_at: Time,
    /// When an agent first said that it looks after it.
    pub created_at: Time,
}

/// Whether a cluster can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClusterStatus {
    /// Its agent is connected, its API server answers, and every node is ready.
    Online,
    /// It can be used, but a node is not ready.
    Degraded,
    /// Its agent is connected, but its API server does not answer.
    Unreachable,
    /// Its agent is away.
    Offline,
}

impl ClusterStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Online, Self::Degraded, Self::Unreachable, Self::Offline];

    /// The status as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Degraded => "degraded",
            Self::Unreachable => "unreachable",
            Self::Offline => "offline",
        }
    }
}

impl Cluster {
    /// Whether it can be used, while its agent is `connected` or not.
    #[must_use]
    pub fn status(&self, connected: bool) -> ClusterStatus {
        match (connected, self.report.trouble.is_empty(), self.report.nodes) {
            (false, _, _) => ClusterStatus::Offline,
            (true, false, _) => ClusterStatus::Unreachable,
            (true, true, Some(nodes)) if nodes.ready < nodes.all => ClusterStatus::Degraded,
            (true, true, _) => ClusterStatus::Online,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_worst_is_said() {
        let cluster = |trouble: &str, nodes: Option<(u32, u32)>| Cluster {
            name: "dev".parse().expect("a name"),
            agent_id: AgentId::new(),
            report: ClusterReport {
                trouble: trouble.to_owned(),
                nodes: nodes.map(|(ready, all)| Ready { ready, all }),
                ..ClusterReport::default()
            },
            reported_at: Time::default(),
            created_at: Time::default(),
        };
        assert_eq!(cluster("", Some((2, 2))).status(true), ClusterStatus::Online);
        assert_eq!(cluster("", None).status(true), ClusterStatus::Online, "an agent that may not count nodes");
        assert_eq!(cluster("", Some((1, 2))).status(true), ClusterStatus::Degraded);
        assert_eq!(cluster("refused", Some((1, 2))).status(true), ClusterStatus::Unreachable);
        assert_eq!(cluster("", Some((2, 2))).status(false), ClusterStatus::Offline);
    }
}
