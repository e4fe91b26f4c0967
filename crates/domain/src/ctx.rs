//! The context that travels through every call.

use crate::{actor::Actor, id::RequestId, time::Time};

/// Who asks, from where, when, under which correlation id.
#[derive(Debug, Clone)]
pub struct Ctx {
    /// Who asks.
    pub actor: Actor,
    /// The correlation id: returned as `X-Request-Id`, kept in the audit trail, carried to the agent.
    pub request_id: RequestId,
    /// The peer's address, when it came over a network.
    pub address: Option<String>,
    /// When the request arrived.
    pub now: Time,
}

impl Ctx {
    /// A context for something the server does by itself.
    #[must_use]
    pub fn system(now: Time) -> Self {
        Self { actor: Actor::System, request_id: RequestId::new(), address: None, now }
    }

    /// The same request, seen as done by `actor`.
    #[must_use]
    pub fn acting_as(&self, actor: Actor) -> Self {
        Self { actor, ..self.clone() }
    }
}
