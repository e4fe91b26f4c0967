//! Frames of agents: whatever comes is decoded and converted without a panic, and within the limits.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mc_domain::{
    agent::Identity,
    log::{LINE_MAX_BYTES, LogLine},
    metric::{METRICS, Sample},
    workload::Workload,
};
use mc_wire::{
    convert,
    v1::{self, agent_frame::Frame},
};
use prost::Message;

fuzz_target!(|bytes: &[u8]| {
    let _ = v1::JoinRequest::decode(bytes);
    let _ = v1::ServerFrame::decode(bytes);
    let Ok(frame) = v1::AgentFrame::decode(bytes) else { return };
    match frame.frame {
        Some(Frame::Hello(hello)) => {
            if let Some(identity) = &hello.identity {
                assert!(Identity::from(identity).hostname.len() <= 255);
            }
        }
        Some(Frame::Workload(report)) => assert!(Workload::from(&report).facts.len() <= 32),
        Some(Frame::Telemetry(telemetry)) => {
            assert!(telemetry.lines.iter().all(|line| LogLine::from(line).message.len() <= LINE_MAX_BYTES));
            assert!(telemetry.samples.iter().all(|sample| Sample::from(sample).values.len() <= METRICS.len()));
        }
        Some(Frame::Command(update)) => {
            let _ = convert::command_update(&update);
        }
        _ => {}
    }
});
