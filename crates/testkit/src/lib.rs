//! What tests start and stop: databases, servers, agents and peers. Imported by tests only.

pub mod agent;
pub mod db;
pub mod issuer;
pub mod kube;
pub mod kubelet;
pub mod mail;
pub mod oidc;
pub mod openclaw;
pub mod program;
pub mod raw_agent;
pub mod raw_link;
pub mod server;

pub use agent::Agent;
pub use db::Db;
pub use issuer::Issuer;
pub use kube::KubePeer;
pub use kubelet::Kubelet;
pub use oidc::{Browser, OidcPeer};
pub use raw_agent::RawAgent;
pub use server::Server;
