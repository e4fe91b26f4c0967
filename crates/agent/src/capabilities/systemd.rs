//! A systemd unit that runs anyway and is adopted: its state, its journal, restart and kill. All by `systemctl` and `journalctl` with
//! argument arrays; the unit's name was validated with the configuration.

use std::{process::Stdio, sync::Arc, time::Duration};

use mc_domain::{
    log::{LogLevel, LogLine},
    time::{Clock, Time},
    workload::{Fact, FactState, Workload, WorkloadState},
};
use mc_process::group;
use procfs::Current;
use tokio::{
    process::Command,
    sync::{Notify, watch},
};

/// How often the unit is asked after.
const LOOK: Duration = Duration::from_secs(15);
/// How often it is seen whether its process still lives, which costs next to nothing.
const GLANCE: Duration = Duration::from_secs(1);
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

/// A handle on an adopted unit.
#[derive(Clone)]
pub(crate) struct Systemd {
    unit: Unit,
    clock: Arc<dyn Clock>,
    publish: Arc<watch::Sender<Workload>>,
    nudge: Arc<Notify>,
}

/// What `systemctl show` tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Shown {
    load: String,
    active: String,
    sub: String,
    result: String,
    pid: Option<u32>,
    restarts: u32,
    exit: Option<i32>,
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
    async fn systemctl(&self, arguments: &[&str]) -> Result<String, String> {
        let output = self.command("systemctl", arguments).output().await.map_err(|error| format!("cannot run systemctl: {error}"))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let first = said.lines().find(|line| !line.trim().is_empty()).unwrap_or("systemctl failed without a word");
        Err(mc_wire::convert::cut(first, 300))
    }

    async fn show(&self) -> Result<Shown, String> {
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
    fn parse(text: &str) -> Self {
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

    fn state(&self) -> (WorkloadState, String) {
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

impl Systemd {
    /// Adopts the unit: looks at it now and from time to time.
    pub(crate) fn adopt(unit: Unit, clock: Arc<dyn Clock>) -> Self {
        let first = Workload { state: WorkloadState::Starting, title: unit.name.clone(), ..Workload::default() };
        let adopted = Self { unit, clock, publish: Arc::new(watch::channel(first).0), nudge: Arc::default() };
        tokio::spawn(adopted.clone().keep());
        adopted
    }

    /// The unit, now and whenever it changes.
    pub(crate) fn watch(&self) -> watch::Receiver<Workload> {
        self.publish.subscribe()
    }

    /// Restarts the unit, as systemd does it.
    pub(crate) async fn restart(&self) -> Result<String, String> {
        self.publish.send_modify(|workload| {
            workload.state = WorkloadState::Restarting;
            "systemctl restart".clone_into(&mut workload.detail);
        });
        let done = self.unit.systemctl(&["restart", "--", &self.unit.name]).await;
        self.look().await;
        done?;
        let pid = self.publish.borrow().pid;
        Ok(pid.map_or_else(|| "restarted".to_owned(), |pid| format!("restarted, pid {pid}")))
    }

    /// Kills the unit and stops it, so that systemd does not start it again.
    pub(crate) async fn kill(&self) -> Result<String, String> {
        self.publish.send_modify(|workload| {
            workload.state = WorkloadState::Stopping;
            "systemctl kill".clone_into(&mut workload.detail);
        });
        // A unit without processes has nothing to kill; stopping it is what matters then.
        let killed = self.unit.systemctl(&["kill", "--signal=SIGKILL", "--", &self.unit.name]).await;
        let stopped = self.unit.systemctl(&["stop", "--", &self.unit.name]).await;
        self.look().await;
        stopped.map_err(|error| killed.err().unwrap_or(error))?;
        Ok("killed; it stays stopped until it is restarted".to_owned())
    }

    /// Looks at the unit now.
    pub(crate) async fn look(&self) {
        let shown = self.unit.show().await;
        let now = self.clock.now();
        self.publish.send_if_modified(|before| {
            let next = report(&self.unit.name, shown, before, now);
            let changed = *before != next;
            *before = next;
            changed
        });
        self.nudge.notify_waiters();
    }

    async fn keep(self) {
        self.look().await;
        loop {
            let pid = self.publish.borrow().pid;
            let gone = async {
                loop {
                    tokio::time::sleep(GLANCE).await;
                    if pid.is_some_and(|pid| group::stat(pid).is_none_or(|process| process.zombie)) {
                        return;
                    }
                }
            };
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = gone => {}
                // Somebody else just looked.
                () = self.nudge.notified() => continue,
            }
            self.look().await;
        }
    }
}

fn report(title: &str, shown: Result<Shown, String>, before: &Workload, now: Time) -> Workload {
    let shown = match shown {
        Ok(shown) => shown,
        Err(problem) => {
            let facts = vec![fact(before, now, FactState::Unknown, problem.clone())];
            return Workload { state: WorkloadState::Failed, detail: problem, title: title.to_owned(), facts, ..Workload::default() };
        }
    };
    let (state, detail) = shown.state();
    let unit = format!("{} ({})", shown.active, shown.sub);
    let unit_fact = match state {
        WorkloadState::Running => FactState::Ok,
        WorkloadState::Starting | WorkloadState::Stopping => FactState::Waiting,
        WorkloadState::Stopped => FactState::Unknown,
        _ => FactState::Bad,
    };
    let started_at = shown.pid.and_then(|pid| if before.pid == Some(pid) { before.started_at } else { started(pid, now) });
    Workload {
        state,
        detail,
        title: title.to_owned(),
        pid: shown.pid,
        started_at,
        restarts: shown.restarts,
        last_exit: shown.exit.filter(|_| shown.pid.is_none() || shown.restarts > 0),
        facts: vec![fact(before, now, unit_fact, unit)],
    }
}

fn fact(before: &Workload, now: Time, state: FactState, detail: String) -> Fact {
    let old = before.facts.iter().find(|old| old.state == state && old.detail == detail);
    Fact { name: "unit".to_owned(), state, detail, since: old.map_or(now, |old| old.since) }
}

/// When a process started, from its start in ticks and the machine's uptime.
fn started(pid: u32, now: Time) -> Option<Time> {
    let process = group::stat(pid)?;
    let up = procfs::Uptime::current().ok()?.uptime;
    let since_boot = super::host::real(process.start_ticks) / super::host::real(procfs::ticks_per_second());
    let age = Duration::try_from_secs_f64((up - since_boot).max(0.0)).ok()?;
    Some(now.before(age))
}

/// One line of the journal, and the cursor after it.
pub(crate) fn journal_line(text: &str, now: Time) -> Option<(LogLine, String)> {
    let record: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).ok()?;
    let word = |name: &str| record.get(name).and_then(serde_json::Value::as_str);
    let message = match record.get("MESSAGE")? {
        serde_json::Value::String(text) => text.clone(),
        // What is no text comes as an array of bytes.
        serde_json::Value::Array(bytes) => {
            let bytes: Vec<u8> = bytes.iter().filter_map(|byte| byte.as_u64().and_then(|byte| u8::try_from(byte).ok())).collect();
            String::from_utf8_lossy(&bytes).into_owned()
        }
        _ => return None,
    };
    let at = word("__REALTIME_TIMESTAMP").and_then(|micros| micros.parse().ok()).map_or(now, Time::from_micros);
    let read = crate::level::read(&message, crate::config::LogFormat::Auto);
    let priority = word("PRIORITY").and_then(|number| number.parse().ok());
    // Everything a service prints has priority 6: what the text itself says is more then.
    let level = match (priority, read.level) {
        (None | Some(6), Some(level)) => level,
        (Some(priority), _) => crate::level::from_syslog(priority).unwrap_or(LogLevel::Info),
        (None, None) => LogLevel::Info,
    };
    let message = mc_wire::convert::cut(&read.message, mc_domain::log::LINE_MAX_BYTES);
    let line = LogLine { at: read.at.unwrap_or(at), level, source: "journal".to_owned(), message };
    Some((line, word("__CURSOR")?.to_owned()))
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

    #[test]
    fn facts_keep_their_age() {
        let (early, late) = (Time::from_micros(1), Time::from_micros(2));
        let up = || Ok(shown("LoadState=loaded\nActiveState=active\nSubState=running"));
        let first = report("u", up(), &Workload::default(), early);
        let second = report("u", up(), &first, late);
        assert_eq!(second.facts.first().map(|fact| fact.since), Some(early));
        let third = report("u", Err("systemctl does not answer".into()), &second, late);
        assert_eq!((third.state, third.facts.first().map(|fact| fact.since)), (WorkloadState::Failed, Some(late)));
    }

    #[test]
    fn journal_records_become_lines() {
        let now = Time::from_micros(9);
        let text = r#"{"__CURSOR":"s=1;i=2","__REALTIME_TIMESTAMP":"1795320500000000","PRIORITY":"6","MESSAGE":"ERROR: no route"}"#;
        let (line, cursor) = journal_line(text, now).expect("a line");
        assert_eq!((line.level, line.at.as_micros(), cursor.as_str()), (LogLevel::Error, 1_795_320_500_000_000, "s=1;i=2"));
        let (line, _) = journal_line(r#"{"__CURSOR":"c","PRIORITY":"3","MESSAGE":[104,105]}"#, now).expect("a line");
        assert_eq!((line.level, line.message.as_str(), line.at), (LogLevel::Error, "hi", now));
        for nonsense in ["", "{}", r#"{"MESSAGE":null,"__CURSOR":"c"}"#, "[1]"] {
            assert!(journal_line(nonsense, now).is_none(), "{nonsense}");
        }
    }
}
