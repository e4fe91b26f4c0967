//! Entries end after their time: whole segments between checkpoints, each leaving a signed digest.

use mc_domain::{
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
};
use mc_trail::Segment;

use crate::{App, error::AppError};

impl App {
    /// Removes segments whose last entry is older than the retention.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn audit_retain(&self) -> Result<(), AppError> {
        let _alone = self.witness.alone().await;
        let now = self.now();
        let (expired, newest) = self.store.audit_expired(now.before(self.settings.audit.retention)).await?;
        if let Some(checkpoint) = expired {
            if !checkpoint.is_signed(self.witness.keys()) {
                return Err(AppError::Internal(format!(
                    "checkpoint {} is not signed by this server's key: what it stands for is kept; verify the audit trail",
                    checkpoint.number
                )));
            }
            let (report, first_hash) = self.store.audit_verify_segment(newest.as_ref(), &checkpoint).await?;
            let segment = Segment {
                trail: checkpoint.trail,
                first_sequence: newest.map_or(0, |newest| newest.last_sequence) + 1,
                last_sequence: checkpoint.sequence,
                first_hash,
                last_hash: checkpoint.hash,
                at_micros: now.as_micros(),
                first_bad: report.bad.map(|bad| bad.sequence),
                key_id: String::new(),
                signature: String::new(),
            }
            .sign(self.witness.signer());
            let (first, last) = (segment.first_sequence, segment.last_sequence);
            let ctx = Ctx::system(now);
            let detail = format!("entries {first} to {last} reached their age; their signed digest stays");
            let entry = AuditEntry::new(&ctx, now, "audit_retention", AuditResult::Ok).on("audit", last, "").detail(detail);
            self.store.audit_segment_insert(&segment, &entry).await?;
            self.recorder.announce(entry);
        }
        self.store.audit_sweep().await?;
        Ok(())
    }
}
