//! The section about mail.

use std::{fs, path::PathBuf};

use anyhow::{Context as _, bail};
use secrecy::SecretString;
use serde::Deserialize;

use super::{Config, hostname};

/// Mail. Without a URL none is sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Mail {
    /// `smtp://user:password@host:587` (STARTTLS) or `smtps://…`; best given as `MC_SMTP_URL`.
    pub(crate) smtp_url: Option<SecretString>,
    /// A file that holds the same.
    pub(crate) smtp_url_file: Option<PathBuf>,
    /// Whom mails come from: `Mission Control <mc@example.org>`.
    pub(crate) from: Option<String>,
    /// A certificate authority of the mail server's, in PEM, to trust beside the system's.
    pub(crate) ca_file: Option<PathBuf>,
}

impl Config {
    /// How mail is sent, when it is.
    pub(super) fn mail(&self) -> anyhow::Result<Option<mc_mail::Settings>> {
        let url = match (&self.mail.smtp_url, &self.mail.smtp_url_file) {
            (Some(_), Some(_)) => bail!("mail.smtp_url (MC_SMTP_URL) and mail.smtp_url_file say the same thing: give one"),
            (Some(url), None) => url.clone(),
            (None, Some(file)) => fs::read_to_string(file)
                .with_context(|| format!("cannot read mail.smtp_url_file {}", file.display()))?
                .trim()
                .to_owned()
                .into(),
            (None, None) => return Ok(None),
        };
        let host = self.public_url_host().unwrap_or_else(hostname);
        let read = |file: &PathBuf| fs::read(file).with_context(|| format!("cannot read mail.ca_file {}", file.display()));
        let settings = mc_mail::Settings {
            url,
            from: self.mail.from.clone().unwrap_or_else(|| format!("Mission Control <mission-control@{host}>")),
            ca_pem: self.mail.ca_file.as_ref().map(read).transpose()?,
            greeting: host,
        };
        // Tried once here, so that a mistake is told before anything runs.
        mc_mail::Mailer::new(&settings).context("mail cannot be set up")?;
        Ok(Some(settings))
    }
}
