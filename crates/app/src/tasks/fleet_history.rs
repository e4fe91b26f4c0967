//! How many agents were in which state, every minute, for charts of now against then.

use std::time::Duration;

use super::Task;
use crate::{App, error::AppError};

/// How long the history is kept.
const KEPT: Duration = Duration::from_secs(90 * 86_400);

pub(super) struct FleetHistory;

impl Task for FleetHistory {
    const NAME: &'static str = "fleet_history";
    const EVERY: Duration = Duration::from_secs(60);

    async fn run(&self, app: &App) -> Result<(), AppError> {
        let (now, counts) = (app.now(), app.fleet_counts());
        app.store.fleet_point_insert(now, counts.online, counts.degraded, counts.offline, counts.stopped).await?;
        app.store.fleet_prune(now.before(KEPT)).await?;
        Ok(())
    }
}
