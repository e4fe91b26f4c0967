//! All agents back after the server ended: told to end, and killed.

use std::time::Duration;

use anyhow::ensure;
use tokio::time::{Instant, sleep};

use crate::{backoff::STEADY, out::progress, run::Bench};

const BACK_SECONDS: f64 = 60.0;
/// A storm would be more tries than this by one agent: real agents make some twenty in the first minute at most.
const TRIES: f64 = 20.0;
/// When waiting is given up.
const GIVE_UP: Duration = Duration::from_secs(300);

/// How the server ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Told,
    Killed,
}

/// Both ways.
pub(super) async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    once(bench, End::Told, "restart").await?;
    once(bench, End::Killed, "kill -9").await
}

async fn once(bench: &mut Bench, end: End, word: &str) -> anyhow::Result<()> {
    let count = bench.size.agents;
    progress("  a minute in which the links become steady");
    sleep(STEADY + Duration::from_secs(1)).await;
    let (tries, refusals) = (bench.fleet.tries(), bench.fleet.refusals());
    let began = Instant::now();
    match end {
        End::Told => bench.central.terminate().await?,
        End::Killed => bench.central.kill().await?,
    }
    let away = began.elapsed();
    bench.central.start().await?;
    let counted = bench.counted(count, GIVE_UP).await;
    let took = began.elapsed().as_secs_f64();
    let most = bench.fleet.tries().iter().zip(&tries).map(|(now, before)| now - before).max().unwrap_or(0);
    let all: u32 = bench.fleet.tries().iter().zip(&tries).map(|(now, before)| now - before).sum();
    let status = bench.client.status_show().await?;
    let known = status.fleet.total.min(counted);
    bench.figure(format!("all {count} agents back after {word}"), took, "s", Some(BACK_SECONDS));
    bench.figure(format!("agents lost after {word}"), (count as u64).saturating_sub(known) as f64, "", Some(0.0));
    bench.figure(format!("most tries of one agent after {word}"), f64::from(most), "", Some(TRIES));
    bench.figure(format!("tries of an agent on average after {word}"), f64::from(all) / count as f64, "", None);
    if end == End::Told {
        bench.figure("server: ends after SIGTERM", away.as_secs_f64(), "s", None);
    }
    let refused = bench.fleet.refusals() - refusals;
    ensure!(refused == 0, "{refused} returning agents were refused after {word}: {}", bench.fleet.first_refusal());
    bench.fleet.all_linked(GIVE_UP).await
}
