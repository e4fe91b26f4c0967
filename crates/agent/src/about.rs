//! What the agent says of itself.

use mc_domain::command::CommandAction;
use mc_wire::v1;

use crate::{
    capabilities::{host, workload},
    config::Config,
};

/// The identity that joining and every hello carry.
pub(crate) fn identity(config: &Config) -> v1::Identity {
    v1::Identity {
        hostname: host::hostname(),
        os: host::system(),
        arch: host::architecture(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        capabilities: workload::capabilities(config.kind()),
        allow: names(&config.allow.actions).into_iter().chain(in_cluster(config)).collect(),
        kind: config.kind().as_str().to_owned(),
    }
}

/// Actions as the wire names them.
pub(crate) fn names(actions: &[CommandAction]) -> Vec<String> {
    actions.iter().map(|action| action.as_str().to_owned()).collect()
}

/// What the owner allows in the cluster: `kubernetes:read`, …
fn in_cluster(config: &Config) -> impl Iterator<Item = String> {
    let allowed = config.kubernetes.as_ref().map_or_else(Vec::new, |kubernetes| kubernetes.allow.names());
    allowed.into_iter().map(|name| format!("kubernetes:{name}"))
}
