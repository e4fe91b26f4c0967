//! The server's own state.

use http::Method;
use mc_api::status::{Health, Status};

use crate::{Client, Result};

impl Client {
    /// Whether the server is ready. Needs no login.
    ///
    /// # Errors
    /// See [`Error`](crate::Error); class `Unreachable` while it is not ready.
    pub async fn health(&self) -> Result<Health> {
        let response = self.send_public(self.root_call("/health")).await?;
        self.json(response).await
    }

    /// Version, database and fleet.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn status_show(&self) -> Result<Status> {
        self.fetch(self.call(Method::GET, &["status"])).await
    }
}
