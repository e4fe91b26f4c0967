//! Commands: what became of the actions.

use http::Method;
use mc_api::{command::Command, list::List};
use mc_domain::id::CommandId;

use crate::{Client, Result};

/// Which commands.
#[derive(Debug, Clone, Default)]
pub struct CommandQuery {
    /// Those of one agent, by id or name.
    pub agent: Option<String>,
    /// Only those still under way.
    pub open: bool,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Commands a page.
    pub limit: Option<u32>,
}

impl Client {
    /// One page of the commands, newest first.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn command_list(&self, query: &CommandQuery) -> Result<List<Command>> {
        let query = query.clone();
        self.fetch(self.call(Method::GET, &["commands"]).query(vec![
            ("agent", query.agent),
            ("open", query.open.then(|| "true".to_owned())),
            ("cursor", query.cursor),
            ("limit", query.limit.map(|limit| limit.to_string())),
        ]))
        .await
    }

    /// One command.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn command_show(&self, id: CommandId) -> Result<Command> {
        self.fetch(self.call(Method::GET, &["commands", &id.to_string()])).await
    }

    /// One command when it has its result, or as it is after so many seconds (at most 60).
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn command_wait(&self, id: CommandId, seconds: u32) -> Result<Command> {
        self.fetch(self.call(Method::GET, &["commands", &id.to_string()]).query(vec![("wait", Some(seconds.to_string()))])).await
    }

    /// Asks for a command to be cancelled.
    ///
    /// # Errors
    /// See [`Error`](crate::Error); `conflict` when it has ended.
    pub async fn command_cancel(&self, id: CommandId) -> Result<Command> {
        self.fetch(self.call(Method::POST, &["commands", &id.to_string(), "cancel"])).await
    }
}
