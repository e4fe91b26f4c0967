//! The groups of figures, in the order in which they are measured: what needs the fleet in peace first, restarts and starts last.

mod action;
mod audit;
mod cold;
mod event;
mod hold;
mod kube;
mod list;
mod log;
mod page;
mod policy;
mod rest;
mod restart;

use clap::ValueEnum;

use crate::run::Bench;

/// A group of figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Step {
    /// Memory and CPU of the server while all agents are linked.
    Hold,
    /// The same while all report their machine's figures every 15 s.
    Metrics,
    /// Answers to lists.
    List,
    /// Round trips of actions.
    Action,
    /// Entries of the audit trail, its check and its export.
    Audit,
    /// From an agent's frame to a page.
    Event,
    /// Log lines taken in, and none lost.
    Log,
    /// A real agent with nothing to do.
    Agent,
    /// All back after the server ended.
    Restart,
    /// From start to ready.
    Cold,
    /// What a browser loads first.
    Page,
    /// Decisions of the gate.
    Policy,
    /// A Kubernetes API server, straight and through the door.
    Kube,
}

impl Step {
    /// All of them.
    pub(crate) const IN_ORDER: [Self; 13] = [
        Self::Hold,
        Self::Metrics,
        Self::List,
        Self::Action,
        Self::Audit,
        Self::Event,
        Self::Agent,
        Self::Page,
        Self::Policy,
        Self::Kube,
        Self::Log,
        Self::Restart,
        Self::Cold,
    ];
}

/// Measures one group.
pub(crate) async fn run(step: Step, bench: &mut Bench) -> anyhow::Result<()> {
    match step {
        Step::Hold => hold::hold(bench).await,
        Step::Metrics => hold::metrics(bench).await,
        Step::List => list::run(bench).await,
        Step::Action => action::run(bench).await,
        Step::Audit => audit::run(bench).await,
        Step::Event => event::run(bench).await,
        Step::Log => log::run(bench).await,
        Step::Agent => rest::run(bench).await,
        Step::Restart => restart::run(bench).await,
        Step::Cold => cold::run(bench).await,
        Step::Page => page::run(bench).await,
        Step::Policy => policy::run(bench).await,
        Step::Kube => kube::run(bench).await,
    }
}
