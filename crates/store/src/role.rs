//! Roles that were made here, and the number that counts every change of roles and assignments.

use std::collections::HashMap;

use mc_domain::{
    action,
    audit::AuditEntry,
    permit::{Everything, Permitted},
    provider::RoleRule,
    role::RoleName,
    role_assignment::RoleAssignment,
    time::Time,
};

use crate::{
    Store, audit,
    db::Tx,
    error::StoreError,
    role_assignment, setting,
    sql::{Row, Sql},
};

/// A role that was made here. Its rules are text to the store: the gate reads them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRole {
    /// Its name, which never changes.
    pub name: RoleName,
    /// Its name for people.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// Its rules as JSON.
    pub form: String,
    /// Its rules as Cedar, when they were written by hand; they then count instead of the form.
    pub cedar: Option<String>,
    /// Whether who has it proves anew who they are before what can hurt.
    pub step_up: bool,
    /// Counts its changes.
    pub version: i64,
    /// When it was made.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
    /// Who changed it last, by name.
    pub updated_by: String,
}

/// Everything the gate is made from, as it was at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleSet {
    /// Counts the changes of all of it.
    pub version: i64,
    /// The roles, by name.
    pub roles: Vec<StoredRole>,
    /// The assignments that were not taken away and had not ended, oldest first.
    pub assignments: Vec<RoleAssignment>,
}

/// What keeps a role from being deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RoleUses {
    /// Users whose own role it is.
    pub users: u64,
    /// Assignments of it that were not taken away and have not ended.
    pub assignments: u64,
    /// Invites that still work and give it.
    pub invites: u64,
    /// Service tokens that still work and were made with it.
    pub tokens: u64,
    /// Identity providers whose rules give it.
    pub providers: u64,
    /// Lists of the settings that name it: who needs a second factor, who steps up.
    pub settings: u64,
}

impl RoleUses {
    /// Whether nothing uses it.
    #[must_use]
    pub fn none(&self) -> bool {
        *self == Self::default()
    }
}

impl Store {
    /// The number that counts every change of roles and assignments.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn role_version(&self) -> Result<i64, StoreError> {
        self.main.one(Sql::new("SELECT version FROM role_change")).await?.int("version")
    }

    /// All roles and live assignments, as they were at one moment.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn role_set(&self, now: Time) -> Result<RoleSet, StoreError> {
        let mut version = self.role_version().await?;
        loop {
            let roles = self.main.all(Sql::new("SELECT * FROM role ORDER BY name")).await?;
            let live =
                Sql::new("SELECT * FROM role_assignment WHERE removed_at IS NULL AND (expires_at IS NULL OR expires_at > $1) ORDER BY id");
            let assignments = self.main.all(live.bind(now)).await?;
            // Every change counts this number up in its own transaction: when it stands still, the two readings belong together.
            let after = self.role_version().await?;
            if after == version {
                let roles = roles.iter().map(read).collect::<Result<_, _>>()?;
                return Ok(RoleSet { version, roles, assignments: role_assignment::read_all(&assignments)? });
            }
            version = after;
        }
    }

    /// Keeps a new role. Answers the number of this change.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`].
    pub async fn role_insert(
        &self,
        _proof: &Permitted<Everything, action::RoleCreate>,
        role: &StoredRole,
        entry: &AuditEntry,
    ) -> Result<i64, StoreError> {
        let mut tx = self.main.begin().await?;
        insert(&mut tx, role).await?;
        changed(tx, entry).await
    }

    /// Changes a role; its name and its beginning stay. Answers the number of this change.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Conflict`] when it was changed since `role.version` was read.
    pub async fn role_update(
        &self,
        proof: &Permitted<RoleName, action::RoleUpdate>,
        role: &StoredRole,
        entry: &AuditEntry,
    ) -> Result<i64, StoreError> {
        let mut tx = self.main.begin().await?;
        let found = tx.first(tx.for_update(Sql::new("SELECT version FROM role WHERE name = $1")).bind(proof.get().as_str())).await?;
        if found.ok_or(StoreError::NotFound)?.int("version")? != role.version {
            return Err(StoreError::Conflict("the role was changed meanwhile: look at it again, then change it"));
        }
        let sql = Sql::new(
            "UPDATE role SET title = $2, description = $3, form = $4, cedar = $5, step_up = $6, version = version + 1, updated_at = $7, \
             updated_by = $8 WHERE name = $1",
        );
        let sql = sql.bind(proof.get().as_str()).bind(&role.title).bind(&role.description).bind(&role.form).bind(role.cedar.as_deref());
        tx.run_found(sql.bind(role.step_up).bind(role.updated_at).bind(&role.updated_by)).await?;
        changed(tx, entry).await
    }

    /// Deletes a role that nobody has. Answers the number of this change.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Conflict`] when somebody has it.
    pub async fn role_delete(
        &self,
        role: &Permitted<RoleName, action::RoleDelete>,
        now: Time,
        entry: &AuditEntry,
    ) -> Result<i64, StoreError> {
        let mut tx = self.main.begin().await?;
        let name = role.get().as_str();
        // Whoever is about to give the role to somebody holds or waits for the same row.
        tx.run_found(Sql::new("DELETE FROM role WHERE name = $1").bind(name)).await?;
        if !uses(&mut tx, role.get(), now).await?.none() {
            return Err(StoreError::Conflict("this role is in use: take it away first"));
        }
        changed(tx, entry).await
    }

    /// How many users have each role as their own.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn role_users(&self) -> Result<HashMap<String, u64>, StoreError> {
        let rows =
            self.main.all(Sql::new("SELECT role, COUNT(*) AS users FROM user_account WHERE deleted_at IS NULL GROUP BY role")).await?;
        rows.iter().map(|row| Ok((row.text("role")?, row.count("users")?))).collect()
    }

    /// Who has a role, and what gives it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn role_uses(&self, role: &RoleName, now: Time) -> Result<RoleUses, StoreError> {
        let mut tx = self.main.begin().await?;
        uses(&mut tx, role, now).await
    }
}

/// Keeps a new role.
pub(crate) async fn insert(tx: &mut Tx, role: &StoredRole) -> Result<(), StoreError> {
    let sql = Sql::new(
        "INSERT INTO role (name, title, description, form, cedar, step_up, version, created_at, updated_at, updated_by) \
         VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $7, $8)",
    );
    let sql = sql.bind(role.name.as_str()).bind(&role.title).bind(&role.description).bind(&role.form).bind(role.cedar.as_deref());
    tx.run(sql.bind(role.step_up).bind(role.created_at).bind(&role.updated_by)).await.map_err(StoreError::name_taken).map(drop)
}

/// Counts a change of roles or assignments, keeps its audit entry, and makes it last.
pub(crate) async fn changed(mut tx: Tx, entry: &AuditEntry) -> Result<i64, StoreError> {
    let row = tx.first(Sql::new("UPDATE role_change SET version = version + 1 RETURNING version")).await?;
    let version = row.ok_or_else(|| StoreError::Internal("the count of role changes is gone".to_owned()))?.int("version")?;
    audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
    tx.commit().await?;
    Ok(version)
}

/// Refuses when there is no such role, and keeps it from being deleted until the transaction ends. Built-in roles are always there.
pub(crate) async fn must_exist(tx: &mut Tx, role: &RoleName) -> Result<(), StoreError> {
    if role.built_in().is_some() {
        return Ok(());
    }
    let sql = tx.for_update(Sql::new("SELECT name FROM role WHERE name = $1")).bind(role.as_str());
    tx.first(sql).await?.map(drop).ok_or(StoreError::Conflict("there is no such role (any more)"))
}

async fn uses(tx: &mut Tx, role: &RoleName, now: Time) -> Result<RoleUses, StoreError> {
    let counts = Sql::new(
        "SELECT (SELECT COUNT(*) FROM user_account WHERE role = $1 AND deleted_at IS NULL) AS users, \
         (SELECT COUNT(*) FROM role_assignment WHERE role = $1 AND removed_at IS NULL AND (expires_at IS NULL OR expires_at > $2)) \
         AS assignments, \
         (SELECT COUNT(*) FROM invite WHERE role = $1 AND used_at IS NULL AND revoked_at IS NULL AND expires_at > $2) AS invites",
    );
    let counts = tx.first(counts.bind(role.as_str()).bind(now)).await?;
    let counts = counts.ok_or_else(|| StoreError::Internal("a row was expected".to_owned()))?;
    let live = Sql::new("SELECT roles FROM api_token WHERE owner_id IS NULL AND revoked_at IS NULL AND expires_at > $1");
    let mut tokens = 0;
    for row in tx.all(live.bind(now)).await? {
        tokens += u64::from(row.json::<Vec<RoleName>>("roles")?.contains(role));
    }
    let mut providers = 0;
    for row in tx.all(Sql::new("SELECT role_rules, default_role FROM provider")).await? {
        let ruled = row.json::<Vec<RoleRule>>("role_rules")?.iter().any(|rule| rule.role == *role);
        providers += u64::from(ruled || row.get::<Option<String>>("default_role")?.as_deref() == Some(role.as_str()));
    }
    let settings = setting::identity(tx).await?;
    let settings = [settings.require_second_factor, settings.step_up].iter().filter(|list| list.contains(role)).count();
    Ok(RoleUses {
        users: counts.count("users")?,
        assignments: counts.count("assignments")?,
        invites: counts.count("invites")?,
        tokens,
        providers,
        settings: u64::try_from(settings).unwrap_or(u64::MAX),
    })
}

fn read(row: &Row) -> Result<StoredRole, StoreError> {
    Ok(StoredRole {
        name: row.parse("name")?,
        title: row.text("title")?,
        description: row.text("description")?,
        form: row.text("form")?,
        cedar: row.get("cedar")?,
        step_up: row.int("step_up")? != 0,
        version: row.int("version")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
        updated_by: row.text("updated_by")?,
    })
}
