//! Agents whose link was lost become offline when they stay away.

use std::time::Duration;

use super::Task;
use crate::{App, error::AppError};

pub(super) struct StatusSweep;

impl Task for StatusSweep {
    const NAME: &'static str = "status_sweep";
    const EVERY: Duration = Duration::from_secs(1);

    async fn run(&self, app: &App) -> Result<(), AppError> {
        for view in app.inventory.sweep(app.now()) {
            app.announce_agent(&view);
        }
        Ok(())
    }
}
