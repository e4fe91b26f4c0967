//! How an agent gets its credential, keeps it fresh, and is recognised by it.

use mc_domain::{
    actor::Actor,
    agent::{Agent, Credential, Identity},
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    id::AgentId,
    join_token::JoinRefused,
    name::AgentName,
    workload::{AgentKind, Workload},
};
use mc_store::JoinError;
use secrecy::{ExposeSecret, SecretString};

use super::agent::parse_tags;
use crate::{App, error::AppError, identity::token_wish::shown, secret, trust::AgentCertificate};

/// How often a name made from a hostname gets a number when it is taken.
const NAME_TRIES: u32 = 20;

/// What a new agent asks.
#[derive(Debug)]
pub struct JoinWish {
    /// The join token's secret.
    pub token: SecretString,
    /// Its name; empty: from the hostname.
    pub name: String,
    /// Its certificate request; empty: an API key instead.
    pub csr: Vec<u8>,
    /// Tags beside the token's.
    pub tags: Vec<String>,
    /// What it looks after.
    pub kind: Option<AgentKind>,
    /// What it says of itself.
    pub identity: Identity,
}

/// A new agent's credential.
#[derive(Debug)]
pub struct Joined {
    /// Its id.
    pub agent: AgentId,
    /// Its name.
    pub name: String,
    /// Its certificate, unless it asked for a key.
    pub certificate_pem: Option<String>,
    /// Its API key, told this once.
    pub api_key: Option<SecretString>,
}

/// How an agent proves who it is on a new stream.
#[derive(Debug)]
pub enum Proof {
    /// A certificate that the TLS layer verified against our authority.
    Certificate(AgentCertificate),
    /// An API key.
    ApiKey(SecretString),
    /// Nothing.
    Nothing,
}

/// A connection that is refused.
#[derive(Debug)]
pub struct Unrecognised {
    /// What the peer is told.
    pub error: AppError,
    /// What the audit trail is told; `None` when the fault is ours.
    pub audited: Option<String>,
}

impl App {
    /// Admits an agent: token, name, credential, all in one transaction.
    ///
    /// # Errors
    /// `Unauthenticated` when the token does not admit it, `name_taken`, or `Invalid`.
    pub async fn agent_join(&self, ctx: &Ctx, wish: JoinWish) -> Result<Joined, AppError> {
        let bad = |error: mc_domain::name::BadName| AppError::Invalid(format!("{error}; choose one with --name"));
        let hash = secret::hash(wish.token.expose_secret());
        let wanted: AgentName = if wish.name.is_empty() {
            AgentName::from_hostname(&wish.identity.hostname).map_err(bad)?
        } else {
            wish.name.parse().map_err(bad)?
        };
        let Some(known) = self.store.join_token_by_hash(&hash).await? else {
            // Nothing is signed for somebody who holds no token.
            return Err(join_refused(JoinError::Refused(JoinRefused::Unknown), &wanted));
        };
        let mut tags: Vec<String> = known.tags.iter().map(ToString::to_string).collect();
        tags.extend(wish.tags.iter().cloned());
        let (id, tags) = (AgentId::new(), parse_tags(&tags)?);
        let (credential, certificate_pem, api_key) = if wish.csr.is_empty() {
            let key = secret::random("mcak_");
            (Credential::ApiKey { hash: secret::hash(key.expose_secret()), prefix: shown(&key) }, None, Some(key))
        } else {
            let issued = self.ca().sign_agent(&wish.csr, id, ctx.now, self.settings.certificate_life)?;
            (Credential::Certificate { serial: issued.serial, next: None, not_after: issued.not_after }, Some(issued.pem), None)
        };
        let mut agent = Agent {
            id,
            name: wanted.clone(),
            kind: wish.kind.unwrap_or(AgentKind::Host),
            identity: wish.identity,
            tags,
            credential,
            joined_at: ctx.now,
            owner: Some(known.created_by),
            last_seen_at: None,
            goodbye_at: None,
            workload: Workload::default(),
            removed_at: None,
        };
        for attempt in 2.. {
            let actor = Actor::Agent { id, name: agent.name.to_string() };
            let audit = AuditEntry::new(&ctx.acting_as(actor), ctx.now, "agent_join", AuditResult::Ok)
                .on("agent", id, &agent.name)
                .detail(format!("{} with {}", agent.kind.as_str(), if api_key.is_some() { "an API key" } else { "a certificate" }));
            match self.store.agent_join(&hash, ctx.now, &agent, api_key.is_some(), &audit).await {
                Ok(token) => {
                    self.recorder.announce(audit);
                    self.announce_join_token(token);
                    break;
                }
                Err(JoinError::NameTaken) if wish.name.is_empty() && attempt <= NAME_TRIES => {
                    let base: String = wanted.as_str().chars().take(59).collect();
                    agent.name = format!("{base}-{attempt}").parse().map_err(bad)?;
                }
                Err(error) => return Err(join_refused(error, &agent.name)),
            }
        }
        let name = agent.name.to_string();
        self.announce_agent(&self.inventory.add(agent, ctx.now));
        Ok(Joined { agent: id, name, certificate_pem, api_key })
    }

    /// Gives a linked agent a fresh certificate. The old one works until the new one was used.
    ///
    /// # Errors
    /// When the agent is unknown, holds no certificate, or the request is malformed.
    pub async fn agent_renew(&self, ctx: &Ctx, agent: AgentId, csr: &[u8]) -> Result<String, AppError> {
        let view = self.inventory.get(agent).ok_or(REMOVED)?;
        let Credential::Certificate { serial, next, .. } = view.agent.credential.clone() else {
            return Err(AppError::Invalid("this agent uses an API key: it has no certificate to renew".to_owned()));
        };
        let unused = next.is_some();
        let issued = self.ca().sign_agent(csr, agent, ctx.now, self.settings.certificate_life)?;
        let credential = Credential::Certificate { serial, next: Some(issued.serial), not_after: issued.not_after };
        let actor = Actor::Agent { id: agent, name: view.agent.name.to_string() };
        let audit = AuditEntry::new(&ctx.acting_as(actor), ctx.now, "agent_renew", AuditResult::Ok)
            .on("agent", agent, &view.agent.name)
            .detail(format!("ends {}{}", issued.not_after, if unused { "; the one renewed before was never used" } else { "" }));
        self.store.agent_set_credential(agent, &credential, Some(&audit)).await?;
        self.recorder.announce(audit);
        self.inventory.update(agent, ctx.now, |agent| agent.credential = credential);
        Ok(issued.pem)
    }

    /// Which agent a proof is of. The caller audits refusals, at a rate of its own.
    ///
    /// # Errors
    /// `Unauthenticated` with what to do; the text never says more than the peer may know.
    pub async fn agent_recognise(&self, ctx: &Ctx, proof: Proof) -> Result<AgentId, Unrecognised> {
        match proof {
            Proof::Nothing => Err(Unrecognised::new(NO_PROOF, "no certificate and no API key")),
            Proof::ApiKey(key) => {
                let hash = secret::hash(key.expose_secret());
                self.inventory.key_owner(&hash).ok_or_else(|| Unrecognised::new(WRONG_KEY, "unknown API key"))
            }
            Proof::Certificate(certificate) => self.recognise_certificate(&certificate, ctx).await,
        }
    }

    async fn recognise_certificate(&self, certificate: &AgentCertificate, ctx: &Ctx) -> Result<AgentId, Unrecognised> {
        let id = certificate.agent;
        let Some(view) = self.inventory.get(id) else {
            return Err(Unrecognised::new(REMOVED, format!("certificate of agent {id}, which was removed")));
        };
        let Credential::Certificate { serial, next, not_after } = view.agent.credential.clone() else {
            return Err(Unrecognised::new(SUPERSEDED, format!("certificate of agent {}, which uses an API key", view.agent.name)));
        };
        if certificate.serial == serial {
            return Ok(id);
        }
        if next.as_deref() != Some(certificate.serial.as_str()) {
            return Err(Unrecognised::new(SUPERSEDED, format!("superseded certificate of agent {}", view.agent.name)));
        }
        let credential = Credential::Certificate { serial: certificate.serial.clone(), next: None, not_after };
        self.store
            .agent_set_credential(id, &credential, None)
            .await
            .map_err(|error| Unrecognised { error: error.into(), audited: None })?;
        self.inventory.update(id, ctx.now, |agent| agent.credential = credential);
        Ok(id)
    }

    /// Records a connection that was refused before anybody knew whose it is.
    pub fn agent_refused(&self, ctx: &Ctx, what: impl Into<String>) {
        self.recorder.record_soon(AuditEntry::new(ctx, ctx.now, "agent_connect", AuditResult::Denied).detail(what));
    }
}

impl Unrecognised {
    fn new(error: AppError, audited: impl Into<String>) -> Self {
        Self { error, audited: Some(audited.into()) }
    }
}

const NO_PROOF: AppError =
    AppError::Unauthenticated { code: "no_credential", text: "the agent showed neither a certificate nor an API key: join it first" };
const WRONG_KEY: AppError = AppError::Unauthenticated { code: "wrong_key", text: "the API key is not valid: join the agent again" };
const REMOVED: AppError =
    AppError::Unauthenticated { code: "agent_removed", text: "this agent was removed: join it again with a new token" };
const SUPERSEDED: AppError = AppError::Unauthenticated {
    code: "certificate_superseded",
    text: "this certificate was replaced by a newer one: if the agent was restored from a copy, join it again",
};

fn join_refused(error: JoinError, name: &AgentName) -> AppError {
    match error {
        JoinError::Refused(refused) => AppError::Unauthenticated { code: "join_refused", text: refused.text() },
        JoinError::NameTaken => AppError::conflict(
            "name_taken",
            format!("the name {name} is taken: choose another with --name, or remove the old agent with `mc agents remove {name}`"),
        ),
        JoinError::Store(error) => error.into(),
    }
}
