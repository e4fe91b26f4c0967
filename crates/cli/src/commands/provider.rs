//! `mc providers`: the identity providers people log in by.

use clap::{Args, Subcommand, ValueEnum};
use mc_api::provider::{Provider, ProviderCheck, ProviderForm, RoleRule};
use mc_domain::provider::{FactorTrust, ProviderKind, Provisioning};
use serde_json::json;

use crate::{
    app::App,
    failure::Failure,
    table::{Cell, Table, Tone, text, whole},
    when,
};

/// `mc providers …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Providers {
    /// List identity providers
    List,
    /// Show one, with the addresses to register there
    Show {
        /// Its name
        name: String,
    },
    /// Add an identity provider
    #[command(after_help = "The client secret is asked for, or read from stdin; it is never a flag.\n\n\
                            mc providers add keycloak --kind keycloak --issuer https://id.example.org/realms/main \\\n  \
                            --client-id mission-control --rule 'mc-admins=admin' --rule 'ops-*=operator' --default-role viewer")]
    Add(Box<Add>),
    /// Change an identity provider; what is not named stays
    Update(Box<Update>),
    /// Remove an identity provider, its links and its sessions; the users stay
    Remove {
        /// Its name
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Ask a provider what it answers, and say what will not work
    Test {
        /// Its name
        name: String,
    },
}

/// `mc providers add`.
#[derive(Debug, Args)]
pub(crate) struct Add {
    /// Its name in addresses: 1 to 30 of a-z, 0-9 and '-'; it cannot be changed
    name: String,
    /// The issuer, exactly as its discovery document says it
    #[arg(long, value_name = "URL")]
    issuer: String,
    /// What Mission Control is called there
    #[arg(long, value_name = "ID")]
    client_id: String,
    /// Read the client secret from stdin
    #[arg(long)]
    secret_stdin: bool,
    /// There is no client secret: the client is public
    #[arg(long, conflicts_with = "secret_stdin")]
    public: bool,
    #[command(flatten)]
    wish: Wish,
}

/// `mc providers update`.
#[derive(Debug, Args)]
pub(crate) struct Update {
    /// Its name
    name: String,
    /// The issuer, exactly as its discovery document says it; with another one, give the secret again
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// What Mission Control is called there
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// Ask for another client secret
    #[arg(long)]
    secret: bool,
    /// Read another client secret from stdin
    #[arg(long, conflicts_with = "secret")]
    secret_stdin: bool,
    /// Forget the client secret: the client is public
    #[arg(long, conflicts_with_all = ["secret", "secret_stdin"])]
    public: bool,
    /// Let people log in by it
    #[arg(long, conflicts_with = "disabled")]
    enabled: bool,
    /// Let nobody in who fits no rule
    #[arg(long, conflicts_with = "default_role")]
    no_default_role: bool,
    /// Trust the system's certificates only
    #[arg(long, conflicts_with = "ca_file")]
    no_ca: bool,
    /// Ask Microsoft Graph at its usual address
    #[arg(long, conflicts_with = "graph_url")]
    no_graph_url: bool,
    #[command(flatten)]
    wish: Wish,
}

/// What both take.
#[derive(Debug, Args)]
pub(crate) struct Wish {
    /// What the button says after "Sign in with"
    #[arg(long, value_name = "TEXT")]
    label: Option<String>,
    /// Which product it is
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// What is asked for; several times for several
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// The claim with the groups; a nested one with dots
    #[arg(long, value_name = "CLAIM")]
    groups_claim: Option<String>,
    /// Who gets which role, several times for several: the first that fits decides. `CLAIM:` in front looks at another claim than the groups
    #[arg(long = "rule", value_name = "[CLAIM:]VALUE=ROLE", value_parser = rule)]
    rules: Vec<RoleRule>,
    /// The role when no rule fits
    #[arg(long, value_name = "ROLE")]
    default_role: Option<String>,
    /// What happens to somebody who is unknown here
    #[arg(long, value_enum)]
    unknown: Option<Unknown>,
    /// Who answers for the second factor of roles that need one
    #[arg(long, value_enum)]
    second_factor: Option<Factor>,
    /// Certificates (PEM) trusted for this provider beside the system's
    #[arg(long, value_name = "FILE")]
    ca_file: Option<std::path::PathBuf>,
    /// Where Microsoft Graph is, in a national cloud
    #[arg(long, value_name = "URL")]
    graph_url: Option<String>,
    /// Let nobody log in by it
    #[arg(long)]
    disabled: bool,
}

/// Products.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Kind {
    Generic,
    Keycloak,
    Authentik,
    Entra,
}

/// What happens to somebody who is unknown here.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Unknown {
    /// They get an account, while there are seats
    Create,
    /// They are refused: only accounts that exist can be linked
    Link,
}

/// Who answers for the second factor.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Factor {
    /// The provider, in its own way
    Provider,
    /// The provider must say that there was one
    Proved,
}

impl From<Kind> for ProviderKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Generic => Self::Generic,
            Kind::Keycloak => Self::Keycloak,
            Kind::Authentik => Self::Authentik,
            Kind::Entra => Self::Entra,
        }
    }
}

/// `[CLAIM:]VALUE=ROLE`. A value may hold anything, so the role is what follows the last `=`, and only what looks like a claim is one.
fn rule(text: &str) -> Result<RoleRule, String> {
    let (left, role) = text.rsplit_once('=').ok_or("write VALUE=ROLE, or CLAIM:VALUE=ROLE")?;
    let is_claim = |claim: &str| !claim.is_empty() && claim.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    let (claim, value) = match left.split_once(':') {
        Some((claim, value)) if is_claim(claim) => (Some(claim.to_owned()), value),
        Some(("", value)) => (None, value),
        _ => (None, left),
    };
    if value.is_empty() || role.is_empty() {
        return Err("neither the value nor the role may be empty".to_owned());
    }
    Ok(RoleRule { claim, value: value.to_owned(), role: role.to_owned() })
}

pub(crate) async fn run(app: &App, providers: Providers) -> Result<(), Failure> {
    match providers {
        Providers::List => list(app).await,
        Providers::Show { name } => {
            let provider = app.connect()?.provider_show(&name).await?;
            app.out.value(&provider, || app.out.render(&details(app, &provider)))
        }
        Providers::Add(add) => self::add(app, *add).await,
        Providers::Update(update) => self::update(app, *update).await,
        Providers::Remove { name, yes } => {
            let client = app.connect()?;
            client.provider_show(&name).await?;
            app.confirm("remove", "provider", std::slice::from_ref(&name), yes)?;
            client.provider_delete(&name).await?;
            app.out.said(&json!({ "removed": name }), &format!("{name} removed."))
        }
        Providers::Test { name } => test(app, &name).await,
    }
}

async fn list(app: &App) -> Result<(), Failure> {
    let list = app.connect()?.provider_list().await?;
    let columns = [whole("NAME"), text("LABEL").optional(), whole("KIND"), whole("STATE"), text("ISSUER"), whole("RULES").optional()];
    let mut table = Table::new(columns);
    for provider in &list.items {
        table.row([
            provider.name.as_str().into(),
            provider.label.as_str().into(),
            provider.kind.as_str().into(),
            state(provider),
            provider.issuer.as_str().into(),
            provider.role_rules.len().to_string().into(),
        ]);
    }
    app.out.value(&list, || app.out.render(&table))
}

fn state(provider: &Provider) -> Cell {
    if provider.enabled { Cell::new("enabled", Tone::Good) } else { Cell::new("disabled", Tone::Muted) }
}

fn details(app: &App, provider: &Provider) -> Table {
    let mut table = Table::details();
    table.pair("Name", provider.name.as_str());
    table.pair("Label", provider.label.as_str());
    table.pair("Kind", provider.kind.as_str());
    table.pair("State", state(provider));
    table.pair("Issuer", provider.issuer.as_str());
    table.pair("Client", format!("{} ({})", provider.client_id, if provider.has_secret { "with a secret" } else { "public" }));
    table.pair("Scopes", provider.scopes.join(" "));
    table.pair("Groups", provider.groups_claim.as_str());
    for (number, rule) in provider.role_rules.iter().enumerate() {
        let claim = rule.claim.as_ref().map(|claim| format!("{claim}:")).unwrap_or_default();
        table.pair(if number == 0 { "Rules" } else { "" }, format!("{claim}{}={}", rule.value, rule.role));
    }
    table.pair("Otherwise", provider.default_role.as_deref().unwrap_or("refused"));
    table.pair("Unknown people", provider.provisioning.as_str());
    table.pair("Second factor", provider.second_factor.as_str());
    table.pair("Own authority", if provider.ca_pem.is_some() { "yes" } else { "" });
    table.pair("Graph", provider.graph_url.as_deref().unwrap_or_default());
    table.pair("Redirect URI", provider.redirect_uri.as_str());
    table.pair("Logout URI", provider.backchannel_logout_uri.as_str());
    table.pair("Added", when::ago(app.now(), provider.created_at));
    table
}

impl Wish {
    /// The form with what is named here.
    fn onto(self, mut form: ProviderForm) -> Result<ProviderForm, Failure> {
        if let Some(file) = &self.ca_file {
            let pem = std::fs::read_to_string(file).map_err(|error| Failure::failed(format!("cannot read {}: {error}", file.display())))?;
            form.ca_pem = Some(pem);
        }
        form.label = self.label.unwrap_or(form.label);
        form.kind = self.kind.map_or(form.kind, ProviderKind::from);
        form.groups_claim = self.groups_claim.unwrap_or(form.groups_claim);
        form.default_role = self.default_role.or(form.default_role);
        form.graph_url = self.graph_url.or(form.graph_url);
        if !self.scopes.is_empty() {
            form.scopes = self.scopes;
        }
        if !self.rules.is_empty() {
            form.role_rules = self.rules;
        }
        form.provisioning = match self.unknown {
            Some(Unknown::Create) => Provisioning::Create,
            Some(Unknown::Link) => Provisioning::Link,
            None => form.provisioning,
        };
        form.second_factor = match self.second_factor {
            Some(Factor::Provider) => FactorTrust::Provider,
            Some(Factor::Proved) => FactorTrust::Proved,
            None => form.second_factor,
        };
        form.enabled &= !self.disabled;
        Ok(form)
    }
}

async fn add(app: &App, add: Add) -> Result<(), Failure> {
    let client = app.connect()?;
    let client_secret = match (add.public, add.secret_stdin) {
        (true, _) => None,
        (false, true) => Some(app.read_secret("client secret")?),
        (false, false) => Some(app.ask_secret("Client secret: ", "--secret-stdin or --public")?),
    };
    let form = ProviderForm {
        label: add.name.clone(),
        name: add.name,
        kind: ProviderKind::Generic,
        issuer: add.issuer,
        client_id: add.client_id,
        client_secret,
        scopes: Vec::new(),
        groups_claim: "groups".to_owned(),
        role_rules: Vec::new(),
        default_role: None,
        provisioning: Provisioning::Link,
        second_factor: FactorTrust::Provider,
        ca_pem: None,
        graph_url: None,
        enabled: true,
    };
    let made = client.provider_create(&add.wish.onto(form)?).await?;
    let said = format!(
        "{} added. Register there:\n  redirect URI        {}\n  back-channel logout {}\nThen: mc providers test {}",
        made.name, made.redirect_uri, made.backchannel_logout_uri, made.name
    );
    app.out.said(&made, &said)
}

async fn update(app: &App, update: Update) -> Result<(), Failure> {
    let client = app.connect()?;
    let now = client.provider_show(&update.name).await?;
    let client_secret = match (update.public, update.secret, update.secret_stdin) {
        (true, ..) => Some(String::new()),
        (_, true, _) => Some(app.ask_secret("Client secret: ", "--secret-stdin")?),
        (.., true) => Some(app.read_secret("client secret")?),
        _ => None,
    };
    let form = ProviderForm {
        name: now.name,
        label: now.label,
        kind: now.kind,
        issuer: update.issuer.unwrap_or(now.issuer),
        client_id: update.client_id.unwrap_or(now.client_id),
        client_secret,
        scopes: now.scopes,
        groups_claim: now.groups_claim,
        role_rules: now.role_rules,
        default_role: now.default_role.filter(|_| !update.no_default_role),
        provisioning: now.provisioning,
        second_factor: now.second_factor,
        ca_pem: now.ca_pem.filter(|_| !update.no_ca),
        graph_url: now.graph_url.filter(|_| !update.no_graph_url),
        enabled: now.enabled || update.enabled,
    };
    let changed = client.provider_update(&update.name, &update.wish.onto(form)?).await?;
    app.out.said(&changed, &format!("{} changed.", changed.name))
}

/// What the provider answers. Fails when something will not work, so that scripts see it.
async fn test(app: &App, name: &str) -> Result<(), Failure> {
    let check = app.connect()?.provider_check(name).await?;
    app.out.value(&check, || app.out.render(&answered(&check)))?;
    match check.problems.len() {
        0 => Ok(()),
        1 => Err(Failure::failed(format!("{name} has a problem"))),
        many => Err(Failure::failed(format!("{name} has {many} problems"))),
    }
}

fn answered(check: &ProviderCheck) -> Table {
    let mut table = Table::new([whole("WHAT"), text("ANSWER")]);
    if let Some(issuer) = &check.issuer {
        table.row(["issuer".into(), issuer.as_str().into()]);
    }
    for endpoint in &check.endpoints {
        table.row([endpoint.name.as_str().into(), endpoint.url.as_str().into()]);
    }
    for problem in &check.problems {
        table.row([Cell::new("problem", Tone::Bad), problem.as_str().into()]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_from_the_right() {
        let read = |text: &str| rule(text).map(|rule| (rule.claim.unwrap_or_default(), rule.value, rule.role));
        let three = |claim: &str, value: &str, role: &str| Ok((claim.to_owned(), value.to_owned(), role.to_owned()));
        assert_eq!(read("mc-admins=admin"), three("", "mc-admins", "admin"));
        assert_eq!(read("cn=ops,dc=example=operator"), three("", "cn=ops,dc=example", "operator"), "a directory's name");
        assert_eq!(read("realm_access.roles:ops-*=operator"), three("realm_access.roles", "ops-*", "operator"));
        assert_eq!(read(":team:ops=operator"), three("", "team:ops", "operator"), "a group with a colon");
        assert_eq!(read("two words: x=viewer"), three("", "two words: x", "viewer"));
        assert!(read("ops").is_err() && read("=viewer").is_err() && read("ops=").is_err());
    }
}
