//! The fleet's history: how many agents were in which state, one row a moment.

use mc_domain::time::Time;

use crate::{Store, error::StoreError, sql::Sql};

/// How many agents were in each state at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FleetPoint {
    /// When.
    pub at: Time,
    /// Well.
    pub online: u32,
    /// Not as they should be.
    pub degraded: u32,
    /// Not heard of.
    pub offline: u32,
    /// Stopped on request.
    pub stopped: u32,
}

impl Store {
    /// Keeps the counts of a moment; a second call for the same moment replaces the first.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn fleet_point_insert(&self, at: Time, online: u32, degraded: u32, offline: u32, stopped: u32) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new(
            "INSERT INTO fleet_point (at, online, degraded, offline, stopped) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (at) DO UPDATE SET \
             online = excluded.online, degraded = excluded.degraded, offline = excluded.offline, stopped = excluded.stopped",
        );
        tx.run(sql.bind(at).bind(online).bind(degraded).bind(offline).bind(stopped)).await?;
        tx.commit().await
    }

    /// The counts since then, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn fleet_history(&self, since: Time) -> Result<Vec<FleetPoint>, StoreError> {
        let sql = Sql::new("SELECT at, online, degraded, offline, stopped FROM fleet_point WHERE at >= $1 ORDER BY at").bind(since);
        let rows = self.main.all(sql).await?;
        rows.iter()
            .map(|row| {
                Ok(FleetPoint {
                    at: row.time("at")?,
                    online: row.small("online")?,
                    degraded: row.small("degraded")?,
                    offline: row.small("offline")?,
                    stopped: row.small("stopped")?,
                })
            })
            .collect()
    }

    /// Forgets the counts from before then.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn fleet_prune(&self, before: Time) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        tx.run(Sql::new("DELETE FROM fleet_point WHERE at < $1").bind(before)).await?;
        tx.commit().await
    }
}
