//! What belongs to users and lives in other tables, read for many at once.

use std::collections::HashMap;

use mc_domain::id::UserId;

use crate::{Store, error::StoreError};

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
    pub async fn user_extras(&self, _users: &[UserId]) -> Result<HashMap<UserId, UserExtra>, StoreError> {
        Ok(HashMap::new())
    }
}
