//! Metrics get coarser with age, and logs and metrics end after 7 days.

use std::time::Duration;

use super::Task;
use crate::{App, error::AppError};

pub(super) struct TelemetryAge;

impl Task for TelemetryAge {
    const NAME: &'static str = "telemetry_age";
    const EVERY: Duration = Duration::from_secs(60);

    async fn run(&self, app: &App) -> Result<(), AppError> {
        let now = app.now();
        app.store.telemetry_roll_up(now).await?;
        app.store.telemetry_prune(now).await?;
        Ok(())
    }
}
