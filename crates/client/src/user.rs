//! Users.

use http::Method;
use mc_api::{
    list::List,
    user::{User, UserCreate, UserSetRole, UserUpdate},
};
use mc_domain::id::UserId;

use crate::{Client, Result};

impl Client {
    /// All users.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn user_list(&self) -> Result<List<User>> {
        self.fetch(self.call(Method::GET, &["admin", "users"])).await
    }

    /// Makes a user.
    ///
    /// # Errors
    /// See [`Error`](crate::Error); `conflict` when the name is taken.
    pub async fn user_create(&self, request: &UserCreate) -> Result<User> {
        self.fetch(self.call(Method::POST, &["admin", "users"]).json(request)?).await
    }

    /// Gives a user another role.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn user_set_role(&self, id: UserId, request: &UserSetRole) -> Result<User> {
        self.fetch(self.call(Method::PUT, &["admin", "users", &id.to_string(), "roles"]).json(request)?).await
    }

    /// Disables or enables a user, or sets the password.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn user_update(&self, id: UserId, request: &UserUpdate) -> Result<User> {
        self.fetch(self.call(Method::PATCH, &["admin", "users", &id.to_string()]).json(request)?).await
    }
}
