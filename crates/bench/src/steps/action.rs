//! Round trips of an action: from the request until its caller can read the result. The simulated agents answer at once, so that what is
//! measured is Mission Control's own part.

use std::{sync::Arc, time::Duration};

use anyhow::ensure;
use futures::{StreamExt, TryStreamExt};
use mc_api::command::ActionRequest;
use mc_client::Client;
use mc_domain::command::{CommandAction, CommandState};
use tokio::time::Instant;

use crate::{agent::Face, run::Bench, stats::Latencies};

const P50_MS: f64 = 3.0;
const P99_MS: f64 = 25.0;
/// Callers at once.
const PARALLEL: usize = 32;
/// How long one may take, in seconds.
const DONE_WITHIN_SECONDS: u32 = 20;

/// One after the other, then many at once.
pub(super) async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let mut times = Latencies::default();
    check(&bench.client, bench.fleet.any()?).await?;
    for _ in 0..bench.size.samples {
        times.add(check(&bench.client, bench.fleet.any()?).await?);
    }
    let count = bench.size.agents;
    bench.figure(format!("action round trip at {count} agents, one after the other: p50"), times.percentile_ms(50), "ms", Some(P50_MS));
    bench.figure(format!("action round trip at {count} agents, one after the other: p99"), times.percentile_ms(99), "ms", Some(P99_MS));

    let agents = (0..bench.size.samples * 4).map(|_| bench.fleet.any().cloned()).collect::<anyhow::Result<Vec<_>>>()?;
    let total = agents.len();
    let began = Instant::now();
    let times: Latencies = futures::stream::iter(agents)
        .map(|agent: Arc<Face>| {
            let client = bench.client.clone();
            async move { check(&client, &agent).await }
        })
        .buffer_unordered(PARALLEL)
        .try_collect::<Vec<_>>()
        .await?
        .into_iter()
        .collect();
    ensure!(times.len() == total, "some actions have no result");
    let rate = total as f64 / began.elapsed().as_secs_f64();
    bench.figure(format!("action round trip, {PARALLEL} callers at once: p50"), times.percentile_ms(50), "ms", None);
    bench.figure(format!("action round trip, {PARALLEL} callers at once: p99"), times.percentile_ms(99), "ms", None);
    bench.figure(format!("actions done by {PARALLEL} callers"), rate, "1/s", None);
    Ok(())
}

/// Asks an agent to check, and waits until the result can be read.
async fn check(client: &Client, agent: &Face) -> anyhow::Result<Duration> {
    let request = ActionRequest { action: CommandAction::Check, reason: String::new(), timeout_seconds: None };
    let began = Instant::now();
    let accepted = client.agent_act(&agent.name, &request).await?;
    let command = client.command_wait(accepted.command_id, DONE_WITHIN_SECONDS).await?;
    ensure!(command.state == CommandState::Done, "check of {} is {}: {}", agent.name, command.state.as_str(), command.result);
    Ok(began.elapsed())
}
