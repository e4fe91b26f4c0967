//! What tests start and stop: databases, servers, agents and peers. Imported by tests only.

pub mod agent;
pub mod db;
pub mod openclaw;
pub mod program;
pub mod server;

pub use agent::Agent;
pub use db::Db;
pub use server::Server;
