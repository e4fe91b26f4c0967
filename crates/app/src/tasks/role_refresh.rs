//! Roles and assignments that another server on the same database changed count here too, soon after.

use std::time::Duration;

use super::Task;
use crate::{App, error::AppError};

pub(super) struct RoleRefresh;

impl Task for RoleRefresh {
    const NAME: &'static str = "role_refresh";
    const EVERY: Duration = Duration::from_secs(2);

    async fn run(&self, app: &App) -> Result<(), AppError> {
        app.access.refresh(&app.store, app.now()).await.map(drop)
    }
}
