//! The shape of the database, step by step.
//!
//! Each step is a file of SQL per engine and runs in its own transaction. A step that was released is never changed: a new one follows it.

use crate::{
    Engine,
    db::{Db, Tx},
    error::StoreError,
    sql::Sql,
};

/// One step of one part of the database.
struct Migration {
    version: i64,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! steps {
    ($($version:literal: $file:literal),+ $(,)?) => {
        &[$(Migration {
            version: $version,
            sqlite: include_str!(concat!("../migrations/sqlite/", $file, ".sql")),
            postgres: include_str!(concat!("../migrations/postgres/", $file, ".sql")),
        }),+]
    };
}

const MAIN: &[Migration] = steps![
    1: "main-0001",
    2: "main-0002-role",
    3: "main-0003-audit",
    4: "main-0004-user",
    5: "main-0005-second-factor",
    6: "main-0006-provider",
    7: "main-0007-token",
    8: "main-0008-access-request",
    9: "main-0009-session-factor",
    10: "main-0010-cluster",
    11: "main-0011-recording",
];
const TELEMETRY: &[Migration] = steps![1: "telemetry-0001", 2: "telemetry-0002-recording"];

/// Which part of the database.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    /// Users, agents, commands, the audit trail.
    Main,
    /// Logs and metrics.
    Telemetry,
}

/// Servers that start at the same moment take turns. The number means nothing and must never change.
const TAKE_TURNS: &str = "SELECT pg_advisory_xact_lock(5550155501)";

/// Makes the schema that the telemetry part lives in, on PostgreSQL.
pub(crate) async fn make_schema(main: &Db) -> Result<(), StoreError> {
    let mut tx = main.begin().await?;
    tx.run_on_postgres(TAKE_TURNS).await?;
    // `IF NOT EXISTS` would ask for the right to make one even where there is one.
    if tx.first(Sql::new("SELECT nspname FROM pg_namespace WHERE nspname = 'telemetry'")).await?.is_none() {
        tx.run_on_postgres("CREATE SCHEMA telemetry").await?;
    }
    tx.commit().await
}

/// Brings one part to this program's version.
///
/// # Errors
/// [`StoreError::Newer`] when a newer program was here; then nothing is changed.
pub(crate) async fn migrate(db: &Db, engine: Engine, part: Part) -> Result<(), StoreError> {
    let steps = match part {
        Part::Main => MAIN,
        Part::Telemetry => TELEMETRY,
    };
    let known = steps.iter().map(|step| step.version).max().unwrap_or_default();
    let mut tx = db.begin().await?;
    tx.run_on_postgres(TAKE_TURNS).await?;
    if !is_there(&mut tx).await? {
        tx.script("CREATE TABLE IF NOT EXISTS schema_migration (version BIGINT NOT NULL PRIMARY KEY, applied_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)").await?;
    }
    let found = version(&mut tx).await?;
    tx.commit().await?;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    for step in steps {
        apply(db, engine, step).await?;
    }
    Ok(())
}

async fn apply(db: &Db, engine: Engine, step: &Migration) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    tx.run_on_postgres(TAKE_TURNS).await?;
    // Another server may have been here while this one waited for its turn.
    if version(&mut tx).await? >= step.version {
        return Ok(());
    }
    tx.script(match engine {
        Engine::Sqlite => step.sqlite,
        Engine::Postgres => step.postgres,
    })
    .await?;
    tx.run(Sql::new("INSERT INTO schema_migration (version) VALUES ($1)").bind(step.version)).await?;
    tx.commit().await?;
    tracing::info!(version = step.version, "database brought up to date");
    Ok(())
}

/// Whether the table of steps exists. `IF NOT EXISTS` would ask for the right to make one even where there is one, and a server whose user does
/// not own the database has no such right.
async fn is_there(tx: &mut Tx) -> Result<bool, StoreError> {
    let sqlite = "SELECT name FROM sqlite_master WHERE name = 'schema_migration'";
    let postgres = "SELECT tablename FROM pg_tables WHERE tablename = 'schema_migration' AND schemaname = current_schema()";
    Ok(tx.first(Sql::new(if tx.is_sqlite() { sqlite } else { postgres })).await?.is_some())
}

async fn version(tx: &mut Tx) -> Result<i64, StoreError> {
    let row = tx.first(Sql::new("SELECT COALESCE(MAX(version), 0) AS version FROM schema_migration")).await?;
    row.map_or(Ok(0), |row| row.int("version"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_count_up_from_one() {
        for steps in [MAIN, TELEMETRY] {
            let versions: Vec<_> = steps.iter().map(|step| step.version).collect();
            assert_eq!(versions, (1..=i64::try_from(steps.len()).expect("few steps")).collect::<Vec<_>>());
        }
    }
}
