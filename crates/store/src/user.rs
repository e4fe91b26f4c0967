//! Users: accounts, passwords' hashes, and the rule that an active admin remains.

use mc_domain::{
    action,
    audit::AuditEntry,
    id::UserId,
    name::UserName,
    permit::{Everything, Permitted},
    role::{Role, RoleName},
    time::Time,
    user::User,
};

use crate::{
    Store, audit,
    db::Tx,
    error::StoreError,
    session,
    sql::{Row, Sql},
};

/// Changes of users take turns, so that two admins cannot each remove the other's role at the same moment.
pub(crate) const TAKE_TURNS: &str = "LOCK TABLE user_account IN SHARE ROW EXCLUSIVE MODE";

impl Store {
    /// How many users there are, disabled ones too.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn user_count(&self) -> Result<u64, StoreError> {
        self.main.one(Sql::new("SELECT COUNT(*) AS total FROM user_account")).await?.count("total")
    }

    /// Makes the first user, only while there is none.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a user exists.
    pub async fn user_insert_first(&self, user: &User, password_hash: &str, entry: &AuditEntry) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        tx.run_on_postgres(TAKE_TURNS).await?;
        if tx.first(Sql::new("SELECT id FROM user_account LIMIT 1")).await?.is_some() {
            return Err(StoreError::Conflict("set-up is already done: log in instead"));
        }
        insert(&mut tx, user, password_hash).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// Makes a user.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`].
    pub async fn user_insert(
        &self,
        _proof: &Permitted<Everything, action::UserCreate>,
        user: &User,
        password_hash: &str,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        insert(&mut tx, user, password_hash).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// The user of that name with the password's hash.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn user_by_name(&self, name: &UserName) -> Result<Option<(User, String)>, StoreError> {
        let row = self.main.first(Sql::new("SELECT * FROM user_account WHERE name = $1").bind(name.as_str())).await?;
        row.map(|row| Ok((read(&row)?, row.text("password_hash")?))).transpose()
    }

    /// The user of that id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn user_by_id(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let row = self.main.first(Sql::new("SELECT * FROM user_account WHERE id = $1").bind(id.0)).await?;
        row.as_ref().map(read).transpose()
    }

    /// All users, by name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn user_list(&self, _proof: &Permitted<Everything, action::UserList>) -> Result<Vec<User>, StoreError> {
        let rows = self.main.all(Sql::new("SELECT * FROM user_account ORDER BY name")).await?;
        rows.iter().map(read).collect()
    }

    /// Gives the user another role.
    ///
    /// # Errors
    /// [`StoreError::LastAdmin`] when no active admin would be left, [`StoreError::NotFound`].
    pub async fn user_set_role(
        &self,
        user: &Permitted<User, action::UserSetRole>,
        role: &RoleName,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        tx.run_on_postgres(TAKE_TURNS).await?;
        if *role != Role::Admin {
            admin_remains(&mut tx, user.id).await?;
        }
        tx.run_found(Sql::new("UPDATE user_account SET role = $2 WHERE id = $1").bind(user.id.0).bind(role.as_str())).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// Disables the user at a moment, which also ends every session; or enables the user again.
    ///
    /// # Errors
    /// [`StoreError::LastAdmin`] when no active admin would be left, [`StoreError::NotFound`].
    pub async fn user_set_disabled(
        &self,
        user: &Permitted<User, action::UserUpdate>,
        at: Option<Time>,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        tx.run_on_postgres(TAKE_TURNS).await?;
        if let Some(at) = at {
            admin_remains(&mut tx, user.id).await?;
            session::revoke_all(&mut tx, user.id, at).await?;
        }
        tx.run_found(Sql::new("UPDATE user_account SET disabled_at = $2 WHERE id = $1").bind(user.id.0).bind(at)).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// Sets the password's hash and ends every session of the user.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn user_set_password(
        &self,
        user: &Permitted<User, action::UserUpdate>,
        password_hash: &str,
        now: Time,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new("UPDATE user_account SET password_hash = $2 WHERE id = $1").bind(user.id.0).bind(password_hash);
        tx.run_found(sql).await?;
        session::revoke_all(&mut tx, user.id, now).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// Notes when users were last active, never going back in time.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn user_touch(&self, seen: &[(UserId, Time)]) -> Result<(), StoreError> {
        if seen.is_empty() {
            return Ok(());
        }
        // In one order everywhere, so that two servers never wait for each other.
        let mut seen = seen.to_vec();
        seen.sort_unstable();
        let mut tx = self.main.begin().await?;
        for (id, at) in seen {
            let sql =
                Sql::new("UPDATE user_account SET last_active_at = $2 WHERE id = $1 AND (last_active_at IS NULL OR last_active_at < $2)");
            tx.run(sql.bind(id.0).bind(at)).await?;
        }
        tx.commit().await
    }
}

pub(crate) async fn insert(tx: &mut Tx, user: &User, password_hash: &str) -> Result<(), StoreError> {
    let sql = Sql::new(
        "INSERT INTO user_account (id, name, role, password_hash, disabled_at, created_at, last_active_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    );
    let sql = sql.bind(user.id.0).bind(user.name.as_str()).bind(user.role.as_str()).bind(password_hash);
    tx.run(sql.bind(user.disabled_at).bind(user.created_at).bind(user.last_active_at)).await.map_err(StoreError::name_taken)?;
    Ok(())
}

/// Refuses when the user is an active admin and the only one.
pub(crate) async fn admin_remains(tx: &mut Tx, id: UserId) -> Result<(), StoreError> {
    let admins = tx.all(Sql::new("SELECT id FROM user_account WHERE role = 'admin' AND disabled_at IS NULL")).await?;
    let ids = admins.iter().map(|row| row.id("id")).collect::<Result<Vec<_>, _>>()?;
    if ids == [id.0] { Err(StoreError::LastAdmin) } else { Ok(()) }
}

/// A user from columns of `user_account`.
fn read(row: &Row) -> Result<User, StoreError> {
    Ok(User {
        id: UserId(row.id("id")?),
        name: row.parse("name")?,
        role: row.parse("role")?,
        disabled_at: row.time_maybe("disabled_at")?,
        created_at: row.time("created_at")?,
        last_active_at: row.time_maybe("last_active_at")?,
    })
}
