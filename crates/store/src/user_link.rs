//! One-time links of users: to set a new password, and to prove an e-mail address. A user has at most one of each; a newer one ends the older.

use mc_domain::{audit::AuditEntry, email::Email, id::UserId, time::Time, user::User};

use crate::{
    Store, audit,
    db::Tx,
    error::StoreError,
    session,
    sql::{Row, Sql},
    user,
};

/// What a link is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Setting a new password.
    Reset,
    /// Proving an e-mail address.
    Email,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Email => "email",
        }
    }
}

/// A link, by its secret's hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The hash.
    pub hash: String,
    /// Whose it is.
    pub user_id: UserId,
    /// What it is good for.
    pub purpose: Purpose,
    /// The address it was sent to, when it was: using it proves that address.
    pub email: Option<Email>,
    /// When it was made.
    pub created_at: Time,
    /// When it ends by itself.
    pub expires_at: Time,
}

impl Store {
    /// Keeps a new link and ends the older one for the same purpose.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn link_insert(&self, link: &Link, entry: &AuditEntry) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        tx.run(Sql::new("DELETE FROM user_link WHERE user_id = $1 AND purpose = $2").bind(link.user_id.0).bind(link.purpose.as_str()))
            .await?;
        let sql = Sql::new("INSERT INTO user_link (hash, user_id, purpose, email, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)");
        let sql = sql.bind(&link.hash).bind(link.user_id.0).bind(link.purpose.as_str()).bind(link.email.as_ref().map(Email::as_str));
        tx.run(sql.bind(link.created_at).bind(link.expires_at)).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// The open link of that hash with its user, when the user can log in.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn link_find(&self, purpose: Purpose, hash: &str, now: Time) -> Result<Option<(Link, User)>, StoreError> {
        let sql = Sql::new("SELECT * FROM user_link WHERE hash = $1 AND purpose = $2 AND expires_at > $3");
        let Some(row) = self.main.first(sql.bind(hash).bind(purpose.as_str()).bind(now)).await? else { return Ok(None) };
        let link = read(&row, purpose)?;
        let user = self.user_by_id(link.user_id).await?;
        Ok(user.filter(User::is_active).map(|user| (link, user)))
    }

    /// Spends a link on a new password, which also ends every session. Of many who use it at once, one succeeds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the link is spent or over.
    pub async fn link_reset(&self, link: &Link, password_hash: &str, now: Time, entry: &AuditEntry) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        spend(&mut tx, link, now).await?;
        user::password_set(&mut tx, link.user_id, password_hash, now).await?;
        prove(&mut tx, link, now).await?;
        session::revoke_all(&mut tx, link.user_id, None, now).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// Spends a link on the proof of an address; false when the user has another address by now.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the link is spent or over.
    pub async fn link_verify(&self, link: &Link, now: Time, entry: &AuditEntry) -> Result<bool, StoreError> {
        let mut tx = self.main.begin().await?;
        spend(&mut tx, link, now).await?;
        let proved = prove(&mut tx, link, now).await?;
        if proved {
            audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        }
        tx.commit().await?;
        Ok(proved)
    }

    /// Forgets links whose time is over.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn link_prune(&self, now: Time) -> Result<u64, StoreError> {
        let mut tx = self.main.begin().await?;
        let gone = tx.run(Sql::new("DELETE FROM user_link WHERE expires_at <= $1").bind(now)).await?;
        tx.commit().await?;
        Ok(gone)
    }
}

async fn spend(tx: &mut Tx, link: &Link, now: Time) -> Result<(), StoreError> {
    tx.run_found(Sql::new("DELETE FROM user_link WHERE hash = $1 AND expires_at > $2").bind(&link.hash).bind(now)).await
}

/// Notes that the address the link went to is the user's own, if it still is their address.
async fn prove(tx: &mut Tx, link: &Link, now: Time) -> Result<bool, StoreError> {
    let Some(email) = &link.email else { return Ok(false) };
    let sql = Sql::new("UPDATE user_account SET email_verified_at = COALESCE(email_verified_at, $3) WHERE id = $1 AND LOWER(email) = $2");
    Ok(tx.run(sql.bind(link.user_id.0).bind(email.key()).bind(now)).await? > 0)
}

fn read(row: &Row, purpose: Purpose) -> Result<Link, StoreError> {
    let email = row.get::<Option<String>>("email")?;
    Ok(Link {
        hash: row.text("hash")?,
        user_id: UserId(row.id("user_id")?),
        purpose,
        email: email.map(|email| email.parse()).transpose().map_err(|_| StoreError::unreadable("email"))?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
    })
}
