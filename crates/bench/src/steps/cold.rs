//! From start to ready with the database of all agents, while no agent knocks.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::{run::Bench, stats::Latencies};

const READY_MS: f64 = 300.0;

/// The median of some starts. Leaves the agents away: it is the last step that needs them.
pub(super) async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    bench.fleet.set(|mood| mood.up = false);
    let deadline = Instant::now() + Duration::from_secs(60);
    while bench.fleet.linked() > 0 && Instant::now() < deadline {
        sleep(Duration::from_millis(50)).await;
    }
    bench.counted(0, Duration::from_secs(60)).await;
    let mut times = Latencies::default();
    for _ in 0..bench.size.starts {
        bench.central.terminate().await?;
        times.add(bench.central.start().await?);
    }
    let count = bench.size.agents;
    bench.figure(format!("server: start to ready with {count} agents in the database"), times.percentile_ms(50), "ms", Some(READY_MS));
    Ok(())
}
