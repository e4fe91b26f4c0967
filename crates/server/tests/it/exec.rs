//! A kubectl that the agent runs: the real one against a real API server, and a script in its place that tells what the sandbox lets it do.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use http_body_util::BodyExt as _;
use mc_testkit::{
    Agent, KubePeer,
    program::{binary, run},
};
use serde_json::{Value, json};

use crate::support::{
    Answer, Api, Engine, World, eventually,
    exec::{EXEC, gone, heard, next, open, refused, tell, until},
};

/// Folders that a script needs whose programs are in them.
const OF_SCRIPTS: &str = r#"["/bin", "/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/proc/self"]"#;

/// Everything that runs. What depends on another ends before it.
struct House {
    agent: Agent,
    world: World,
    kube: Option<KubePeer>,
    dir: tempfile::TempDir,
}

impl House {
    /// An agent beside a real API server, with the real kubectl.
    async fn real() -> Self {
        let kube = KubePeer::start().await.expect("an API server");
        let kubeconfig = kube.kubeconfig(&kube.url(), kube.impersonator()).expect("a kubeconfig");
        // What roles allow is what is tested: the API server itself lets everybody do everything.
        kube.bind("everybody", "cluster-admin", &[("Group", "system:authenticated")]).await.expect("a binding");
        let kubectl = kube.programs().kubectl.clone();
        let config = config(&kubeconfig, &kubectl, r#"["read", "write", "connect", "kubectl"]"#, "");
        Self::around(Some(kube), tempfile::tempdir().expect("a folder"), &config).await
    }

    /// An agent with a script in kubectl's place, and nothing behind it.
    async fn script(text: &str, exec: &str) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let kubectl = dir.path().join("kubectl");
        fs::write(&kubectl, format!("#!/bin/bash\n{text}\n")).expect("written");
        fs::set_permissions(&kubectl, fs::Permissions::from_mode(0o755)).expect("may be run");
        let kubeconfig = dir.path().join("kubeconfig");
        fs::write(&kubeconfig, NOWHERE).expect("written");
        let exec = format!("[kubernetes.exec]\nreadable = {OF_SCRIPTS}\n{exec}");
        let config = config(&kubeconfig, &kubectl, r#"["kubectl"]"#, &exec);
        Self::around(None, dir, &config).await
    }

    async fn around(kube: Option<KubePeer>, dir: tempfile::TempDir, config: &str) -> Self {
        let world = World::start(Engine::Sqlite).await;
        let admin = world.server.admin().await.expect("an admin");
        let agent = Agent::start(&world.server, &admin, "cluster-dev", config).await.expect("an agent");
        eventually("the cluster", async || (world.admin.get("/api/v1/clusters/dev").await.status == 200).then_some(())).await;
        Self { agent, world, kube, dir }
    }

    async fn ask(&self, who: &Api, command: &[&str]) -> Answer {
        who.post(EXEC, &json!({ "command": command })).await
    }

    /// The folders of runs that are there now.
    fn homes(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.agent.data_dir().join("kubectl")).into_iter().flatten();
        entries.filter_map(|entry| Some(entry.ok()?.path())).collect()
    }
}

const NOWHERE: &str = "apiVersion: v1\nkind: Config\ncurrent-context: x\nclusters: [{name: x, cluster: {server: 'https://127.0.0.1:9'}}]\n\
    contexts: [{name: x, context: {cluster: x, user: x}}]\nusers: [{name: x, user: {token: none}}]\n";

fn config(kubeconfig: &Path, kubectl: &Path, allow: &str, more: &str) -> String {
    let (kubeconfig, kubectl) = (kubeconfig.display(), kubectl.display());
    format!(
        "[kubernetes]\ncluster = \"dev\"\nkubeconfig = \"{kubeconfig}\"\nkubectl = \"{kubectl}\"\n{more}\n[allow]\nkubernetes = {allow}\n"
    )
}

/// What a run said: standard output, standard error, and its last line.
fn said(answer: &Answer) -> (String, String, Value) {
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/x-ndjson"), "{}", answer.text());
    let lines: Vec<Value> = answer.text().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let (last, before) = lines.split_last().expect("a last line");
    let on = |stream: &str| {
        let here = before.iter().filter(|line| line["stream"] == stream);
        here.map(|line| line["data"].as_str().expect("text")).collect::<String>()
    };
    assert!(before.iter().all(|line| line.as_object().is_some_and(|line| line.len() == 2)), "{before:?}");
    (on("stdout"), on("stderr"), last.clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kubectl_asks_the_door_as_the_caller() {
    let house = House::real().await;
    let (world, kube) = (&house.world, house.kube.as_ref().expect("an API server"));
    for name in ["app-one", "other"] {
        kube.create("/api/v1/namespaces", &json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}))
            .await
            .expect("made");
    }
    let selector = json!({"clusters": ["dev"], "namespaces": ["app-*"], "resources": ["configmaps", "namespaces"], "verbs": ["*"]});
    world.role_add("app-team", json!([{"effect": "allow", "actions": ["kube_request"], "kubernetes": selector}])).await;
    let team = world.user("team", "app-team").await;
    let elsewhere = json!([{"effect": "allow", "actions": ["kube_request"], "kubernetes": {"clusters": ["prod"]}}]);
    world.role_add("elsewhere", elsewhere).await;
    let outsider = world.user("outsider", "elsewhere").await;

    let all = house.ask(&world.admin, &["get", "namespaces", "-o", "name"]).await;
    let (out, err, last) = said(&all);
    assert_eq!((last, err.as_str()), (json!({"exit_code": 0}), ""));
    assert!(out.contains("namespace/kube-system\n") && out.contains("namespace/app-one\n"), "{out}");

    // A list shows what may be seen, and what may not be done is kubectl's own error with its own code.
    let (out, err, last) = said(&house.ask(&team, &["get", "namespaces", "-o", "name"]).await);
    assert_eq!((out.as_str(), last), ("namespace/app-one\n", json!({"exit_code": 0})), "{err}");
    let (out, err, last) = said(&house.ask(&team, &["get", "secrets", "-n", "other"]).await);
    assert_eq!((out.as_str(), last), ("", json!({"exit_code": 1})), "{err}");
    assert!(err.starts_with("Error from server (Forbidden): "), "{err}");
    let refused = house.ask(&outsider, &["version"]).await;
    assert_eq!((refused.status, refused.code().as_str()), (404, "not_found"), "who may do nothing there knows of no cluster");

    // Standard input.
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "made", "namespace": "app-one"}, "data": {"a": "grün"}});
    let wish = json!({"command": ["apply", "-f", "-"], "stdin": map.to_string()});
    let applied = team.post(EXEC, &wish).await;
    let (out, err, last) = said(&applied);
    assert_eq!((out.as_str(), last), ("configmap/made created\n", json!({"exit_code": 0})), "{err}");
    let stored = kube.send(reqwest::Method::GET, "/api/v1/namespaces/app-one/configmaps/made", None).await.expect("it is there");
    assert_eq!(stored["data"]["a"], "grün");
    let (out, _, _) = said(&house.ask(&team, &["get", "configmap", "made", "-n", "app-one", "-o", "jsonpath={.data.a}"]).await);
    assert_eq!(out, "grün");

    // Each request of it is judged and written down for itself, under the id of the run.
    let id = applied.request_id();
    let entries = world.admin.get(&format!("/api/v1/admin/audit?limit=500&q={id}")).await.json();
    let rows: Vec<(&str, &str)> = entries["items"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| (row["action"].as_str().expect("text"), row["result"].as_str().expect("text")))
        .collect();
    for wanted in [("cluster_exec", "started"), ("kube_request", "started"), ("kube_request", "ok"), ("cluster_exec", "ok")] {
        assert!(rows.contains(&wanted), "{wanted:?} in {rows:?}");
    }
    as_text(&team).await;
    over_a_socket(&house, &team).await;
    nothing_leaves_the_door(&house, &team).await;
    the_trail(&house, &team).await;
    assert_eq!(house.homes(), Vec::<PathBuf>::new(), "nothing is left of them");
}

/// As text, the exit code comes in the trailer.
async fn as_text(team: &Api) {
    for (command, code, begins) in
        [(vec!["version", "--client"], "0", "Client Version: v1."), (vec!["get", "pods"], "1", "Error from server (Forbidden)")]
    {
        let request =
            team.request("POST", EXEC).header("accept", "text/plain").header("te", "trailers").json(&json!({ "command": command }));
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.headers()["content-type"], "text/plain; charset=utf-8");
        let body = reqwest::Body::from(answer).collect().await.expect("a whole answer");
        let trailer = body.trailers().and_then(|trailers| trailers.get("x-exit-code")).map(|code| code.to_str().expect("text").to_owned());
        let text = String::from_utf8(body.to_bytes().to_vec()).expect("text");
        assert!(text.starts_with(begins), "{text}");
        assert_eq!(trailer.as_deref(), Some(code), "{text}");
    }
}

/// Standard input in pieces, then its end.
async fn over_a_socket(house: &House, team: &Api) {
    let mut socket = open(team, &["apply", "-f", "-"], "").await;
    for piece in ["apiVersion: v1\nkind: ConfigMap\n", "metadata: {name: piece, namespace: app-one}\n"] {
        tell(&mut socket, 0, piece.as_bytes()).await;
    }
    tell(&mut socket, 255, &[0]).await;
    let (out, err, end) = heard(&mut socket).await;
    assert_eq!((out.as_str(), err.as_str(), end), ("configmap/piece created\n", "", json!({"exit_code": 0})));
    let outsider = house.world.login("outsider").await;
    assert_eq!(refused(&outsider, &["version"]).await, 404);
    assert_eq!(refused(team, &["proxy"]).await, 400);
    assert_eq!(team.get(&format!("{EXEC}?command=version")).await.status, 400, "no WebSocket");
}

/// The courtesy of a clear line, and that nothing depends on it.
async fn nothing_leaves_the_door(house: &House, team: &Api) {
    let kube = house.kube.as_ref().expect("an API server");
    let server = format!("--server={}", kube.url());
    for command in [
        vec!["get", "pods", server.as_str()],
        vec!["get", "pods", "--kubeconfig", "/etc/passwd"],
        vec!["get", "pods", "--token", "x"],
        vec!["get", "pods", "--user=admin"],
        vec!["proxy"],
        vec!["port-forward", "x", "80"],
        vec!["edit", "configmap", "made"],
        vec!["plugin", "list"],
        vec!["apply", "-f", "/etc/passwd"],
    ] {
        let answer = house.ask(team, &command).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "invalid"), "{command:?}: {}", answer.text());
    }
    // Short flags in one word are read by kubectl alone.
    let hidden = format!("-As{}", kube.url());
    let (out, err, last) = said(&house.ask(team, &["get", "configmaps", &hidden, "--request-timeout=5s"]).await);
    assert_eq!((out.as_str(), last), ("", json!({"exit_code": 1})), "{err}");
    assert!(err.contains("connect: permission denied"), "the sandbox keeps it: {err}");
    // A plugin is no command here, whatever it is called.
    let (_, err, last) = said(&house.ask(team, &["ls"]).await);
    assert_eq!(last, json!({"exit_code": 1}), "{err}");
    assert!(err.contains("unknown command"), "{err}");
}

/// What is written down: user, cluster, command, status, how long, and no secret.
async fn the_trail(house: &House, team: &Api) {
    let command = ["create", "secret", "generic", "x", "-n", "other", "--from-literal=password=hunter2"];
    let (_, err, last) = said(&house.ask(team, &command).await);
    assert_eq!(last, json!({"exit_code": 1}), "{err}");
    let rows = house.world.audit("cluster_exec").await;
    let told = "kubectl create secret generic x -n other --from-literal=password=…";
    let (ended, started) = (&rows[0], &rows[1]);
    assert_eq!((started["result"].as_str(), started["detail"].as_str()), (Some("started"), Some(told)), "{started:#}");
    assert_eq!(ended["detail"], format!("{told} → exit code 1"), "{ended:#}");
    assert_eq!((&ended["result"], &ended["actor"], &ended["resource"]), (&json!("failed"), &json!("team"), &json!("dev")), "{ended:#}");
    assert!(ended["duration_ms"].is_i64(), "{ended:#}");
    assert_eq!(ended["request_id"], started["request_id"]);
    let all = house.world.admin.get("/api/v1/admin/audit?limit=500").await.text();
    let log = format!("{}{}", house.agent.log(), house.world.server.log());
    assert!(!all.contains("hunter2") && !log.contains("hunter2") && !log.contains("mck_"), "a secret was written down");
}

/// The sandbox itself, without anything in front of it: what a kubectl that was told everything could do in it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sandbox_holds_whatever_kubectl_is_told() {
    let kube = KubePeer::start().await.expect("an API server");
    let kubeconfig = kube.kubeconfig(&kube.url(), kube.admin()).expect("a kubeconfig");
    let home = tempfile::tempdir().expect("a folder");
    let plugin = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "x", "contexts": [{"name": "x", "context": {"cluster": "x", "user": "x"}}],
        "clusters": [{"name": "x", "cluster": {"server": kube.url(), "insecure-skip-tls-verify": true}}],
        "users": [{"name": "x", "user": {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "/bin/cat",
            "args": ["/etc/passwd"], "interactiveMode": "Never"}}}],
    });
    let path = kubeconfig.display().to_string();
    let cases: [(&str, Vec<&str>, String, &str); 3] = [
        ("a file", vec!["--kubeconfig", &path, "get", "ns"], String::new(), "permission denied"),
        ("a credential plugin", vec!["--kubeconfig", "/dev/stdin", "get", "ns"], plugin.to_string(), "permission denied"),
        ("a manifest", vec!["create", "--dry-run=client", "-f", "/etc/passwd"], String::new(), "permission denied"),
    ];
    let kubectl = &kube.programs().kubectl;
    let open = run(kube.kubectl(&kubeconfig).args(["get", "ns"]), "").await.expect("it runs");
    assert!(open.status.success(), "without the sandbox that works: {open:?}");
    for (what, arguments, input, why) in cases {
        let mut command = tokio::process::Command::new(binary("mc-agent").expect("built"));
        command.args([
            "sandbox-exec",
            "--port",
            "1",
            "--cpu-seconds",
            "60",
            "--memory-bytes",
            "1073741824",
            "--file-bytes",
            "1048576",
            "--dir",
        ]);
        command.arg(home.path()).arg("--").arg(kubectl).args(arguments).env_clear().env("HOME", home.path()).current_dir(home.path());
        let done = run(&mut command, &input).await.expect("it runs");
        let err = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(!done.status.success() && err.contains(why), "{what}: {done:?}");
    }
}

/// What a script in kubectl's place is given and what it can reach.
const PROBE: &str = r#"
case "$1" in
env) /usr/bin/env | /usr/bin/sort; echo "PWD=$(/bin/pwd)" ;;
fds) echo /proc/$$/fd/* ;;
read) /bin/cat "$2" ;;
write) echo x > "$2" ;;
own) echo x > mine && /bin/cat mine && echo '#!/bin/bash' > run && /bin/chmod 700 run && ./run ;;
connect) exec 3<>"/dev/tcp/127.0.0.1/$2" && echo connected ;;
limits) ulimit -c; ulimit -n; ulimit -t ;;
session) echo "$$ $(/usr/bin/ps -o sid=,pgid= -p $$ 2>/dev/null)" ;;
shout) while true; do echo 0123456789012345678901234567890123456789; done ;;
hang) echo "$$"; /bin/sleep 1000 & /bin/sleep 1000 ;;
spin) while true; do :; done ;;
tty) /usr/bin/stty size; read -r line; echo "<$line>"; /usr/bin/stty size; trap 'echo interrupted; exit 7' INT; echo ready; while true; do /bin/sleep 0.05; done ;;
size) trap '/usr/bin/stty size; exit 0' WINCH; echo ready; while true; do /bin/sleep 0.05; done ;;
esac
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_runs_has_nothing_of_the_agents() {
    let house = House::script(PROBE, "cpu_seconds = 120").await;
    let admin = &house.world.admin;
    let (out, err, _) = said(&house.ask(admin, &["env"]).await);
    let names: Vec<&str> =
        out.lines().filter_map(|line| Some(line.split_once('=')?.0)).filter(|name| !["_", "SHLVL", "OLDPWD"].contains(name)).collect();
    // The last is where it runs; the shell sets it for itself as well.
    let given = ["GOMEMLIMIT", "HOME", "KUBECACHEDIR", "KUBECONFIG", "KUBERC", "LANG", "PATH", "PWD", "TMPDIR", "TZ", "PWD"];
    assert_eq!(names, given, "{out}{err}");
    let value = |name: &str| out.lines().rev().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).expect("it is set").to_owned();
    assert_eq!((value("HOME"), value("PATH").as_str()), (value("PWD"), "/nonexistent"));
    assert!(Path::new(&value("PWD")).starts_with(house.agent.data_dir().join("kubectl")), "{out}");

    let (out, err, _) = said(&house.ask(admin, &["fds"]).await);
    let mut open: Vec<&str> = out.split_whitespace().filter_map(|path| path.rsplit('/').next()).collect();
    open.sort_unstable();
    // Bash reads the script by the 255th, and opens the third to look.
    assert_eq!(open, ["0", "1", "2", "255", "3"], "{err}");
    let (out, ..) = said(&house.ask(admin, &["limits"]).await);
    assert_eq!(out, "0\n512\n120\n");

    let data = house.agent.data_dir();
    let secret = data.join("key.pem");
    assert!(secret.exists(), "it is there to be read");
    for file in [
        secret.as_path(),
        &data.join("identity.json"),
        Path::new("/etc/passwd"),
        Path::new("/proc/1/environ"),
        &house.dir.path().join("kubeconfig"),
    ] {
        let (out, err, last) = said(&house.ask(admin, &["read", &file.display().to_string()]).await);
        assert_eq!((out.as_str(), last), ("", json!({"exit_code": 1})), "{}", file.display());
        assert!(err.contains("Permission denied"), "{err}");
    }
    for file in ["/tmp/of-a-kubectl", "../of-a-kubectl"] {
        let (_, err, _) = said(&house.ask(admin, &["write", file]).await);
        assert!(err.contains("Permission denied"), "{err}");
    }
    let (out, err, _) = said(&house.ask(admin, &["own"]).await);
    assert!(out == "x\n" && err.contains("Permission denied"), "its folder is to write in, not to start programs from: {out}{err}");

    // Any port but its own way to the door; the listener is there to be reached.
    let other = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = other.local_addr().expect("an address").port().to_string();
    let (out, err, _) = said(&house.ask(admin, &["connect", &port]).await);
    assert!(out.is_empty() && err.contains("Permission denied"), "{out}{err}");
    assert_eq!(house.homes(), Vec::<PathBuf>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_runs_has_limits_and_ends_with_its_caller() {
    let mut house = House::script(PROBE, "output_mb = 1\ntime = \"2s\"\ncpu_seconds = 1\nat_once = 1").await;
    let admin = house.world.admin.clone();
    let (out, _, last) = said(&house.ask(&admin, &["shout"]).await);
    assert_eq!((out.len(), last), (1024 * 1024, json!({"error": "it said more than the 1 MB that this agent's owner allows"})));
    // A terminal has a longer time.
    let (_, _, end) = heard(&mut open(&admin, &["spin"], "&tty=true").await).await;
    assert!(end["error"].as_str().is_some_and(|why| why.contains("1 s of processor time")), "{end}");
    let (out, _, last) = said(&house.ask(&admin, &["hang"]).await);
    assert_eq!(last, json!({"error": "it ran longer than the 2s that this agent's owner allows"}));
    gone(&out).await;

    // Whoever leaves ends it, with all it started.
    let mut socket = open(&admin, &["hang"], "&tty=true").await;
    let (_, pid) = next(&mut socket).await;
    let busy = house.ask(&admin, &["env"]).await;
    assert_eq!((busy.status, busy.code().as_str()), (409, "busy"), "{}", busy.text());
    drop(socket);
    gone(&String::from_utf8_lossy(&pid)).await;
    let left = house.world.audited("cluster_exec", |row| row["detail"] == "kubectl hang → the caller left").await;
    assert_eq!(left["result"], "failed");

    // A login that ends ends what it began.
    let user = house.world.user("leaver", "admin").await;
    let mut socket = open(&user, &["hang"], "&tty=true").await;
    let (_, pid) = next(&mut socket).await;
    assert_eq!(user.post("/api/v1/auth/logout", &json!({})).await.status, 204);
    let (_, _, end) = heard(&mut socket).await;
    assert_eq!(end, json!({"error": "the session has ended"}));
    gone(&String::from_utf8_lossy(&pid)).await;

    // An agent that is lost.
    let mut socket = open(&admin, &["hang"], "&tty=true").await;
    let (_, pid) = next(&mut socket).await;
    house.agent.kill().await.expect("killed");
    let (_, _, end) = heard(&mut socket).await;
    assert!(end["error"].as_str().is_some_and(|why| why.starts_with("the agent was lost")), "{end}");
    gone(&String::from_utf8_lossy(&pid)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_has_a_size_and_keys() {
    let house = House::script(PROBE, "").await;
    let mut socket = open(&house.world.admin, &["tty"], "&tty=true&cols=91&rows=37").await;
    until(&mut socket, "37 91").await;
    tell(&mut socket, 4, br#"{"Width":120,"Height":40}"#).await;
    tell(&mut socket, 0, b"hello\n").await;
    until(&mut socket, "<hello>\r\n40 120\r\nready").await;
    // Ctrl-C reaches what runs in the foreground of it.
    tell(&mut socket, 0, b"\x03").await;
    let (out, err, end) = heard(&mut socket).await;
    assert!(out.contains("interrupted") && err.is_empty(), "{out:?}");
    assert_eq!(end, json!({"exit_code": 7}));
    let mut socket = open(&house.world.admin, &["size"], "&tty=true").await;
    until(&mut socket, "ready").await;
    tell(&mut socket, 4, br#"{"Width":50,"Height":20}"#).await;
    let (out, _, end) = heard(&mut socket).await;
    assert!(out.contains("20 50"), "it is told of its new size: {out:?}");
    assert_eq!(end, json!({"exit_code": 0}));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_an_agent_whose_owner_says_so_runs_one() {
    let dir = tempfile::tempdir().expect("a folder");
    let kubeconfig = dir.path().join("kubeconfig");
    fs::write(&kubeconfig, NOWHERE).expect("written");
    let missing = dir.path().join("kubectl");
    let mut house = House::around(None, dir, &config(&kubeconfig, &missing, r#"["read", "write", "connect"]"#, "")).await;
    let admin = house.world.admin.clone();
    let refused = house.ask(&admin, &["version"]).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "not_allowed_by_agent"), "{}", refused.text());
    assert!(refused.text().contains("kubernetes.allow"), "{}", refused.text());
    let row = house.world.audited("cluster_exec", |row| row["result"] == "failed").await;
    assert!(row["detail"].as_str().is_some_and(|detail| detail.starts_with("kubectl version → this agent's owner")), "{row:#}");
    for (command, says) in [(json!([]), "empty"), (json!(["kubectl"]), "empty"), (json!(["a\u{0}b"]), "NUL")] {
        let answer = admin.post(EXEC, &json!({ "command": command })).await;
        assert_eq!(answer.status, 400);
        assert!(answer.text().contains(says), "{}", answer.text());
    }
    let long = "x".repeat(8 * 1024 * 1024 + 1);
    assert_eq!(admin.post(EXEC, &json!({"command": ["version"], "stdin": long})).await.status, 400);

    house.agent.stop().await.expect("stopped");
    let away = eventually("the agent is away", async || {
        let answer = house.ask(&admin, &["version"]).await;
        (answer.status == 503).then_some(answer)
    });
    assert_eq!(away.await.code(), "unavailable");

    fs::write(house.agent.dir().join("agent.toml"), config(&kubeconfig, &missing, r#"["kubectl"]"#, "")).expect("written");
    house.agent.run().expect("started");
    let missing = eventually("the agent is back", async || {
        let answer = house.ask(&admin, &["version"]).await;
        (answer.code() == "exec_failed").then_some(answer)
    });
    assert!(missing.await.text().contains("is no program that can be run"));
    let seen = admin.get("/api/v1/agents/cluster-dev").await.json();
    assert!(seen["allow"].as_array().expect("a list").contains(&json!("kubernetes:kubectl")), "{seen:#}");
}
