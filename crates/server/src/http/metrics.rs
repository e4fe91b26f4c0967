//! `/metrics` for Prometheus: for this machine, or for a known caller.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{Method, StatusCode, header};
use mc_app::App;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric},
    metrics::{
        counter::{ConstCounter, Counter},
        family::Family,
        gauge::ConstGauge,
        histogram::Histogram,
    },
    registry::Registry,
};

use super::{Http, caller::Caller, problem::Refusal, request::Address};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: String,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabel {
    route: String,
}

/// What is measured of requests, and the registry of everything.
pub(crate) struct Metrics {
    registry: Mutex<Registry>,
    requests: Family<RequestLabels, Counter>,
    seconds: Family<RouteLabel, Histogram>,
}

fn buckets() -> Histogram {
    Histogram::new([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0])
}

impl Metrics {
    pub(crate) fn new(app: Arc<App>) -> Self {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Process));
        let ours = registry.sub_registry_with_prefix("mission_control");
        let requests = Family::<RequestLabels, Counter>::default();
        let seconds = Family::<RouteLabel, Histogram>::new_with_constructor(buckets);
        ours.register("http_requests", "Requests by method, route and status", requests.clone());
        ours.register("http_request_seconds", "Time until an answer began, by route", seconds.clone());
        ours.register_collector(Box::new(Fleet(app)));
        Self { registry: Mutex::new(registry), requests, seconds }
    }

    /// Counts an answered request. Paths that are no route of ours count as one, so that scanners cannot fill the memory.
    pub(crate) fn request(&self, method: &Method, route: Option<String>, status: StatusCode, took: Duration) {
        let route = route.unwrap_or_else(|| "page".to_owned());
        self.seconds.get_or_create(&RouteLabel { route: route.clone() }).observe(took.as_secs_f64());
        let method = if matches!(*method, Method::GET | Method::POST | Method::PUT | Method::PATCH | Method::DELETE) {
            method.as_str()
        } else {
            "other"
        };
        self.requests.get_or_create(&RequestLabels { method: method.to_owned(), route, status: status.as_u16() }).inc();
    }

    fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry.lock().unwrap_or_else(PoisonError::into_inner))?;
        Ok(text)
    }
}

/// Figures that are read when asked for.
struct Fleet(Arc<App>);

impl std::fmt::Debug for Fleet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fleet")
    }
}

impl Collector for Fleet {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let fleet = self.0.fleet_counts();
        {
            let gauge = ConstGauge::new(0i64);
            let mut family = encoder.encode_descriptor("agents", "Agents by status", None, gauge.metric_type())?;
            for (status, count) in
                [("online", fleet.online), ("degraded", fleet.degraded), ("offline", fleet.offline), ("stopped", fleet.stopped)]
            {
                ConstGauge::new(i64::from(count)).encode(family.encode_family(&[("status", status)])?)?;
            }
        }
        let whole = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let audit = self.0.audit_state();
        let gauges = [
            ("agent_links", "Streams open to agents", whole(self.0.hub().linked())),
            ("event_listeners", "Pages and programs that follow live events", whole(self.0.event_listeners())),
            ("audit_tampered", "1 when the audit trail was found to be cut or changed", i64::from(audit.bad.is_some())),
            ("audit_mirrors_failing", "Mirrors that do not take the audit trail's checkpoints", whole(audit.mirrors.len())),
        ];
        for (name, help, value) in gauges {
            let gauge = ConstGauge::new(value);
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)?;
        }
        let counters = [
            ("telemetry_batches", "Batches of logs and metrics stored", self.0.counters().batches()),
            ("telemetry_lines", "Log lines stored", self.0.counters().lines()),
            ("audit_entries", "Audit entries stored", self.0.audit_written()),
        ];
        for (name, help, value) in counters {
            let counter = ConstCounter::new(value);
            counter.encode(encoder.encode_descriptor(name, help, None, counter.metric_type())?)?;
        }
        let counter = ConstCounter::new(0u64);
        let mut family = encoder.encode_descriptor("commands", "Commands by action and final state", None, counter.metric_type())?;
        for ((action, state), count) in self.0.counters().commands() {
            ConstCounter::new(count).encode(family.encode_family(&[("action", action), ("state", state)])?)?;
        }
        Ok(())
    }
}

/// What the kernel says of this process, under the names every exporter uses.
#[derive(Debug)]
struct Process;

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let gauge = ConstGauge::new(resident_bytes());
        gauge.encode(encoder.encode_descriptor(
            "process_resident_memory_bytes",
            "Memory of the server process",
            None,
            gauge.metric_type(),
        )?)?;
        let counter = ConstCounter::new(cpu_seconds());
        counter.encode(encoder.encode_descriptor("process_cpu_seconds", "CPU time of the server process", None, counter.metric_type())?)
    }
}

/// Memory of this process; 0 where the kernel does not say.
fn resident_bytes() -> i64 {
    let pages = std::fs::read_to_string("/proc/self/statm").ok().and_then(|text| text.split(' ').nth(1)?.parse::<i64>().ok());
    pages.unwrap_or(0).saturating_mul(i64::try_from(rustix::param::page_size()).unwrap_or(4_096))
}

/// User and system CPU time of this process.
fn cpu_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    std::time::Duration::try_from(time).unwrap_or_default().as_secs_f64()
}

/// Figures for Prometheus, in its text format. Open to this machine; others need a token of somebody who sees the whole fleet.
#[utoipa::path(get, path = "/metrics", tag = "server", responses((status = 200, body = String, content_type = "text/plain"), (status = 401)))]
pub(crate) async fn metrics(
    State(http): State<Http>,
    address: axum::Extension<Address>,
    caller: Option<Caller>,
) -> Result<Response, Refusal> {
    if !address.0.0.is_loopback() {
        let Caller(ctx) = caller.ok_or_else(Refusal::unauthenticated)?;
        http.app().metrics_show(&ctx)?;
    }
    let text = http.0.metrics.text().map_err(|_| Refusal::invalid("the figures cannot be written"))?;
    Ok(([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text).into_response())
}
