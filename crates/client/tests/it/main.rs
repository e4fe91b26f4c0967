//! The client against a small HTTPS server that answers by script: how sessions are renewed, whom it trusts, how failures are told.
//! What the operations mean is tested against the real server, in `mc-cli` and `mc-server`.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "helpers outside of test functions fail the test by panicking")]

mod peer;
mod session;
mod trust;
