//! Keys that were replaced in their files come into force, and what an older key sealed is sealed anew.

use std::time::Duration;

use super::Task;
use crate::{App, error::AppError};

pub(super) struct KeyWatch;

impl Task for KeyWatch {
    const NAME: &'static str = "key_watch";
    const EVERY: Duration = Duration::from_secs(2);

    async fn run(&self, app: &App) -> Result<(), AppError> {
        app.keys_reload()
    }
}

pub(super) struct Reseal;

impl Task for Reseal {
    const NAME: &'static str = "reseal";
    const EVERY: Duration = Duration::from_secs(60);

    async fn run(&self, app: &App) -> Result<(), AppError> {
        let sum = app.reseal().await?;
        if sum.done > 0 || sum.keys_removed > 0 {
            tracing::info!(values = sum.done, keys_removed = sum.keys_removed, "sealed anew with the newest key");
        }
        Ok(())
    }
}
