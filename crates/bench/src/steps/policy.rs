//! Decisions of the gate, in this process: the gate is the same crate that the server has inside.

use std::hint::black_box;

use anyhow::{Context, ensure};
use mc_domain::{
    role::RoleName,
    role_form::{AgentSelector, RoleForm, Rule},
};
use mc_policy::{AgentAttributes, Asker, Snapshot, Target};
use tokio::time::Instant;

use crate::run::Bench;

const ROLES: usize = 100;
const CACHED_US: f64 = 10.0;
const COLD_US: f64 = 100.0;
const ACTION: &str = "agent_restart";

/// Decisions that were made before, and decisions on agents that nobody asked about yet by somebody with a hundred roles.
pub(super) async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let agents = bench.size.samples.max(100) * 20;
    let forms = (0..ROLES).map(form).collect::<anyhow::Result<Vec<RoleForm>>>()?;
    let roles: Vec<RoleName> = forms.iter().map(|form| form.name.clone()).collect();
    let snapshot = Snapshot::build(&forms);
    ensure!(snapshot.broken().is_empty(), "{:?}", snapshot.broken());
    let targets: Vec<Target> = (0..agents).map(target).collect();
    let asker = Asker::with_roles(&roles);

    let began = Instant::now();
    black_box(snapshot.extent(&asker, ACTION));
    let planned = began.elapsed();
    let began = Instant::now();
    let allowed = targets.iter().filter(|target| snapshot.decide(&asker, ACTION, target).allowed).count();
    let cold = began.elapsed();
    ensure!(allowed > 0 && allowed < agents, "{allowed} of {agents} agents are allowed: the rules decide nothing");
    let kept = targets.get(agents - 1000..).context("too few agents")?;
    let began = Instant::now();
    for target in kept.iter().cycle().take(agents * 10) {
        black_box(snapshot.decide(&asker, ACTION, black_box(target)));
    }
    let cached = began.elapsed();

    let each = |took: std::time::Duration, count: usize| took.as_secs_f64() * 1e6 / count as f64;
    bench.figure("policy decision cached", each(cached, agents * 10), "µs", Some(CACHED_US));
    bench.figure(format!("policy decision cold with {ROLES} roles"), each(cold, agents), "µs", Some(COLD_US));
    bench.figure(format!("policy: rules of {ROLES} roles sorted out for an action, once"), each(planned, 1), "µs", None);
    Ok(())
}

/// A role for some agents, which denies a few.
fn form(number: usize) -> anyhow::Result<RoleForm> {
    let one = |text: String| vec![text];
    let allowed = AgentSelector { names: one(format!("web-{number}-*")), tags: one(format!("team:{number}*")), ..AgentSelector::default() };
    let denied = AgentSelector { names: one(format!("web-{number}-*7")), ..AgentSelector::default() };
    let form = RoleForm::new(format!("ops-{number}").parse()?);
    Ok(form.with(Rule::allow(&["agent_*"]).on_agents(allowed)).with(Rule::deny(&["agent_restart"]).on_agents(denied)))
}

fn target(number: usize) -> Target {
    let (role, name) = (number % ROLES, format!("web-{}-{number}", number % ROLES));
    let tags = vec![format!("team:{role}"), "prod".to_owned(), "eu-west".to_owned()];
    let kind = "systemd".to_owned();
    Target::agent(AgentAttributes { id: number.to_string(), name, kind, tags, ..AgentAttributes::default() })
}
