//! kubectl run by the cluster's agent: streams, terminals, exit codes, and what cannot work from afar.

use std::{fs, process::Stdio};

use mc_testkit::program::{LIMIT, run};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

use crate::{
    mc::{Done, done},
    peer::Peer,
    terminal::terminal,
};

async fn kubectl(peer: &Peer, arguments: &[&str], input: &str) -> Done {
    let mut command = peer.command();
    command.args(["kubectl", "--remote"]).args(arguments);
    done(&mut command, input).await
}

#[tokio::test]
async fn output_and_exit_code_are_kubectls() {
    let peer = Peer::start().await;
    let ran = kubectl(&peer, &["get", "pods", "-o", "wide", "--", "a b&c"], "left alone").await.exits(3);
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("out\n", "err\n"));
    assert_eq!(peer.asked(), ["command=get&command=pods&command=-o&command=wide&command=--&command=a+b%26c"]);
    let failed = kubectl(&peer, &["fails"], "").await.exits(1).says("the agent went away");
    assert_eq!(failed.out, "out\n");
    kubectl(&peer, &["breaks"], "").await.exits(6).says("the connection");
    kubectl(&peer, &["refused"], "").await.exits(4).says("your role does not allow it");
}

#[tokio::test]
async fn without_a_kubectl_the_agents_is_used() {
    let peer = Peer::start().await;
    let mut command = peer.command();
    done(command.env("PATH", "/nonexistent").args(["k", "get", "pods"]), "").await.exits(3);
    // This very program under that name is none.
    let folder = peer.command().as_std().get_current_dir().expect("home").join("bin");
    fs::create_dir(&folder).expect("folder");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_mc"), folder.join("kubectl")).expect("link");
    let mut command = peer.command();
    done(command.env("PATH", &folder).args(["kubectl", "get", "pods"]), "").await.exits(3);
    assert_eq!(peer.asked().len(), 2);
}

#[tokio::test]
async fn stdin_goes_to_who_reads_it_and_to_nobody_else() {
    let peer = Peer::start().await;
    let large = "x".repeat(3_000_000);
    assert_eq!(kubectl(&peer, &["apply", "-f", "-"], &large).await.exits(0).out, "3000000 bytes\n");
    assert_eq!(kubectl(&peer, &["apply", "-f", "-"], "").await.exits(0).out, "0 bytes\n");
    // In a loop the rest of the list is the loop's.
    let mut shell = Command::new("sh");
    let mc = peer.command();
    for (name, value) in mc.as_std().get_envs() {
        if let Some(value) = value {
            shell.env(name, value);
        }
    }
    shell.args(["-c", r#"while read name; do "$0" kubectl --remote get "$name"; done"#, env!("CARGO_BIN_EXE_mc")]);
    let looped = run(&mut shell, "one\ntwo\nthree\n").await.expect("it runs");
    assert_eq!(String::from_utf8_lossy(&looped.stdout), "out\nout\nout\n");
}

#[tokio::test]
async fn what_needs_this_machine_says_so() {
    let peer = Peer::start().await;
    let home = peer.command().as_std().get_current_dir().expect("home").to_owned();
    fs::write(home.join("app.yaml"), "{}").expect("written");
    kubectl(&peer, &["apply", "-f", "app.yaml"], "").await.exits(2).says("-f - < app.yaml");
    kubectl(&peer, &["-n", "web", "port-forward", "pod/a", "80"], "").await.exits(2).says("needs a kubectl on this machine");
    let mut command = peer.command();
    let without = done(command.env("PATH", "/nonexistent").args(["kubectl", "edit", "pod", "a"]), "").await.exits(2);
    assert!(without.err.contains("there is no kubectl in PATH"), "{without:?}");
    assert!(peer.asked().is_empty(), "nothing was asked of the agent");
    // `-f` follows logs.
    fs::write(home.join("get"), "").expect("written");
    kubectl(&peer, &["get", "--", "-f", "app.yaml"], "").await.exits(3);
}

/// A person at a terminal.
struct Person {
    child: Child,
    out: ChildStdout,
    seen: String,
}

impl Person {
    fn sits(command: &Command, line: &str) -> Self {
        let mut script = terminal(command, line);
        let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn().expect("script runs");
        let out = child.stdout.take().expect("stdout");
        Self { child, out, seen: String::new() }
    }

    async fn types(&mut self, text: &str) {
        let stdin = self.child.stdin.as_mut().expect("stdin");
        stdin.write_all(text.as_bytes()).await.expect("typed");
        stdin.flush().await.expect("typed");
    }

    async fn sees(&mut self, text: &str) {
        let reading = async {
            while !self.seen.contains(text) {
                let mut piece = Vec::with_capacity(4096);
                let count = self.out.read_buf(&mut piece).await.expect("read");
                assert!(count > 0, "it ended without {text:?}: {:?}", self.seen);
                self.seen.push_str(&String::from_utf8_lossy(&piece));
            }
        };
        assert!(timeout(LIMIT, reading).await.is_ok(), "no {text:?} in time: {:?}", self.seen);
    }
}

#[tokio::test]
async fn a_terminal_is_lent_as_it_is() {
    let peer = Peer::start().await;
    let line = format!(
        "sh -c 'tty; stty rows 30 cols 90; {} kubectl --remote exec -it pod -- sh; echo \"ended $?\"; stty -a'",
        env!("CARGO_BIN_EXE_mc")
    );
    let mut person = Person::sits(&peer.command(), &line);
    person.sees("ready").await;
    let query = peer.asked().pop().expect("asked");
    assert!(query.ends_with("&tty=true&cols=90&rows=30"), "{query}");
    // Neither does Ctrl-C end the program, nor does anything wait for the end of a line.
    person.types("\u{3}").await;
    person.sees("typed [3]").await;
    person.types("a").await;
    person.sees("typed [97]").await;
    let device = person.seen.lines().find(|line| line.starts_with("/dev/")).expect("a terminal").trim().to_owned();
    let resized = Command::new("stty").args(["-F", &device, "rows", "50", "cols", "120"]).status().await.expect("stty");
    assert!(resized.success());
    person.sees(r#"{"Width":120,"Height":50}"#).await;
    person.types("q").await;
    person.sees("ended 7").await;
    // The terminal is as it was.
    person.sees("\nisig icanon").await;
    assert!(person.child.wait().await.expect("ends").success());
}

#[tokio::test]
async fn without_a_terminal_none_is_asked_for() {
    let peer = Peer::start().await;
    let ran = kubectl(&peer, &["exec", "-it", "pod", "--", "sh"], "q").await.exits(7);
    assert!(ran.out.starts_with("ready"), "{ran:?}");
    assert!(!peer.asked().concat().contains("tty=true"));
}
