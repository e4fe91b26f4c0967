//! Everything that is printed: results on stdout, the rest on stderr. A reader that went away ends the program without a word.

use std::io::{ErrorKind, Write as _};

use serde::Serialize;

use crate::{
    args::{Format, Global},
    environment::Environment,
    failure::{Exit, Failure},
    table::{Table, Tone},
};

/// The way out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Out {
    pub(crate) format: Format,
    stdout_terminal: bool,
    stderr_terminal: bool,
    colour: bool,
    colour_errors: bool,
    width: Option<u16>,
}

impl Out {
    pub(crate) fn new(environment: &Environment, global: &Global) -> Self {
        let colour = !global.no_color && !environment.no_color;
        Self {
            format: global.output,
            stdout_terminal: environment.stdout_terminal,
            stderr_terminal: environment.stderr_terminal,
            colour: colour && environment.stdout_terminal,
            colour_errors: colour && environment.stderr_terminal,
            width: environment.width,
        }
    }

    /// Bytes as they are.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Result<(), Failure> {
        let mut stdout = std::io::stdout().lock();
        stdout.write_all(bytes).and_then(|()| stdout.flush()).map_err(|error| match error.kind() {
            ErrorKind::BrokenPipe => Failure::told(Exit::Done),
            _ => Failure::failed(format!("cannot write the output: {error}")),
        })
    }

    /// A line of the result.
    pub(crate) fn line(&self, text: &str) -> Result<(), Failure> {
        self.bytes(format!("{}\n", text.trim_end_matches('\n')).as_bytes())
    }

    /// A result: for people as the text that `table` makes, for programs as data.
    pub(crate) fn value<T: Serialize>(&self, value: &T, table: impl FnOnce() -> String) -> Result<(), Failure> {
        match self.format {
            Format::Table => self.line(&table()),
            Format::Json => self.line(&serde_json::to_string_pretty(value).map_err(unwritable)?),
            Format::Yaml => self.line(&serde_saphyr::to_string(value).map_err(unwritable)?),
        }
    }

    /// One of a stream of results: a JSON line, or a YAML document.
    pub(crate) fn item<T: Serialize>(&self, value: &T, text: impl FnOnce() -> String) -> Result<(), Failure> {
        match self.format {
            Format::Table => self.line(&text()),
            Format::Json => self.line(&serde_json::to_string(value).map_err(unwritable)?),
            Format::Yaml => self.line(&format!("---\n{}", serde_saphyr::to_string(value).map_err(unwritable)?)),
        }
    }

    /// Something done, for people; programs get `value`.
    pub(crate) fn said<T: Serialize>(&self, value: &T, text: &str) -> Result<(), Failure> {
        self.value(value, || text.to_owned())
    }

    /// A table as text, cut to the terminal and coloured where that is wanted.
    pub(crate) fn render(&self, table: &Table) -> String {
        table.render(self.width, self.colour)
    }

    /// Text in a tone, coloured where that is wanted.
    pub(crate) fn tone(&self, text: &str, tone: Tone) -> String {
        if self.colour { tone.paint(text) } else { text.to_owned() }
    }

    /// Text from elsewhere: what would steer the reader's terminal is shown, not sent.
    pub(crate) fn outside<'a>(&self, text: &'a str) -> std::borrow::Cow<'a, str> {
        if self.stdout_terminal { clean(text) } else { text.into() }
    }

    /// A remark on stderr.
    pub(crate) fn note(&self, text: &str) {
        let _ = writeln!(std::io::stderr(), "{}", clean(text));
    }

    /// Text on stderr without a line end: prompts.
    pub(crate) fn ask(&self, text: &str) {
        let mut stderr = std::io::stderr().lock();
        let _ = write!(stderr, "{text}").and_then(|()| stderr.flush());
    }

    /// The line of progress on a terminal's stderr, in place of the one before; an empty one clears it.
    pub(crate) fn progress(&self, text: &str) {
        if self.stderr_terminal {
            let room = usize::from(self.width.unwrap_or(80)).saturating_sub(1);
            let text: String = clean(text).chars().take(room).collect();
            self.ask(&format!("\r\u{1b}[2K{text}"));
        }
    }

    /// Why the command failed.
    pub(crate) fn error(&self, text: &str) {
        let label = if self.colour_errors { Tone::Bad.paint("error:") } else { "error:".to_owned() };
        let _ = writeln!(std::io::stderr(), "{label} {}", clean(text));
    }
}

/// Control characters but tab and line end as `\u{…}`.
pub(crate) fn clean(text: &str) -> std::borrow::Cow<'_, str> {
    let steers = |c: char| c.is_control() && c != '\t' && c != '\n';
    if !text.contains(steers) {
        return text.into();
    }
    text.chars().map(|c| if steers(c) { c.escape_unicode().to_string() } else { c.to_string() }).collect::<String>().into()
}

fn unwritable(error: impl std::fmt::Display) -> Failure {
    Failure::failed(format!("cannot write the result: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_shown_not_sent() {
        assert_eq!(clean("plain\ttext"), "plain\ttext");
        assert_eq!(clean("a\u{1b}[31mb\u{7}"), "a\\u{1b}[31mb\\u{7}");
    }
}
