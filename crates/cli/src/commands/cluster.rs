//! `mc clusters`: Kubernetes clusters, and which one kubectl speaks to.

use clap::Subcommand;
use mc_api::cluster::{Cluster, Ready};
use mc_client::Client;
use mc_domain::cluster::ClusterStatus;
use serde::Serialize;
use serde_json::json;

use crate::{
    app::App,
    config::Locked,
    failure::{Exit, Failure},
    table::{Cell, Column, Table, Tone, text, whole},
    when,
};

/// `mc clusters …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Clusters {
    /// List the clusters you may use
    List,
    /// Show a cluster: its nodes, what runs in it, the agent it is reached through
    Show {
        /// The cluster's name
        name: String,
    },
    /// Use this cluster for `kubectl` from now on
    Use {
        /// The cluster's name
        name: String,
    },
}

pub(crate) async fn run(app: &App, clusters: Clusters) -> Result<(), Failure> {
    match clusters {
        Clusters::List => list(app).await,
        Clusters::Show { name } => show(app, &name).await,
        Clusters::Use { name } => choose(app, &name).await,
    }
}

impl App {
    /// A cluster by its name.
    pub(crate) async fn cluster(&self, client: &Client, name: &str) -> Result<Cluster, Failure> {
        match client.cluster_show(name).await {
            Err(error) if error.is_not_found() || error.code() == Some("invalid") => Err(self.none_named("cluster", name, "clusters list")),
            other => Ok(other?),
        }
    }

    /// The name of the cluster that was chosen: by the environment, or by `clusters use`.
    pub(crate) fn chosen_cluster(&self) -> Result<Option<String>, Failure> {
        let kept = || self.chosen().map(|(_, context)| context.cluster);
        self.environment.cluster.clone().map_or_else(kept, |name| Ok(Some(name)))
    }

    /// The cluster that is meant: the named one, else the chosen one, else the only one.
    pub(crate) async fn cluster_meant(&self, client: &Client, named: Option<&str>) -> Result<Cluster, Failure> {
        let chosen = self.chosen_cluster()?;
        if let Some(name) = named.or(chosen.as_deref()) {
            return self.cluster(client, name).await;
        }
        let mut clusters = client.cluster_list().await?.items;
        let program = self.environment.program;
        match (clusters.pop(), clusters.as_slice()) {
            (Some(only), []) => Ok(only),
            (None, _) => Err(Failure::new(Exit::NotFound, no_clusters(program))),
            (Some(last), others) => {
                let names: Vec<&str> = others.iter().chain([&last]).map(|cluster| cluster.name.as_str()).collect();
                Err(Failure::usage(format!(
                    "no cluster chosen of {}: run `{program} clusters use NAME`, or set MC_CLUSTER, or name it for once: `{program} kubectl --on NAME …`",
                    names.join(", ")
                )))
            }
        }
    }
}

/// That there is none.
pub(super) fn no_clusters(program: &str) -> String {
    format!(
        "there is no cluster that you may use: an agent with a [kubernetes] section makes one (`{program} agents join-token`), \
         and a role must allow you something in it"
    )
}

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    cluster: &'a Cluster,
    /// Whether kubectl uses it when none is named.
    current: bool,
}

const CLUSTERS: [Column; 7] = [
    whole("NAME"),
    whole("STATUS"),
    whole("VERSION").optional(),
    whole("NODES").optional(),
    whole("AGE").optional(),
    text("AGENT").optional(),
    whole("CURRENT").optional(),
];

async fn list(app: &App) -> Result<(), Failure> {
    let list = app.connect()?.cluster_list().await?;
    let chosen = app.chosen_cluster()?;
    let now = app.now();
    let mut table = Table::new(CLUSTERS);
    let mut items = Vec::with_capacity(list.items.len());
    for cluster in &list.items {
        let current = chosen.as_deref() == Some(cluster.name.as_str());
        table.row([
            cluster.name.as_str().into(),
            status(cluster),
            cluster.version.clone().unwrap_or_default().into(),
            nodes(cluster),
            when::short(now.since(cluster.created_at)).into(),
            cluster.agent.name.as_str().into(),
            if current { "yes" } else { "" }.into(),
        ]);
        items.push(Shown { cluster, current });
    }
    app.out.value(&json!({ "items": items, "total": list.total }), || app.out.render(&table))?;
    if list.items.is_empty() {
        app.out.note(&no_clusters(app.environment.program));
    }
    Ok(())
}

async fn show(app: &App, name: &str) -> Result<(), Failure> {
    let cluster = app.cluster(&app.connect()?, name).await?;
    let current = app.chosen_cluster()?.as_deref() == Some(cluster.name.as_str());
    let now = app.now();
    app.out.value(&Shown { cluster: &cluster, current }, || {
        let mut details = Table::details();
        details.pair("Name", cluster.name.as_str());
        details.pair("Status", status(&cluster));
        details.pair("Trouble", cluster.trouble.clone().unwrap_or_default());
        details.pair("Version", cluster.version.clone().unwrap_or_default());
        details.pair("Nodes", nodes(&cluster));
        for workloads in &cluster.workloads {
            let Some(label) = label(&workloads.kind) else { continue };
            details.pair(label, of(Ready { ready: workloads.ready, all: workloads.all }));
        }
        details.pair("Agent", format!("{} ({})", cluster.agent.name, cluster.agent.id));
        details.pair("Requests", format!("{} in the last minute", cluster.requests_per_minute));
        details.pair("Seen", when::ago(now, cluster.last_seen_at));
        details.pair("Age", when::short(now.since(cluster.created_at)));
        details.pair("Used by kubectl", if current { "yes" } else { "" });
        app.out.render(&details)
    })
}

fn label(kind: &str) -> Option<&'static str> {
    match kind {
        "deployments" => Some("Deployments"),
        "statefulsets" => Some("Stateful sets"),
        "daemonsets" => Some("Daemon sets"),
        _ => None,
    }
}

fn status(cluster: &Cluster) -> Cell {
    let tone = match cluster.status {
        ClusterStatus::Online => Tone::Good,
        ClusterStatus::Degraded => Tone::Warn,
        ClusterStatus::Unreachable | ClusterStatus::Offline => Tone::Bad,
    };
    Cell::new(cluster.status.as_str(), tone)
}

fn nodes(cluster: &Cluster) -> Cell {
    cluster.nodes.map_or_else(|| "".into(), of)
}

/// `2/3`: so many of so many.
fn of(count: Ready) -> Cell {
    let tone = if count.ready < count.all { Tone::Warn } else { Tone::Plain };
    Cell::new(format!("{}/{}", count.ready, count.all), tone)
}

async fn choose(app: &App, name: &str) -> Result<(), Failure> {
    let (context, _) = app.chosen()?;
    if app.context.is_none() && app.environment.server.is_some() {
        return Err(Failure::usage("MC_SERVER names the server, so nothing is kept here: set MC_CLUSTER too"));
    }
    let cluster = app.cluster(&app.connect()?, name).await?;
    Locked::take(app.environment.config_path()?)?.change(|config| {
        if let Some(context) = config.contexts.get_mut(&context) {
            context.cluster = Some(cluster.name.clone());
        }
    })?;
    app.out.said(&json!({ "context": context, "cluster": cluster.name }), &format!("Now using cluster {}.", cluster.name))?;
    if let Some(other) = app.environment.cluster.as_deref().filter(|other| *other != cluster.name) {
        app.out.note(&format!("MC_CLUSTER is set and goes before it: {other}"));
    }
    Ok(())
}
