//! Bytes to lines, bounded: a line longer than the limit is cut and ends in `…`, and a reader that is not read from makes the writer wait.

use tokio::{
    io::{AsyncRead, AsyncReadExt},
    sync::mpsc,
};

/// Where a line came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl Stream {
    /// The stream's name: the source of its log lines.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }
}

/// One line of a program's output, without its line end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputLine {
    /// Where it came from.
    pub stream: Stream,
    /// The text; bytes that are no UTF-8 are replaced.
    pub text: String,
}

/// Cuts bytes into lines as they come.
#[derive(Debug)]
pub struct Splitter {
    max: usize,
    line: Vec<u8>,
    cut: bool,
    seen: u64,
    complete: u64,
}

impl Splitter {
    /// For lines of at most `max` bytes.
    #[must_use]
    pub const fn new(max: usize) -> Self {
        Self { max, line: Vec::new(), cut: false, seen: 0, complete: 0 }
    }

    /// Takes more bytes and appends the lines they complete to `out`.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<String>) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.seen = self.seen.saturating_add(part.len() as u64);
            let (content, ended) = part.strip_suffix(b"\n").map_or((part, false), |content| (content, true));
            let room = self.max.saturating_sub(self.line.len());
            let kept = content.get(..room.min(content.len())).unwrap_or_default();
            self.cut |= kept.len() < content.len();
            self.line.extend_from_slice(kept);
            if ended {
                out.push(self.take());
                self.complete = self.seen;
            }
        }
    }

    /// The last line, when the input ended without a line end.
    pub fn finish(&mut self) -> Option<String> {
        (!self.line.is_empty() || self.cut).then(|| self.take())
    }

    /// How many of the bytes taken belong to complete lines: where a reader may begin again without losing or repeating one.
    #[must_use]
    pub const fn complete_bytes(&self) -> u64 {
        self.complete
    }

    fn take(&mut self) -> String {
        let bytes = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        let mut text = String::from_utf8_lossy(bytes).into_owned();
        if self.cut {
            let end = text.floor_char_boundary(self.max.saturating_sub('…'.len_utf8()));
            text.truncate(end);
            text.push('…');
        }
        self.line.clear();
        // One long line must not keep its memory for the rest of the program's life.
        self.line.shrink_to(1024);
        self.cut = false;
        text
    }
}

/// Reads `from` to its end and sends its lines to `to`; waits while nobody takes them. Ends early when the receiver is gone.
pub async fn pump(mut from: impl AsyncRead + Unpin, stream: Stream, max: usize, to: mpsc::Sender<OutputLine>) {
    let mut splitter = Splitter::new(max);
    let mut chunk = vec![0_u8; 8 * 1024];
    let mut lines = Vec::new();
    loop {
        let read = match from.read(&mut chunk).await {
            Ok(0) | Err(_) => break,
            Ok(read) => read,
        };
        splitter.push(chunk.get(..read).unwrap_or_default(), &mut lines);
        for text in lines.drain(..) {
            if to.send(OutputLine { stream, text }).await.is_err() {
                return;
            }
        }
    }
    if let Some(text) = splitter.finish() {
        // The receiver may be gone at the very end; then nobody wants the line.
        let _ = to.send(OutputLine { stream, text }).await;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(max: usize, chunks: &[&[u8]]) -> Vec<String> {
        let mut splitter = Splitter::new(max);
        let mut lines = Vec::new();
        for chunk in chunks {
            splitter.push(chunk, &mut lines);
        }
        lines.extend(splitter.finish());
        lines
    }

    #[test]
    fn lines_come_whole_however_the_bytes_arrive() {
        assert_eq!(split(100, &[b"one\r\ntw", b"o\n", b"\nlast"]), ["one", "two", "", "last"]);
    }

    #[test]
    fn long_lines_are_cut_and_the_next_line_is_intact() {
        assert_eq!(split(8, &[b"0123456789abcdef\nnext\n"]), ["01234…", "next"]);
        assert_eq!(split(8, &[b"01234567\n"]), ["01234567"], "exactly the limit is not cut");
    }

    #[test]
    fn complete_bytes_end_at_the_last_line_end() {
        let mut splitter = Splitter::new(4);
        let mut lines = Vec::new();
        splitter.push(b"abcdefgh\nxy", &mut lines);
        assert_eq!(splitter.complete_bytes(), 9);
        splitter.push(b"\n", &mut lines);
        assert_eq!(splitter.complete_bytes(), 12);
    }

    #[tokio::test]
    async fn a_writer_waits_while_nobody_reads() {
        let (to, mut from) = mpsc::channel(1);
        let text = "x\n".repeat(100_000);
        let pumping = tokio::spawn(async move { pump(text.as_bytes(), Stream::Stdout, 100, to).await });
        let first = from.recv().await.expect("a line");
        assert_eq!(first.text, "x");
        assert!(!pumping.is_finished(), "the pump holds on until its lines are taken");
        let mut rest = 0;
        while from.recv().await.is_some() {
            rest += 1;
        }
        assert_eq!(rest, 99_999);
    }

    proptest! {
        #[test]
        fn no_input_breaks_the_bound(chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..64), 0..32), max in 8_usize..64) {
            let mut splitter = Splitter::new(max);
            let mut lines = Vec::new();
            for chunk in &chunks {
                splitter.push(chunk, &mut lines);
            }
            lines.extend(splitter.finish());
            let ends = chunks.iter().flatten().filter(|byte| **byte == b'\n').count();
            prop_assert!(lines.len() == ends || lines.len() == ends + 1);
            // A byte that is no UTF-8 becomes a replacement character of three.
            prop_assert!(lines.iter().all(|line| line.len() <= max * 3));
        }
    }
}
