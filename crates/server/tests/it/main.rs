//! The real `mission-control` through its public faces: HTTPS, WebSocket, the agents' port and its command line.
//!
//! Agents here are made of frames (`mc_testkit::RawAgent`), so that they can be wrong. Tests about stored things run on both databases.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers outside of test functions fail the test by panicking"
)]

mod access_request;
mod api_token;
mod audit;
mod authorisation;
mod certificate;
mod clone;
mod command;
mod cookie;
mod event;
mod exec;
mod fault;
mod headers;
mod identity;
mod invite;
mod join;
mod kube;
mod kube_fault;
mod kube_table;
mod link;
mod lockout;
mod log;
mod metric;
mod outage;
mod passkey;
mod profile;
mod real;
mod recording;
mod redaction;
mod reset;
mod retention;
mod role;
mod role_sight;
mod rotation;
mod second_factor;
mod session;
mod slow;
mod sso;
mod sso_attack;
mod sso_factor;
mod support;
mod tamper;
mod user;
