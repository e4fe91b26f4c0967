//! Errors as RFC 9457 problem details.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What went wrong and what to do about it. Content type `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Stable word for programs: `not_found`, `denied`, `invalid`, `conflict`, `unauthenticated`, `rate_limited`, `unavailable`,
    /// `too_large`, `internal`, or a more exact one such as `name_taken`, `agent_offline`, `setup_needed`.
    pub code: String,
    /// The code in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened here, and what to do.
    pub detail: String,
    /// Correlation id; the audit trail and the server's log carry it too.
    pub request_id: String,
}
