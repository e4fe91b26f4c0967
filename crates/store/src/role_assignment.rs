//! Roles given to users, service tokens and groups.

use mc_domain::{
    action,
    audit::AuditEntry,
    id::AssignmentId,
    permit::{Everything, Permitted},
    role::RoleName,
    role_assignment::{RoleAssignment, SubjectKind},
    time::Time,
};

use crate::{
    Store,
    db::Tx,
    error::StoreError,
    role::{changed, must_exist},
    sql::{Row, Sql},
};

/// The most assignments that may be live at a time: all of them are held in memory.
pub const ASSIGNMENTS_MAX: u64 = 20_000;

impl Store {
    /// Gives a role to somebody. Answers the number of this change.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is no such role, or too many assignments.
    pub async fn assignment_insert(
        &self,
        proof: &Permitted<RoleName, action::AssignmentCreate>,
        given: &RoleAssignment,
        entry: &AuditEntry,
    ) -> Result<i64, StoreError> {
        let mut tx = self.main.begin().await?;
        insert(&mut tx, &RoleAssignment { role: proof.get().clone(), ..given.clone() }).await?;
        changed(tx, entry).await
    }

    /// Takes a role away again. Answers the number of this change.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such assignment, or it was taken away before.
    pub async fn assignment_remove(
        &self,
        id: AssignmentId,
        _proof: &Permitted<RoleName, action::AssignmentRemove>,
        now: Time,
        entry: &AuditEntry,
    ) -> Result<i64, StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new("UPDATE role_assignment SET removed_at = $2 WHERE id = $1 AND removed_at IS NULL");
        tx.run_found(sql.bind(id.0).bind(now)).await?;
        changed(tx, entry).await
    }

    /// The assignment of that id, live or not.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn assignment_by_id(&self, id: AssignmentId) -> Result<Option<RoleAssignment>, StoreError> {
        let row = self.main.first(Sql::new("SELECT * FROM role_assignment WHERE id = $1").bind(id.0)).await?;
        row.as_ref().map(read).transpose()
    }

    /// Live assignments, newest first: of a role, of a subject, or all.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn assignment_list(
        &self,
        _proof: &Permitted<Everything, action::AssignmentList>,
        role: Option<&RoleName>,
        subject: Option<&str>,
        now: Time,
    ) -> Result<Vec<RoleAssignment>, StoreError> {
        let mut sql =
            Sql::new("SELECT * FROM role_assignment WHERE removed_at IS NULL AND (expires_at IS NULL OR expires_at > ").value(now);
        sql = sql.push(")");
        if let Some(role) = role {
            sql = sql.push(" AND role = ").value(role.as_str());
        }
        if let Some(subject) = subject {
            sql = sql.push(" AND subject = ").value(subject);
        }
        read_all(&self.main.all(sql.push(" ORDER BY id DESC")).await?)
    }
}

/// Gives a role to somebody, unless it is gone or too many are given.
pub(crate) async fn insert(tx: &mut Tx, given: &RoleAssignment) -> Result<(), StoreError> {
    must_exist(tx, &given.role).await?;
    let live =
        Sql::new("SELECT COUNT(*) AS total FROM role_assignment WHERE removed_at IS NULL AND (expires_at IS NULL OR expires_at > $1)");
    if tx.first(live.bind(given.created_at)).await?.map_or(Ok(0), |row| row.count("total"))? >= ASSIGNMENTS_MAX {
        return Err(StoreError::Conflict("there are too many assignments of roles: remove some, or give roles to groups"));
    }
    let sql = Sql::new(
        "INSERT INTO role_assignment (id, role, subject_kind, subject, expires_at, created_at, created_by, reason, removed_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    );
    let sql = sql.bind(given.id.0).bind(given.role.as_str()).bind(given.subject_kind.as_str()).bind(&given.subject);
    let sql = sql.bind(given.expires_at).bind(given.created_at).bind(&given.created_by).bind(&given.reason);
    tx.run(sql.bind(given.removed_at)).await.map(drop)
}

pub(crate) fn read_all(rows: &[Row]) -> Result<Vec<RoleAssignment>, StoreError> {
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<RoleAssignment, StoreError> {
    let kind = row.text("subject_kind")?;
    Ok(RoleAssignment {
        id: AssignmentId(row.id("id")?),
        role: row.parse("role")?,
        subject_kind: SubjectKind::from_text(&kind).ok_or_else(|| StoreError::unreadable("subject kind"))?,
        subject: row.text("subject")?,
        expires_at: row.time_maybe("expires_at")?,
        created_at: row.time("created_at")?,
        created_by: row.text("created_by")?,
        reason: row.text("reason")?,
        removed_at: row.time_maybe("removed_at")?,
    })
}
