//! Users: accounts, passwords' hashes, seats, and the rule that an active admin remains.

use mc_domain::{
    action,
    audit::AuditEntry,
    email::Email,
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
    role::must_exist,
    second_factor, session, setting,
    sql::{Row, Sql, Value, anywhere},
};

/// Changes of users take turns, so that two admins cannot each remove the other's role at the same moment, nor two users take one seat.
pub(crate) const TAKE_TURNS: &str = "LOCK TABLE user_account IN SHARE ROW EXCLUSIVE MODE";

/// Which users to list. Deleted ones are on no list.
#[derive(Debug, Clone, Default)]
pub struct UserFilter {
    /// Part of the login name, display name or address.
    pub q: Option<String>,
    /// Only those who can log in, or only those who cannot.
    pub active: Option<bool>,
    /// Only those whose own role this is.
    pub role: Option<RoleName>,
    /// Only these.
    pub names: Option<Vec<UserName>>,
}

impl Store {
    /// How many users there ever were, deleted ones too.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn user_count(&self) -> Result<u64, StoreError> {
        self.main.one(Sql::new("SELECT COUNT(*) AS total FROM user_account")).await?.count("total")
    }

    /// How many seats are taken: users who can log in.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn user_seats(&self) -> Result<u64, StoreError> {
        self.main.one(Sql::new("SELECT COUNT(*) AS total FROM user_account WHERE disabled_at IS NULL")).await?.count("total")
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

    /// Makes a user. An empty hash is no password.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`], [`StoreError::EmailTaken`], [`StoreError::SeatsFull`].
    pub async fn user_insert(
        &self,
        _proof: &Permitted<Everything, action::UserCreate>,
        user: &User,
        password_hash: &str,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        insert_seated(&mut tx, user, password_hash).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// The user of that name with the password's hash. Deleted users too: their names stay taken.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn user_by_name(&self, name: &UserName) -> Result<Option<(User, String)>, StoreError> {
        let row = self.main.first(Sql::new("SELECT * FROM user_account WHERE name = $1").bind(name.as_str())).await?;
        row.map(|row| Ok((read(&row)?, row.text("password_hash")?))).transpose()
    }

    /// The user of that id with the password's hash.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn user_with_password(&self, id: UserId) -> Result<Option<(User, String)>, StoreError> {
        let row = self.main.first(Sql::new("SELECT * FROM user_account WHERE id = $1").bind(id.0)).await?;
        row.map(|row| Ok((read(&row)?, row.text("password_hash")?))).transpose()
    }

    /// The user of that id, a deleted one too.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn user_by_id(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let row = self.main.first(Sql::new("SELECT * FROM user_account WHERE id = $1").bind(id.0)).await?;
        row.as_ref().map(read).transpose()
    }

    /// The user whose address this is, in whatever case it is written.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn user_by_email(&self, email: &Email) -> Result<Option<User>, StoreError> {
        let row = self.main.first(Sql::new("SELECT * FROM user_account WHERE LOWER(email) = $1").bind(email.key())).await?;
        row.as_ref().map(read).transpose()
    }

    /// Users that match, by name, those after `after` when given, and how many match in all.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn user_list(
        &self,
        _proof: &Permitted<Everything, action::UserList>,
        filter: &UserFilter,
        limit: u32,
        after: Option<&str>,
    ) -> Result<(Vec<User>, u64), StoreError> {
        let mut sql = self.user_matching(Sql::new("SELECT * FROM user_account WHERE deleted_at IS NULL"), filter);
        if let Some(after) = after {
            sql = sql.push(" AND name > ").value(after);
        }
        let rows = self.main.all(sql.push(" ORDER BY name LIMIT ").value(limit)).await?;
        let count = self.user_matching(Sql::new("SELECT COUNT(*) AS total FROM user_account WHERE deleted_at IS NULL"), filter);
        let total = self.main.one(count).await?.count("total")?;
        Ok((rows.iter().map(read).collect::<Result<_, _>>()?, total))
    }

    fn user_matching(&self, mut sql: Sql, filter: &UserFilter) -> Sql {
        if let Some(active) = filter.active {
            sql = sql.push(if active { " AND disabled_at IS NULL" } else { " AND disabled_at IS NOT NULL" });
        }
        if let Some(role) = &filter.role {
            sql = sql.push(" AND role = ").value(role.as_str());
        }
        match filter.names.as_deref() {
            None => {}
            Some([]) => sql = sql.push(" AND 1 = 0"),
            Some(names) => sql = sql.push(" AND name IN (").list(names.iter().map(|name| Value::from(name.as_str()))).push(")"),
        }
        if let Some(q) = &filter.q {
            sql = sql.push(" AND (name || ' ' || display_name || ' ' || COALESCE(email, '')) ").push(self.engine.like());
            sql = sql.value(anywhere(q)).push(" ESCAPE '!'");
        }
        sql
    }

    /// All users who can log in, by name: for the gate's own questions.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn users_active(&self) -> Result<Vec<User>, StoreError> {
        let rows = self.main.all(Sql::new("SELECT * FROM user_account WHERE disabled_at IS NULL ORDER BY name")).await?;
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
        must_exist(&mut tx, role).await?;
        tx.run_found(Sql::new("UPDATE user_account SET role = $2 WHERE id = $1").bind(user.id.0).bind(role.as_str())).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// Disables the user at a moment, which also ends every session; or enables the user again, when there is a seat.
    ///
    /// # Errors
    /// [`StoreError::LastAdmin`] when no active admin would be left, [`StoreError::SeatsFull`], [`StoreError::NotFound`].
    pub async fn user_set_disabled(
        &self,
        user: &Permitted<User, action::UserUpdate>,
        at: Option<Time>,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        tx.run_on_postgres(TAKE_TURNS).await?;
        match at {
            Some(at) => {
                admin_remains(&mut tx, user.id).await?;
                session::revoke_all(&mut tx, user.id, None, at).await?;
            }
            None if user.disabled_at.is_some() => seat_free(&mut tx).await?,
            None => {}
        }
        let sql = Sql::new("UPDATE user_account SET disabled_at = $2 WHERE id = $1 AND deleted_at IS NULL");
        tx.run_found(sql.bind(user.id.0).bind(at)).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// Deletes the user: sessions and links end, address, password and preferences are gone, the name and what the user did stay.
    ///
    /// # Errors
    /// [`StoreError::LastAdmin`] when no active admin would be left, [`StoreError::NotFound`].
    pub async fn user_delete(&self, user: &Permitted<User, action::UserDelete>, at: Time, entry: &AuditEntry) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        tx.run_on_postgres(TAKE_TURNS).await?;
        admin_remains(&mut tx, user.id).await?;
        session::revoke_all(&mut tx, user.id, None, at).await?;
        tx.run(Sql::new("DELETE FROM user_link WHERE user_id = $1").bind(user.id.0)).await?;
        second_factor::clear(&mut tx, user.id).await?;
        let sql = Sql::new(
            "UPDATE user_account SET deleted_at = $2, disabled_at = COALESCE(disabled_at, $2), password_hash = '', password_set_at = NULL, \
             email = NULL, email_verified_at = NULL, preferences = '{}' WHERE id = $1 AND deleted_at IS NULL",
        );
        tx.run_found(sql.bind(user.id.0).bind(at)).await?;
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
        password_set(&mut tx, user.id, password_hash, now).await?;
        session::revoke_all(&mut tx, user.id, None, now).await?;
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

/// Makes a user when there is a seat.
pub(crate) async fn insert_seated(tx: &mut Tx, user: &User, password_hash: &str) -> Result<(), StoreError> {
    tx.run_on_postgres(TAKE_TURNS).await?;
    seat_free(tx).await?;
    must_exist(tx, &user.role).await?;
    insert(tx, user, password_hash).await
}

async fn insert(tx: &mut Tx, user: &User, password_hash: &str) -> Result<(), StoreError> {
    if let Some(email) = &user.email {
        email_free(tx, email, user.id).await?;
    }
    let sql = Sql::new(
        "INSERT INTO user_account (id, name, role, password_hash, disabled_at, created_at, last_active_at, display_name, email, \
         email_verified_at, password_set_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    );
    let sql = sql.bind(user.id.0).bind(user.name.as_str()).bind(user.role.as_str()).bind(password_hash);
    let sql = sql.bind(user.disabled_at).bind(user.created_at).bind(user.last_active_at).bind(user.display_name.as_str());
    let sql = sql.bind(user.email.as_ref().map(Email::as_str)).bind(user.email_verified_at).bind(user.password_set_at);
    tx.run(sql).await.map_err(StoreError::name_taken)?;
    Ok(())
}

/// Refuses an address that another user has.
pub(crate) async fn email_free(tx: &mut Tx, email: &Email, id: UserId) -> Result<(), StoreError> {
    let sql = Sql::new("SELECT id FROM user_account WHERE LOWER(email) = $1 AND id <> $2");
    if tx.first(sql.bind(email.key()).bind(id.0)).await?.is_some() { Err(StoreError::EmailTaken) } else { Ok(()) }
}

/// Sets the password's hash.
pub(crate) async fn password_set(tx: &mut Tx, id: UserId, password_hash: &str, now: Time) -> Result<(), StoreError> {
    let sql = Sql::new("UPDATE user_account SET password_hash = $2, password_set_at = $3 WHERE id = $1 AND deleted_at IS NULL");
    tx.run_found(sql.bind(id.0).bind(password_hash).bind(now)).await
}

/// Refuses when every seat is taken.
async fn seat_free(tx: &mut Tx) -> Result<(), StoreError> {
    let Some(cap) = setting::identity(tx).await?.seat_cap else { return Ok(()) };
    let row = tx.first(Sql::new("SELECT COUNT(*) AS total FROM user_account WHERE disabled_at IS NULL")).await?;
    let taken = row.map_or(Ok(0), |row| row.count("total"))?;
    if taken < u64::from(cap) { Ok(()) } else { Err(StoreError::SeatsFull) }
}

/// Refuses when the user is an active admin and the only one.
pub(crate) async fn admin_remains(tx: &mut Tx, id: UserId) -> Result<(), StoreError> {
    let admins = tx.all(Sql::new("SELECT id FROM user_account WHERE role = 'admin' AND disabled_at IS NULL")).await?;
    let ids = admins.iter().map(|row| row.id("id")).collect::<Result<Vec<_>, _>>()?;
    if ids == [id.0] { Err(StoreError::LastAdmin) } else { Ok(()) }
}

/// A user from columns of `user_account`.
pub(crate) fn read(row: &Row) -> Result<User, StoreError> {
    let email = row.get::<Option<String>>("email")?;
    Ok(User {
        id: UserId(row.id("id")?),
        name: row.parse("name")?,
        display_name: row.parse("display_name")?,
        email: email.map(|email| email.parse()).transpose().map_err(|_| StoreError::unreadable("email"))?,
        email_verified_at: row.time_maybe("email_verified_at")?,
        role: row.parse("role")?,
        disabled_at: row.time_maybe("disabled_at")?,
        deleted_at: row.time_maybe("deleted_at")?,
        created_at: row.time("created_at")?,
        last_active_at: row.time_maybe("last_active_at")?,
        last_login_at: row.time_maybe("last_login_at")?,
        password_set_at: row.time_maybe("password_set_at")?,
    })
}
