//! `mc audit verify`: is the trail whole? Asked of the server, or worked out here from an export.

use std::{fs::File, io::BufReader, path::PathBuf};

use clap::Args;
use mc_api::audit::{BadKind, FirstBad, Verification};
use mc_client::Client;
use mc_domain::time::Time;
use mc_trail::{Kind, PublicKey, Report, export};
use serde::Serialize;

use crate::{
    app::App,
    failure::{Exit, Failure},
};

/// What to verify, and with what.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Verify this export, made with `--format ndjson --with-proof`, on this machine and without a server
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The server's public key in PEM, as `mc audit key` printed it once; without it the export's own key is used
    #[arg(long, value_name = "PEM", requires = "file")]
    key: Option<PathBuf>,
}

/// What was found, as `-o json` prints it.
#[derive(Debug, Serialize)]
struct Offline {
    #[serde(flatten)]
    verification: Verification,
    trail: String,
    exported_at: String,
    key_id: String,
    /// Whether the key was given with `--key` and not taken from the export.
    key_is_trusted: bool,
}

impl Verify {
    /// Whether a server is needed.
    pub(crate) const fn is_offline(&self) -> bool {
        self.file.is_some()
    }
}

/// Asks the server.
pub(crate) async fn online(app: &App, client: &Client) -> Result<(), Failure> {
    let found = client.audit_verify().await?;
    app.out.said(&found, &words(&found))?;
    ended(found.ok)
}

/// Works it out from an export.
pub(crate) fn offline(app: &App, verify: &Verify) -> Result<(), Failure> {
    let Some(path) = &verify.file else { return Err(Failure::usage("give --file")) };
    let cannot = |path: &PathBuf, error: &dyn std::fmt::Display| Failure::failed(format!("{}: {error}", path.display()));
    let key = match &verify.key {
        Some(path) => {
            let pem = std::fs::read_to_string(path).map_err(|error| cannot(path, &error))?;
            Some(PublicKey::from_pem(&pem).map_err(|error| cannot(path, &error))?)
        }
        None => None,
    };
    let file = File::open(path).map_err(|error| cannot(path, &error))?;
    let proof = export::verify(BufReader::new(file), key).map_err(|error| cannot(path, &error))?;
    let found = Offline {
        verification: verification(&proof.report),
        trail: proof.trail.to_string(),
        exported_at: proof.exported_at,
        key_id: proof.key.id().to_owned(),
        key_is_trusted: !proof.own_key,
    };
    app.out.said(&found, &words(&found.verification))?;
    if proof.own_key {
        app.out.note(&format!(
            "checked with the key that the export itself names ({}): compare it with the server's (mc audit key), or give yours with --key",
            found.key_id
        ));
    }
    ended(found.verification.ok)
}

fn ended(ok: bool) -> Result<(), Failure> {
    if ok { Ok(()) } else { Err(Failure::told(Exit::Failed)) }
}

fn verification(report: &Report) -> Verification {
    let unproved = report.last_sequence.saturating_sub(report.covered_to);
    let first_bad = report.bad.as_ref().map(|bad| FirstBad {
        sequence: bad.sequence,
        id: bad.id.map(|id| id.to_string()),
        at: bad.at_micros.map(Time::from_micros),
        kind: kind(bad.kind),
        text: bad.text.clone(),
    });
    let (ok, text) = match &report.bad {
        Some(bad) => (false, format!("the audit trail is NOT whole: {}", bad.text)),
        None if unproved > 0 => (
            false,
            "the newest entries are not proved, because no checkpoint covers them: ".to_owned()
                + &count(unproved, "entry", "entries")
                + ". Everything before is whole",
        ),
        None => {
            let removed = if report.segments > 0 {
                format!(", and {} by signed digests", count(report.segments, "removed segment", "removed segments"))
            } else {
                String::new()
            };
            (
                true,
                format!(
                    "the audit trail is whole: {}, {}{removed}",
                    count(report.entries, "entry", "entries"),
                    count(report.checkpoints, "checkpoint", "checkpoints")
                ),
            )
        }
    };
    Verification {
        ok,
        entries: report.entries,
        first_sequence: report.first_sequence,
        last_sequence: report.last_sequence,
        segments: report.segments,
        checkpoints: report.checkpoints,
        covered_to: report.covered_to,
        text,
        first_bad,
        took_ms: 0,
    }
}

const fn kind(kind: Kind) -> BadKind {
    match kind {
        Kind::Changed => BadKind::Changed,
        Kind::Missing => BadKind::Missing,
        Kind::Inserted => BadKind::Inserted,
        Kind::Reordered => BadKind::Reordered,
        Kind::Truncated => BadKind::Truncated,
        Kind::Checkpoint => BadKind::Checkpoint,
    }
}

fn count(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

fn words(found: &Verification) -> String {
    let mut text = found.text.clone();
    if let Some(bad) = &found.first_bad {
        text += &format!("\nfirst bad entry: {}", bad.sequence);
        if let Some(at) = bad.at {
            text += &format!(", dated {at}");
        }
        if let Some(id) = &bad.id {
            text += &format!(", id {id}");
        }
    }
    text
}
