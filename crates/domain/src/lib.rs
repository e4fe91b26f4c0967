//! The words of Mission Control.
//!
//! Every other room imports these and gives them no second meaning: ids, names, agents, commands, actors, rules. Nothing here
//! does I/O, knows a framework, or is async.

pub mod access_request;
pub mod action;
pub mod actor;
pub mod agent;
pub mod api_token;
pub mod audit;
pub mod cluster;
pub mod command;
pub mod ctx;
pub mod email;
pub mod event;
pub mod id;
pub mod invite;
pub mod join_token;
pub mod log;
pub mod login;
pub mod metric;
pub mod name;
pub mod password;
pub mod pattern;
pub mod permit;
pub mod preference;
pub mod provider;
pub mod recording;
pub mod role;
pub mod role_assignment;
pub mod role_form;
pub mod scope;
pub mod session;
pub mod setting;
pub mod time;
pub mod user;
pub mod workload;
