//! The trail is signed every minute or thousand entries, and ends where it is old.

use std::{future::Future, time::Duration};

use super::Task;
use crate::{App, audit::witness::EVERY_ENTRIES, error::AppError};

pub(super) struct AuditCheckpoint;

impl Task for AuditCheckpoint {
    const NAME: &'static str = "audit_checkpoint";
    const EVERY: Duration = Duration::from_secs(60);
    const AT_END: bool = true;

    async fn run(&self, app: &App) -> Result<(), AppError> {
        app.recorder.summarise(app.now(), false);
        app.audit_sign().await
    }

    fn nudge(&self, app: &App) -> impl Future<Output = ()> + Send {
        let (mut newest, due) = (app.store.audit_follow(), app.witness.covered_to() + EVERY_ENTRIES);
        async move {
            if newest.wait_for(|newest| *newest >= due).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

pub(super) struct AuditRetention;

impl Task for AuditRetention {
    const NAME: &'static str = "audit_retention";
    const EVERY: Duration = Duration::from_secs(3_600);

    async fn run(&self, app: &App) -> Result<(), AppError> {
        app.audit_retain().await
    }
}
