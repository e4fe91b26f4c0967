//! Metrics: what agents measured, as series, and the server's own figures for Prometheus.

use mc_domain::{
    metric::METRICS,
    time::{Clock, SystemClock},
};
use mc_testkit::raw_agent::lines;
use mc_wire::v1;
use serde_json::{Value, json};

use crate::support::{Engine, World, eventually, on_both_engines};

on_both_engines!(samples_become_series);

async fn samples_become_series(engine: Engine) {
    const SAMPLES: i64 = 40;
    let mut world = World::start(engine).await;
    let agent = world.agent("a").await;
    let (mut link, _) = agent.connect().await.expect("it connects");
    let now = SystemClock.now().as_micros();
    let mut batch = lines(1, []);
    for n in 1..=SAMPLES {
        let value = f64::from(i32::try_from(n).expect("small"));
        let place = u32::try_from(METRICS.len()).expect("few");
        let sample = v1::Sample {
            at_micros: now - (SAMPLES - n) * 15_000_000,
            // One that a newer agent knows, and one that is no number.
            metrics: vec![0, 1, place, 3],
            values: vec![value, value * 1e6, 1.0, f64::NAN],
        };
        batch.samples.push(sample);
    }
    link.telemetry(batch.clone()).await.expect("it is stored");
    world.server.kill().await.expect("it dies");
    world.server.start_again().await.expect("it starts again");
    let path = "/api/v1/agents/a/metrics";
    let all = world.admin.get(path).await.json();
    let series = all["series"].as_array().expect("series");
    let names: Vec<&str> = series.iter().filter_map(|series| series["name"].as_str()).collect();
    assert_eq!(names, ["cpu_percent", "memory_used_bytes"], "only what was measured");
    let cpu = world.admin.get(&format!("{path}?names=cpu_percent&step=15")).await.json();
    assert_eq!((&cpu["step_seconds"], &cpu["series"][0]["unit"]), (&json!(15), &json!("%")));
    let points = cpu["series"][0]["points"].as_array().expect("points");
    assert!(points.is_sorted_by_key(|point| point[0].as_i64()));
    let (min, max) = (points.first().expect("a point"), points.last().expect("a point"));
    assert_eq!((min[1].as_f64(), max[3].as_f64()), (Some(1.0), Some(40.0)));
    let coarse = world.admin.get(&format!("{path}?names=cpu_percent&step=3600")).await.json();
    let points = coarse["series"][0]["points"].as_array().expect("points");
    assert!((1..=2).contains(&points.len()), "{coarse}");
    for wrong in ["names=sunshine", "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "from=yesterday"] {
        let refused = world.admin.get(&format!("{path}?{wrong}")).await;
        assert_eq!((refused.status, refused.code().as_str()), (400, "invalid"), "{wrong}");
    }
    // The sparkline survives too. It is filled in behind the start, which nobody waits for: ask until it is there.
    eventually("the sparkline", async || {
        let history = world.admin.get("/api/v1/agents/a").await.json()["cpu_history"].clone();
        history.as_array()?.iter().any(Value::is_f64).then_some(())
    })
    .await;
}

#[tokio::test]
async fn prometheus_reads_the_servers_own_figures() {
    let world = World::start(Engine::Sqlite).await;
    let agent = world.agent("a").await;
    let (mut link, _) = agent.connect().await.expect("it connects");
    link.telemetry(lines(1, (0..7).map(|n| format!("line {n}")))).await.expect("it is stored");
    let (command, _) = world.act("a", json!({"action": "check"})).await;
    link.report(&command, "done", "").await.expect("taken");
    let scraped = world.stranger().get("/metrics").await;
    assert!(scraped.header("content-type").starts_with("application/openmetrics-text"));
    let text = scraped.text();
    for line in [
        "mission_control_agents{status=\"online\"} 1",
        "mission_control_agent_links 1",
        "mission_control_telemetry_lines_total 7",
        "mission_control_commands_total{action=\"check\",state=\"done\"} 1",
    ] {
        assert!(text.lines().any(|have| have == line), "{line} is not in\n{text}");
    }
    assert!(
        text.contains("mission_control_http_requests_total{method=\"POST\",route=\"/api/v1/agents/{id}/actions\",status=\"202\"} 1"),
        "{text}"
    );
}
