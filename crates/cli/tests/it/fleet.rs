//! A server, a real cluster behind a real agent, and the real kubectl and helm.

use std::{fs, path::Path, time::Duration};

use mc_client::Client;
use mc_domain::cluster::ClusterStatus;
use mc_testkit::{
    Agent, Server,
    kube::{KubePeer, KubePrograms},
    program::LIMIT,
};
use serde_json::Value;
use tokio::{process::Command, time::timeout};

use crate::mc::{Done, Mc, done};

/// What runs. Dropped in this order.
pub(crate) struct Fleet {
    /// A home, logged in as the admin.
    pub(crate) mc: Mc,
    pub(crate) kube: KubePeer,
    pub(crate) server: Server,
    _agents: Vec<Agent>,
}

impl Fleet {
    /// One API server behind an agent for each name, each its own cluster to us.
    pub(crate) async fn start(names: &[&str]) -> Self {
        let (server, kube) = tokio::join!(Server::start(), KubePeer::start());
        let (server, kube) = (server.expect("server"), kube.expect("API server"));
        // The cluster's own roles let in whom ours let in.
        kube.bind("mission-control-admins", "cluster-admin", &[("Group", "mission-control:admin")]).await.expect("bound");
        let admin = server.admin().await.expect("admin");
        let kubeconfig = kube.kubeconfig(&kube.url(), kube.impersonator()).expect("kubeconfig");
        let mut agents = Vec::new();
        for name in names {
            let config = format!(
                "[kubernetes]\ncluster = \"{name}\"\nkubeconfig = {:?}\nkubectl = {:?}\n[allow]\nkubernetes = [\"read\", \"write\", \"connect\", \"kubectl\"]\n",
                kubeconfig.display().to_string(),
                kube.programs().kubectl.display().to_string()
            );
            agents.push(Agent::start(&server, &admin, &format!("agent-{name}"), &config).await.expect("agent"));
            online(&admin, name).await;
        }
        let mc = Mc::admin(&server).await;
        Self { mc, kube, server, _agents: agents }
    }

    /// `mc` with a `PATH` in which kubectl is.
    pub(crate) fn with_kubectl(&self) -> Command {
        self.with_programs(&self.mc, self.kube.programs())
    }

    /// `mc` with a `PATH` in which no kubectl is.
    pub(crate) fn without_kubectl(&self) -> Command {
        let mut command = self.mc.command();
        command.env("PATH", "/nonexistent");
        command
    }

    fn with_programs(&self, mc: &Mc, programs: &KubePrograms) -> Command {
        let mut command = mc.command();
        command.env("PATH", path_with(&[&programs.kubectl, &programs.helm]));
        command
    }

    /// Runs `mc` with kubectl at hand.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Done {
        done(self.with_kubectl().args(arguments), "").await
    }

    /// A program of Kubernetes in the same home, which knows nothing but its kubeconfig.
    pub(crate) fn client(&self, program: &Path) -> Command {
        let mut command = self.mc.named(program.to_owned());
        command.env("PATH", path_with(&[]));
        command
    }
}

/// Where these programs are, then the usual places.
fn path_with(programs: &[&Path]) -> String {
    let folders = programs.iter().filter_map(|program| program.parent()).map(|folder| folder.display().to_string());
    folders.chain(["/usr/bin".into(), "/bin".into()]).collect::<Vec<_>>().join(":")
}

/// Waits until a cluster is online, looking whenever something changes.
async fn online(admin: &Client, name: &str) {
    let waiting = async {
        let mut events = admin.event_follow(None).await.expect("events");
        loop {
            let clusters = admin.cluster_list().await.expect("clusters").items;
            if clusters.iter().any(|cluster| cluster.name == name && cluster.status == ClusterStatus::Online) {
                return;
            }
            // An agent's change comes before its cluster's: whatever comes, look again.
            let _ = timeout(Duration::from_secs(5), events.next()).await;
        }
    };
    timeout(LIMIT, Box::pin(waiting)).await.unwrap_or_else(|_| panic!("cluster {name} did not come online"));
}

/// A kubeconfig of a home.
pub(crate) fn kubeconfig(path: &Path) -> Value {
    serde_saphyr::from_str(&fs::read_to_string(path).expect("a kubeconfig")).expect("YAML")
}
