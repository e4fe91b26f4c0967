//! Second factors: seeds of authenticator apps, recovery codes, and what is spent when one is shown.
//!
//! Every code, recovery code and challenge counts once. That is decided here, in the transaction that spends it: two requests that show the
//! same thing at the same moment get one yes. Passkeys themselves are in `passkey.rs`.

use mc_domain::{
    action,
    audit::AuditEntry,
    id::{PasskeyId, SessionId, UserId},
    permit::{Everything, Permitted},
    time::Time,
    user::User,
};

use crate::{Store, audit, db::Tx, error::StoreError, session, sql::Sql};

/// What a user has set up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SecondFactors {
    /// An authenticator app that was confirmed.
    pub totp: bool,
    /// How many passkeys.
    pub passkeys: u32,
    /// Recovery codes not used yet.
    pub recovery_codes: u32,
}

impl SecondFactors {
    /// Whether there is one at all. Recovery codes alone are none: they stand in for one that was lost.
    #[must_use]
    pub const fn any(&self) -> bool {
        self.totp || self.passkeys > 0
    }
}

/// A confirmed authenticator app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totp {
    /// Its seed, sealed.
    pub seed: String,
    /// The newest time step whose code was taken.
    pub last_step: i64,
}

/// What was shown and found right; spending it may still find that it was spent meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// The code of a time step.
    Totp {
        /// The step.
        step: i64,
    },
    /// A recovery code, by its hash.
    Recovery {
        /// The hash.
        hash: String,
    },
    /// A passkey.
    Passkey {
        /// Which.
        id: PasskeyId,
        /// Its counter now: 0 when it has none.
        counter: i64,
        /// The credential as it is to be kept from now on.
        credential: String,
    },
    /// The password, which is not spent.
    Password,
}

/// What it was shown for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShownFor {
    /// A login whose password was right: the hash of its challenge.
    Login(String),
    /// A login without a password: the hash of the sealed challenge, and when that ends by itself.
    Passwordless(String, Time),
    /// Proving again who one is in a session; with the hash and end of the sealed challenge when there was one.
    StepUp(SessionId, Option<(String, Time)>),
}

impl Store {
    /// What the user has set up.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn second_factors(&self, user: UserId) -> Result<SecondFactors, StoreError> {
        let sql = Sql::new(
            "SELECT (SELECT COUNT(*) FROM totp WHERE user_id = $1 AND seed IS NOT NULL) AS totp, \
             (SELECT COUNT(*) FROM passkey WHERE user_id = $1) AS passkeys, \
             (SELECT COUNT(*) FROM recovery_code WHERE user_id = $1 AND used_at IS NULL) AS codes",
        );
        let row = self.main.one(sql.bind(user.0)).await?;
        Ok(SecondFactors { totp: row.int("totp")? > 0, passkeys: row.small("passkeys")?, recovery_codes: row.small("codes")? })
    }

    /// The user's confirmed authenticator app.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn totp(&self, user: UserId) -> Result<Option<Totp>, StoreError> {
        let sql = Sql::new("SELECT seed, last_step FROM totp WHERE user_id = $1 AND seed IS NOT NULL").bind(user.0);
        let row = self.main.first(sql).await?;
        row.map(|row| Ok(Totp { seed: row.text("seed")?, last_step: row.int("last_step")? })).transpose()
    }

    /// The sealed seed that waits for its first code, if it was made after `since`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn totp_pending(&self, user: UserId, since: Time) -> Result<Option<String>, StoreError> {
        let sql = Sql::new("SELECT pending_seed FROM totp WHERE user_id = $1 AND pending_at > $2").bind(user.0).bind(since);
        self.main.first(sql).await?.map(|row| row.text("pending_seed")).transpose()
    }

    /// Keeps a sealed seed until its first code shows that the app has it. It takes the place of another that waits.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn totp_begin(
        &self,
        _proof: &Permitted<Everything, action::MeTotpBegin>,
        user: UserId,
        seed: &str,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new(
            "INSERT INTO totp (user_id, last_step, pending_seed, pending_at) VALUES ($1, 0, $2, $3) \
             ON CONFLICT (user_id) DO UPDATE SET pending_seed = $2, pending_at = $3",
        );
        tx.run(sql.bind(user.0).bind(seed).bind(entry.at)).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// Makes the seed that waits the user's own, with its first step spent and new recovery codes. False when another seed waits by now.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn totp_confirm(
        &self,
        _proof: &Permitted<Everything, action::MeTotpConfirm>,
        user: UserId,
        (seed, step): (&str, i64),
        codes: &[String],
        entry: &AuditEntry,
    ) -> Result<bool, StoreError> {
        let mut tx = self.main.begin().await?;
        let sql = Sql::new(
            "UPDATE totp SET seed = pending_seed, confirmed_at = $4, last_step = $3, pending_seed = NULL, pending_at = NULL \
             WHERE user_id = $1 AND pending_seed = $2",
        );
        if tx.run(sql.bind(user.0).bind(seed).bind(step).bind(entry.at)).await? == 0 {
            return Ok(false);
        }
        recovery_replace(&mut tx, user, codes).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Sets up an authenticator app within a login that demands one, and spends the login's challenge. False when that was spent meanwhile.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn totp_enrol(
        &self,
        challenge: &str,
        user: UserId,
        (seed, step): (&str, i64),
        codes: &[String],
        entry: &AuditEntry,
    ) -> Result<bool, StoreError> {
        let mut tx = self.main.begin().await?;
        if !challenge_spend(&mut tx, user, challenge).await? {
            return Ok(false);
        }
        let sql = Sql::new(
            "INSERT INTO totp (user_id, seed, confirmed_at, last_step) VALUES ($1, $2, $4, $3) \
             ON CONFLICT (user_id) DO UPDATE SET seed = $2, confirmed_at = $4, last_step = $3, pending_seed = NULL, pending_at = NULL \
             WHERE totp.seed IS NULL",
        );
        if tx.run(sql.bind(user.0).bind(seed).bind(step).bind(entry.at)).await? == 0 {
            return Ok(false);
        }
        recovery_replace(&mut tx, user, codes).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Removes the user's authenticator app; with the last factor the recovery codes go too.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn totp_remove(
        &self,
        _proof: &Permitted<Everything, action::MeTotpRemove>,
        user: UserId,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        tx.run_found(Sql::new("DELETE FROM totp WHERE user_id = $1").bind(user.0)).await?;
        recovery_tidy(&mut tx, user).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// Gives the user new recovery codes in place of all others.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn recovery_codes_replace(
        &self,
        _proof: &Permitted<Everything, action::MeRecoveryCodes>,
        user: UserId,
        codes: &[String],
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        recovery_replace(&mut tx, user, codes).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// Spends what was shown, and does what it was shown for: ends the login's challenge, or notes in the session that the person was
    /// there. False when either was spent meanwhile; then nothing is kept, the entry neither.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn second_factor_spend(
        &self,
        user: UserId,
        shown: &Shown,
        shown_for: &ShownFor,
        entry: &AuditEntry,
    ) -> Result<bool, StoreError> {
        let mut tx = self.main.begin().await?;
        let fresh = match shown_for {
            ShownFor::Login(challenge) => challenge_spend(&mut tx, user, challenge).await?,
            ShownFor::Passwordless(challenge, ends) => sealed_spend(&mut tx, challenge, *ends).await?,
            ShownFor::StepUp(_, None) => true,
            ShownFor::StepUp(_, Some((challenge, ends))) => sealed_spend(&mut tx, challenge, *ends).await?,
        };
        if !fresh || !spend(&mut tx, user, shown, entry.at).await? {
            return Ok(false);
        }
        if let ShownFor::StepUp(session, _) = shown_for {
            let sql = Sql::new("UPDATE session SET verified_at = $3 WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL");
            if tx.run(sql.bind(session.0).bind(user.0).bind(entry.at)).await? == 0 {
                return Ok(false);
            }
        }
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Takes away everything a user has set up, and ends every session: whoever enrolled may not have been the user.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn second_factor_reset(
        &self,
        user: &Permitted<User, action::UserSecondFactorReset>,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        clear(&mut tx, user.id).await?;
        session::revoke_all(&mut tx, user.id, None, entry.at).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }

    /// Forgets challenges that have ended.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn challenge_prune(&self, now: Time) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        tx.run(Sql::new("DELETE FROM login_challenge WHERE expires_at < $1").bind(now)).await?;
        tx.run(Sql::new("DELETE FROM spent_challenge WHERE expires_at < $1").bind(now)).await?;
        tx.commit().await
    }
}

/// Takes away everything a user has set up, within a transaction.
pub(crate) async fn clear(tx: &mut Tx, user: UserId) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM totp WHERE user_id = $1",
        "DELETE FROM recovery_code WHERE user_id = $1",
        "DELETE FROM passkey WHERE user_id = $1",
        "DELETE FROM login_challenge WHERE user_id = $1",
    ] {
        tx.run(Sql::new(sql).bind(user.0)).await?;
    }
    Ok(())
}

/// Removes the recovery codes of a user who has nothing left for which they could stand in.
pub(crate) async fn recovery_tidy(tx: &mut Tx, user: UserId) -> Result<(), StoreError> {
    let sql = Sql::new(
        "DELETE FROM recovery_code WHERE user_id = $1 AND NOT EXISTS (SELECT 1 FROM passkey WHERE user_id = $1) \
         AND NOT EXISTS (SELECT 1 FROM totp WHERE user_id = $1 AND seed IS NOT NULL)",
    );
    tx.run(sql.bind(user.0)).await.map(drop)
}

/// Spends a sealed challenge, by its hash; false when it was spent before.
pub(crate) async fn sealed_spend(tx: &mut Tx, hash: &str, ends: Time) -> Result<bool, StoreError> {
    let sql = Sql::new("INSERT INTO spent_challenge (hash, expires_at) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING");
    Ok(tx.run(sql.bind(hash).bind(ends)).await? > 0)
}

async fn recovery_replace(tx: &mut Tx, user: UserId, codes: &[String]) -> Result<(), StoreError> {
    tx.run(Sql::new("DELETE FROM recovery_code WHERE user_id = $1").bind(user.0)).await?;
    let rows = codes.iter().map(|hash| [user.0.into(), hash.into()]);
    tx.run(Sql::new("INSERT INTO recovery_code (user_id, hash) VALUES ").rows(rows)).await.map(drop)
}

async fn challenge_spend(tx: &mut Tx, user: UserId, hash: &str) -> Result<bool, StoreError> {
    let sql = Sql::new("DELETE FROM login_challenge WHERE hash = $1 AND user_id = $2");
    Ok(tx.run(sql.bind(hash).bind(user.0)).await? > 0)
}

async fn spend(tx: &mut Tx, user: UserId, shown: &Shown, now: Time) -> Result<bool, StoreError> {
    let sql = match shown {
        Shown::Password => return Ok(true),
        Shown::Totp { step } => {
            Sql::new("UPDATE totp SET last_step = $2 WHERE user_id = $1 AND seed IS NOT NULL AND last_step < $2").bind(user.0).bind(*step)
        }
        Shown::Recovery { hash } => {
            let sql = Sql::new("UPDATE recovery_code SET used_at = $3 WHERE user_id = $1 AND hash = $2 AND used_at IS NULL");
            sql.bind(user.0).bind(hash).bind(now)
        }
        // A counter that does not grow belongs to a copy of the passkey, or to an answer that was overtaken.
        Shown::Passkey { id, counter, credential } => {
            let sql = Sql::new(
                "UPDATE passkey SET counter = $3, credential = $4, last_used_at = $5 \
                 WHERE id = $1 AND user_id = $2 AND (counter < $3 OR (counter = 0 AND $3 = 0))",
            );
            sql.bind(id.0).bind(user.0).bind(*counter).bind(credential).bind(now)
        }
    };
    Ok(tx.run(sql).await? > 0)
}
