//! Metrics of agents.

use http::Method;
use mc_api::metric::Metrics;
use mc_domain::time::Time;

use crate::{Client, Result};

/// Which metrics, of which span.
#[derive(Debug, Clone, Default)]
pub struct MetricQuery {
    /// Names; all when empty.
    pub names: Vec<String>,
    /// The span's beginning; an hour ago when absent.
    pub from: Option<Time>,
    /// The span's end; now when absent.
    pub to: Option<Time>,
    /// Seconds between points; chosen by the server when absent.
    pub step: Option<u64>,
}

impl Client {
    /// Metrics of one agent, by its id or name.
    ///
    /// # Errors
    /// See [`Error`](crate::Error).
    pub async fn agent_metrics(&self, agent: &str, query: &MetricQuery) -> Result<Metrics> {
        self.fetch(self.call(Method::GET, &["agents", agent, "metrics"]).query(vec![
            ("names", (!query.names.is_empty()).then(|| query.names.join(","))),
            ("from", query.from.map(|time| time.to_string())),
            ("to", query.to.map(|time| time.to_string())),
            ("step", query.step.map(|step| step.to_string())),
        ]))
        .await
    }
}
