//! Joining: a join token and a pinned CA become an identity of one's own.

use std::path::{Path, PathBuf};

use mc_domain::{
    command::CommandAction,
    name::{AgentName, Tag},
};
use mc_wire::v1::{self, agent_link_client::AgentLinkClient};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use secrecy::{ExposeSecret, SecretString};
use tonic::{Code, Status};

use crate::{
    about,
    channel::{self, DialError, Opened, Trust, Use},
    config::{self, Config, ConfigError},
    identity::{DataDir, IdentityError, IdentityFile, key_and_request},
    pin::CaPin,
    witness::Testimony,
};

/// Why joining failed, in one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JoinError {
    #[error(transparent)]
    Dial(#[from] DialError),
    #[error(transparent)]
    Identity(#[from] IdentityError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("{} belongs to an agent already: use another --data-dir, or delete its identity.json to join anew", .0.display())]
    Joined(PathBuf),
    #[error("the join token is refused: {0}")]
    Token(String),
    #[error("{0}; choose another with --name")]
    NameTaken(String),
    #[error("central is asked too often: {0}")]
    Busy(String),
    #[error("central refuses: {0}")]
    Refused(String),
    #[error("central's answer cannot be used: {0}")]
    Answer(&'static str),
}

/// What joining needs.
pub(crate) struct Join {
    pub(crate) server: String,
    pub(crate) token: SecretString,
    pub(crate) pin: CaPin,
    pub(crate) data_dir: PathBuf,
    pub(crate) name: Option<AgentName>,
    pub(crate) tags: Vec<Tag>,
    pub(crate) api_key: bool,
}

/// Joins and writes the identity; returns it for the summary.
///
/// With `allow`, what central may ask is written as the agent's configuration.
pub(crate) async fn join(join: Join, config: &Config, allow: Option<&[CommandAction]>) -> Result<IdentityFile, JoinError> {
    let dir = DataDir::create(&join.data_dir)?;
    if dir.has_joined() {
        return Err(JoinError::Joined(join.data_dir));
    }
    let key = if join.api_key { None } else { Some(key_and_request()?) };
    let Opened { channel, testimony } = channel::open(&join.server, &Trust::Pin(&join.pin), None, Use::Link).await?;
    let about = about::identity(config);
    let request = v1::JoinRequest {
        token: join.token.expose_secret().to_owned(),
        name: join.name.or_else(|| config.name.clone()).map(String::from).unwrap_or_default(),
        csr_der: key.as_ref().map(|key| key.csr_der.clone()).unwrap_or_default(),
        tags: join.tags.into_iter().map(String::from).collect(),
        identity: Some(v1::Identity { allow: allow.map_or_else(|| about.allow.clone(), about::names), ..about }),
    };
    let answer =
        AgentLinkClient::new(channel).join(request).await.map_err(|status| refusal(&join.server, &testimony, &status))?.into_inner();

    let pinned = CertificateDer::pem_slice_iter(answer.ca_pem.as_bytes()).filter_map(Result::ok).any(|ca| CaPin::of(&ca) == join.pin);
    if !pinned {
        return Err(JoinError::Answer("its CA is not the pinned one"));
    }
    let file = IdentityFile {
        agent_id: answer.agent_id.parse().map_err(|_| JoinError::Answer("no agent id"))?,
        name: answer.name.parse().map_err(|_| JoinError::Answer("no name"))?,
        server: join.server,
        ca_pin: join.pin,
    };
    forget_earlier(&dir);
    if let Some(actions) = allow {
        config::write_allow(dir.path(), actions)?;
    }
    dir.write("ca.pem", answer.ca_pem.as_bytes())?;
    match key {
        Some(key) => {
            dir.write("key.pem", key.key_pem.expose_secret().as_bytes())?;
            dir.write("certificate.pem", answer.certificate_pem.as_bytes())?;
        }
        None if answer.api_key.is_empty() => return Err(JoinError::Answer("no API key")),
        None => dir.write("api_key", answer.api_key.as_bytes())?,
    }
    // Last, because its presence means that everything else is there.
    let text = serde_json::to_vec_pretty(&file).map_err(|_| JoinError::Answer("not writable as JSON"))?;
    dir.write("identity.json", &text)?;
    dir.identity()?;
    Ok(file)
}

/// What an earlier identity left must not be sent, or proved, under the new one.
fn forget_earlier(dir: &DataDir) {
    for name in ["spool.redb", "api_key", "key.pem", "key.pem.next", "certificate.pem", "status.json"] {
        let file: &Path = &dir.file(name);
        if let Err(error) = std::fs::remove_file(file)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(file = %file.display(), %error, "cannot remove what an earlier agent left");
        }
    }
}

fn refusal(server: &str, testimony: &Testimony, status: &Status) -> JoinError {
    let words = mc_wire::convert::cut(status.message(), 300);
    match status.code() {
        Code::Unauthenticated => JoinError::Token(words),
        Code::AlreadyExists => JoinError::NameTaken(words),
        Code::ResourceExhausted => JoinError::Busy(words),
        Code::Unavailable | Code::Unknown | Code::Internal => {
            JoinError::Dial(DialError::NotCentral { server: server.to_owned(), reason: testimony.words(words) })
        }
        _ => JoinError::Refused(words),
    }
}
