//! `mc kube`: what other Kubernetes clients need to reach a cluster through the server.

use clap::{Args, Subcommand};
use mc_api::cluster::Cluster;
use mc_client::Client;
use serde_json::{Value, json};

use super::cluster::no_clusters;
use crate::{
    app::App,
    args::Format,
    failure::{Exit, Failure},
    kubeconfig::{Entry, Kubeconfig, Plugin, entry_name, file},
};

/// The version of what a credential plugin answers, when nobody says which one is wanted.
const CREDENTIAL: &str = "client.authentication.k8s.io/v1";
/// The other versions it is known in, alike in what is answered.
const CREDENTIALS: [&str; 2] = [CREDENTIAL, "client.authentication.k8s.io/v1beta1"];

/// `mc kube …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Kube {
    /// Write contexts into your kubeconfig, for kubectl, helm, k9s and every other Kubernetes client
    Login(Login),
    /// Print a kubeconfig
    Kubeconfig(Which),
    /// Print a short-lived token for a cluster; Kubernetes clients run this by themselves
    Credential {
        /// The cluster's name
        #[arg(long, value_name = "NAME")]
        cluster: String,
    },
}

/// `mc kube login`.
#[derive(Debug, Args)]
#[command(after_help = "Each cluster becomes the context mc-NAME in the first file of $KUBECONFIG, or in ~/.kube/config. \
                        What else is in that file stays. No secret is written: clients ask this program for a token that lives a quarter of an hour.")]
pub(crate) struct Login {
    #[command(flatten)]
    which: Which,
    /// Make it the current context, even when there is one
    #[arg(long)]
    set_current: bool,
}

/// Which clusters.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// This cluster only; may be repeated
    #[arg(long = "cluster", value_name = "NAME", value_delimiter = ',')]
    clusters: Vec<String>,
}

pub(crate) async fn run(app: &App, kube: Kube) -> Result<(), Failure> {
    match kube {
        Kube::Login(wanted) => login(app, &wanted).await,
        Kube::Kubeconfig(which) => print(app, &which).await,
        Kube::Credential { cluster } => credential(app, &cluster).await,
    }
}

impl App {
    /// A cluster's entry in a kubeconfig. `authority` is that of [`Client::authority`].
    pub(crate) fn kube_entry(&self, client: &Client, cluster: &str, authority: Option<String>) -> Result<Entry, Failure> {
        let words = |path: &std::path::Path| {
            let text = path.to_str().map(str::to_owned);
            text.ok_or_else(|| Failure::failed(format!("{} cannot be written into a kubeconfig: it is no UTF-8", path.display())))
        };
        let mut arguments = ["kube", "credential", "--cluster", cluster].map(str::to_owned).to_vec();
        let mut environment = Vec::new();
        if self.context.is_some() || self.environment.server.is_none() {
            let (context, _) = self.chosen()?;
            arguments.extend(["--context".to_owned(), context]);
            if self.environment.config_named {
                environment.push(("MC_CONFIG".to_owned(), words(self.environment.config_path()?)?));
            }
        }
        let program = self.environment.program;
        Ok(Entry {
            name: entry_name(cluster),
            server: client.cluster_address(cluster),
            authority,
            plugin: Plugin {
                command: words(&self.environment.called)?,
                arguments,
                environment,
                hint: format!(
                    "{program}, the command line of Mission Control, is not where it was: install it, then run `{program} kube login` again"
                ),
            },
        })
    }
}

/// The clusters that are meant: the named ones, else all.
async fn meant(app: &App, client: &Client, which: &Which) -> Result<Vec<Cluster>, Failure> {
    if which.clusters.is_empty() {
        let clusters = client.cluster_list().await?.items;
        return if clusters.is_empty() { Err(Failure::new(Exit::NotFound, no_clusters(app.environment.program))) } else { Ok(clusters) };
    }
    let mut clusters = Vec::with_capacity(which.clusters.len());
    for name in &which.clusters {
        clusters.push(app.cluster(client, name).await?);
    }
    Ok(clusters)
}

async fn entries(app: &App, which: &Which) -> Result<Vec<Entry>, Failure> {
    let client = app.connect()?;
    let clusters = meant(app, &client, which).await?;
    let authority = client.authority().await?;
    clusters.iter().map(|cluster| app.kube_entry(&client, &cluster.name, authority.clone())).collect()
}

/// The entry to become current: that of the chosen cluster, else the first.
fn preferred(app: &App, entries: &[Entry]) -> Result<Option<String>, Failure> {
    let chosen = app.chosen_cluster()?.map(|cluster| entry_name(&cluster));
    let among = chosen.filter(|chosen| entries.iter().any(|entry| entry.name == *chosen));
    Ok(among.or_else(|| entries.first().map(|entry| entry.name.clone())))
}

async fn login(app: &App, login: &Login) -> Result<(), Failure> {
    let entries = entries(app, &login.which).await?;
    let preferred = preferred(app, &entries)?;
    let path = app.environment.kubeconfig()?;
    // Of several files the first that has a current context decides; one that cannot be read is kubectl's to complain about.
    let others = app.environment.kubeconfigs.iter().skip(1);
    let elsewhere = others.filter_map(|other| file::read(other).ok()).any(|config| config.current().is_some());
    let change = |config: &mut Kubeconfig| {
        let mut moved = Vec::new();
        for entry in &entries {
            moved.extend(config.put(entry)?.map(|was| format!("{} led to {was} before", entry.name)));
        }
        if let Some(preferred) = preferred.as_deref().filter(|_| login.set_current || (config.current().is_none() && !elsewhere)) {
            config.set_current(preferred);
        }
        Ok((config.current().map(str::to_owned), moved))
    };
    let (current, moved) = file::change(path, change).await?;
    for moved in moved {
        app.out.note(&moved);
    }
    let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    let value = json!({ "kubeconfig": path, "contexts": names, "current_context": current });
    app.out.said(&value, &format!("{} written to {}.", names.join(", "), path.display()))?;
    if let Some(first) = names.first().filter(|_| !current.as_deref().is_some_and(|current| names.contains(&current))) {
        app.out.note(&format!("The current context is another one: kubectl --context {first} … uses this"));
    }
    Ok(())
}

async fn print(app: &App, which: &Which) -> Result<(), Failure> {
    let entries = entries(app, which).await?;
    let config = kubeconfig(&entries, preferred(app, &entries)?.as_deref())?;
    match app.out.format {
        Format::Json => app.out.value(&config.to_value(), String::new),
        Format::Table | Format::Yaml => app.out.line(&config.to_yaml().map_err(Failure::failed)?),
    }
}

/// A kubeconfig of these entries alone.
pub(super) fn kubeconfig(entries: &[Entry], current: Option<&str>) -> Result<Kubeconfig, Failure> {
    let mut config = Kubeconfig::default();
    for entry in entries {
        config.put(entry).map_err(Failure::failed)?;
    }
    if let Some(current) = current {
        config.set_current(current);
    }
    Ok(config)
}

/// Answers as a client-go credential plugin does. Nothing is kept: clients keep it in memory until it ends.
async fn credential(app: &App, cluster: &str) -> Result<(), Failure> {
    let made = match app.connect()?.cluster_credential(cluster).await {
        Err(error) if error.is_not_found() => return Err(app.none_named("cluster", cluster, "clusters list")),
        other => other?,
    };
    let answer = json!({
        "apiVersion": version(app.environment.exec_info.as_deref()),
        "kind": "ExecCredential",
        "status": { "token": made.token, "expirationTimestamp": made.expires_at },
    });
    app.out.line(&answer.to_string())
}

/// The version of the answer that the client wants.
fn version(info: Option<&str>) -> &'static str {
    let info: Option<Value> = info.and_then(|text| serde_json::from_str(text).ok());
    let wanted = info.as_ref().and_then(|info| info.get("apiVersion")).and_then(Value::as_str);
    CREDENTIALS.into_iter().find(|known| Some(*known) == wanted).unwrap_or(CREDENTIAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clients_version_is_answered_in() {
        let asked = |version: &str| json!({ "apiVersion": version, "kind": "ExecCredential", "spec": {} }).to_string();
        assert_eq!(version(Some(&asked("client.authentication.k8s.io/v1beta1"))), "client.authentication.k8s.io/v1beta1");
        for other in
            [None, Some(asked("client.authentication.k8s.io/v1")), Some(asked("client.authentication.k8s.io/v7")), Some("no".into())]
        {
            assert_eq!(version(other.as_deref()), CREDENTIAL);
        }
    }
}
