//! The configuration that `mk8s` had before it was this program: one server, its token, the current cluster. It is rewritten once, and what
//! was there is kept beside it.
//!
//! Its keys are read leniently: `current_cluster`, `currentCluster` and `current-cluster` are the same.

use std::{
    fs::OpenOptions,
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use mc_client::ServerUrl;
use mc_domain::time::Time;
use serde_json::{Map, Value};

use crate::{
    app::App,
    config::{Config, Context, Locked, Secret, Tokens},
    failure::Failure,
};

/// Where it is kept, below the home directory.
pub(crate) const FILE: &str = ".mk8s/config.yaml";
/// What is added to the name of the file that is kept.
const KEPT: &str = "old.yaml";

/// Rewrites the file of `mk8s` when it is an old one, and says whose file `mc` uses when that is not its own.
pub(crate) fn settle(app: &App) -> Result<(), Failure> {
    let Some(path) = app.environment.config.as_deref().filter(|path| path.ends_with(FILE)) else { return Ok(()) };
    if read(path).is_some() {
        rewrite(app, path)?;
    }
    if app.environment.config_borrowed {
        let locked = Locked::take(path)?;
        if !locked.load()?.shared {
            locked.change(|config| config.shared = true)?;
            app.out.note(&format!("`mc` has no configuration of its own: it uses {}", path.display()));
        }
    }
    Ok(())
}

fn rewrite(app: &App, path: &Path) -> Result<(), Failure> {
    let _locked = Locked::take(path)?;
    // Another program may have been first.
    let Some((text, config)) = read(path) else { return Ok(()) };
    let kept = keep(path, &text)?;
    config.save(path)?;
    app.out.note(&format!("{} was rewritten for this version; what it was is kept as {}", path.display(), kept.display()));
    Ok(())
}

/// Keeps the text beside the file, under a name that is not taken.
fn keep(path: &Path, text: &str) -> Result<PathBuf, Failure> {
    let bad = |kept: &Path, error: std::io::Error| Failure::failed(format!("cannot write {}: {error}", kept.display()));
    let names = std::iter::once(KEPT.to_owned()).chain((2..100).map(|nth| format!("{nth}.{KEPT}")));
    let mut last = path.to_owned();
    for name in names {
        last = path.with_extension(name);
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&last) {
            Ok(mut file) => {
                file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|error| bad(&last, error))?;
                return Ok(last);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(bad(&last, error)),
        }
    }
    Err(Failure::failed(format!("too many files such as {}: remove some", last.display())))
}

/// The file's text and what it says, if it is an old one.
fn read(path: &Path) -> Option<(String, Config)> {
    let text = std::fs::read_to_string(path).ok()?;
    let value: Map<String, Value> = serde_saphyr::from_str(&text).ok()?;
    Some((text, old(&value)?))
}

fn old(value: &Map<String, Value>) -> Option<Config> {
    if value.contains_key("contexts") {
        return None;
    }
    let said = |names: &[&str]| {
        let plain = |key: &str| key.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        let found = names.iter().find_map(|name| value.iter().find(|(key, _)| plain(key) == *name));
        found.and_then(|(_, value)| value.as_str()).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let server = said(&["server", "serverurl", "url", "endpoint"])?;
    let token = said(&["token", "accesstoken", "apitoken"]);
    let refresh = said(&["refreshtoken"]);
    let (tokens, token) = match (token, refresh) {
        // When it ends is not known: it is renewed before it is used.
        (Some(access), Some(refresh)) => (Some(Tokens { access, access_expires_at: Time::from_micros(0), refresh }), None),
        (token, _) => (None, token.map(Secret)),
    };
    let context = Context {
        // An address that cannot be used is kept as it is, and said when it is used.
        server: server.parse::<ServerUrl>().map_or(server, |server| server.to_string()),
        ca_file: said(&["cafile", "cacert", "ca"]).map(PathBuf::from),
        ca_pin: said(&["capin"]),
        username: said(&["username", "user"]),
        cluster: said(&["currentcluster", "cluster"]),
        tokens,
        token,
    };
    Some(Config { current: Some("default".into()), contexts: [("default".to_owned(), context)].into(), ..Config::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_old(text: &str) -> Option<Context> {
        let value: Map<String, Value> = serde_saphyr::from_str(text).expect("YAML");
        old(&value).and_then(|config| config.contexts.get("default").cloned())
    }

    #[test]
    fn an_old_file_becomes_one_context() {
        let context =
            read_old("server: https://central:8443/api/v1\ntoken: jwt\ncurrentCluster: dev\nca_file: /etc/ca.pem\nusername: ada\n");
        let context = context.expect("a context");
        assert_eq!((context.server.as_str(), context.cluster.as_deref()), ("https://central:8443", Some("dev")));
        assert_eq!((context.token, context.tokens), (Some(Secret("jwt".into())), None));
        assert_eq!((context.ca_file, context.username.as_deref()), (Some("/etc/ca.pem".into()), Some("ada")));
        let context = read_old("server_url: localhost:8443\naccess_token: a\nrefresh-token: r\n").expect("a context");
        assert_eq!(context.server, "https://localhost:8443");
        assert_eq!(context.tokens.map(|tokens| (tokens.access, tokens.refresh)), Some(("a".into(), "r".into())));
    }

    #[test]
    fn our_own_files_and_strange_ones_are_left_alone() {
        for text in
            ["contexts: {}\nserver: https://x\n", "current: default\ncontexts:\n  default:\n    server: https://x\n", "token: x\n", "{}\n"]
        {
            assert_eq!(read_old(text), None, "{text}");
        }
    }
}
