//! The agent protocol: generated code, version negotiation, frame limits.
//!
//! Conversions between frames and domain words live in [`convert`]; nothing here does I/O.

/// The generated protocol.
#[expect(missing_docs, clippy::all, clippy::allow_attributes, reason = "generated from proto/agent.proto, which is documented")]
pub mod v1 {
    tonic::include_proto!("missioncontrol.agent.v1");
}

pub mod codec;
pub mod convert;
pub mod version;

/// The largest frame either side accepts, in bytes. A telemetry batch is cut well below it.
pub const FRAME_MAX_BYTES: usize = 1024 * 1024;
/// Where a telemetry batch is cut, in bytes of content.
pub const BATCH_MAX_BYTES: usize = 256 * 1024;
/// How often an agent sends a heartbeat unless central says otherwise, in seconds.
pub const HEARTBEAT_SECONDS: u32 = 30;
/// The DNS name every agent-port certificate carries, so that agents verify central whatever address they dial.
pub const SERVER_NAME: &str = "central.mission-control.internal";
