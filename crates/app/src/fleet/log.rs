//! Reading and following logs: the agents' and the server's own.

use std::sync::Arc;

use dashmap::DashMap;
use mc_domain::{action, ctx::Ctx, log::LogLine, permit::Everything};
pub use mc_store::{LogFilter, LogOwner};
use tokio::sync::broadcast;

use crate::{App, error::AppError};

/// Batches a slow follower may lag behind before it reads what it missed from the database.
const LAG: usize = 64;

/// Lines read at once by a follower that lags.
const CATCH_UP: u32 = 5_000;

/// Lines with their place in the log.
pub type Lines = Vec<(i64, LogLine)>;

/// Live lines to those who follow.
#[derive(Default)]
pub(crate) struct Feeds(DashMap<LogOwner, broadcast::Sender<Arc<Lines>>>);

impl Feeds {
    pub(crate) fn publish(&self, owner: LogOwner, lines: Lines) {
        let nobody = match self.0.get(&owner) {
            None => return,
            Some(feed) => feed.send(Arc::new(lines)).is_err(),
        };
        if nobody {
            self.0.remove_if(&owner, |_, feed| feed.receiver_count() == 0);
        }
    }

    fn listen(&self, owner: LogOwner) -> broadcast::Receiver<Arc<Lines>> {
        self.0.entry(owner).or_insert_with(|| broadcast::Sender::new(LAG)).subscribe()
    }
}

/// Somebody who may read one log.
pub struct LogReader {
    app: Arc<App>,
    owner: LogOwner,
    filter: LogFilter,
    live: Option<broadcast::Receiver<Arc<Lines>>>,
    /// The newest line given out.
    seen: i64,
    /// Lines were missed: they are read from the database before the feed goes on.
    behind: bool,
}

impl App {
    /// Opens the log of an agent.
    ///
    /// # Errors
    /// When there is no such agent, or the caller may not.
    pub fn agent_logs(self: &Arc<Self>, ctx: &Ctx, id_or_name: &str, filter: LogFilter) -> Result<LogReader, AppError> {
        let (_, permit) = self.agent_for::<action::AgentLogs>(ctx, id_or_name)?;
        Ok(LogReader { app: Arc::clone(self), owner: LogOwner::Agent(permit.id), filter, live: None, seen: 0, behind: false })
    }

    /// Opens the server's own log.
    ///
    /// # Errors
    /// When the caller may not.
    pub fn server_logs(self: &Arc<Self>, ctx: &Ctx, filter: LogFilter) -> Result<LogReader, AppError> {
        self.permit::<_, action::ServerLogs>(ctx, Everything)?;
        Ok(LogReader { app: Arc::clone(self), owner: LogOwner::Server, filter, live: None, seen: 0, behind: false })
    }

    /// Stores lines of the server's own log and gives them to those who follow.
    ///
    /// # Errors
    /// When the database does not take them.
    pub async fn server_log_append(&self, lines: Vec<LogLine>) -> Result<(), AppError> {
        let stored = self.store.server_log_append(lines).await?;
        self.feeds.publish(LogOwner::Server, stored);
        Ok(())
    }
}

impl LogReader {
    /// The last `limit` lines that match, oldest first, and whether older ones exist.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn last(&mut self, limit: u32) -> Result<(Lines, bool), AppError> {
        let (lines, more) = self.app.store.log_lines(self.owner, &self.filter, limit).await?;
        self.seen = lines.last().map_or(self.seen, |(seq, _)| *seq);
        Ok((lines, more))
    }

    /// The next lines after those given out, at most `limit`, oldest first: for reading everything in constant memory.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn next(&mut self, limit: u32) -> Result<Lines, AppError> {
        let lines = self.app.store.log_lines_after(self.owner, &self.filter, self.seen, limit).await?;
        self.seen = lines.last().map_or(self.seen, |(seq, _)| *seq);
        Ok(lines)
    }

    /// Begins to listen. Call before [`LogReader::last`], so that no line falls between.
    pub fn follow(&mut self) {
        self.live = Some(self.app.feeds.listen(self.owner));
    }

    /// Waits for new lines that match. Lines already given out are left out, lines missed by lagging are read from the database. May be
    /// dropped while it waits without losing a line.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn live(&mut self) -> Result<Lines, AppError> {
        if !self.behind {
            let Some(feed) = &mut self.live else { return Ok(Vec::new()) };
            match feed.recv().await {
                Ok(lines) => {
                    let fresh = |(seq, line): &&(i64, LogLine)| *seq > self.seen && self.filter.matches(line);
                    let lines: Lines = lines.iter().filter(fresh).cloned().collect();
                    self.seen = lines.last().map_or(self.seen, |(seq, _)| *seq);
                    return Ok(lines);
                }
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                // The feed was dropped when nobody seemed to listen.
                Err(broadcast::error::RecvError::Closed) => *feed = self.app.feeds.listen(self.owner),
            }
            self.behind = true;
        }
        let lines = self.next(CATCH_UP).await?;
        self.behind = u32::try_from(lines.len()).is_ok_and(|len| len == CATCH_UP);
        Ok(lines)
    }

    /// Whether the caller may still read this log: roles change and agents go while somebody follows.
    ///
    /// # Errors
    /// When not.
    pub fn recheck(&self, ctx: &Ctx) -> Result<(), AppError> {
        match self.owner {
            LogOwner::Server => self.app.permit::<_, action::ServerLogs>(ctx, Everything).map(drop),
            LogOwner::Agent(id) => self.app.agent_for::<action::AgentLogs>(ctx, &id.to_string()).map(drop),
        }
    }
}
