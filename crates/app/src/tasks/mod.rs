//! Background work: each piece is idempotent, takes no input, runs on a timer, and says how its last run went.

mod access_expiry;
mod audit;
mod command_overdue;
mod command_progress;
mod fleet_history;
mod keys;
mod kube;
mod login_flood;
mod oidc_prune;
mod presence;
mod recording;
mod role_refresh;
mod session_prune;
mod status_sweep;
mod telemetry_age;
mod token_use;

use std::{future::Future, sync::Arc, time::Duration};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{App, error::AppError};

/// One piece of background work.
pub(crate) trait Task: Send + Sync + 'static {
    /// Its name, for the log.
    const NAME: &'static str;
    /// How often it runs.
    const EVERY: Duration;
    /// One run.
    fn run(&self, app: &App) -> impl Future<Output = Result<(), AppError>> + Send;
    /// Ends when the next run should not wait for the timer.
    fn nudge(&self, _app: &App) -> impl Future<Output = ()> + Send {
        std::future::pending()
    }
    /// A last run before the process ends, for work that must not be lost.
    const AT_END: bool = false;
}

/// Starts all background work; it ends when `stop` is cancelled, and `tracker` tells when it has.
pub fn start(app: &Arc<App>, stop: &CancellationToken, tracker: &TaskTracker) {
    tracker.spawn(history(Arc::clone(app)));
    run(access_expiry::AccessExpiry, app, stop, tracker);
    run(command_overdue::CommandOverdue, app, stop, tracker);
    run(command_progress::CommandProgress, app, stop, tracker);
    run(status_sweep::StatusSweep, app, stop, tracker);
    run(presence::PresenceFlush, app, stop, tracker);
    run(fleet_history::FleetHistory, app, stop, tracker);
    run(recording::RecordingAge, app, stop, tracker);
    run(role_refresh::RoleRefresh, app, stop, tracker);
    run(session_prune::SessionPrune, app, stop, tracker);
    run(login_flood::LoginFlood, app, stop, tracker);
    run(oidc_prune::OidcPrune, app, stop, tracker);
    run(telemetry_age::TelemetryAge, app, stop, tracker);
    run(audit::AuditCheckpoint, app, stop, tracker);
    run(audit::AuditRetention, app, stop, tracker);
    crate::audit::mirror::start(app, stop, tracker);
    run(token_use::TokenUses, app, stop, tracker);
    run(kube::KubeReads, app, stop, tracker);
    run(keys::KeyWatch, app, stop, tracker);
    run(keys::Reseal, app, stop, tracker);
    run(token_use::TokenPrune, app, stop, tracker);
}

async fn history(app: Arc<App>) {
    if let Err(error) = app.inventory.load_history(&app.store, app.now()).await {
        tracing::warn!(%error, "the lists begin without the last hour's CPU");
    }
}

fn run<T: Task>(task: T, app: &Arc<App>, stop: &CancellationToken, tracker: &TaskTracker) {
    let (app, stop) = (Arc::clone(app), stop.clone());
    tracker.spawn(async move {
        let mut timer = tokio::time::interval(T::EVERY);
        timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut failed = false;
        loop {
            let ending = tokio::select! {
                _ = timer.tick() => false,
                // One that failed waits for its time: what nudged it is still there.
                () = task.nudge(&app), if !failed => false,
                () = stop.cancelled() => true,
            };
            if !ending || T::AT_END {
                let result = task.run(&app).await;
                match (&result, failed) {
                    // Said once when it begins and once when it ends, not on every tick.
                    (Err(error), false) => tracing::warn!(task = T::NAME, %error, "background work failed; it is tried again"),
                    (Ok(()), true) => tracing::info!(task = T::NAME, "background work is well again"),
                    _ => {}
                }
                failed = result.is_err();
            }
            if ending {
                return;
            }
        }
    });
}
