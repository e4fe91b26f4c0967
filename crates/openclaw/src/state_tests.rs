//! Tests of the judgement: the table of what was seen from real gateways, and properties over every combination.

use proptest::prelude::*;

use super::*;

const PACE: fn() -> Pace = Pace::default;

fn running() -> Evidence {
    Evidence {
        process: ProcessFact::Alive { pid: 7, age: Duration::from_secs(600) },
        lock: LockFact::Held,
        port: 18789,
        open: true,
        ready: Ready::Ready,
        hello: HelloFact::Fine { suspended: None },
        served: true,
        was_up: true,
        silent_for: Duration::ZERO,
        config_problem: None,
    }
}

fn closed(lock: LockFact, silent_secs: u64) -> Evidence {
    Evidence {
        lock,
        open: false,
        ready: Ready::PortClosed,
        hello: HelloFact::NotTried("port closed"),
        served: false,
        silent_for: Duration::from_secs(silent_secs),
        ..running()
    }
}

fn state(evidence: &Evidence) -> WorkloadState {
    evidence.judge(&PACE()).0
}

#[test]
fn all_well_is_running_without_remarks() {
    assert_eq!(running().judge(&PACE()), (WorkloadState::Running, String::new()));
    assert!(running().facts(WorkloadState::Running).iter().all(|(_, state, _)| *state == FactState::Ok));
}

#[test]
fn a_process_without_lock_and_port_becomes_a_zombie() {
    assert_eq!(state(&closed(LockFact::Absent, 3)), WorkloadState::Starting);
    let (zombie, why) = closed(LockFact::Absent, 16).judge(&PACE());
    assert_eq!(zombie, WorkloadState::Zombie);
    assert_eq!(why, "the process lives but port 18789 is closed and its lock is given back: a restart failed");
}

#[test]
fn a_start_is_given_time() {
    assert_eq!(state(&closed(LockFact::Held, 60)), WorkloadState::Starting);
    assert_eq!(state(&closed(LockFact::Held, 301)), WorkloadState::Zombie);
    let fresh =
        Evidence { process: ProcessFact::Alive { pid: 7, age: Duration::from_secs(40) }, was_up: false, ..closed(LockFact::Absent, 40) };
    assert_eq!(state(&fresh), WorkloadState::Starting);
    let sidecars = Evidence { ready: Ready::Starting("startup-sidecars".into()), hello: HelloFact::NotYet, ..running() };
    assert_eq!(sidecars.judge(&PACE()), (WorkloadState::Starting, "waits for startup-sidecars".into()));
    assert!(sidecars.facts(WorkloadState::Starting).iter().all(|(_, state, _)| *state != FactState::Bad));
}

#[test]
fn a_busy_gateway_is_not_dead_at_once() {
    let silent = |secs, served| Evidence { ready: Ready::Silent, served, silent_for: Duration::from_secs(secs), ..running() };
    assert_eq!(state(&silent(20, true)), WorkloadState::Running);
    assert_eq!(state(&silent(61, true)), WorkloadState::Zombie);
    assert_eq!(state(&silent(61, false)), WorkloadState::Starting);
}

#[test]
fn draining_and_suspended_run_and_say_so() {
    let draining = Evidence { ready: Ready::Draining, ..running() };
    assert_eq!(draining.judge(&PACE()), (WorkloadState::Running, "draining: takes no new work".into()));
    let suspended = Evidence { hello: HelloFact::Fine { suspended: Some("prepared".into()) }, ..draining };
    assert_eq!(suspended.judge(&PACE()), (WorkloadState::Running, "suspended (prepared): refuses work".into()));
}

#[test]
fn a_gateway_that_refuses_our_token_runs_and_says_so() {
    let refused = Evidence { hello: HelloFact::Refused("AUTH_TOKEN_MISMATCH".into()), ..running() };
    assert_eq!(refused.judge(&PACE()), (WorkloadState::Running, "refuses our hello: AUTH_TOKEN_MISMATCH".into()));
    assert_eq!(refused.facts(WorkloadState::Running)[4], ("hello", FactState::Bad, "refused: AUTH_TOKEN_MISMATCH".into()));
}

#[test]
fn a_page_for_everything_is_no_gateway() {
    assert_eq!(state(&Evidence { ready: Ready::Foreign, ..running() }), WorkloadState::Failed);
}

#[test]
fn stopped_says_how_it_ended() {
    let gone = |lock, last, open| {
        Evidence { process: ProcessFact::Gone { last }, lock, open, ready: Ready::PortClosed, ..running() }.judge(&PACE())
    };
    assert_eq!(gone(LockFact::Absent, None, false), (WorkloadState::Stopped, "not running".into()));
    assert_eq!(gone(LockFact::Absent, Some(7), false), (WorkloadState::Stopped, "pid 7 ended".into()));
    let killed = "pid 7 ended without giving its lock back: it was killed or crashed";
    assert_eq!(gone(LockFact::Stale(7), Some(7), false), (WorkloadState::Stopped, killed.into()));
    assert_eq!(gone(LockFact::Stale(7), None, true), (WorkloadState::Stopped, format!("{killed}; another program has port 18789")));
}

fn any_evidence() -> impl Strategy<Value = Evidence> {
    let process = prop_oneof![
        prop::option::of(1..9u32).prop_map(|last| ProcessFact::Gone { last }),
        (1..9u32, 0..1000u64).prop_map(|(pid, age)| ProcessFact::Alive { pid, age: Duration::from_secs(age) }),
    ];
    let lock = prop_oneof![Just(LockFact::Held), Just(LockFact::Stale(3)), Just(LockFact::Absent), Just(LockFact::Unreadable("no".into()))];
    let ready = prop_oneof![
        Just(Ready::Ready),
        Just(Ready::Starting("x".into())),
        Just(Ready::Draining),
        Just(Ready::Failing(vec![])),
        Just(Ready::Foreign),
        Just(Ready::Silent),
        Just(Ready::Tls)
    ];
    let hello = prop_oneof![Just(HelloFact::Fine { suspended: None }), Just(HelloFact::Refused("x".into())), Just(HelloFact::NotYet)];
    (process, lock, any::<bool>(), ready, hello, any::<(bool, bool)>(), 0..1000u64).prop_map(
        |(process, lock, open, ready, hello, (served, was_up), silent)| Evidence {
            process,
            lock,
            open,
            ready: if open { ready } else { Ready::PortClosed },
            hello,
            served,
            was_up,
            silent_for: Duration::from_secs(silent),
            ..running()
        },
    )
}

proptest! {
    #[test]
    fn the_judgement_never_contradicts_the_evidence(evidence in any_evidence()) {
        let (state, detail) = evidence.judge(&PACE());
        let alive = matches!(evidence.process, ProcessFact::Alive { .. });
        prop_assert_eq!(state == WorkloadState::Stopped, !alive);
        prop_assert!(state != WorkloadState::Running || evidence.open, "a closed port never runs");
        prop_assert!(state != WorkloadState::Zombie || evidence.silent_for >= PACE().zombie_after, "nobody is a zombie at once");
        prop_assert!(state == WorkloadState::Running || !detail.is_empty(), "anything but running says why");
        if evidence.open && alive && evidence.ready == Ready::Ready {
            prop_assert_eq!(state, WorkloadState::Running);
        }
    }

    #[test]
    fn waiting_longer_never_heals(evidence in any_evidence(), more in 0..1000u64) {
        let later = Evidence { silent_for: evidence.silent_for + Duration::from_secs(more), ..evidence.clone() };
        if state(&evidence) == WorkloadState::Zombie {
            prop_assert_eq!(state(&later), WorkloadState::Zombie);
        }
    }
}
