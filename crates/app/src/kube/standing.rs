//! Whether what was opened may stay open: a watch, a log that is followed, a shell. Logins end and roles change meanwhile.

use std::time::Duration;

use mc_domain::{
    action::{Action as _, KubeRequest},
    actor::Owed,
    ctx::Ctx,
    time::Time,
};
use mc_policy::{Asker, KubernetesAttributes, Target};

use super::credential::Guest;
use crate::{App, error::AppError};

/// How long a caller who was looked at is trusted while nothing changes here: other servers may have ended the login.
const LOOKED_AT_FOR: Duration = Duration::from_secs(30);

/// By what a request was let through.
#[derive(Debug)]
pub struct Standing {
    pub(super) guest: Guest,
    pub(super) ctx: Ctx,
    pub(super) cluster: String,
    /// What must still be allowed.
    pub(super) questions: Vec<KubernetesAttributes>,
    /// What the caller's roles said, where they let through a part only.
    pub(super) footing: Option<u64>,
    pub(super) epoch: (u64, usize, u64),
    pub(super) looked: Time,
}

impl App {
    /// Whether what this request opened may stay open.
    pub async fn kube_still(&self, standing: &mut Standing) -> bool {
        let now = self.now();
        let epoch = self.access_epoch(now);
        let changed = epoch != standing.epoch;
        if !changed && now.since(standing.looked) < LOOKED_AT_FOR {
            return true;
        }
        match self.guest(&standing.guest, standing.ctx.request_id, standing.ctx.address.clone()).await {
            Ok(ctx) => {
                let still = self.kube_stands(standing, &ctx);
                (standing.ctx, standing.epoch, standing.looked) = (ctx, epoch, now);
                still
            }
            Err(AppError::Unauthenticated { .. }) => false,
            // A database that is away for a moment ends nothing; but roles that are not known any more hold nothing open.
            Err(_) => !changed,
        }
    }

    fn kube_stands(&self, standing: &Standing, ctx: &Ctx) -> bool {
        let rules = self.gate.snapshot();
        let asker = Asker::of(ctx);
        let allowed = |asked: &KubernetesAttributes| rules.decide(&asker, KubeRequest::NAME, &Target::kubernetes(asked.clone())).allowed;
        ctx.actor.owed() == Owed::Nothing
            && self.cluster_for(ctx, &standing.cluster).is_ok()
            && standing.footing.is_none_or(|footing| footing == self.access_footing(&ctx.actor))
            && standing.questions.iter().all(allowed)
    }
}
