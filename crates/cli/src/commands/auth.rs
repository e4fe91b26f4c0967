//! `mc login` and `mc logout`.

use std::{path::PathBuf, sync::Arc};

use clap::Args;
use mc_api::{
    auth::{LoginAnswer, LoginRequest, Me},
    second_factor::{FactorMethod, SecondFactor, SecondFactorAnswer},
};
use mc_client::{
    Client, Error, ServerUrl,
    session::MemoryStore,
    trust::{CaPin, Trust},
};
use mc_domain::{actor::ActorKind, role::RoleName};
use serde_json::json;

use super::sso;
use crate::{
    app::App,
    config::{Config, Context, Locked, Secret},
    context::FileStore,
    failure::{Exit, Failure},
    prompt::{line_of, secret_text},
};

/// How often the code is asked for: fewer times than the server takes.
const ASKED_FOR_CODE: usize = 3;

/// `mc login`.
#[derive(Debug, Args)]
#[command(after_help = "What is not given is asked for on a terminal. --context names the server; it is used from then on.")]
pub(crate) struct Login {
    /// The server's address
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// Login name
    #[arg(long, value_name = "NAME")]
    username: Option<String>,
    /// Read the password from stdin
    #[arg(long)]
    password_stdin: bool,
    /// Log in with a browser, by an identity provider
    #[arg(long, conflicts_with_all = ["username", "password_stdin", "token_stdin", "code_stdin"])]
    sso: bool,
    /// Which identity provider, when there are several
    #[arg(long, value_name = "NAME", requires = "sso")]
    provider: Option<String>,
    /// Read the code of the second factor from stdin: after the password's line, when that comes from there too
    #[arg(long)]
    code_stdin: bool,
    /// Read an API token from stdin and use it instead of a login
    #[arg(long, conflicts_with_all = ["username", "password_stdin"])]
    token_stdin: bool,
    /// Trust the certificate authorities in this PEM file
    #[arg(long, value_name = "FILE", conflicts_with = "ca_pin")]
    ca_file: Option<PathBuf>,
    /// Trust the certificate authority with this hash (sha256:HEX, as `mc status` and join commands show it)
    #[arg(long, value_name = "PIN", value_parser = |text: &str| text.parse::<CaPin>())]
    ca_pin: Option<CaPin>,
}

/// Logs in.
pub(crate) async fn login(app: &App, login: &Login) -> Result<(), Failure> {
    let path = app.environment.config_path()?.to_owned();
    let config = Config::load(&path)?;
    let server = server(app, login, &config)?;
    let name = context_name(app.context.as_deref(), &server, &config);
    let mut context = Context { server: server.to_string(), ..Context::default() };
    trust(login, config.contexts.get(&name), &mut context)?;
    reach(app, &mut context).await?;
    if login.token_stdin {
        return with_token(app, &name, context).await;
    }
    let store = Arc::new(FileStore::login(path, &name, context.clone()));
    let client = app.client(&context, store)?;
    let answer = if login.sso {
        sso::login(app, &client, login.provider.as_deref()).await?
    } else {
        by_password(app, login, &client, known_user(&config, &name, &context)).await?
    };
    let (user, role) = (answer.user.username.as_str(), roles(&answer.user));
    let value = json!({ "context": name, "server": context.server, "user": user, "role": role });
    app.out.said(&value, &format!("Logged in to {} as {user} ({role}).", context.server))
}

/// The caller's roles, in words.
pub(super) fn roles(me: &Me) -> String {
    let words: Vec<&str> = me.roles.iter().map(RoleName::as_str).collect();
    if words.is_empty() { "no role".to_owned() } else { words.join(", ") }
}

/// Who logged in to this server last.
fn known_user(config: &Config, name: &str, context: &Context) -> Option<String> {
    config.contexts.get(name).filter(|known| known.server == context.server).and_then(|known| known.username.clone())
}

async fn by_password(app: &App, login: &Login, client: &Client, known: Option<String>) -> Result<LoginAnswer, Failure> {
    let username = match (&login.username, known) {
        (Some(username), _) => username.clone(),
        (None, Some(known)) if !app.can_ask() => known,
        (None, Some(known)) => {
            Some(app.ask_line(&format!("Username [{known}]: "), "--username")?).filter(|name| !name.is_empty()).unwrap_or(known)
        }
        (None, None) => app.ask_line("Username: ", "--username")?,
    };
    let (password, code) = secrets(app, login, &username)?;
    match client.auth_login(&LoginRequest { username, password }).await {
        Err(Error::SecondFactor(asked)) => second_step(app, client, &asked, code).await,
        other => Ok(other?),
    }
}

/// The password, and the code when it is on stdin too.
fn secrets(app: &App, login: &Login, username: &str) -> Result<(String, Option<String>), Failure> {
    let question = format!("Password of {username}: ");
    if !login.code_stdin {
        return Ok((app.ask_password(&question, login.password_stdin)?, None));
    }
    let text = secret_text()?;
    if !login.password_stdin {
        return Ok((app.ask_password(&question, false)?, Some(line_of(&text).to_owned())));
    }
    let (password, code) = text.split_once('\n').ok_or_else(|| Failure::usage("stdin must hold the password and the code, a line each"))?;
    Ok((line_of(password).to_owned(), Some(line_of(code).to_owned())))
}

/// Shows the second factor: a code of an authenticator app, or a recovery code. Passkeys need a browser.
async fn second_step(app: &App, client: &Client, asked: &SecondFactor, given: Option<String>) -> Result<LoginAnswer, Failure> {
    let server = client.server();
    if asked.enrol {
        let text = format!("your role demands a second factor, and you have none: log in at {server} with a browser once to set it up");
        return Err(Failure::new(Exit::NotLoggedIn, text));
    }
    if !asked.methods.iter().any(|method| matches!(method, FactorMethod::Totp | FactorMethod::Recovery)) {
        let text = format!("this account's second factor is a passkey, which only a browser can show: use an API token made at {server}");
        return Err(Failure::new(Exit::NotLoggedIn, text));
    }
    let mut left = ASKED_FOR_CODE;
    loop {
        left -= 1;
        let code = match &given {
            Some(code) => code.clone(),
            None => app.ask_secret("Code of your authenticator app (or a recovery code): ", "--code-stdin")?,
        };
        match client.second_factor_answer(&answer(&asked.challenge, code)).await {
            Err(error) if error.code() == Some("second_factor_failed") && given.is_none() && left > 0 => app.out.note(&error.to_string()),
            other => return Ok(other?),
        }
    }
}

/// Six digits are an app's code, everything else is meant as a recovery code.
fn answer(challenge: &str, code: String) -> SecondFactorAnswer {
    let challenge = challenge.to_owned();
    let digits = code.chars().filter(|c| !c.is_whitespace());
    if digits.clone().count() == 6 && digits.clone().all(|c| c.is_ascii_digit()) {
        SecondFactorAnswer { challenge, code: Some(digits.collect()), ..SecondFactorAnswer::default() }
    } else {
        SecondFactorAnswer { challenge, recovery_code: Some(code), ..SecondFactorAnswer::default() }
    }
}

/// Keeps an API token in the context, once the server has taken it.
async fn with_token(app: &App, name: &str, mut context: Context) -> Result<(), Failure> {
    context.token = Some(Secret(app.read_secret("token")?));
    let client = app.client(&context, Arc::new(MemoryStore::default()))?;
    let (user, words) = match client.me_show().await {
        Ok(me) => {
            let token = if me.kind == ActorKind::Service { "a service token" } else { "a token" };
            (Some(me.username.clone()), format!("as {} ({}) with {token}", me.username, roles(&me)))
        }
        // An older server does not say who a service token is; it has taken it all the same.
        Err(error) if error.is_not_found() => (None, "with a service token".to_owned()),
        Err(error) => return Err(error.into()),
    };
    context.username.clone_from(&user);
    let (server, path) = (context.server.clone(), app.environment.config_path()?);
    Locked::take(path)?.change(|config| {
        config.current = Some(name.to_owned());
        config.contexts.insert(name.to_owned(), context);
    })?;
    let value = json!({ "context": name, "server": server, "user": user });
    app.out.said(&value, &format!("Logged in to {server} {words}."))
}

fn server(app: &App, login: &Login, config: &Config) -> Result<ServerUrl, Failure> {
    if let Some(server) = &login.server {
        return Ok(server.parse()?);
    }
    if let Some((_, context)) = config.pick(app.context.as_deref()) {
        return Ok(context.server.parse()?);
    }
    Ok(app.ask_line("Server (https://HOST:8443): ", "--server URL")?.parse()?)
}

/// The name asked for, else that of the same server, else `default`, else the host's.
fn context_name(named: Option<&str>, server: &ServerUrl, config: &Config) -> String {
    let address = server.to_string();
    let same = || {
        let current = config.pick(None).filter(|(_, context)| context.server == address).map(|(name, _)| name.to_owned());
        current.or_else(|| config.contexts.iter().find(|(_, context)| context.server == address).map(|(name, _)| name.clone()))
    };
    let free =
        || if config.contexts.contains_key("default") { address.trim_start_matches("https://").to_owned() } else { "default".to_owned() };
    named.map(str::to_owned).or_else(same).unwrap_or_else(free)
}

/// Whom to trust: what the flags say, else what was trusted for this server before.
fn trust(login: &Login, known: Option<&Context>, context: &mut Context) -> Result<(), Failure> {
    if let Some(pin) = &login.ca_pin {
        context.ca_pin = Some(pin.to_string());
    } else if let Some(file) = &login.ca_file {
        Trust::from_ca_file(file)?;
        let full = std::path::absolute(file).map_err(|error| Failure::failed(format!("cannot find {}: {error}", file.display())))?;
        context.ca_file = Some(full);
    } else if let Some(known) = known.filter(|known| known.server == context.server) {
        context.ca_pin.clone_from(&known.ca_pin);
        context.ca_file.clone_from(&known.ca_file);
    }
    Ok(())
}

/// Makes sure that the server is there, is trusted and has users. An unknown authority is trusted when the person at the terminal says so.
async fn reach(app: &App, context: &mut Context) -> Result<(), Failure> {
    let probe = |context: &Context| -> Result<Client, Failure> { app.client(context, Arc::new(MemoryStore::default())) };
    let mut answer = probe(context)?.setup_status().await;
    if let Err(Error::Untrusted { pin: Some(pin), server, .. }) = &answer {
        if context.ca_pin.is_some() {
            let text = format!(
                "{server} presents another certificate authority than the pinned one: {pin}. Do not log in unless its owner says that it changed"
            );
            return Err(Failure::new(Exit::Unreachable, text));
        }
        if context.ca_file.is_none() && app.can_ask() {
            app.out.note(&format!("The certificate of {server} comes from an authority this machine does not know:\n  {pin}"));
            let trusted =
                app.ask_line("Trust it from now on? Say yes only when the server's owner confirms this pin. [y/N] ", "--ca-pin")?;
            if !matches!(trusted.to_lowercase().as_str(), "y" | "yes") {
                return Err(Failure::new(Exit::Unreachable, "not trusted; nothing was sent to the server"));
            }
            context.ca_pin = Some(pin.to_string());
            answer = probe(context)?.setup_status().await;
        }
    }
    if answer?.needed {
        return Err(Failure::failed(format!(
            "{} has no users yet: open the set-up link it printed when it started, or run `mission-control user add` on its machine",
            context.server
        )));
    }
    Ok(())
}

/// Logs out. The session is forgotten here even when the server cannot be told.
pub(crate) async fn logout(app: &App) -> Result<(), Failure> {
    let (name, context) = app.chosen()?;
    let value = json!({ "context": name, "server": context.server, "logged_in": false });
    if context.token.is_some() {
        let path = app.environment.config_path()?;
        Locked::take(path)?.change(|config| {
            if let Some(context) = config.contexts.get_mut(&name) {
                context.token = None;
            }
        })?;
        let kept = if app.environment.token.is_some() { " MC_TOKEN is still set." } else { "" };
        app.out.note(&format!("The token works until it is revoked (`mc tokens revoke`) or ends.{kept}"));
        return app.out.said(&value, &format!("Forgot the token for {}.", context.server));
    }
    if context.tokens.is_none() {
        return app.out.said(&value, &format!("Not logged in to {}.", context.server));
    }
    match app.connect()?.auth_logout().await {
        Ok(()) | Err(Error::NotLoggedIn) => {}
        Err(error) => app.out.note(&format!("warning: {error}; the session is forgotten here and ends there by itself")),
    }
    app.out.said(&value, &format!("Logged out of {}.", context.server))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits_are_a_code_and_the_rest_is_a_recovery_code() {
        assert_eq!(answer("c", "123 456".into()).code.as_deref(), Some("123456"));
        for text in ["12345", "abcd-efgh-jkmn-pqrs", "１２３４５６"] {
            let answer = answer("c", text.into());
            assert_eq!((answer.code, answer.recovery_code.as_deref()), (None, Some(text)));
        }
    }

    #[test]
    fn contexts_get_sensible_names() {
        let server: ServerUrl = "https://a:1".parse().expect("address");
        let other: ServerUrl = "https://b:2".parse().expect("address");
        let mut config = Config::default();
        assert_eq!(context_name(None, &server, &config), "default");
        config.contexts.insert("default".into(), Context { server: server.to_string(), ..Context::default() });
        assert_eq!(context_name(None, &server, &config), "default", "the same server keeps its context");
        assert_eq!(context_name(None, &other, &config), "b:2");
        assert_eq!(context_name(Some("mine"), &server, &config), "mine");
    }
}
