//! `mc login --sso`: a browser logs in, this program listens on loopback for what comes of it (RFC 8252).
//!
//! What comes back is a one-time code that is worth nothing without the secret this process began with.

use std::{process::Stdio, time::Duration};

use mc_api::{auth::LoginAnswer, provider::ProviderButtons};
use mc_client::{BrowserLogin, Client};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use crate::{
    app::App,
    failure::{Exit, Failure},
};

/// How long the person may take in the browser.
const PATIENCE: Duration = Duration::from_secs(600);
/// How long one request to us may take, and how large it may be.
const REQUEST_WITHIN: Duration = Duration::from_secs(5);
const REQUEST_MAX: usize = 8 * 1024;

/// What the browser brought.
#[derive(Debug, PartialEq, Eq)]
enum Brought {
    Code(String),
    Error(String),
    /// Something else: browsers ask for icons.
    Nothing,
}

/// Logs in by a browser.
pub(crate) async fn login(app: &App, client: &Client, wanted: Option<&str>) -> Result<LoginAnswer, Failure> {
    let provider = choose(&client.provider_buttons().await?, wanted)?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(|error| Failure::failed(format!("cannot listen: {error}")))?;
    let port = listener.local_addr().map_err(|error| Failure::failed(format!("cannot listen: {error}")))?.port();
    let login = BrowserLogin::new();
    let url = client.browser_login_url(&provider, port, &login);
    app.out.note(&format!("Log in with a browser on this machine:\n  {url}"));
    if app.environment.desktop {
        // The address is shown above: a browser that does not open is no failure.
        let opened =
            tokio::process::Command::new("xdg-open").arg(&url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        drop(opened);
    }
    let code = timeout(PATIENCE, wait(&listener)).await.map_err(|_| Failure::failed("nobody logged in within 10 minutes"))??;
    Ok(client.cli_exchange(&code, &login).await?)
}

fn choose(buttons: &ProviderButtons, wanted: Option<&str>) -> Result<String, Failure> {
    let names: Vec<&str> = buttons.items.iter().map(|button| button.name.as_str()).collect();
    match (wanted, names.as_slice()) {
        (_, []) => Err(Failure::new(Exit::NotFound, "this server has no identity provider: log in with a user name and a password")),
        (None, [only]) => Ok((*only).to_owned()),
        (None, _) => Err(Failure::usage(format!("pass --provider with one of: {}", names.join(", ")))),
        (Some(name), _) if names.contains(&name) => Ok(name.to_owned()),
        (Some(name), _) => Err(Failure::new(Exit::NotFound, format!("no identity provider {name}; there are: {}", names.join(", ")))),
    }
}

/// The code, once a browser brings it.
async fn wait(listener: &TcpListener) -> Result<String, Failure> {
    loop {
        let Ok((mut stream, _)) = listener.accept().await else { continue };
        let brought = match timeout(REQUEST_WITHIN, request(&mut stream)).await {
            Ok(Ok(head)) => brought(&head),
            _ => continue,
        };
        let (status, text) = match &brought {
            Brought::Code(_) => ("200 OK", "You are logged in on the command line. This page can be closed."),
            Brought::Error(_) => ("200 OK", "The login failed: the command line says why. This page can be closed."),
            Brought::Nothing => ("404 Not Found", "Nothing is here."),
        };
        // A browser that went away already has done its part.
        let _ = timeout(REQUEST_WITHIN, stream.write_all(page(status, text).as_bytes())).await;
        let _ = stream.shutdown().await;
        match brought {
            Brought::Code(code) => return Ok(code),
            Brought::Error(code) => return Err(refused(&code)),
            Brought::Nothing => {}
        }
    }
}

/// The head of a request.
async fn request(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut head = Vec::new();
    let mut piece = [0; 1024];
    while head.len() < REQUEST_MAX && !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = stream.read(&mut piece).await?;
        if read == 0 {
            break;
        }
        head.extend_from_slice(piece.get(..read).unwrap_or_default());
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

fn brought(head: &str) -> Brought {
    let target = head.strip_prefix("GET /?").and_then(|rest| rest.split([' ', '\r', '\n']).next()).unwrap_or_default();
    let plain = |text: &str| !text.is_empty() && text.len() <= 100 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
    for pair in target.split('&') {
        match pair.split_once('=') {
            Some(("code", code)) if plain(code) => return Brought::Code(code.to_owned()),
            Some(("error", code)) if plain(code) => return Brought::Error(code.to_owned()),
            _ => {}
        }
    }
    Brought::Nothing
}

fn page(status: &str, text: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
         X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n{text}",
        text.len()
    )
}

/// What a code of the server means.
fn refused(code: &str) -> Failure {
    let text = match code {
        "not_linked" => "no account here belongs to you, and none is made: ask an admin, or link it from your profile in the page",
        "no_role" => "your groups give you no role here: ask an admin",
        "seats_full" => "all seats are taken: ask an admin",
        "account_disabled" => "your account is disabled",
        "link_from_profile" => "an account here has your address: log in to the page with its password and link from your profile",
        "second_factor_missing" => "your role needs a second factor, and the provider says that you used none",
        "provider_unavailable" => "the identity provider does not answer: try again, or log in with a password",
        "provider_denied" => "the login was refused or given up at the identity provider",
        "login_expired" => "the login took too long: begin again",
        _ => "the login was refused; the server's audit trail says why",
    };
    Failure::new(Exit::NotLoggedIn, format!("{text} ({code})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_codes_are_taken_from_a_browser() {
        assert_eq!(brought("GET /?code=mco_a-b HTTP/1.1\r\nHost: x\r\n\r\n"), Brought::Code("mco_a-b".into()));
        assert_eq!(brought("GET /?error=no_role HTTP/1.1\r\n\r\n"), Brought::Error("no_role".into()));
        for other in [
            "GET /favicon.ico HTTP/1.1\r\n\r\n",
            "POST /?code=x HTTP/1.1\r\n\r\n",
            "GET /?code=a%0Ab HTTP/1.1\r\n\r\n",
            "GET /?code= HTTP/1.1",
            "",
        ] {
            assert_eq!(brought(other), Brought::Nothing, "{other}");
        }
    }

    #[test]
    fn one_provider_needs_no_name() {
        let buttons = |names: &[&str]| ProviderButtons {
            items: names
                .iter()
                .map(|name| mc_api::provider::ProviderButton {
                    name: (*name).to_owned(),
                    label: String::new(),
                    kind: mc_domain::provider::ProviderKind::Generic,
                })
                .collect(),
            password: true,
        };
        assert_eq!(choose(&buttons(&["entra"]), None).ok().as_deref(), Some("entra"));
        assert_eq!(choose(&buttons(&["entra", "kc"]), Some("kc")).ok().as_deref(), Some("kc"));
        assert!(choose(&buttons(&["entra", "kc"]), None).is_err());
        assert!(choose(&buttons(&["entra"]), Some("kc")).is_err());
        assert!(choose(&buttons(&[]), None).is_err());
    }
}
