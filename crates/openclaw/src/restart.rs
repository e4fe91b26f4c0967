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
    gateway::{Gateway, Observation, signal},
    memory::Run,
};

/// What the gateway was before it was told.
struct Before {
    boot_id: Option<String>,
    run: Run,
}

impl Before {
    /// Whether `now` is a later run that is ready.
    fn is_followed_by(&self, now: &Observation, run: Option<&Run>) -> bool {
        let Some(run) = run else { return false };
        let is_ready = |name: &str| now.facts.iter().any(|fact| fact.name == name && fact.state == mc_domain::workload::FactState::Ok);
        let hello_pending = now.facts.iter().any(|fact| fact.name == "hello" && fact.state == mc_domain::workload::FactState::Waiting);
        let is_new = match (&self.boot_id, &now.boot_id) {
            (Some(old), Some(new)) => old != new,
            // A hello is coming that will tell.
            (_, None) if hello_pending => false,
            _ => run.boot.is_some() && *run != self.run,
        };
        is_new && (is_ready("ready") || (is_ready("port") && now.state != WorkloadState::Failed && !is_waiting(now)))
    }
}

fn is_waiting(now: &Observation) -> bool {
    now.facts.iter().any(|fact| fact.name == "ready" && fact.state != mc_domain::workload::FactState::Unknown)
}

/// Tells the gateway to restart and waits for its next run.
pub(crate) async fn run(gateway: &Gateway, clock: &dyn Clock, mut progress: impl FnMut(&str) + Send) -> Result<Observation, GatewayError> {
    let (seen, run) = gateway.look(clock.now(), true).await;
    let run = run.ok_or(GatewayError::NotRunning)?;
    if !gateway.restart_allowed().await {
        return Err(GatewayError::Forbidden);
    }
    if !run.process.takes_restart_signal() {
        return Err(GatewayError::StillStarting);
    }
    signal(run.process, Signal::USR2)?;
    gateway.forget_silence().await;
    progress(&format!("told pid {} to restart (SIGUSR2)", run.process.pid));
    wait(gateway, clock, progress, Before { boot_id: seen.boot_id, run }).await
}

async fn wait(gateway: &Gateway, clock: &dyn Clock, mut progress: impl FnMut(&str) + Send, before: Before) -> Result<Observation, GatewayError> {
    let (pace, began) = (gateway.pace, Instant::now());
    let (mut said, mut said_at, mut gone_since) = (String::new(), began, None);
    loop {
        tokio::time::sleep(pace.poll).await;
        let (now, run) = gateway.look(clock.now(), false).await;
        if before.is_followed_by(&now, run.as_ref()) {
            progress(&format!("ready again after {} s", began.elapsed().as_secs()));
            return Ok(Observation { state: WorkloadState::Running, ..now });
        }
        match now.state {
            WorkloadState::Zombie => return Err(GatewayError::Zombie { detail: now.detail }),
            WorkloadState::Stopped => {
                if gone_since.get_or_insert_with(Instant::now).elapsed() >= pace.respawn_limit {
                    return Err(GatewayError::Ended { detail: now.detail });
                }
            }
            _ => gone_since = None,
        }
        let doing = doing(&now, run.as_ref() == Some(&before.run));
        if began.elapsed() >= pace.restart_limit {
            return Err(GatewayError::TimedOut { after: pace.restart_limit, detail: doing });
        }
        if doing != said || said_at.elapsed() >= pace.tell_every {
            progress(&format!("{doing} ({} s)", began.elapsed().as_secs()));
            (said, said_at) = (doing, Instant::now());
        }
    }
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
