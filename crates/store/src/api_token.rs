//! API tokens: hashes of their secrets, what they are limited to, and the uses that arrive in batches.

use mc_domain::{
    action,
    api_token::{ADDRESSES_MAX, ApiToken, LIVE_MAX, TokenAddress, TokenUse},
    audit::AuditEntry,
    id::{TokenId, UserId},
    permit::{Everything, Permitted},
    time::Time,
};

use crate::{
    Store, audit,
    db::Tx,
    error::StoreError,
    role::must_exist,
    sql::{Row, Sql, json},
};

/// Whose tokens are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokensOf {
    /// Everybody's.
    Everybody,
    /// A person's.
    Owner(UserId),
    /// The service token itself.
    Service(TokenId),
}

impl Store {
    /// Keeps a new token, unless its owner (or the services together) has too many that work.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there are too many.
    pub async fn api_token_insert(
        &self,
        _proof: &Permitted<Everything, action::TokenCreate>,
        token: &ApiToken,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        let live = "SELECT COUNT(*) AS total FROM api_token WHERE revoked_at IS NULL AND expires_at > $1 AND ";
        let live = Sql::new(live).bind(token.created_at);
        let live = match token.owner {
            Some(owner) => live.push("owner_id = $2").bind(owner.0),
            None => live.push("owner_id IS NULL"),
        };
        let live = tx.first(live).await?.map_or(Ok(0), |row| row.count("total"))?;
        if live >= LIVE_MAX {
            return Err(StoreError::Conflict("there are 200 tokens already: revoke those that nobody needs"));
        }
        for role in &token.roles {
            must_exist(&mut tx, role).await?;
        }
        let sql = Sql::new(
            "INSERT INTO api_token (id, name, owner_id, scopes, roles, hash, prefix, created_at, created_by, expires_at, uses) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)",
        );
        let sql = sql.bind(token.id.0).bind(token.name.as_str()).bind(token.owner.map(|owner| owner.0)).bind(json(&token.scopes)?);
        let sql = sql.bind(json(&token.roles)?).bind(&token.hash).bind(&token.prefix).bind(token.created_at);
        tx.run(sql.bind(&token.created_by).bind(token.expires_at)).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// The newest 1,000 tokens, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn api_token_list(
        &self,
        _proof: &Permitted<Everything, action::TokenList>,
        of: TokensOf,
    ) -> Result<Vec<ApiToken>, StoreError> {
        let sql = Sql::new("SELECT * FROM api_token");
        let sql = match of {
            TokensOf::Everybody => sql,
            TokensOf::Owner(owner) => sql.push(" WHERE owner_id = ").value(owner.0),
            TokensOf::Service(id) => sql.push(" WHERE id = ").value(id.0),
        };
        let rows = self.main.all(sql.push(" ORDER BY id DESC LIMIT 1000")).await?;
        rows.iter().map(read).collect()
    }

    /// The token of that id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn api_token_by_id(&self, id: TokenId) -> Result<Option<ApiToken>, StoreError> {
        let row = self.main.first(Sql::new("SELECT * FROM api_token WHERE id = $1").bind(id.0)).await?;
        row.as_ref().map(read).transpose()
    }

    /// The token whose newest secret, or the one before it, has that hash.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn api_token_by_hash(&self, hash: &str) -> Result<Option<ApiToken>, StoreError> {
        let row = self.main.first(Sql::new("SELECT * FROM api_token WHERE hash = $1 OR old_hash = $1").bind(hash)).await?;
        row.as_ref().map(read).transpose()
    }

    /// Where a token was used from, the latest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn api_token_addresses(&self, token: &Permitted<ApiToken, action::TokenShow>) -> Result<Vec<TokenAddress>, StoreError> {
        let sql = Sql::new("SELECT * FROM api_token_address WHERE token_id = $1 ORDER BY last_used_at DESC, address").bind(token.id.0);
        let rows = self.main.all(sql).await?;
        let read = |row: &Row| {
            Ok(TokenAddress {
                address: row.text("address")?,
                first_used_at: row.time("first_used_at")?,
                last_used_at: row.time("last_used_at")?,
                uses: row.count("uses")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Gives a token a new secret: `fresh` is how it stands then. The one it has now becomes its old one.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it was rotated or revoked meanwhile.
    pub async fn api_token_rotate(
        &self,
        token: &Permitted<ApiToken, action::TokenRotate>,
        fresh: &ApiToken,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new(
            "UPDATE api_token SET old_hash = $3, old_until = $4, hash = $5, prefix = $6, rotated_at = $7, expires_at = $8 \
             WHERE id = $1 AND hash = $2 AND revoked_at IS NULL",
        );
        let sql = sql.bind(token.id.0).bind(&token.hash).bind(fresh.old_hash.as_deref()).bind(fresh.old_until).bind(&fresh.hash);
        if tx.run(sql.bind(&fresh.prefix).bind(fresh.rotated_at).bind(fresh.expires_at)).await? == 0 {
            return Err(StoreError::Conflict("the token was rotated or revoked meanwhile: look at it again"));
        }
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// Revokes a token. Revoking it again changes nothing and leaves no second entry.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn api_token_revoke(
        &self,
        token: &Permitted<ApiToken, action::TokenRevoke>,
        now: Time,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new("UPDATE api_token SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL").bind(token.id.0).bind(now);
        if tx.run(sql).await? > 0 {
            audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
            return tx.commit().await;
        }
        tx.first(Sql::new("SELECT id FROM api_token WHERE id = $1").bind(token.id.0)).await?.map(drop).ok_or(StoreError::NotFound)
    }

    /// Counts uses. Of each token the latest few addresses are kept.
    ///
    /// # Errors
    /// When the database does not take them; then none is counted.
    pub async fn api_token_used(&self, uses: &[TokenUse]) -> Result<(), StoreError> {
        if uses.is_empty() {
            return Ok(());
        }
        // In one order everywhere, so that two servers never wait for each other.
        let mut uses: Vec<&TokenUse> = uses.iter().collect();
        uses.sort_by(|one, other| (one.token, one.last, &one.address).cmp(&(other.token, other.last, &other.address)));
        let mut tx = self.main.begin().await?;
        for used in &uses {
            count(&mut tx, used).await?;
        }
        uses.dedup_by_key(|used| used.token);
        for used in uses {
            let sql = Sql::new(
                "DELETE FROM api_token_address WHERE token_id = $1 AND address NOT IN \
                 (SELECT address FROM api_token_address WHERE token_id = $1 ORDER BY last_used_at DESC, address LIMIT $2)",
            );
            tx.run(sql.bind(used.token.0).bind(i64::try_from(ADDRESSES_MAX).unwrap_or(i64::MAX))).await?;
        }
        tx.commit().await
    }

    /// Forgets tokens that ended before then, with their addresses; says how many.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn api_token_prune(&self, before: Time) -> Result<u64, StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new(
            "DELETE FROM api_token WHERE id IN (SELECT id FROM api_token WHERE expires_at < $1 OR revoked_at < $1 ORDER BY id LIMIT 500)",
        );
        let gone = tx.run(sql.bind(before)).await?;
        tx.commit().await?;
        Ok(gone)
    }
}

/// Adds uses from one address to a token and to that address.
async fn count(tx: &mut Tx, used: &TokenUse) -> Result<(), StoreError> {
    let times = i64::try_from(used.uses).unwrap_or(i64::MAX);
    let sql = Sql::new(
        "UPDATE api_token SET uses = uses + $2, \
         last_used_address = CASE WHEN last_used_at IS NULL OR last_used_at <= $3 THEN $4 ELSE last_used_address END, \
         last_used_at = CASE WHEN last_used_at IS NULL OR last_used_at < $3 THEN $3 ELSE last_used_at END WHERE id = $1",
    );
    let found = tx.run(sql.bind(used.token.0).bind(times).bind(used.last).bind(&used.address)).await? > 0;
    if !found || used.address.is_empty() {
        return Ok(());
    }
    let sql = Sql::new(
        "INSERT INTO api_token_address (token_id, address, first_used_at, last_used_at, uses) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (token_id, address) DO UPDATE SET uses = api_token_address.uses + excluded.uses, \
         last_used_at = CASE WHEN excluded.last_used_at > api_token_address.last_used_at \
         THEN excluded.last_used_at ELSE api_token_address.last_used_at END",
    );
    let sql = sql.bind(used.token.0).bind(&used.address).bind(used.first).bind(used.last).bind(times);
    tx.run(sql).await.map(drop)
}

fn read(row: &Row) -> Result<ApiToken, StoreError> {
    Ok(ApiToken {
        id: TokenId(row.id("id")?),
        name: row.parse("name")?,
        owner: row.get::<Option<uuid::Uuid>>("owner_id")?.map(UserId),
        scopes: row.json("scopes")?,
        roles: row.json("roles")?,
        hash: row.text("hash")?,
        prefix: row.text("prefix")?,
        old_hash: row.get("old_hash")?,
        old_until: row.time_maybe("old_until")?,
        created_at: row.time("created_at")?,
        created_by: row.text("created_by")?,
        expires_at: row.time("expires_at")?,
        revoked_at: row.time_maybe("revoked_at")?,
        rotated_at: row.time_maybe("rotated_at")?,
        last_used_at: row.time_maybe("last_used_at")?,
        last_used_address: row.get("last_used_address")?,
        uses: row.count("uses")?,
    })
}
