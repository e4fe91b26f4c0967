//! Requests for access.

use http::Method;
use mc_api::{
    access_request::{AccessRequest, AccessRequestApprove, AccessRequestCreate, AccessRequestDeny},
    list::List,
};
use mc_domain::{access_request::AccessState, id::AccessRequestId};

use crate::{Client, Result};

impl Client {
    /// One's own requests and those one may decide, newest first; `cursor` is where the page before ended.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn access_request_list(
        &self,
        state: Option<AccessState>,
        mine: bool,
        limit: u32,
        cursor: Option<String>,
    ) -> Result<List<AccessRequest>> {
        let query = vec![
            ("state", state.map(|state| state.as_str().to_owned())),
            ("mine", mine.then(|| "true".to_owned())),
            ("limit", Some(limit.to_string())),
            ("cursor", cursor),
        ];
        self.fetch(self.call(Method::GET, &["access-requests"]).query(query)).await
    }

    /// One request.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn access_request_show(&self, id: AccessRequestId) -> Result<AccessRequest> {
        self.fetch(self.call(Method::GET, &["access-requests", &id.to_string()])).await
    }

    /// Asks for access.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn access_request_create(&self, wish: &AccessRequestCreate) -> Result<AccessRequest> {
        self.fetch(self.call(Method::POST, &["access-requests"]).json(wish)?).await
    }

    /// Grants a request.
    ///
    /// # Errors
    /// See [`Error`](crate::Error); `conflict` when it was decided already.
    pub async fn access_request_approve(&self, id: AccessRequestId, said: &AccessRequestApprove) -> Result<AccessRequest> {
        self.fetch(self.call(Method::POST, &["access-requests", &id.to_string(), "approve"]).json(said)?).await
    }

    /// Refuses a request.
    ///
    /// # Errors
    /// See [`Error`](crate::Error); `conflict` when it was decided already.
    pub async fn access_request_deny(&self, id: AccessRequestId, said: &AccessRequestDeny) -> Result<AccessRequest> {
        self.fetch(self.call(Method::POST, &["access-requests", &id.to_string(), "deny"]).json(said)?).await
    }

    /// Takes back one's own request.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn access_request_cancel(&self, id: AccessRequestId) -> Result<AccessRequest> {
        self.fetch(self.call(Method::POST, &["access-requests", &id.to_string(), "cancel"])).await
    }

    /// Ends granted access early.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn access_request_end(&self, id: AccessRequestId) -> Result<AccessRequest> {
        self.fetch(self.call(Method::POST, &["access-requests", &id.to_string(), "end"])).await
    }
}
