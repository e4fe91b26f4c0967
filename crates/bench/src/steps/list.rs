//! The list of agents, filtered and sorted, as the page asks for it.

use anyhow::ensure;
use tokio::time::Instant;

use crate::{run::Bench, stats::Latencies};

/// What people ask for: everything, filters, searches, orders.
const QUERIES: [&str; 6] = [
    "sort=name",
    "sort=-cpu",
    "status=online&sort=-memory",
    "tag=env:prod&kind=command,systemd&sort=-cpu",
    "q=rack-17&sort=seen",
    "version=0.0.9&status=online,degraded&sort=-seen",
];
const P99_MS: f64 = 20.0;
const PAGE_KB: f64 = 100.0;

/// Latency and size of pages of 100.
pub(super) async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let mut wire = bench.central.wire(Some(bench.token.clone())).await?;
    let (mut times, mut largest) = (Latencies::default(), 0);
    for query in QUERIES {
        // The first answer of each is not timed: the connection is warm when a person works with the list.
        wire.get_ok(&format!("/api/v1/agents?{query}&limit=100"), true).await?;
    }
    for turn in 0..bench.size.samples * 2 {
        let query = QUERIES.get(turn % QUERIES.len()).copied().unwrap_or_default();
        let began = Instant::now();
        let body = wire.get_ok(&format!("/api/v1/agents?{query}&limit=100"), true).await?;
        times.add(began.elapsed());
        largest = largest.max(body.len());
    }
    let plain = wire.get_ok("/api/v1/agents?sort=-cpu&limit=100", false).await?;
    let page: mc_api::list::List<mc_api::agent::Agent> = serde_json::from_slice(&plain)?;
    ensure!(page.items.len() == 100.min(bench.size.agents), "a page holds {} agents", page.items.len());
    let count = bench.size.agents;
    ensure!(page.total >= count as u64, "the list counts {} agents", page.total);
    bench.figure(format!("agent list of {count}, filtered and sorted, page of 100: p50"), times.percentile_ms(50), "ms", None);
    bench.figure(format!("agent list of {count}, filtered and sorted, page of 100: p99"), times.percentile_ms(99), "ms", Some(P99_MS));
    bench.figure("agent list: largest page on the wire (gzip)", largest as f64 / 1e3, "KB", Some(PAGE_KB));
    Ok(())
}
