//! Metrics: samples, the coarser steps made of them, and what is read from which.

use mc_domain::{
    id::AgentId,
    metric::{Metric, Point, Sample},
};
use mc_store::{Pruned, Store, TelemetryBatch};
use uuid::Uuid;

use crate::support::{TestStore, at, secs};

on_both_engines!(samples, roll_up, late_samples, rows_go_in_time, silence, wild_clocks, recent_cpu, many_agents);

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;

/// Stores one sample of CPU and memory for each moment.
async fn measure(store: &Store, agent: AgentId, cpu: impl IntoIterator<Item = (i64, f64)>) {
    let samples: Vec<_> = cpu
        .into_iter()
        .map(|(second, value)| Sample { at: at(second), values: vec![(Metric::CPU, value), (Metric::MEMORY_TOTAL, 8e9)] })
        .collect();
    let batch = TelemetryBatch { agent_id: agent, spool_id: Uuid::now_v7(), batch: 1, lines: Vec::new(), samples };
    store.telemetry_append(&[batch]).await.unwrap();
}

/// CPU points as (second, minimum, average, maximum).
async fn cpu(store: &Store, agent: AgentId, from: i64, to: i64, step: u64) -> Vec<(i64, f64, f64, f64)> {
    let series = store.metric_series(agent, &[Metric::CPU], at(from), at(to), secs(step)).await.unwrap();
    let second = |point: &Point| (point.at.as_micros() - at(0).as_micros()) / 1_000_000;
    series[0].points.iter().map(|point| (second(point), point.min, point.avg, point.max)).collect()
}

/// Every 15 seconds from `from` to `to`: 10, 20, 30, 40, again and again.
fn saw(from: i64, to: i64) -> impl Iterator<Item = (i64, f64)> {
    (from..to).step_by(15).map(|second| (second, [10.0, 20.0, 30.0, 40.0][usize::try_from(second / 15 % 4).unwrap()]))
}

async fn samples(store: &TestStore) {
    let web = AgentId::new();
    measure(store, web, saw(0, 120)).await;
    assert_eq!(
        cpu(store, web, 0, 60, 15).await,
        [(0, 10.0, 10.0, 10.0), (15, 20.0, 20.0, 20.0), (30, 30.0, 30.0, 30.0), (45, 40.0, 40.0, 40.0)]
    );
    assert_eq!(cpu(store, web, 0, 120, 60).await, [(0, 10.0, 25.0, 40.0), (60, 10.0, 25.0, 40.0)]);
    assert_eq!(cpu(store, web, 15, 46, 60).await, [(0, 20.0, 30.0, 40.0)], "only samples of the span count");
    measure(store, web, [(0, 12.3), (7, f64::NAN)]).await;
    assert_eq!(cpu(store, web, 0, 15, 1).await, [(0, 12.3, 12.3, 12.3)], "the later value stays; what is no number does not");
    let both = store.metric_series(web, &[Metric::MEMORY_TOTAL, Metric(9)], at(0), at(120), secs(60)).await.unwrap();
    assert_eq!((both[0].metric, both[0].points.len()), (Metric::MEMORY_TOTAL, 2));
    assert_eq!((both[1].metric, both[1].points.len()), (Metric(9), 0));
    assert_eq!(cpu(store, AgentId::new(), 0, 120, 60).await, []);
    assert_eq!(cpu(store, web, 120, 0, 60).await, [], "a span that ends before it begins");
}

async fn roll_up(store: &TestStore) {
    let web = AgentId::new();
    measure(store, web, saw(0, HOUR + 7 * MINUTE)).await;
    let now = at(HOUR + 8 * MINUTE);
    let before = [cpu(store, web, 0, 2 * HOUR, 60).await, cpu(store, web, 0, 2 * HOUR, 900).await];
    assert_eq!(before[0].len(), 67);
    for _ in 0..2 {
        store.telemetry_roll_up(now).await.unwrap();
        assert_eq!(cpu(store, web, 0, 2 * HOUR, 60).await, before[0]);
        assert_eq!(cpu(store, web, 0, 2 * HOUR, 900).await, before[1], "rolled-up rows and samples say the same");
        assert_eq!(cpu(store, web, 0, 2 * HOUR, 15).await.len(), 268, "a fine step still gets samples");
    }
    // Six hours later the samples are gone; the steps made of them stay.
    store.telemetry_roll_up(at(8 * HOUR)).await.unwrap();
    assert_eq!(store.telemetry_prune(at(8 * HOUR)).await, Ok(Pruned { metrics: 268, ..Pruned::default() }));
    assert_eq!(cpu(store, web, 0, 2 * HOUR, 60).await, before[0]);
    assert_eq!(cpu(store, web, 0, 2 * HOUR, 900).await, before[1]);
    assert_eq!(cpu(store, web, 0, 2 * HOUR, 15).await, before[0], "the finest there is");
    // Two days later only the 15-minute rows are left.
    assert_eq!(store.telemetry_prune(at(50 * HOUR)).await, Ok(Pruned { metrics: 67, ..Pruned::default() }));
    assert_eq!(cpu(store, web, 0, 2 * HOUR, 60).await, before[1]);
    assert_eq!(cpu(store, web, 0, 2 * HOUR, 900).await, before[1]);
    assert_eq!(store.telemetry_prune(at(8 * 24 * HOUR)).await, Ok(Pruned { metrics: 5, ..Pruned::default() }));
    assert_eq!(cpu(store, web, 0, 2 * HOUR, 900).await, []);
}

async fn late_samples(store: &TestStore) {
    let web = AgentId::new();
    measure(store, web, saw(0, 30 * MINUTE)).await;
    store.telemetry_roll_up(at(HOUR)).await.unwrap();
    measure(store, web, [(MINUTE + 1, 99.0)]).await;
    store.telemetry_roll_up(at(HOUR)).await.unwrap();
    store.telemetry_prune(at(9 * HOUR)).await.unwrap();
    let minutes = cpu(store, web, 0, 3 * MINUTE, 60).await;
    assert_eq!(minutes, [(0, 10.0, 25.0, 40.0), (60, 10.0, 39.8, 99.0), (120, 10.0, 25.0, 40.0)]);
    let quarters = cpu(store, web, 0, 30 * MINUTE, 900).await;
    assert_eq!((quarters[0].3, quarters[1]), (99.0, (900, 10.0, 25.0, 40.0)));
    // So late that the minute's samples are gone: what was made of all of them is worth more than one of them.
    measure(store, web, [(2 * MINUTE + 1, 1.0), (40 * MINUTE, 5.0)]).await;
    store.telemetry_roll_up(at(9 * HOUR)).await.unwrap();
    store.telemetry_prune(at(9 * HOUR)).await.unwrap();
    assert_eq!(cpu(store, web, 2 * MINUTE, 41 * MINUTE, 60).await.first(), Some(&(120, 10.0, 25.0, 40.0)));
    assert_eq!(cpu(store, web, 40 * MINUTE, 41 * MINUTE, 60).await, [(40 * MINUTE, 5.0, 5.0, 5.0)], "a minute nobody knew is new");
}

async fn rows_go_in_time(store: &TestStore) {
    let web = AgentId::new();
    measure(store, web, saw(0, HOUR)).await;
    // Nothing is rolled up yet, so nothing may go, however old.
    assert_eq!(store.telemetry_prune(at(20 * HOUR)).await, Ok(Pruned::default()));
    store.telemetry_roll_up(at(20 * HOUR)).await.unwrap();
    assert_eq!(store.telemetry_prune(at(20 * HOUR)).await, Ok(Pruned { metrics: 240, ..Pruned::default() }));
    assert_eq!(store.telemetry_prune(at(20 * HOUR)).await, Ok(Pruned::default()));
    assert_eq!(cpu(store, web, 0, HOUR, 60).await.len(), 60);
}

async fn silence(store: &TestStore) {
    let (web, month) = (AgentId::new(), 30 * 24 * HOUR);
    measure(store, web, saw(0, 7 * MINUTE)).await;
    store.telemetry_roll_up(at(8 * MINUTE)).await.unwrap();
    measure(store, web, saw(month, month + MINUTE)).await;
    store.telemetry_roll_up(at(month + HOUR)).await.unwrap();
    // Leaves nothing of the first quarter of an hour but its own row.
    store.telemetry_prune(at(50 * HOUR)).await.unwrap();
    assert_eq!(cpu(store, web, 0, HOUR, 60).await, [(0, 10.0, 25.0, 40.0)], "the quarter that the silence began in is made");
    assert_eq!(cpu(store, web, month, month + HOUR, 900).await, [(month, 10.0, 25.0, 40.0)]);
}

async fn wild_clocks(store: &TestStore) {
    let web = AgentId::new();
    let (past, future) = (-at(0).as_micros() / 1_000_000, 50 * 365 * 24 * HOUR);
    measure(store, web, [(past, 1.0), (0, 2.0), (future, 3.0)]).await;
    // Passing over 56 years minute by minute would not end within the test's time.
    store.telemetry_roll_up(at(HOUR)).await.unwrap();
    store.telemetry_prune(at(7 * HOUR)).await.unwrap();
    assert_eq!(cpu(store, web, 0, HOUR, 60).await, [(0, 2.0, 2.0, 2.0)]);
    assert_eq!(cpu(store, web, future, future + 1, 1).await, [], "a sample from the far future is dropped");
}

async fn recent_cpu(store: &TestStore) {
    let (web, api) = (AgentId::new(), AgentId::new());
    measure(store, web, saw(0, 20 * MINUTE)).await;
    measure(store, api, [(10 * MINUTE, 80.0)]).await;
    let expected =
        [(web, 5, 25.0), (web, 10, 25.0), (web, 15, 25.0), (api, 10, 80.0)].map(|(id, minute, cpu)| (id, at(minute * MINUTE), cpu));
    assert_eq!(store.metric_recent_cpu(at(5 * MINUTE)).await, Ok(expected.to_vec()), "from samples");
    store.telemetry_roll_up(at(18 * MINUTE)).await.unwrap();
    assert_eq!(store.metric_recent_cpu(at(5 * MINUTE)).await, Ok(expected.to_vec()), "from minutes, and samples for the newest");
}

async fn many_agents(store: &TestStore) {
    let agents: Vec<_> = (0..150).map(|_| AgentId::new()).collect();
    let batches: Vec<_> = agents
        .iter()
        .map(|agent| {
            let samples = saw(0, 3 * MINUTE).map(|(second, value)| Sample { at: at(second), values: vec![(Metric::CPU, value)] }).collect();
            TelemetryBatch { agent_id: *agent, spool_id: Uuid::now_v7(), batch: 1, lines: Vec::new(), samples }
        })
        .collect();
    store.telemetry_append(&batches).await.unwrap();
    store.telemetry_roll_up(at(HOUR)).await.unwrap();
    store.telemetry_prune(at(8 * HOUR)).await.unwrap();
    for agent in agents {
        let minutes = cpu(store, agent, 0, HOUR, 60).await;
        assert_eq!(minutes, [(0, 10.0, 25.0, 40.0), (60, 10.0, 25.0, 40.0), (120, 10.0, 25.0, 40.0)]);
    }
}
