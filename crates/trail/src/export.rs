//! An export with its proof: one JSON object a line.
//!
//! A header says what it is and which key to expect, then come the digests of what retention removed, the entries with each checkpoint behind
//! the entry it covers, and an end that says how much there was. Lines come from outside: each is bounded, and an unknown kind is an error.

use std::io::BufRead;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Checkpoint, Digest, PublicKey, Report, Segment, Verifier, chain::Linked, verify::Against};

/// The longest line taken, in bytes.
pub const LINE_MAX: usize = 256 * 1024;
/// What the header calls the format.
pub const FORMAT: &str = "mission-control audit export";
/// The version of the format.
pub const VERSION: u32 = 1;

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// [`FORMAT`].
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// The trail.
    pub trail: Uuid,
    /// When, in RFC 3339.
    pub exported_at: String,
    /// Whether every entry is in it. One with a filter proves nothing: what is missing may be what was filtered out.
    pub complete: bool,
    /// The public key that the server says it has. Compare it with one you had before.
    pub public_key_pem: String,
}

/// The last line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// Entries written.
    pub entries: u64,
    /// The last one's place; 0 when there is none.
    pub last_sequence: u64,
    /// The last one's hash.
    pub hash: Digest,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
pub enum Line {
    /// The first.
    Header(Header),
    /// Of removed entries.
    Segment(Box<Segment>),
    /// An entry.
    Entry(Box<Linked>),
    /// A checkpoint.
    Checkpoint(Box<Checkpoint>),
    /// The last.
    End(End),
}

/// An export that cannot be judged at all.
#[derive(Debug, thiserror::Error)]
pub enum BadExport {
    /// The file cannot be read.
    #[error("the file cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// A line is not one of an export.
    #[error("line {0} is no line of an export made with --with-proof: {1}")]
    Line(u64, String),
    /// The export was filtered.
    #[error(
        "this export is not the whole trail: it was filtered. Nothing can be proved of it, because entries that were filtered out cannot be told \
         from entries that were removed. Export again without a filter: mc audit export --format ndjson --with-proof"
    )]
    Partial,
    /// The key given is no key.
    #[error("{0}")]
    Key(#[from] crate::BadKey),
}

/// What an export proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The trail it is of.
    pub trail: Uuid,
    /// When it says it was made.
    pub exported_at: String,
    /// The key that was used.
    pub key: PublicKey,
    /// Whether the key came from the export itself, which proves only that the export fits together.
    pub own_key: bool,
    /// What was found.
    pub report: Report,
}

/// One line as text, with its line break.
///
/// # Errors
/// Never with these types; serde's interface has one.
pub fn write(line: &Line) -> Result<String, serde_json::Error> {
    serde_json::to_string(line).map(|text| text + "\n")
}

/// One line from text.
///
/// # Errors
/// When it is none.
pub fn parse(text: &str) -> Result<Line, serde_json::Error> {
    serde_json::from_str(text)
}

/// Checks an export with a public key alone, in constant memory.
///
/// # Errors
/// When it is no export, or a filtered one.
pub fn verify(mut from: impl BufRead, key: Option<PublicKey>) -> Result<Proof, BadExport> {
    let mut lines = Lines { from: &mut from, number: 0 };
    let Some(Line::Header(header)) = lines.next()? else {
        return Err(BadExport::Line(1, "it does not begin with a header".to_owned()));
    };
    if header.format != FORMAT || header.version != VERSION {
        return Err(BadExport::Line(1, format!("this program reads {FORMAT:?}, version {VERSION}")));
    }
    if !header.complete {
        return Err(BadExport::Partial);
    }
    let own_key = key.is_none();
    let key = key.map_or_else(|| PublicKey::from_pem(&header.public_key_pem), Ok)?;
    let mut verifier = Verifier::new(header.trail, Against { keys: vec![key.clone()], ..Against::default() });
    let mut end = None;
    while let Some(line) = lines.next()? {
        let misplaced = |what: &str| Err(BadExport::Line(lines.number, format!("{what} cannot stand here")));
        match line {
            _ if end.is_some() => return misplaced("a line after the end"),
            Line::Header(_) => return misplaced("a second header"),
            Line::Segment(_) if verifier.has_begun() => return misplaced("a segment after entries"),
            Line::Segment(segment) => verifier.segment(&segment),
            Line::Entry(entry) => verifier.entry(*entry),
            Line::Checkpoint(checkpoint) => verifier.checkpoint(*checkpoint),
            Line::End(found) => end = Some(found),
        }
        if !verifier.goes_on() {
            break;
        }
    }
    let report = verifier.end(end.as_ref());
    Ok(Proof { trail: header.trail, exported_at: header.exported_at, key, own_key, report })
}

struct Lines<'r, R> {
    from: &'r mut R,
    number: u64,
}

impl<R: BufRead> Lines<'_, R> {
    fn next(&mut self) -> Result<Option<Line>, BadExport> {
        let mut text = Vec::new();
        let limit = u64::try_from(LINE_MAX).unwrap_or(u64::MAX);
        let size = std::io::Read::take(&mut *self.from, limit).read_until(b'\n', &mut text)?;
        if size == 0 {
            return Ok(None);
        }
        self.number += 1;
        let bad = |why: String| BadExport::Line(self.number, why);
        if size == LINE_MAX && !text.ends_with(b"\n") {
            return Err(bad("it is too long".to_owned()));
        }
        let text = std::str::from_utf8(&text).map_err(|_| bad("it is not UTF-8".to_owned()))?;
        parse(text).map(Some).map_err(|error| bad(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_is_refused_with_its_line() {
        for (text, expected) in [("", "line 1"), ("{}\n", "line 1"), ("id,at\r\n", "line 1"), ("\u{feff}", "line 1")] {
            let refused = verify(text.as_bytes(), None).expect_err(text).to_string();
            assert!(refused.contains(expected), "{text}: {refused}");
        }
        let long = vec![b'x'; LINE_MAX + 10];
        assert!(verify(long.as_slice(), None).expect_err("too long").to_string().contains("too long"));
    }
}
