//! Settings that admins change while the server runs: a key and a JSON text.

use mc_domain::{
    action,
    audit::AuditEntry,
    permit::{Everything, Permitted},
    setting::IdentitySettings,
    time::Time,
};

use crate::{
    Store, audit,
    db::Tx,
    error::StoreError,
    role::must_exist,
    sql::{Row, Sql, json},
};

/// The key of the settings of identity.
const IDENTITY: &str = "identity";
const READ: &str = "SELECT value FROM setting WHERE key = $1";

impl Store {
    /// The settings of identity.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn settings_identity(&self) -> Result<IdentitySettings, StoreError> {
        read(self.main.first(Sql::new(READ).bind(IDENTITY)).await?.as_ref())
    }

    /// Changes the settings of identity.
    ///
    /// # Errors
    /// When the database does not take them.
    pub async fn settings_identity_set(
        &self,
        _proof: &Permitted<Everything, action::SettingsUpdate>,
        settings: &IdentitySettings,
        now: Time,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        for role in settings.require_second_factor.iter().chain(&settings.step_up) {
            must_exist(&mut tx, role).await?;
        }
        let sql = Sql::new(
            "INSERT INTO setting (key, value, updated_at) VALUES ($1, $2, $3) \
             ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
        );
        tx.run(sql.bind(IDENTITY).bind(json(settings)?).bind(now)).await?;
        audit::insert(&mut tx, std::slice::from_ref(entry)).await?;
        tx.commit().await
    }
}

/// The settings of identity, within a transaction.
pub(crate) async fn identity(tx: &mut Tx) -> Result<IdentitySettings, StoreError> {
    read(tx.first(Sql::new(READ).bind(IDENTITY)).await?.as_ref())
}

fn read(row: Option<&Row>) -> Result<IdentitySettings, StoreError> {
    row.map_or_else(|| Ok(IdentitySettings::default()), |row| row.json("value"))
}
