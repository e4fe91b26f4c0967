//! The hub's links as agents see them, with a listener that answers as the test says.

mod drain;
mod support;
