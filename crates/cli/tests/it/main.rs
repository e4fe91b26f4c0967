//! The real `mc` against the real server and real agents.

#![expect(clippy::expect_used, clippy::panic, reason = "helpers outside of test functions fail the test by panicking")]

mod agent;
mod api_token;
mod audit;
mod auth;
mod cluster;
mod fleet;
mod join_token;
mod mc;
mod output;
mod peer;
mod recording;
mod remote;
mod second_factor;
mod sso;
mod terminal;
mod user;
