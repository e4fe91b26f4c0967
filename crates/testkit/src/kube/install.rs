//! Where the programs are.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context as _, Result, ensure};
use tokio::process::Command;

/// Where the peers' scripts are.
const PEERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/peers");

/// The installed programs.
#[derive(Debug, Clone)]
pub struct KubePrograms {
    /// `kube-apiserver`, 1.20.
    pub apiserver: PathBuf,
    /// `etcd`.
    pub etcd: PathBuf,
    /// `kubectl`, much newer than the server.
    pub kubectl: PathBuf,
    /// `helm`.
    pub helm: PathBuf,
}

impl KubePrograms {
    /// Installs them unless they are there already; the first time takes ten minutes and more.
    ///
    /// # Errors
    /// When they cannot be had. A test must fail then, not skip.
    pub async fn install() -> Result<Self> {
        let script = Path::new(PEERS).join("kubernetes.sh");
        let done =
            Command::new(&script).stdin(Stdio::null()).stderr(Stdio::inherit()).output().await.context("kubernetes.sh cannot be run")?;
        ensure!(done.status.success(), "kubernetes.sh failed: {}", done.status);
        let answer = String::from_utf8(done.stdout)?;
        let value = |key: &str| {
            let found = answer.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
            found.map(PathBuf::from).with_context(|| format!("kubernetes.sh did not say {key}"))
        };
        Ok(Self { apiserver: value("KUBE_APISERVER")?, etcd: value("KUBE_ETCD")?, kubectl: value("KUBECTL")?, helm: value("HELM")? })
    }
}
