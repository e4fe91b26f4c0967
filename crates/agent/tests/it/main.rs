//! The real `mc-agent` against a central in the test's hands: joining, streaming, commands, and every fault in between.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers outside of test functions fail the test by panicking")]

mod agent;
mod central;
mod check;
mod command;
mod faults;
mod join;
mod link;
mod logs;
mod openclaw;
mod systemd;
