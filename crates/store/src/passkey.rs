//! Passkeys: public keys of users' devices, each with the counter it showed last.

use mc_domain::{
    action,
    audit::AuditEntry,
    id::{PasskeyId, UserId},
    permit::{Everything, Permitted},
    time::Time,
};

use crate::{
    Store, audit,
    error::StoreError,
    second_factor::{recovery_tidy, sealed_spend},
    sql::{Row, Sql},
};

/// A user's passkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// Stable id.
    pub id: PasskeyId,
    /// Whose.
    pub user_id: UserId,
    /// The credential's own id, in base64url: unique among all users.
    pub credential_id: String,
    /// What its owner calls it.
    pub name: String,
    /// The public key and what belongs to it, as JSON.
    pub credential: String,
    /// When it was added.
    pub created_at: Time,
    /// When it was shown last.
    pub last_used_at: Option<Time>,
}

impl Store {
    /// The user's passkeys, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn passkey_list(&self, user: UserId) -> Result<Vec<Passkey>, StoreError> {
        let rows = self.main.all(Sql::new("SELECT * FROM passkey WHERE user_id = $1 ORDER BY id").bind(user.0)).await?;
        rows.iter().map(read).collect()
    }

    /// The passkey with that credential.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn passkey_by_credential(&self, credential_id: &str) -> Result<Option<Passkey>, StoreError> {
        let row = self.main.first(Sql::new("SELECT * FROM passkey WHERE credential_id = $1").bind(credential_id)).await?;
        row.as_ref().map(read).transpose()
    }

    /// Keeps a new passkey, and spends the sealed challenge it answered. False when that was spent before.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody has this credential already.
    pub async fn passkey_insert(
        &self,
        _proof: &Permitted<Everything, action::MePasskeyAdd>,
        passkey: &Passkey,
        (challenge, ends): (&str, Time),
        entry: &AuditEntry,
    ) -> Result<bool, StoreError> {
        let mut tx = self.main.begin().await?;
        if !sealed_spend(&mut tx, challenge, ends).await? {
            return Ok(false);
        }
        let sql = Sql::new(
            "INSERT INTO passkey (id, user_id, credential_id, name, credential, counter, created_at) VALUES ($1, $2, $3, $4, $5, 0, $6)",
        );
        let sql = sql.bind(passkey.id.0).bind(passkey.user_id.0).bind(&passkey.credential_id).bind(&passkey.name);
        tx.run(sql.bind(&passkey.credential).bind(passkey.created_at)).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Gives a user's passkey another name.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn passkey_rename(
        &self,
        _proof: &Permitted<Everything, action::MePasskeyRename>,
        (user, id): (UserId, PasskeyId),
        name: &str,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new("UPDATE passkey SET name = $3 WHERE id = $1 AND user_id = $2").bind(id.0).bind(user.0).bind(name);
        tx.run_found(sql).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// Removes a user's passkey; with the last factor the recovery codes go too.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn passkey_remove(
        &self,
        _proof: &Permitted<Everything, action::MePasskeyRemove>,
        (user, id): (UserId, PasskeyId),
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        tx.run_found(Sql::new("DELETE FROM passkey WHERE id = $1 AND user_id = $2").bind(id.0).bind(user.0)).await?;
        recovery_tidy(&mut tx, user).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }
}

fn read(row: &Row) -> Result<Passkey, StoreError> {
    Ok(Passkey {
        id: PasskeyId(row.id("id")?),
        user_id: UserId(row.id("user_id")?),
        credential_id: row.text("credential_id")?,
        name: row.text("name")?,
        credential: row.text("credential")?,
        created_at: row.time("created_at")?,
        last_used_at: row.time_maybe("last_used_at")?,
    })
}
