//! Commands: one action sent to one agent, and how it went.
//!
//! A command moves from `sent` to `running` to one of the final states. `timed_out` is the one final state that a late result still
//! replaces.

use std::collections::HashSet;

use mc_domain::{
    action::{self, Action},
    agent::Agent,
    audit::AuditEntry,
    command::{Command, CommandState},
    id::{AgentId, CommandId, RequestId, UserId},
    permit::{Everything, Permitted},
    time::Time,
};

use crate::{
    Store, audit,
    error::StoreError,
    sql::{Row, Sql},
};

/// How many commands were asked for, and how they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CommandCounts {
    /// Asked for.
    pub total: u64,
    /// Of these, failed or timed out.
    pub failed: u64,
    /// Of these, still under way.
    pub running: u64,
}

impl Store {
    /// Keeps a new command.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn command_insert<A: Action>(
        &self,
        _proof: &Permitted<Agent, A>,
        command: &Command,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new(
            "INSERT INTO command (id, agent_id, agent_name, action, reason, user_id, actor_name, request_id, state, progress, result, \
             created_at, finished_at, deadline) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        );
        let sql = sql.bind(command.id.0).bind(command.agent_id.0).bind(&command.agent_name).bind(command.action.as_str());
        let sql = sql.bind(&command.reason).bind(command.user_id.map(|id| id.0)).bind(&command.actor_name).bind(command.request_id.0);
        let sql = sql.bind(command.state.as_str()).bind(&command.progress).bind(&command.result);
        tx.run(sql.bind(command.created_at).bind(command.finished_at).bind(command.deadline)).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// The command of that id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn command_by_id(&self, id: CommandId) -> Result<Option<Command>, StoreError> {
        let row = self.main.first(Sql::new("SELECT * FROM command WHERE id = $1").bind(id.0)).await?;
        row.as_ref().map(read).transpose()
    }

    /// The newest commands (those older than `before`, when given), newest first, and how many there are in all; of these agents, or of any.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn command_list(
        &self,
        _proof: &Permitted<Everything, action::CommandList>,
        only: Option<&HashSet<AgentId>>,
        agent: Option<AgentId>,
        open_only: bool,
        limit: u32,
        before: Option<CommandId>,
    ) -> Result<(Vec<Command>, u64), StoreError> {
        let matching = |sql: Sql| {
            let mut sql = self.among(sql, "agent_id", only);
            if let Some(agent) = agent {
                sql = sql.push(" AND agent_id = ").value(agent.0);
            }
            if open_only { sql.push(" AND state IN ('sent', 'running')") } else { sql }
        };
        let mut sql = matching(Sql::new("SELECT * FROM command WHERE 1 = 1"));
        if let Some(before) = before {
            sql = sql.push(" AND id < ").value(before.0);
        }
        let rows = self.main.all(sql.push(" ORDER BY id DESC LIMIT ").value(limit)).await?;
        let total = self.main.one(matching(Sql::new("SELECT COUNT(*) AS total FROM command WHERE 1 = 1"))).await?.count("total")?;
        Ok((read_all(&rows)?, total))
    }

    /// The commands that have not ended, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn command_open(&self) -> Result<Vec<Command>, StoreError> {
        read_all(&self.main.all(Sql::new("SELECT * FROM command WHERE state IN ('sent', 'running') ORDER BY id")).await?)
    }

    /// Notes how far commands have come; those that have not ended then run.
    ///
    /// # Errors
    /// When the database does not take it; then none is noted.
    pub async fn command_progress_many(&self, steps: &[(CommandId, String)]) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        for (id, progress) in steps {
            let sql = Sql::new("UPDATE command SET state = 'running', progress = $2 WHERE id = $1 AND state IN ('sent', 'running')");
            tx.run(sql.bind(id.0).bind(progress)).await?;
        }
        tx.commit().await
    }

    /// Ends a command that has come as far as `progress` (`None`: as far as was noted), with the entries that say so. `None`, and no entry, when it has ended already; but a timed-out one takes a late result.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the state is not a final one.
    pub async fn command_finish(
        &self,
        id: CommandId,
        state: CommandState,
        result: &str,
        progress: Option<&str>,
        at: Time,
        entries: &[AuditEntry],
    ) -> Result<Option<Command>, StoreError> {
        if !state.is_final() {
            return Err(StoreError::Conflict("a command ends in a final state only"));
        }
        let mut tx = self.main.begin().await?;
        let sql = Sql::new(
            "UPDATE command SET state = $2, result = $3, finished_at = $4, progress = COALESCE($5, progress) \
             WHERE id = $1 AND (state IN ('sent', 'running') OR state = 'timed_out' AND $2 IN ('done', 'failed')) RETURNING *",
        );
        let Some(row) = tx.first(sql.bind(id.0).bind(state.as_str()).bind(result).bind(at).bind(progress)).await? else { return Ok(None) };
        audit::insert(&mut tx, entries).await?;
        tx.commit().await?;
        read(&row).map(Some)
    }

    /// How the commands asked for since then stand; those for these agents, or for any.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn command_counts(&self, only: Option<&HashSet<AgentId>>, since: Time) -> Result<CommandCounts, StoreError> {
        let sql = Sql::new(
            "SELECT COUNT(*) AS total, COUNT(*) FILTER (WHERE state IN ('failed', 'timed_out')) AS failed, \
             COUNT(*) FILTER (WHERE state IN ('sent', 'running')) AS running FROM command WHERE created_at >= ",
        );
        let row = self.main.one(self.among(sql.value(since), "agent_id", only)).await?;
        Ok(CommandCounts { total: row.count("total")?, failed: row.count("failed")?, running: row.count("running")? })
    }
}

fn read_all(rows: &[Row]) -> Result<Vec<Command>, StoreError> {
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Command, StoreError> {
    Ok(Command {
        id: CommandId(row.id("id")?),
        agent_id: AgentId(row.id("agent_id")?),
        agent_name: row.text("agent_name")?,
        action: row.parse("action")?,
        reason: row.text("reason")?,
        user_id: row.get::<Option<uuid::Uuid>>("user_id")?.map(UserId),
        actor_name: row.text("actor_name")?,
        request_id: RequestId(row.id("request_id")?),
        state: CommandState::from_text(&row.text("state")?).ok_or_else(|| StoreError::unreadable("command state"))?,
        progress: row.text("progress")?,
        result: row.text("result")?,
        created_at: row.time("created_at")?,
        finished_at: row.time_maybe("finished_at")?,
        deadline: row.time("deadline")?,
    })
}
