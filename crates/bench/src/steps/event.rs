//! From an agent's frame to an open page: a simulated agent reports another workload, and a WebSocket client waits for the event.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, bail};
use mc_api::event::EventFrame;
use mc_client::EventStream;
use serde::Deserialize;
use tokio::{
    sync::oneshot,
    time::{Instant, MissedTickBehavior, interval, sleep, timeout},
};

use crate::{
    agent::{Face, Order},
    run::Bench,
    stats::Latencies,
};

const P99_MS: f64 = 100.0;
/// Other agents that change every second in the second round.
const OTHERS: u32 = 200;
/// How long an event may take.
const SEEN_WITHIN: Duration = Duration::from_secs(10);

/// The part of an agent's row that is looked for.
#[derive(Deserialize)]
struct Row {
    id: String,
    workload_title: String,
}

/// In peace, then while others change too.
pub(super) async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let mut events = bench.client.event_follow(None).await?;
    let times = rounds(bench, &mut events).await?;
    let count = bench.size.agents;
    bench.figure(format!("agent frame to page at {count} agents: p50"), times.percentile_ms(50), "ms", None);
    bench.figure(format!("agent frame to page at {count} agents: p99"), times.percentile_ms(99), "ms", Some(P99_MS));

    let others = bench.fleet.agents.clone();
    let times = tokio::select! {
        times = rounds(bench, &mut events) => times?,
        failed = stir(&others) => bail!("the other agents did not keep up: {failed:#}"),
    };
    bench.figure(format!("agent frame to page while {OTHERS} others change a second: p50"), times.percentile_ms(50), "ms", None);
    bench.figure(format!("agent frame to page while {OTHERS} others change a second: p99"), times.percentile_ms(99), "ms", Some(P99_MS));
    Ok(())
}

async fn rounds(bench: &Bench, events: &mut EventStream) -> anyhow::Result<Latencies> {
    let mut times = Latencies::default();
    for turn in 0..bench.size.samples {
        let agent = bench.fleet.any()?;
        let title = format!("release {turn} of {}", uuid::Uuid::new_v4());
        let (handed, sent) = oneshot::channel();
        agent.ask(Order::Report(title.clone(), handed))?;
        let sent = timeout(SEEN_WITHIN, sent).await.context("the agent did not send")?.context("the agent lost its link")?;
        timeout(SEEN_WITHIN, seen(events, agent, &title)).await.context("no event came")??;
        times.add(sent.elapsed());
        // Another phase each time, so that nothing that happens at an interval is hit or missed always.
        sleep(Duration::from_millis(rand::random_range(0..40))).await;
    }
    Ok(times)
}

async fn seen(events: &mut EventStream, agent: &Face, title: &str) -> anyhow::Result<()> {
    loop {
        match events.next().await?.context("the server ended the events")? {
            EventFrame::Hello { .. } => {}
            EventFrame::Events { events, .. } => {
                // Cheap first: only the row that is looked for is parsed.
                let found = events.iter().filter(|event| event.data.get().contains(title));
                for event in found {
                    let row: Row = serde_json::from_str(event.data.get())?;
                    if row.id == agent.id && row.workload_title == title {
                        return Ok(());
                    }
                }
            }
        }
    }
}

/// Lets agents change, one after the other, until it fails.
async fn stir(agents: &[Arc<Face>]) -> anyhow::Error {
    let mut tick = interval(Duration::from_secs(1) / OTHERS);
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let began = Instant::now();
    for (turn, agent) in agents.iter().cycle().enumerate() {
        tick.tick().await;
        let (handed, _) = oneshot::channel();
        if let Err(error) = agent.ask(Order::Report(format!("turn {turn} at {:?}", began.elapsed()), handed)) {
            return error;
        }
    }
    anyhow::anyhow!("there are no agents")
}
