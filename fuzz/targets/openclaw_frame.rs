//! Frames of an OpenClaw gateway.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mc_openclaw::protocol::{Frame, Hello};

fuzz_target!(|bytes: &[u8]| {
    let _ = Frame::parse(bytes);
    if let Ok(value) = serde_json::from_slice(bytes) {
        let _ = Hello::parse(&value);
    }
});
