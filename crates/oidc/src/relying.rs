//! One provider, as the party that relies on it sees it.

use std::{sync::Arc, time::Duration};

use mc_domain::{
    provider::Claims,
    time::{Clock, Time},
};
use openidconnect::{
    AuthType, AuthorizationCode, ClientId, ClientSecret, IssuerUrl, JsonWebKeySet, OAuth2TokenResponse as _, PkceCodeVerifier, RedirectUrl,
    RefreshToken, RequestTokenError, TokenResponse as _, TokenUrl,
    core::{CoreClient, CoreErrorResponseType, CoreTokenResponse},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value};
use url::Url;

use crate::{
    LogoutToken, OidcError,
    claims::{flatten, groups_elsewhere},
    discovery::{Discovery, Known},
    error, graph, logout,
    net::{Net, check_url},
    token::{self, Doubt, Expect},
};

/// What we know of a provider before asking it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The issuer, exactly as its discovery document says it.
    pub issuer: String,
    /// What we are called there.
    pub client_id: String,
    /// The client secret, if we have one.
    pub client_secret: Option<SecretString>,
    /// What to ask for; empty: `openid profile email`, and `offline_access` where the provider offers it.
    pub scopes: Vec<String>,
    /// The claim with the groups.
    pub groups_claim: String,
    /// Certificates trusted beside the system's.
    pub ca_pem: Option<String>,
    /// Where Microsoft Graph is, for a provider that may keep groups there.
    pub graph: Option<String>,
    /// Whether plain HTTP to loopback is allowed.
    pub http_loopback: bool,
}

impl Settings {
    /// Microsoft Graph's own address.
    #[must_use]
    pub fn default_graph() -> String {
        graph::GRAPH.to_owned()
    }
}

/// What is asked of the provider at a login.
#[derive(Debug)]
pub struct Ask<'a> {
    /// Comes back with the answer.
    pub state: &'a str,
    /// Must stand in the ID token.
    pub nonce: &'a str,
    /// The secret whose SHA-256 goes along (PKCE).
    pub verifier: &'a str,
    /// Where the answer goes.
    pub redirect_uri: &'a str,
}

/// Somebody the provider vouches for.
#[derive(Debug, Clone)]
pub struct Person {
    /// Who it is there: never given to anybody else.
    pub subject: String,
    /// The login, as the provider counts them.
    pub session: Option<String>,
    /// An e-mail address.
    pub email: Option<String>,
    /// Whether the provider says that the address is the person's.
    pub email_verified: bool,
    /// What the person is called there, best first: to derive a user name from.
    pub names: Vec<String>,
    /// The name to show.
    pub display_name: Option<String>,
    /// Everything the token said, as texts.
    pub claims: Claims,
    /// The groups.
    pub groups: Vec<String>,
    /// Whether the provider says, in what it signed, that a second factor was used.
    pub second_factor: bool,
    /// The tokens.
    pub tokens: Tokens,
}

/// What the provider gave us for later.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// For the logout at the provider.
    pub id_token: Option<SecretString>,
    /// To ask again later.
    pub refresh: Option<SecretString>,
    /// How long the access token lives.
    pub access_life: Option<Duration>,
}

/// What a refresh brought.
#[derive(Debug, Clone)]
pub struct Renewal {
    /// What is said of the person now; `None` when the provider said nothing new.
    pub said: Option<(Claims, Vec<String>)>,
    /// The new tokens; a refresh token that is absent stays as it was.
    pub tokens: Tokens,
}

/// How a provider looks when it is tried.
#[derive(Debug, Clone, Default)]
pub struct Check {
    /// The issuer, when it answered.
    pub issuer: Option<String>,
    /// Addresses by what they are for.
    pub endpoints: Vec<(&'static str, String)>,
    /// What will not work.
    pub problems: Vec<String>,
}

/// The party that relies on one provider.
pub struct Relying {
    settings: Settings,
    net: Net,
    discovery: Discovery,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Relying {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Relying").field("issuer", &self.settings.issuer).finish_non_exhaustive()
    }
}

impl Relying {
    /// Nothing is asked yet.
    ///
    /// # Errors
    /// [`OidcError::Settings`] when an address or a certificate cannot be used.
    pub fn new(settings: Settings, clock: Arc<dyn Clock>) -> Result<Self, OidcError> {
        let issuer = check_url(&settings.issuer, settings.http_loopback)?;
        if issuer.query().is_some() {
            return Err(OidcError::Settings("the issuer has no query".to_owned()));
        }
        if let Some(graph) = &settings.graph {
            check_url(graph, settings.http_loopback)?;
        }
        let net = Net::new(settings.ca_pem.as_deref(), settings.http_loopback)?;
        let discovery = Discovery::new(net.clone(), settings.issuer.clone(), Arc::clone(&clock));
        Ok(Self { settings, net, discovery, clock })
    }

    /// Where to send the browser.
    ///
    /// # Errors
    /// When the provider does not answer.
    pub async fn authorize_url(&self, ask: &Ask<'_>) -> Result<Url, OidcError> {
        let known = self.discovery.fresh().await?;
        let challenge = openidconnect::PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(ask.verifier.to_owned()));
        let scopes = self.scopes(&known);
        let mut url = known.authorization.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", ask.redirect_uri)
            .append_pair("scope", &scopes.join(" "))
            .append_pair("state", ask.state)
            .append_pair("nonce", ask.nonce)
            .append_pair("code_challenge", challenge.as_str())
            .append_pair("code_challenge_method", "S256");
        if scopes.iter().any(|scope| scope == "offline_access") && self.settings.graph.is_none() {
            // OpenID Connect Core, 11: without asking for consent, offline access is not given. Entra knows better and would ask each time.
            url.query_pairs_mut().append_pair("prompt", "consent");
        }
        Ok(url)
    }

    /// The scopes asked for.
    fn scopes(&self, known: &Known) -> Vec<String> {
        let mut scopes = vec!["openid".to_owned()];
        if self.settings.scopes.is_empty() {
            scopes.extend(["profile", "email"].map(str::to_owned));
            scopes.extend(known.scopes.iter().filter(|scope| *scope == "offline_access").cloned());
        } else {
            scopes.extend(self.settings.scopes.iter().filter(|scope| *scope != "openid").cloned());
        }
        scopes
    }

    /// Checks the issuer an answer names (RFC 9207), against somebody who mixes up two providers.
    ///
    /// # Errors
    /// [`OidcError::Token`] when it is another, or missing although the provider always names itself.
    pub async fn check_answerer(&self, said: Option<&str>) -> Result<(), OidcError> {
        let known = self.discovery.any().await?;
        let good = said.map_or(!known.names_itself, |said| said == known.issuer);
        if good { Ok(()) } else { Err(OidcError::token("the answer came from another provider")) }
    }

    /// Trades the code of an answer for tokens, and believes them after checking.
    ///
    /// # Errors
    /// When the provider refuses or does not answer, or a token does not hold.
    pub async fn exchange(&self, code: &str, ask: &Ask<'_>) -> Result<Person, OidcError> {
        let known = self.discovery.any().await?;
        let redirect =
            RedirectUrl::new(ask.redirect_uri.to_owned()).map_err(|_| OidcError::Settings("our own address is no URL".into()))?;
        let client = self.client(&known)?.set_redirect_uri(redirect);
        let answer = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(ask.verifier.to_owned()))
            .request_async(&self.net)
            .await
            .map_err(|error| refused(&error))?;
        let body = self.believe(known, &answer, Some(ask.nonce)).await?;
        let body = body.ok_or_else(|| OidcError::token("the provider gave no ID token"))?;
        self.person(&body, &answer).await
    }

    /// Asks again with a refresh token.
    ///
    /// # Errors
    /// [`OidcError::is_over`] says whether the login is over; otherwise the provider does not answer, or a token does not hold.
    pub async fn renew(&self, refresh: &SecretString, subject: &str) -> Result<Renewal, OidcError> {
        let known = self.discovery.any().await?;
        let client = self.client(&known)?;
        let refresh = RefreshToken::new(refresh.expose_secret().to_owned());
        let answer = client.exchange_refresh_token(&refresh).request_async(&self.net).await.map_err(|error| refused(&error))?;
        let body = self.believe(known, &answer, None).await?;
        let tokens = tokens(&answer);
        let Some(mut body) = body else {
            // No ID token: the access token still tells at the provider's own desk.
            let said = self.userinfo(&answer, subject).await?;
            let said = match said {
                Some(body) => Some((flatten(&body), self.groups(&body, &answer).await?)),
                None => None,
            };
            return Ok(Renewal { said, tokens });
        };
        if body.get("sub").and_then(Value::as_str) != Some(subject) {
            return Err(OidcError::token("it is about somebody else"));
        }
        self.complete(&mut body, &answer).await?;
        Ok(Renewal { said: Some((flatten(&body), self.groups(&body, &answer).await?)), tokens })
    }

    /// Checks a logout token that the provider sent.
    ///
    /// # Errors
    /// When it does not hold, or the provider's keys cannot be had.
    pub async fn logout_token(&self, token: &str) -> Result<LogoutToken, OidcError> {
        let now = self.clock.now();
        let known = self.discovery.any().await?;
        match logout::check(&known, &self.settings.client_id, token, now) {
            Err(Doubt::UnknownKey) => match self.discovery.keys_again(&known).await? {
                Some(known) => Ok(logout::check(&known, &self.settings.client_id, token, now)?),
                None => Err(Doubt::UnknownKey.into()),
            },
            checked => Ok(checked?),
        }
    }

    /// Where to send the browser to be logged out at the provider too; `None` when it does not offer that.
    ///
    /// # Errors
    /// When the provider was never heard of lately.
    pub async fn end_session_url(&self, id_token: Option<&SecretString>, back_to: &str) -> Result<Option<Url>, OidcError> {
        let known = self.discovery.any().await?;
        let Some(mut url) = known.end_session.clone() else { return Ok(None) };
        let mut query = url.query_pairs_mut();
        query.append_pair("client_id", &self.settings.client_id).append_pair("post_logout_redirect_uri", back_to);
        if let Some(token) = id_token {
            query.append_pair("id_token_hint", token.expose_secret());
        }
        drop(query);
        Ok(Some(url))
    }

    /// Tries the provider anew.
    pub async fn check(&self) -> Check {
        let fresh = Discovery::new(self.net.clone(), self.settings.issuer.clone(), Arc::clone(&self.clock));
        let known = match fresh.fresh().await {
            Ok(known) => known,
            Err(error) => return Check { problems: vec![error.to_string()], ..Check::default() },
        };
        let mut problems = Vec::new();
        if known.keys.keys().is_empty() {
            problems.push("it publishes no key that can be used: no login will be believed".to_owned());
        }
        if !known.pkce {
            problems.push("it does not say that it knows PKCE with S256: logins may fail".to_owned());
        }
        if self.settings.client_secret.is_none() {
            problems.push("no client secret is set: it must be a public client there".to_owned());
        }
        if !self.scopes(&known).iter().any(|scope| scope == "offline_access") {
            problems.push("offline_access is not asked for: sessions last 8 hours and then need a new login".to_owned());
        }
        if !known.backchannel_logout {
            problems.push("it does not offer back-channel logout: a logout there is noticed at the next refresh".to_owned());
        }
        let some = |name, url: &Option<Url>| url.as_ref().map(|url| (name, url.to_string()));
        let mut endpoints = vec![("authorization", known.authorization.to_string()), ("token", known.token.to_string())];
        endpoints.push(("keys", known.keys_at.to_string()));
        endpoints.extend([some("userinfo", &known.userinfo), some("end_session", &known.end_session)].into_iter().flatten());
        Check { issuer: Some(known.issuer), endpoints, problems }
    }
}

/// The library's client with its token endpoint.
type Client = CoreClient<
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointSet,
    openidconnect::EndpointNotSet,
>;

impl Relying {
    fn client(&self, known: &Known) -> Result<Client, OidcError> {
        let bad = |_| OidcError::Settings("the issuer is no URL".to_owned());
        let issuer = IssuerUrl::new(known.issuer.clone()).map_err(bad)?;
        let keys = JsonWebKeySet::new(Vec::new());
        let mut client = CoreClient::new(ClientId::new(self.settings.client_id.clone()), issuer, keys)
            .set_token_uri(TokenUrl::from_url(known.token.clone()))
            .set_auth_type(if known.secret_in_body { AuthType::RequestBody } else { AuthType::BasicAuth });
        if let Some(secret) = &self.settings.client_secret {
            client = client.set_client_secret(ClientSecret::new(secret.expose_secret().to_owned()));
        }
        Ok(client)
    }

    /// The body of the ID token in an answer, once it is believed.
    async fn believe(
        &self,
        known: Known,
        answer: &CoreTokenResponse,
        nonce: Option<&str>,
    ) -> Result<Option<Map<String, Value>>, OidcError> {
        let Some(token) = answer.id_token() else { return Ok(None) };
        let now = self.clock.now();
        let expect = Expect { client_id: &self.settings.client_id, nonce, access_token: answer.access_token(), now };
        match token::check(&known, token, &expect) {
            Err(Doubt::UnknownKey) => match self.discovery.keys_again(&known).await? {
                Some(known) => Ok(Some(token::check(&known, token, &expect)?)),
                None => Err(Doubt::UnknownKey.into()),
            },
            checked => Ok(Some(checked?)),
        }
    }

    /// Adds what the provider tells at its desk only, when the token says nothing of groups or address.
    async fn complete(&self, body: &mut Map<String, Value>, answer: &CoreTokenResponse) -> Result<(), OidcError> {
        let missing = |name: &str| !body.contains_key(name) && !flatten(body).contains_key(name);
        let elsewhere = groups_elsewhere(body, &self.settings.groups_claim);
        if (missing(&self.settings.groups_claim) && !elsewhere) || missing("email") {
            let subject = body.get("sub").and_then(Value::as_str).unwrap_or_default().to_owned();
            for (name, value) in self.userinfo(answer, &subject).await?.unwrap_or_default() {
                // What was signed stays as it is.
                body.entry(name).or_insert(value);
            }
        }
        Ok(())
    }

    /// What the provider's desk says about the bearer; `None` when it has no desk.
    async fn userinfo(&self, answer: &CoreTokenResponse, subject: &str) -> Result<Option<Map<String, Value>>, OidcError> {
        let known = self.discovery.any().await?;
        let Some(url) = known.userinfo else { return Ok(None) };
        let said: Map<String, Value> = self.net.json(&url, Some(answer.access_token().secret())).await?;
        if said.get("sub").and_then(Value::as_str) != Some(subject) {
            return Err(OidcError::token("the provider's desk spoke of somebody else"));
        }
        Ok(Some(said))
    }

    async fn groups(&self, body: &Map<String, Value>, answer: &CoreTokenResponse) -> Result<Vec<String>, OidcError> {
        if let (Some(graph), true) = (&self.settings.graph, groups_elsewhere(body, &self.settings.groups_claim)) {
            return graph::groups(&self.net, graph, answer.access_token().secret()).await;
        }
        Ok(flatten(body).remove(&self.settings.groups_claim).unwrap_or_default())
    }

    async fn person(&self, signed: &Map<String, Value>, answer: &CoreTokenResponse) -> Result<Person, OidcError> {
        let mut body = signed.clone();
        self.complete(&mut body, answer).await?;
        let text =
            |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty() && text.len() <= 255).map(str::to_owned);
        let subject = text("sub").ok_or_else(|| OidcError::token("it does not say whom it is about"))?;
        let email = text("email").filter(|email| email.contains('@'));
        let local = email.as_ref().and_then(|email| email.split('@').next()).map(str::to_owned);
        let preferred = text("preferred_username").map(|name| name.split('@').next().unwrap_or_default().to_owned());
        Ok(Person {
            session: text("sid"),
            email_verified: email.is_some() && body.get("email_verified").is_some_and(|said| said == true || said == "true"),
            names: [preferred, local, text("nickname"), text("name")].into_iter().flatten().collect(),
            display_name: text("name"),
            claims: flatten(&body),
            groups: self.groups(&body, answer).await?,
            // Only what was signed counts.
            second_factor: second_factor(signed),
            tokens: tokens(answer),
            subject,
            email,
        })
    }
}

/// Whether `amr` (RFC 8176) names something beside a password, or `acr` is a class that cannot be reached without: those of REFEDS and PAPE, and
/// the phishing-resistant ones of OpenID (EAP). What else may stand in `acr` means something to that provider only.
fn second_factor(body: &Map<String, Value>) -> bool {
    const FACTORS: [&str; 9] = ["mfa", "mca", "otp", "hwk", "swk", "sms", "fpt", "face", "sc"];
    const CLASSES: [&str; 4] =
        ["https://refeds.org/profile/mfa", "http://schemas.openid.net/pape/policies/2007/06/multi-factor", "phr", "phrh"];
    if body.get("acr").and_then(Value::as_str).is_some_and(|class| CLASSES.contains(&class)) {
        return true;
    }
    let methods = body.get("amr").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    methods.iter().filter_map(Value::as_str).any(|method| FACTORS.contains(&method))
}

fn tokens(answer: &CoreTokenResponse) -> Tokens {
    Tokens {
        id_token: answer.id_token().map(|token| token.to_string().into()),
        refresh: answer.refresh_token().map(|token| token.secret().clone().into()),
        access_life: answer.expires_in(),
    }
}

type TokenError = RequestTokenError<OidcError, openidconnect::StandardErrorResponse<CoreErrorResponseType>>;

fn refused(error: &TokenError) -> OidcError {
    match error {
        RequestTokenError::ServerResponse(said) => OidcError::Refused(error::code(said.error().as_ref())),
        RequestTokenError::Request(error) => error.clone(),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            OidcError::unavailable("the provider's answer to the exchange of tokens cannot be read")
        }
    }
}

/// When the provider wants to be asked again, from the life of its access token: not every moment, not more rarely than each hour.
#[must_use]
pub fn ask_again_after(life: Option<Duration>, now: Time) -> Time {
    let life = life.unwrap_or(Duration::from_secs(600));
    now.after(life.clamp(Duration::from_secs(1), Duration::from_secs(3_600)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_proves_a_second_factor() {
        let proved = |claims: Value| second_factor(claims.as_object().expect("claims"));
        for good in [
            json!({"amr": ["pwd", "otp"]}),
            json!({"amr": ["mfa"]}),
            json!({"amr": ["pwd"], "acr": "https://refeds.org/profile/mfa"}),
            json!({"acr": "phrh"}),
        ] {
            assert!(proved(good.clone()), "{good}");
        }
        for bad in [
            json!({}),
            json!({"amr": ["pwd"]}),
            json!({"amr": "mfa"}),
            json!({"amr": [["mfa"]]}),
            json!({"amr": [], "acr": "1"}),
            json!({"acr": ["phr"]}),
            json!({"acr": "https://refeds.org/profile/sfa"}),
        ] {
            assert!(!proved(bad.clone()), "{bad}");
        }
    }
}
