//! The mails identity sends. Links lead to our own page only; nothing here says more than whoever reads the mailbox may know.

use mc_domain::{email::Email, invite::Invite, user::User};
use mc_mail::{Button, Mail};
use secrecy::SecretString;

use crate::App;

const NOT_ME: &str = "Was it not you? Then do nothing: without the link nothing changes.";
const TELL: &str = "Was it not you? Then set a new password at once and tell whoever runs this server.";

fn mail(to: &Email, subject: &str, paragraphs: Vec<String>, button: Option<(&str, &SecretString)>, footer: &str) -> Mail {
    let button = button.map(|(label, url)| Button { label: label.to_owned(), url: url.clone() });
    Mail { to: to.clone(), subject: subject.to_owned(), paragraphs, button, footer: footer.to_owned() }
}

/// The link to a new password, asked for by whoever forgot the old one.
fn reset(to: &Email, user: &User, url: &SecretString) -> Mail {
    let paragraphs = vec![
        format!("Hello {},", user.called()),
        format!("somebody asked for a new password for the account {}. The link works once, for 30 minutes.", user.name),
    ];
    mail(to, "Choose a new password", paragraphs, Some(("Choose a new password", url)), NOT_ME)
}

/// That there is no password to forget.
fn no_password(to: &Email, user: &User, login: &SecretString) -> Mail {
    let paragraphs = vec![
        format!("Hello {},", user.called()),
        format!(
            "somebody asked for a new password for the account {}. It has none: log in with the provider you always use. Whoever runs this \
             server can give you a password if you need one.",
            user.name
        ),
    ];
    mail(to, "Your account has no password", paragraphs, Some(("Log in", login)), "Was it not you? Then do nothing: nothing was changed.")
}

/// The first password of an account that an admin made.
fn welcome(to: &Email, user: &User, url: &SecretString) -> Mail {
    let paragraphs = vec![
        format!("Hello {},", user.called()),
        format!(
            "an account was made for you. Your login name is {}. Choose a password to begin; the link works once, for 7 days.",
            user.name
        ),
    ];
    mail(to, "Your account", paragraphs, Some(("Choose a password", url)), "Do you not expect this? Then do nothing.")
}

/// An invite.
fn invite(to: &Email, invite: &Invite, url: &SecretString) -> Mail {
    let mut paragraphs =
        vec!["Hello,".to_owned(), format!("{} invites you to make an account with the role {}.", invite.created_by, invite.role)];
    if !invite.note.is_empty() {
        paragraphs.push(invite.note.clone());
    }
    paragraphs.push(format!("The invite works once, until {}.", invite.expires_at));
    mail(to, "You are invited", paragraphs, Some(("Make your account", url)), "Do you not expect this? Then do nothing.")
}

/// The proof of an address.
fn verify(to: &Email, user: &User, url: &SecretString) -> Mail {
    let paragraphs = vec![
        format!("Hello {},", user.called()),
        format!("confirm that this is the address of the account {}. The link works once, for a day.", user.name),
    ];
    mail(to, "Confirm your address", paragraphs, Some(("Confirm", url)), NOT_ME)
}

/// That the password was changed.
fn password_changed(to: &Email, user: &User) -> Mail {
    let paragraphs = vec![
        format!("Hello {},", user.called()),
        format!("the password of the account {} was changed. All other sessions were ended.", user.name),
    ];
    mail(to, "Your password was changed", paragraphs, None, TELL)
}

/// That the address was changed, to the old one.
fn address_changed(to: &Email, user: &User) -> Mail {
    let paragraphs = vec![
        format!("Hello {},", user.called()),
        format!("the account {} has another e-mail address now, or none. This one gets no more mail.", user.name),
    ];
    mail(to, "Your address was changed", paragraphs, None, TELL)
}

impl App {
    fn mail(&self, mail: &Mail) {
        if let Err(error) = self.mailer.send(mail) {
            tracing::error!(%error, "a mail was not sent");
        }
    }

    pub(super) fn mail_reset(&self, user: &User, url: &SecretString) {
        if let Some(to) = &user.email {
            self.mail(&reset(to, user, url));
        }
    }

    pub(super) fn mail_no_password(&self, user: &User) {
        if let Some(to) = &user.email {
            self.mail(&no_password(to, user, &format!("{}/login", self.settings.public_url.trim_end_matches('/')).into()));
        }
    }

    pub(super) fn mail_welcome(&self, user: &User, url: &SecretString) {
        if let Some(to) = &user.email {
            self.mail(&welcome(to, user, url));
        }
    }

    pub(super) fn mail_invite(&self, wish: &Invite, url: &SecretString) {
        if let Some(to) = &wish.email {
            self.mail(&invite(to, wish, url));
        }
    }

    pub(super) fn mail_verify(&self, user: &User, url: &SecretString) {
        if let Some(to) = &user.email {
            self.mail(&verify(to, user, url));
        }
    }

    pub(crate) fn mail_password_changed(&self, user: &User) {
        if let Some(to) = &user.email {
            self.mail(&password_changed(to, user));
        }
    }

    /// `user` is as it was before.
    pub(super) fn mail_address_changed(&self, user: &User) {
        if let Some(to) = &user.email {
            self.mail(&address_changed(to, user));
        }
    }
}

#[cfg(test)]
mod tests {
    use mc_domain::{id::InviteId, id::UserId, role::Role, time::Time};

    use super::*;

    fn text(mail: &Mail) -> String {
        use secrecy::ExposeSecret as _;
        let button = mail.button.as_ref().map(|button| format!("[{}]({})", button.label, button.url.expose_secret())).unwrap_or_default();
        format!("To: {}\nSubject: {}\n\n{}\n{button}\n-- \n{}", mail.to, mail.subject, mail.paragraphs.join("\n"), mail.footer)
    }

    #[test]
    fn mails_read_well() {
        let user = User::new(UserId::new(), "ada".parse().expect("a name"), Role::Viewer.into(), Time::default());
        let to: Email = "ada@example.org".parse().expect("an address");
        let url = "https://mc.example/x#token=t".into();
        let offer = Invite {
            id: InviteId::new(),
            role: Role::Operator.into(),
            email: Some(to.clone()),
            note: "For the night shift.".into(),
            created_by: "bob".into(),
            created_at: Time::default(),
            expires_at: Time::from_micros(1_795_320_500_000_000),
            used_at: None,
            used_by: None,
            revoked_at: None,
        };
        let all = [
            reset(&to, &user, &url),
            welcome(&to, &user, &url),
            invite(&to, &offer, &url),
            verify(&to, &user, &url),
            password_changed(&to, &user),
            address_changed(&to, &user),
        ];
        insta::assert_snapshot!(all.iter().map(text).collect::<Vec<_>>().join("\n\n========\n\n"));
    }
}
