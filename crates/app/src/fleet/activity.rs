//! What happened to an agent: the audit trail as far as everybody who sees the agent may see it.

use mc_domain::{
    action,
    audit::{AuditEntry, Sequence},
    ctx::Ctx,
};

use crate::{App, error::AppError};

impl App {
    /// What happened to an agent, newest first, and how much there is. Callers show no addresses of it.
    ///
    /// # Errors
    /// When there is no such agent, or the caller may not.
    pub async fn agent_activity(
        &self,
        ctx: &Ctx,
        id_or_name: &str,
        limit: u32,
        before: Option<Sequence>,
    ) -> Result<(Vec<AuditEntry>, u64), AppError> {
        let (_, permit) = self.agent_for::<action::AgentActivity>(ctx, id_or_name)?;
        Ok(self.store.audit_for_agent(&permit, limit, before).await?)
    }
}
