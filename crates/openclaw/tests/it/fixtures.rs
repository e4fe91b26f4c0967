//! What was captured from a real gateway is understood.

use mc_domain::{log::LogLevel, time::Time};
use mc_openclaw::{
    logs::parse_line,
    protocol::{Frame, Hello},
};
use serde_json::Value;

#[test]
fn every_captured_log_line_has_its_time_level_and_text() {
    let lines = include_str!("../fixtures/gateway-log.jsonl")
        .lines()
        .map(|line| parse_line(line, "gateway.log", Time::default()))
        .collect::<Vec<_>>();
    assert_eq!(lines.len(), 40);
    let (first, last) = (lines.first().unwrap().at.to_string(), lines.last().unwrap().at.to_string());
    assert!(lines.is_sorted_by_key(|line| line.at), "{first} to {last}");
    assert!(first.as_str() > "2026-11-22T04:00" && last.as_str() < "2026-11-22T05:00", "{first} to {last}");
    assert!(lines.iter().all(|line| !line.message.is_empty() && !line.message.contains("_meta")));
    assert_eq!(lines.iter().filter(|line| line.message.starts_with('[')).count(), 37, "all but three name where they come from");
    assert!(lines.iter().any(|line| line.message == "[cron] cron: timer armed"));
    let count = |level| lines.iter().filter(|line| line.level == level).count();
    assert_eq!((count(LogLevel::Info), count(LogLevel::Debug)), (15, 25));
}

#[test]
fn the_captured_hello_is_understood() {
    let Ok(Frame::Response { outcome: Ok(payload), id }) = Frame::parse(include_bytes!("../fixtures/hello-ok.json")) else {
        panic!("no answer")
    };
    let hello = Hello::parse(&payload).unwrap();
    assert_eq!((id.as_str(), hello.protocol, hello.version.as_deref()), ("c1", 4, Some("2026.9.6")));
    assert_eq!((hello.boot_id.as_deref(), hello.suspension.as_deref()), (Some("9e233679-13af-4ce1-af9e-7f3d199b130a"), Some("accepting")));
}

#[test]
fn captured_refusals_carry_their_code() {
    let handshakes: Value = serde_json::from_str(include_str!("../fixtures/handshakes.json")).unwrap();
    for (name, code) in [
        ("wrong_token", "AUTH_TOKEN_MISMATCH"),
        ("no_auth", "DEVICE_IDENTITY_REQUIRED"),
        ("proto3", "PROTOCOL_MISMATCH"),
        ("custom_id", "INVALID_REQUEST"),
    ] {
        let frame = serde_json::json!({"type": "res", "id": "c1", "ok": false, "error": handshakes[name]["error"]});
        let Ok(Frame::Response { outcome: Err(refusal), .. }) = Frame::parse(frame.to_string().as_bytes()) else {
            panic!("{name}: no refusal")
        };
        assert_eq!((refusal.code.as_str(), refusal.retryable), (code, false), "{name}");
    }
}
