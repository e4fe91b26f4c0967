//! Reading logs.

use mc_domain::{
    id::AgentId,
    log::{LogLevel, LogLine},
    time::Time,
};
use uuid::Uuid;

use crate::{
    Store,
    error::StoreError,
    sql::{Row, Sql, anywhere},
};

/// Whose log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LogOwner {
    /// The server's own.
    Server,
    /// An agent's.
    Agent(AgentId),
}

impl LogOwner {
    /// The id its lines are kept under; the server's is nil, which no agent has.
    pub(crate) const fn id(self) -> Uuid {
        match self {
            Self::Server => Uuid::nil(),
            Self::Agent(id) => id.0,
        }
    }
}

/// Which lines are wanted; what is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// This serious and more.
    pub level: Option<LogLevel>,
    /// Found anywhere in the message; letters in any case (SQLite knows the case of ASCII letters only).
    pub q: Option<String>,
    /// Not written before then.
    pub since: Option<Time>,
    /// Only places before this one.
    pub before: Option<i64>,
}

impl LogFilter {
    /// Whether a line that was not read from the store is wanted, by the same rules: for following live. `before` is left out.
    #[must_use]
    pub fn matches(&self, line: &LogLine) -> bool {
        self.level.is_none_or(|level| line.level >= level)
            && self.since.is_none_or(|since| line.at >= since)
            && self.q.as_ref().is_none_or(|q| line.message.to_lowercase().contains(&q.to_lowercase()))
    }
}

impl Store {
    /// The last `limit` lines that match, oldest first, and whether older ones match too.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn log_lines(&self, owner: LogOwner, filter: &LogFilter, limit: u32) -> Result<(Vec<(i64, LogLine)>, bool), StoreError> {
        let sql = self.log_matching(owner, filter).push(" ORDER BY seq DESC LIMIT ").value(i64::from(limit) + 1);
        let mut lines = read_all(&self.telemetry.all(sql).await?)?;
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = lines.len() > wanted;
        lines.truncate(wanted);
        lines.reverse();
        Ok((lines, more))
    }

    /// The first `limit` lines after a place that match, oldest first: for reading a whole log page by page, and for following it without
    /// gaps.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn log_lines_after(
        &self,
        owner: LogOwner,
        filter: &LogFilter,
        after: i64,
        limit: u32,
    ) -> Result<Vec<(i64, LogLine)>, StoreError> {
        let sql = self.log_matching(owner, filter).push(" AND seq > ").value(after).push(" ORDER BY seq LIMIT ").value(limit);
        read_all(&self.telemetry.all(sql).await?)
    }

    fn log_matching(&self, owner: LogOwner, filter: &LogFilter) -> Sql {
        let mut sql = Sql::new("SELECT seq, at, level, source, message FROM log_line WHERE owner = $1").bind(owner.id());
        if let Some(before) = filter.before {
            sql = sql.push(" AND seq < ").value(before);
        }
        if let Some(level) = filter.level {
            sql = sql.push(" AND level >= ").value(i64::from(level.number()));
        }
        if let Some(since) = filter.since {
            sql = sql.push(" AND at >= ").value(since);
        }
        if let Some(q) = &filter.q {
            sql = sql.push(" AND message ").push(self.engine.like()).value(anywhere(q)).push(" ESCAPE '!'");
        }
        sql
    }
}

fn read_all(rows: &[Row]) -> Result<Vec<(i64, LogLine)>, StoreError> {
    rows.iter()
        .map(|row| {
            let level = LogLevel::from_number(i16::try_from(row.int("level")?).unwrap_or(LogLevel::Info.number()));
            let line = LogLine { at: row.time("at")?, level, source: row.text("source")?, message: row.text("message")? };
            Ok((row.int("seq")?, line))
        })
        .collect()
}
