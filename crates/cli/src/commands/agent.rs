//! `mc agents`: look at agents and change what is known of them. What is done to them lives in `action.rs`.

use clap::{Args, Subcommand, builder::PossibleValuesParser};
use mc_api::agent::{AgentDetail, AgentUpdate};
use mc_client::{AgentQuery, Client};
use mc_domain::{agent::AgentStatus, workload::AgentKind};
use serde::Serialize;
use serde_json::json;

use crate::{
    app::App,
    args::Page,
    commands::{
        action::{self, Act, Ask},
        agent_view, collect, join_token, note_cut,
    },
    failure::{Exit, Failure},
};

/// `mc agents …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Agents {
    /// List agents
    List(Box<List>),
    /// Show everything about one agent
    Show {
        /// Name or id
        agent: String,
    },
    /// Restart the workloads of agents, and wait until they are up
    Restart(Act),
    /// Stop the workloads of agents by force; they stay stopped
    Kill(Act),
    /// Have agents check their workloads now
    Check(Act),
    /// Give an agent tags
    Tag(Tags),
    /// Take tags from an agent
    Untag(Tags),
    /// Give an agent another name
    Rename {
        /// Name or id
        agent: String,
        /// The new name: a-z, 0-9, '.' and '-'
        name: String,
    },
    /// Remove agents: their certificates are refused from then on
    Remove(Remove),
    /// Make a join token and show the command that lets an agent join
    JoinToken(join_token::Create),
}

/// `mc agents list`.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only these statuses; may be repeated or comma-separated
    #[arg(long, value_delimiter = ',', value_parser = PossibleValuesParser::new(AgentStatus::ALL.map(AgentStatus::as_str)))]
    status: Vec<String>,
    /// Only these kinds
    #[arg(long, value_delimiter = ',', value_parser = PossibleValuesParser::new(AgentKind::ALL.map(AgentKind::as_str)))]
    kind: Vec<String>,
    /// Only agents with all of these tags
    #[arg(long, value_delimiter = ',')]
    tag: Vec<String>,
    /// Only agents with this text in their name, hostname, id, tags or session
    #[arg(short, long, value_name = "TEXT")]
    q: Option<String>,
    /// Sort by name, status, kind, cpu, memory or seen; with `-` in front, the other way round
    #[arg(long, default_value = "name", allow_hyphen_values = true, hide_possible_values = true, value_parser = PossibleValuesParser::new(SORTS))]
    sort: String,
    #[command(flatten)]
    page: Page,
}

const SORTS: [&str; 12] = ["name", "status", "kind", "cpu", "memory", "seen", "-name", "-status", "-kind", "-cpu", "-memory", "-seen"];

/// `mc agents tag` and `untag`.
#[derive(Debug, Args)]
pub(crate) struct Tags {
    /// Name or id
    agent: String,
    /// Tags, such as prod or team:payments
    #[arg(required = true, value_name = "TAG")]
    tags: Vec<String>,
}

/// `mc agents remove`.
#[derive(Debug, Args)]
pub(crate) struct Remove {
    /// Names or ids
    #[arg(required = true, value_name = "AGENT")]
    agents: Vec<String>,
    /// Why; kept in the audit trail
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

pub(crate) async fn run(app: &App, agents: Agents) -> Result<(), Failure> {
    match agents {
        Agents::List(query) => list(app, &query).await,
        Agents::Show { agent } => show(app, &agent).await,
        Agents::Restart(act) => action::run(app, Ask::restart(), &act).await,
        Agents::Kill(act) => action::run(app, Ask::kill(), &act).await,
        Agents::Check(act) => action::run(app, Ask::check(), &act).await,
        Agents::Tag(tags) => retag(app, &tags, true).await,
        Agents::Untag(tags) => retag(app, &tags, false).await,
        Agents::Rename { agent, name } => rename(app, &agent, name).await,
        Agents::Remove(removal) => remove(app, &removal).await,
        Agents::JoinToken(create) => join_token::create(app, &create).await,
    }
}

fn joined(values: &[String]) -> Option<String> {
    (!values.is_empty()).then(|| values.join(","))
}

async fn list(app: &App, list: &List) -> Result<(), Failure> {
    let client = app.connect()?;
    let found = collect(list.page, |cursor, limit| {
        let query = AgentQuery {
            q: list.q.clone(),
            status: joined(&list.status),
            kind: joined(&list.kind),
            tag: joined(&list.tag),
            sort: Some(list.sort.clone()),
            cursor,
            limit: Some(limit),
            ..AgentQuery::default()
        };
        let client = client.clone();
        async move { client.agent_list(&query).await }
    })
    .await?;
    app.out.value(&found, || app.out.render(&agent_view::list(app.now(), &found.items)))?;
    if found.items.is_empty() && app.out.format == crate::args::Format::Table {
        let filtered = list.q.is_some() || !list.status.is_empty() || !list.kind.is_empty() || !list.tag.is_empty();
        let hint = format!("no agents yet; `{} agents join-token` shows how the first one joins", app.environment.program);
        app.out.note(if filtered { "no agent matches" } else { &hint });
    }
    note_cut(app, &found, "agents");
    Ok(())
}

async fn detail(app: &App, client: &Client, given: &str) -> Result<AgentDetail, Failure> {
    let agent = app.agent(client, given).await?;
    Ok(client.agent_show(&agent.id.to_string()).await?)
}

async fn show(app: &App, given: &str) -> Result<(), Failure> {
    let client = app.connect()?;
    let detail = match client.agent_show(given).await {
        Ok(detail) => detail,
        Err(error) if error.is_not_found() || error.code() == Some("invalid") => self::detail(app, &client, given).await?,
        Err(error) => return Err(error.into()),
    };
    app.out
        .value(&detail, || agent_view::details(app.now(), &detail).iter().map(|part| app.out.render(part)).collect::<Vec<_>>().join("\n\n"))
}

async fn retag(app: &App, tags: &Tags, add: bool) -> Result<(), Failure> {
    let client = app.connect()?;
    let agent = app.agent(&client, &tags.agent).await?;
    let mut wanted: Vec<String> = agent.tags.iter().filter(|tag| !tags.tags.contains(tag)).cloned().collect();
    if add {
        for tag in &tags.tags {
            if !wanted.contains(tag) {
                wanted.push(tag.clone());
            }
        }
    }
    let update = AgentUpdate { tags: Some(wanted), ..AgentUpdate::default() };
    let detail = client.agent_update(&agent.id.to_string(), &update).await?;
    let now = if detail.agent.tags.is_empty() { "no tags".to_owned() } else { detail.agent.tags.join(", ") };
    app.out.said(&detail, &format!("{}: {now}", detail.agent.name))
}

async fn rename(app: &App, given: &str, name: String) -> Result<(), Failure> {
    let client = app.connect()?;
    let agent = app.agent(&client, given).await?;
    let update = AgentUpdate { name: Some(name), ..AgentUpdate::default() };
    let detail = client.agent_update(&agent.id.to_string(), &update).await?;
    app.out.said(&detail, &format!("{} is now {}.", agent.name, detail.agent.name))
}

#[derive(Serialize)]
struct Removed {
    id: String,
    agent: String,
    state: &'static str,
    detail: String,
}

async fn remove(app: &App, removal: &Remove) -> Result<(), Failure> {
    let client = app.connect()?;
    let agents = app.agents(&client, &removal.agents).await?;
    let names: Vec<String> = agents.iter().map(|agent| agent.name.clone()).collect();
    app.confirm("remove", "agent", &names, removal.yes)?;
    let reason = removal.reason.as_deref().unwrap_or_default();
    let mut removed = Vec::with_capacity(agents.len());
    let mut worst = None;
    for agent in agents {
        let (state, detail) = match client.agent_remove(&agent.id.to_string(), reason).await {
            Ok(()) => ("removed", String::new()),
            Err(error) => {
                let detail = error.to_string();
                worst.get_or_insert(Failure::from(error).exit);
                ("failed", detail)
            }
        };
        removed.push(Removed { id: agent.id.to_string(), agent: agent.name, state, detail });
    }
    app.out.value(&json!({ "items": removed, "total": removed.len() }), || {
        let said = |one: &Removed| if one.detail.is_empty() { one.state.to_owned() } else { format!("{}: {}", one.state, one.detail) };
        removed.iter().map(|one| format!("{} {}", one.agent, said(one))).collect::<Vec<_>>().join("\n")
    })?;
    // One agent's own reason is the exit code; among many, some failed.
    let exit = |worst| if removed.len() == 1 { worst } else { Exit::Failed };
    worst.map_or(Ok(()), |worst| Err(Failure::told(exit(worst))))
}
