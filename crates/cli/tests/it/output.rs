//! What programs that read `mc` rely on.

use std::process::Stdio;

use mc_testkit::Server;

use crate::mc::Mc;

#[tokio::test]
async fn wrong_usage_exits_2() {
    let mc = Mc::new();
    for arguments in
        [&["bogus"][..], &["agents", "restart"], &["agents", "list", "--sort", "colour"], &["version", "-o", "xml"], &["login"]]
    {
        let done = mc.run(arguments).await.exits(2);
        assert_eq!(done.out, "", "{done:?}");
    }
}

#[tokio::test]
async fn a_reader_that_goes_away_is_no_error() {
    let mc = Mc::new();
    let mut child = mc.command().args(["completion", "bash"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
    drop(child.stdout.take());
    let done = child.wait_with_output().await.expect("ends");
    assert!(done.status.success() && done.stderr.is_empty(), "{done:?}");
}

#[tokio::test]
async fn every_shell_has_a_completion() {
    let mc = Mc::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(mc.run(&["completion", shell]).await.exits(0).out.contains("join-token"), "{shell}");
    }
}

#[tokio::test]
async fn json_and_yaml_say_the_same() {
    let server = Server::start().await.expect("server");
    let mc = Mc::admin(&server).await;
    for arguments in [&["users", "list"][..], &["audit", "--action", "login"], &["join-tokens", "list"], &["contexts", "list"]] {
        let json = mc.json(arguments).await;
        let mut yaml = arguments.to_vec();
        yaml.extend(["-o", "yaml"]);
        let yaml: serde_json::Value = serde_saphyr::from_str(&mc.run(&yaml).await.exits(0).out).expect("YAML");
        // The user's last activity moves on with each request.
        let still = |mut value: serde_json::Value| {
            value["items"].as_array_mut().into_iter().flatten().for_each(|item| item["last_active_at"] = serde_json::Value::Null);
            value
        };
        assert_eq!(still(yaml), still(json), "{arguments:?}");
    }
}
