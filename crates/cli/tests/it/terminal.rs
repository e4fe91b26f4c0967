//! What a person at a terminal sees. `script`, which every Debian has, lends the terminal.

use mc_testkit::{
    Agent, Server,
    program::run,
    server::{ADMIN, PASSWORD},
};
use tokio::process::Command;

use crate::mc::Mc;

/// A terminal on which this line is run, in the surroundings of `program`.
pub(crate) fn terminal(program: &Command, line: &str) -> Command {
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--echo", "never", "--command", line, "/dev/null"]);
    for (name, value) in program.as_std().get_envs() {
        match value {
            Some(value) => script.env(name, value),
            None => script.env_remove(name),
        };
    }
    script
}

/// Runs `mc` on a terminal, typing `input`; answers the exit code and everything the terminal showed.
pub(crate) async fn on_a_terminal(mc: &Mc, arguments: &str, input: &str) -> (i32, String) {
    let mut script = terminal(&mc.command(), &format!("{} {arguments}", env!("CARGO_BIN_EXE_mc")));
    let output = run(&mut script, input).await.expect("script runs");
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[tokio::test]
async fn a_person_is_asked_for_all_that_is_missing() {
    let server = Server::start().await.expect("server");
    let mc = Mc::new();
    let pin = server.ca_pin().expect("pin").to_string();
    let (code, shown) = on_a_terminal(&mc, "login", &format!("{}\nno\n", server.url())).await;
    assert_eq!(code, 6, "{shown}");
    assert!(shown.contains(&pin) && shown.contains("nothing was sent"), "{shown}");
    let (code, shown) = on_a_terminal(&mc, "login", &format!("{}\nyes\n{ADMIN}\n{PASSWORD}\n", server.url())).await;
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("Logged in") && !shown.contains(PASSWORD), "{shown}");
    mc.run(&["status"]).await.exits(0);
}

#[tokio::test]
async fn a_person_confirms_what_cannot_be_undone() {
    let server = Server::start().await.expect("server");
    let (mc, admin) = (Mc::admin(&server).await, server.admin().await.expect("admin"));
    let mut kept = Vec::new();
    for name in ["one", "two", "three"] {
        kept.push(Agent::join(&server, &admin, name, "").await.expect("agent"));
    }
    let (code, shown) = on_a_terminal(&mc, "agents remove one", "n\n").await;
    assert!(code == 1 && shown.contains("Remove one?") && shown.contains("nothing was done"), "{code} {shown}");
    let (code, shown) = on_a_terminal(&mc, "agents remove one two", "yes\n").await;
    assert!(code == 1 && shown.contains("Type 2 to remove them"), "{code} {shown}");
    assert_eq!(mc.json(&["agents", "list"]).await["total"], 3);
    let (code, shown) = on_a_terminal(&mc, "agents remove one two", "2\n").await;
    assert_eq!(code, 0, "{shown}");
    assert_eq!(mc.json(&["agents", "list"]).await["total"], 1);
}

#[tokio::test]
async fn colours_and_widths_are_a_terminals() {
    let server = Server::start().await.expect("server");
    let mc = Mc::admin(&server).await;
    let (_, shown) = on_a_terminal(&mc, "users list", "").await;
    assert!(shown.contains("\u{1b}[32mactive"), "{shown:?}");
    let (_, plain) = on_a_terminal(&mc, "users list --no-color", "").await;
    assert!(!plain.contains("\u{1b}[32m") && plain.contains("active"), "{plain:?}");
    assert!(!mc.run(&["users", "list"]).await.exits(0).out.contains('\u{1b}'));
}
