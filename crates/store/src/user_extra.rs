//! What belongs to users and lives in other tables, read for many at once.

use std::collections::HashMap;

use mc_domain::id::UserId;

use crate::{
    Store,
    error::StoreError,
    sql::{ROWS_MAX, Sql},
};

/// What else is known of a user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserExtra {
    /// Whether a second factor is set up.
    pub second_factor: bool,
    /// Identity providers that are linked, by name.
    pub providers: Vec<String>,
}

impl Store {
    /// What else is known of these users. Who has nothing may be missing in the answer.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn user_extras(&self, users: &[UserId]) -> Result<HashMap<UserId, UserExtra>, StoreError> {
        let mut extras: HashMap<UserId, UserExtra> = HashMap::new();
        for users in users.chunks(ROWS_MAX) {
            let ids = || users.iter().map(|user| user.0.into());
            let sql = Sql::new("SELECT user_id FROM totp WHERE seed IS NOT NULL AND user_id IN (").list(ids());
            let sql = sql.push(") UNION SELECT user_id FROM passkey WHERE user_id IN (").list(ids()).push(")");
            for row in self.main.all(sql).await? {
                extras.entry(UserId(row.id("user_id")?)).or_default().second_factor = true;
            }
            let sql =
                Sql::new("SELECT l.user_id, p.name FROM identity_link l JOIN provider p ON p.id = l.provider_id WHERE l.user_id IN (");
            let sql = sql.list(ids()).push(") ORDER BY p.name");
            for row in self.main.all(sql).await? {
                extras.entry(UserId(row.id("user_id")?)).or_default().providers.push(row.text("name")?);
            }
        }
        Ok(extras)
    }
}
