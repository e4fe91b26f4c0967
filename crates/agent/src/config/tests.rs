use super::*;

fn load(text: &str) -> Result<Config, String> {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("c.toml");
    std::fs::write(&file, text).expect("written");
    let error = |error: ConfigError| error.to_string().replace(&dir.path().display().to_string(), "");
    Config::load(Some(&file), dir.path()).map_err(error)
}

#[test]
fn nothing_configured_is_a_host_that_allows_the_three_actions() {
    let dir = tempfile::tempdir().expect("a folder");
    let config = Config::load(None, dir.path()).expect("defaults");
    assert_eq!(config.kind(), AgentKind::Host);
    assert_eq!(config.allow.actions, CommandAction::ALL);
    assert_eq!(config.spool_max_bytes, 64 * 1024 * 1024);
}

#[test]
fn the_published_example_is_read() {
    let config = load(
        r#"
name = "alpha"
[workload]
kind = "command"
command = ["node", "server.js"]
stop_timeout = "10s"
[[logs]]
path = "/var/log/app.jsonl"
[allow]
shell = false
files = ["/var/log:ro"]
"#,
    )
    .expect("valid");
    assert_eq!(config.name.map(String::from), Some("alpha".to_owned()));
    assert_eq!(config.logs.len(), 1);
    assert_eq!(config.allow.unused, ["files"]);
    let WorkloadConfig::Command(start) = config.workload else { panic!("a command") };
    assert_eq!((start.stop_timeout, start.restart), (Duration::from_secs(10), RestartPolicy::Always));
}

#[test]
fn units_get_their_type_and_no_option_passes_for_one() {
    let WorkloadConfig::Systemd { unit, user } =
        load("[workload]\nkind = \"systemd\"\nunit = \"nginx\"\nuser = true").expect("valid").workload
    else {
        panic!("a unit")
    };
    assert_eq!((unit.as_str(), user), ("nginx.service", true));
    assert!(load("[workload]\nkind = \"systemd\"\nunit = \"--force\"").is_err());
}

#[test]
fn mistakes_are_one_line_with_their_place() {
    let cases = [
        ("nmae = \"x\"", "/c.toml:1:1: unknown field `nmae`"),
        ("name = \"A b\"", "/c.toml:1:8: agent name \"A b\" is not valid"),
        ("[workload]\nkind = \"docker\"", "/c.toml:2:8: unknown variant `docker`"),
        ("\n[workload]\nkind = \"command\"", "/c.toml:2:1: a command workload needs `command`"),
        ("[workload]\nkind = \"command\"\ncommand = []", "/c.toml:3:11: command must hold a program"),
        ("[workload]\nkind = \"host\"\nunit = \"x\"", "/c.toml:3:8: `unit` has no meaning"),
        ("[workload]\nkind = \"command\"\ncommand = [\"x\"]\nstop_timeout = \"soon\"", "/c.toml:4:16: \"soon\" is no time"),
        ("[allow]\nactions = [\"restart\", \"fly\"]", "/c.toml:2:23: \"fly\" is not an action"),
        ("[allow]\nfiles = [\"/etc\"]", "/c.toml:2:10: \"/etc\" is no file permission"),
        ("[[logs]]\npath = \"app.log\"", "/c.toml:2:8: a log's path must be absolute"),
        ("[spool]\nmax_mb = 0", "/c.toml:2:10: spool.max_mb must be 1"),
        ("[kubernetes]\ncluster = \"dev\"\nkubectl = \"kubectl\"", "/c.toml:3:11: kubectl is not absolute"),
        ("[kubernetes]\ncluster = \"dev\"\n[kubernetes.exec]\ntime = \"0s\"", "/c.toml:4:8: \"0s\" is no time"),
        ("[kubernetes]\ncluster = \"dev\"\n[kubernetes.exec]\nmemory_mb = 1", "/c.toml:4:13: must be 128 to 65536"),
        ("[kubernetes]\ncluster = \"dev\"\n[allow]\nkubernetes = [\"exec\"]", "/c.toml:4:15: \"exec\" is no permission in a cluster"),
        ("name = ", "/c.toml:1:8: "),
    ];
    for (text, expected) in cases {
        let error = load(text).expect_err(text);
        assert!(error.starts_with(expected), "{text:?} gave {error:?}");
        assert!(!error.contains('\n'), "{error:?}");
    }
}

#[test]
fn environment_values_never_show() {
    let config =
        load("[workload]\nkind = \"command\"\ncommand = [\"x\", \"--token\", \"abc\"]\nenv = { KEY = \"hunter2\" }").expect("valid");
    let shown = format!("{config:?}");
    assert!(!shown.contains("hunter2") && !shown.contains("abc"), "{shown}");
}

#[test]
fn a_kubectl_runs_only_where_the_owner_says_so_and_in_bounds() {
    let kubernetes = |text: &str| load(&format!("[kubernetes]\ncluster = \"dev\"\n{text}")).expect("valid").kubernetes.expect("a cluster");
    let silent = kubernetes("");
    assert_eq!((silent.allow.names(), silent.kubectl), (vec!["read"], KubectlConfig::default()));
    let said = kubernetes(
        "kubectl = \"/opt/kubectl\"\n[kubernetes.exec]\ntime = \"1m\"\nat_once = 2\nreadable = [\"/etc/ssl\"]\n[allow]\nkubernetes = [\"kubectl\"]",
    );
    assert_eq!(said.allow.names(), ["kubectl"]);
    let wanted = KubectlConfig {
        program: Some("/opt/kubectl".into()),
        time: Duration::from_secs(60),
        at_once: 2,
        readable: vec!["/etc/ssl".into()],
        ..KubectlConfig::default()
    };
    assert_eq!(said.kubectl, wanted);
    assert!(said.kubectl.find().is_err_and(|text| text.contains("/opt/kubectl")));
}
