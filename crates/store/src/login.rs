//! The history of logins: what each user sees of the tries to come in as them.
//!
//! It is bounded for each user, and successes apart from failures: a stranger who fails a thousand times pushes no success out.

use mc_domain::{
    id::{LoginId, UserId},
    login::LoginRecord,
    time::Time,
};

use crate::{
    Store,
    db::Tx,
    error::StoreError,
    sql::{Row, Sql},
};

/// Records kept of a user: successes, and failures.
const KEPT: u32 = 200;

impl Store {
    /// Keeps a try that failed.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn login_failed(&self, record: &LoginRecord) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        insert(&mut tx, record).await?;
        tx.commit().await
    }

    /// A user's tries, newest first, those before `before` when given, and how many are kept in all.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn login_list(&self, user: UserId, limit: u32, before: Option<LoginId>) -> Result<(Vec<LoginRecord>, u64), StoreError> {
        let mut sql = Sql::new("SELECT * FROM login_record WHERE user_id = ").value(user.0);
        if let Some(before) = before {
            sql = sql.push(" AND id < ").value(before.0);
        }
        let rows = self.main.all(sql.push(" ORDER BY id DESC LIMIT ").value(limit)).await?;
        let count = Sql::new("SELECT COUNT(*) AS total FROM login_record WHERE user_id = $1").bind(user.0);
        let total = self.main.one(count).await?.count("total")?;
        Ok((rows.iter().map(read).collect::<Result<_, _>>()?, total))
    }

    /// Whether the user came in from this address since then. Asked for nobody too, so that it takes as long.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn login_from(&self, user: Option<UserId>, address: &str, since: Time) -> Result<bool, StoreError> {
        let id = user.map_or(uuid::Uuid::nil(), |user| user.0);
        let sql = Sql::new("SELECT id FROM login_record WHERE user_id = $1 AND result = 'ok' AND address = $2 AND at >= $3 LIMIT 1");
        Ok(self.main.first(sql.bind(id).bind(address).bind(since)).await?.is_some())
    }

    /// Forgets what is older than that; says how much.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn login_prune(&self, before: Time) -> Result<u64, StoreError> {
        let mut tx = self.main.begin().await?;
        let gone = tx.run(Sql::new("DELETE FROM login_record WHERE at < $1").bind(before)).await?;
        tx.commit().await?;
        Ok(gone)
    }
}

/// Keeps a try within a transaction.
pub(crate) async fn insert(tx: &mut Tx, record: &LoginRecord) -> Result<(), StoreError> {
    let sql = Sql::new("INSERT INTO login_record (id, user_id, at, method, result, address, device) VALUES ($1, $2, $3, $4, $5, $6, $7)");
    let sql = sql.bind(record.id.0).bind(record.user_id.0).bind(record.at).bind(record.method.to_string());
    tx.run(sql.bind(record.result.as_str()).bind(&record.address).bind(&record.device)).await?;
    let ok = record.result == mc_domain::login::LoginResult::Ok;
    let kind = if ok { " AND result = 'ok'" } else { " AND result <> 'ok'" };
    let oldest = Sql::new("SELECT id FROM login_record WHERE user_id = ").value(record.user_id.0).push(kind);
    let oldest = oldest.push(" ORDER BY id DESC LIMIT 1 OFFSET ").value(KEPT);
    if let Some(row) = tx.first(oldest).await? {
        let gone = Sql::new("DELETE FROM login_record WHERE user_id = ").value(record.user_id.0).push(kind);
        tx.run(gone.push(" AND id <= ").value(row.id("id")?)).await?;
    }
    Ok(())
}

fn read(row: &Row) -> Result<LoginRecord, StoreError> {
    Ok(LoginRecord {
        id: LoginId(row.id("id")?),
        user_id: UserId(row.id("user_id")?),
        at: row.time("at")?,
        method: row.parse("method")?,
        result: row.parse("result")?,
        address: row.text("address")?,
        device: row.text("device")?,
    })
}
