//! Restarting: by SIGUSR2, watched until the next boot is ready, and honest about every way it can fail.

use std::{future::pending, time::Duration};

use mc_domain::{
    time::{Clock, SystemClock},
    workload::{FactState, WorkloadState},
};
use mc_openclaw::{GatewayError, Pace};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::fake::{Fake, Mode, fact, pace};

/// Waits until the progress says `part`.
async fn until(progress: &mut UnboundedReceiver<String>, part: &str) {
    while !progress.recv().await.expect("the restart ended early").contains(part) {}
}

#[tokio::test]
async fn a_restart_is_watched_until_the_next_boot_is_ready() {
    let mut fake = Fake::ready().await;
    let gateway = fake.gateway();
    let (tell, mut told) = unbounded_channel();
    let before = gateway.observe(SystemClock.now()).await;
    let restart = gateway.restart(&SystemClock, |text: &str| tell.send(text.to_owned()).unwrap(), pending());
    let script = async {
        assert_eq!(fake.signal().await, "USR2");
        until(&mut told, "told pid").await;
        fake.open(Mode::Draining).await;
        until(&mut told, "draining").await;
        assert_eq!(gateway.observe(SystemClock.now()).await.state, WorkloadState::Restarting);
        fake.close().await;
        fake.unlock();
        fake.lock("boot-2");
        until(&mut told, "is not open yet").await;
        fake.open(Mode::Starting).await;
        until(&mut told, "waits for startup-sidecars").await;
        fake.open(Mode::Ready).await;
        until(&mut told, "ready again").await;
    };
    let (after, ()) = tokio::join!(restart, script);
    let after = after.unwrap();
    assert_eq!((after.state, after.pid), (WorkloadState::Running, before.pid));
    assert_eq!((before.boot_id.as_deref(), after.boot_id.as_deref()), (Some("boot-1"), Some("boot-2")));
    assert_eq!(gateway.observe(SystemClock.now()).await.state, WorkloadState::Running);
}

#[tokio::test]
async fn a_restart_that_ends_as_a_zombie_says_why() {
    let mut fake = Fake::ready().await;
    let gateway = fake.gateway_at(Pace { zombie_after: Duration::from_millis(200), ..pace() });
    let restart = gateway.restart(&SystemClock, |_: &str| (), pending());
    let script = async {
        assert_eq!(fake.signal().await, "USR2");
        fake.close().await;
        fake.unlock();
    };
    let (failed, ()) = tokio::join!(restart, script);
    let failed = failed.unwrap_err();
    assert!(matches!(failed, GatewayError::Zombie { .. }), "{failed:?}");
    assert!(failed.to_string().contains("fix its configuration and restart it again"));
    // After the fix a restart brings it back, also for someone who never saw it alive.
    let gateway = fake.gateway();
    let restart = gateway.restart(&SystemClock, |_: &str| (), pending());
    let script = async {
        assert_eq!(fake.signal().await, "USR2");
        fake.lock("boot-3");
        fake.open(Mode::Ready).await;
    };
    let (after, ()) = tokio::join!(restart, script);
    assert_eq!(after.unwrap().boot_id.as_deref(), Some("boot-3"));
}

#[tokio::test]
async fn without_a_hello_the_lock_tells_the_new_boot() {
    let mut fake = Fake::ready().await;
    fake.configure("${ELSEWHERE}");
    let gateway = fake.gateway();
    let restart = gateway.restart(&SystemClock, |_: &str| (), pending());
    let script = async {
        assert_eq!(fake.signal().await, "USR2");
        fake.lock("boot-2");
    };
    let (after, ()) = tokio::join!(restart, script);
    assert_eq!(fact(&after.unwrap(), "ready").state, FactState::Ok);
}

#[tokio::test]
async fn a_supervisor_may_start_a_new_process_instead() {
    let mut fake = Fake::ready().await;
    let (gateway, old) = (fake.gateway(), fake.pid());
    let (tell, mut told) = unbounded_channel();
    let restart = gateway.restart(&SystemClock, |text: &str| tell.send(text.to_owned()).unwrap(), pending());
    let script = async {
        assert_eq!(fake.signal().await, "USR2");
        fake.close().await;
        fake.end().await;
        until(&mut told, "waiting for a new one").await;
        fake.spawn().await;
        fake.lock("boot-2");
        fake.open(Mode::Ready).await;
    };
    let (after, ()) = tokio::join!(restart, script);
    let after = after.unwrap();
    assert_eq!(after.pid, Some(fake.pid()));
    assert_ne!(after.pid, Some(old));
}

#[tokio::test]
async fn a_gateway_that_ends_instead_is_reported() {
    let mut fake = Fake::ready().await;
    let gateway = fake.gateway_at(Pace { respawn_limit: Duration::from_millis(100), ..pace() });
    let restart = gateway.restart(&SystemClock, |_: &str| (), pending());
    let script = async {
        assert_eq!(fake.signal().await, "USR2");
        fake.close().await;
        fake.end().await;
    };
    let (failed, ()) = tokio::join!(restart, script);
    assert!(matches!(failed, Err(GatewayError::Ended { .. })), "{failed:?}");
}

#[tokio::test]
async fn a_gateway_that_ignores_the_signal_times_out_with_the_reason() {
    let fake = Fake::ready().await;
    let gateway = fake.gateway_at(Pace { restart_limit: Duration::from_millis(300), ..pace() });
    let failed = gateway.restart(&SystemClock, |_: &str| (), pending()).await.unwrap_err();
    assert!(failed.to_string().contains("still the same run: it finishes running work first"), "{failed}");
}

#[tokio::test]
async fn what_cannot_be_restarted_is_refused_at_once() {
    let mut fake = Fake::stopped().await;
    let gateway = fake.gateway();
    let refused = gateway.restart(&SystemClock, |_: &str| (), pending()).await;
    assert!(matches!(refused, Err(GatewayError::NotRunning)), "{refused:?}");

    // A process that does not handle the signal yet would be ended by it.
    let mut child = tokio::process::Command::new("sleep").arg("600").kill_on_drop(true).spawn().unwrap();
    gateway.expect_pid(child.id());
    let refused = gateway.restart(&SystemClock, |_: &str| (), pending()).await;
    assert!(matches!(refused, Err(GatewayError::StillStarting)), "{refused:?}");
    assert!(child.try_wait().unwrap().is_none(), "it was signalled");
    gateway.expect_pid(None);
    child.kill().await.unwrap();

    fake.spawn().await;
    fake.lock("boot-1");
    fake.write_config("{commands: {restart: false}}");
    let refused = gateway.restart(&SystemClock, |_: &str| (), pending()).await;
    assert!(matches!(refused, Err(GatewayError::Forbidden)), "{refused:?}");
}

#[tokio::test]
async fn waiting_can_be_given_up_and_two_restarts_at_once_are_refused() {
    let mut fake = Fake::ready().await;
    let gateway = fake.gateway();
    let (cancel, cancelled) = tokio::sync::oneshot::channel::<()>();
    let restart = gateway.restart(&SystemClock, |_: &str| (), async { cancelled.await.unwrap() });
    let script = async {
        assert_eq!(fake.signal().await, "USR2");
        let second = gateway.restart(&SystemClock, |_: &str| (), pending()).await;
        assert!(matches!(second, Err(GatewayError::Busy)), "{second:?}");
        cancel.send(()).unwrap();
    };
    let (first, ()) = tokio::join!(restart, script);
    assert!(matches!(first, Err(GatewayError::Cancelled)), "{first:?}");
    assert_eq!(gateway.observe(SystemClock.now()).await.state, WorkloadState::Running, "no longer shown as restarting");
}
