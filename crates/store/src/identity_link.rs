//! Accounts at identity providers that belong to users here.

use mc_domain::{
    audit::AuditEntry,
    id::{ProviderId, UserId},
    name::ProviderName,
    provider::IdentityLink,
    role::{Role, RoleName},
    time::Time,
    user::User,
};

use crate::{
    Store, audit,
    db::Tx,
    error::StoreError,
    role::must_exist,
    sql::{Row, Sql},
    user,
};

impl Store {
    /// The link of an account at a provider, with its user.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn identity_by_subject(&self, provider: ProviderId, subject: &str) -> Result<Option<(IdentityLink, User)>, StoreError> {
        let sql = Sql::new(
            "SELECT l.*, p.name AS provider FROM identity_link l JOIN provider p ON p.id = l.provider_id \
             WHERE l.provider_id = $1 AND l.subject = $2",
        );
        let Some(row) = self.main.first(sql.bind(provider.0).bind(subject)).await? else { return Ok(None) };
        let link = read(&row)?;
        let user = self.user_by_id(link.user_id).await?.ok_or(StoreError::NotFound)?;
        Ok(Some((link, user)))
    }

    /// A user's links, by the providers' names.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn identity_list(&self, user: UserId) -> Result<Vec<IdentityLink>, StoreError> {
        let sql = Sql::new(
            "SELECT l.*, p.name AS provider FROM identity_link l JOIN provider p ON p.id = l.provider_id WHERE l.user_id = $1 ORDER BY p.name",
        );
        let rows = self.main.all(sql.bind(user.0)).await?;
        rows.iter().map(read).collect()
    }

    /// Links an account at a provider to a user.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the account belongs to a user already, or the user has one there.
    pub async fn identity_insert(&self, link: &IdentityLink, entry: &AuditEntry) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        insert(&mut tx, link).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// Makes a user for an account at a provider, without a password, when there is a seat.
    ///
    /// # Errors
    /// [`StoreError::SeatsFull`], [`StoreError::NameTaken`], [`StoreError::EmailTaken`]; [`StoreError::Conflict`] when the account was
    /// linked meanwhile.
    pub async fn identity_provision(&self, user: &User, link: &IdentityLink, entry: &AuditEntry) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        user::insert_seated(&mut tx, user, "").await?;
        insert(&mut tx, link).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// Unlinks a user's account at a provider, and ends the sessions that hang on it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or [`StoreError::Conflict`] when the user could not log in any more.
    pub async fn identity_delete(&self, user: UserId, provider: &ProviderName, now: Time, entry: &AuditEntry) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        // The user's row is the lock: two links must not each rely on the other.
        let lock = tx.for_update(Sql::new("SELECT password_hash FROM user_account WHERE id = $1")).bind(user.0);
        let password = tx.first(lock).await?.ok_or(StoreError::NotFound)?.text("password_hash")?;
        let links = tx.all(Sql::new("SELECT provider_id FROM identity_link WHERE user_id = $1").bind(user.0)).await?;
        let sql = Sql::new(
            "SELECT l.provider_id FROM identity_link l JOIN provider p ON p.id = l.provider_id WHERE l.user_id = $1 AND p.name = $2",
        );
        let link = tx.first(sql.bind(user.0).bind(provider.as_str())).await?.ok_or(StoreError::NotFound)?;
        let provider_id = link.id("provider_id")?;
        if password.is_empty() && links.len() == 1 {
            return Err(StoreError::Conflict(
                "this is the only way to log in to this account: set a password or link another account first",
            ));
        }
        let sql = Sql::new(
            "UPDATE session SET revoked_at = $3 WHERE user_id = $1 AND revoked_at IS NULL \
             AND id IN (SELECT session_id FROM oidc_session WHERE provider_id = $2)",
        );
        tx.run(sql.bind(user.0).bind(provider_id).bind(now)).await?;
        tx.run_found(Sql::new("DELETE FROM identity_link WHERE user_id = $1 AND provider_id = $2").bind(user.0).bind(provider_id)).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// Gives a user the role that a provider's rules say.
    ///
    /// # Errors
    /// [`StoreError::LastAdmin`] when no active admin would be left, [`StoreError::NotFound`].
    pub async fn identity_role(&self, user: UserId, role: &RoleName, entry: &AuditEntry) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        tx.run_on_postgres(user::TAKE_TURNS).await?;
        if *role != Role::Admin {
            user::admin_remains(&mut tx, user).await?;
        }
        must_exist(&mut tx, role).await?;
        tx.run_found(Sql::new("UPDATE user_account SET role = $2 WHERE id = $1").bind(user.0).bind(role.as_str())).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }
}

async fn insert(tx: &mut Tx, link: &IdentityLink) -> Result<(), StoreError> {
    let sql = Sql::new(
        "INSERT INTO identity_link (provider_id, subject, user_id, email, role_managed, linked_at, last_login_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    );
    let sql = sql.bind(link.provider_id.0).bind(&link.subject).bind(link.user_id.0).bind(link.email.clone());
    tx.run(sql.bind(link.role_managed).bind(link.linked_at).bind(link.last_login_at)).await.map(drop)
}

fn read(row: &Row) -> Result<IdentityLink, StoreError> {
    Ok(IdentityLink {
        provider_id: ProviderId(row.id("provider_id")?),
        provider: row.parse("provider")?,
        subject: row.text("subject")?,
        user_id: UserId(row.id("user_id")?),
        email: row.get("email")?,
        role_managed: row.int("role_managed")? != 0,
        linked_at: row.time("linked_at")?,
        last_login_at: row.time_maybe("last_login_at")?,
    })
}
