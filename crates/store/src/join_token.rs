//! Join tokens, and the joining of an agent with one.

use mc_domain::{
    action,
    agent::Agent,
    audit::AuditEntry,
    id::JoinTokenId,
    join_token::{JoinRefused, JoinToken},
    permit::{Everything, Permitted},
    time::Time,
    workload::AgentKind,
};

use crate::{
    Store, agent, audit,
    db::Tx,
    error::StoreError,
    sql::{Row, Sql, json},
};

/// Why an agent could not join.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    /// The token does not admit it.
    #[error(transparent)]
    Refused(#[from] JoinRefused),
    /// Another agent has the name.
    #[error("another agent has this name: choose another with --name")]
    NameTaken,
    /// The database.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for JoinError {
    fn from(error: StoreError) -> Self {
        if error == StoreError::NameTaken { Self::NameTaken } else { Self::Store(error) }
    }
}

impl Store {
    /// Keeps a new join token.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn join_token_insert(
        &self,
        _proof: &Permitted<Everything, action::JoinTokenCreate>,
        token: &JoinToken,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new(
            "INSERT INTO join_token (id, hash, kind, tags, allow_api_key, uses, used, created_at, expires_at, revoked_at, created_by, prefix) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        );
        let sql = sql.bind(token.id.0).bind(&token.hash).bind(token.kind.map(AgentKind::as_str)).bind(json(&token.tags)?);
        let sql = sql.bind(token.allow_api_key).bind(token.uses).bind(token.used).bind(token.created_at).bind(token.expires_at);
        tx.run(sql.bind(token.revoked_at).bind(&token.created_by).bind(&token.prefix)).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// The newest 500 join tokens, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn join_token_list(&self, _proof: &Permitted<Everything, action::JoinTokenList>) -> Result<Vec<JoinToken>, StoreError> {
        let rows = self.main.all(Sql::new("SELECT * FROM join_token ORDER BY id DESC LIMIT 500")).await?;
        rows.iter().map(read).collect()
    }

    /// The join token of that id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn join_token_by_id(&self, id: JoinTokenId) -> Result<Option<JoinToken>, StoreError> {
        let row = self.main.first(Sql::new("SELECT * FROM join_token WHERE id = $1").bind(id.0)).await?;
        row.as_ref().map(read).transpose()
    }

    /// The join token whose text has that hash.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn join_token_by_hash(&self, hash: &str) -> Result<Option<JoinToken>, StoreError> {
        let row = self.main.first(Sql::new("SELECT * FROM join_token WHERE hash = $1").bind(hash)).await?;
        row.as_ref().map(read).transpose()
    }

    /// Revokes a join token. Revoking it again changes nothing and leaves no second entry.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn join_token_revoke(
        &self,
        token: &Permitted<JoinToken, action::JoinTokenRevoke>,
        now: Time,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new("UPDATE join_token SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL").bind(token.id.0).bind(now);
        if tx.run(sql).await? > 0 {
            audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
            return tx.commit().await;
        }
        tx.first(Sql::new("SELECT id FROM join_token WHERE id = $1").bind(token.id.0)).await?.map(drop).ok_or(StoreError::NotFound)
    }

    /// Admits an agent: checks the token, counts its use (never past its uses, however many ask at once) and keeps the agent, all or
    /// nothing. Answers the token as it is now.
    ///
    /// # Errors
    /// [`JoinError::Refused`], [`JoinError::NameTaken`]; then the token is not used up.
    pub async fn agent_join(
        &self,
        token_hash: &str,
        now: Time,
        agent: &Agent,
        wants_api_key: bool,
        entry: &AuditEntry,
    ) -> Result<JoinToken, JoinError> {
        let mut tx = self.main.begin().await?;
        let mut token = admitting(&mut tx, token_hash, now, agent.kind, wants_api_key).await?;
        let sql = Sql::new("UPDATE join_token SET used = used + 1, last_used_at = $2, last_used_address = $3 WHERE id = $1");
        tx.run(sql.bind(token.id.0).bind(now).bind(entry.address.as_deref())).await?;
        agent::insert(&mut tx, agent).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await?;
        token.used = token.used.saturating_add(1);
        (token.last_used_at, token.last_used_address) = (Some(now), entry.address.clone());
        Ok(token)
    }
}

/// The token, locked, if it admits such an agent.
async fn admitting(tx: &mut Tx, hash: &str, now: Time, kind: AgentKind, wants_api_key: bool) -> Result<JoinToken, JoinError> {
    let sql = tx.for_update(Sql::new("SELECT * FROM join_token WHERE hash = $1")).bind(hash);
    let token = tx.first(sql).await?.as_ref().map(read).transpose()?.ok_or(JoinRefused::Unknown)?;
    let refused = if token.revoked_at.is_some() {
        JoinRefused::Unknown
    } else if token.expires_at <= now {
        JoinRefused::Expired
    } else if token.used >= token.uses {
        JoinRefused::UsedUp
    } else if token.kind.is_some_and(|only| only != kind) {
        JoinRefused::WrongKind
    } else if wants_api_key && !token.allow_api_key {
        JoinRefused::ApiKeyRefused
    } else {
        return Ok(token);
    };
    Err(refused.into())
}

fn read(row: &Row) -> Result<JoinToken, StoreError> {
    let kind = row.get::<Option<String>>("kind")?;
    let kind = kind.map(|text| AgentKind::from_text(&text).ok_or_else(|| StoreError::unreadable("agent kind"))).transpose()?;
    Ok(JoinToken {
        id: JoinTokenId(row.id("id")?),
        hash: row.text("hash")?,
        prefix: row.text("prefix")?,
        kind,
        tags: row.json("tags")?,
        allow_api_key: row.int("allow_api_key")? != 0,
        uses: row.small("uses")?,
        used: row.small("used")?,
        last_used_at: row.time_maybe("last_used_at")?,
        last_used_address: row.get("last_used_address")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
        revoked_at: row.time_maybe("revoked_at")?,
        created_by: row.text("created_by")?,
    })
}
