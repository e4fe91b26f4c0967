//! Log lines taken in, and whether any that was acknowledged is lost when the server is killed meanwhile.

use std::{
    collections::HashSet,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use anyhow::{Context, ensure};
use mc_client::{Client, LogQuery, LogSource};
use tokio::time::{Instant, sleep};

use crate::{
    agent::{Face, Order},
    run::Bench,
    spool::{LINES, place},
};

/// Agents that pour lines at once.
const POURING: usize = 50;
/// How long what was poured may take to be stored at the end.
const STORED_WITHIN: Duration = Duration::from_secs(120);
/// How long agents may take to be back.
const BACK_WITHIN: Duration = Duration::from_secs(120);

/// The rate, then a kill while lines are poured, then the count.
pub(super) async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let agents: Vec<Arc<Face>> = bench.fleet.agents.iter().take(POURING).cloned().collect();
    let central = bench.watch_central()?;
    pour(&agents, true)?;
    // The first batches fill the queues.
    sleep(Duration::from_secs(1)).await;
    let (began, before) = (Instant::now(), stored(&agents));
    let cpu = central.cpu_percent(bench.size.flood).await?;
    let (took, lines) = (began.elapsed(), (stored(&agents) - before) * LINES);
    bench.figure("log lines taken in and durable", lines as f64 / took.as_secs_f64(), "lines/s", None);
    bench.figure("server: CPU while it takes them in", cpu, "% of a core", None);

    bench.central.kill().await?;
    bench.central.start().await?;
    bench.fleet.all_linked(BACK_WITHIN).await?;
    sleep(Duration::from_secs(2)).await;
    pour(&agents, false)?;
    let deadline = Instant::now() + STORED_WITHIN;
    while made(&agents) > stored(&agents) {
        ensure!(Instant::now() < deadline, "{} of {} batches are stored in time", stored(&agents), made(&agents));
        sleep(Duration::from_millis(50)).await;
    }
    let (mut lost, mut twice) = (0, 0);
    for agent in &agents {
        let expected = agent.log_batches.load(Ordering::Relaxed) * LINES;
        let (found, distinct) = count(&bench.client, agent).await?;
        lost += expected.saturating_sub(distinct);
        twice += found - distinct;
    }
    let lines = made(&agents) * LINES;
    bench.figure(format!("log lines lost of {lines}, server killed (-9) meanwhile"), lost as f64, "", Some(0.0));
    bench.figure("log lines stored twice", twice as f64, "", Some(0.0));
    Ok(())
}

fn pour(agents: &[Arc<Face>], on: bool) -> anyhow::Result<()> {
    agents.iter().try_for_each(|agent| agent.ask(Order::Pour(on)))
}

fn stored(agents: &[Arc<Face>]) -> u64 {
    agents.iter().map(|agent| agent.log_batches_stored.load(Ordering::Relaxed)).sum()
}

fn made(agents: &[Arc<Face>]) -> u64 {
    agents.iter().map(|agent| agent.log_batches.load(Ordering::Relaxed)).sum()
}

/// How many lines of ours central has of an agent, and how many different ones.
async fn count(client: &Client, agent: &Face) -> anyhow::Result<(u64, u64)> {
    let mut download = client.logs_download(&LogSource::Agent(agent.name.clone()), &LogQuery::default()).await?;
    let (mut rest, mut places, mut found) = (Vec::new(), HashSet::new(), 0);
    while let Some(piece) = download.next().await.with_context(|| format!("reading the log of {}", agent.name))? {
        rest.extend_from_slice(&piece);
        let whole = rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let lines: Vec<u8> = rest.drain(..whole).collect();
        for at in String::from_utf8_lossy(&lines).lines().filter_map(place) {
            found += 1;
            places.insert(at);
        }
    }
    Ok((found, places.len() as u64))
}
