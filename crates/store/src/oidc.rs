//! Logins by identity providers while they are under way: what was begun in a browser, and what is still missing after the provider's answer.
//!
//! All of it is short-lived, works once, and is bounded: strangers can begin logins.

use mc_domain::{
    id::{ProviderId, UserId},
    time::Time,
};

use crate::{Store, error::StoreError, sql::Sql};

/// The most logins under way at once.
const FLOWS_MAX: u64 = 10_000;
/// The most unused tickets of one user.
const TICKETS_MAX: u64 = 20;

/// A login that was begun in a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcFlow {
    /// Hash of the state that the provider's answer brings back.
    pub state_hash: String,
    /// Hash of the cookie of the browser it was begun in.
    pub browser_hash: String,
    /// Where it went.
    pub provider_id: ProviderId,
    /// Nonce and so on, sealed.
    pub content: String,
    /// When it ends.
    pub expires_at: Time,
}

/// What a ticket is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketKind {
    /// Linking, once the user's password was given.
    Link,
    /// A login on the command line, once its secret was given.
    Cli,
}

impl TicketKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Cli => "cli",
        }
    }
}

/// A login that waits for one more proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcTicket {
    /// Hash of the ticket.
    pub hash: String,
    /// What it is for.
    pub kind: TicketKind,
    /// Who vouches.
    pub provider_id: ProviderId,
    /// For whom.
    pub user_id: UserId,
    /// Subject, tokens and so on, sealed.
    pub content: String,
    /// How many proofs may be tried.
    pub tries_left: u32,
    /// When it ends.
    pub expires_at: Time,
}

impl Store {
    /// Keeps a login that was begun.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when there are too many.
    pub async fn oidc_flow_insert(&self, flow: &OidcFlow, now: Time) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        tx.run(Sql::new("DELETE FROM oidc_flow WHERE expires_at <= $1").bind(now)).await?;
        let count = tx.first(Sql::new("SELECT COUNT(*) AS total FROM oidc_flow")).await?;
        if count.map_or(Ok(0), |row| row.count("total"))? >= FLOWS_MAX {
            return Err(StoreError::Unavailable("too many logins are under way".to_owned()));
        }
        let sql =
            Sql::new("INSERT INTO oidc_flow (state_hash, browser_hash, provider_id, content, expires_at) VALUES ($1, $2, $3, $4, $5)");
        let sql = sql.bind(&flow.state_hash).bind(&flow.browser_hash).bind(flow.provider_id.0).bind(&flow.content).bind(flow.expires_at);
        tx.run(sql).await?;
        tx.commit().await
    }

    /// Takes the login of that state out: it works once, whoever comes with it. `None` when there is none, or it has ended.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn oidc_flow_take(&self, state_hash: &str, now: Time) -> Result<Option<OidcFlow>, StoreError> {
        let mut tx = self.main.begin().await?;
        let row = tx.first(Sql::new("DELETE FROM oidc_flow WHERE state_hash = $1 RETURNING *").bind(state_hash)).await?;
        tx.commit().await?;
        let Some(row) = row else { return Ok(None) };
        let flow = OidcFlow {
            state_hash: row.text("state_hash")?,
            browser_hash: row.text("browser_hash")?,
            provider_id: ProviderId(row.id("provider_id")?),
            content: row.text("content")?,
            expires_at: row.time("expires_at")?,
        };
        Ok((flow.expires_at > now).then_some(flow))
    }

    /// Keeps a ticket.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the user has too many.
    pub async fn oidc_ticket_insert(&self, ticket: &OidcTicket, now: Time) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        tx.run(Sql::new("DELETE FROM oidc_ticket WHERE expires_at <= $1").bind(now)).await?;
        let count = tx.first(Sql::new("SELECT COUNT(*) AS total FROM oidc_ticket WHERE user_id = $1").bind(ticket.user_id.0)).await?;
        if count.map_or(Ok(0), |row| row.count("total"))? >= TICKETS_MAX {
            return Err(StoreError::Conflict("too many logins of this user wait to be confirmed: try again in ten minutes"));
        }
        let sql = Sql::new(
            "INSERT INTO oidc_ticket (hash, kind, provider_id, user_id, content, tries_left, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        );
        let sql = sql.bind(&ticket.hash).bind(ticket.kind.as_str()).bind(ticket.provider_id.0).bind(ticket.user_id.0);
        tx.run(sql.bind(&ticket.content).bind(ticket.tries_left).bind(ticket.expires_at)).await?;
        tx.commit().await
    }

    /// Counts a try with a ticket; `None` when it does not exist, has ended, or was tried too often.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn oidc_ticket_try(&self, hash: &str, kind: TicketKind, now: Time) -> Result<Option<OidcTicket>, StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new(
            "UPDATE oidc_ticket SET tries_left = tries_left - 1 WHERE hash = $1 AND kind = $2 AND tries_left > 0 AND expires_at > $3 \
             RETURNING *",
        );
        let row = tx.first(sql.bind(hash).bind(kind.as_str()).bind(now)).await?;
        tx.commit().await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(OidcTicket {
            hash: row.text("hash")?,
            kind,
            provider_id: ProviderId(row.id("provider_id")?),
            user_id: UserId(row.id("user_id")?),
            content: row.text("content")?,
            tries_left: row.small("tries_left")?,
            expires_at: row.time("expires_at")?,
        }))
    }

    /// Uses a ticket up; false when somebody else was faster.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn oidc_ticket_spend(&self, hash: &str) -> Result<bool, StoreError> {
        let mut tx = self.main.begin().await?;
        let spent = tx.run(Sql::new("DELETE FROM oidc_ticket WHERE hash = $1").bind(hash)).await?;
        tx.commit().await?;
        Ok(spent > 0)
    }

    /// Notes that a logout token was used; false when it was before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn oidc_logout_spend(&self, provider: ProviderId, token_id: &str, until: Time) -> Result<bool, StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new("INSERT INTO oidc_logout (provider_id, token_id, expires_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING");
        let fresh = tx.run(sql.bind(provider.0).bind(token_id).bind(until)).await?;
        tx.commit().await?;
        Ok(fresh > 0)
    }

    /// Forgets what has ended.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn oidc_prune(&self, now: Time) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        tx.run(Sql::new("DELETE FROM oidc_flow WHERE expires_at <= $1").bind(now)).await?;
        tx.run(Sql::new("DELETE FROM oidc_ticket WHERE expires_at <= $1").bind(now)).await?;
        tx.run(Sql::new("DELETE FROM oidc_logout WHERE expires_at <= $1").bind(now)).await?;
        tx.commit().await
    }
}
