//! Sessions: logins, and the chain of refresh tokens that keeps each alive.
//!
//! A refresh replaces the session's token. The token before the newest still answers for a short grace, because two tabs may ask at once; any
//! other old token means that somebody has a copy, and ends the session.

use std::{collections::HashMap, time::Duration};

use mc_domain::{
    audit::AuditEntry,
    id::{LoginId, SessionId, UserId},
    login::{LoginRecord, LoginResult},
    session::Session,
    time::Time,
    user::User,
};

use crate::{
    Store, audit,
    db::Tx,
    error::StoreError,
    login,
    sql::{Row, Sql, json},
    user,
};

/// What became of a refresh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refresh {
    /// The token was the newest; the new one took its place.
    Rotated(Session, User),
    /// The token was replaced moments ago, by another tab of the same browser. The new token was not kept.
    Recent(Session, User),
    /// The token was replaced before: somebody has a copy. The session is now revoked, and this entry says so.
    Reused(SessionId, Box<AuditEntry>),
    /// No session ever had this token.
    Unknown,
    /// The session was revoked or has expired, or its user is disabled.
    Ended,
}

const BY_ID: &str = "SELECT * FROM session WHERE id = $1";
const USER_BY_ID: &str = "SELECT * FROM user_account WHERE id = $1";

impl Store {
    /// Keeps a new login with its first refresh token, and notes it in the user's history. `password_hash` is the one that was checked, when
    /// one was: checking takes time, in which the password may have been changed or the user disabled.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when that has happened.
    pub async fn session_insert(
        &self,
        session: &Session,
        password_hash: Option<&str>,
        refresh_hash: &str,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new("SELECT password_hash FROM user_account WHERE id = $1 AND disabled_at IS NULL");
        let found = tx.first(tx.for_update(sql).bind(session.user_id.0)).await?;
        let now = found.map(|row| row.text("password_hash")).transpose()?;
        if now.is_none() || password_hash.is_some_and(|checked| now.as_deref() != Some(checked)) {
            return Err(StoreError::Conflict("the password or the account was changed meanwhile: log in again"));
        }
        insert(&mut tx, session, refresh_hash).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// Exchanges a refresh token for a new one, by their hashes. `grace` is how long the token before the newest still answers;
    /// `reuse` makes the entry that is stored with the end of a session whose token was used twice.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn session_refresh(
        &self,
        old_hash: &str,
        new_hash: &str,
        now: Time,
        expires_at: Time,
        grace: Duration,
        reuse: impl FnOnce(&Session, &User) -> AuditEntry + Send,
    ) -> Result<Refresh, StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new("SELECT session_id, generation FROM session_token WHERE hash = $1").bind(old_hash);
        let Some(token) = tx.first(sql).await? else { return Ok(Refresh::Unknown) };
        let (id, generation) = (token.id("session_id")?, token.int("generation")?);
        // The session's row is the lock: from here on, refreshes of one session go one after the other.
        let lock = tx.for_update(Sql::new("SELECT id FROM session WHERE id = $1")).bind(id);
        tx.first(lock).await?;
        let Some(row) = tx.first(Sql::new(BY_ID).bind(id)).await? else { return Ok(Refresh::Unknown) };
        let mut session = read(&row)?;
        let Some(row) = tx.first(Sql::new(USER_BY_ID).bind(session.user_id.0)).await? else { return Ok(Refresh::Unknown) };
        let user = user::read(&row)?;
        if !live(&session, &user, now) {
            return Ok(Refresh::Ended);
        }
        let sql = Sql::new("SELECT generation FROM session_token WHERE session_id = $1 ORDER BY generation DESC LIMIT 1").bind(id);
        let newest = tx.first(sql).await?.map_or(Ok(generation), |row| row.int("generation"))?;
        if generation == newest {
            let sql = Sql::new("UPDATE session_token SET replaced_at = $2 WHERE hash = $1").bind(old_hash).bind(now);
            tx.run(sql).await?;
            token_insert(&mut tx, new_hash, session.id, generation.saturating_add(1)).await?;
            let sql = Sql::new("UPDATE session SET last_used_at = $2, expires_at = $3 WHERE id = $1");
            tx.run(sql.bind(id).bind(now).bind(expires_at)).await?;
            tx.commit().await?;
            (session.last_used_at, session.expires_at) = (now, expires_at);
            return Ok(Refresh::Rotated(session, user));
        }
        // Read under the lock: the replacement may have been committed only just before.
        let row = tx.first(Sql::new("SELECT replaced_at FROM session_token WHERE hash = $1").bind(old_hash)).await?;
        let replaced_at = row.map_or(Ok(None), |row| row.time_maybe("replaced_at"))?;
        if generation.saturating_add(1) == newest && replaced_at.is_some_and(|at| now.since(at) < grace) {
            return Ok(Refresh::Recent(session, user));
        }
        revoke(&mut tx, session.id, now).await?;
        let entry = reuse(&session, &user);
        audit::insert(&mut tx, std::slice::from_ref(&entry)).await?;
        tx.commit().await?;
        Ok(Refresh::Reused(session.id, Box::new(entry)))
    }

    /// The session with its user, if it is neither revoked nor expired and the user is not disabled.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn session_live(&self, id: SessionId, now: Time) -> Result<Option<(Session, User)>, StoreError> {
        let Some(row) = self.main.first(Sql::new(BY_ID).bind(id.0)).await? else { return Ok(None) };
        let session = read(&row)?;
        let Some(row) = self.main.first(Sql::new(USER_BY_ID).bind(session.user_id.0)).await? else { return Ok(None) };
        let user = user::read(&row)?;
        Ok(live(&session, &user, now).then_some((session, user)))
    }

    /// The groups that providers said people are in, of all their open sessions together: of one user, or of everybody.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn session_groups(&self, user: Option<UserId>, now: Time) -> Result<HashMap<UserId, Vec<String>>, StoreError> {
        let sql = "SELECT DISTINCT user_id, sso_groups FROM session WHERE revoked_at IS NULL AND expires_at > $1 AND sso_groups <> '[]'";
        let sql = Sql::new(sql).bind(now);
        let sql = match user {
            Some(user) => sql.push(" AND user_id = ").value(user.0),
            None => sql,
        };
        let mut groups: HashMap<UserId, Vec<String>> = HashMap::new();
        for row in self.main.all(sql).await? {
            let known = groups.entry(UserId(row.id("user_id")?)).or_default();
            for group in row.json::<Vec<String>>("sso_groups")? {
                if !known.contains(&group) {
                    known.push(group);
                }
            }
        }
        Ok(groups)
    }

    /// Ends a session. Ending it again changes nothing and leaves no second entry.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn session_revoke(&self, id: SessionId, now: Time, entry: &AuditEntry) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        if revoke(&mut tx, id, now).await? {
            audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
            return tx.commit().await;
        }
        tx.first(Sql::new("SELECT id FROM session WHERE id = $1").bind(id.0)).await?.map(drop).ok_or(StoreError::NotFound)
    }

    /// A user's open sessions, the one used last first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn session_list(&self, user: UserId, now: Time) -> Result<Vec<Session>, StoreError> {
        let sql = Sql::new(
            "SELECT * FROM session WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2 ORDER BY last_used_at DESC, id DESC LIMIT 500",
        );
        self.main.all(sql.bind(user.0).bind(now)).await?.iter().map(read).collect()
    }

    /// Ends one of a user's own open sessions.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not theirs or not open.
    pub async fn session_end(&self, user: UserId, id: SessionId, now: Time, entry: &AuditEntry) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new("UPDATE session SET revoked_at = $3 WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL");
        tx.run_found(sql.bind(id.0).bind(user.0).bind(now)).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// Ends all open sessions of a user, but for `keep`.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn session_end_all(&self, user: UserId, keep: Option<SessionId>, now: Time, entry: &AuditEntry) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        revoke_all(&mut tx, user, keep, now).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// Forgets sessions that ended before then, with their tokens; says how many.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn session_prune(&self, before: Time) -> Result<u64, StoreError> {
        const CHUNK: u64 = 200;
        let mut total = 0;
        loop {
            let mut tx = self.main.begin().await?;
            let sql = Sql::new(
                "DELETE FROM session WHERE id IN (SELECT id FROM session WHERE expires_at < $1 OR revoked_at < $1 ORDER BY id LIMIT 200)",
            );
            let gone = tx.run(sql.bind(before)).await?;
            tx.commit().await?;
            total += gone;
            if gone < CHUNK {
                return Ok(total);
            }
        }
    }
}

/// Keeps a session with its first refresh token, and notes the login in the user's history.
pub(crate) async fn insert(tx: &mut Tx, session: &Session, refresh_hash: &str) -> Result<(), StoreError> {
    let sql = Sql::new(
        "INSERT INTO session (id, user_id, address, device, created_at, last_used_at, expires_at, revoked_at, method, verified_at, sso_groups, \
         sso_second_factor) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    );
    let sql = sql.bind(session.id.0).bind(session.user_id.0).bind(&session.address).bind(&session.device);
    let sql = sql.bind(session.created_at).bind(session.last_used_at).bind(session.expires_at).bind(session.revoked_at);
    let sql = sql.bind(session.method.to_string()).bind(session.verified_at).bind(json(&session.groups)?);
    tx.run(sql.bind(session.second_factor)).await?;
    token_insert(tx, refresh_hash, session.id, 1).await?;
    let sql = Sql::new("UPDATE user_account SET last_login_at = $2 WHERE id = $1");
    tx.run(sql.bind(session.user_id.0).bind(session.created_at)).await?;
    let record = LoginRecord {
        id: LoginId::new(),
        user_id: session.user_id,
        at: session.created_at,
        method: session.method.clone(),
        result: LoginResult::Ok,
        address: session.address.clone(),
        device: session.device.clone(),
    };
    login::insert(tx, &record).await
}

/// Ends every open session of a user within a transaction, but for `keep`.
pub(crate) async fn revoke_all(tx: &mut Tx, user: UserId, keep: Option<SessionId>, now: Time) -> Result<(), StoreError> {
    let sql = Sql::new("UPDATE session SET revoked_at = $2 WHERE user_id = $1 AND id <> $3 AND revoked_at IS NULL");
    // No session has the nil id.
    tx.run(sql.bind(user.0).bind(now).bind(keep.map_or(uuid::Uuid::nil(), |keep| keep.0))).await.map(drop)
}

/// Ends a session; false when it was ended before or does not exist.
async fn revoke(tx: &mut Tx, id: SessionId, now: Time) -> Result<bool, StoreError> {
    let sql = Sql::new("UPDATE session SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL");
    Ok(tx.run(sql.bind(id.0).bind(now)).await? > 0)
}

async fn token_insert(tx: &mut Tx, hash: &str, session: SessionId, generation: i64) -> Result<(), StoreError> {
    let sql = Sql::new("INSERT INTO session_token (hash, session_id, generation) VALUES ($1, $2, $3)");
    tx.run(sql.bind(hash).bind(session.0).bind(generation)).await.map(drop)
}

fn live(session: &Session, user: &User, now: Time) -> bool {
    session.revoked_at.is_none() && session.expires_at > now && user.disabled_at.is_none()
}

fn read(row: &Row) -> Result<Session, StoreError> {
    Ok(Session {
        id: SessionId(row.id("id")?),
        user_id: UserId(row.id("user_id")?),
        address: row.text("address")?,
        device: row.text("device")?,
        method: row.parse("method")?,
        verified_at: row.time("verified_at")?,
        created_at: row.time("created_at")?,
        last_used_at: row.time("last_used_at")?,
        expires_at: row.time("expires_at")?,
        revoked_at: row.time_maybe("revoked_at")?,
        groups: row.json("sso_groups")?,
        second_factor: row.int("sso_second_factor")? != 0,
    })
}
