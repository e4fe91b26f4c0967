//! Restarting a gateway within its process, and telling honestly how that went.
//!
//! SIGUSR2, never SIGUSR1 (that starts Node's inspector), and only to a process that handles it. The gateway announces an outage of
//! 1.5 s; 6 to 28 s are usual, and running work is drained first. It is back when a new run is ready: a new boot id in the hello, or
//! a new owner in the lock where no hello is possible. A gateway whose restart failed lives on as a zombie.

use mc_domain::{time::Clock, workload::WorkloadState};
use rustix::process::Signal;
use tokio::time::Instant;

use crate::{
    error::GatewayError,
    gateway::{Gateway, Look, Observation, signal},
    state::{HelloFact, Ready},
};

/// Tells the gateway to restart and waits for its next run.
pub(crate) async fn run(gateway: &Gateway, clock: &dyn Clock, mut progress: impl FnMut(&str) + Send) -> Result<Observation, GatewayError> {
    let before = gateway.look(clock.now(), true).await;
    let process = before.run.as_ref().ok_or(GatewayError::NotRunning)?.process;
    if !gateway.restart_allowed().await {
        return Err(GatewayError::Forbidden);
    }
    if !process.takes_restart_signal() {
        return Err(GatewayError::StillStarting);
    }
    signal(process, Signal::USR2)?;
    gateway.forget_silence().await;
    progress(&format!("told pid {} to restart (SIGUSR2)", process.pid));
    wait(gateway, clock, progress, &before).await
}

async fn wait(
    gateway: &Gateway,
    clock: &dyn Clock,
    mut progress: impl FnMut(&str) + Send,
    before: &Look,
) -> Result<Observation, GatewayError> {
    let (pace, began) = (gateway.pace, Instant::now());
    let (mut said, mut said_at, mut gone_since) = (String::new(), began, None);
    loop {
        tokio::time::sleep(pace.poll).await;
        let now = gateway.look(clock.now(), false).await;
        // What was ready before is given a while to become so again; then the observation says what still fails.
        let patient = began.elapsed() < pace.silent_limit && !matches!(before.evidence.ready, Ready::Failing(_));
        if is_next(before, &now) && is_up(&now.evidence.ready, patient) {
            progress(&format!("ready again after {} s", began.elapsed().as_secs()));
            return Ok(Observation { state: WorkloadState::Running, ..now.seen });
        }
        match now.seen.state {
            WorkloadState::Zombie => return Err(GatewayError::Zombie { detail: now.seen.detail }),
            WorkloadState::Stopped => {
                if gone_since.get_or_insert_with(Instant::now).elapsed() >= pace.respawn_limit {
                    return Err(GatewayError::Ended { detail: now.seen.detail });
                }
            }
            _ => gone_since = None,
        }
        let doing = doing(&now.seen, now.run == before.run);
        if began.elapsed() >= pace.restart_limit {
            return Err(GatewayError::TimedOut { after: pace.restart_limit, detail: doing });
        }
        if doing != said || said_at.elapsed() >= pace.tell_every {
            progress(&format!("{doing} ({} s)", began.elapsed().as_secs()));
            (said, said_at) = (doing, Instant::now());
        }
    }
}

/// Whether `now` is a later run than `before`.
fn is_next(before: &Look, now: &Look) -> bool {
    match (&before.seen.boot_id, &now.seen.boot_id) {
        (Some(old), Some(new)) => old != new,
        // A hello is coming that will tell.
        (_, None) if now.evidence.hello == HelloFact::NotYet => false,
        _ => now.run != before.run && now.run.as_ref().is_some_and(|run| run.boot.is_some()),
    }
}

fn is_up(ready: &Ready, patient: bool) -> bool {
    matches!(ready, Ready::Ready | Ready::Tls) || (!patient && matches!(ready, Ready::Failing(_)))
}

/// What it seems to be doing, in a few words.
fn doing(now: &Observation, same_run: bool) -> String {
    match now.state {
        WorkloadState::Stopped => "its process ended, waiting for a new one".to_owned(),
        _ if now.detail.is_empty() && same_run => "still the same run: it finishes running work first".to_owned(),
        _ if now.detail.is_empty() => "almost ready".to_owned(),
        _ => now.detail.clone(),
    }
}
