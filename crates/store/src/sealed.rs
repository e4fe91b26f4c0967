//! Sealed values, wherever they lie: found and replaced when the key that seals is replaced.
//!
//! Every column that keeps a sealed value longer than a login takes stands in [`SEALED`]; what is sealed for minutes only ends by itself
//! before an old key is removed. The store cannot open them: it gives and takes text.

use uuid::Uuid;

use crate::{Engine, Store, error::StoreError, sql::Sql};

/// A column with sealed values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedColumn {
    table: &'static str,
    column: &'static str,
    /// The column with the id that stands in the purpose.
    id: &'static str,
    /// What the purpose begins with: `totp` of `totp:<id>`.
    purpose: &'static str,
}

/// Where sealed values are kept.
pub const SEALED: &[SealedColumn] = &[
    SealedColumn { table: "totp", column: "seed", id: "user_id", purpose: "totp" },
    SealedColumn { table: "totp", column: "pending_seed", id: "user_id", purpose: "totp" },
    SealedColumn { table: "provider", column: "client_secret", id: "id", purpose: "provider" },
    SealedColumn { table: "oidc_session", column: "refresh_token", id: "session_id", purpose: "oidc-session" },
    SealedColumn { table: "oidc_session", column: "id_token", id: "session_id", purpose: "oidc-session" },
];

/// Values looked at together.
const TOGETHER: i64 = 200;

impl SealedColumn {
    /// What the value of this id was sealed for.
    #[must_use]
    pub fn purpose(&self, id: Uuid) -> String {
        format!("{}:{id}", self.purpose)
    }

    /// Where it is, for people.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}.{}", self.table, self.column)
    }
}

impl Store {
    /// The next values of a column that do not begin with `form`, by id, after an id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sealed_stale(&self, column: SealedColumn, form: &str, after: Option<Uuid>) -> Result<Vec<(Uuid, String)>, StoreError> {
        if !self.has_column(column).await? {
            return Ok(Vec::new());
        }
        let sql = Sql::new("SELECT ").push(column.id).push(" AS id, ").push(column.column).push(" AS sealed FROM ").push(column.table);
        let sql = sql.push(" WHERE ").push(column.column).push(" IS NOT NULL AND NOT ").push(column.column).push(" LIKE ");
        let mut sql = sql.value(format!("{form}%"));
        if let Some(after) = after {
            sql = sql.push(" AND ").push(column.id).push(" > ").value(after);
        }
        let rows = self.main.all(sql.push(" ORDER BY ").push(column.id).push(" LIMIT ").value(TOGETHER)).await?;
        rows.iter().map(|row| Ok((row.id("id")?, row.text("sealed")?))).collect()
    }

    /// Puts the same secrets, sealed anew, in the place of the old texts: id, old text, new text. A value that was changed meanwhile stays.
    ///
    /// # Errors
    /// When the database does not take it; then none is replaced.
    pub async fn sealed_replace(&self, column: SealedColumn, values: &[(Uuid, String, String)]) -> Result<u64, StoreError> {
        let mut tx = self.main.begin().await?;
        let mut replaced = 0;
        for (id, old, new) in values {
            let sql = Sql::new("UPDATE ").push(column.table).push(" SET ").push(column.column).push(" = ").value(new);
            let sql = sql.push(" WHERE ").push(column.id).push(" = ").value(*id).push(" AND ").push(column.column).push(" = ").value(old);
            replaced += tx.run(sql).await?;
        }
        tx.commit().await?;
        Ok(replaced)
    }

    /// Whether the database has this column.
    async fn has_column(&self, column: SealedColumn) -> Result<bool, StoreError> {
        let sql = match self.engine() {
            Engine::Sqlite => Sql::new("SELECT name FROM pragma_table_info($1) WHERE name = $2"),
            Engine::Postgres => Sql::new(
                "SELECT column_name FROM information_schema.columns WHERE table_name = $1 AND column_name = $2 AND table_schema = current_schema()",
            ),
        };
        Ok(self.main.first(sql.bind(column.table).bind(column.column)).await?.is_some())
    }
}
