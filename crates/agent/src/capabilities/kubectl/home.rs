//! The one folder that a kubectl sees: made for one run, for this user alone, gone afterwards.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use serde_json::json;
use uuid::Uuid;

/// The kubeconfig's name in it.
pub(super) const KUBECONFIG: &str = "config";
/// The certificate that central's door is known by.
const CERTIFICATE: &str = "door.pem";

/// The folder of a run.
pub(super) struct Home(PathBuf);

impl Home {
    pub(super) fn make(homes: &Path) -> io::Result<Self> {
        let path = homes.join(Uuid::now_v7().to_string());
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&path)?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes the kubeconfig: one cluster, behind `port` of this machine, and one user.
    pub(super) fn furnish(&self, cluster: &str, secret: &str, port: u16, certificate: &str) -> io::Result<()> {
        let name = format!("mc-{cluster}");
        let kubeconfig = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": name,
            "clusters": [{"name": name, "cluster": {
                "server": format!("https://127.0.0.1:{port}/k8s/clusters/{cluster}"),
                "certificate-authority": self.0.join(CERTIFICATE),
            }}],
            "users": [{"name": name, "user": {"token": secret}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        });
        self.write(CERTIFICATE, certificate)?;
        self.write(KUBECONFIG, &kubeconfig.to_string())
    }

    fn write(&self, name: &str, text: &str) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(self.0.join(name))?;
        file.write_all(text.as_bytes())
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!("the folder of a kubectl cannot be removed: {error}");
        }
    }
}
