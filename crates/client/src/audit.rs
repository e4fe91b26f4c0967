//! The audit trail: read a page, or export all that matches.

use http::Method;
use mc_api::{
    audit::{AuditEntry, AuditKey, Checkpoint, Verification},
    list::List,
};
use mc_domain::time::Time;

use crate::{Client, Download, Result};

/// Which entries.
#[derive(Debug, Clone, Default)]
pub struct AuditQuery {
    /// Part of any text of the entry.
    pub q: Option<String>,
    /// Who.
    pub actor: Option<String>,
    /// What was done.
    pub action: Option<String>,
    /// `started`, `ok`, `failed` or `denied`.
    pub result: Option<String>,
    /// On which agent.
    pub agent: Option<String>,
    /// Not before.
    pub from: Option<Time>,
    /// Not after.
    pub to: Option<Time>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Entries a page.
    pub limit: Option<u32>,
}

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditFormat {
    /// Comma-separated values with a header.
    Csv,
    /// One JSON object a line.
    Ndjson,
    /// The same with everything that proves it.
    Proof,
    /// One JSON array.
    Json,
}

impl AuditFormat {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson | Self::Proof => "ndjson",
            Self::Json => "json-file",
        }
    }
}

impl AuditQuery {
    fn pairs(&self) -> Vec<(&'static str, Option<String>)> {
        let query = self.clone();
        vec![
            ("q", query.q),
            ("actor", query.actor),
            ("action", query.action),
            ("result", query.result),
            ("agent", query.agent),
            ("from", query.from.map(|time| time.to_string())),
            ("to", query.to.map(|time| time.to_string())),
            ("cursor", query.cursor),
            ("limit", query.limit.map(|limit| limit.to_string())),
        ]
    }
}

impl Client {
    /// One page of the trail, newest first.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn audit_list(&self, query: &AuditQuery) -> Result<List<AuditEntry>> {
        self.fetch(self.call(Method::GET, &["admin", "audit"]).query(query.pairs())).await
    }

    /// Everything that matches, as a file.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn audit_export(&self, query: &AuditQuery, format: AuditFormat) -> Result<Download> {
        let mut pairs = query.pairs();
        pairs.push(("format", Some(format.as_str().to_owned())));
        pairs.push(("with_proof", (format == AuditFormat::Proof).then(|| "true".to_owned())));
        let response = self.send(self.call(Method::GET, &["admin", "audit"]).query(pairs).streaming()).await?;
        Ok(Download::new(self.clone(), response))
    }

    /// Has the server check the whole trail. Takes as long as reading all of it.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn audit_verify(&self) -> Result<Verification> {
        let response = self.send(self.call(Method::GET, &["admin", "audit", "verify"]).streaming()).await?;
        self.json(response).await
    }

    /// Signed checkpoints, newest first.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn audit_checkpoints(&self, limit: Option<u32>, cursor: Option<String>) -> Result<List<Checkpoint>> {
        let pairs = vec![("limit", limit.map(|limit| limit.to_string())), ("cursor", cursor)];
        self.fetch(self.call(Method::GET, &["admin", "audit", "checkpoints"]).query(pairs)).await
    }

    /// The public key that checkpoints are checked with.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn audit_key(&self) -> Result<AuditKey> {
        self.fetch(self.call(Method::GET, &["admin", "audit", "key"])).await
    }
}
