//! Files of an OpenClaw gateway: its lock and its log lines.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mc_domain::time::Time;
use mc_openclaw::{lock::Lock, logs};

fuzz_target!(|text: &str| {
    let _ = Lock::parse(text);
    for line in text.lines() {
        let _ = logs::parse_line(line, "gateway.log", Time::from_micros(0));
    }
});
