//! Proving the trail to whoever asks: the check, the checkpoints, the public key, the export with its proof.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use mc_domain::audit::Sequence;
use mc_domain::{
    action,
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    permit::{Everything, Permitted},
};
use mc_trail::{
    Checkpoint, Digest, Linked, PublicKey, Report,
    export::{End, FORMAT, Header, Line, VERSION},
};

use super::entry::AuditFilter;
use crate::{App, error::AppError};

/// Rows read at once while exporting: memory stays the same whatever the trail's length. Few, because an entry may have 20 kB.
const PAGE: u32 = 250;

/// What a check found.
#[derive(Debug)]
pub struct Verified {
    /// What was found.
    pub report: Report,
    /// How long it took.
    pub took: Duration,
}

impl Verified {
    /// The whole in one sentence.
    #[must_use]
    pub fn text(&self) -> String {
        let report = &self.report;
        if let Some(bad) = &report.bad {
            return format!("the audit trail is NOT whole: {}", bad.text);
        }
        let count = |number: u64, one: &str, many: &str| if number == 1 { format!("1 {one}") } else { format!("{number} {many}") };
        let mut text = format!(
            "the audit trail is whole: {}, {}",
            count(report.entries, "entry", "entries"),
            count(report.checkpoints, "checkpoint", "checkpoints")
        );
        if report.segments > 0 {
            text += &format!(", and {} by signed digests", count(report.segments, "removed segment", "removed segments"));
        }
        if report.bad_segments > 0 {
            text += &format!(" ({} of them were found bad before they were removed)", report.bad_segments);
        }
        text
    }
}

/// How the trail's keeping itself stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditState {
    /// What was found to be wrong since the start.
    pub bad: Option<String>,
    /// The newest entry that a checkpoint covers.
    pub covered_to: u64,
    /// When that checkpoint was signed.
    pub signed_at: Option<mc_domain::time::Time>,
    /// What is wrong with the mirrors.
    pub mirrors: Vec<String>,
}

/// An export with proof under way.
pub struct ProvenExport {
    permit: Permitted<Everything, action::AuditList>,
    filter: AuditFilter,
    complete: bool,
    stage: Stage,
    checkpoints: VecDeque<Checkpoint>,
    next_checkpoint: u64,
    removed_to: u64,
    until: u64,
    entries: u64,
    last: (u64, Digest),
}

enum Stage {
    Header,
    Segments(u64),
    Entries(Option<Sequence>),
    End,
    Done,
}

impl App {
    /// Checks the whole trail against its keys, its checkpoints and what this server remembers. One check at a time.
    ///
    /// # Errors
    /// When the caller may not, or the database does not answer.
    pub async fn audit_verify(&self, ctx: &Ctx) -> Result<Verified, AppError> {
        let permit = self.permit::<_, action::AuditVerify>(ctx, Everything)?;
        let _alone = self.verifying.try_lock().map_err(|_| {
            AppError::conflict("already_verifying", "the audit trail is being verified for somebody else: try again when that is done")
        })?;
        let began = Instant::now();
        let report = self.store.audit_verify(&permit, self.witness.keys(), &self.witness.remembered()).await?;
        let verified = Verified { report, took: began.elapsed() };
        let result = if verified.report.bad.is_none() { AuditResult::Ok } else { AuditResult::Failed };
        let entry = AuditEntry::new(ctx, ctx.now, "audit_verify", result).on("audit", "", "").detail(verified.text()).took(verified.took);
        self.recorder.record(entry).await?;
        // Whoever watches the server is told, too.
        self.audit_bad(verified.report.bad.as_ref().map(|bad| (bad.sequence, bad.text.clone()))).await?;
        Ok(verified)
    }

    /// Checkpoints, newest first, and how many there are.
    ///
    /// # Errors
    /// When the caller may not, or the database does not answer.
    pub async fn audit_checkpoints(&self, ctx: &Ctx, limit: u32, before: Option<u64>) -> Result<(Vec<Checkpoint>, u64), AppError> {
        let permit = self.permit::<_, action::AuditCheckpoints>(ctx, Everything)?;
        Ok(self.store.audit_checkpoints(&permit, limit, before).await?)
    }

    /// The public key that checkpoints are checked with.
    ///
    /// # Errors
    /// When the caller may not.
    pub fn audit_key(&self, ctx: &Ctx) -> Result<PublicKey, AppError> {
        self.permit::<_, action::AuditKey>(ctx, Everything)?;
        Ok(self.witness.public().clone())
    }

    /// Begins an export with proof. A checkpoint is signed first, so that all of it is covered.
    ///
    /// # Errors
    /// When the caller may not, or the database does not answer.
    pub async fn audit_export_proven(&self, ctx: &Ctx, filter: AuditFilter) -> Result<ProvenExport, AppError> {
        let permit = self.permit::<_, action::AuditList>(ctx, Everything)?;
        let complete = filter == AuditFilter::default();
        let what = if complete { "with proof" } else { "with proof of nothing: filtered" };
        let entry =
            AuditEntry::new(ctx, ctx.now, "audit_export", AuditResult::Ok).on("audit", "", "").detail(format!("format ndjson, {what}"));
        self.recorder.record(entry).await?;
        self.audit_sign().await?;
        let until = self.store.audit_head().await?.sequence;
        Ok(ProvenExport {
            permit,
            filter,
            complete,
            stage: Stage::Header,
            checkpoints: VecDeque::new(),
            next_checkpoint: 0,
            removed_to: 0,
            until,
            entries: 0,
            last: (0, Digest::NONE),
        })
    }

    /// The next lines of an export with proof; `None` at its end.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn audit_export_lines(&self, export: &mut ProvenExport) -> Result<Option<Vec<Line>>, AppError> {
        match export.stage {
            Stage::Header => {
                export.stage = if export.complete { Stage::Segments(0) } else { Stage::Entries(None) };
                Ok(Some(vec![Line::Header(Header {
                    format: FORMAT.to_owned(),
                    version: VERSION,
                    trail: self.store.audit_head().await?.trail,
                    exported_at: self.now().to_string(),
                    complete: export.complete,
                    public_key_pem: self.witness.public().pem(),
                })]))
            }
            Stage::Segments(after) => {
                let segments = self.store.audit_segments(after, PAGE).await?;
                export.removed_to = after;
                let start = segments.last().map_or(after, |segment| segment.last_sequence);
                export.stage = if segments.is_empty() { Stage::Entries(Some(Sequence(after))) } else { Stage::Segments(start) };
                Ok(Some(segments.into_iter().map(|segment| Line::Segment(Box::new(segment))).collect()))
            }
            Stage::Entries(after) => self.export_entries(export, after).await.map(Some),
            Stage::End => {
                export.stage = Stage::Done;
                let (last_sequence, hash) = export.last;
                Ok(Some(vec![Line::End(End { entries: export.entries, last_sequence, hash })]))
            }
            Stage::Done => Ok(None),
        }
    }

    async fn export_entries(&self, export: &mut ProvenExport, after: Option<Sequence>) -> Result<Vec<Line>, AppError> {
        let entries = self.store.audit_export_linked(&export.permit, &export.filter, PAGE, after).await?;
        let page = entries.len();
        let mut lines = Vec::with_capacity(page);
        let mut beyond = page < usize::try_from(PAGE).unwrap_or(usize::MAX);
        let mut place = after;
        for entry in entries {
            let Linked { record, hash, .. } = &entry;
            if record.sequence > export.until {
                beyond = true;
                break;
            }
            place = Some(Sequence(record.sequence));
            self.export_checkpoints(export, record.sequence, &mut lines).await?;
            export.last = (record.sequence, *hash);
            export.entries += 1;
            lines.push(Line::Entry(Box::new(entry)));
        }
        if beyond {
            self.export_checkpoints(export, u64::MAX, &mut lines).await?;
        }
        export.stage = if beyond { Stage::End } else { Stage::Entries(place) };
        Ok(lines)
    }

    /// The checkpoints that stand before that entry.
    async fn export_checkpoints(&self, export: &mut ProvenExport, before: u64, lines: &mut Vec<Line>) -> Result<(), AppError> {
        while export.complete {
            if export.checkpoints.is_empty() && export.next_checkpoint < u64::MAX {
                export.checkpoints = self.store.audit_checkpoints_from(export.next_checkpoint, PAGE).await?.into();
                export.next_checkpoint = export.checkpoints.back().map_or(u64::MAX, |newest| newest.number.saturating_add(1));
                // Those among removed entries are on their way out, like these.
                let removed = export.removed_to;
                export.checkpoints.retain(|checkpoint| checkpoint.sequence >= removed);
            }
            let until = export.until;
            match export.checkpoints.pop_front_if(|checkpoint| checkpoint.sequence < before && checkpoint.sequence <= until) {
                Some(checkpoint) => lines.push(Line::Checkpoint(Box::new(checkpoint))),
                None => break,
            }
        }
        Ok(())
    }

    /// How the trail's keeping stands, for status and metrics.
    #[must_use]
    pub fn audit_state(&self) -> AuditState {
        let newest = self.witness.follow().borrow().clone();
        let lost = self.store.audit_has_lost().then(|| "entries that this server had stored are gone or replaced".to_owned());
        AuditState {
            bad: self.witness.bad().or(lost),
            covered_to: newest.as_ref().map_or(0, |newest| newest.sequence),
            signed_at: newest.map(|newest| mc_domain::time::Time::from_micros(newest.at_micros)),
            mirrors: self.mirrors.problems(),
        }
    }
}
