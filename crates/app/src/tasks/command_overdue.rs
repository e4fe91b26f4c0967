//! Commands without a result past their deadline are timed out; the agent is told to give up.

use std::time::Duration;

use mc_domain::{command::CommandState, time::in_words};

use super::Task;
use crate::{App, error::AppError};

pub(super) struct CommandOverdue;

impl Task for CommandOverdue {
    const NAME: &'static str = "command_overdue";
    const EVERY: Duration = Duration::from_secs(1);

    async fn run(&self, app: &App) -> Result<(), AppError> {
        let now = app.now();
        let mut outcome = Ok(());
        for command in app.open.overdue(now) {
            let waited = in_words(command.deadline.since(command.created_at));
            match app.command_close(&command, CommandState::TimedOut, &format!("no result within {waited}"), now).await {
                // An agent that is away has nothing to give up.
                Ok(_) => drop(app.hub.cancel(&command)),
                // One that cannot be closed must not hide those behind it.
                Err(error) => outcome = Err(error),
            }
        }
        outcome
    }
}
