//! The configuration as people see it: as it is in force, and without secrets.

use std::{net::IpAddr, path::PathBuf, time::Duration};

use super::{Config, LogFormat};

impl Config {
    /// The configuration as it is in force, without secrets.
    pub(crate) fn shown(&self) -> String {
        let list = |items: &[IpAddr]| items.iter().map(|item| format!("\"{item}\"")).collect::<Vec<_>>().join(", ");
        let optional =
            |name: &str, value: Option<String>| value.map_or_else(|| format!("# {name} is not set\n"), |v| format!("{name} = \"{v}\"\n"));
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let time = |duration: Duration| humantime::format_duration(duration).to_string().replace(' ', "");
        let mut text = format!("[http]\nlisten = \"{}\"\n", self.http.listen);
        text += &optional("public_url", self.http.public_url.clone());
        text += &optional("tls_cert", path(&self.http.tls_cert));
        text += &optional("tls_key", path(&self.http.tls_key));
        let domains = self.http.acme_domain.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
        text += &format!("acme_domain = [{domains}]\nacme_directory = \"{}\"\n", self.http.acme_directory);
        text += &optional("acme_ca", path(&self.http.acme_ca));
        text += &optional("acme_contact", self.http.acme_contact.clone());
        text += &optional("redirect", self.http.redirect.map(|address| address.to_string()));
        text += &format!("body_within = \"{}\"\n", time(self.http.body_within));
        text += &format!("trusted_proxies = [{}]\n\n[agents]\nlisten = \"{}\"\n", list(&self.http.trusted_proxies), self.agents.listen);
        text += &optional("address", self.agents.address.clone());
        text += &format!(
            "heartbeat = \"{}\"\noffline_after = \"{}\"\ncertificate_life = \"{}\"\nknown_within = \"{}\"\n\n[database]\n",
            time(self.agents.heartbeat),
            time(self.agents.offline_after),
            time(self.agents.certificate_life),
            time(self.agents.known_within)
        );
        text +=
            if self.database.url.is_some() { "# url is set (not shown: it may hold a password)\n" } else { "# url is not set: SQLite\n" };
        text += &format!(
            "\n[auth]\naccess_life = \"{}\"\nrefresh_life = \"{}\"\ntoken_life_max = \"{}\"\n",
            time(self.auth.access_life),
            time(self.auth.refresh_life),
            time(self.auth.token_life_max)
        );
        text += &format!("oidc_http_loopback = {}\n", self.auth.oidc_http_loopback);
        text += &format!("step_up_life = \"{}\"\n", time(self.auth.step_up_life));
        text += &format!("accept_new_keys = {}\n", self.auth.accept_new_keys);
        text += &optional("jwt_key_file", path(&self.auth.jwt_key_file));
        text += if self.auth.seal_key.is_some() { "# seal_key is set (not shown)\n" } else { "# seal_key is not set: keys/seal.key\n" };
        text += "\n[mail]\n";
        text += if self.mail.smtp_url.is_some() {
            "# smtp_url is set (not shown: it may hold a password)\n"
        } else {
            "# smtp_url is not set\n"
        };
        text += &optional("smtp_url_file", path(&self.mail.smtp_url_file));
        text += &optional("from", self.mail.from.clone());
        text += &optional("ca_file", path(&self.mail.ca_file));
        text += &format!("\n[audit]\nretention = \"{}\"\n", time(self.audit.retention));
        text += &optional("mirror_file", path(&self.audit.mirror_file));
        text += if self.audit.mirror_webhook.is_some() { "# mirror_webhook is set (not shown)\n" } else { "# mirror_webhook is not set\n" };
        text += &format!("accept_new_key = {}\n", self.audit.accept_new_key);
        let recordings = &self.recordings;
        text += &format!(
            "\n[recordings]\nstdin = {}\nmax_mib = {}\nretention = \"{}\"\n",
            recordings.stdin,
            recordings.max_mib,
            time(recordings.retention)
        );
        let format = if self.log.format == LogFormat::Json { "json" } else { "text" };
        text += &format!("\n[log]\nfilter = \"{}\"\nformat = \"{format}\"", self.log.filter);
        text
    }
}
