//! Tries to log in that were held up are summed up in the audit trail.

use std::time::Duration;

use super::Task;
use crate::{App, error::AppError};

pub(super) struct LoginFlood;

impl Task for LoginFlood {
    const NAME: &'static str = "login_flood";
    const EVERY: Duration = Duration::from_secs(60);
    const AT_END: bool = true;

    async fn run(&self, app: &App) -> Result<(), AppError> {
        app.login_flood().await
    }
}
