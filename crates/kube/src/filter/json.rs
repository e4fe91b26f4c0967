//! Answers in JSON: found apart into values as they arrive, each judged when it is whole.

pub(super) mod list;
mod members;
mod object;
mod value;
pub(super) mod watch;
