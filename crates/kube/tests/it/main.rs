//! Tests of the whole crate: against tables and generated input, and against a real API server.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what a test reads wrong is a failed test, whichever function of it reads"
)]

mod answers;
mod apiserver;
mod cases;
mod filters;
mod generated;
mod kubectl;
mod proxy;
mod requests;
mod sessions;
