//! How far open commands have come reaches the database in one write a second, however many steps there were.

use std::time::Duration;

use super::Task;
use crate::{App, error::AppError};

pub(super) struct CommandProgress;

impl Task for CommandProgress {
    const NAME: &'static str = "command_progress";
    const EVERY: Duration = Duration::from_secs(1);
    const AT_END: bool = true;

    async fn run(&self, app: &App) -> Result<(), AppError> {
        let steps = app.open.take_unsaved();
        if steps.is_empty() {
            return Ok(());
        }
        let saved = app.store.command_progress_many(&steps).await;
        saved.inspect_err(|_| app.open.still_unsaved(steps.iter().map(|(id, _)| *id)))?;
        Ok(())
    }
}
