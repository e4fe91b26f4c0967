//! HTTP request and answer types, shared by the server and its clients.
//!
//! One file a noun, named like the noun on every other floor. These are the wire's words, not the database's: a field is added here on
//! purpose or not at all.

pub mod access_request;
pub mod agent;
pub mod audit;
pub mod auth;
pub mod cluster;
pub mod command;
pub mod event;
pub mod exec;
pub mod invite;
pub mod join_token;
pub mod list;
pub mod log;
pub mod me;
pub mod metric;
pub mod overview;
pub mod problem;
pub mod provider;
pub mod recording;
pub mod role;
pub mod role_assignment;
pub mod schema;
pub mod second_factor;
pub mod setting;
pub mod simulate;
pub mod status;
pub mod token;
pub mod user;
