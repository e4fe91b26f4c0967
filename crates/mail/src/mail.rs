//! One mail, before it has a form.

use mc_domain::email::Email;
use secrecy::SecretString;

/// What to say to whom. Texts are plain; nothing in them is taken as HTML or as a header.
#[derive(Debug, Clone)]
pub struct Mail {
    /// To whom.
    pub to: Email,
    /// What it is about.
    pub subject: String,
    /// What it says, a paragraph each.
    pub paragraphs: Vec<String>,
    /// The one thing to do, if there is one.
    pub button: Option<Button>,
    /// Why it came and what to do when it should not have, in small print.
    pub footer: String,
}

/// A link that is shown as a button, and in full beneath it.
#[derive(Debug, Clone)]
pub struct Button {
    /// What it does: "Choose a new password".
    pub label: String,
    /// Where it leads. It may carry a one-time token, so it is a secret here.
    pub url: SecretString,
}
