//! What is asked of API tokens by those who look after them: listed, made, rotated.

use std::{sync::Arc, time::Duration};

use mc_domain::{
    action::{self, ALL, Action},
    actor::{Actor, Credential},
    api_token::{
        ApiToken, LIFE_DEFAULT, LIFE_MIN, OVERLAP_DEFAULT, OVERLAP_MAX, PREFIX, ROLES_MAX, SCOPES_MAX, SHOWN, TokenAddress, TokenKind,
        no_wider, within,
    },
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    id::TokenId,
    permit::Everything,
    role::RoleName,
    scope::Scope,
    time::Time,
};
use mc_policy::{Denied, Resource};
use mc_store::TokensOf;
use secrecy::{ExposeSecret, SecretString};

use crate::{App, error::AppError, secret};

/// What is wanted of a new token.
#[derive(Debug, Clone)]
pub struct TokenWish {
    /// What people call it.
    pub name: String,
    /// Whose it is.
    pub kind: TokenKind,
    /// What it is limited to.
    pub scopes: Vec<String>,
    /// The roles a service token has.
    pub roles: Vec<String>,
    /// How long it lives; `None`: as long as usual.
    pub life: Option<Duration>,
}

/// A token with its secret, told this once.
#[derive(Debug)]
pub struct TokenSecret {
    /// What is stored.
    pub token: ApiToken,
    /// The secret.
    pub secret: SecretString,
}

impl App {
    /// The caller's tokens, or everybody's, newest first.
    ///
    /// # Errors
    /// When the caller may not.
    pub async fn token_list(&self, ctx: &Ctx, all: bool) -> Result<Vec<ApiToken>, AppError> {
        let permit = self.permit::<_, action::TokenList>(ctx, Everything)?;
        if all {
            self.permit::<_, action::TokenAdmin>(ctx, Everything)?;
        }
        let of = match &ctx.actor {
            _ if all => TokensOf::Everybody,
            Actor::User { id, .. } => TokensOf::Owner(*id),
            Actor::Service { id, .. } => TokensOf::Service(*id),
            _ => TokensOf::Everybody,
        };
        let found = self.store.api_token_list(&permit, of).await?;
        Ok(found.into_iter().map(|token| self.identity.api_tokens.counted(token)).collect())
    }

    /// One token, with the addresses it was used from.
    ///
    /// # Errors
    /// When there is none that the caller may see.
    pub async fn token_show(&self, ctx: &Ctx, id: TokenId) -> Result<(ApiToken, Vec<TokenAddress>), AppError> {
        let token = self.token_find(ctx, id).await?;
        let permit = self.permit::<_, action::TokenShow>(ctx, token)?;
        let addresses = self.store.api_token_addresses(&permit).await?;
        Ok((self.identity.api_tokens.counted(permit.into_inner()), addresses))
    }

    /// Makes a token. Everybody makes their own; service tokens are for those who look after tokens and give roles.
    ///
    /// # Errors
    /// When the caller may not, or the wish is out of range.
    pub async fn token_create(&self, ctx: &Ctx, wish: TokenWish) -> Result<TokenSecret, AppError> {
        let permit = self.permit::<_, action::TokenCreate>(ctx, Everything)?;
        let scopes = parse_scopes(&wish.scopes)?;
        self.token_not_wider(ctx, &scopes)?;
        let (owner, roles) = match (wish.kind, &ctx.actor) {
            (TokenKind::Personal, Actor::User { id, .. }) => (Some(*id), Vec::new()),
            (TokenKind::Personal, _) => {
                return Err(AppError::Invalid("only a person has personal tokens: make a service token".to_owned()));
            }
            (TokenKind::Service, _) => {
                self.token_service(ctx)?;
                (None, self.roles_to_give(ctx, &wish.roles).await?)
            }
        };
        if owner.is_some() && !wish.roles.is_empty() {
            return Err(AppError::Invalid("a personal token has the roles of its owner: narrow it by scopes".to_owned()));
        }
        let secret = secret::random(PREFIX);
        let token = ApiToken {
            id: TokenId::new(),
            name: wish.name.parse().map_err(|error: mc_domain::api_token::BadTokenName| AppError::Invalid(error.to_string()))?,
            owner,
            scopes,
            roles,
            hash: secret::hash(secret.expose_secret()),
            prefix: shown(&secret),
            old_hash: None,
            old_until: None,
            created_at: ctx.now,
            created_by: ctx.actor.name().to_owned(),
            expires_at: self.token_end(ctx, wish.life).await?,
            revoked_at: None,
            rotated_at: None,
            last_used_at: None,
            last_used_address: None,
            uses: 0,
        };
        let audit = AuditEntry::new(ctx, ctx.now, permit.action_name(), AuditResult::Ok)
            .on("token", token.id, &token.name)
            .detail(described(&token));
        self.store.api_token_insert(&permit, &token, &audit).await?;
        self.recorder.announce(audit);
        Ok(TokenSecret { token, secret })
    }

    /// Gives a token a new secret and as long a life as it had; the old secret works a while longer. A personal token is rotated by its
    /// owner only: whoever holds its secret is that person.
    ///
    /// # Errors
    /// When there is none, it has ended, or the caller may not.
    pub async fn token_rotate(&self, ctx: &Ctx, id: TokenId, overlap: Option<Duration>) -> Result<TokenSecret, AppError> {
        let token = self.token_find(ctx, id).await?;
        let permit = self.permit::<_, action::TokenRotate>(ctx, token)?;
        let own = matches!(&ctx.actor, Actor::User { id, .. } if permit.owner == Some(*id));
        match permit.kind() {
            TokenKind::Personal if !own => {
                return Err(AppError::conflict("not_yours", "only its owner can rotate a personal token: revoke it instead"));
            }
            TokenKind::Service if ctx.actor.id() != Some(id.to_string()) => self.token_service(ctx)?,
            _ => {}
        }
        self.token_not_wider(ctx, &permit.scopes)?;
        if permit.state(ctx.now) != mc_domain::api_token::TokenState::Active {
            return Err(AppError::conflict("token_ended", "the token has ended: make a new one"));
        }
        let overlap = overlap.unwrap_or(OVERLAP_DEFAULT);
        if overlap > OVERLAP_MAX {
            return Err(AppError::Invalid("the old secret works for 30 days at most after a rotation".to_owned()));
        }
        let secret = secret::random(PREFIX);
        let fresh = ApiToken {
            hash: secret::hash(secret.expose_secret()),
            prefix: shown(&secret),
            old_hash: (!overlap.is_zero()).then(|| permit.hash.clone()),
            old_until: (!overlap.is_zero()).then(|| ctx.now.after(overlap).min(permit.expires_at)),
            rotated_at: Some(ctx.now),
            expires_at: ctx.now.after(permit.life().min(self.settings.token_life_max)),
            ..permit.get().clone()
        };
        let until = fresh.old_until.map_or_else(|| "ends now".to_owned(), |until| format!("works until {until}"));
        let audit = AuditEntry::new(ctx, ctx.now, permit.action_name(), AuditResult::Ok)
            .on("token", id, &permit.name)
            .detail(format!("the old secret {until}"));
        self.store.api_token_rotate(&permit, &fresh, &audit).await?;
        self.identity.api_tokens.forget(id);
        self.recorder.announce(audit);
        Ok(TokenSecret { token: self.identity.api_tokens.counted(fresh), secret })
    }

    /// Whether the caller may make tokens that belong to nobody: such a token has roles, so making one is giving roles.
    fn token_service(&self, ctx: &Ctx) -> Result<(), AppError> {
        self.permit::<_, action::TokenAdmin>(ctx, Everything)?;
        self.permit::<_, action::AssignmentCreate>(ctx, Everything).map(drop)
    }

    /// A token makes and rotates only tokens that may no more than itself.
    fn token_not_wider(&self, ctx: &Ctx, scopes: &[Scope]) -> Result<(), AppError> {
        match ctx.actor.scopes() {
            Some(own) if !no_wider(scopes, own) => Err(self.refused_to_a_token(ctx, action::TokenCreate::NAME, "token:wider")),
            _ => Ok(()),
        }
    }

    /// Refuses what only somebody at a login may do: a token that leaked must not become a password.
    ///
    /// # Errors
    /// When the caller shows a token.
    pub(crate) fn not_with_a_token(&self, ctx: &Ctx, action: &'static str) -> Result<(), AppError> {
        if ctx.actor.scopes().is_some() { Err(self.refused_to_a_token(ctx, action, "token:never")) } else { Ok(()) }
    }

    fn refused_to_a_token(&self, ctx: &Ctx, action: &'static str, rule: &str) -> AppError {
        let denied = Box::new(Denied {
            who: ctx.actor.name().to_owned(),
            action,
            what: Everything.label(),
            resource_kind: Everything::KIND,
            resource_id: String::new(),
            rule: rule.to_owned(),
            why: "a token cannot do this, or only for tokens that may no more than itself: log in for it".to_owned(),
        });
        self.recorder.denied(ctx, &denied);
        AppError::Denied(denied)
    }

    /// When a new token ends. One that a token makes does not outlive it.
    async fn token_end(&self, ctx: &Ctx, life: Option<Duration>) -> Result<Time, AppError> {
        let most = self.settings.token_life_max;
        let life = life.unwrap_or_else(|| LIFE_DEFAULT.min(most));
        if life < LIFE_MIN || life > most {
            return Err(AppError::Invalid(format!("a token lives between 1 second and {} days", most.as_secs() / 86_400)));
        }
        let maker = match &ctx.actor {
            Actor::User { credential: Credential::Token { id, .. }, .. } | Actor::Service { id, .. } => {
                self.store.api_token_by_id(*id).await?.map(|token| token.expires_at)
            }
            _ => None,
        };
        let end = ctx.now.after(life);
        Ok(maker.map_or(end, |maker| maker.min(end)))
    }

    /// The roles a service token is to have, each of which exists and is the caller's to give.
    async fn roles_to_give(&self, ctx: &Ctx, texts: &[String]) -> Result<Vec<RoleName>, AppError> {
        if texts.len() > ROLES_MAX {
            return Err(AppError::Invalid(format!("a service token has {ROLES_MAX} roles at most")));
        }
        let mut roles = Vec::with_capacity(texts.len());
        for text in texts {
            let role: RoleName = text.parse().map_err(|error: mc_domain::role::BadRoleName| AppError::Invalid(error.to_string()))?;
            self.may_give::<action::TokenCreate>(ctx, &role).await?;
            self.role_exists(&role)?;
            roles.push(role);
        }
        roles.sort();
        roles.dedup();
        Ok(roles)
    }

    /// The roles of a service token now.
    pub(super) fn roles_of_token(&self, token: &ApiToken) -> Arc<[RoleName]> {
        self.token_standing(token.id, &token.roles, self.now()).roles
    }
}

/// How much of a secret is kept, to recognise the token by.
pub(crate) fn shown(secret: &SecretString) -> String {
    secret.expose_secret().chars().take(SHOWN).collect()
}

fn described(token: &ApiToken) -> String {
    let list = |items: Vec<&str>| items.join(" ");
    let scopes = list(token.scopes.iter().map(Scope::as_str).collect());
    let roles = match token.kind() {
        TokenKind::Personal => String::new(),
        TokenKind::Service => format!(", roles {}", list(token.roles.iter().map(RoleName::as_str).collect())),
    };
    format!("{} token, scopes {scopes}{roles}, ends {}", token.kind().as_str(), token.expires_at)
}

/// Scopes as they are typed. One that covers no action a token may do is a mistake, and said so.
fn parse_scopes(texts: &[String]) -> Result<Vec<Scope>, AppError> {
    if texts.is_empty() || texts.len() > SCOPES_MAX {
        return Err(AppError::Invalid(format!(
            "a token has between 1 and {SCOPES_MAX} scopes: names of actions with * for any part, such as agent_*; * alone is everything"
        )));
    }
    let parse = |text: &String| {
        let scope: Scope = text.parse().map_err(|error: mc_domain::scope::BadScope| AppError::Invalid(error.to_string()))?;
        let covers =
            |action: &mc_domain::action::ActionInfo| scope.covers(action.name) && within(std::slice::from_ref(&scope), action.name).is_ok();
        if ALL.iter().any(covers) {
            Ok(scope)
        } else {
            Err(AppError::Invalid(format!("the scope {scope} covers nothing a token may do: `mc roles actions` lists the actions")))
        }
    };
    let mut scopes = texts.iter().map(parse).collect::<Result<Vec<_>, AppError>>()?;
    scopes.sort();
    scopes.dedup();
    Ok(scopes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_that_cover_nothing_are_mistakes() {
        let parse = |texts: &[&str]| parse_scopes(&texts.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(parse(&["agent_*", "agent_*", "*"]).map(|scopes| scopes.len()).ok(), Some(2));
        for bad in [&[][..], &["agents_*"], &["me_password"], &["Agent_*"], &["agent_list", "user reset"]] {
            assert!(matches!(parse(bad), Err(AppError::Invalid(_))), "{bad:?}");
        }
        assert!(parse(&["token_create"]).is_ok());
    }
}
