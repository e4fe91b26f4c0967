//! `mc kubectl`: kubectl as one knows it, against a cluster behind the server.
//!
//! A kubectl of this machine is preferred: files, plugins, editors and forwarded ports are then this machine's. Without one the cluster's
//! agent runs its own. Both speak to the same door as the same caller, so both may do the same.

pub(crate) mod arguments;
mod local;
mod remote;

use std::ffi::OsString;

use clap::Args;

use crate::{app::App, failure::Failure};

/// `mc kubectl`.
#[derive(Debug, Args)]
#[command(
    after_help = "Everything behind these flags goes to kubectl as it is: `mc kubectl get pods -o wide`. Flags of mc itself stand before the word \
                        kubectl: `mc --context NAME kubectl get pods`. kubectl's own help: `mc kubectl help`.\n\n\
                        The cluster is the one of --on, else of MC_CLUSTER, else of `mc clusters use`, else the only one.\n\n\
                        A kubectl in PATH is used when there is one. Without one, or with --remote, the cluster's agent runs its own: it sees no files of \
                        this machine (feed it: `mc kubectl --remote apply -f - < app.yaml`) and has no plugins, and edit, cp, proxy and port-forward \
                        need a kubectl here.\n\n\
                        The exit code is kubectl's."
)]
pub(crate) struct Kubectl {
    /// Use this cluster, this once
    #[arg(long, value_name = "CLUSTER")]
    on: Option<String>,
    /// Let the cluster's agent run its kubectl, even when there is one here
    #[arg(long)]
    remote: bool,
    /// What kubectl is told
    #[arg(value_name = "ARGS", trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

pub(crate) async fn run(app: &App, kubectl: Kubectl) -> Result<(), Failure> {
    let client = app.connect()?;
    let program = if kubectl.remote { None } else { app.environment.find_program("kubectl") };
    // Before anything is asked of the server: what cannot work there needs no cluster to be said.
    let command = if program.is_none() { remote::command(&kubectl.arguments, kubectl.remote)? } else { Vec::new() };
    let cluster = app.cluster_meant(&client, kubectl.on.as_deref()).await?;
    match program {
        Some(program) => {
            let authority = client.authority().await?;
            let entry = app.kube_entry(&client, &cluster.name, authority)?;
            drop(client);
            local::run(app, &program, &entry, &kubectl.arguments).await
        }
        None => remote::run(app, &client, &cluster.name, command).await,
    }
}
