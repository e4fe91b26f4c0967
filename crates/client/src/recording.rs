//! Recorded sessions.

use http::Method;
use mc_api::{list::List, recording::Recording};
use mc_domain::id::RecordingId;

use crate::{Client, Download, Result};

/// Which recordings.
#[derive(Debug, Clone, Default)]
pub struct RecordingQuery {
    /// Only of this cluster.
    pub cluster: Option<String>,
    /// Only of this user, by name.
    pub user: Option<String>,
    /// How many.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

impl Client {
    /// Recorded sessions that one may see, newest first.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn recording_list(&self, query: RecordingQuery) -> Result<List<Recording>> {
        let query = vec![
            ("cluster", query.cluster),
            ("user", query.user),
            ("limit", query.limit.map(|limit| limit.to_string())),
            ("cursor", query.cursor),
        ];
        self.fetch(self.call(Method::GET, &["recordings"]).query(query)).await
    }

    /// One recorded session.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn recording_show(&self, id: RecordingId) -> Result<Recording> {
        self.fetch(self.call(Method::GET, &["recordings", &id.to_string()])).await
    }

    /// The text of a recorded session: asciicast, version 2. With `follow` it goes on while the session does.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn recording_cast(&self, id: RecordingId, follow: bool) -> Result<Download> {
        let call = self.call(Method::GET, &["recordings", &id.to_string(), "cast"]);
        let response = self.send(call.query(vec![("follow", follow.then(|| "true".to_owned()))]).streaming()).await?;
        Ok(Download::new(self.clone(), response))
    }
}
