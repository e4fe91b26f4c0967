//! `mc` with a home of its own.

use std::{fs, path::PathBuf};

use mc_testkit::{
    Server,
    program::run,
    server::{ADMIN, PASSWORD},
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

/// The variables of this machine that the program would listen to.
const OURS: [&str; 11] = [
    "MC_CONFIG",
    "MC_TOKEN",
    "MC_SERVER",
    "MC_CA_PIN",
    "MC_CA_FILE",
    "MC_CLUSTER",
    "KUBECONFIG",
    "KUBERNETES_EXEC_INFO",
    "XDG_CONFIG_HOME",
    "NO_COLOR",
    "COLUMNS",
];

/// One user's home.
pub(crate) struct Mc {
    home: TempDir,
}

/// What came of one run.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Done {
    /// That it exited with `code`; answers itself to look further.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }

    /// That stderr says this.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.err.contains(text), "{text:?} is not in {self:?}");
        self
    }

    /// That stdout or stderr says this.
    #[track_caller]
    pub(crate) fn prints(self, text: &str) -> Self {
        assert!(self.out.contains(text) || self.err.contains(text), "{text:?} is not in {self:?}");
        self
    }

    /// stdout as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Mc {
    /// A new home.
    pub(crate) fn new() -> Self {
        Self { home: TempDir::new().expect("home") }
    }

    /// A new home, logged in as the admin.
    pub(crate) async fn admin(server: &Server) -> Self {
        Self::user(server, ADMIN).await
    }

    /// A new home, logged in.
    pub(crate) async fn user(server: &Server, username: &str) -> Self {
        let mc = Self::new();
        mc.login(server, username, PASSWORD).await.exits(0);
        mc
    }

    pub(crate) async fn login(&self, server: &Server, username: &str, password: &str) -> Done {
        let (url, pin) = (server.url(), server.ca_pin().expect("pin").to_string());
        self.fed(&["login", "--server", &url, "--ca-pin", &pin, "--username", username, "--password-stdin"], password).await
    }

    /// Runs it without input.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Done {
        self.fed(arguments, "").await
    }

    /// Runs it with input.
    pub(crate) async fn fed(&self, arguments: &[&str], input: &str) -> Done {
        done(self.command().args(arguments), input).await
    }

    /// Runs it with `-o json` and reads the answer.
    pub(crate) async fn json(&self, arguments: &[&str]) -> Value {
        let mut all = arguments.to_vec();
        all.extend(["-o", "json"]);
        self.run(&all).await.exits(0).json()
    }

    /// The program in this home.
    pub(crate) fn command(&self) -> Command {
        self.named(env!("CARGO_BIN_EXE_mc").into())
    }

    /// The program by another path.
    pub(crate) fn named(&self, path: PathBuf) -> Command {
        let mut command = Command::new(path);
        for variable in OURS {
            command.env_remove(variable);
        }
        command.env("HOME", self.home.path()).env("TERM", "xterm").current_dir(self.home.path()).kill_on_drop(true);
        command
    }

    /// A path in this home.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// The configuration file.
    pub(crate) fn config(&self) -> PathBuf {
        self.path(".config/mc/config.yaml")
    }

    /// Replaces the access token by one the server refuses, as when it has ended.
    pub(crate) fn spoil_access_token(&self) {
        let text = fs::read_to_string(self.config()).expect("config");
        let spoilt: Vec<&str> =
            text.lines().map(|line| if line.trim_start().starts_with("access:") { "      access: spoilt" } else { line }).collect();
        assert_ne!(spoilt.join("\n"), text.trim_end(), "no access token in the file");
        fs::write(self.config(), spoilt.join("\n")).expect("written");
    }
}

/// Runs a command to its end.
pub(crate) async fn done(command: &mut Command, input: &str) -> Done {
    let output = run(command, input).await.expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    Done { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}
