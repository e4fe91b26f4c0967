//! Presence and workload states reach the database in batches, so that ten thousand heartbeats are one write.

use std::time::Duration;

use super::{Task, status_sweep::note_heard};
use crate::{App, error::AppError};

pub(super) struct PresenceFlush;

impl Task for PresenceFlush {
    const NAME: &'static str = "presence_flush";
    const EVERY: Duration = Duration::from_secs(30);
    const AT_END: bool = true;

    async fn run(&self, app: &App) -> Result<(), AppError> {
        note_heard(app);
        let rows = app.inventory.unsaved();
        if !rows.is_empty() {
            app.store.agent_presence(&rows).await.inspect_err(|_| app.inventory.still_unsaved(&rows))?;
        }
        let active: Vec<_> = app.identity.active.iter().map(|entry| (*entry.key(), *entry.value())).collect();
        if !active.is_empty() {
            app.store.user_touch(&active).await?;
            for (user, at) in &active {
                // Who was active again meanwhile stays for the next time.
                app.identity.active.remove_if(user, |_, now| now == at);
            }
        }
        Ok(())
    }
}
