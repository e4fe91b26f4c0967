//! The fleet: agents, how they join, what they say, what is asked of them.

pub mod activity;
pub mod agent;
pub mod command;
pub mod counters;
pub(crate) mod inventory;
pub mod join;
pub mod join_token;
pub mod link;
pub mod log;
pub mod metric;
pub(crate) mod open_commands;
pub mod overview;
pub mod query;
pub mod view;
pub(crate) mod writer;
