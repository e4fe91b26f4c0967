//! An OpenID provider that lies on request: its tokens are signed with keys, algorithms and claims as a test wants them.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, Result};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use reqwest::Url;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
};

use crate::oidc::CLIENT_ID;

/// How a token is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sign {
    /// With this of its two keys (0 or 1), under that key's name.
    Key(usize),
    /// With this key under the other's name.
    WrongName(usize),
    /// Not at all: `alg` is `none`.
    No,
    /// By HS256, with the public key's text as the shared secret.
    PublicKeyAsSecret,
    /// By HS256, with the client secret.
    ClientSecret,
}

/// What it does.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Laid over the claims of a good ID token; `null` takes one away.
    pub claims: Value,
    /// How the ID token is signed.
    pub sign: Sign,
    /// Which keys it publishes.
    pub published: Vec<usize>,
    /// Laid over its discovery document.
    pub document: Value,
    /// Laid over the query of its answer; `null` takes one away.
    pub answer: Value,
    /// What it answers to an exchange of tokens instead, with this status.
    pub token_error: Option<(u16, Value)>,
    /// What its desk says.
    pub userinfo: Value,
    /// Pages of groups of Microsoft Graph.
    pub graph: Vec<Value>,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            claims: json!({}),
            sign: Sign::Key(0),
            published: vec![0],
            document: json!({}),
            answer: json!({}),
            token_error: None,
            userinfo: json!({"sub": "mallory"}),
            graph: Vec::new(),
        }
    }
}

struct Shared {
    keys: Vec<(EncodingKey, Jwk, String)>,
    plan: Mutex<Plan>,
    /// Of the login under way.
    asked: Mutex<(String, String)>,
    /// Paths that were asked for, and the form of the last exchange of tokens.
    seen: Mutex<Vec<String>>,
    /// Who asks for this path waits for the answer.
    held: watch::Sender<Option<&'static str>>,
    issuer: String,
}

/// The lying provider; it ends when dropped.
pub struct Issuer {
    shared: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issuer").field("issuer", &self.shared.issuer).finish_non_exhaustive()
    }
}

impl Issuer {
    /// Starts it on a free port.
    ///
    /// # Errors
    /// When it cannot listen, or no key can be made.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let issuer = format!("http://{}", listener.local_addr()?);
        let keys = (0..2).map(key).collect::<Result<Vec<_>>>()?;
        let (plan, asked, seen) = (Mutex::default(), Mutex::default(), Mutex::default());
        let shared = Arc::new(Shared { keys, plan, asked, seen, held: watch::Sender::default(), issuer });
        let serving = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&serving);
                // A caller that goes away is no failure of the test.
                tokio::spawn(async move { drop(serve(&shared, stream).await) });
            }
        });
        Ok(Self { shared, task })
    }

    /// Its issuer.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.shared.issuer
    }

    /// The form with which our server gets to know it; `change` is laid over it.
    #[must_use]
    pub fn form(&self, change: &Value) -> Value {
        let form = json!({
            "name": "idp", "label": "Test", "issuer": self.issuer(), "client_id": CLIENT_ID, "client_secret": crate::oidc::CLIENT_SECRET,
            "default_role": "viewer", "provisioning": "create",
        });
        laid_over(form, change)
    }

    /// From now on it does this.
    pub fn plan(&self, plan: Plan) {
        *self.shared.plan.lock().unwrap_or_else(PoisonError::into_inner) = plan;
    }

    /// From now on who asks for this path waits, until it is another one or none.
    pub fn hold(&self, path: Option<&'static str>) {
        self.shared.held.send_replace(path);
    }

    /// What it was asked for so far: `GET /jwks`, and forms that were posted.
    #[must_use]
    pub fn seen(&self) -> Vec<String> {
        self.shared.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A token of these claims, signed so.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn token(&self, claims: &Value, sign: &Sign) -> Result<String> {
        self.shared.token(claims, sign, "JWT")
    }

    /// A good logout token of somebody, with `change` laid over its claims.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn logout_token(&self, subject: &str, id: &str, change: &Value, sign: &Sign) -> Result<String> {
        let claims = json!({
            "iss": self.issuer(), "aud": CLIENT_ID, "iat": now(), "exp": now() + 120, "jti": id, "sub": subject,
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        });
        self.shared.token(&laid_over(claims, change), sign, "logout+jwt")
    }
}

/// Seconds since 1970.
#[must_use]
pub fn now() -> i64 {
    #[expect(clippy::disallowed_methods, reason = "the other side of the wire has a clock of its own")]
    let now = SystemTime::now();
    now.duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

fn key(number: usize) -> Result<(EncodingKey, Jwk, String)> {
    let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?;
    let key = EncodingKey::from_rsa_pem(pair.serialize_pem().as_bytes())?;
    let mut jwk = Jwk::from_encoding_key(&key, Algorithm::RS256)?;
    jwk.common.key_id = Some(format!("key-{number}"));
    Ok((key, jwk, pair.public_key_pem()))
}

fn laid_over(mut under: Value, over: &Value) -> Value {
    if let (Some(under), Some(over)) = (under.as_object_mut(), over.as_object()) {
        for (name, value) in over {
            if value.is_null() {
                under.remove(name);
            } else {
                under.insert(name.clone(), value.clone());
            }
        }
    }
    under
}

impl Shared {
    fn token(&self, claims: &Value, sign: &Sign, kind: &str) -> Result<String> {
        let named = |number: usize, algorithm| {
            let mut header = Header::new(algorithm);
            header.kid = Some(format!("key-{number}"));
            header.typ = Some(kind.to_owned());
            header
        };
        let (key, _, public) = self.keys.first().context("no key")?;
        let other = |number: usize| self.keys.get(number).map_or(key, |(key, ..)| key);
        Ok(match sign {
            Sign::Key(number) => jsonwebtoken::encode(&named(*number, Algorithm::RS256), claims, other(*number))?,
            Sign::WrongName(number) => jsonwebtoken::encode(&named(1 - number, Algorithm::RS256), claims, other(*number))?,
            Sign::PublicKeyAsSecret => {
                jsonwebtoken::encode(&named(0, Algorithm::HS256), claims, &EncodingKey::from_secret(public.as_bytes()))?
            }
            Sign::ClientSecret => {
                let secret = EncodingKey::from_secret(crate::oidc::CLIENT_SECRET.as_bytes());
                jsonwebtoken::encode(&named(0, Algorithm::HS256), claims, &secret)?
            }
            Sign::No => {
                let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
                format!("{}.{}.", part(&json!({"alg": "none", "typ": kind})), part(claims))
            }
        })
    }

    fn answer(&self, path: &str, query: &[(String, String)], body: &str) -> Result<(u16, String, Value)> {
        let plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let found = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default();
        let good = |value| Ok((200, String::new(), value));
        match path {
            "/.well-known/openid-configuration" => good(laid_over(self.document(), &plan.document)),
            "/jwks" => {
                let keys: Vec<&Jwk> = plan.published.iter().filter_map(|number| self.keys.get(*number)).map(|(_, jwk, _)| jwk).collect();
                good(json!({"keys": keys}))
            }
            "/authorize" => {
                *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = (found("nonce"), found("code_challenge"));
                let answer = laid_over(json!({"code": "a-code", "state": found("state")}), &plan.answer);
                let mut back = Url::parse(&found("redirect_uri"))?;
                for (name, value) in answer.as_object().into_iter().flatten() {
                    back.query_pairs_mut().append_pair(name, value.as_str().unwrap_or_default());
                }
                Ok((302, back.to_string(), Value::Null))
            }
            "/token" => {
                self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(body.to_owned());
                if let Some((status, answer)) = plan.token_error {
                    return Ok((status, String::new(), answer));
                }
                let (nonce, _) = self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone();
                let claims =
                    json!({"iss": self.issuer, "sub": "mallory", "aud": CLIENT_ID, "exp": now() + 300, "iat": now(), "nonce": nonce});
                let token = self.token(&laid_over(claims, &plan.claims), &plan.sign, "JWT")?;
                good(json!({"access_token": "an-access-token", "token_type": "Bearer", "expires_in": 300, "id_token": token}))
            }
            "/userinfo" => good(plan.userinfo),
            _ if path.starts_with("/graph/") => {
                let page = found("page").parse().unwrap_or(0_usize);
                let mut answer = json!({"value": plan.graph.get(page).cloned().unwrap_or_else(|| json!([]))});
                if page + 1 < plan.graph.len() {
                    answer = laid_over(answer, &json!({"@odata.nextLink": format!("{}/graph/next?page={}", self.issuer, page + 1)}));
                }
                good(answer)
            }
            _ => Ok((404, String::new(), json!({}))),
        }
    }

    fn document(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.issuer);
        json!({
            "issuer": self.issuer, "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"), "jwks_uri": at("/jwks"),
            "userinfo_endpoint": at("/userinfo"), "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            "code_challenge_methods_supported": ["S256"],
        })
    }
}

/// One request, one answer.
async fn serve(shared: &Shared, stream: TcpStream) -> Result<()> {
    let mut stream = BufReader::new(stream);
    let mut first = String::new();
    stream.read_line(&mut first).await?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        match line.trim().to_ascii_lowercase().split_once(':') {
            Some(("content-length", value)) => length = value.trim().parse()?,
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    let target = first.split(' ').nth(1).unwrap_or_default();
    let url = Url::parse(&format!("http://x{target}"))?;
    let method = first.split(' ').next().unwrap_or_default();
    shared.seen.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{method} {}", url.path()));
    shared.held.subscribe().wait_for(|held| *held != Some(url.path())).await?;
    let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let (status, location, answer) = shared.answer(url.path(), &query, &String::from_utf8_lossy(&body))?;
    let answer = answer.to_string();
    let location = if location.is_empty() { location } else { format!("Location: {location}\r\n") };
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{location}Connection: close\r\n\r\n",
        answer.len()
    );
    stream.write_all(format!("{head}{answer}").as_bytes()).await?;
    Ok(stream.shutdown().await?)
}
