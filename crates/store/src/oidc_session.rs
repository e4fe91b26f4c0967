//! Sessions that hang on an identity provider: begun by it, asked about at it, ended by it.

use std::time::Duration;

use mc_domain::{
    audit::AuditEntry,
    id::{ProviderId, SessionId},
    session::Session,
    time::Time,
};

use crate::{
    Store, audit,
    error::StoreError,
    session,
    sql::{Row, Sql, json},
};

/// How a session hangs on a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcSession {
    /// Which session.
    pub session_id: SessionId,
    /// On which provider.
    pub provider_id: ProviderId,
    /// Who the user is there.
    pub subject: String,
    /// The login, as the provider counts them.
    pub sid: Option<String>,
    /// The provider's refresh token, sealed.
    pub refresh_token: Option<String>,
    /// The last ID token, sealed: for the logout there.
    pub id_token: Option<String>,
    /// When the provider is asked next.
    pub due_at: Time,
    /// Since when it does not answer.
    pub failing_since: Option<Time>,
    /// When the session ends because it cannot be asked about.
    pub ends_at: Option<Time>,
}

/// What asking the provider brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcRenewed {
    /// The new refresh token, sealed; absent when the old one stays.
    pub refresh_token: Option<String>,
    /// The new ID token, sealed; absent when the old one stays.
    pub id_token: Option<String>,
    /// The groups now; absent when nothing was said.
    pub groups: Option<Vec<String>>,
    /// When to ask next.
    pub due_at: Time,
}

impl Store {
    /// Keeps a new login by a provider with its first refresh token of ours.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the user was disabled or the account unlinked meanwhile.
    pub async fn oidc_session_insert(
        &self,
        session: &Session,
        hangs: &OidcSession,
        refresh_hash: &str,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new("SELECT id FROM user_account WHERE id = $1 AND disabled_at IS NULL");
        let enabled = tx.for_update(sql).bind(session.user_id.0);
        let enabled = tx.first(enabled).await?.is_some();
        let sql = Sql::new("UPDATE identity_link SET last_login_at = $4 WHERE provider_id = $1 AND subject = $2 AND user_id = $3");
        let sql = sql.bind(hangs.provider_id.0).bind(&hangs.subject).bind(session.user_id.0).bind(session.created_at);
        if !enabled || tx.run(sql).await? == 0 {
            return Err(StoreError::Conflict("the account was changed meanwhile: log in again"));
        }
        session::insert(&mut tx, session, refresh_hash).await?;
        let sql = Sql::new(
            "INSERT INTO oidc_session (session_id, provider_id, subject, sid, refresh_token, id_token, due_at, failing_since, asked_until, ends_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, NULL, $8)",
        );
        let sql = sql.bind(session.id.0).bind(hangs.provider_id.0).bind(&hangs.subject).bind(hangs.sid.clone());
        let sql = sql.bind(hangs.refresh_token.clone()).bind(hangs.id_token.clone()).bind(hangs.due_at).bind(hangs.ends_at);
        tx.run(sql).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// How a session hangs on a provider, if it does.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn oidc_session(&self, id: SessionId) -> Result<Option<OidcSession>, StoreError> {
        let row = self.main.first(Sql::new("SELECT * FROM oidc_session WHERE session_id = $1").bind(id.0)).await?;
        row.as_ref().map(read).transpose()
    }

    /// Takes the turn to ask the provider about a session that is due; `None` when somebody else has it, or it is not due.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn oidc_session_ask(&self, id: SessionId, now: Time, within: Duration) -> Result<Option<OidcSession>, StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new(
            "UPDATE oidc_session SET asked_until = $3 WHERE session_id = $1 AND due_at <= $2 AND (asked_until IS NULL OR asked_until <= $2) \
             RETURNING *",
        );
        let row = tx.first(sql.bind(id.0).bind(now).bind(now.after(within))).await?;
        tx.commit().await?;
        row.as_ref().map(read).transpose()
    }

    /// Keeps what the provider answered.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn oidc_session_renewed(&self, id: SessionId, renewed: &OidcRenewed) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new(
            "UPDATE oidc_session SET refresh_token = COALESCE($2, refresh_token), id_token = COALESCE($3, id_token), due_at = $4, \
             failing_since = NULL, asked_until = NULL WHERE session_id = $1",
        );
        let sql = sql.bind(id.0).bind(renewed.refresh_token.clone()).bind(renewed.id_token.clone()).bind(renewed.due_at);
        tx.run_found(sql).await?;
        if let Some(groups) = &renewed.groups {
            tx.run(Sql::new("UPDATE session SET sso_groups = $2 WHERE id = $1").bind(id.0).bind(json(groups)?)).await?;
        }
        tx.commit().await
    }

    /// Notes that the provider did not answer, and when to try again.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn oidc_session_failing(&self, id: SessionId, since: Time, again_at: Time) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new("UPDATE oidc_session SET failing_since = $2, due_at = $3, asked_until = NULL WHERE session_id = $1");
        tx.run(sql.bind(id.0).bind(since).bind(again_at)).await?;
        tx.commit().await
    }

    /// Ends the open sessions of a person, or one login, as the provider names them; says which. Nothing is recorded when there are none.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn oidc_sessions_end(
        &self,
        provider: ProviderId,
        subject: Option<&str>,
        sid: Option<&str>,
        now: Time,
        entry: &AuditEntry,
    ) -> Result<Vec<SessionId>, StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new(
            "UPDATE session SET revoked_at = $4 WHERE revoked_at IS NULL AND id IN (SELECT session_id FROM oidc_session \
             WHERE provider_id = $1 AND ($2 IS NULL OR subject = $2) AND ($3 IS NULL OR sid = $3)) RETURNING id",
        );
        let sql = sql.bind(provider.0).bind(subject.map(str::to_owned)).bind(sid.map(str::to_owned)).bind(now);
        let rows = tx.all(sql).await?;
        let ended = rows.iter().map(|row| row.id("id").map(SessionId)).collect::<Result<Vec<_>, _>>()?;
        if !ended.is_empty() {
            audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        }
        tx.commit().await?;
        Ok(ended)
    }
}

fn read(row: &Row) -> Result<OidcSession, StoreError> {
    Ok(OidcSession {
        session_id: SessionId(row.id("session_id")?),
        provider_id: ProviderId(row.id("provider_id")?),
        subject: row.text("subject")?,
        sid: row.get("sid")?,
        refresh_token: row.get("refresh_token")?,
        id_token: row.get("id_token")?,
        due_at: row.time("due_at")?,
        failing_since: row.time_maybe("failing_since")?,
        ends_at: row.time_maybe("ends_at")?,
    })
}
