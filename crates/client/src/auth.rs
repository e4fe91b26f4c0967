//! Logging in and out, and the first set-up.

use http::{Method, StatusCode};
use mc_api::auth::{LoginAnswer, LoginRequest, Me, SetupRequest, SetupStatus};

use crate::{Client, Error, Result};

impl Client {
    /// Whether the server still waits for its first user. Needs no login.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn setup_status(&self) -> Result<SetupStatus> {
        let response = self.send_public(self.call(Method::GET, &["setup"])).await?;
        self.json(response).await
    }

    /// Makes the first admin and logs in as that user.
    ///
    /// # Errors
    /// See [`Error`](crate::Error); codes `setup_token_wrong`, `setup_done`.
    pub async fn setup_complete(&self, request: &SetupRequest) -> Result<LoginAnswer> {
        let response = self.send_public(self.call(Method::POST, &["setup"]).json(request)?).await?;
        self.logged_in(response).await
    }

    /// Logs in and keeps the session.
    ///
    /// # Errors
    /// See [`Error`](crate::Error); codes `login_failed`, `rate_limited`. [`Error::SecondFactor`](crate::Error::SecondFactor) when more than
    /// the password is asked for: go on with [`Client::second_factor_answer`].
    pub async fn auth_login(&self, request: &LoginRequest) -> Result<LoginAnswer> {
        let response = self.send_public(self.call(Method::POST, &["auth", "login"]).json(request)?).await?;
        if response.status() == StatusCode::ACCEPTED {
            return Err(Error::SecondFactor(self.json(response).await?));
        }
        self.logged_in(response).await
    }

    /// Ends the session. It is forgotten here even when the server cannot be told.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn auth_logout(&self) -> Result<()> {
        self.logged_out(self.call(Method::POST, &["auth", "logout"])).await
    }

    /// Who is logged in.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn me_show(&self) -> Result<Me> {
        self.fetch(self.call(Method::GET, &["auth", "me"])).await
    }
}
