//! Which keys the servers of one database must share: a fingerprint of the newest, never the key.
//!
//! The store cannot tell one key from another: it compares texts, and keeps one for each key among the settings.

use mc_domain::{audit::AuditEntry, time::Time};

use crate::{
    Store, audit,
    error::StoreError,
    sql::{Sql, json},
};

/// Servers that show their keys at the same moment take turns. The number means nothing and must never change.
const TAKE_TURNS: &str = "SELECT pg_advisory_xact_lock(5550155503)";

/// A key that all servers of one database must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SharedKey {
    /// It seals secrets.
    Seal,
    /// It signs access tokens.
    Jwt,
}

/// What became of the keys that a server showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyShown {
    /// None was noted before; its newest is now.
    First,
    /// Its newest is the one that was noted.
    Same,
    /// Its newest took the place of the one that was noted, and the trail says so.
    Replaced,
    /// It does not know the one that was noted. Nothing was changed.
    Unknown,
}

impl SharedKey {
    /// The key's name, as in `mission-control rotate`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Seal => "seal",
            Self::Jwt => "jwt",
        }
    }

    const fn setting(self) -> &'static str {
        match self {
            Self::Seal => "key_seal",
            Self::Jwt => "key_jwt",
        }
    }
}

impl Store {
    /// Compares the keys that a server has, newest first, with the one that was noted last, and notes its newest: when it knows the noted one,
    /// or `anyway`. The entry is kept when another one takes the noted one's place.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn shared_key_show(
        &self,
        key: SharedKey,
        have: &[String],
        anyway: bool,
        now: Time,
        entry: &AuditEntry,
    ) -> Result<KeyShown, StoreError> {
        let newest = have.first().ok_or_else(|| StoreError::Internal("a server without keys".to_owned()))?;
        let mut tx = self.main.begin().await?;
        tx.run_on_postgres(TAKE_TURNS).await?;
        let noted = tx.first(Sql::new("SELECT value FROM setting WHERE key = $1").bind(key.setting())).await?;
        let noted = noted.map(|row| row.json::<String>("value")).transpose()?;
        let shown = match &noted {
            None => KeyShown::First,
            Some(noted) if noted == newest => return Ok(KeyShown::Same),
            Some(noted) if anyway || have.contains(noted) => KeyShown::Replaced,
            Some(_) => return Ok(KeyShown::Unknown),
        };
        let sql = Sql::new(
            "INSERT INTO setting (key, value, updated_at) VALUES ($1, $2, $3) \
             ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
        );
        tx.run(sql.bind(key.setting()).bind(json(newest)?).bind(now)).await?;
        if shown == KeyShown::Replaced {
            audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        }
        tx.commit().await?;
        Ok(shown)
    }
}
