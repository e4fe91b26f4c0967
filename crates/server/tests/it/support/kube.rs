//! A server, a real API server, and between them the real agent: a cluster called `dev`.

use std::{fs, path::PathBuf, process::Output};

use mc_testkit::{Agent, KubePeer, program::LIMIT};
use serde_json::{Value, json};

use super::{Api, Engine, World};

/// The cluster's name.
pub(crate) const CLUSTER: &str = "dev";
/// What the agent's owner allows unless a test says otherwise.
pub(crate) const ALLOW: &str = r#"["read", "write", "connect", "kubectl"]"#;

/// The three of them. The server goes first, its database last.
pub(crate) struct KubeWorld {
    pub(crate) agent: Agent,
    pub(crate) world: World,
    pub(crate) peer: KubePeer,
}

/// What a kubectl answered.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        Self { code: output.status.code().expect("a code"), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl KubeWorld {
    /// One whose agent's owner allows everything and whose API server allows everything to everybody: only the gate decides.
    pub(crate) async fn start() -> Self {
        Self::with(ALLOW).await
    }

    /// One whose agent's owner allows this.
    pub(crate) async fn with(allow: &str) -> Self {
        let (peer, world) = tokio::join!(KubePeer::start(), World::start(Engine::Sqlite));
        let peer = peer.expect("an API server");
        peer.bind("everybody", "cluster-admin", &[("Group", "system:authenticated")]).await.expect("a binding");
        let kubeconfig = peer.kubeconfig(&peer.url(), peer.impersonator()).expect("a kubeconfig");
        let kubeconfig = kubeconfig.display();
        let kubectl = peer.programs().kubectl.display();
        let config = format!(
            "[kubernetes]\ncluster = \"{CLUSTER}\"\nkubeconfig = \"{kubeconfig}\"\nkubectl = \"{kubectl}\"\n[allow]\nkubernetes = {allow}\n"
        );
        let admin = world.server.admin().await.expect("the admin");
        let agent = Agent::start(&world.server, &admin, "keeper", &config).await.expect("the agent connects");
        world.admin.waits_for("/api/v1/clusters", |list| list["items"][0]["status"] == "online").await;
        Self { agent, world, peer }
    }

    /// The path of a request to the cluster.
    pub(crate) fn path(path: &str) -> String {
        format!("/k8s/clusters/{CLUSTER}{path}")
    }

    /// Adds a namespace with pods of these names, running on the node that is none.
    pub(crate) async fn fill(&self, namespace: &str, pods: &[&str]) {
        let created = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}});
        self.peer.create("/api/v1/namespaces", &created).await.expect("a namespace");
        for pod in pods {
            let pod = json!({
                "apiVersion": "v1", "kind": "Pod", "metadata": {"name": pod, "labels": {"app": pod}},
                "spec": {"nodeName": mc_testkit::kube::FAKE_NODE, "containers": [{"name": "main", "image": "none"}]},
            });
            self.peer.create(&format!("/api/v1/namespaces/{namespace}/pods"), &pod).await.expect("a pod");
        }
    }

    /// A role that may do this to the cluster, and a user who has it beside `viewer`.
    pub(crate) async fn user(&self, name: &str, kubernetes: Value) -> Api {
        self.world.role_add(name, json!([{"effect": "allow", "actions": ["kube_request"], "kubernetes": kubernetes}])).await;
        let made = json!({"username": name, "password": mc_testkit::server::PASSWORD, "role": name});
        let made = self.world.admin.post("/api/v1/admin/users", &made).await;
        assert_eq!(made.status, 201, "{}", made.text());
        self.world.login(name).await
    }

    /// A kubeconfig for the door with this bearer token.
    pub(crate) fn kubeconfig(&self, token: &str) -> PathBuf {
        let server = format!("{}/k8s/clusters/{CLUSTER}", self.world.server.url());
        let config = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "dev",
            "clusters": [{"name": "dev", "cluster": {"server": server, "certificate-authority": self.world.server.ca_file()}}],
            "users": [{"name": "me", "user": {"token": token}}],
            "contexts": [{"name": "dev", "context": {"cluster": "dev", "user": "me"}}],
        });
        let file = tempfile::Builder::new().prefix("door-").suffix(".json").tempfile_in(self.agent.dir()).expect("a file");
        let path = file.into_temp_path().keep().expect("it stays");
        fs::write(&path, config.to_string()).expect("it is written");
        path
    }

    /// Has the agent run its kubectl as `who`.
    pub(crate) async fn exec(&self, who: &Api, arguments: &[&str]) -> Said {
        let answer = who.post("/api/v1/clusters/dev/exec", &json!({"command": arguments})).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let mut said = Said { code: -1, out: String::new(), err: String::new() };
        for line in answer.text().lines() {
            let line: Value = serde_json::from_str(line).expect("JSON");
            match (line["stream"].as_str(), line["data"].as_str()) {
                (Some("stdout"), Some(data)) => said.out += data,
                (Some("stderr"), Some(data)) => said.err += data,
                _ => said.code = line["exit_code"].as_i64().and_then(|code| i32::try_from(code).ok()).expect("a code"),
            }
        }
        said
    }

    /// Runs kubectl at the door as `who`.
    pub(crate) async fn kubectl(&self, who: &Api, arguments: &[&str]) -> Said {
        let config = self.kubeconfig(who.token.as_deref().expect("a token"));
        let mut command = self.peer.kubectl(&config);
        command.args(arguments);
        tokio::time::timeout(LIMIT, command.output()).await.expect("kubectl ends").expect("kubectl runs").into()
    }
}
