//! What tests start and stop: databases, servers, agents and peers. Imported by tests only.

pub mod db;
pub mod openclaw;

pub use db::Db;
