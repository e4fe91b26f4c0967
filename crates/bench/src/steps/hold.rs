//! What it costs the server to hold all agents: memory, and CPU at their heartbeats.

use std::time::Duration;

use anyhow::ensure;
use tokio::time::sleep;

use crate::run::Bench;

/// The server may use this much memory in all, in MB, and for each agent, in KB.
const MEMORY_MB: f64 = 600.0;
const MEMORY_AGENT_KB: f64 = 50.0;
/// And this much of a core.
const CPU_PERCENT: f64 = 25.0;

/// Memory and CPU with heartbeats alone.
pub(super) async fn hold(bench: &mut Bench) -> anyhow::Result<()> {
    let (count, during) = (bench.size.agents, bench.size.hold);
    // What linking left to be done is not what holding costs.
    sleep(during.min(Duration::from_secs(15))).await;
    let central = bench.watch_central()?;
    let cpu = central.cpu_percent(during).await?;
    let resident = central.resident_bytes()?;
    ensure!(bench.fleet.linked() == count, "{} of {count} agents are linked after holding", bench.fleet.linked());
    bench.figure(format!("server: memory with {count} agents linked"), resident / 1e6, "MB", Some(MEMORY_MB));
    let each = (resident - bench.resident_empty).max(0.0) / count as f64 / 1e3;
    bench.figure("server: memory for each agent", each, "KB", Some(MEMORY_AGENT_KB));
    bench.figure(format!("server: CPU with {count} agents, heartbeats every 30 s"), cpu, "% of a core", Some(CPU_PERCENT));
    Ok(())
}

/// CPU while all report their machine's figures too, as real agents do.
pub(super) async fn metrics(bench: &mut Bench) -> anyhow::Result<()> {
    let (count, during) = (bench.size.agents, bench.size.hold);
    bench.fleet.set(|mood| mood.metrics = true);
    // One round, so that every agent is in its rhythm.
    sleep(Duration::from_secs(16)).await;
    let central = bench.watch_central()?;
    let cpu = central.cpu_percent(during).await?;
    let resident = central.resident_bytes()?;
    bench.fleet.set(|mood| mood.metrics = false);
    bench.figure(format!("server: CPU with {count} agents that also report metrics every 15 s"), cpu, "% of a core", None);
    bench.figure(format!("server: memory with {count} agents that also report metrics"), resident / 1e6, "MB", Some(MEMORY_MB));
    Ok(())
}
