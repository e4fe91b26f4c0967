//! Second factors: the second step of a login, what the caller has set up, and the admin's reset.

use http::Method;
use mc_api::{
    auth::LoginAnswer,
    second_factor::{MeSecondFactor, RecoveryCodes, SecondFactorAnswer, StepUp, StepUpAsked, TotpCode, TotpEnrolment},
};
use mc_domain::id::UserId;

use crate::{Client, Result};

impl Client {
    /// Answers the challenge of a login and keeps the session.
    ///
    /// # Errors
    /// See [`Error`](crate::Error); codes `second_factor_failed`, `challenge_ended`, `rate_limited`.
    pub async fn second_factor_answer(&self, request: &SecondFactorAnswer) -> Result<LoginAnswer> {
        let response = self.send_public(self.call(Method::POST, &["auth", "second-factor"]).json(request)?).await?;
        self.logged_in(response).await
    }

    /// What the caller has set up.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn me_second_factor(&self) -> Result<MeSecondFactor> {
        self.fetch(self.call(Method::GET, &["me", "second-factor"])).await
    }

    /// Begins to set up an authenticator app.
    ///
    /// # Errors
    /// See [`Error`](crate::Error); code `step_up_required`.
    pub async fn me_totp_begin(&self) -> Result<TotpEnrolment> {
        self.fetch(self.call(Method::POST, &["me", "totp"])).await
    }

    /// Puts the authenticator app in force with its first code.
    ///
    /// # Errors
    /// See [`Error`](crate::Error); codes `code_wrong`, `not_begun`.
    pub async fn me_totp_confirm(&self, request: &TotpCode) -> Result<RecoveryCodes> {
        self.fetch(self.call(Method::POST, &["me", "totp", "confirm"]).json(request)?).await
    }

    /// Removes the authenticator app.
    ///
    /// # Errors
    /// See [`Error`](crate::Error); codes `step_up_required`, `second_factor_required`.
    pub async fn me_totp_remove(&self) -> Result<()> {
        self.done(self.call(Method::DELETE, &["me", "totp"])).await
    }

    /// Asks how the caller can prove again who they are.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn me_step_up_begin(&self) -> Result<StepUpAsked> {
        self.fetch(self.call(Method::POST, &["auth", "step-up", "begin"])).await
    }

    /// Proves again who the caller is.
    ///
    /// # Errors
    /// See [`Error`](crate::Error); code `step_up_failed`.
    pub async fn me_step_up(&self, request: &StepUp) -> Result<()> {
        self.done(self.call(Method::POST, &["auth", "step-up"]).json(request)?).await
    }

    /// Takes away a user's second factors and ends their sessions.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn user_second_factor_reset(&self, id: UserId) -> Result<()> {
        self.done(self.call(Method::DELETE, &["admin", "users", &id.to_string(), "second-factor"])).await
    }
}
