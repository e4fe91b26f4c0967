//! The crate against a fake gateway built on captured frames, and against a real one.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test's helpers may fail the test")]

mod client;
mod fake;
mod fixtures;
mod kill;
mod observe;
mod real;
mod restart;
