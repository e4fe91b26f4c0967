//! Mail: one bounded queue to one SMTP server.
//!
//! [`Mailer::send`] returns at once; connecting, encrypting and trying again happen behind it, so that no request ever waits for a mail
//! server, and none can tell from its own time whether a mail was sent. What a mail says is the caller's; how it looks is `render`'s.
//! A mail that waits when the process ends is lost: every mail we send can be asked for again.

mod mail;
mod place;
mod queue;
mod render;

pub use mail::{Button, Mail};
pub use place::{BadPlace, Encryption, Place};
pub use queue::{Mailer, QueueFull, Settings};
