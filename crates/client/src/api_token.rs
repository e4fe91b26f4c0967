//! API tokens.

use http::Method;
use mc_api::{
    list::List,
    token::{Token, TokenCreate, TokenRotate, TokenSecret},
};
use mc_domain::id::TokenId;

use crate::{Client, Result};

impl Client {
    /// One's own tokens, or everybody's; never their secrets.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn token_list(&self, all: bool) -> Result<List<Token>> {
        let call = self.call(Method::GET, &["tokens"]).query(vec![("all", all.then(|| "true".to_owned()))]);
        self.fetch(call).await
    }

    /// Makes a token; its secret is in the answer and nowhere else.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn token_create(&self, request: &TokenCreate) -> Result<TokenSecret> {
        self.fetch(self.call(Method::POST, &["tokens"]).json(request)?).await
    }

    /// One token, with the addresses it was used from.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn token_show(&self, id: TokenId) -> Result<Token> {
        self.fetch(self.call(Method::GET, &["tokens", &id.to_string()])).await
    }

    /// Gives a token a new secret; the old one works a while longer.
    ///
    /// # Errors
    /// See [`Error`](crate::Error); codes `not_yours`, `token_ended`, `denied`.
    pub async fn token_rotate(&self, id: TokenId, request: &TokenRotate) -> Result<TokenSecret> {
        self.fetch(self.call(Method::POST, &["tokens", &id.to_string(), "rotate"]).json(request)?).await
    }

    /// Revokes a token.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn token_revoke(&self, id: TokenId) -> Result<()> {
        self.done(self.call(Method::DELETE, &["tokens", &id.to_string()])).await
    }
}
