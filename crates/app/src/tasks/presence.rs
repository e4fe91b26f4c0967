//! Presence and workload states reach the database in batches, so that ten thousand heartbeats are one write.

use std::{collections::HashMap, time::Duration};

use super::Task;
use crate::{App, error::AppError};

pub(super) struct PresenceFlush;

impl Task for PresenceFlush {
    const NAME: &'static str = "presence_flush";
    const EVERY: Duration = Duration::from_secs(30);
    const AT_END: bool = true;

    async fn run(&self, app: &App) -> Result<(), AppError> {
        let mut heard = HashMap::new();
        app.hub.each_heard(|agent, at| {
            heard.insert(agent, at);
        });
        let rows = app.inventory.unsaved(heard);
        if !rows.is_empty() {
            app.store.agent_presence(&rows).await.inspect_err(|_| app.inventory.still_unsaved(&rows))?;
        }
        let active: Vec<_> = app.identity.active.iter().map(|entry| (*entry.key(), *entry.value())).collect();
        if !active.is_empty() {
            app.store.user_touch(&active).await?;
            app.identity.active.clear();
        }
        Ok(())
    }
}
