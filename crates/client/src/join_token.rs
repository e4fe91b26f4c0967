//! Join tokens.

use http::Method;
use mc_api::{
    join_token::{JoinToken, JoinTokenCreate, JoinTokenCreated},
    list::List,
};
use mc_domain::id::JoinTokenId;

use crate::{Client, Result};

impl Client {
    /// All join tokens, never their secrets.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn join_token_list(&self) -> Result<List<JoinToken>> {
        self.fetch(self.call(Method::GET, &["join-tokens"])).await
    }

    /// Makes a join token; its secret is in the answer and nowhere else.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn join_token_create(&self, request: &JoinTokenCreate) -> Result<JoinTokenCreated> {
        self.fetch(self.call(Method::POST, &["join-tokens"]).json(request)?).await
    }

    /// Revokes a join token; agents that joined with it stay.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn join_token_revoke(&self, id: JoinTokenId) -> Result<()> {
        self.done(self.call(Method::DELETE, &["join-tokens", &id.to_string()])).await
    }
}
