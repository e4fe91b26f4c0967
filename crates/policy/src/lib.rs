//! The gate: who may do what, and why not.
//!
//! Every entry point asks here. The answer is a [`Permitted`](mc_domain::permit::Permitted) value, which reading and changing functions
//! demand, or a [`Denied`] that names the rule. Deny is the default, and deny beats allow.
//!
//! A role is a form ([`RoleForm`](mc_domain::role_form::RoleForm)) or Cedar text. [`check`] says what is wrong with one before it is saved.
//! A [`Snapshot`] is all roles of a moment, compiled; the [`Gate`] holds the current one. Decisions are pure and synchronous: who calls
//! finds out which roles somebody holds now, and builds a new snapshot when a role has changed.

mod ask;
mod built_in;
mod cache;
mod decision;
mod form;
mod gate;
mod plan;
mod problem;
mod resource;
mod role;
mod schema;
mod sieve;
mod simulate;
mod snapshot;
mod target;
mod text;
mod tree;

pub use built_in::built_in_cedar;
pub use decision::{Asker, DEFAULT_DENY, Extent, How, Verdict};
pub use gate::{Denied, Gate};
pub use problem::Problem;
pub use resource::{OnAgent, Resource, agent_attributes};
pub use role::{Checked, GRANT_PREFIX, cedar, check, grant};
pub use schema::schema_text;
pub use simulate::{Difference, Explanation, May, Past, RoleSays, differences};
pub use snapshot::{Filter, Snapshot};
pub use target::{AgentAttributes, KubernetesAttributes, Target};
