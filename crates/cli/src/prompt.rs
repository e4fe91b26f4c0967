//! Questions to the person at the terminal. Where nobody can be asked, each says which flag answers it.

use std::io::{BufRead as _, Read as _};

use crate::{app::App, failure::Failure};

/// The longest password or line read from stdin.
const INPUT_MAX_BYTES: u64 = 64 * 1024;
/// Names listed in a confirmation before the rest is counted.
const LISTED: usize = 20;

impl App {
    /// Whether somebody can be asked.
    pub(crate) const fn can_ask(&self) -> bool {
        self.environment.stdin_terminal && self.environment.stderr_terminal
    }

    /// A line.
    pub(crate) fn ask_line(&self, question: &str, flag: &str) -> Result<String, Failure> {
        if !self.can_ask() {
            return Err(Failure::usage(format!("pass {flag}: nobody can be asked here")));
        }
        self.out.ask(question);
        let mut line = String::new();
        let read = std::io::stdin().lock().take(INPUT_MAX_BYTES).read_line(&mut line);
        match read {
            Ok(0) => Err(Failure::failed("no answer")),
            Ok(_) => Ok(line.trim().to_owned()),
            Err(error) => Err(Failure::failed(format!("cannot read the answer: {error}"))),
        }
    }

    /// A password: from stdin when `stdin` is set, else asked for without echo.
    pub(crate) fn ask_password(&self, question: &str, stdin: bool) -> Result<String, Failure> {
        if stdin {
            let text = secret_text()?;
            let password = line_of(&text);
            return if password.is_empty() { Err(Failure::usage("the password on stdin is empty")) } else { Ok(password.to_owned()) };
        }
        self.ask_secret(question, "--password-stdin")
    }

    /// Something secret, asked for without echo.
    pub(crate) fn ask_secret(&self, question: &str, flag: &str) -> Result<String, Failure> {
        if !self.can_ask() {
            return Err(Failure::usage(format!("pass {flag}: nobody can be asked here")));
        }
        rpassword::prompt_password(question).map_err(|error| Failure::failed(format!("cannot read the answer: {error}")))
    }

    /// A secret from stdin.
    pub(crate) fn read_secret(&self, what: &str) -> Result<String, Failure> {
        let mut text = String::new();
        let read = std::io::stdin().lock().take(INPUT_MAX_BYTES).read_to_string(&mut text);
        read.map_err(|error| Failure::failed(format!("cannot read the {what} from stdin: {error}")))?;
        let text = text.trim();
        if text.is_empty() { Err(Failure::usage(format!("the {what} on stdin is empty"))) } else { Ok(text.to_owned()) }
    }

    /// A new password, asked for twice.
    pub(crate) fn ask_new_password(&self, stdin: bool) -> Result<String, Failure> {
        let password = self.ask_password("New password (at least 12 characters): ", stdin)?;
        if !stdin && self.ask_password("The same again: ", false)? != password {
            return Err(Failure::failed("the two passwords differ; nothing was changed"));
        }
        Ok(password)
    }

    /// Lets the user confirm what is about to happen to these things: yes for one, their count for many.
    pub(crate) fn confirm(&self, verb: &str, noun: &str, names: &[String], yes: bool) -> Result<(), Failure> {
        if yes {
            return Ok(());
        }
        if !self.can_ask() {
            return Err(Failure::usage(format!("pass --yes to {verb} without being asked: nobody can be asked here")));
        }
        let agreed = if let [name] = names {
            matches!(self.ask_line(&format!("{} {name}? [y/N] ", capital(verb)), "--yes")?.to_lowercase().as_str(), "y" | "yes")
        } else {
            self.out.note(&listing(verb, noun, names));
            self.ask_line(&format!("Type {} to {verb} them: ", names.len()), "--yes")? == names.len().to_string()
        };
        if agreed { Ok(()) } else { Err(Failure::failed("nothing was done")) }
    }
}

/// All of stdin.
pub(crate) fn secret_text() -> Result<String, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().lock().take(INPUT_MAX_BYTES).read_to_string(&mut text);
    read.map_err(|error| Failure::failed(format!("cannot read the password from stdin: {error}")))?;
    Ok(text)
}

/// Text without the end of its line.
pub(crate) fn line_of(text: &str) -> &str {
    let line = text.strip_suffix('\n').unwrap_or(text);
    line.strip_suffix('\r').unwrap_or(line)
}

fn listing(verb: &str, noun: &str, names: &[String]) -> String {
    let mut text = format!("About to {verb} {} {noun}s:", names.len());
    for name in names.iter().take(LISTED) {
        text.push_str("\n  ");
        text.push_str(name);
    }
    if names.len() > LISTED {
        text.push_str(&format!("\n  and {} more", names.len() - LISTED));
    }
    text
}

/// With its first letter in upper case.
pub(crate) fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_counted_not_printed() {
        let names: Vec<String> = (0..23).map(|n| format!("agent-{n}")).collect();
        let text = listing("restart", "agent", &names);
        assert!(text.starts_with("About to restart 23 agents:\n  agent-0\n"), "{text}");
        assert!(text.ends_with("agent-19\n  and 3 more"), "{text}");
    }
}
