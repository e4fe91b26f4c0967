//! How the cluster is: its API server's version, its nodes, and whether what should run does. Looked at as the agent itself, as far as it may.

use std::time::Duration;

use mc_domain::cluster::{ClusterReport, Ready};
use mc_kube::client::ApiServer;
use serde::Deserialize;
use serde_json::Value;
use tokio::{sync::watch, time::MissedTickBehavior};

use super::kubernetes::Kubernetes;

/// How often the cluster is looked at.
const EVERY: Duration = Duration::from_secs(30);
/// How long one look may take.
const LOOK_WITHIN: Duration = Duration::from_secs(20);
/// The largest answer that is read, in bytes: a page of a table has some hundred for each row.
const ANSWER_MAX: usize = 4 << 20;
/// Pages of 500 rows that are read of one table.
const PAGES_MAX: usize = 40;
/// Tables: of each object only the row that people see.
const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io";
/// What should run, by its plural name and where it is.
const WORKLOADS: [(&str, &str); 3] = [
    ("deployments", "/apis/apps/v1/deployments"),
    ("statefulsets", "/apis/apps/v1/statefulsets"),
    ("daemonsets", "/apis/apps/v1/daemonsets"),
];

/// Looks at the cluster for as long as somebody listens.
pub(crate) async fn look(kubernetes: Kubernetes, report: watch::Sender<ClusterReport>) {
    let mut every = tokio::time::interval(EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = every.tick() => {}
            () = report.closed() => return,
        }
        let seen = tokio::time::timeout(LOOK_WITHIN, once(&kubernetes)).await;
        let seen = seen.unwrap_or_else(|_| Err(format!("the API server does not answer within {} s", LOOK_WITHIN.as_secs())));
        report.send_if_modified(|known| {
            let now = match seen {
                Ok(now) => now,
                // What was known stays known: only that it cannot be reached is new.
                Err(trouble) => ClusterReport { trouble, ..known.clone() },
            };
            let changed = *known != now;
            *known = now;
            changed
        });
    }
}

async fn once(kubernetes: &Kubernetes) -> Result<ClusterReport, String> {
    let server = kubernetes.server().await.map_err(|failure| failure.message)?;
    let version = server.read("/version", "application/json", ANSWER_MAX).await.map_err(|error| error.to_string())?;
    let version: Version = serde_json::from_slice(&version).map_err(|_| "the API server does not say which version it is".to_owned())?;
    // What the agent's own account may not look at is left out.
    let nodes = count(server, "/api/v1/nodes", node).await.ok();
    let mut workloads = Vec::new();
    for (kind, target) in WORKLOADS {
        if let Ok(ready) = count(server, target, workload).await {
            workloads.push((kind.to_owned(), ready));
        }
    }
    Ok(ClusterReport { version: version.git_version, trouble: String::new(), nodes, workloads })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Version {
    git_version: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Table {
    #[serde(default)]
    metadata: Metadata,
    #[serde(default)]
    column_definitions: Vec<Column>,
    #[serde(default)]
    rows: Vec<Row>,
}

#[derive(Deserialize, Default)]
struct Metadata {
    #[serde(default, rename = "continue")]
    next: String,
}

#[derive(Deserialize)]
struct Column {
    name: String,
}

#[derive(Deserialize)]
struct Row {
    #[serde(default)]
    cells: Vec<Value>,
}

/// A row's cells by the names of their columns.
struct Cells<'a> {
    columns: &'a [Column],
    row: &'a Row,
}

impl Cells<'_> {
    fn get(&self, name: &str) -> Option<&Value> {
        self.columns.iter().position(|column| column.name == name).and_then(|place| self.row.cells.get(place))
    }
}

/// Counts the rows of a table, and those that `is_ready`.
async fn count(server: &ApiServer, target: &str, is_ready: fn(&Cells<'_>) -> bool) -> Result<Ready, String> {
    let mut sum = Ready::default();
    let mut next = String::new();
    for _ in 0..PAGES_MAX {
        let next_page = if next.is_empty() { String::new() } else { format!("&continue={next}") };
        let page = server.read(&format!("{target}?limit=500&includeObject=None{next_page}"), TABLE, ANSWER_MAX).await;
        let table: Table = serde_json::from_slice(&page.map_err(|error| error.to_string())?).map_err(|error| error.to_string())?;
        let ready = table.rows.iter().filter(|row| is_ready(&Cells { columns: &table.column_definitions, row })).count();
        sum.all = sum.all.saturating_add(u32::try_from(table.rows.len()).unwrap_or(u32::MAX));
        sum.ready = sum.ready.saturating_add(u32::try_from(ready).unwrap_or(u32::MAX));
        if table.metadata.next.is_empty() {
            return Ok(sum);
        }
        // It goes into a query: whatever else stands in it is not the server's.
        next = table.metadata.next.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '=' | '.')).collect();
    }
    Err("there are too many to count".to_owned())
}

/// `Ready`, or `Ready,SchedulingDisabled`.
fn node(cells: &Cells<'_>) -> bool {
    cells.get("Status").and_then(Value::as_str).is_some_and(|status| status.split(',').any(|word| word == "Ready"))
}

/// `3/3` of a deployment or stateful set; as many ready as desired of a daemon set.
fn workload(cells: &Cells<'_>) -> bool {
    if let Some(desired) = cells.get("Desired").and_then(Value::as_u64) {
        return cells.get("Ready").and_then(Value::as_u64) == Some(desired);
    }
    let ready = cells.get("Ready").and_then(Value::as_str).and_then(|ready| ready.split_once('/'));
    ready.is_some_and(|(ready, desired)| ready == desired)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn counted(table: Value, is_ready: fn(&Cells<'_>) -> bool) -> Vec<bool> {
        let table: Table = serde_json::from_value(table).expect("a table");
        table.rows.iter().map(|row| is_ready(&Cells { columns: &table.column_definitions, row })).collect()
    }

    #[test]
    fn rows_say_what_is_ready() {
        let nodes = json!({
            "columnDefinitions": [{"name": "Name"}, {"name": "Status"}, {"name": "Age"}],
            "rows": [{"cells": ["a", "Ready", "1d"]}, {"cells": ["b", "NotReady", "1d"]}, {"cells": ["c", "Ready,SchedulingDisabled", "1d"]}, {"cells": ["d"]}],
        });
        assert_eq!(counted(nodes, node), [true, false, true, false]);
        let deployments =
            json!({"columnDefinitions": [{"name": "Name"}, {"name": "Ready"}], "rows": [{"cells": ["a", "2/2"]}, {"cells": ["b", "0/1"]}]});
        assert_eq!(counted(deployments, workload), [true, false]);
        let daemons = json!({
            "columnDefinitions": [{"name": "Name"}, {"name": "Desired"}, {"name": "Current"}, {"name": "Ready"}],
            "rows": [{"cells": ["a", 3, 3, 3]}, {"cells": ["b", 3, 3, 1]}],
        });
        assert_eq!(counted(daemons, workload), [true, false]);
    }
}
