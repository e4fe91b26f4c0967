//! Sessions with terminals: what passes in them is recorded, listed and shown again.

mod cast;
pub mod live;
pub mod recorder;
pub mod recording;

pub use cast::CONTENT_TYPE;
