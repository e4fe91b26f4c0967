//! Uses of API tokens reach the database in batches; tokens that ended long ago are forgotten.

use std::time::Duration;

use super::Task;
use crate::{App, error::AppError};

/// How long an ended token is kept, for those who ask what it was.
const KEPT: Duration = Duration::from_secs(90 * 86_400);

pub(super) struct TokenUses;

impl Task for TokenUses {
    const NAME: &'static str = "token_uses";
    const EVERY: Duration = Duration::from_secs(15);
    const AT_END: bool = true;

    async fn run(&self, app: &App) -> Result<(), AppError> {
        let tokens = &app.identity.api_tokens;
        tokens.tidy(app.now());
        let uses = tokens.take_uses();
        if let Err(error) = app.store.api_token_used(&uses).await {
            tokens.put_back(uses);
            return Err(error.into());
        }
        Ok(())
    }
}

pub(super) struct TokenPrune;

impl Task for TokenPrune {
    const NAME: &'static str = "token_prune";
    const EVERY: Duration = Duration::from_secs(3_600);

    async fn run(&self, app: &App) -> Result<(), AppError> {
        app.store.api_token_prune(app.now().before(KEPT)).await?;
        Ok(())
    }
}
