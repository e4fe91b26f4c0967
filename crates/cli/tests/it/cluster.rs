//! Clusters: listed, chosen, and reached by kubectl and others.

use std::{fs, os::unix::fs::PermissionsExt as _, time::Duration};

use mc_domain::{
    role::Role,
    time::{Clock as _, SystemClock, Time},
};
use mc_testkit::{Server, server::add_user};
use serde_json::{Value, json};

use crate::{
    fleet::{Fleet, kubeconfig},
    mc::{Mc, done},
};

#[tokio::test]
async fn a_server_without_clusters_says_how_to_get_one() {
    let server = Server::start().await.expect("server");
    let mc = Mc::admin(&server).await;
    let list = mc.run(&["clusters", "list"]).await.exits(0).says("[kubernetes]");
    assert!(list.out.starts_with("NAME"), "{list:?}");
    mc.run(&["clusters", "show", "dev"]).await.exits(5).says("no cluster named dev; `mc clusters list` shows them");
    mc.run(&["clusters", "use", "dev"]).await.exits(5);
    mc.run(&["kubectl", "get", "pods"]).await.exits(5).says("there is no cluster that you may use");
    mc.run(&["kubectl", "--on", "dev", "get", "pods"]).await.exits(5).says("no cluster named dev");
    mc.run(&["kube", "login"]).await.exits(5);
    mc.run(&["kube", "login", "--cluster", "dev"]).await.exits(5);
    mc.run(&["kube", "credential", "--cluster", "dev"]).await.exits(5);
    assert!(!mc.path(".kube").exists(), "a login that failed writes nothing");
}

#[tokio::test]
async fn who_is_not_logged_in_gets_no_credential() {
    let server = Server::start().await.expect("server");
    let mc = Mc::new();
    for arguments in [&["kube", "credential", "--cluster", "dev"][..], &["kubectl", "get", "pods"], &["k", "get"], &["clusters", "list"]] {
        let refused = mc.run(arguments).await.exits(3).says("mc login");
        assert_eq!((refused.out.as_str(), refused.err.lines().count()), ("", 1), "{refused:?}");
    }
    mc.login(&server, "admin", mc_testkit::server::PASSWORD).await.exits(0);
    mc.run(&["logout"]).await.exits(0);
    let refused = mc.run(&["kube", "credential", "--cluster", "dev", "--context", "default"]).await.exits(3);
    assert_eq!(refused.out, "");
}

#[tokio::test]
async fn from_login_to_kubectl() {
    let fleet = Fleet::start(&["dev"]).await;
    let mc = &fleet.mc;
    let shown = mc.json(&["cluster", "show", "dev"]).await;
    let version = shown["version"].as_str().expect("version").to_owned();
    assert_eq!((shown["status"].as_str(), &shown["current"]), (Some("online"), &json!(false)), "{shown}");
    assert!(mc.run(&["clusters", "show", "dev"]).await.exits(0).out.contains("agent-dev"));

    // The only cluster needs no choice.
    let namespaces = fleet.run(&["kubectl", "get", "namespaces", "-o", "name"]).await.exits(0);
    assert!(namespaces.out.contains("namespace/kube-system"), "{namespaces:?}");
    mc.run(&["clusters", "use", "dev"]).await.exits(0).prints("Now using cluster dev.");
    let list = mc.json(&["clusters", "list"]).await;
    assert_eq!((list["total"].as_u64(), &list["items"][0]["current"]), (Some(1), &json!(true)), "{list}");
    let table = mc.run(&["clusters", "list"]).await.exits(0).out;
    let words = |line: Option<&str>| line.map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).unwrap_or_default();
    assert_eq!(words(table.lines().next()), ["NAME", "STATUS", "VERSION", "NODES", "AGE", "AGENT", "CURRENT"]);
    assert_eq!(words(table.lines().nth(1))[..3], ["dev", "online", version.as_str()]);

    // What belongs to kubectl goes there, what it exits with comes back.
    assert_eq!(
        fleet.run(&["k", "-n", "default", "get", "ns", "default", "-o", "json"]).await.exits(0).json()["metadata"]["name"],
        "default"
    );
    fleet.run(&["kubectl", "get", "pod", "nowhere"]).await.exits(1).says("NotFound");
    fleet.run(&["kubectl", "--no-such-flag"]).await.exits(1).says("unknown flag");
    fleet.run(&["kubectl", "diff", "-f", "/nonexistent"]).await.exits(2).says("/nonexistent");
    let applied = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: by-stdin}\n";
    done(fleet.with_kubectl().args(["kubectl", "apply", "-f", "-"]), applied).await.exits(0);
    let file = mc.path("app.yaml");
    fs::write(&file, applied.replace("by-stdin", "by-file")).expect("written");
    fleet.run(&["kubectl", "apply", "-f", "app.yaml"]).await.exits(0);
    let made = fleet.run(&["kubectl", "get", "configmaps", "-o", "name"]).await.exits(0).out;
    assert!(made.contains("by-stdin") && made.contains("by-file"), "{made}");
    fleet.run(&["kubectl", "--help"]).await.exits(0).prints("--on <CLUSTER>");
    assert!(fleet.run(&["kubectl", "help"]).await.exits(0).out.contains("kubectl controls the Kubernetes cluster"));

    mc.run(&["login", "--password-stdin", "--username", "admin"]).await.exits(2);
    mc.fed(&["login", "--password-stdin"], mc_testkit::server::PASSWORD).await.exits(0);
    assert_eq!(mc.json(&["clusters", "list"]).await["items"][0]["current"], json!(true), "a new login keeps the choice");
    assert!(!mc.path(".kube/config").exists(), "no kubeconfig of the user is touched");
}

#[tokio::test]
async fn of_several_clusters_one_is_chosen() {
    let fleet = Fleet::start(&["dev", "prod"]).await;
    let undecided = fleet.run(&["kubectl", "get", "ns"]).await.exits(2).says("clusters use").says("MC_CLUSTER").says("--on");
    assert!(undecided.err.contains("dev, prod"), "{undecided:?}");
    let server = |out: String| out.split_whitespace().find(|word| word.contains("/k8s/clusters/")).map(str::to_owned).unwrap_or_default();
    let config = ["config", "view", "-o", "jsonpath={.clusters[0].cluster.server}"];
    let seen = async |before: &[&str], cluster: Option<&str>| {
        let mut command = fleet.with_kubectl();
        command.arg("kubectl").args(before).args(config);
        if let Some(cluster) = cluster {
            command.env("MC_CLUSTER", cluster);
        }
        server(done(&mut command, "").await.exits(0).out)
    };
    assert!(seen(&["--on", "prod"], None).await.ends_with("/prod"));
    assert!(seen(&[], Some("dev")).await.ends_with("/dev"));
    fleet.mc.run(&["clusters", "use", "prod"]).await.exits(0);
    assert!(seen(&[], None).await.ends_with("/prod"));
    assert!(seen(&[], Some("dev")).await.ends_with("/dev"), "the environment goes before the choice");
    assert!(seen(&["--on=prod"], Some("dev")).await.ends_with("/prod"), "the flag goes before both");
}

#[tokio::test]
async fn kubectl_gets_a_kubeconfig_of_its_own_and_no_secret() {
    let fleet = Fleet::start(&["dev"]).await;
    // A plugin sees what kubectl was started with.
    let plugin = fleet.mc.path("bin/kubectl-look");
    fs::create_dir(fleet.mc.path("bin")).expect("folder");
    fs::write(&plugin, "#!/bin/sh\necho \"$KUBECONFIG\"; stat -c %a \"$KUBECONFIG\"; env; cat \"$KUBECONFIG\"; exit 42\n")
        .expect("written");
    fs::set_permissions(&plugin, fs::Permissions::from_mode(0o755)).expect("mode");
    let mut command = fleet.with_kubectl();
    let path = command.as_std().get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, value)| value).expect("PATH").to_owned();
    command.env("PATH", format!("{}:{}", fleet.mc.path("bin").display(), path.to_str().expect("text")));
    let looked = done(command.args(["kubectl", "look"]), "").await.exits(42);
    let mut lines = looked.out.lines();
    let file = lines.next().expect("the path");
    assert_eq!(lines.next(), Some("600"));
    assert!(!std::path::Path::new(file).exists(), "{file} was left behind");
    let config = fs::read_to_string(fleet.mc.config()).expect("config");
    let secrets: Vec<&str> = config
        .lines()
        .filter_map(|line| line.trim().split_once(": "))
        .filter(|(key, _)| ["access", "refresh"].contains(key))
        .map(|(_, value)| value)
        .collect();
    assert_eq!(secrets.len(), 2);
    assert!(!secrets.iter().any(|secret| looked.out.contains(secret.trim_matches('\''))), "{looked:?}");
}

#[tokio::test]
async fn other_clients_use_the_kubeconfig() {
    let fleet = Fleet::start(&["dev", "prod"]).await;
    let path = fleet.mc.path(".kube/config");
    fs::create_dir(fleet.mc.path(".kube")).expect("folder");
    let foreign =
        "apiVersion: v1\nkind: Config\ncurrent-context: mine\nx-mine: kept\ncontexts:\n- {name: mine, context: {cluster: a, user: b}}\n";
    fs::write(&path, foreign).expect("written");
    let done_login = fleet.mc.run(&["kube", "login"]).await.exits(0).says("--context mc-dev");
    assert!(done_login.out.contains("mc-dev, mc-prod written to"), "{done_login:?}");
    let config = kubeconfig(&path);
    assert_eq!((&config["current-context"], &config["x-mine"]), (&json!("mine"), &json!("kept")));
    assert_eq!(fs::metadata(&path).expect("file").permissions().mode() & 0o777, 0o600);
    assert!(!fs::read_to_string(&path).expect("text").contains("token:"));
    fleet.mc.run(&["kube", "login", "--cluster", "prod", "--set-current"]).await.exits(0);
    assert_eq!(kubeconfig(&path)["current-context"], "mc-prod");

    let programs = fleet.kube.programs();
    let kubectl = |arguments: &[&str]| {
        let mut command = fleet.client(&programs.kubectl);
        command.args(arguments);
        command
    };
    done(&mut kubectl(&["get", "ns", "default", "-o", "name"]), "").await.exits(0).prints("namespace/default");
    done(&mut kubectl(&["--context", "mc-dev", "auth", "can-i", "list", "pods"]), "").await.exits(0).prints("yes");
    // kubectl writes the file after us, and we after kubectl.
    done(&mut kubectl(&["config", "set-context", "mc-dev", "--namespace=kube-system"]), "").await.exits(0);
    fleet.mc.run(&["kube", "login"]).await.exits(0);
    let config = kubeconfig(&path);
    let context = config["contexts"].as_array().expect("list").iter().find(|context| context["name"] == "mc-dev").expect("ours");
    assert_eq!(
        (&context["context"]["namespace"], &config["x-mine"]),
        (&json!("kube-system"), &Value::Null),
        "kubectl itself drops what it does not know"
    );

    let chart = fleet.mc.path("chart");
    fs::create_dir_all(chart.join("templates")).expect("folder");
    fs::write(chart.join("Chart.yaml"), "apiVersion: v2\nname: sample\nversion: 0.1.0\n").expect("written");
    let template = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: from-helm}\n";
    fs::write(chart.join("templates/map.yaml"), template).expect("written");
    let mut helm = fleet.client(&programs.helm);
    done(helm.args(["install", "one", "chart", "--kube-context", "mc-dev", "-n", "default"]), "").await.exits(0);
    fleet.run(&["kubectl", "--on", "dev", "get", "configmap", "from-helm", "-n", "default"]).await.exits(0);

    // Printed, it works the same wherever it is put.
    let printed = fleet.mc.run(&["kube", "kubeconfig", "--cluster", "dev"]).await.exits(0).out;
    let file = fleet.mc.path("printed.yaml");
    fs::write(&file, &printed).expect("written");
    done(kubectl(&["get", "ns", "-o", "name"]).env("KUBECONFIG", &file), "").await.exits(0).prints("namespace/default");
    let json = fleet.mc.json(&["kube", "kubeconfig"]).await;
    assert_eq!(json["contexts"].as_array().map(Vec::len), Some(2), "{json}");

    // Whoever logs out is out, here too.
    fleet.mc.run(&["logout"]).await.exits(0);
    done(kubectl(&["get", "ns"]).env("KUBECONFIG", &file), "").await.exits(1).says("mc login");
}

#[tokio::test]
async fn a_credential_opens_one_door_as_its_holder() {
    let fleet = Fleet::start(&["dev"]).await;
    let credential = fleet.mc.run(&["kube", "credential", "--cluster", "dev"]).await.exits(0).json();
    assert_eq!((&credential["kind"], &credential["apiVersion"]), (&json!("ExecCredential"), &json!("client.authentication.k8s.io/v1")));
    let ends: Time = credential["status"]["expirationTimestamp"].as_str().expect("time").parse().expect("RFC 3339");
    let life = ends.since(SystemClock.now());
    assert!(life > Duration::from_secs(60) && life <= Duration::from_secs(15 * 60), "{life:?}");
    let token = credential["status"]["token"].as_str().expect("token").to_owned();
    let mut asked = fleet.mc.command();
    asked.env("MC_SERVER", fleet.server.url()).env("MC_CA_FILE", fleet.server.ca_file()).env("MC_TOKEN", &token).args(["agents", "list"]);
    done(&mut asked, "").await.exits(3);
    let mut older = fleet.mc.command();
    older.env("KUBERNETES_EXEC_INFO", r#"{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","spec":{}}"#);
    let older = done(older.args(["kube", "credential", "--cluster", "dev"]), "").await.exits(0).json();
    assert_eq!(older["apiVersion"], "client.authentication.k8s.io/v1beta1");

    // Whoever may only look gets a credential to look with.
    let admin = fleet.server.admin().await.expect("admin");
    add_user(&admin, "vera", Role::Viewer).await.expect("user");
    let vera = Mc::user(&fleet.server, "vera").await;
    assert_eq!(vera.json(&["clusters", "list"]).await["total"], 1);
    let mut kubectl = vera.command();
    kubectl.env("PATH", fleet.kube.programs().kubectl.parent().expect("folder"));
    done(kubectl.args(["kubectl", "create", "namespace", "veras"]), "").await.exits(1).says("orbidden");
}

#[tokio::test]
async fn called_mk8s_its_plugin_is_mk8s() {
    let fleet = Fleet::start(&["dev"]).await;
    let mk8s = fleet.mc.path("mk8s");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_mc"), &mk8s).expect("link");
    let (url, pin) = (fleet.server.url(), fleet.server.ca_pin().expect("pin").to_string());
    let run = async |arguments: &[&str], input: &str| done(fleet.mc.named(mk8s.clone()).args(arguments), input).await;
    run(&["login", "--server", &url, "--ca-pin", &pin, "--username", "admin", "--password-stdin"], mc_testkit::server::PASSWORD)
        .await
        .exits(0);
    run(&["kube", "login"], "").await.exits(0);
    let config = kubeconfig(&fleet.mc.path(".kube/config"));
    assert_eq!(config["users"][0]["user"]["exec"]["command"], mk8s.to_str().expect("text"));
    // Its session is in its own file: the plugin finds it there though `mc` is logged out.
    fleet.mc.run(&["logout"]).await.exits(0);
    let mut kubectl = fleet.client(&fleet.kube.programs().kubectl);
    done(kubectl.args(["get", "ns", "-o", "name"]), "").await.exits(0).prints("namespace/default");
}

#[tokio::test]
async fn the_agents_kubectl_does_the_same() {
    let fleet = Fleet::start(&["dev"]).await;
    let remote = async |arguments: &[&str], input: &str| done(fleet.without_kubectl().arg("kubectl").args(arguments), input).await;
    let shown = remote(&["get", "ns", "default", "-o", "json"], "").await.exits(0).json();
    assert_eq!(shown["metadata"]["name"], "default");
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: from-afar}\n";
    remote(&["apply", "-f", "-"], map).await.exits(0).prints("configmap/from-afar created");
    // Whoever runs it: the same answer, the same words, the same code.
    let asked: [&[&str]; 6] = [
        &["get", "configmap", "from-afar", "-o", "jsonpath={.metadata.name}"],
        &["get", "pod", "nowhere"],
        &["get", "nonsense"],
        &["get", "--raw", "/version"],
        &["create", "namespace", "Not-A-Name"],
        &["--no-such-flag"],
    ];
    for asked in asked {
        let here = fleet.run(&[&["kubectl"], asked].concat()).await;
        let there = fleet.run(&[&["kubectl", "--remote"], asked].concat()).await;
        assert_eq!((here.code, &here.out, &here.err), (there.code, &there.out, &there.err), "{asked:?}");
    }
}
