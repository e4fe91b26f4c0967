//! The configuration as it is written, before it is checked: every value keeps its place for the error.

use std::{
    collections::BTreeMap,
    ops::Range,
    path::{Path, PathBuf},
    time::Duration,
};

use mc_domain::{
    command::CommandAction,
    name::{AgentName, ClusterName},
};
use mc_process::policy::RestartPolicy;
use serde::Deserialize;
use toml::Spanned;

use super::{
    Allow, Config, ConfigError, KubectlConfig, KubernetesAllow, KubernetesConfig, LogFile, LogFormat, SPOOL_DEFAULT_MB, Start,
    WorkloadConfig,
};

const SPOOL_MAX_MB: u64 = 64 * 1024;
const EXEC_TIME_MAX: Duration = Duration::from_secs(7 * 86_400);

pub(super) fn parse(text: &str) -> Result<Config, Problem> {
    let raw: RawConfig =
        toml::from_str(text).map_err(|error| Problem { at: error.span().unwrap_or_default(), message: error.message().to_owned() })?;
    let name = raw.name.map(|name| checked(name, |name| name.parse::<AgentName>().map_err(|error| error.to_string()))).transpose()?;
    let logs = raw.logs.into_iter().map(RawLog::check).collect::<Result<_, _>>()?;
    let spool = raw.spool.unwrap_or_default().max_mb.map_or(Ok(SPOOL_DEFAULT_MB), |mb| {
        checked(mb, |mb| if (1..=SPOOL_MAX_MB).contains(&mb) { Ok(mb) } else { Err(format!("spool.max_mb must be 1 to {SPOOL_MAX_MB}")) })
    })?;
    let mut raw_allow = raw.allow;
    let in_cluster = kubernetes_allow(raw_allow.as_mut().and_then(|allow| allow.kubernetes.take()))?;
    Ok(Config {
        name,
        workload: raw.workload.map_or(Ok(WorkloadConfig::Host), RawWorkload::check)?,
        logs,
        allow: raw_allow.map_or_else(|| Ok(Allow::default()), RawAllow::check)?,
        kubernetes: raw.kubernetes.map(|kubernetes| kubernetes.check(in_cluster)).transpose()?,
        spool_max_bytes: spool * 1024 * 1024,
    })
}

/// A mistake and its place, in bytes.
pub(super) struct Problem {
    at: Range<usize>,
    message: String,
}

impl Problem {
    pub(super) fn at(self, file: &Path, text: &str) -> ConfigError {
        let before = text.get(..self.at.start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        ConfigError::At { file: file.to_owned(), line, column, message: self.message.replace('\n', " ") }
    }
}

/// `check`s a value and says where it is when it is wrong.
fn checked<T, U>(value: Spanned<T>, check: impl FnOnce(T) -> Result<U, String>) -> Result<U, Problem> {
    let at = value.span();
    check(value.into_inner()).map_err(|message| Problem { at, message })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawConfig {
    name: Option<Spanned<String>>,
    workload: Option<Spanned<RawWorkload>>,
    #[serde(default)]
    logs: Vec<RawLog>,
    allow: Option<RawAllow>,
    kubernetes: Option<RawKubernetes>,
    spool: Option<RawSpool>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RawSpool {
    max_mb: Option<Spanned<u64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLog {
    path: Spanned<PathBuf>,
    #[serde(default)]
    format: LogFormat,
}

impl RawLog {
    fn check(self) -> Result<LogFile, Problem> {
        let path = checked(self.path, |path| {
            if path.is_absolute() { Ok(path) } else { Err("a log's path must be absolute: begin it with /".to_owned()) }
        })?;
        Ok(LogFile { path, format: self.format })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAllow {
    actions: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    shell: bool,
    #[serde(default)]
    files: Vec<Spanned<String>>,
    #[serde(default)]
    docker: bool,
    kubernetes: Option<Vec<Spanned<String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKubernetes {
    cluster: Spanned<String>,
    kubeconfig: Option<Spanned<PathBuf>>,
    kubectl: Option<Spanned<PathBuf>>,
    #[serde(default)]
    exec: RawExec,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RawExec {
    time: Option<Spanned<String>>,
    terminal_time: Option<Spanned<String>>,
    output_mb: Option<Spanned<u64>>,
    memory_mb: Option<Spanned<u64>>,
    cpu_seconds: Option<Spanned<u64>>,
    at_once: Option<Spanned<usize>>,
    #[serde(default)]
    readable: Vec<Spanned<PathBuf>>,
    #[serde(default)]
    without_landlock: bool,
}

impl RawExec {
    fn check(self, program: Option<PathBuf>) -> Result<KubectlConfig, Problem> {
        let usual = KubectlConfig::default();
        let time = |given: Option<Spanned<String>>, usual: Duration| {
            given.map_or(Ok(usual), |given| {
                checked(given, |text| match humantime::parse_duration(&text) {
                    Ok(time) if (1..=EXEC_TIME_MAX.as_secs()).contains(&time.as_secs()) => Ok(time),
                    _ => Err(format!("{text:?} is no time: write \"10m\", at least 1s and at most 7days")),
                })
            })
        };
        let number = |given: Option<Spanned<u64>>, usual: u64, range: std::ops::RangeInclusive<u64>| {
            given.map_or(Ok(usual), |given| {
                checked(given, |number| {
                    let text = format!("must be {} to {}", range.start(), range.end());
                    if range.contains(&number) { Ok(number) } else { Err(text) }
                })
            })
        };
        let at_once =
            |given| checked(given, |at_once| if (1..=64).contains(&at_once) { Ok(at_once) } else { Err("must be 1 to 64".to_owned()) });
        Ok(KubectlConfig {
            program,
            time: time(self.time, usual.time)?,
            terminal_time: time(self.terminal_time, usual.terminal_time)?,
            output_mb: number(self.output_mb, usual.output_mb, 1..=4_096)?,
            memory_mb: number(self.memory_mb, usual.memory_mb, 128..=65_536)?,
            cpu_seconds: number(self.cpu_seconds, usual.cpu_seconds, 1..=86_400)?,
            at_once: self.at_once.map_or(Ok(usual.at_once), at_once)?,
            readable: self.readable.into_iter().map(|path| checked(path, absolute)).collect::<Result<_, _>>()?,
            without_landlock: self.without_landlock,
        })
    }
}

impl RawKubernetes {
    fn check(self, allow: KubernetesAllow) -> Result<KubernetesConfig, Problem> {
        Ok(KubernetesConfig {
            cluster: checked(self.cluster, |name| name.parse::<ClusterName>().map_err(|error| error.to_string()))?,
            kubeconfig: self.kubeconfig.map(|path| checked(path, absolute)).transpose()?,
            allow,
            kubectl: self.exec.check(self.kubectl.map(|path| checked(path, absolute)).transpose()?)?,
        })
    }
}

/// What an owner allows who says nothing of it: to look.
const KUBERNETES_DEFAULT: KubernetesAllow = KubernetesAllow { read: true, write: false, connect: false, kubectl: false };

fn kubernetes_allow(given: Option<Vec<Spanned<String>>>) -> Result<KubernetesAllow, Problem> {
    let Some(given) = given else { return Ok(KUBERNETES_DEFAULT) };
    let mut allow = KubernetesAllow { read: false, write: false, connect: false, kubectl: false };
    for entry in given {
        checked(entry, |entry| {
            match entry.as_str() {
                "read" => allow.read = true,
                "write" => allow.write = true,
                "connect" => allow.connect = true,
                "kubectl" => allow.kubectl = true,
                _ => return Err(format!("{entry:?} is no permission in a cluster: use \"read\", \"write\", \"connect\", \"kubectl\"")),
            }
            Ok(())
        })?;
    }
    Ok(allow)
}

impl RawAllow {
    fn check(self) -> Result<Allow, Problem> {
        let actions = match self.actions {
            None => CommandAction::ALL.to_vec(),
            Some(actions) => actions
                .into_iter()
                .map(|action| checked(action, |action| action.parse::<CommandAction>().map_err(|error| error.to_string())))
                .collect::<Result<_, _>>()?,
        };
        let files = !self.files.is_empty();
        for entry in self.files {
            checked(entry, |entry| {
                let good = entry.rsplit_once(':').is_some_and(|(path, mode)| path.starts_with('/') && matches!(mode, "ro" | "rw"));
                if good { Ok(()) } else { Err(format!("{entry:?} is no file permission: write \"/folder:ro\" or \"/folder:rw\"")) }
            })?;
        }
        let unused = [("shell", self.shell), ("files", files), ("docker", self.docker)];
        Ok(Allow { actions, unused: unused.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect() })
    }
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum RawKind {
    Host,
    Command,
    Systemd,
    Openclaw,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum RawRestart {
    Always,
    OnFailure,
    Never,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWorkload {
    kind: RawKind,
    command: Option<Spanned<Vec<String>>>,
    dir: Option<Spanned<PathBuf>>,
    env: Option<Spanned<BTreeMap<String, String>>>,
    restart: Option<Spanned<RawRestart>>,
    stop_timeout: Option<Spanned<String>>,
    unit: Option<Spanned<String>>,
    user: Option<Spanned<bool>>,
    state_dir: Option<Spanned<PathBuf>>,
    config_path: Option<Spanned<PathBuf>>,
}

impl RawWorkload {
    fn check(whole: Spanned<Self>) -> Result<WorkloadConfig, Problem> {
        let at = whole.span();
        let mut raw = whole.into_inner();
        let kind = raw.kind;
        let missing = |message: &str| Problem { at: at.clone(), message: message.to_owned() };
        let config = match kind {
            RawKind::Host => WorkloadConfig::Host,
            RawKind::Command => WorkloadConfig::Command(
                raw.start()?.ok_or_else(|| missing("a command workload needs `command`, such as command = [\"node\", \"server.js\"]"))?,
            ),
            RawKind::Systemd => {
                let unit = raw.unit.take().ok_or_else(|| missing("a systemd workload needs `unit`, such as unit = \"nginx.service\""))?;
                WorkloadConfig::Systemd { unit: checked(unit, unit_name)?, user: raw.user.take().is_some_and(Spanned::into_inner) }
            }
            RawKind::Openclaw => {
                let state_dir = raw.state_dir.take().ok_or_else(|| missing("an openclaw workload needs `state_dir`"))?;
                WorkloadConfig::Openclaw {
                    state_dir: checked(state_dir, absolute)?,
                    config_path: raw.config_path.take().map(|path| checked(path, absolute)).transpose()?,
                    start: raw.start()?,
                }
            }
        };
        raw.nothing_left()?;
        Ok(config)
    }

    fn start(&mut self) -> Result<Option<Start>, Problem> {
        let Some(command) = self.command.take() else { return Ok(None) };
        let command = checked(command, |command| match command.first() {
            Some(program) if !program.is_empty() && command.iter().all(|part| !part.contains('\0')) => Ok(command),
            _ => Err("command must hold a program and its arguments".to_owned()),
        })?;
        let env = self.env.take().map(|env| {
            checked(env, |env| {
                let bad = env.iter().find(|(name, value)| name.is_empty() || name.contains(['=', '\0']) || value.contains('\0'));
                bad.map_or(Ok(()), |(name, _)| Err(format!("{name:?} cannot be an environment variable")))?;
                Ok(env)
            })
        });
        let stop_timeout = self.stop_timeout.take().map(|text| {
            checked(text, |text| match humantime::parse_duration(&text) {
                Ok(time) if time <= Duration::from_secs(3600) => Ok(time),
                _ => Err(format!("{text:?} is no time up to an hour: write \"10s\" or \"2m\"")),
            })
        });
        let restart = match self.restart.take().map(Spanned::into_inner) {
            None | Some(RawRestart::Always) => RestartPolicy::Always,
            Some(RawRestart::OnFailure) => RestartPolicy::OnFailure,
            Some(RawRestart::Never) => RestartPolicy::Never,
        };
        Ok(Some(Start {
            command,
            dir: self.dir.take().map(|dir| checked(dir, absolute)).transpose()?,
            env: env.transpose()?.unwrap_or_default(),
            restart,
            stop_timeout: stop_timeout.transpose()?.unwrap_or(Duration::from_secs(10)),
        }))
    }

    /// A key that the kind has no use for is a mistake, not decoration.
    fn nothing_left(self) -> Result<(), Problem> {
        let left = [
            ("command", self.command.map(|value| value.span())),
            ("dir", self.dir.map(|value| value.span())),
            ("env", self.env.map(|value| value.span())),
            ("restart", self.restart.map(|value| value.span())),
            ("stop_timeout", self.stop_timeout.map(|value| value.span())),
            ("unit", self.unit.map(|value| value.span())),
            ("user", self.user.map(|value| value.span())),
            ("state_dir", self.state_dir.map(|value| value.span())),
            ("config_path", self.config_path.map(|value| value.span())),
        ];
        match left.into_iter().find_map(|(name, at)| Some((name, at?))) {
            Some((name, at)) => Err(Problem { at, message: format!("`{name}` has no meaning for this kind of workload: remove it") }),
            None => Ok(()),
        }
    }
}

fn absolute(path: PathBuf) -> Result<PathBuf, String> {
    if path.is_absolute() { Ok(path) } else { Err(format!("{} is not absolute: begin it with /", path.display())) }
}

/// A systemd unit's name; `.service` is added when it has no type. A leading `-` would be read as an option.
fn unit_name(name: String) -> Result<String, String> {
    let good = name.len() <= 255
        && !name.starts_with(['-', '.'])
        && !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '.' | '\\' | '@' | '-'));
    match (good, name.contains('.')) {
        (true, true) => Ok(name),
        (true, false) => Ok(format!("{name}.service")),
        (false, _) => Err(format!("{name:?} is not a unit's name")),
    }
}
