//! Connections: pools, transactions and time limits of both engines.
//!
//! SQLite has one writer, whose transactions begin with `BEGIN IMMEDIATE`, and a few readers that cannot write. PostgreSQL has one bounded
//! pool. Every call ends within [`ANSWER_MAX`]: a database that is gone is an error, never a hang.

use std::{fs::OpenOptions, future::Future, io::ErrorKind, os::unix::fs::OpenOptionsExt as _, path::Path, sync::Arc, time::Duration};

use mc_domain::audit::AuditEntry;
use sqlx::{
    ConnectOptions as _, Connection as _, Postgres, Sqlite, SqliteConnection, Transaction,
    pool::PoolOptions,
    postgres::{PgConnectOptions, PgPool},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqliteSynchronous},
};

use crate::{
    audit::chain::Chain,
    error::StoreError,
    sql::{Row, Sql},
    together::Flushes,
};

/// How long a caller waits for a free connection.
const ACQUIRE_MAX: Duration = Duration::from_secs(3);
/// How long one statement may take.
const ANSWER_MAX: Duration = Duration::from_secs(15);
/// The same, as PostgreSQL itself enforces it: shorter, so that it gives up before we do.
const STATEMENT_TIMEOUT: &str = "12s";
/// How long SQLite waits for another process that writes.
const BUSY_MAX: Duration = Duration::from_secs(3);
/// Readers of one SQLite file.
const READERS: u32 = 4;

/// One database: the main part or the telemetry part.
#[derive(Clone)]
pub(crate) struct Db {
    pools: Pools,
    /// What seals audit entries; the telemetry part has none.
    chain: Option<Arc<Chain>>,
    /// Waits for PostgreSQL's disk for many commits at once.
    flushes: Option<Flushes>,
}

#[derive(Clone)]
enum Pools {
    /// A file.
    Sqlite {
        /// The one connection that writes.
        writer: SqlitePool,
        /// Connections that cannot write.
        readers: SqlitePool,
    },
    /// A server.
    Postgres(PgPool),
}

impl Db {
    /// Opens the file, making it readable by its owner only when it is new.
    pub(crate) async fn sqlite(file: &Path) -> Result<Self, StoreError> {
        make_private(file)?;
        let options = SqliteConnectOptions::new()
            .filename(file)
            .foreign_keys(true)
            .busy_timeout(BUSY_MAX)
            .synchronous(SqliteSynchronous::Normal)
            .pragma("journal_size_limit", "67108864")
            .disable_statement_logging();
        let pool =
            || PoolOptions::<Sqlite>::new().acquire_timeout(ACQUIRE_MAX).idle_timeout(None).max_lifetime(None).test_before_acquire(false);
        let writer = pool().max_connections(1).after_release(|connection, _| Box::pin(is_sound(connection)));
        let writer = writer.connect_with(options.clone().journal_mode(SqliteJournalMode::Wal)).await?;
        let readers = pool().max_connections(READERS).connect_with(options.pragma("query_only", "ON")).await?;
        Ok(Self { pools: Pools::Sqlite { writer, readers }, chain: None, flushes: None })
    }

    /// Opens a pool of at most `connections`, in `schema` when one is given and else in the URL's search path.
    pub(crate) async fn postgres(options: &PgConnectOptions, connections: u32, schema: Option<&str>) -> Result<Self, StoreError> {
        let mut options = options.clone().application_name("mission-control").disable_statement_logging();
        options = options.options([("statement_timeout", STATEMENT_TIMEOUT), ("idle_in_transaction_session_timeout", "60s")]);
        if let Some(schema) = schema {
            options = options.options([("search_path", schema)]);
        }
        let pool = PoolOptions::<Postgres>::new().max_connections(connections).acquire_timeout(ACQUIRE_MAX).connect_with(options);
        Ok(Self { pools: Pools::Postgres(in_time(pool).await?), chain: None, flushes: None })
    }

    /// The same database, where audit entries can be stored.
    pub(crate) async fn with_chain(self, chain: Arc<Chain>) -> Self {
        let flushes = match &self.pools {
            Pools::Sqlite { .. } => None,
            Pools::Postgres(pool) => Flushes::start(pool).await,
        };
        Self { chain: Some(chain), flushes, ..self }
    }

    /// All rows of a statement that only reads.
    pub(crate) async fn all(&self, sql: Sql) -> Result<Vec<Row>, StoreError> {
        match &self.pools {
            Pools::Sqlite { readers, .. } => Ok(in_time(sql.sqlite().fetch_all(readers)).await?.into_iter().map(Row::Sqlite).collect()),
            Pools::Postgres(pool) => Ok(in_time(sql.postgres().fetch_all(pool)).await?.into_iter().map(Row::Postgres).collect()),
        }
    }

    /// The first row, if there is one, of a statement that only reads.
    pub(crate) async fn first(&self, sql: Sql) -> Result<Option<Row>, StoreError> {
        match &self.pools {
            Pools::Sqlite { readers, .. } => Ok(in_time(sql.sqlite().fetch_optional(readers)).await?.map(Row::Sqlite)),
            Pools::Postgres(pool) => Ok(in_time(sql.postgres().fetch_optional(pool)).await?.map(Row::Postgres)),
        }
    }

    /// The one row of a statement that only reads and always has one, such as a count.
    pub(crate) async fn one(&self, sql: Sql) -> Result<Row, StoreError> {
        self.first(sql).await?.ok_or_else(|| StoreError::Internal("a row was expected".to_owned()))
    }

    /// Begins to write. What is not committed is rolled back.
    pub(crate) async fn begin(&self) -> Result<Tx, StoreError> {
        let open = match &self.pools {
            Pools::Sqlite { writer, .. } => Open::Sqlite(in_time(writer.begin_with("BEGIN IMMEDIATE")).await?),
            Pools::Postgres(pool) => Open::Postgres(in_time(pool.begin()).await?),
        };
        Ok(Tx { open, chain: self.chain.clone(), flushes: self.flushes.clone(), entries: Vec::new() })
    }

    /// Whether the database answers.
    pub(crate) async fn ping(&self) -> Result<(), StoreError> {
        self.one(Sql::new("SELECT 1 AS one")).await.map(drop)
    }

    /// Waits for what is under way, then closes all connections.
    pub(crate) async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { writer, readers } => {
                // The writer goes last: it then is the one that moves the write-ahead log into the file.
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => {
                // A server that is gone must not keep the program from ending.
                let _ = tokio::time::timeout(ACQUIRE_MAX, pool.close()).await;
            }
        }
    }
}

/// A transaction that may write.
pub(crate) struct Tx {
    open: Open,
    chain: Option<Arc<Chain>>,
    flushes: Option<Flushes>,
    /// Audit entries that are stored last of all.
    entries: Vec<AuditEntry>,
}

enum Open {
    /// Holds SQLite's only writer.
    Sqlite(Transaction<'static, Sqlite>),
    /// Holds one connection.
    Postgres(Transaction<'static, Postgres>),
}

impl Open {
    async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => in_time(tx.commit()).await,
            Self::Postgres(tx) => in_time(tx.commit()).await,
        }
    }
}

impl Tx {
    /// Runs a statement; says how many rows it changed.
    pub(crate) async fn run(&mut self, sql: Sql) -> Result<u64, StoreError> {
        match &mut self.open {
            Open::Sqlite(tx) => Ok(in_time(sql.sqlite().execute(&mut **tx)).await?.rows_affected()),
            Open::Postgres(tx) => Ok(in_time(sql.postgres().execute(&mut **tx)).await?.rows_affected()),
        }
    }

    /// Runs a statement that must change something, or else the thing does not exist.
    pub(crate) async fn run_found(&mut self, sql: Sql) -> Result<(), StoreError> {
        if self.run(sql).await? == 0 { Err(StoreError::NotFound) } else { Ok(()) }
    }

    /// All rows of a statement.
    pub(crate) async fn all(&mut self, sql: Sql) -> Result<Vec<Row>, StoreError> {
        match &mut self.open {
            Open::Sqlite(tx) => Ok(in_time(sql.sqlite().fetch_all(&mut **tx)).await?.into_iter().map(Row::Sqlite).collect()),
            Open::Postgres(tx) => Ok(in_time(sql.postgres().fetch_all(&mut **tx)).await?.into_iter().map(Row::Postgres).collect()),
        }
    }

    /// The first row of a statement, if there is one.
    pub(crate) async fn first(&mut self, sql: Sql) -> Result<Option<Row>, StoreError> {
        // Not `fetch_optional`: on SQLite it would leave an `UPDATE … RETURNING` unfinished.
        Ok(self.all(sql).await?.into_iter().next())
    }

    /// Adds `FOR UPDATE` where rows are locked one by one. SQLite has locked all of them already.
    pub(crate) fn for_update(&self, sql: Sql) -> Sql {
        if self.is_sqlite() { sql } else { sql.push(" FOR UPDATE") }
    }

    /// Whether the transaction is alone in the database.
    pub(crate) const fn is_sqlite(&self) -> bool {
        matches!(self.open, Open::Sqlite(_))
    }

    /// Adds audit entries. They are stored by [`Tx::commit`], after everything else: the end of the trail is locked for as short as can be.
    pub(crate) fn audit(&mut self, entries: &[AuditEntry]) {
        self.entries.extend_from_slice(entries);
    }

    /// Runs a statement only where rows are locked one by one: PostgreSQL.
    pub(crate) async fn run_on_postgres(&mut self, sql: &'static str) -> Result<(), StoreError> {
        match &mut self.open {
            Open::Sqlite(_) => Ok(()),
            Open::Postgres(_) => self.run(Sql::new(sql)).await.map(drop),
        }
    }

    /// Runs several statements without parameters.
    pub(crate) async fn script(&mut self, script: &'static str) -> Result<(), StoreError> {
        match &mut self.open {
            Open::Sqlite(tx) => in_time(sqlx::raw_sql(script).execute(&mut **tx)).await.map(drop),
            Open::Postgres(tx) => in_time(sqlx::raw_sql(script).execute(&mut **tx)).await.map(drop),
        }
    }

    /// Makes it last, with its audit entries: when those cannot be stored, nothing is.
    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        let entries = std::mem::take(&mut self.entries);
        if entries.is_empty() {
            return self.open.commit().await;
        }
        let Some(chain) = self.chain.clone() else {
            return Err(StoreError::Internal("this part of the database holds no audit trail".to_owned()));
        };
        let flushes = self.flushes.take();
        if flushes.is_some() {
            // The trail's end is locked until the commit is done: that wait for the disk is shared, see `together.rs`.
            self.run_on_postgres("SET LOCAL synchronous_commit TO off").await?;
        }
        let sealed = chain.seal(&mut self, entries).await?;
        self.open.commit().await?;
        if let Some(flushes) = flushes {
            flushes.flushed().await?;
        }
        chain.committed(&sealed);
        Ok(())
    }
}

async fn in_time<T>(answer: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, StoreError> {
    match tokio::time::timeout(ANSWER_MAX, answer).await {
        Ok(answer) => answer.map_err(StoreError::from),
        Err(_) => Err(StoreError::too_slow()),
    }
}

/// Whether the writer may be used again. When the disk is full, SQLite rolls back by itself; the driver then goes on counting a transaction
/// that is not there, and every later one would fail.
async fn is_sound(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // Answered after the rollback that may be under way.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

/// Makes the file where there is none. SQLite gives its helper files the same mode. A file that exists is not touched: closing it would end the
/// locks that SQLite has on it in this program.
fn make_private(file: &Path) -> Result<(), StoreError> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(StoreError::Unavailable(format!("its file in the data directory cannot be made: {}", error.kind())))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_disk_is_said_and_keeps_nothing_half_done() {
        let dir = tempfile::tempdir().expect("a folder");
        let db = Db::sqlite(&dir.path().join("test.db")).await.expect("it opens");
        let mut tx = db.begin().await.expect("a transaction");
        tx.script("CREATE TABLE t (a TEXT)").await.expect("a table");
        tx.run(Sql::new("PRAGMA max_page_count = 10")).await.expect("SQLite's own word for a small disk");
        tx.commit().await.expect("room for a table");
        let fill = || async {
            let mut tx = db.begin().await?;
            for _ in 0..100 {
                tx.run(Sql::new("INSERT INTO t (a) VALUES ($1)").bind("x".repeat(1000))).await?;
            }
            tx.commit().await
        };
        assert_eq!(fill().await, Err(StoreError::Full));
        let count = || async { db.one(Sql::new("SELECT COUNT(*) AS n FROM t")).await?.int("n") };
        assert_eq!(count().await, Ok(0));
        // The small disk was a setting of the connection, which is not used again.
        assert_eq!(fill().await, Ok(()));
        assert_eq!(count().await, Ok(100));
    }

    #[tokio::test]
    async fn readers_cannot_write() {
        let dir = tempfile::tempdir().expect("a folder");
        let db = Db::sqlite(&dir.path().join("test.db")).await.expect("it opens");
        let refused = db.all(Sql::new("CREATE TABLE t (a TEXT)")).await.map(|_| ());
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    }
}
