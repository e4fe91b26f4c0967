//! What the program reads from its surroundings. Nothing else reads the environment.

use std::{
    ffi::OsString,
    io::IsTerminal as _,
    path::{Path, PathBuf},
};

use crate::{
    config::{Context, Secret},
    failure::Failure,
    mk8s,
};

/// The surroundings.
pub(crate) struct Environment {
    /// The name it was called by: `mc` or `mk8s`.
    pub(crate) program: &'static str,
    /// The path it was called by, links not followed: what it does depends on its name.
    pub(crate) called: PathBuf,
    /// The configuration file; `None` when there is no home directory to keep it in.
    pub(crate) config: Option<PathBuf>,
    /// Whether the configuration file is another than it would be without a variable that names it.
    pub(crate) config_named: bool,
    /// Whether `mc`, having no configuration of its own, uses that of `mk8s`.
    pub(crate) config_borrowed: bool,
    /// An API token to use instead of what the configuration holds.
    pub(crate) token: Option<Secret>,
    /// The server to use instead of a context, and whom to trust there.
    pub(crate) server: Option<Context>,
    /// The cluster to use instead of the chosen one.
    pub(crate) cluster: Option<String>,
    /// The kubeconfig files that kubectl reads, the first being the one to write.
    pub(crate) kubeconfigs: Vec<PathBuf>,
    /// Where programs are looked for.
    pub(crate) path: OsString,
    /// What a Kubernetes client tells its credential plugin.
    pub(crate) exec_info: Option<String>,
    /// Whether stdin, stdout and stderr are terminals.
    pub(crate) stdin_terminal: bool,
    pub(crate) stdout_terminal: bool,
    pub(crate) stderr_terminal: bool,
    /// Whether there is a desktop on which a browser can open.
    pub(crate) desktop: bool,
    /// Whether the user wants no colours.
    pub(crate) no_color: bool,
    /// The terminal's width in columns.
    pub(crate) width: Option<u16>,
}

fn value(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

fn words(name: &str) -> Option<String> {
    value(name).and_then(|text| text.into_string().ok())
}

impl Environment {
    pub(crate) fn read() -> Self {
        let argument = std::env::args_os().next().map(PathBuf::from).unwrap_or_default();
        let program = if argument.file_stem().is_some_and(|name| name == "mk8s") { "mk8s" } else { "mc" };
        let path = value("PATH").unwrap_or_default();
        let server = words("MC_SERVER").map(|server| Context {
            server,
            ca_pin: words("MC_CA_PIN"),
            ca_file: value("MC_CA_FILE").map(PathBuf::from),
            ..Context::default()
        });
        let (config, config_named, config_borrowed) = config_file(program);
        let stdout_terminal = std::io::stdout().is_terminal();
        let width = rustix::termios::tcgetwinsize(std::io::stdout()).ok().map(|size| size.ws_col).filter(|columns| *columns > 0);
        Self {
            program,
            called: called(&argument, &path),
            config,
            config_named,
            config_borrowed,
            token: words("MC_TOKEN").map(|token| Secret(token.trim().to_owned())),
            server,
            cluster: words("MC_CLUSTER"),
            kubeconfigs: kubeconfigs(),
            path,
            exec_info: words("KUBERNETES_EXEC_INFO"),
            stdin_terminal: std::io::stdin().is_terminal(),
            stdout_terminal,
            stderr_terminal: std::io::stderr().is_terminal(),
            desktop: value("DISPLAY").or_else(|| value("WAYLAND_DISPLAY")).is_some(),
            no_color: value("NO_COLOR").is_some() || value("TERM").is_some_and(|term| term == "dumb"),
            width: width.filter(|_| stdout_terminal),
        }
    }

    /// Where the configuration is kept.
    pub(crate) fn config_path(&self) -> Result<&Path, Failure> {
        self.config.as_deref().ok_or_else(|| Failure::failed("no place for the configuration: set HOME or MC_CONFIG"))
    }

    /// The kubeconfig to write.
    pub(crate) fn kubeconfig(&self) -> Result<&Path, Failure> {
        let first = self.kubeconfigs.first().map(PathBuf::as_path);
        first.ok_or_else(|| Failure::failed("no place for the kubeconfig: set HOME or KUBECONFIG"))
    }

    /// A program in `PATH` that is not this one.
    pub(crate) fn find_program(&self, name: &str) -> Option<PathBuf> {
        let own = std::env::current_exe().and_then(|path| path.canonicalize()).ok();
        let other = |path: &PathBuf| is_program(path) && path.canonicalize().ok() != own;
        std::env::split_paths(&self.path).map(|folder| folder.join(name)).find(other)
    }
}

/// The configuration file, whether a variable says where it is, and whether it is that of `mk8s` though called `mc`.
fn config_file(program: &str) -> (Option<PathBuf>, bool, bool) {
    if let Some(named) = value("MC_CONFIG").map(PathBuf::from) {
        return (Some(std::path::absolute(&named).unwrap_or(named)), true, false);
    }
    let home = value("HOME").map(PathBuf::from);
    let mk8s = home.as_ref().map(|home| home.join(mk8s::FILE));
    if program == "mk8s" {
        return (mk8s, false, false);
    }
    let base = value("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let named = base.is_some();
    let own = base.or_else(|| home.map(|home| home.join(".config"))).map(|base| base.join("mc/config.yaml"));
    match mk8s {
        Some(mk8s) if mk8s.is_file() && !own.as_ref().is_some_and(|own| own.exists()) => (Some(mk8s), false, true),
        _ => (own, named, false),
    }
}

/// `KUBECONFIG` is a list like `PATH`.
fn kubeconfigs() -> Vec<PathBuf> {
    let listed: Vec<PathBuf> = value("KUBECONFIG")
        .map(|list| std::env::split_paths(&list).filter(|path| !path.as_os_str().is_empty()).collect())
        .unwrap_or_default();
    if !listed.is_empty() {
        return listed;
    }
    value("HOME").map(|home| PathBuf::from(home).join(".kube/config")).into_iter().collect()
}

/// The full path of the program as it was called.
fn called(argument: &Path, path: &OsString) -> PathBuf {
    let full = if argument.components().count() > 1 {
        std::path::absolute(argument).ok()
    } else {
        std::env::split_paths(path)
            .map(|folder| folder.join(argument))
            .find(|path| is_program(path))
            .and_then(|path| std::path::absolute(path).ok())
    };
    full.filter(|path| path.exists()).or_else(|| std::env::current_exe().ok()).unwrap_or_else(|| argument.to_owned())
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}
