//! What runs in a container of a kubelet that is none: a few programs with stdin, stdout, stderr and the size of a terminal.

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// Pieces on their way.
const PIECES: usize = 16;
/// A piece of a flood.
const FLOOD: usize = 8 * 1_024;

/// What is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Printed {
    /// To stdout.
    Out(Bytes),
    /// To stderr.
    Err(Bytes),
}

/// What goes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Typed; empty at its end.
    Typed(Bytes),
    /// The terminal's size as it came, JSON.
    Size(Value),
}

/// The outer ends of a program's pipes.
#[derive(Debug)]
pub struct Pipes {
    /// To it. Dropped, it ends what waits for more.
    pub input: mpsc::Sender<Input>,
    /// From it, until it ends.
    pub printed: mpsc::Receiver<Printed>,
    /// How it ended.
    pub ended: tokio::task::JoinHandle<i32>,
}

struct Inner {
    input: mpsc::Receiver<Input>,
    printed: mpsc::Sender<Printed>,
    size: Value,
    tty: bool,
}

/// Runs a program:
/// `echo WORDS` · `err WORDS` (to stderr) · `exit CODE` · `cat` · `flood BYTES` · `hang` (until its input ends) · `sh`, which reads lines
/// and runs those and `size`; with a terminal it shows what is typed.
#[must_use]
pub fn run(command: Vec<String>, tty: bool) -> Pipes {
    let (input, typed) = mpsc::channel(PIECES);
    let (print, printed) = mpsc::channel(PIECES);
    let inner = Inner { input: typed, printed: print, size: Value::Null, tty };
    Pipes { input, printed, ended: tokio::spawn(inner.run(command)) }
}

/// A `Status` as kubelets write it to the error stream.
#[must_use]
pub fn status(code: i32) -> String {
    if code == 0 {
        return json!({"metadata": {}, "status": "Success"}).to_string();
    }
    let message = format!("command terminated with non-zero exit code: exit status {code}");
    let causes = json!([{"reason": "ExitCode", "message": code.to_string()}]);
    json!({"metadata": {}, "status": "Failure", "message": message, "reason": "NonZeroExitCode", "details": {"causes": causes}}).to_string()
}

impl Inner {
    async fn run(mut self, command: Vec<String>) -> i32 {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["sh", ..] => self.shell().await,
            ["cat"] => {
                while let Some(typed) = self.typed().await {
                    self.print(typed).await;
                }
                0
            }
            ["hang"] => {
                while self.typed().await.is_some() {}
                0
            }
            words => self.simple(words).await,
        }
    }

    /// The next that is typed; sizes are remembered.
    async fn typed(&mut self) -> Option<Bytes> {
        loop {
            match self.input.recv().await? {
                Input::Size(size) => self.size = size,
                Input::Typed(typed) if typed.is_empty() => return None,
                Input::Typed(typed) => return Some(typed),
            }
        }
    }

    async fn print(&self, text: impl Into<Bytes>) {
        // Nobody may read any more.
        let _ = self.printed.send(Printed::Out(text.into())).await;
    }

    async fn simple(&self, words: &[&str]) -> i32 {
        match words {
            ["echo", words @ ..] => self.print(words.join(" ") + "\n").await,
            ["err", words @ ..] => {
                let text = Bytes::from(words.join(" ") + "\n");
                let _ = self.printed.send(if self.tty { Printed::Out(text) } else { Printed::Err(text) }).await;
            }
            ["exit", code] => return code.parse().unwrap_or(2),
            ["flood", bytes] => {
                let mut left: usize = bytes.parse().unwrap_or_default();
                while left > 0 {
                    let piece = left.min(FLOOD);
                    self.print("0123456789abcde\n".repeat(FLOOD / 16).get(..piece).unwrap_or_default().to_owned()).await;
                    left -= piece;
                }
            }
            ["size"] => self.print(format!("{} {}\n", self.size["Width"], self.size["Height"])).await,
            [] => {}
            [unknown, ..] => {
                let text = Bytes::from(format!("{unknown}: not found\n"));
                let _ = self.printed.send(if self.tty { Printed::Out(text) } else { Printed::Err(text) }).await;
                return 127;
            }
        }
        0
    }

    async fn shell(mut self) -> i32 {
        let mut line = String::new();
        let mut code = 0;
        if self.tty {
            self.print("$ ").await;
        }
        while let Some(typed) = self.typed().await {
            if self.tty {
                self.print(typed.clone()).await;
            }
            line.push_str(&String::from_utf8_lossy(&typed).replace('\r', "\n"));
            while let Some((first, rest)) = line.split_once('\n') {
                let words: Vec<String> = first.split_whitespace().map(str::to_owned).collect();
                line = rest.to_owned();
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                if let ["exit", given] = words.as_slice() {
                    return given.parse().unwrap_or(2);
                }
                code = self.simple(&words).await;
                if self.tty {
                    self.print("$ ").await;
                }
            }
        }
        code
    }
}
