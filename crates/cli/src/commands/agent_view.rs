//! How agents look in tables.

use mc_api::agent::{Agent, AgentDetail};
use mc_domain::{
    agent::AgentStatus,
    time::Time,
    workload::{FactState, WorkloadState},
};

use crate::{
    commands::{bytes, status_tone},
    table::{Cell, Column, Table, Tone, text, whole},
    when,
};

const AGENTS: [Column; 8] = [
    whole("NAME"),
    whole("STATUS"),
    whole("KIND").optional(),
    text("WORKLOAD"),
    whole("CPU").optional(),
    whole("MEMORY").optional(),
    whole("SEEN"),
    text("TAGS").optional(),
];

/// A row for each agent.
pub(crate) fn list(now: Time, agents: &[Agent]) -> Table {
    let mut table = Table::new(AGENTS);
    for agent in agents {
        let seen =
            if agent.connected { "now".to_owned() } else { agent.last_seen_at.map_or_else(|| "never".into(), |at| when::ago(now, at)) };
        table.row([
            agent.name.as_str().into(),
            Cell::new(agent.status.as_str(), status_tone(agent.status)),
            agent.kind.as_str().into(),
            workload(agent).into(),
            agent.cpu_percent.map(|percent| format!("{percent:.0} %")).unwrap_or_default().into(),
            agent.memory_used_bytes.map(bytes).unwrap_or_default().into(),
            seen.into(),
            agent.tags.join(",").into(),
        ]);
    }
    table
}

/// What is worth knowing of the workload: why the agent is not well, else what runs.
fn workload(agent: &Agent) -> String {
    match (agent.status, agent.status_detail.is_empty()) {
        (AgentStatus::Online, _) | (_, true) => agent.workload_title.clone(),
        (_, false) => agent.status_detail.clone(),
    }
}

/// Everything about one agent: its details, and its facts when it reports any.
pub(crate) fn details(now: Time, detail: &AgentDetail) -> Vec<Table> {
    let mut parts = vec![identity(now, detail)];
    if !detail.facts.is_empty() {
        let mut facts = Table::new([whole("FACT"), whole("STATE"), text("DETAIL"), whole("SINCE").optional()]);
        for fact in &detail.facts {
            let state = Cell::new(fact.state.as_str(), fact_tone(fact.state));
            facts.row([fact.name.as_str().into(), state, fact.detail.as_str().into(), when::ago(now, fact.since).into()]);
        }
        parts.push(facts);
    }
    parts
}

fn identity(now: Time, detail: &AgentDetail) -> Table {
    let agent = &detail.agent;
    let mut pairs = Table::details();
    pairs.pair("Name", agent.name.as_str());
    pairs.pair("Id", agent.id.to_string());
    let status = format!("{} for {}", agent.status.as_str(), when::short(now.since(agent.status_since)));
    let why = if agent.status_detail.is_empty() { String::new() } else { format!(": {}", agent.status_detail) };
    pairs.pair("Status", Cell::new(format!("{status}{why}"), status_tone(agent.status)));
    pairs.pair("Kind", agent.kind.as_str());
    pairs.pair("Tags", agent.tags.join(", "));
    pairs.pair("Machine", format!("{} ({}, {})", agent.hostname, detail.os, detail.arch));
    pairs.pair("Address", detail.address.clone().unwrap_or_default());
    pairs.pair("Seen", agent.last_seen_at.map_or_else(|| "never".into(), |at| format!("{} ({at})", when::ago(now, at))));
    pairs.pair("CPU", agent.cpu_percent.map(|percent| format!("{percent:.1} %")).unwrap_or_default());
    let memory = agent.memory_used_bytes.zip(agent.memory_total_bytes);
    pairs.pair("Memory", memory.map(|(used, total)| format!("{} of {}", bytes(used), bytes(total))).unwrap_or_default());
    let workload = &detail.workload;
    if workload.state != WorkloadState::None {
        pairs.pair("Workload", workload.title.as_str());
        let why = if workload.detail.is_empty() { String::new() } else { format!(": {}", workload.detail) };
        pairs.pair("  state", format!("{}{why}", workload.state.as_str().replace('_', " ")));
        pairs.pair("  process", workload.pid.map(|pid| pid.to_string()).unwrap_or_default());
        pairs.pair("  started", workload.started_at.map(|at| when::ago(now, at)).unwrap_or_default());
        pairs.pair("  restarts", workload.restarts.to_string());
        pairs.pair("  last exit", workload.last_exit.map(|code| code.to_string()).unwrap_or_default());
    }
    pairs.pair("Allows", detail.allow.join(", "));
    pairs.pair("Agent version", agent.version.as_str());
    pairs.pair("Joined", when::ago(now, detail.joined_at));
    pairs.pair("Certificate ends", detail.certificate_expires_at.map(|at| when::ahead(now, at)).unwrap_or_default());
    if detail.clock_skew_ms.abs() >= 2_000 {
        let way = if detail.clock_skew_ms > 0 { "ahead" } else { "behind" };
        pairs.pair("Clock", Cell::new(format!("{} {way}", when::millis(detail.clock_skew_ms.abs())), Tone::Warn));
    }
    pairs
}

const fn fact_tone(state: FactState) -> Tone {
    match state {
        FactState::Ok => Tone::Good,
        FactState::Waiting => Tone::Warn,
        FactState::Bad => Tone::Bad,
        FactState::Unknown => Tone::Muted,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn detail(change: &serde_json::Value) -> AgentDetail {
        let mut value = json!({
            "id": "0197c3a1-6f2e-7c3d-9a51-2f0c6c1d7e11", "name": "alpha", "kind": "command", "status": "online", "status_detail": "",
            "status_since": "2026-11-22T04:00:00.000Z", "hostname": "web-1", "version": "0.1.0", "tags": ["prod", "team:payments"],
            "workload_state": "running", "workload_title": "node server.js", "connected": true, "last_seen_at": "2026-11-22T05:59:48.000Z",
            "cpu_percent": 12.34, "memory_used_bytes": 2_147_483_648.0, "memory_total_bytes": 8_589_934_592.0, "cpu_history": [],
            "os": "linux 6.12.3", "arch": "x86_64", "address": "10.0.0.7", "capabilities": ["workload", "host"],
            "allow": ["restart", "check"], "facts": [
                { "name": "linked", "state": "ok", "detail": "since the last start", "since": "2026-11-22T04:00:00.000Z" },
                { "name": "process", "state": "bad", "detail": "not answering", "since": "2026-11-22T05:58:00.000Z" }
            ],
            "workload": { "state": "running", "detail": "", "title": "node server.js", "pid": 4711, "started_at": "2026-11-22T05:00:00.000Z",
                          "restarts": 2, "last_exit": 1 },
            "credential": "certificate", "certificate_expires_at": "2026-11-27T06:00:00.000Z", "clock_skew_ms": 3_600_000,
            "joined_at": "2026-11-01T06:00:00.000Z"
        });
        for (key, new) in change.as_object().expect("object") {
            value[key] = new.clone();
        }
        serde_json::from_value(value).expect("an agent")
    }

    fn now() -> Time {
        "2026-11-22T06:00:00Z".parse().expect("time")
    }

    #[test]
    fn a_fleet_fits_eighty_columns() {
        let agents: Vec<Agent> = [
            json!({}),
            json!({ "name": "build-7.lan.example.org", "kind": "host", "status": "offline", "status_detail": "offline unexpectedly",
                    "connected": false, "last_seen_at": "2026-11-22T03:00:00.000Z", "cpu_percent": null, "tags": [] }),
            json!({ "name": "gateway", "kind": "openclaw", "status": "degraded", "status_detail": "crash loop: exit code 1", "tags": ["dev"] }),
        ]
        .iter()
        .map(|change| detail(change).agent)
        .collect();
        insta::assert_snapshot!("list_80", list(now(), &agents).render(Some(80), false));
        insta::assert_snapshot!("list_piped", list(now(), &agents).render(None, false));
    }

    #[test]
    fn one_agent_is_told_in_full() {
        let parts = details(now(), &detail(&json!({})));
        insta::assert_snapshot!(parts.iter().map(|part| part.render(Some(80), false)).collect::<Vec<_>>().join("\n\n"));
    }

    #[test]
    fn a_machine_without_a_workload_says_nothing_of_one() {
        let workload = json!({ "state": "none", "detail": "", "title": "", "restarts": 0 });
        let parts = details(now(), &detail(&json!({ "workload": workload, "facts": [], "clock_skew_ms": 12 })));
        let text = parts.iter().map(|part| part.render(None, false)).collect::<String>();
        assert!(!text.contains("Workload") && !text.contains("FACT") && !text.contains("Clock"), "{text}");
    }
}
