//! Recordings that were left open are ended, and those past their time forgotten.

use std::time::Duration;

use super::Task;
use crate::{App, error::AppError};

pub(super) struct RecordingAge;

impl Task for RecordingAge {
    const NAME: &'static str = "recording_age";
    const EVERY: Duration = Duration::from_secs(60);

    async fn run(&self, app: &App) -> Result<(), AppError> {
        app.recordings_lost(false).await?;
        app.recordings_retain().await
    }
}
