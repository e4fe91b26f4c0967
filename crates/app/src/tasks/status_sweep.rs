//! Agents whose link was lost become offline when they stay away; linked ones are shown as they were heard last.

use std::time::Duration;

use super::Task;
use crate::{App, error::AppError};

pub(super) struct StatusSweep;

/// Takes over from the links when each agent was heard last.
pub(super) fn note_heard(app: &App) {
    let mut heard = Vec::new();
    app.hub.each_heard(|agent, at| heard.push((agent, at)));
    app.inventory.heard(&heard);
}

impl Task for StatusSweep {
    const NAME: &'static str = "status_sweep";
    const EVERY: Duration = Duration::from_secs(1);

    async fn run(&self, app: &App) -> Result<(), AppError> {
        note_heard(app);
        for view in app.inventory.sweep(app.now()) {
            app.announce_agent(&view);
        }
        Ok(())
    }
}
