//! The internal certificate authority: what makes agents and central recognise each other.

mod ca;
mod certificate;
pub(crate) mod replace;

pub use ca::{Ca, Issued, Older, ServerCertificate};
pub use certificate::{AgentCertificate, BadCertificate, Leaf, agent_certificate, leaf};
