//! Reading the audit trail.

use mc_domain::{
    action,
    audit::{AuditEntry, AuditResult, Sequence},
    ctx::Ctx,
    permit::{Everything, Permitted},
};
pub use mc_store::AuditFilter;

use crate::{App, error::AppError};

/// Entries read at once while exporting: memory stays the same whatever the trail's length. Few, because an entry may have 20 kB.
const EXPORT_PAGE: u32 = 250;

/// An export under way.
pub struct Export {
    permit: Permitted<Everything, action::AuditList>,
    filter: AuditFilter,
    after: Option<Sequence>,
    done: bool,
}

impl App {
    /// A page of the trail, newest first, and how many entries match (counted to 10,000).
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn audit_list(
        &self,
        ctx: &Ctx,
        filter: &AuditFilter,
        limit: u32,
        before: Option<Sequence>,
    ) -> Result<(Vec<AuditEntry>, u64), AppError> {
        let permit = self.permit::<_, action::AuditList>(ctx, Everything)?;
        Ok(self.store.audit_list(&permit, filter, limit, before).await?)
    }

    /// Begins an export of everything that matches, oldest first. The export itself is audited.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn audit_export(&self, ctx: &Ctx, filter: AuditFilter, format: &str) -> Result<Export, AppError> {
        let permit = self.permit::<_, action::AuditList>(ctx, Everything)?;
        self.recorder
            .record(AuditEntry::new(ctx, ctx.now, "audit_export", AuditResult::Ok).on("audit", "", "").detail(format!("format {format}")))
            .await?;
        Ok(Export { permit, filter, after: None, done: false })
    }

    /// The next entries of an export; `None` at its end.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn audit_export_next(&self, export: &mut Export) -> Result<Option<Vec<AuditEntry>>, AppError> {
        if export.done {
            return Ok(None);
        }
        let entries = self.store.audit_export(&export.permit, &export.filter, EXPORT_PAGE, export.after).await?;
        export.after = entries.last().and_then(|entry| entry.seal.get()).map(|seal| seal.sequence).or(export.after);
        export.done = entries.len() < usize::try_from(EXPORT_PAGE).unwrap_or(usize::MAX);
        Ok((!entries.is_empty()).then_some(entries))
    }

    /// How many entries this process stored, for `/metrics`.
    #[must_use]
    pub fn audit_written(&self) -> u64 {
        self.recorder.written()
    }
}
