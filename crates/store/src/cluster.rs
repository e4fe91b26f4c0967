//! Kubernetes clusters, and which agent each is reached through.

use mc_domain::{
    audit::AuditEntry,
    cluster::{Cluster, ClusterReport},
    id::AgentId,
    name::ClusterName,
    time::Time,
};

use crate::{
    Store, audit,
    error::StoreError,
    sql::{Row, Sql, json},
};

impl Store {
    /// All clusters whose agents are not removed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn cluster_load(&self) -> Result<Vec<Cluster>, StoreError> {
        let sql = "SELECT cluster.* FROM cluster JOIN agent ON agent.id = cluster.agent_id WHERE agent.removed_at IS NULL";
        self.main.all(Sql::new(sql)).await?.iter().map(read).collect()
    }

    /// Gives a cluster to an agent, with its first report. A name that belongs to a removed agent is free; what the agent had before is
    /// given up.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`] when another agent has the cluster; the entry is then not kept.
    pub async fn cluster_claim(&self, cluster: &Cluster, entry: &AuditEntry) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        let sql =
            "DELETE FROM cluster WHERE agent_id = $1 OR (name = $2 AND agent_id IN (SELECT id FROM agent WHERE removed_at IS NOT NULL))";
        tx.run(Sql::new(sql).bind(cluster.agent_id.0).bind(cluster.name.as_str())).await?;
        let sql = Sql::new("INSERT INTO cluster (name, agent_id, report, reported_at, created_at) VALUES ($1, $2, $3, $4, $5)");
        let sql = sql.bind(cluster.name.as_str()).bind(cluster.agent_id.0).bind(json(&cluster.report)?);
        tx.run(sql.bind(cluster.reported_at).bind(cluster.created_at)).await.map_err(StoreError::name_taken)?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// Keeps what an agent says of its cluster now.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not this agent's.
    pub async fn cluster_report(&self, name: &ClusterName, agent: AgentId, report: &ClusterReport, now: Time) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new("UPDATE cluster SET report = $3, reported_at = $4 WHERE name = $1 AND agent_id = $2");
        tx.run_found(sql.bind(name.as_str()).bind(agent.0).bind(json(report)?).bind(now)).await?;
        tx.commit().await
    }
}

fn read(row: &Row) -> Result<Cluster, StoreError> {
    Ok(Cluster {
        name: row.parse("name")?,
        agent_id: AgentId(row.id("agent_id")?),
        report: row.json("report")?,
        reported_at: row.time("reported_at")?,
        created_at: row.time("created_at")?,
    })
}
