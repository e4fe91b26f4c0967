//! The overview.

use http::Method;
use mc_api::overview::Overview;

use crate::{Client, Result};

impl Client {
    /// Everything the first view shows.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn overview_show(&self) -> Result<Overview> {
        self.fetch(self.call(Method::GET, &["overview"])).await
    }
}
