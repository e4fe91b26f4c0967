//! Logging in by an identity provider: from the button to the provider and back.
//!
//! What was begun is kept under the hash of a random state for ten minutes, works once, and only in the browser it was begun in. Why a login
//! is refused is told to the browser as a code of ours; what exactly was wrong stands in the audit trail.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use mc_domain::{
    action,
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    id::{SessionId, UserId},
    permit::Everything,
    provider::Provider,
};
use mc_oidc::{Ask, OidcError, Person, Relying};
use mc_store::OidcFlow;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::{enrolment, login::Visitor, session::LoggedIn, step_up::FRESH};
use crate::{App, error::AppError, secret};

/// How long a login may take at the provider.
const FLOW_LIFE: Duration = Duration::from_secs(600);
/// The longest path to return to.
const PATH_MAX: usize = 500;

/// Why a login by a provider came to nothing, as a code for the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OidcRefused(pub &'static str);

/// Where a refusal is to be shown.
#[derive(Debug)]
pub struct OidcFailure {
    /// The code.
    pub code: &'static str,
    /// Where the login wanted to go: a path of ours when it was for linking, a port when it was for the command line.
    pub to: OidcTarget,
}

/// What a login by a provider is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum OidcTarget {
    /// A session in this browser, and then this path of ours.
    Login(String),
    /// Linking to this user, who asked for it in this session, and then this path of ours.
    Link(UserId, SessionId, String),
    /// A session for the command line that listens on this port and knows the secret of this challenge.
    Cli(u16, String),
}

/// What is asked for at the beginning.
#[derive(Debug, Clone, Default)]
pub struct OidcWish {
    /// A path of ours to go to afterwards.
    pub return_to: Option<String>,
    /// Port and challenge of a command line.
    pub cli: Option<(u16, String)>,
}

/// A login that was begun.
#[derive(Debug)]
pub struct OidcStarted {
    /// Where the browser goes.
    pub url: String,
    /// What the browser must show when it comes back.
    pub browser: SecretString,
    /// How long that counts.
    pub life: Duration,
}

/// What the provider's answer brings back through the browser.
#[derive(Debug, Clone, Default)]
pub struct OidcAnswer {
    /// The code to trade for tokens.
    pub code: Option<String>,
    /// The state that went along.
    pub state: Option<String>,
    /// The issuer (RFC 9207).
    pub iss: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
}

/// What came of a login.
#[derive(Debug)]
pub enum OidcLanded {
    /// A session, and where to go.
    Session(Box<LoggedIn>, String),
    /// The account was linked; where to go.
    Linked(String),
    /// An account here has the same address: its password is asked for, with this ticket.
    Confirm(SecretString),
    /// A one-time code for the command line on this port.
    Cli(u16, SecretString),
}

/// What is kept of a login under way, sealed.
#[derive(Serialize, Deserialize)]
struct Flow {
    nonce: String,
    verifier: String,
    target: OidcTarget,
}

impl App {
    /// Begins a login. `browser` is what the browser holds from an earlier beginning: several tabs share it.
    ///
    /// # Errors
    /// A code for the page in `Ok(Err(_))`; otherwise the database does not answer.
    pub async fn oidc_start(
        &self,
        ctx: &Ctx,
        name: &str,
        wish: OidcWish,
        browser: Option<&str>,
    ) -> Result<Result<OidcStarted, OidcFailure>, AppError> {
        let target = match target(wish) {
            Ok(target) => target,
            Err(code) => return Ok(Err(OidcFailure { code, to: OidcTarget::Login(String::new()) })),
        };
        let started = self.oidc_begin(ctx, name, target.clone(), browser).await?;
        Ok(started.map_err(|OidcRefused(code)| OidcFailure { code, to: target }))
    }

    /// Begins to link an account at a provider to the caller, who proved lately who they are: whoever found an open page must not make a way
    /// in of their own.
    ///
    /// # Errors
    /// `step_up_required`; when there is no such provider, or it does not answer.
    pub async fn me_identity_link(
        &self,
        ctx: &Ctx,
        name: &str,
        return_to: Option<&str>,
        browser: Option<&str>,
    ) -> Result<OidcStarted, AppError> {
        self.permit::<_, action::MeIdentityLink>(ctx, Everything)?;
        let (user, session) = enrolment::login(ctx)?;
        if !self.verified_lately(ctx) {
            return Err(FRESH);
        }
        let target = OidcTarget::Link(user, session, own_path(return_to));
        self.oidc_begin(ctx, name, target, browser).await?.map_err(|OidcRefused(code)| match code {
            "unknown_provider" => AppError::NotFound("there is no such identity provider".to_owned()),
            code => AppError::conflict(code, "the provider does not do its part: an admin finds the reason in the audit trail"),
        })
    }

    async fn oidc_begin(
        &self,
        ctx: &Ctx,
        name: &str,
        target: OidcTarget,
        browser: Option<&str>,
    ) -> Result<Result<OidcStarted, OidcRefused>, AppError> {
        let failed = |code| Ok(Err(OidcRefused(code)));
        let Some((provider, relying)) = self.oidc_provider(name).await? else { return failed("unknown_provider") };
        let relying = match relying {
            Ok(relying) => relying,
            Err(error) => return failed(self.oidc_trouble(ctx, &provider, &error).await?),
        };
        let (state, nonce, verifier) = (secret::random(""), secret::random(""), secret::random(""));
        let redirect_uri = self.provider_redirect_uri(&provider.name);
        let ask = Ask {
            state: state.expose_secret(),
            nonce: nonce.expose_secret(),
            verifier: verifier.expose_secret(),
            redirect_uri: &redirect_uri,
        };
        let url = match relying.authorize_url(&ask).await {
            Ok(url) => url.to_string(),
            Err(error) => return failed(self.oidc_trouble(ctx, &provider, &error).await?),
        };
        let browser = browser.filter(|kept| kept.len() == 43).map_or_else(|| secret::random(""), |kept| kept.to_owned().into());
        let state_hash = secret::hash(state.expose_secret());
        let flow = Flow { nonce: nonce.expose_secret().to_owned(), verifier: verifier.expose_secret().to_owned(), target };
        let flow = OidcFlow {
            content: self.oidc_seal(&format!("oidc-flow:{state_hash}"), &flow)?,
            state_hash,
            browser_hash: secret::hash(browser.expose_secret()),
            provider_id: provider.id,
            expires_at: ctx.now.after(FLOW_LIFE),
        };
        self.store.oidc_flow_insert(&flow, ctx.now).await?;
        Ok(Ok(OidcStarted { url, browser, life: FLOW_LIFE }))
    }

    /// Ends a login with the provider's answer.
    ///
    /// # Errors
    /// A code for the page, and where it was to go, in `Ok(Err(_))`; otherwise the database does not answer.
    pub async fn oidc_callback(
        &self,
        ctx: &Ctx,
        name: &str,
        answer: OidcAnswer,
        browser: Option<&str>,
        visitor: Visitor<'_>,
    ) -> Result<Result<OidcLanded, OidcFailure>, AppError> {
        let nowhere = |code| Ok(Err(OidcFailure { code, to: OidcTarget::Login(String::new()) }));
        let Some((provider, relying)) = self.oidc_provider(name).await? else { return nowhere("unknown_provider") };
        let state_hash = secret::hash(answer.state.as_deref().unwrap_or_default());
        let Some(kept) = self.store.oidc_flow_take(&state_hash, ctx.now).await? else {
            self.oidc_refused(ctx, &provider, AuditResult::Denied, "the state is unknown, was used, or has ended").await?;
            return nowhere("login_expired");
        };
        let same = |one: &str, other: &str| bool::from(one.as_bytes().ct_eq(other.as_bytes()));
        if !same(&kept.browser_hash, &secret::hash(browser.unwrap_or_default())) || kept.provider_id != provider.id {
            self.oidc_refused(ctx, &provider, AuditResult::Denied, "the answer came through another browser, or from another provider")
                .await?;
            return nowhere("state_mismatch");
        }
        let flow: Flow = self.oidc_open(&format!("oidc-flow:{state_hash}"), &kept.content)?;
        let to = flow.target.clone();
        let failed = |code| Ok(Err(OidcFailure { code, to: to.clone() }));
        let person = match relying {
            Ok(relying) => self.oidc_person(&relying, &provider, answer, &flow).await,
            Err(error) => Err(error),
        };
        let person = match person {
            Ok(person) => person,
            Err(error) => return failed(self.oidc_trouble(ctx, &provider, &error).await?),
        };
        match self.oidc_land(ctx, &provider, person, flow.target, visitor).await? {
            Ok(landed) => Ok(Ok(landed)),
            Err(OidcRefused(code)) => failed(code),
        }
    }

    /// Who came back.
    async fn oidc_person(&self, relying: &Relying, provider: &Provider, answer: OidcAnswer, flow: &Flow) -> Result<Person, OidcError> {
        relying.check_answerer(answer.iss.as_deref()).await?;
        if let Some(error) = answer.error {
            return Err(OidcError::Refused(mc_oidc::code(&error)));
        }
        let code = answer.code.filter(|code| !code.is_empty() && code.len() <= 4_096);
        let code = code.ok_or_else(|| OidcError::Token("the answer holds no code".to_owned()))?;
        let redirect_uri = self.provider_redirect_uri(&provider.name);
        relying.exchange(&code, &Ask { state: "", nonce: &flow.nonce, verifier: &flow.verifier, redirect_uri: &redirect_uri }).await
    }

    /// An enabled provider with its relying party.
    async fn oidc_provider(&self, name: &str) -> Result<Option<(Provider, Result<std::sync::Arc<Relying>, OidcError>)>, AppError> {
        match self.provider_find(name).await {
            Ok((provider, sealed)) if provider.enabled => {
                let relying = self.relying(&provider, sealed.as_deref())?;
                Ok(Some((provider, relying)))
            }
            Ok(_) | Err(AppError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Records what was wrong, and gives the code for the page.
    async fn oidc_trouble(&self, ctx: &Ctx, provider: &Provider, error: &OidcError) -> Result<&'static str, AppError> {
        let (result, code) = match error {
            OidcError::Settings(_) => (AuditResult::Failed, "provider_misconfigured"),
            OidcError::Unavailable(_) => (AuditResult::Failed, "provider_unavailable"),
            OidcError::Refused(code) if code == "access_denied" => (AuditResult::Denied, "provider_denied"),
            OidcError::Refused(_) => (AuditResult::Failed, "provider_refused"),
            OidcError::Token(_) => (AuditResult::Denied, "token_invalid"),
        };
        self.oidc_refused(ctx, provider, result, &error.to_string()).await?;
        Ok(code)
    }

    pub(super) async fn oidc_refused(&self, ctx: &Ctx, provider: &Provider, result: AuditResult, why: &str) -> Result<(), AppError> {
        let why: String = why.chars().take(500).collect();
        let entry = AuditEntry::new(ctx, ctx.now, "login", result)
            .on("provider", provider.id, &provider.name)
            .detail(format!("oidc:{}: {why}", provider.name));
        self.recorder.record(entry).await
    }

    pub(super) fn oidc_seal<T: Serialize>(&self, purpose: &str, thing: &T) -> Result<String, AppError> {
        let text = serde_json::to_vec(thing).map_err(|_| AppError::Internal("a login cannot be written as JSON".to_owned()))?;
        self.seal.seal(purpose, &text)
    }

    pub(super) fn oidc_open<T: for<'de> Deserialize<'de>>(&self, purpose: &str, sealed: &str) -> Result<T, AppError> {
        let text = self.seal.open(purpose, sealed)?;
        serde_json::from_slice(&text).map_err(|_| AppError::Internal("a login under way cannot be read".to_owned()))
    }
}

/// What the login is for, or a code for the page.
fn target(wish: OidcWish) -> Result<OidcTarget, &'static str> {
    let Some((port, challenge)) = wish.cli else { return Ok(OidcTarget::Login(own_path(wish.return_to.as_deref()))) };
    let good = port >= 1024 && challenge.len() == 43 && URL_SAFE_NO_PAD.decode(&challenge).is_ok_and(|hash| hash.len() == 32);
    if good { Ok(OidcTarget::Cli(port, challenge)) } else { Err("bad_request") }
}

/// A path of ours to go to: anything that could lead elsewhere becomes the front page.
fn own_path(wanted: Option<&str>) -> String {
    let good = |path: &&str| {
        path.len() <= PATH_MAX
            && path.starts_with('/')
            && !path.starts_with("//")
            && !path.starts_with("/api/")
            && path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
    };
    wanted.filter(good).unwrap_or("/").to_owned()
}

/// The challenge that goes with a verifier (S256 of RFC 7636).
pub(super) fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_returns_to_our_own_pages_only() {
        for own in ["/", "/agents", "/agents?status=online#top", "/settings?tab=security"] {
            assert_eq!(own_path(Some(own)), own);
        }
        for evil in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil",
            "/%0d\r\nSet-Cookie: a=b",
            "javascript:alert(1)",
            "",
            "agents",
            "/api/v1/auth/oidc/x/start",
            "/\t/evil.example",
            "/ä",
        ] {
            assert_eq!(own_path(Some(evil)), "/", "{evil:?}");
        }
        assert_eq!(own_path(None), "/");
        assert_eq!(own_path(Some(&format!("/{}", "x".repeat(500)))), "/");
    }

    #[test]
    fn the_challenge_is_the_one_of_the_standard() {
        // RFC 7636, appendix B.
        assert_eq!(challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
