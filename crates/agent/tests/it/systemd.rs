//! An adopted unit, with a systemctl and a journalctl of the test's own on the path.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use mc_domain::id::CommandId;

use crate::{agent::Agent, central::Central};

/// Keeps the unit's state in a file and writes down what it was asked.
const SYSTEMCTL: &str = r#"#!/bin/sh
here=$(dirname "$0")
echo "$@" >> "$here/asked"
case "$1" in
  show) if [ "$(cat "$here/state")" = active ]; then
          printf 'LoadState=loaded\nActiveState=active\nSubState=running\nMainPID=%s\nNRestarts=0\n' "$PPID"
        else
          printf 'LoadState=loaded\nActiveState=inactive\nSubState=dead\nMainPID=0\nNRestarts=0\n'
        fi ;;
  restart) if [ -e "$here/refuse" ]; then echo "Job for app.service failed." >&2; exit 1; fi
        echo active > "$here/state" ;;
  kill) ;;
  stop) echo inactive > "$here/state" ;;
esac
"#;

const JOURNALCTL: &str = r#"#!/bin/sh
here=$(dirname "$0")
echo "journalctl $*" >> "$here/asked"
echo '{"__CURSOR":"c1","__REALTIME_TIMESTAMP":"1795320500000000","PRIORITY":"4","MESSAGE":"from the journal"}'
exec sleep 1000
"#;

fn script(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[tokio::test]
async fn a_unit_is_adopted_restarted_killed_and_heard() {
    let mut central = Central::start().await;
    let agent = Agent::joined(&central).await;
    let bin = agent.path("bin");
    fs::create_dir(&bin).unwrap();
    script(&bin.join("systemctl"), SYSTEMCTL);
    script(&bin.join("journalctl"), JOURNALCTL);
    fs::write(bin.join("state"), "inactive\n").unwrap();
    fs::write(agent.data_dir().join("agent.toml"), "[workload]\nkind = \"systemd\"\nunit = \"app\"\n").unwrap();
    let running = agent.run_with(&[("PATH", &format!("{}:/usr/bin:/bin", bin.display()))]);
    let mut link = central.link().await;
    assert_eq!(link.hello.identity.as_ref().unwrap().kind, "systemd");
    let line = link.line("from the journal").await;
    assert_eq!((line.source.as_str(), line.level, line.at_micros), ("journal", 3, 1_795_320_500_000_000));

    let id = CommandId::new().to_string();
    link.command(&id, "restart", 30).await;
    let done = link.result(&id).await;
    assert!(done.state == "done" && done.text.starts_with("restarted, pid "), "{}", done.text);
    let id = CommandId::new().to_string();
    link.command(&id, "kill", 30).await;
    assert_eq!(link.result(&id).await.state, "done");
    fs::write(bin.join("refuse"), "").unwrap();
    let id = CommandId::new().to_string();
    link.command(&id, "restart", 30).await;
    let failed = link.result(&id).await;
    assert_eq!((failed.state.as_str(), failed.text.as_str()), ("failed", "Job for app.service failed."));

    let asked = fs::read_to_string(bin.join("asked")).unwrap();
    for expected in ["restart -- app.service", "kill --signal=SIGKILL -- app.service", "stop -- app.service", "--unit=app.service"] {
        assert!(asked.contains(expected), "{expected}:\n{asked}");
    }
    running.stop().await;
}
