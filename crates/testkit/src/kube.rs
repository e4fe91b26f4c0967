//! A real Kubernetes API server with its etcd for tests: installed once by `scripts/peers/kubernetes.sh`, run in a directory of its own, gone
//! when dropped. It has no controllers and no kubelet: what is created stays as it was created.

mod credential;
mod install;

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use reqwest::Method;
use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

pub use self::{
    credential::{Authority, Credential},
    install::KubePrograms,
};
use crate::{
    kubelet::{Kubelet, Speaks},
    program::{LIMIT, Program},
};

/// Who may do everything.
const ADMIN: &str = "admin";
/// Who may only be somebody else, as our agent in a cluster.
const IMPERSONATOR: &str = "mission-control-agent";
/// The name of the node that is none.
pub const FAKE_NODE: &str = "fake-node";

/// Everything is written down before it is answered; what was read or written is not.
const AUDIT_POLICY: &str = r#"{"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": [{"level": "Metadata"}]}"#;

/// A running API server.
#[derive(Debug)]
pub struct KubePeer {
    programs: KubePrograms,
    dir: TempDir,
    port: u16,
    authority: Authority,
    admin: Credential,
    impersonator: Credential,
    server: Program,
    etcd_url: String,
    /// Dropped after the server that uses it.
    _etcd: Program,
}

impl KubePeer {
    /// Starts one that is ready: it has the namespaces of its own and `default`, the roles of its own, one that may only impersonate, and
    /// a node that says it is ready.
    ///
    /// # Errors
    /// When it cannot be had. A test must fail then, not skip.
    pub async fn start() -> Result<Self> {
        let programs = KubePrograms::install().await?;
        let dir = tempfile::Builder::new().prefix("kube-").tempdir()?;
        let authority = Authority::make()?;
        let (etcd, etcd_url) = start_etcd(&programs, dir.path())?;
        let port = free_port()?;
        let server = start_server(&programs, dir.path(), &authority, &etcd_url, port)?;
        let admin = authority.credential(ADMIN, Some("system:masters"))?;
        let impersonator = authority.credential(IMPERSONATOR, None)?;
        let mut peer = Self { programs, dir, port, authority, admin, impersonator, server, etcd_url, _etcd: etcd };
        peer.wait_ready().await?;
        peer.allow_impersonation().await?;
        peer.add_node(FAKE_NODE, peer.port).await?;
        Ok(peer)
    }

    /// `https://127.0.0.1:PORT`
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// Its port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The authority of its certificate and its clients'.
    #[must_use]
    pub const fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Who may do everything.
    #[must_use]
    pub const fn admin(&self) -> &Credential {
        &self.admin
    }

    /// Who may only be somebody else: any user, group, service account, with any extra information.
    #[must_use]
    pub const fn impersonator(&self) -> &Credential {
        &self.impersonator
    }

    /// The programs.
    #[must_use]
    pub const fn programs(&self) -> &KubePrograms {
        &self.programs
    }

    /// A kubeconfig that speaks to `server` as `who`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn kubeconfig(&self, server: &str, who: &Credential) -> Result<PathBuf> {
        let cluster = if server.starts_with("https:") {
            json!({"server": server, "certificate-authority-data": self.authority.certificate_base64()})
        } else {
            json!({"server": server})
        };
        let config = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "clusters": [{"name": "test", "cluster": cluster}],
            "users": [{"name": who.name(), "user": who.kubeconfig()}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": who.name()}}],
        });
        let kept = tempfile::Builder::new().prefix("kubeconfig-").suffix(".json").tempfile_in(self.dir.path())?.into_temp_path().keep()?;
        fs::write(&kept, config.to_string())?;
        Ok(kept)
    }

    /// A kubectl with nothing of this machine's: neither environment nor home.
    #[must_use]
    pub fn kubectl(&self, kubeconfig: &Path) -> Command {
        let mut command = Command::new(&self.programs.kubectl);
        command.env_clear().env("HOME", self.dir.path()).env("KUBECONFIG", kubeconfig).current_dir(self.dir.path()).kill_on_drop(true);
        command
    }

    /// Sends a request as the admin and answers what came back.
    ///
    /// # Errors
    /// When it was refused.
    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let mut request = self.admin.client()?.request(method.clone(), format!("{}{path}", self.url()));
        if let Some(body) = body {
            let kind = if method == Method::PATCH { "application/merge-patch+json" } else { "application/json" };
            request = request.header("content-type", kind).body(body.to_string());
        }
        let sent = request.send().await;
        let answer = sent.with_context(|| format!("{method} {path} was not answered; the server printed:\n{}", self.log()))?;
        let status = answer.status();
        let text = answer.text().await?;
        ensure!(status.is_success(), "{method} {path}: {status} {text}");
        Ok(serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    /// Creates an object: `path` is that of its collection.
    ///
    /// # Errors
    /// When it was refused.
    pub async fn create(&self, path: &str, object: &Value) -> Result<Value> {
        self.send(Method::POST, path, Some(object)).await
    }

    /// Adds a node that says it is ready and has a kubelet at this port of this machine.
    ///
    /// # Errors
    /// When it was refused.
    pub async fn add_node(&self, name: &str, kubelet_port: u16) -> Result<()> {
        let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}});
        self.create("/api/v1/nodes", &node).await?;
        let status = json!({"status": {
            "conditions": [{"type": "Ready", "status": "True", "reason": "Fake", "message": "there is no kubelet"}],
            "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}, {"type": "Hostname", "address": name}],
            "capacity": {"cpu": "4", "memory": "8Gi", "pods": "110"},
            "allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"},
            "daemonEndpoints": {"kubeletEndpoint": {"Port": kubelet_port}},
            "nodeInfo": {"kubeletVersion": "v1.20.2", "osImage": "none", "architecture": "amd64", "operatingSystem": "linux",
                "machineID": "", "systemUUID": "", "bootID": "", "kernelVersion": "", "containerRuntimeVersion": "", "kubeProxyVersion": ""},
        }});
        self.send(Method::PATCH, &format!("/api/v1/nodes/{name}/status"), Some(&status)).await?;
        // Without a node controller nobody takes away the mark that a node is new.
        self.send(Method::PATCH, &format!("/api/v1/nodes/{name}"), Some(&json!({"spec": {"taints": null}}))).await?;
        Ok(())
    }

    /// Starts a kubelet for a node of its own, and a pod there that runs: `namespace` is made when it is missing.
    ///
    /// # Errors
    /// When it was refused.
    pub async fn add_pod(&self, namespace: &str, pod: &str, speaks: Speaks) -> Result<Kubelet> {
        let kubelet = Kubelet::start(&self.authority.server()?, speaks).await?;
        let node = format!("node-of-{pod}");
        self.add_node(&node, kubelet.port()).await?;
        if self.send(Method::GET, &format!("/api/v1/namespaces/{namespace}"), None).await.is_err() {
            self.create("/api/v1/namespaces", &json!({"metadata": {"name": namespace}})).await?;
        }
        let pods = format!("/api/v1/namespaces/{namespace}/pods");
        let spec = json!({"nodeName": node, "containers": [{"name": "c", "image": "none", "stdin": true, "tty": true}]});
        self.create(&pods, &json!({"metadata": {"name": pod}, "spec": spec})).await?;
        let running = json!({"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [{"name": "c", "ready": true, "restartCount": 0, "image": "none", "imageID": "none",
                "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}}]}});
        self.send(Method::PATCH, &format!("{pods}/{pod}/status"), Some(&running)).await?;
        Ok(kubelet)
    }

    /// Stops the API server; its etcd stays.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn stop_server(&mut self) -> Result<()> {
        self.server.kill().await
    }

    /// Has it hold still, or go on.
    ///
    /// # Errors
    /// When it has ended.
    pub fn hold_server(&self, still: bool) -> Result<()> {
        self.server.signal(if still { Signal::STOP } else { Signal::CONT })
    }

    /// Starts it again on its port and waits until it is ready.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn start_server(&mut self) -> Result<()> {
        self.server = start_server(&self.programs, self.dir.path(), &self.authority, &self.etcd_url, self.port)?;
        self.wait_ready().await
    }

    /// Gives a cluster role of the API server's to these subjects (kind and name), and waits until it counts.
    ///
    /// # Errors
    /// When it was refused.
    pub async fn bind(&self, name: &str, role: &str, subjects: &[(&str, &str)]) -> Result<()> {
        let subject = |(kind, name): &(&str, &str)| json!({"kind": kind, "apiGroup": "rbac.authorization.k8s.io", "name": name});
        let binding = json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": name},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
            "subjects": subjects.iter().map(subject).collect::<Vec<_>>(),
        });
        self.create("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", &binding).await?;
        let group = subjects.iter().find(|(kind, _)| *kind == "Group").map_or("nobody", |(_, name)| *name);
        let user = subjects.iter().find(|(kind, _)| *kind == "User").map_or("nobody", |(_, name)| *name);
        let review = json!({
            "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
            "spec": {"user": user, "groups": [group], "resourceAttributes": {"verb": "list", "resource": "pods"}},
        });
        let asking = async {
            while self.create("/apis/authorization.k8s.io/v1/subjectaccessreviews", &review).await?.pointer("/status/allowed")
                != Some(&json!(true))
            {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            anyhow::Ok(())
        };
        tokio::time::timeout(LIMIT, asking).await.context("the role does not take effect")?
    }

    /// The events of its audit trail so far. An event of stage `RequestReceived` is written before its request is answered.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn audit_events(&self) -> Result<Vec<Value>> {
        let text = fs::read_to_string(self.dir.path().join("audit.log"))?;
        // The last line may be being written.
        let whole = text.rfind('\n').and_then(|end| text.get(..end)).unwrap_or_default();
        whole.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
    }

    /// What the server printed.
    #[must_use]
    pub fn log(&self) -> String {
        self.server.log()
    }

    async fn wait_ready(&mut self) -> Result<()> {
        let url = format!("{}/readyz", self.url());
        let client = self.admin.client()?;
        let asking = async {
            while !client.get(&url).send().await.is_ok_and(|answer| answer.status().is_success()) {
                if !self.server.is_running() {
                    bail!("kube-apiserver ended:\n{}", self.server.log());
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Ok(())
        };
        match tokio::time::timeout(LIMIT, asking).await {
            Ok(result) => result,
            Err(_) => bail!("kube-apiserver was not ready in time:\n{}", self.server.log()),
        }
    }

    async fn allow_impersonation(&self) -> Result<()> {
        let rbac = "/apis/rbac.authorization.k8s.io/v1";
        let role = json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": IMPERSONATOR},
            "rules": [
                {"apiGroups": [""], "resources": ["users", "groups", "serviceaccounts"], "verbs": ["impersonate"]},
                {"apiGroups": ["authentication.k8s.io"], "resources": ["userextras/mission-control/request-id"], "verbs": ["impersonate"]},
            ],
        });
        self.create(&format!("{rbac}/clusterroles"), &role).await?;
        let binding = json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": IMPERSONATOR},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": IMPERSONATOR},
            "subjects": [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": IMPERSONATOR}],
        });
        self.create(&format!("{rbac}/clusterrolebindings"), &binding).await?;
        self.wait_bound().await
    }

    /// The authoriser learns of a binding a moment after it was stored.
    async fn wait_bound(&self) -> Result<()> {
        let client = self.impersonator.client()?;
        let review = json!({
            "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {"verb": "impersonate", "resource": "users", "name": "somebody"}},
        });
        let url = format!("{}/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", self.url());
        let asking = async {
            loop {
                let answer = client.post(&url).json(&review).send().await?.json::<Value>().await?;
                if answer.pointer("/status/allowed") == Some(&json!(true)) {
                    return anyhow::Ok(());
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(LIMIT, asking).await.context("the role to impersonate does not take effect")?
    }
}

fn start_etcd(programs: &KubePrograms, dir: &Path) -> Result<(Program, String)> {
    let url = || -> Result<String> { Ok(format!("http://127.0.0.1:{}", free_port()?)) };
    let (client, peer) = (url()?, url()?);
    let mut command = Command::new(&programs.etcd);
    command.env_clear().arg("--data-dir").arg(dir.join("etcd"));
    command.args(["--listen-client-urls", &client, "--advertise-client-urls", &client]);
    command.args(["--listen-peer-urls", &peer, "--initial-advertise-peer-urls", &peer]);
    command.arg(format!("--initial-cluster=default={peer}"));
    Ok((Program::start("etcd", &mut command)?, client))
}

fn start_server(programs: &KubePrograms, dir: &Path, authority: &Authority, etcd: &str, port: u16) -> Result<Program> {
    let write = |name: &str, text: &str| -> Result<PathBuf> {
        let path = dir.join(name);
        fs::write(&path, text)?;
        Ok(path)
    };
    let server = authority.server()?;
    let files = [
        ("--client-ca-file", write("ca.crt", authority.certificate())?),
        ("--tls-cert-file", write("server.crt", server.certificate())?),
        ("--tls-private-key-file", write("server.key", server.key())?),
        ("--service-account-key-file", dir.join("server.crt")),
        ("--service-account-signing-key-file", dir.join("server.key")),
        ("--audit-policy-file", write("audit-policy.json", AUDIT_POLICY)?),
        ("--audit-log-path", dir.join("audit.log")),
        ("--cert-dir", dir.join("certificates")),
    ];
    let mut command = Command::new(&programs.apiserver);
    command.env_clear().env("HOME", dir).arg(format!("--etcd-servers={etcd}")).arg(format!("--secure-port={port}"));
    for (flag, file) in files {
        command.arg(flag).arg(file);
    }
    command.args([
        "--bind-address=127.0.0.1",
        // Names of nodes mean nothing here.
        "--kubelet-preferred-address-types=InternalIP",
        // Nobody reaches it by this address; without one it looks for a way to the internet.
        "--advertise-address=192.0.2.1",
        "--endpoint-reconciler-type=none",
        "--authorization-mode=Node,RBAC",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--service-cluster-ip-range=10.0.0.0/24",
        // Nobody makes the accounts that pods would need.
        "--disable-admission-plugins=ServiceAccount",
        "--allow-privileged=true",
        "--profiling=false",
        "--v=0",
    ]);
    Program::start("kube-apiserver", &mut command)
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
