//! The frame codec over arbitrary frames and arbitrary bytes.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use mc_domain::{
    agent::Identity,
    log::{LINE_MAX_BYTES, LogLevel, LogLine},
    metric::{METRICS, Metric, Sample},
    time::Time,
    workload::{Fact, FactState, Workload, WorkloadState},
};
use mc_wire::{
    convert,
    v1::{self, agent_frame::Frame},
};
use proptest::{collection::vec, prelude::*};
use prost::Message;

prop_compose! {
    fn fact()(name in "[a-z]{1,12}", state in 0usize..4, detail in "[ -~]{0,40}", since in any::<i64>()) -> Fact {
        let states = [FactState::Ok, FactState::Waiting, FactState::Bad, FactState::Unknown];
        Fact { name, state: states[state], detail, since: Time::from_micros(since) }
    }
}

prop_compose! {
    fn workload()(
        state in 0usize..WorkloadState::ALL.len(),
        detail in "[ -~]{0,80}",
        title in "[ -~]{0,80}",
        pid in proptest::option::of(1u32..),
        started in proptest::option::of(1i64..),
        restarts in any::<u32>(),
        last_exit in any::<Option<i32>>(),
        facts in vec(fact(), 0..8),
    ) -> Workload {
        let started_at = started.map(Time::from_micros);
        Workload { state: WorkloadState::ALL[state], detail, title, pid, started_at, restarts, last_exit, facts }
    }
}

prop_compose! {
    fn line()(at in any::<i64>(), level in 0usize..5, source in "[ -~]{0,40}", message in "\\PC{0,200}") -> LogLine {
        LogLine { at: Time::from_micros(at), level: LogLevel::ALL[level], source, message }
    }
}

prop_compose! {
    fn sample()(at in any::<i64>(), values in vec(-1e12f64..1e12, 0..METRICS.len())) -> Sample {
        let values = (0u16..).zip(values).map(|(place, value)| (Metric(place), value)).collect();
        Sample { at: Time::from_micros(at), values }
    }
}

fn through_the_wire<T: Message + Default>(frame: &T) -> T {
    T::decode(frame.encode_to_vec().as_slice()).expect("what was encoded decodes")
}

proptest! {
    #[test]
    fn workloads_arrive_as_they_were_sent(sent in workload()) {
        prop_assert_eq!(Workload::from(&through_the_wire(&v1::WorkloadReport::from(&sent))), sent);
    }

    #[test]
    fn lines_arrive_as_they_were_sent(sent in line()) {
        prop_assert_eq!(LogLine::from(&through_the_wire(&v1::LogLine::from(&sent))), sent);
    }

    #[test]
    fn samples_arrive_as_they_were_sent(sent in sample()) {
        prop_assert_eq!(Sample::from(&through_the_wire(&v1::Sample::from(&sent))), sent);
    }

    /// Whatever bytes come, decoding and converting end without a panic and within their limits.
    #[test]
    fn any_bytes_are_survived(bytes in vec(any::<u8>(), 0..2_000)) {
        if let Ok(frame) = v1::AgentFrame::decode(bytes.as_slice()) {
            judge(&frame);
        }
        let _ = v1::ServerFrame::decode(bytes.as_slice());
        let _ = v1::JoinRequest::decode(bytes.as_slice());
    }

    /// The same for bytes that are nearly a frame.
    #[test]
    fn nearly_right_bytes_are_survived(lines in vec(line(), 0..5), flips in vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let telemetry = v1::Telemetry { batch: 1, lines: lines.iter().map(Into::into).collect(), ..Default::default() };
        let mut bytes = v1::AgentFrame { frame: Some(Frame::Telemetry(telemetry)) }.encode_to_vec();
        for (place, value) in flips {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        if let Ok(frame) = v1::AgentFrame::decode(bytes.as_slice()) {
            judge(&frame);
        }
    }

    #[test]
    fn cutting_never_grows_and_keeps_no_control_characters(text in any::<String>(), max in 4usize..100) {
        let cut = convert::cut(&text, max);
        prop_assert!(cut.len() <= max.max(text.len().min(max)));
        prop_assert!(cut.chars().all(|c| !c.is_control() || c == '\t'));
    }
}

fn judge(frame: &v1::AgentFrame) {
    match &frame.frame {
        Some(Frame::Hello(hello)) => {
            if let Some(identity) = &hello.identity {
                assert!(Identity::from(identity).hostname.len() <= 255);
            }
        }
        Some(Frame::Workload(report)) => assert!(Workload::from(report).facts.len() <= 32),
        Some(Frame::Telemetry(telemetry)) => {
            assert!(telemetry.lines.iter().all(|line| LogLine::from(line).message.len() <= LINE_MAX_BYTES));
            assert!(telemetry.samples.iter().all(|sample| Sample::from(sample).values.len() <= METRICS.len()));
        }
        Some(Frame::Command(update)) => {
            let _ = convert::command_update(update);
        }
        _ => {}
    }
}
