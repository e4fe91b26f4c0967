//! Invites, and the account that is made with one.

use mc_domain::{
    action,
    audit::AuditEntry,
    email::Email,
    id::InviteId,
    invite::Invite,
    permit::{Everything, Permitted},
    session::Session,
    time::Time,
    user::User,
};

use crate::{
    Store, audit,
    error::StoreError,
    role::must_exist,
    session,
    sql::{Row, Sql},
    user,
};

impl Store {
    /// Keeps a new invite by its secret's hash.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn invite_insert(
        &self,
        _proof: &Permitted<Everything, action::InviteCreate>,
        invite: &Invite,
        hash: &str,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        must_exist(&mut tx, &invite.role).await?;
        let sql = Sql::new(
            "INSERT INTO invite (id, hash, role, email, note, created_by, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        );
        let sql = sql.bind(invite.id.0).bind(hash).bind(invite.role.as_str()).bind(invite.email.as_ref().map(Email::as_str));
        tx.run(sql.bind(&invite.note).bind(&invite.created_by).bind(invite.created_at).bind(invite.expires_at)).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// The newest 500 invites, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn invite_list(&self, _proof: &Permitted<Everything, action::InviteList>) -> Result<Vec<Invite>, StoreError> {
        self.main.all(Sql::new("SELECT * FROM invite ORDER BY id DESC LIMIT 500")).await?.iter().map(read).collect()
    }

    /// The invite of that id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn invite_by_id(&self, id: InviteId) -> Result<Option<Invite>, StoreError> {
        self.main.first(Sql::new("SELECT * FROM invite WHERE id = $1").bind(id.0)).await?.as_ref().map(read).transpose()
    }

    /// The invite whose secret has that hash.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn invite_by_hash(&self, hash: &str) -> Result<Option<Invite>, StoreError> {
        self.main.first(Sql::new("SELECT * FROM invite WHERE hash = $1").bind(hash)).await?.as_ref().map(read).transpose()
    }

    /// Revokes an open invite. Revoking it again, or one that was used, changes nothing and leaves no entry.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn invite_revoke(
        &self,
        invite: &Permitted<Invite, action::InviteRevoke>,
        now: Time,
        entry: &AuditEntry,
    ) -> Result<bool, StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new("UPDATE invite SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL AND used_at IS NULL");
        let changed = tx.run(sql.bind(invite.id.0).bind(now)).await? > 0;
        if changed {
            audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
            tx.commit().await?;
        }
        Ok(changed)
    }

    /// Makes the account an invite is for and logs it in, all or nothing. Of many who use it at once, one has the account.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the invite is not open any more, [`StoreError::NameTaken`], [`StoreError::EmailTaken`],
    /// [`StoreError::SeatsFull`].
    pub async fn invite_accept(
        &self,
        invite: &Invite,
        user: &User,
        password_hash: &str,
        (session, refresh_hash): (&Session, &str),
        entries: &[AuditEntry],
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new(
            "UPDATE invite SET used_at = $2, used_by = $3 WHERE id = $1 AND used_at IS NULL AND revoked_at IS NULL AND expires_at > $2",
        );
        tx.run_found(sql.bind(invite.id.0).bind(user.created_at).bind(user.name.as_str())).await?;
        user::insert_seated(&mut tx, user, password_hash).await?;
        session::insert(&mut tx, session, refresh_hash).await?;
        audit::insert(&mut tx, entries).await?;
        tx.commit().await
    }

    /// Forgets invites that ended before then.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn invite_prune(&self, before: Time) -> Result<u64, StoreError> {
        let mut tx = self.main.begin().await?;
        let gone = tx.run(Sql::new("DELETE FROM invite WHERE expires_at < $1").bind(before)).await?;
        tx.commit().await?;
        Ok(gone)
    }
}

fn read(row: &Row) -> Result<Invite, StoreError> {
    let email = row.get::<Option<String>>("email")?;
    Ok(Invite {
        id: InviteId(row.id("id")?),
        role: row.parse("role")?,
        email: email.map(|email| email.parse()).transpose().map_err(|_| StoreError::unreadable("email"))?,
        note: row.text("note")?,
        created_by: row.text("created_by")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
        used_at: row.time_maybe("used_at")?,
        used_by: row.get("used_by")?,
        revoked_at: row.time_maybe("revoked_at")?,
    })
}
