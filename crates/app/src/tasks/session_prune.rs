//! Sessions, logins, invites, links and challenges that ended long ago are forgotten.

use std::time::Duration;

use super::Task;
use crate::{App, error::AppError};

/// How long ended sessions, logins and invites are kept.
const KEPT: Duration = Duration::from_secs(90 * 86_400);

pub(super) struct SessionPrune;

impl Task for SessionPrune {
    const NAME: &'static str = "session_prune";
    const EVERY: Duration = Duration::from_secs(3_600);

    async fn run(&self, app: &App) -> Result<(), AppError> {
        let now = app.now();
        app.store.session_prune(now.before(KEPT)).await?;
        app.store.challenge_prune(now).await?;
        app.identity.demanded.tidy(now);
        app.store.login_prune(now.before(KEPT)).await?;
        app.store.invite_prune(now.before(KEPT)).await?;
        app.store.link_prune(now).await?;
        app.identity.sessions.retain(|_, (read, _, _)| now.since(*read) < Duration::from_secs(60));
        Ok(())
    }
}
