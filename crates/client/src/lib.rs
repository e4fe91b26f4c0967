//! The typed client of the HTTP interface, used by `mc`, by tests and by benches.
//!
//! One method per operation, named like the operation, one file a noun. The client keeps its session fresh by itself: an access token
//! that ends soon or is refused is renewed with the refresh token, once, and the new pair goes to the [`session::SessionStore`]. What
//! the server's certificate must be is said by [`trust::Trust`].

mod access_request;
mod address;
mod agent;
mod api_token;
mod audit;
mod auth;
mod authority;
mod cluster;
mod cluster_exec;
mod command;
mod error;
mod event;
mod join_token;
mod log;
mod me;
mod metric;
mod overview;
mod provider;
mod reason;
mod recording;
mod renewal;
mod role;
mod second_factor;
pub mod session;
mod socket;
mod status;
mod stream;
mod transport;
pub mod trust;
mod user;

pub use address::ServerUrl;
pub use agent::AgentQuery;
pub use audit::{AuditFormat, AuditQuery};
pub use cluster_exec::{ExecEnd, ExecEvent, ExecInput, ExecOutput};
pub use command::CommandQuery;
pub use error::{Class, Error};
pub use event::{EventStream, Since};
pub use log::{LogQuery, LogSource};
pub use metric::MetricQuery;
pub use provider::BrowserLogin;
pub use recording::RecordingQuery;
pub use stream::{Download, JsonLines, LogStream};
pub use transport::{Client, Options};
pub use user::UserQuery;

/// What every operation answers.
pub type Result<T> = std::result::Result<T, Error>;
