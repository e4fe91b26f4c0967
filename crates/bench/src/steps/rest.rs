//! A real `mc-agent` with nothing to do but its machine's figures.

use std::{process::Stdio, time::Duration};

use anyhow::{Context, ensure};
use mc_api::join_token::JoinTokenCreate;
use rustix::process::{Pid, Signal, kill_process};
use tokio::time::{Instant, sleep, timeout};

use crate::{
    central::{program, run_with_secret},
    process::Watched,
    run::Bench,
};

const NAME: &str = "bench-at-rest";
const MEMORY_MB: f64 = 15.0;
const CPU_PERCENT: f64 = 0.3;
const BINARY_MB: f64 = 15.0;
/// How long it may take to be linked.
const LINKED_WITHIN: Duration = Duration::from_secs(30);

/// Memory, CPU and size.
pub(super) async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let made = bench.client.join_token_create(&JoinTokenCreate::default()).await?;
    let (bin_dir, scratch) = (bench.central.bin_dir().to_owned(), bench.central.scratch().to_owned());
    let data_dir = scratch.join("agent");
    let mut join = program(&bin_dir, "mc-agent", &scratch)?;
    join.args(["join", "--server", &made.server, "--token-file", "-", "--ca-pin", &made.ca_pin, "--name", NAME, "--data-dir"])
        .arg(&data_dir);
    run_with_secret(join, &made.token).await.context("the agent could not join")?;

    let mut command = program(&bin_dir, "mc-agent", &scratch)?;
    command.args(["run", "--data-dir"]).arg(&data_dir).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().context("cannot start mc-agent")?;
    let began = Instant::now();
    while !bench.client.agent_show(NAME).await?.agent.connected {
        ensure!(began.elapsed() < LINKED_WITHIN, "mc-agent is not linked after {} s", LINKED_WITHIN.as_secs());
        sleep(Duration::from_millis(100)).await;
    }
    sleep(Duration::from_secs(5)).await;
    let pid = child.id().context("mc-agent ended by itself")?;
    let agent = Watched::new(pid, "mc-agent")?;
    let cpu = agent.cpu_percent(bench.size.hold).await?;
    let resident = agent.resident_bytes()?;
    bench.figure("mc-agent at rest: memory", resident / 1e6, "MB", Some(MEMORY_MB));
    bench.figure("mc-agent at rest: CPU", cpu, "% of a core", Some(CPU_PERCENT));
    let size = std::fs::metadata(bin_dir.join("mc-agent"))?.len();
    bench.figure("mc-agent: size of the program", size as f64 / 1e6, "MB", Some(BINARY_MB));
    let size = std::fs::metadata(bin_dir.join("mission-control"))?.len();
    bench.figure("mission-control: size of the program", size as f64 / 1e6, "MB", None);

    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        kill_process(pid, Signal::TERM)?;
    }
    timeout(Duration::from_secs(20), child.wait()).await.context("mc-agent did not end in time")??;
    bench.client.agent_remove(NAME, "the bench is done with it").await?;
    Ok(())
}
