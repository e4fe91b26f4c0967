//! Agents: the inventory, what each says of itself, and when it was last heard.
//!
//! Presence and hellos arrive for thousands of agents at once and are written many to a statement. Rows are then locked in the order of
//! their ids, so that two writers never wait for each other.

use std::collections::BTreeMap;

use mc_domain::{
    action,
    agent::{Agent, Credential, Identity},
    audit::AuditEntry,
    id::AgentId,
    name::{AgentName, Tag},
    permit::Permitted,
    time::Time,
    workload::{AgentKind, Workload},
};

use crate::{
    Store, audit,
    db::Tx,
    error::StoreError,
    sql::{ROWS_MAX, Row, Sql, Value, json},
};

/// What an agent said when it connected.
#[derive(Debug, Clone)]
pub struct AgentHello {
    /// Which agent.
    pub id: AgentId,
    /// What it looks after.
    pub kind: AgentKind,
    /// What it says of itself.
    pub identity: Identity,
    /// Its workload.
    pub workload: Workload,
    /// When it connected.
    pub at: Time,
    /// The connection's audit entry; none when it connects so often that entries are counted.
    pub audit: Option<AuditEntry>,
}

/// When an agent was last heard, and what it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    /// Which agent.
    pub id: AgentId,
    /// The last frame.
    pub last_seen_at: Time,
    /// Its goodbye, if that was the last frame.
    pub goodbye_at: Option<Time>,
    /// Its workload, if that changed.
    pub workload: Option<Workload>,
}

impl Store {
    /// All agents that are not removed, by name: the inventory at start.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn agent_load(&self) -> Result<Vec<Agent>, StoreError> {
        let rows = self.main.all(Sql::new("SELECT * FROM agent WHERE removed_at IS NULL ORDER BY name")).await?;
        rows.iter().map(read).collect()
    }

    /// The agent of that id, removed or not.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn agent_by_id(&self, id: AgentId) -> Result<Option<Agent>, StoreError> {
        let row = self.main.first(Sql::new("SELECT * FROM agent WHERE id = $1").bind(id.0)).await?;
        row.as_ref().map(read).transpose()
    }

    /// Gives the agent a name and tags.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`]; [`StoreError::NotFound`] when it was removed.
    pub async fn agent_update(
        &self,
        agent: &Permitted<Agent, action::AgentUpdate>,
        name: &AgentName,
        tags: &[Tag],
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new("UPDATE agent SET name = $2, tags = $3 WHERE id = $1 AND removed_at IS NULL");
        tx.run_found(sql.bind(agent.id.0).bind(name.as_str()).bind(json(&tags)?)).await.map_err(StoreError::name_taken)?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// Removes the agent. Its row stays, so that its credential is known as a removed one's; its name is free again.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it was removed before.
    pub async fn agent_remove(
        &self,
        agent: &Permitted<Agent, action::AgentRemove>,
        now: Time,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new("UPDATE agent SET removed_at = $2 WHERE id = $1 AND removed_at IS NULL").bind(agent.id.0).bind(now);
        tx.run_found(sql).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// Keeps what is known of the agent's credential now.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it was removed.
    pub async fn agent_set_credential(&self, id: AgentId, credential: &Credential, entry: Option<&AuditEntry>) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new(
            "UPDATE agent SET certificate_serial = $2, certificate_next = $3, certificate_not_after = $4, api_key_hash = $5, api_key_prefix = $6 \
             WHERE id = $1 AND removed_at IS NULL",
        );
        let sql = credential_columns(credential).into_iter().fold(sql.bind(id.0), Sql::bind);
        tx.run_found(sql).await?;
        audit::insert(&mut tx, entry.map(std::slice::from_ref).unwrap_or_default()).await?;
        tx.commit().await
    }

    /// Keeps what agents said when they connected, with the audit entries of it. A goodbye from before is forgotten.
    ///
    /// # Errors
    /// When the database does not take it; then nothing is kept.
    pub async fn agent_hello(&self, hellos: &[AgentHello]) -> Result<(), StoreError> {
        if hellos.is_empty() {
            return Ok(());
        }
        let latest: BTreeMap<AgentId, &AgentHello> = hellos.iter().map(|hello| (hello.id, hello)).collect();
        let mut rows = Vec::with_capacity(latest.len());
        for hello in latest.values() {
            let (identity, workload) = (json(&hello.identity)?, json(&hello.workload)?);
            rows.push([hello.id.0.into(), hello.kind.as_str().into(), identity.into(), workload.into(), hello.at.into()]);
        }
        let mut tx = self.main.begin().await?;
        for chunk in rows.chunks(ROWS_MAX) {
            lock(&mut tx, chunk).await?;
            let sql = Sql::new("WITH said (id, kind, identity, workload, at) AS (VALUES ").rows(chunk.iter().cloned());
            let sql = sql.push(
                ") UPDATE agent SET kind = said.kind, identity = said.identity, workload = said.workload, last_seen_at = said.at, \
                 goodbye_at = NULL FROM said WHERE agent.id = said.id AND agent.removed_at IS NULL",
            );
            tx.run(sql).await?;
        }
        let entries: Vec<_> = hellos.iter().filter_map(|hello| hello.audit.clone()).collect();
        audit::insert(&mut tx, &entries).await?;
        tx.commit().await
    }

    /// Notes when agents were last heard.
    ///
    /// # Errors
    /// When the database does not take it; then nothing is kept.
    pub async fn agent_presence(&self, heard: &[Presence]) -> Result<(), StoreError> {
        if heard.is_empty() {
            return Ok(());
        }
        let mut latest: BTreeMap<AgentId, (Time, Option<Time>, Option<&Workload>)> = BTreeMap::new();
        for presence in heard {
            let row = latest.entry(presence.id).or_insert((presence.last_seen_at, presence.goodbye_at, None));
            *row = (presence.last_seen_at, presence.goodbye_at, presence.workload.as_ref().or(row.2));
        }
        let mut rows = Vec::with_capacity(latest.len());
        for (id, (seen, goodbye, workload)) in latest {
            let workload = workload.map(json).transpose()?;
            rows.push([Value::from(id.0), seen.into(), goodbye.into(), workload.into()]);
        }
        let mut tx = self.main.begin().await?;
        for chunk in rows.chunks(ROWS_MAX) {
            lock(&mut tx, chunk).await?;
            let sql = Sql::new("WITH heard (id, seen, goodbye, workload) AS (VALUES ").rows(chunk.iter().cloned());
            let sql = sql.push(
                ") UPDATE agent SET last_seen_at = heard.seen, goodbye_at = heard.goodbye, \
                 workload = COALESCE(heard.workload, agent.workload) FROM heard WHERE agent.id = heard.id",
            );
            tx.run(sql).await?;
        }
        tx.commit().await
    }
}

/// Locks the agents of these rows, whose first column is the id, in the order of their ids. A new command of such an agent need not wait.
async fn lock<const N: usize>(tx: &mut Tx, rows: &[[Value; N]]) -> Result<(), StoreError> {
    if tx.is_sqlite() {
        return Ok(());
    }
    let ids = rows.iter().filter_map(|row| row.first().cloned());
    let sql = Sql::new("SELECT id FROM agent WHERE id IN (").list(ids).push(") ORDER BY id FOR NO KEY UPDATE");
    tx.all(sql).await.map(drop)
}

/// Adds an agent within a transaction.
pub(crate) async fn insert(tx: &mut Tx, agent: &Agent) -> Result<(), StoreError> {
    let sql = Sql::new(
        "INSERT INTO agent (certificate_serial, certificate_next, certificate_not_after, api_key_hash, api_key_prefix, id, name, kind, identity, tags, \
         joined_at, last_seen_at, goodbye_at, workload, removed_at, owner) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
    );
    let sql = credential_columns(&agent.credential).into_iter().fold(sql, Sql::bind);
    let sql = sql.bind(agent.id.0).bind(agent.name.as_str()).bind(agent.kind.as_str()).bind(json(&agent.identity)?);
    let sql = sql.bind(json(&agent.tags)?).bind(agent.joined_at).bind(agent.last_seen_at).bind(agent.goodbye_at);
    let sql = sql.bind(json(&agent.workload)?).bind(agent.removed_at).bind(agent.owner.as_deref());
    tx.run(sql).await.map_err(StoreError::name_taken).map(drop)
}

/// Serial, next serial, end, key's hash and its beginning.
fn credential_columns(credential: &Credential) -> [Value; 5] {
    match credential {
        Credential::Certificate { serial, next, not_after } => {
            [serial.into(), next.as_deref().into(), (*not_after).into(), Value::Text(None), Value::Text(None)]
        }
        Credential::ApiKey { hash, prefix } => [Value::Text(None), Value::Text(None), Value::Int(None), hash.into(), prefix.into()],
    }
}

fn read(row: &Row) -> Result<Agent, StoreError> {
    let credential = match row.get::<Option<String>>("api_key_hash")? {
        Some(hash) => Credential::ApiKey { hash, prefix: row.get::<Option<String>>("api_key_prefix")?.unwrap_or_default() },
        None => Credential::Certificate {
            serial: row.text("certificate_serial")?,
            next: row.get("certificate_next")?,
            not_after: row.time("certificate_not_after")?,
        },
    };
    Ok(Agent {
        id: AgentId(row.id("id")?),
        name: row.parse("name")?,
        kind: AgentKind::from_text(&row.text("kind")?).ok_or_else(|| StoreError::unreadable("agent kind"))?,
        identity: row.json("identity")?,
        tags: row.json("tags")?,
        credential,
        joined_at: row.time("joined_at")?,
        owner: row.get("owner")?,
        last_seen_at: row.time_maybe("last_seen_at")?,
        goodbye_at: row.time_maybe("goodbye_at")?,
        workload: row.json("workload")?,
        removed_at: row.time_maybe("removed_at")?,
    })
}
