//! Tokens for one cluster's door: what `kubectl` is given instead of the caller's own.
//!
//! Such a token opens nothing else and lives for minutes. What it may is what its holder may at that moment: it stands for the holder's login
//! or API token, and falls with it.

use mc_domain::{
    action::KubeRequest,
    actor::{Actor, Credential},
    ctx::Ctx,
    id::RequestId,
    time::Time,
};
use secrecy::SecretString;

use crate::{
    App,
    error::AppError,
    identity::{
        session::UNAUTHENTICATED,
        token::{Bearer, DOOR_LIFE, DoorHolder},
    },
};

/// A token for a cluster's door.
#[derive(Debug)]
pub struct DoorToken {
    /// The token.
    pub token: SecretString,
    /// When it ends.
    pub expires_at: Time,
}

/// Who came through a door, and how to look at them again.
#[derive(Debug, Clone)]
pub struct Guest(DoorHolder);

impl Guest {
    /// The caller, if they are a person or a token.
    pub(crate) fn of(ctx: &Ctx) -> Option<Self> {
        holder(ctx).map(Self)
    }
}

impl App {
    /// Makes a token for the door of a cluster, as the caller.
    ///
    /// # Errors
    /// When there is no such cluster, or the caller is neither a person nor a token.
    pub fn cluster_credential(&self, ctx: &Ctx, cluster: &str) -> Result<DoorToken, AppError> {
        self.obligations::<KubeRequest>(ctx)?;
        let cluster = self.cluster_for(ctx, cluster)?;
        let holder = holder(ctx).ok_or(UNAUTHENTICATED)?;
        let token = self.identity.tokens.issue_door(holder, cluster.name.as_str(), ctx.now, DOOR_LIFE)?;
        Ok(DoorToken { token: token.into(), expires_at: ctx.now.after(DOOR_LIFE) })
    }

    /// Who shows this token at the door of `cluster`: a token for that door, an access token or an API token.
    ///
    /// # Errors
    /// `unauthenticated`, or when the database does not answer.
    pub async fn kube_authenticate(
        &self,
        token: &str,
        cluster: &str,
        request_id: RequestId,
        address: Option<String>,
    ) -> Result<(Ctx, Guest), AppError> {
        if let Some(holder) = self.identity.tokens.check_door(token, cluster, self.now()) {
            let guest = Guest(holder);
            return Ok((self.guest(&guest, request_id, address).await?, guest));
        }
        let ctx = self.authenticate(token, request_id, address).await?;
        let guest = Guest(holder(&ctx).ok_or(UNAUTHENTICATED)?);
        Ok((ctx, guest))
    }

    /// The guest as of now: with the roles of this moment, if the login or token still stands.
    pub(crate) async fn guest(&self, guest: &Guest, request_id: RequestId, address: Option<String>) -> Result<Ctx, AppError> {
        match &guest.0 {
            DoorHolder::Session { user, session } => {
                self.session_ctx(Bearer { user: *user, session: *session }, request_id, address, self.now()).await
            }
            DoorHolder::Token(id) => self.token_again(*id, request_id, address).await,
        }
    }
}

fn holder(ctx: &Ctx) -> Option<DoorHolder> {
    match &ctx.actor {
        Actor::User { id, credential: Credential::Session { id: session, .. }, .. } => {
            Some(DoorHolder::Session { user: *id, session: *session })
        }
        Actor::User { credential: Credential::Token { id, .. }, .. } | Actor::Service { id, .. } => Some(DoorHolder::Token(*id)),
        _ => None,
    }
}
