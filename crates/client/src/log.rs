//! Logs of agents and of the server itself.

use http::Method;
use mc_api::log::LogLines;
use mc_domain::{log::LogLevel, time::Time};

use crate::{Client, Download, LogStream, Result, transport::Call};

/// Whose log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogSource {
    /// The server's own.
    Server,
    /// An agent's, by id or name.
    Agent(String),
}

/// Which lines.
#[derive(Debug, Clone, Default)]
pub struct LogQuery {
    /// The last so many.
    pub lines: Option<u32>,
    /// This level and more serious ones.
    pub level: Option<LogLevel>,
    /// With this text in them.
    pub q: Option<String>,
    /// Not before.
    pub since: Option<Time>,
    /// Before the line with this number.
    pub before: Option<i64>,
}

impl Client {
    fn log_call(&self, source: &LogSource, query: &LogQuery, more: (&'static str, Option<&str>)) -> Call {
        let call = match source {
            LogSource::Server => self.call(Method::GET, &["logs"]),
            LogSource::Agent(agent) => self.call(Method::GET, &["agents", agent, "logs"]),
        };
        call.query(vec![
            ("lines", query.lines.map(|lines| lines.to_string())),
            ("level", query.level.map(|level| level.to_string())),
            ("q", query.q.clone()),
            ("since", query.since.map(|time| time.to_string())),
            ("before", query.before.map(|seq| seq.to_string())),
            (more.0, more.1.map(str::to_owned)),
        ])
    }

    /// The last lines, oldest first (`agent_logs`, `server_logs`).
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn logs(&self, source: &LogSource, query: &LogQuery) -> Result<LogLines> {
        self.fetch(self.log_call(source, query, ("format", None))).await
    }

    /// The last lines and then every new one.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn logs_follow(&self, source: &LogSource, query: &LogQuery) -> Result<LogStream> {
        let response = self.send(self.log_call(source, query, ("follow", Some("true"))).streaming()).await?;
        Ok(LogStream::new(self.clone(), response))
    }

    /// All lines that are kept and match, as text.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn logs_download(&self, source: &LogSource, query: &LogQuery) -> Result<Download> {
        let response = self.send(self.log_call(source, query, ("format", Some("text"))).streaming()).await?;
        Ok(Download::new(self.clone(), response))
    }
}
