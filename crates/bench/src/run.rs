//! One run: start, join, link, every step, table, file.

use std::time::Duration;

use anyhow::{Context, bail};
use mc_api::{auth::LoginRequest, join_token::JoinTokenCreate};
use mc_client::{Client, Options, ServerUrl, trust::Trust};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::{
    All, Size,
    central::{ADMIN, Central},
    figure::{Figure, Report},
    fleet::{self, Fleet},
    machine::{Machine, commit},
    out::{self, progress},
    process::Watched,
    steps::{self, Step},
};

/// The most uses a join token may have.
const TOKEN_USES: usize = 10_000;
/// Open files that are needed beside one for each agent.
const OTHER_FILES: u64 = 300;
/// How long all agents may take to link for the first time.
const LINKED_WITHIN: Duration = Duration::from_secs(300);

/// Everything a step needs.
pub(crate) struct Bench {
    pub(crate) size: Size,
    pub(crate) central: Central,
    pub(crate) client: Client,
    /// For callers that are not `client`.
    pub(crate) token: String,
    pub(crate) fleet: Fleet,
    /// What the server used before it knew any agent, in bytes.
    pub(crate) resident_empty: f64,
    pub(crate) report: Report,
    pub(crate) command: String,
}

impl Bench {
    /// Notes a figure and says it.
    pub(crate) fn figure(&mut self, name: impl Into<String>, value: f64, unit: &str, budget: Option<f64>) {
        note(&mut self.report, &self.command, name.into(), value, unit, budget);
    }

    /// The server's process.
    pub(crate) fn watch_central(&self) -> anyhow::Result<Watched> {
        Watched::new(self.central.pid()?, "the server")
    }

    /// Waits until central counts `wanted` links; answers how many it counts at the end.
    pub(crate) async fn counted(&self, wanted: usize, within: Duration) -> u64 {
        let deadline = Instant::now() + within;
        loop {
            // While the server is away there is no answer.
            let counted = self.client.status_show().await.map_or(0, |status| status.connected_agents);
            if counted == wanted as u64 || Instant::now() > deadline {
                return counted;
            }
            sleep(Duration::from_millis(100)).await;
        }
    }
}

fn note(report: &mut Report, command: &str, name: String, value: f64, unit: &str, budget: Option<f64>) {
    let value = if value.is_finite() { (value * 1_000.0).round() / 1_000.0 } else { 0.0 };
    let over_budget = budget.is_some_and(|budget| value > budget);
    let beside = budget.map(|budget| format!(" (budget {budget}{})", if over_budget { ", OVER" } else { "" })).unwrap_or_default();
    progress(&format!("  {name}: {value} {unit}{beside}"));
    report.figures.push(Figure { name, value, unit: unit.to_owned(), budget, over_budget, command: command.to_owned() });
}

fn open_files(agents: usize) -> anyhow::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })?;
    let needed = agents as u64 + OTHER_FILES;
    if limit.maximum.is_some_and(|maximum| maximum < needed) {
        bail!(
            "{agents} agents need {needed} open files and the hard limit is {}: raise it (ulimit -Hn, LimitNOFILE) or give fewer --agents",
            limit.maximum.unwrap_or_default()
        );
    }
    Ok(())
}

/// Runs everything. False when `--strict` was given and a figure is over its budget, or a step failed.
pub(crate) async fn all(all: &All) -> anyhow::Result<bool> {
    let size = all.size();
    open_files(size.agents)?;
    let command = if all.quick { format!("mc-bench all --quick --agents {}", size.agents) } else { "make bench".to_owned() };
    let mut report = Report { commit: commit(), machine: Machine::this(), figures: Vec::new() };
    if let Some(load) = report.machine.busy() {
        let text = format!(
            "WARNING: the machine is busy (load {load:.1} on {} cores): latencies and times will be worse than they are",
            report.machine.cores
        );
        progress(&text);
    }
    let mut bench = Box::pin(set_up(all, size, &mut report, &command)).await?;
    bench.report = report;
    let chosen = |step: &Step| all.only.is_empty() || all.only.contains(step);
    let mut failed = Vec::new();
    for step in Step::IN_ORDER.into_iter().filter(chosen) {
        progress(&format!("{step:?}").to_lowercase());
        if let Err(error) = Box::pin(steps::run(step, &mut bench)).await {
            progress(&format!("  FAILED: {error:#}"));
            failed.push(format!("{step:?}: {error:#}"));
        }
    }
    let Bench { report, central, fleet, .. } = bench;
    drop(fleet);
    stop(central).await;
    let path = report.write(&all.out)?;
    out::line(&report.table());
    out::line(&format!("written to {}", path.display()));
    for failure in &failed {
        out::line(&format!("FAILED {failure}"));
    }
    Ok(failed.is_empty() && !(all.strict && report.over_budget() > 0))
}

async fn stop(mut central: Central) {
    // Everything was measured; a server that does not end nicely is ended when it is dropped.
    if let Err(error) = central.terminate().await {
        progress(&format!("{error:#}"));
    }
}

/// Starts central, joins all agents and waits until all are linked.
async fn set_up(all: &All, size: Size, report: &mut Report, command: &str) -> anyhow::Result<Bench> {
    let count = size.agents;
    let password = Uuid::new_v4().to_string();
    progress("starting the server");
    let mut central = Central::prepare(&all.bin_dir, &password).await?;
    let took = central.start().await?;
    note(report, command, "server: start to ready, empty database".to_owned(), took.as_secs_f64() * 1_000.0, "ms", None);

    let server: ServerUrl = format!("https://{}", central.people).parse()?;
    let client = Client::new(Options::new(server, Trust::from_ca_file(&central.data_dir().join("ca.pem"))?))?;
    let login = LoginRequest { username: ADMIN.to_owned(), password };
    let token = client.auth_login(&login).await.context("cannot log in")?.access_token;
    let resident_empty = Watched::new(central.pid()?, "the server")?.resident_bytes()?;
    note(report, command, "server: memory without agents".to_owned(), resident_empty / 1e6, "MB", None);

    progress(&format!("joining {count} agents"));
    let mut tokens = Vec::new();
    for begin in (0..count).step_by(TOKEN_USES) {
        let uses = u32::try_from((count - begin).min(TOKEN_USES)).ok();
        tokens.push(client.join_token_create(&JoinTokenCreate { uses, ..JoinTokenCreate::default() }).await?.token);
    }
    let began = Instant::now();
    let identities = Box::pin(fleet::join(central.agents, &central.tls, &tokens, TOKEN_USES, count)).await?;
    note(report, command, "joins with certificate".to_owned(), count as f64 / began.elapsed().as_secs_f64(), "agents/s", None);

    progress(&format!("linking {count} agents"));
    let began = Instant::now();
    let fleet = Fleet::start(central.agents, identities);
    fleet.all_linked(LINKED_WITHIN).await?;
    note(report, command, "first links over mutual TLS".to_owned(), count as f64 / began.elapsed().as_secs_f64(), "agents/s", None);
    let report = Report { commit: String::new(), machine: Machine::this(), figures: Vec::new() };
    let bench = Bench { size, central, client, token, fleet, resident_empty, report, command: command.to_owned() };
    let counted = bench.counted(count, Duration::from_secs(10)).await;
    if counted != count as u64 {
        bail!("{count} agents are linked by their own account, and the server counts {counted}");
    }
    Ok(bench)
}
