//! Commands without a result past their deadline are timed out; the agent is told to give up.

use std::time::Duration;

use mc_domain::command::CommandState;

use super::Task;
use crate::{App, error::AppError};

pub(super) struct CommandOverdue;

impl Task for CommandOverdue {
    const NAME: &'static str = "command_overdue";
    const EVERY: Duration = Duration::from_secs(1);

    async fn run(&self, app: &App) -> Result<(), AppError> {
        let now = app.now();
        for command in app.open.overdue(now) {
            // An agent that is away has nothing to give up.
            let _ = app.hub.cancel(&command);
            let waited = command.deadline.since(command.created_at).as_secs();
            app.command_close(&command, CommandState::TimedOut, &format!("no result within {waited} s"), now).await?;
        }
        Ok(())
    }
}
