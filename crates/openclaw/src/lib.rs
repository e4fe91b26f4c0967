//! The OpenClaw gateway as seen from beside it: an agent on the same machine, as a user that may read the gateway's state directory.
//!
//! [`Gateway`] is the face: look at it ([`Gateway::observe`]), restart it, kill it. What it sees is a list of separate facts
//! (process, lock, port, ready, hello), each with its own age, and one state made from them ([`state`], which is pure). Nothing here
//! reads the environment or the clock; both come from the caller.
//!
//! Facts about the gateway were measured on OpenClaw 2026.9.6. Frames and bodies are read leniently: unknown fields are welcome.

pub mod client;
pub mod config;
mod error;
mod files;
mod gateway;
mod http;
mod json5;
pub mod lock;
pub mod logs;
mod memory;
mod pace;
mod probe;
pub mod process;
pub mod protocol;
mod restart;
pub mod state;
mod survey;

pub use error::GatewayError;
pub use gateway::{Gateway, GatewayConfig, Observation};
pub use pace::Pace;
