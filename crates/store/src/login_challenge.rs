//! Logins between the password and the second factor.
//!
//! A challenge is made only for a right password, ends by itself, and bears a few tries. A user has a few at a time; the oldest gives way.

use mc_domain::{id::UserId, time::Time};

use crate::{
    Store,
    error::StoreError,
    sql::{Row, Sql},
};

/// How many challenges of one user wait at a time: some devices at once, and no store for whoever knows a password.
const AT_ONCE: i64 = 10;

/// A login that waits for its second factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginChallenge {
    /// SHA-256 of its token.
    pub hash: String,
    /// Whose login.
    pub user_id: UserId,
    /// What the login needs to go on, sealed.
    pub content: String,
    /// How often an answer was tried.
    pub tries: u32,
    /// When the password was right.
    pub created_at: Time,
    /// When it ends by itself.
    pub expires_at: Time,
}

impl Store {
    /// Keeps a new challenge.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn login_challenge_insert(&self, challenge: &LoginChallenge) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        let sql =
            Sql::new("INSERT INTO login_challenge (hash, user_id, content, tries, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)");
        let sql = sql.bind(&challenge.hash).bind(challenge.user_id.0).bind(&challenge.content).bind(challenge.tries);
        tx.run(sql.bind(challenge.created_at).bind(challenge.expires_at)).await?;
        let sql = Sql::new(
            "DELETE FROM login_challenge WHERE user_id = $1 AND hash NOT IN \
             (SELECT hash FROM login_challenge WHERE user_id = $1 ORDER BY created_at DESC, hash LIMIT $2)",
        );
        tx.run(sql.bind(challenge.user_id.0).bind(AT_ONCE)).await?;
        tx.commit().await
    }

    /// The challenge, if it has not ended.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn login_challenge(&self, hash: &str, now: Time) -> Result<Option<LoginChallenge>, StoreError> {
        let sql = Sql::new("SELECT * FROM login_challenge WHERE hash = $1 AND expires_at > $2").bind(hash).bind(now);
        self.main.first(sql).await?.as_ref().map(read).transpose()
    }

    /// Counts a try before it is looked at, however many come at once, and answers the challenge if it bears the try.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn login_challenge_try(&self, hash: &str, now: Time, max: u32) -> Result<Option<LoginChallenge>, StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new("UPDATE login_challenge SET tries = tries + 1 WHERE hash = $1 AND expires_at > $2 AND tries < $3 RETURNING *");
        let found = tx.first(sql.bind(hash).bind(now).bind(max)).await?.as_ref().map(read).transpose()?;
        tx.commit().await?;
        Ok(found)
    }

    /// Keeps what the login needs to go on; false when the challenge is gone.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn login_challenge_update(&self, hash: &str, content: &str) -> Result<bool, StoreError> {
        let mut tx = self.main.begin().await?;
        let changed = tx.run(Sql::new("UPDATE login_challenge SET content = $2 WHERE hash = $1").bind(hash).bind(content)).await?;
        tx.commit().await?;
        Ok(changed > 0)
    }
}

fn read(row: &Row) -> Result<LoginChallenge, StoreError> {
    Ok(LoginChallenge {
        hash: row.text("hash")?,
        user_id: UserId(row.id("user_id")?),
        content: row.text("content")?,
        tries: row.small("tries")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
    })
}
