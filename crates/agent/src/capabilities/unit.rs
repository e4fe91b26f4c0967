//! A unit by way of `systemctl` and `journalctl`, always with argument arrays; the unit's name was validated with the configuration.

use std::{process::Stdio, time::Duration};

use mc_domain::workload::WorkloadState;
use tokio::process::Command;

/// How long `systemctl show` may take.
const SHOW_LIMIT: Duration = Duration::from_secs(20);
const PROPERTIES: &str = "LoadState,ActiveState,SubState,MainPID,NRestarts,ExecMainStatus,ExecMainCode,Result,Description";

/// A unit.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    pub(crate) name: String,
    /// A unit of this user's own manager.
    pub(crate) user: bool,
}

/// What `systemctl show` tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) load: String,
    pub(crate) active: String,
    pub(crate) sub: String,
    pub(crate) result: String,
    pub(crate) pid: Option<u32>,
    pub(crate) restarts: u32,
    pub(crate) exit: Option<i32>,
}

impl Unit {
    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        if self.user {
            command.arg("--user");
        }
        command.args(arguments).stdin(Stdio::null()).env("LC_ALL", "C").env("SYSTEMD_COLORS", "0").kill_on_drop(true);
        command
    }

    /// Runs `systemctl` and returns what it prints; the error is its first line.
    pub(crate) async fn systemctl(&self, arguments: &[&str]) -> Result<String, String> {
        let output = self.command("systemctl", arguments).output().await.map_err(|error| format!("cannot run systemctl: {error}"))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let first = said.lines().find(|line| !line.trim().is_empty()).unwrap_or("systemctl failed without a word");
        Err(mc_wire::convert::cut(first, 300))
    }

    pub(crate) async fn show(&self) -> Result<Shown, String> {
        let arguments = ["show", "--no-pager", "--property", PROPERTIES, "--", &self.name];
        let text =
            tokio::time::timeout(SHOW_LIMIT, self.systemctl(&arguments)).await.map_err(|_| "systemctl does not answer".to_owned())??;
        Ok(Shown::parse(&text))
    }

    /// The journal of the unit as JSON, from `cursor` or with the last hundred lines.
    pub(crate) fn journal(&self, cursor: Option<&str>) -> Command {
        let from = cursor.map_or_else(|| "--lines=100".to_owned(), |cursor| format!("--after-cursor={cursor}"));
        let mut arguments = vec!["--follow", "--output=json", "--no-pager", "--quiet", from.as_str()];
        if cursor.is_some() {
            // Following alone would begin with the last ten lines.
            arguments.push("--no-tail");
        }
        let unit = format!("--unit={}", self.name);
        arguments.push(&unit);
        self.command("journalctl", &arguments)
    }
}

impl Shown {
    pub(crate) fn parse(text: &str) -> Self {
        let field =
            |name: &str| text.lines().find_map(|line| line.split_once('=').filter(|(key, _)| *key == name)).map_or("", |(_, value)| value);
        let pid = field("MainPID").parse().ok().filter(|pid| *pid != 0);
        // ExecMainCode is the kernel's: 1 exited, 2 and 3 ended by a signal.
        let exit = match (field("ExecMainCode"), field("ExecMainStatus").parse::<i32>()) {
            ("1", Ok(code)) => Some(code),
            ("2" | "3", Ok(signal)) => Some(-signal),
            _ => None,
        };
        Self {
            load: field("LoadState").to_owned(),
            active: field("ActiveState").to_owned(),
            sub: field("SubState").to_owned(),
            result: field("Result").to_owned(),
            pid,
            restarts: field("NRestarts").parse().unwrap_or(0),
            exit,
        }
    }

    pub(crate) fn state(&self) -> (WorkloadState, String) {
        match (self.load.as_str(), self.active.as_str(), self.sub.as_str()) {
            ("not-found", ..) => (WorkloadState::Failed, "there is no such unit: check workload.unit".to_owned()),
            ("masked", ..) => (WorkloadState::Failed, "the unit is masked".to_owned()),
            (_, "active" | "reloading", _) => (WorkloadState::Running, String::new()),
            (_, "activating", "auto-restart" | "auto-restart-queued") => (WorkloadState::Backoff, self.why()),
            (_, "activating", _) => (WorkloadState::Starting, String::new()),
            (_, "deactivating", _) => (WorkloadState::Stopping, String::new()),
            (_, "inactive", _) => (WorkloadState::Stopped, String::new()),
            (_, "failed", _) if self.result == "start-limit-hit" => {
                (WorkloadState::CrashLoop, "systemd gave up: it ended too often (start-limit-hit)".to_owned())
            }
            (_, "failed", _) => (WorkloadState::Failed, self.why()),
            (_, other, _) => (WorkloadState::Failed, format!("in the state {other:?}")),
        }
    }

    fn why(&self) -> String {
        match self.exit {
            Some(code) if code < 0 => format!("killed by signal {}", code.unsigned_abs()),
            Some(code) => format!("exit code {code}"),
            None => self.result.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Shown {
        Shown::parse(text)
    }

    #[test]
    fn units_are_understood() {
        let cases = [
            ("LoadState=loaded\nActiveState=active\nSubState=running\nMainPID=77\nNRestarts=2", WorkloadState::Running),
            ("LoadState=loaded\nActiveState=activating\nSubState=auto-restart\nExecMainCode=1\nExecMainStatus=3", WorkloadState::Backoff),
            ("LoadState=loaded\nActiveState=activating\nSubState=start-pre", WorkloadState::Starting),
            ("LoadState=loaded\nActiveState=inactive\nSubState=dead", WorkloadState::Stopped),
            ("LoadState=loaded\nActiveState=failed\nSubState=failed\nResult=start-limit-hit", WorkloadState::CrashLoop),
            (
                "LoadState=loaded\nActiveState=failed\nSubState=failed\nResult=signal\nExecMainCode=2\nExecMainStatus=9",
                WorkloadState::Failed,
            ),
            ("LoadState=not-found\nActiveState=inactive\nSubState=dead", WorkloadState::Failed),
            ("", WorkloadState::Failed),
        ];
        for (text, expected) in cases {
            assert_eq!(shown(text).state().0, expected, "{text}");
        }
        assert_eq!(shown("ExecMainCode=2\nExecMainStatus=9").why(), "killed by signal 9");
        assert_eq!(shown("MainPID=0").pid, None);
    }
}
