//! Granted access whose time is over is noted and announced. It ended without this, at its second.

use std::time::Duration;

use super::Task;
use crate::{App, error::AppError};

pub(super) struct AccessExpiry;

impl Task for AccessExpiry {
    const NAME: &'static str = "access_expiry";
    const EVERY: Duration = Duration::from_secs(2);

    async fn run(&self, app: &App) -> Result<(), AppError> {
        app.access_request_expire().await
    }
}
