//! The internal certificate authority: what makes agents and central recognise each other.

mod ca;
mod certificate;

pub use ca::{Ca, Issued, ServerCertificate};
pub use certificate::{AgentCertificate, BadCertificate, agent_certificate};
