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
/// The ALPN name of the connections that tunnels come over; the others speak `h2`.
pub const TUNNEL_PROTOCOL: &[u8] = b"mc-tunnel";
/// The largest piece of a tunnel's data, in bytes.
pub const DATA_MAX_BYTES: usize = 64 * 1024;
/// How many bytes of one tunnel may be on their way before its reader takes them. At a round trip of 50 ms that is 5 MB/s.
pub const TUNNEL_WINDOW_BYTES: u32 = 256 * 1024;
/// The most tunnels of one agent at a time.
pub const TUNNELS_MAX: u32 = 2_048;
/// The same for all tunnels of one agent: whatever their readers do, none waits for another.
pub const TUNNELS_WINDOW_BYTES: u32 = TUNNEL_WINDOW_BYTES * TUNNELS_MAX;
