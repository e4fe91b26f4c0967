//! Settings of identity, changed by admins while the server runs.

use std::sync::atomic::Ordering;

use mc_domain::{
    action,
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    permit::Everything,
    setting::IdentitySettings,
};

use super::user::invalid;
use crate::{App, error::AppError};

impl App {
    /// The settings, and how many seats are taken.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn settings_show(&self, ctx: &Ctx) -> Result<(IdentitySettings, u64), AppError> {
        self.permit::<_, action::SettingsShow>(ctx, Everything)?;
        Ok((self.store.settings_identity().await?, self.store.user_seats().await?))
    }

    /// Changes the settings. A seat cap below the seats taken disables nobody; it only lets nobody in until there is room.
    ///
    /// # Errors
    /// When the caller may not, or they make no sense.
    pub async fn settings_update(&self, ctx: &Ctx, settings: IdentitySettings) -> Result<(IdentitySettings, u64), AppError> {
        let permit = self.permit::<_, action::SettingsUpdate>(ctx, Everything)?;
        let settings = settings.checked().map_err(invalid)?;
        settings.require_second_factor.iter().chain(&settings.step_up).try_for_each(|role| self.role_exists(role))?;
        let names = |roles: &[mc_domain::role::RoleName]| roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let cap = settings.seat_cap.map_or_else(|| "none".to_owned(), |cap| cap.to_string());
        let audit = AuditEntry::new(ctx, ctx.now, "settings_update", AuditResult::Ok).detail(format!(
            "seat cap {cap}; second factor for [{}]; step-up for [{}]",
            names(&settings.require_second_factor),
            names(&settings.step_up)
        ));
        self.store.settings_identity_set(&permit, &settings, ctx.now, &audit).await?;
        self.recorder.announce(audit);
        self.demands_read(ctx.now).await?;
        // Open pages are looked at again: what is demanded now may be owed.
        self.identity.forgotten.fetch_add(1, Ordering::AcqRel);
        Ok((settings, self.store.user_seats().await?))
    }
}
