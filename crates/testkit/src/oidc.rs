//! A real OpenID provider for tests (npm `oidc-provider`, installed once by `scripts/peers/oidc-provider.sh`), and a browser made of HTTP.

use std::{
    net::IpAddr,
    path::Path,
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
};

use anyhow::{Context as _, Result, bail, ensure};
pub use reqwest::Url;
use reqwest::{
    Response,
    header::{HeaderMap, LOCATION},
};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, pem::PemObject as _};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::{
    Server,
    program::{LIMIT, Program},
};

/// Where the peers' scripts are.
const PEERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/peers");
/// The most redirects and forms of one login.
const STEPS: usize = 20;
/// What we are called there, and the secret.
pub const CLIENT_ID: &str = "mission-control";
/// The client secret.
pub const CLIENT_SECRET: &str = "a secret only for tests";

/// The running provider.
#[derive(Debug)]
pub struct OidcPeer {
    program: Program,
    issuer: String,
    setup: PeerSetup,
    ca_file: std::path::PathBuf,
}

/// How the provider is set up.
#[derive(Debug, Clone)]
pub struct PeerSetup {
    /// The provider's name on our side.
    pub name: String,
    /// Who exists there, by login name, with their claims; when empty, everybody.
    pub accounts: Value,
    /// How long its access tokens live, in seconds.
    pub access_life: u64,
}

impl Default for PeerSetup {
    fn default() -> Self {
        Self { name: "idp".to_owned(), accounts: json!({}), access_life: 3_600 }
    }
}

impl OidcPeer {
    /// Starts it for a server of ours, whose addresses it is told.
    ///
    /// # Errors
    /// When it cannot be had. A test must fail then, not skip.
    pub async fn start(server: &Server, setup: PeerSetup) -> Result<Self> {
        let ours = server.url().replace("localhost", "127.0.0.1");
        let route = |end: &str| format!("{ours}/api/v1/auth/oidc/{}/{end}", setup.name);
        let client = json!({
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "grant_types": ["authorization_code", "refresh_token"],
            "redirect_uris": [route("callback")],
            "post_logout_redirect_uris": [format!("{ours}/login")],
            "backchannel_logout_uri": route("backchannel-logout"),
            "backchannel_logout_session_required": true,
        });
        let told = json!({"clients": [client], "accounts": setup.accounts, "access_life": setup.access_life});
        Self::run(&told, setup, &server.ca_file()).await
    }

    async fn run(told: &Value, setup: PeerSetup, ca_file: &Path) -> Result<Self> {
        let installed = Command::new(Path::new(PEERS).join("oidc-provider.sh")).stdin(Stdio::null()).stderr(Stdio::inherit()).output();
        let installed = installed.await.context("oidc-provider.sh cannot be run")?;
        ensure!(installed.status.success(), "oidc-provider.sh failed: {}", installed.status);
        let answer = String::from_utf8(installed.stdout)?;
        let value = |key: &str| {
            let found = answer.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
            found.map(str::to_owned).with_context(|| format!("oidc-provider.sh did not say {key}"))
        };
        let mut command = Command::new(value("OIDC_NODE")?);
        command.arg(Path::new(PEERS).join("oidc-provider.mjs")).arg(told.to_string());
        // It posts its logout tokens to our server, whose certificate comes from our own authority.
        command.env("OIDC_MODULES", value("OIDC_MODULES")?).env("NODE_EXTRA_CA_CERTS", ca_file);
        let mut program = Program::start("oidc-provider", &mut command)?;
        let issuer = program.find(|line| line.strip_prefix("ISSUER=").map(str::to_owned)).await?;
        Ok(Self { program, issuer, setup, ca_file: ca_file.to_owned() })
    }

    /// Its issuer.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The form with which our server gets to know it; `change` is laid over it.
    #[must_use]
    pub fn form(&self, change: &Value) -> Value {
        let mut form = json!({
            "name": self.setup.name,
            "label": "Test",
            "issuer": self.issuer,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "scopes": ["openid", "profile", "email", "groups", "offline_access"],
            "role_rules": [{"value": "ops*", "role": "operator"}],
            "default_role": "viewer",
            "provisioning": "create",
        });
        if let (Some(form), Some(change)) = (form.as_object_mut(), change.as_object()) {
            form.extend(change.clone());
        }
        form
    }

    /// Replaces who exists there.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn accounts(&self, accounts: &Value) -> Result<()> {
        let answer = self.browser()?.http.post(format!("{}/control", self.issuer)).json(&json!({"accounts": accounts})).send().await?;
        ensure!(answer.status().is_success(), "the provider answered {}", answer.status());
        Ok(())
    }

    /// Ends it.
    ///
    /// # Errors
    /// When it was ended before.
    pub async fn kill(&mut self) -> Result<()> {
        self.program.kill().await
    }

    /// What it printed.
    #[must_use]
    pub fn log(&self) -> String {
        self.program.log()
    }

    /// A browser of somebody new.
    ///
    /// # Errors
    /// When it cannot be set up.
    pub fn browser(&self) -> Result<Browser> {
        Browser::new(&self.ca_file)
    }
}

/// A browser: keeps cookies, follows redirects one by one, and fills in the provider's forms.
#[derive(Debug, Clone)]
pub struct Browser {
    http: reqwest::Client,
}

/// Where a browser ended up.
#[derive(Debug)]
pub struct Landed {
    /// The address that was not followed, or the page that was shown.
    pub url: Url,
    /// Headers of the answer that led there.
    pub headers: HeaderMap,
}

impl Landed {
    /// Path and what stands behind it.
    #[must_use]
    pub fn path(&self) -> String {
        let mut text = self.url.path().to_owned();
        if let Some(query) = self.url.query() {
            text = format!("{text}?{query}");
        }
        if let Some(fragment) = self.url.fragment() {
            text = format!("{text}#{fragment}");
        }
        text
    }

    /// The value of a cookie that the last answer set.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<String> {
        let set = self.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
        set.filter_map(|cookie| cookie.strip_prefix(name)?.strip_prefix('='))
            .map(|rest| rest.split(';').next().unwrap_or_default().to_owned())
            .next()
    }

    /// The value of a parameter of the address.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}

impl Browser {
    /// One that trusts this authority, with nothing in its jar and an address of its own: callers are told apart by theirs.
    ///
    /// # Errors
    /// When the authority's certificate cannot be read.
    pub fn new(ca_file: &Path) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(ca_file)?)?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .no_proxy()
            .cookie_store(true)
            .local_address(own_address())
            .redirect(reqwest::redirect::Policy::none())
            .timeout(LIMIT)
            .build()?;
        Ok(Self { http })
    }

    /// One request, nothing followed.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn get(&self, url: &str) -> Result<Response> {
        Ok(self.http.get(url).send().await?)
    }

    /// A page of ours posts JSON with a bearer token.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn post_as(&self, url: &str, token: &str, body: &serde_json::Value) -> Result<Response> {
        Ok(self.http.post(url).bearer_auth(token).json(body).send().await?)
    }

    /// Follows redirects and logs in at the provider as `login`, until an address comes that `stop` wants.
    ///
    /// # Errors
    /// When that never happens.
    pub async fn walk(&self, url: &str, login: &str, stop: impl Fn(&Url) -> bool) -> Result<Landed> {
        let mut answer = self.get(url).await?;
        for _ in 0..STEPS {
            let here = answer.url().clone();
            if let Some(location) = answer.headers().get(LOCATION) {
                let next = here.join(location.to_str()?)?;
                if stop(&next) {
                    return Ok(Landed { url: next, headers: answer.headers().clone() });
                }
                answer = self.http.get(next).send().await?;
                continue;
            }
            let page = answer.text().await?;
            let Some(form) = form(&page) else { bail!("no form and no redirect at {here}: {page}") };
            let mut fields = form.hidden;
            if page.contains("name=\"password\"") {
                fields.extend([("login".to_owned(), login.to_owned()), ("password".to_owned(), "any".to_owned())]);
            }
            if page.contains("name=\"logout\"") {
                fields.push(("logout".to_owned(), "yes".to_owned()));
            }
            answer = self.http.post(here.join(&form.action)?).form(&fields).send().await?;
        }
        bail!("{url} leads nowhere in {STEPS} steps")
    }

    /// The whole login of `login` by provider `name` at a server of ours: to the address the browser is sent to at the end.
    ///
    /// # Errors
    /// When it does not come back.
    pub async fn login(&self, server: &Server, name: &str, query: &str, login: &str) -> Result<Landed> {
        let back = format!("/api/v1/auth/oidc/{name}/callback");
        let start = format!("{}/api/v1/auth/oidc/{name}/start?{query}", server.url().replace("localhost", "127.0.0.1"));
        let callback = self.walk(&start, login, |url| url.path() == back || url.path() == "/login").await?;
        if callback.url.path() == "/login" {
            return Ok(callback);
        }
        self.follow(callback.url.as_str()).await
    }

    /// One request and where it sends the browser, which does not go there.
    ///
    /// # Errors
    /// When it sends nowhere.
    pub async fn follow(&self, url: &str) -> Result<Landed> {
        landed(self.get(url).await?).await
    }
}

async fn landed(answer: Response) -> Result<Landed> {
    let Some(location) = answer.headers().get(LOCATION).cloned() else {
        bail!("{} answered {}: {}", answer.url().clone(), answer.status(), answer.text().await?)
    };
    Ok(Landed { url: answer.url().join(location.to_str()?)?, headers: answer.headers().clone() })
}

/// Another address of loopback each time.
fn own_address() -> IpAddr {
    static NEXT: AtomicU16 = AtomicU16::new(1);
    let [high, low] = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    IpAddr::from([127, 1, high, low])
}

/// The first form of a page.
struct Form {
    action: String,
    hidden: Vec<(String, String)>,
}

fn form(page: &str) -> Option<Form> {
    let start = page.find("<form")?;
    let whole = &page.get(start..)?;
    let whole = whole.get(..whole.find("</form>").unwrap_or(whole.len()))?;
    let action = attribute(whole, "action")?;
    let inputs = whole.split("<input").skip(1).filter(|input| input.contains("type=\"hidden\""));
    let hidden = inputs.filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value").unwrap_or_default()))).collect();
    Some(Form { action, hidden })
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let rest = tag.split_once(&format!("{name}=\""))?.1;
    Some(rest.split('"').next()?.replace("&amp;", "&"))
}
