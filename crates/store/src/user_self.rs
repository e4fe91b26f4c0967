//! What users and admins change of an account beside its rights: names, addresses, preferences, one's own password.

use mc_domain::{
    audit::AuditEntry,
    email::Email,
    id::{SessionId, UserId},
    preference::Preferences,
    time::Time,
    user::DisplayName,
};

use crate::{
    Store, audit,
    error::StoreError,
    session,
    sql::{Sql, json},
    user,
};

impl Store {
    /// Changes the names and address of a user; what is `None` stays, an address of `Some(None)` is removed. Another address is not proved yet,
    /// and ends a link that was sent to the old one.
    ///
    /// # Errors
    /// [`StoreError::EmailTaken`], [`StoreError::NotFound`].
    pub async fn user_set_profile(
        &self,
        id: UserId,
        display_name: Option<&DisplayName>,
        email: Option<Option<&Email>>,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        if let Some(name) = display_name {
            let sql = Sql::new("UPDATE user_account SET display_name = $2 WHERE id = $1 AND deleted_at IS NULL");
            tx.run_found(sql.bind(id.0).bind(name.as_str())).await?;
        }
        if let Some(email) = email {
            if let Some(email) = email {
                user::email_free(&mut tx, email, id).await?;
            }
            let sql = Sql::new(
                "UPDATE user_account SET email_verified_at = CASE WHEN LOWER(email) = $3 THEN email_verified_at END, email = $2 \
                 WHERE id = $1 AND deleted_at IS NULL",
            );
            let sql = sql.bind(id.0).bind(email.map(Email::as_str)).bind(email.map(Email::key));
            tx.run_found(sql).await.map_err(StoreError::email_taken)?;
            let sql = Sql::new("DELETE FROM user_link WHERE user_id = $1 AND (email IS NULL OR LOWER(email) <> $2)");
            tx.run(sql.bind(id.0).bind(email.map_or_else(String::new, Email::key))).await?;
        }
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// Sets a user's own new password and ends all other sessions. `old_hash` is the one that was checked.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it was changed meanwhile.
    pub async fn user_change_password(
        &self,
        id: UserId,
        (old_hash, new_hash): (&str, &str),
        keep: Option<SessionId>,
        now: Time,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new("UPDATE user_account SET password_hash = $3, password_set_at = $4 WHERE id = $1 AND password_hash = $2");
        if tx.run(sql.bind(id.0).bind(old_hash).bind(new_hash).bind(now)).await? == 0 {
            return Err(StoreError::Conflict("the password was changed meanwhile: try again"));
        }
        tx.run(Sql::new("DELETE FROM user_link WHERE user_id = $1 AND purpose = 'reset'").bind(id.0)).await?;
        session::revoke_all(&mut tx, id, keep, now).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// A user's preferences.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn user_preferences(&self, id: UserId) -> Result<Preferences, StoreError> {
        let row = self.main.first(Sql::new("SELECT preferences FROM user_account WHERE id = $1").bind(id.0)).await?;
        row.ok_or(StoreError::NotFound)?.json("preferences")
    }

    /// Keeps a user's preferences.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn user_set_preferences(&self, id: UserId, preferences: &Preferences) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new("UPDATE user_account SET preferences = $2 WHERE id = $1 AND deleted_at IS NULL");
        tx.run_found(sql.bind(id.0).bind(json(preferences)?)).await?;
        tx.commit().await
    }
}
