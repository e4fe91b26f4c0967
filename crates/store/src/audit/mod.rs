//! The audit trail: rows go in and never change.
//!
//! Every function of this crate that changes something else inserts its audit rows in the same transaction, by [`insert`]. How rows are linked
//! is in `chain.rs`, who signs for them in `checkpoint.rs`, how they are checked in `verify.rs`, how they end in `retention.rs`.

pub(crate) mod chain;
pub(crate) mod checkpoint;
mod key;
pub(crate) mod retention;
pub(crate) mod verify;

use std::collections::HashSet;

use mc_domain::{
    action,
    actor::ActorKind,
    agent::Agent,
    audit::{AuditEntry, AuditResult, Seal, Sealed, Sequence},
    id::{AgentId, AuditId, RequestId},
    permit::{Everything, Permitted},
    time::Time,
};
use mc_trail::{Linked, Record};
use uuid::Uuid;

use crate::{
    Store,
    db::Tx,
    error::StoreError,
    sql::{Row, Sql, Value, anywhere},
};

/// Entries are counted up to here and no further.
const COUNT_MAX: u64 = 10_000;

/// Which entries are wanted; what is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Found anywhere in an entry's names, reason, detail, action or address, in any case; or its whole correlation id.
    pub q: Option<String>,
    /// The actor's name or id.
    pub actor: Option<String>,
    /// What was done.
    pub action: Option<String>,
    /// How it ended.
    pub result: Option<AuditResult>,
    /// The agent it is about, or that acted.
    pub agent: Option<AgentId>,
    /// Not before.
    pub from: Option<Time>,
    /// Before.
    pub to: Option<Time>,
}

impl Store {
    /// Adds entries that belong to no other change. Those that many add at the same time share a transaction.
    ///
    /// # Errors
    /// When the database does not take them; then none is kept, unless its answer was lost.
    pub async fn audit_append(&self, entries: &[AuditEntry]) -> Result<(), StoreError> {
        if entries.is_empty() {
            return Ok(());
        }
        self.appends.append(entries).await
    }

    /// Whether an entry is stored: for writers whose commit was not answered.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn audit_has(&self, id: AuditId) -> Result<bool, StoreError> {
        Ok(self.main.first(Sql::new("SELECT id FROM audit WHERE id = $1").bind(id.0)).await?.is_some())
    }

    /// The newest entries that match (those older than `before`, when given), newest first, and how many match in all, counted up to
    /// 10,000.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn audit_list(
        &self,
        _proof: &Permitted<Everything, action::AuditList>,
        filter: &AuditFilter,
        limit: u32,
        before: Option<Sequence>,
    ) -> Result<(Vec<AuditEntry>, u64), StoreError> {
        let mut sql = self.audit_matching(Sql::new("SELECT * FROM audit WHERE 1 = 1"), filter);
        if let Some(before) = before {
            sql = sql.push(" AND sequence < ").value(place(before));
        }
        let rows = self.main.all(sql.push(" ORDER BY sequence DESC LIMIT ").value(limit)).await?;
        let count = self.audit_matching(Sql::new("SELECT COUNT(*) AS total FROM (SELECT 1 FROM audit WHERE 1 = 1"), filter);
        let count = count.push(" LIMIT ").value(i64::try_from(COUNT_MAX).unwrap_or(i64::MAX)).push(") AS counted");
        let total = self.main.one(count).await?.count("total")?;
        Ok((read_all(&rows)?, total))
    }

    /// The oldest entries that match (those newer than `after`, when given), oldest first: for reading all of them page by page.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn audit_export(
        &self,
        _proof: &Permitted<Everything, action::AuditList>,
        filter: &AuditFilter,
        limit: u32,
        after: Option<Sequence>,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        read_all(&self.main.all(self.audit_page(filter, limit, after)).await?)
    }

    /// The same with what proves each entry.
    ///
    /// # Errors
    /// When the database does not answer, or an entry cannot be read as one.
    pub async fn audit_export_linked(
        &self,
        _proof: &Permitted<Everything, action::AuditList>,
        filter: &AuditFilter,
        limit: u32,
        after: Option<Sequence>,
    ) -> Result<Vec<Linked>, StoreError> {
        self.main.all(self.audit_page(filter, limit, after)).await?.iter().map(linked).collect()
    }

    fn audit_page(&self, filter: &AuditFilter, limit: u32, after: Option<Sequence>) -> Sql {
        let mut sql = self.audit_matching(Sql::new("SELECT * FROM audit WHERE 1 = 1"), filter);
        if let Some(after) = after {
            sql = sql.push(" AND sequence > ").value(place(after));
        }
        sql.push(" ORDER BY sequence LIMIT ").value(limit)
    }

    /// What happened to or was done by the agent, newest first, and how much there is in all, counted up to 10,000.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn audit_for_agent(
        &self,
        agent: &Permitted<Agent, action::AgentActivity>,
        limit: u32,
        before: Option<Sequence>,
    ) -> Result<(Vec<AuditEntry>, u64), StoreError> {
        let id = agent.get().id.0;
        let mut sql = Sql::new("SELECT * FROM audit WHERE agent_id = $1").bind(id);
        if let Some(before) = before {
            sql = sql.push(" AND sequence < ").value(place(before));
        }
        let rows = self.main.all(sql.push(" ORDER BY sequence DESC LIMIT ").value(limit)).await?;
        let count = Sql::new("SELECT COUNT(*) AS total FROM (SELECT 1 FROM audit WHERE agent_id = $1 LIMIT 10000) AS counted").bind(id);
        Ok((read_all(&rows)?, self.main.one(count).await?.count("total")?))
    }

    /// The newest entries about these agents, or about any, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn audit_recent_agents(
        &self,
        _proof: &Permitted<Everything, action::OverviewShow>,
        only: Option<&HashSet<AgentId>>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let sql = self.among(Sql::new("SELECT * FROM audit WHERE resource_kind = 'agent'"), "agent_id", only);
        read_all(&self.main.all(sql.push(" ORDER BY sequence DESC LIMIT ").value(limit)).await?)
    }

    /// Adds the filter's conditions.
    fn audit_matching(&self, mut sql: Sql, filter: &AuditFilter) -> Sql {
        if let Some(actor) = &filter.actor {
            sql = sql.push(" AND (actor_name = ").value(actor).push(" OR actor_id = ").value(actor).push(")");
        }
        if let Some(action) = &filter.action {
            sql = sql.push(" AND action = ").value(action);
        }
        if let Some(result) = filter.result {
            sql = sql.push(" AND result = ").value(result.as_str());
        }
        if let Some(agent) = filter.agent {
            sql = sql.push(" AND agent_id = ").value(agent.0);
        }
        if let Some(from) = filter.from {
            sql = sql.push(" AND at >= ").value(from);
        }
        if let Some(to) = filter.to {
            sql = sql.push(" AND at < ").value(to);
        }
        if let Some(q) = &filter.q {
            let pattern = anywhere(q);
            // A correlation id is kept as a number: it is found as a whole, as people paste it.
            sql = match q.trim().parse::<Uuid>() {
                Ok(id) => sql.push(" AND (request_id = ").value(id).push(" OR "),
                Err(_) => sql.push(" AND ("),
            };
            sql = sql.push(
                "(actor_name || ' ' || action || ' ' || COALESCE(resource_name, '') || ' ' || COALESCE(resource_id, '') || ' ' || \
                 COALESCE(address, '') || ' ' || reason || ' ' || detail) ",
            );
            sql = sql.push(self.engine.like()).value(pattern).push(" ESCAPE '!')");
        }
        sql
    }
}

/// Adds entries within a transaction; they are stored when it commits, or it does not.
pub(crate) async fn insert(tx: &mut Tx, entries: &[AuditEntry]) -> Result<(), StoreError> {
    tx.audit(entries);
    Ok(())
}

/// A place as the database keeps it.
fn place(sequence: Sequence) -> i64 {
    i64::try_from(sequence.0).unwrap_or(i64::MAX)
}

fn columns(linked: &Linked) -> [Value; 20] {
    let record = &linked.record;
    [
        place(Sequence(record.sequence)).into(),
        record.id.into(),
        record.at_micros.into(),
        record.actor_kind.as_str().into(),
        record.actor_id.as_deref().into(),
        record.actor.as_str().into(),
        record.via.as_deref().into(),
        record.address.as_deref().into(),
        record.action.as_str().into(),
        record.resource_kind.as_deref().into(),
        record.resource_id.as_deref().into(),
        record.resource.as_deref().into(),
        record.result.as_str().into(),
        record.reason.as_str().into(),
        record.detail.as_str().into(),
        record.duration_ms.into(),
        record.request_id.into(),
        agent_of(record).into(),
        linked.hash.into(),
        linked.mac.into(),
    ]
}

/// The agent that an entry is about, or else the agent that acted.
fn agent_of(record: &Record) -> Option<Uuid> {
    let about = record.resource_id.as_deref().filter(|_| record.resource_kind.as_deref() == Some("agent"));
    let by = record.actor_id.as_deref().filter(|_| record.actor_kind == ActorKind::Agent.as_str());
    about.or(by).and_then(|id| Uuid::parse_str(id).ok())
}

fn read_all(rows: &[Row]) -> Result<Vec<AuditEntry>, StoreError> {
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<AuditEntry, StoreError> {
    Ok(AuditEntry {
        id: AuditId(row.id("id")?),
        at: row.time("at")?,
        actor_kind: ActorKind::from_text(&row.text("actor_kind")?),
        actor_id: row.get("actor_id")?,
        actor_name: row.text("actor_name")?,
        via: row.get("via")?,
        address: row.get("address")?,
        action: row.text("action")?,
        resource_kind: row.get("resource_kind")?,
        resource_id: row.get("resource_id")?,
        resource_name: row.get("resource_name")?,
        result: AuditResult::from_text(&row.text("result")?).ok_or_else(|| StoreError::unreadable("audit result"))?,
        reason: row.text("reason")?,
        detail: row.text("detail")?,
        duration_ms: row.get("duration_ms")?,
        request_id: RequestId(row.id("request_id")?),
        seal: seal(row)?,
    })
}

/// The seal; rows from before the chain have none.
fn seal(row: &Row) -> Result<Sealed, StoreError> {
    let Some(sequence) = row.get::<Option<i64>>("sequence")? else { return Ok(Sealed::default()) };
    let sequence = Sequence(u64::try_from(sequence).map_err(|_| StoreError::unreadable("audit sequence"))?);
    Ok(Seal { sequence, hash: row.digest("hash")?.0, mac: row.digest("mac")?.0 }.into())
}

/// The row as it is, whatever became of it: what is checked must not be tidied up before.
fn linked(row: &Row) -> Result<Linked, StoreError> {
    let record = Record {
        sequence: row.count("sequence")?,
        id: row.id("id")?,
        at_micros: row.int("at")?,
        actor_kind: row.text("actor_kind")?,
        actor_id: row.get("actor_id")?,
        actor: row.text("actor_name")?,
        via: row.get("via")?,
        address: row.get("address")?,
        action: row.text("action")?,
        resource_kind: row.get("resource_kind")?,
        resource_id: row.get("resource_id")?,
        resource: row.get("resource_name")?,
        result: row.text("result")?,
        reason: row.text("reason")?,
        detail: row.text("detail")?,
        duration_ms: row.get("duration_ms")?,
        request_id: row.id("request_id")?,
    };
    // Derived from the others, and what lists are filtered by.
    if row.get::<Option<Uuid>>("agent_id")? != agent_of(&record) {
        return Err(StoreError::unreadable("agent of an audit entry"));
    }
    Ok(Linked { hash: row.digest("hash")?, mac: row.digest("mac")?, record })
}
