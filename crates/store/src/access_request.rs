//! Requests for access. Granting one gives the role in the same transaction, so that there is never one without the other.

use std::time::Duration;

use mc_domain::{
    access_request::{AccessRequest, AccessState, PENDING_FOR, PENDING_MAX, Wanted},
    action::{self, Action},
    audit::AuditEntry,
    id::{AccessRequestId, AssignmentId, UserId},
    permit::{Everything, Permitted},
    role_assignment::RoleAssignment,
    time::Time,
};

use crate::{
    Store, audit,
    db::Tx,
    error::StoreError,
    role::{self, StoredRole, changed},
    role_assignment,
    sql::{Row, Sql},
};

/// Which requests are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AccessRequestFilter {
    /// Only those of this person.
    pub requester: Option<UserId>,
    /// Only those stored in this state.
    pub state: Option<AccessState>,
    /// Only those older than this one: the next page.
    pub before: Option<AccessRequestId>,
    /// How many at most.
    pub limit: u32,
}

const DECIDED: StoreError = StoreError::Conflict("this request is not waiting any more: somebody decided it, or it was taken back");
const OVER: StoreError = StoreError::Conflict("this access is over already");

impl Store {
    /// Keeps a new request.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when too many of the same person wait, or one for the same does.
    pub async fn access_request_insert(
        &self,
        _proof: &Permitted<Everything, action::AccessRequestCreate>,
        request: &AccessRequest,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        // One at a time for each person: otherwise two could both be the last one.
        let person = tx.for_update(Sql::new("SELECT id FROM user_account WHERE id = $1")).bind(request.requester.0);
        tx.first(person).await?.ok_or(StoreError::NotFound)?;
        let open = "SELECT * FROM access_request WHERE requester = $1 AND state = 'pending' AND created_at > $2";
        let open = tx.all(Sql::new(open).bind(request.requester.0).bind(request.created_at.before(PENDING_FOR))).await?;
        let open = open.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        if open.iter().any(|other| other.wanted == request.wanted) {
            return Err(StoreError::Conflict("you asked for this already, and it waits to be decided"));
        }
        if u64::try_from(open.len()).unwrap_or(u64::MAX) >= PENDING_MAX {
            return Err(StoreError::Conflict("20 of your requests wait already: take some back"));
        }
        let sql = Sql::new(
            "INSERT INTO access_request (id, requester, requester_name, role, action, resource_kind, resource, resource_name, reason, \
             duration_seconds, state, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        );
        let (role, wanted) = match &request.wanted {
            Wanted::Role(role) => (Some(role.as_str()), [None; 4]),
            Wanted::Action { action, kind, thing, name } => (None, [action, kind, thing, name].map(|text| Some(text.as_str()))),
        };
        let sql = sql.bind(request.id.0).bind(request.requester.0).bind(&request.requester_name).bind(role);
        let sql = wanted.into_iter().fold(sql, Sql::bind).bind(&request.reason).bind(seconds(request.duration));
        tx.run(sql.bind(request.state.as_str()).bind(request.created_at)).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// The request of that id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn access_request_by_id(&self, id: AccessRequestId) -> Result<Option<AccessRequest>, StoreError> {
        let row = self.main.first(Sql::new("SELECT * FROM access_request WHERE id = $1").bind(id.0)).await?;
        row.as_ref().map(read).transpose()
    }

    /// Requests, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn access_request_list(
        &self,
        _proof: &Permitted<Everything, action::AccessRequestList>,
        filter: AccessRequestFilter,
    ) -> Result<Vec<AccessRequest>, StoreError> {
        let mut sql = Sql::new("SELECT * FROM access_request WHERE 1 = 1");
        if let Some(requester) = filter.requester {
            sql = sql.push(" AND requester = ").value(requester.0);
        }
        if let Some(state) = filter.state {
            sql = sql.push(" AND state = ").value(state.as_str());
        }
        if let Some(before) = filter.before {
            sql = sql.push(" AND id < ").value(before.0);
        }
        let rows = self.main.all(sql.push(" ORDER BY id DESC LIMIT ").value(i64::from(filter.limit))).await?;
        rows.iter().map(read).collect()
    }

    /// Grants a request: `request` as it is from now on, and what is given for it. `grant` is the role made for one action. Answers the
    /// number of this change of roles.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the request does not wait any more, or the role is gone.
    pub async fn access_request_approve(
        &self,
        request: &Permitted<AccessRequest, action::AccessRequestApprove>,
        grant: Option<&StoredRole>,
        given: &RoleAssignment,
        entry: &AuditEntry,
    ) -> Result<i64, StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new(
            "UPDATE access_request SET state = 'approved', decided_at = $2, decided_by = $3, decision_reason = $4, expires_at = $5, \
             assignment = $6, duration_seconds = $7 WHERE id = $1 AND state = 'pending' AND created_at > $8",
        );
        let at = given.created_at;
        let sql = sql.bind(request.id.0).bind(at).bind(request.decided_by.as_deref()).bind(request.decision_reason.as_deref());
        let sql = sql.bind(given.expires_at).bind(given.id.0).bind(seconds(request.duration)).bind(at.before(PENDING_FOR));
        if tx.run(sql).await? == 0 {
            return Err(DECIDED);
        }
        if let Some(grant) = grant {
            role::insert(&mut tx, grant).await?;
        }
        role_assignment::insert(&mut tx, given).await?;
        changed(tx, entry).await
    }

    /// Closes a request that waits: refused, or taken back. `request` is as it is from now on.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it does not wait any more.
    pub async fn access_request_close<A: Action>(
        &self,
        request: &Permitted<AccessRequest, A>,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        if !close(&mut tx, request).await? {
            return Err(DECIDED);
        }
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// Ends what was granted before its time. Answers the number of this change of roles.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is over already.
    pub async fn access_request_end(
        &self,
        request: &Permitted<AccessRequest, action::AccessRequestEnd>,
        now: Time,
        entry: &AuditEntry,
    ) -> Result<i64, StoreError> {
        let mut tx = self.main.begin().await?;
        if !end(&mut tx, request, AccessState::Ended, now).await? {
            return Err(OVER);
        }
        changed(tx, entry).await
    }

    /// Those whose time is over and that are not noted as such.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn access_request_due(&self, now: Time) -> Result<Vec<AccessRequest>, StoreError> {
        let sql = "SELECT * FROM access_request WHERE (state = 'approved' AND expires_at <= $1) OR (state = 'pending' AND created_at <= $2) \
                   ORDER BY id LIMIT 200";
        let rows = self.main.all(Sql::new(sql).bind(now).bind(now.before(PENDING_FOR))).await?;
        rows.iter().map(read).collect()
    }

    /// Notes that a request's time is over. Answers the number of this change of roles, `None` when nothing was given for it, and `Err`
    /// when somebody else was faster.
    ///
    /// # Errors
    /// [`StoreError::Conflict`].
    pub async fn access_request_expire(&self, request: &AccessRequest, now: Time, entry: &AuditEntry) -> Result<Option<i64>, StoreError> {
        let mut tx = self.main.begin().await?;
        if request.assignment.is_some() {
            return if end(&mut tx, request, AccessState::Expired, now).await? { changed(tx, entry).await.map(Some) } else { Err(OVER) };
        }
        if !close(&mut tx, request).await? {
            return Err(DECIDED);
        }
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await?;
        Ok(None)
    }
}

async fn close(tx: &mut Tx, request: &AccessRequest) -> Result<bool, StoreError> {
    let sql = Sql::new(
        "UPDATE access_request SET state = $2, decided_at = $3, decided_by = $4, decision_reason = $5, ended_at = $6 WHERE id = $1 AND \
         state = 'pending'",
    );
    let sql = sql.bind(request.id.0).bind(request.state.as_str()).bind(request.decided_at).bind(request.decided_by.as_deref());
    Ok(tx.run(sql.bind(request.decision_reason.as_deref()).bind(request.ended_at)).await? > 0)
}

/// Ends what was granted: the assignment goes, and the role that was made for it.
async fn end(tx: &mut Tx, request: &AccessRequest, state: AccessState, now: Time) -> Result<bool, StoreError> {
    let sql = Sql::new("UPDATE access_request SET state = $2, ended_at = $3 WHERE id = $1 AND state = 'approved'");
    if tx.run(sql.bind(request.id.0).bind(state.as_str()).bind(now)).await? == 0 {
        return Ok(false);
    }
    if let Some(assignment) = request.assignment {
        let sql = Sql::new("UPDATE role_assignment SET removed_at = $2 WHERE id = $1 AND removed_at IS NULL");
        tx.run(sql.bind(assignment.0).bind(now)).await?;
    }
    if let Some(role) = request.grant_role() {
        tx.run(Sql::new("DELETE FROM role WHERE name = $1").bind(role.as_str())).await?;
    }
    Ok(true)
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

fn read(row: &Row) -> Result<AccessRequest, StoreError> {
    let state = row.text("state")?;
    let role: Option<String> = row.get("role")?;
    let wanted = match role {
        Some(role) => Wanted::Role(role.parse().map_err(|_| StoreError::unreadable("role"))?),
        None => Wanted::Action {
            action: row.text("action")?,
            kind: row.text("resource_kind")?,
            thing: row.text("resource")?,
            name: row.text("resource_name")?,
        },
    };
    Ok(AccessRequest {
        id: AccessRequestId(row.id("id")?),
        requester: UserId(row.id("requester")?),
        requester_name: row.text("requester_name")?,
        wanted,
        reason: row.text("reason")?,
        duration: Duration::from_secs(row.count("duration_seconds")?),
        state: AccessState::from_text(&state).ok_or_else(|| StoreError::unreadable("state"))?,
        created_at: row.time("created_at")?,
        decided_at: row.time_maybe("decided_at")?,
        decided_by: row.get("decided_by")?,
        decision_reason: row.get("decision_reason")?,
        expires_at: row.time_maybe("expires_at")?,
        ended_at: row.time_maybe("ended_at")?,
        assignment: row.get::<Option<uuid::Uuid>>("assignment")?.map(AssignmentId),
    })
}
