//! The hub's links as agents see them, with a listener that answers as the test says.

#![expect(clippy::panic, clippy::expect_used, reason = "a test fails by panicking")]

mod drain;
mod support;
