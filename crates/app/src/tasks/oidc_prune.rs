//! Logins by identity providers that were begun and not ended are forgotten.

use std::time::Duration;

use super::Task;
use crate::{App, error::AppError};

pub(super) struct OidcPrune;

impl Task for OidcPrune {
    const NAME: &'static str = "oidc_prune";
    const EVERY: Duration = Duration::from_secs(600);

    async fn run(&self, app: &App) -> Result<(), AppError> {
        Ok(app.store.oidc_prune(app.now()).await?)
    }
}
