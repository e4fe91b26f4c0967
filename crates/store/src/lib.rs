//! SQLite and PostgreSQL behind one face.
//!
//! Everything Mission Control remembers is written and read here, one file a noun, with the same SQL for both engines. A change is one
//! transaction with its audit row. Functions that change or list what people own take the gate's proof; those without one serve the server
//! itself: its start, its agents, its housekeeping. Logs and metrics live in their own file or schema, so that they never delay a login.

mod access_request;
mod agent;
mod api_token;
mod audit;
mod cluster;
mod command;
mod db;
mod error;
mod fleet;
mod identity_link;
mod invite;
mod join_token;
mod login;
mod login_challenge;
mod migration;
mod oidc;
mod oidc_session;
mod passkey;
mod provider;
mod recording;
mod role;
mod role_assignment;
mod sealed;
mod second_factor;
mod session;
mod setting;
mod shared_key;
mod sql;
mod telemetry;
mod together;
mod turn;
mod user;
mod user_extra;
mod user_link;
mod user_self;

use std::{fs::DirBuilder, os::unix::fs::DirBuilderExt as _, path::PathBuf, str::FromStr as _, sync::Arc};

use secrecy::{ExposeSecret as _, SecretString};
use sqlx::postgres::PgConnectOptions;

pub use crate::{
    access_request::AccessRequestFilter,
    agent::{AgentHello, Presence},
    api_token::TokensOf,
    audit::{AuditFilter, checkpoint::AuditHead, verify::Remembered},
    command::CommandCounts,
    error::StoreError,
    fleet::FleetPoint,
    join_token::JoinError,
    login_challenge::LoginChallenge,
    oidc::{OidcFlow, OidcTicket, TicketKind},
    oidc_session::{OidcRenewed, OidcSession},
    passkey::Passkey,
    provider::SecretChange,
    recording::RecordingFilter,
    role::{RoleSet, RoleUses, StoredRole},
    role_assignment::ASSIGNMENTS_MAX,
    sealed::{SEALED, SealedColumn},
    second_factor::{SecondFactors, Shown, ShownFor, Totp},
    session::Refresh,
    shared_key::{KeyShown, SharedKey},
    telemetry::{LogFilter, LogOwner, Pruned, Stored, TelemetryBatch},
    user::UserFilter,
    user_extra::UserExtra,
    user_link::{Link, Purpose},
};
use crate::{
    audit::chain::Chain,
    db::Db,
    migration::{Part, make_schema, migrate},
    together::Appends,
};

/// Connections to PostgreSQL for the main part, and for telemetry: together at most 16.
const MAIN_CONNECTIONS: u32 = 10;
const TELEMETRY_CONNECTIONS: u32 = 6;

/// Where the data lives.
#[derive(Debug, Clone)]
pub struct Options {
    /// A PostgreSQL URL; without one, SQLite files in the data directory.
    pub database_url: Option<SecretString>,
    /// The data directory; made if missing.
    pub data_dir: PathBuf,
    /// Go on with another `keys/audit.key` than the trail was written with, because that one is lost.
    pub accept_new_audit_key: bool,
}

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Files in the data directory.
    Sqlite,
    /// A server, by URL.
    Postgres,
}

impl Engine {
    /// The engine's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }

    /// The operator that compares with a pattern in any case.
    pub(crate) const fn like(self) -> &'static str {
        match self {
            Self::Sqlite => "LIKE ",
            Self::Postgres => "ILIKE ",
        }
    }
}

/// The database. Cheap to clone; all clones share the same connections.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
    main: Db,
    telemetry: Db,
    chain: Arc<Chain>,
    appends: Appends,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("engine", &self.engine).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the database and brings it to this program's version.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it cannot be reached or opened, [`StoreError::Newer`] when a newer program has written it.
    pub async fn open(options: &Options) -> Result<Self, StoreError> {
        let (engine, main, telemetry, turn) = match &options.database_url {
            None => {
                let made = DirBuilder::new().recursive(true).mode(0o700).create(&options.data_dir);
                made.map_err(|error| StoreError::Unavailable(format!("the data directory cannot be made: {}", error.kind())))?;
                let turn = turn::take(&options.data_dir).await?;
                let main = Db::sqlite(&options.data_dir.join("mission-control.db")).await?;
                (Engine::Sqlite, main, Db::sqlite(&options.data_dir.join("telemetry.db")).await?, Some(turn))
            }
            Some(url) => {
                let server = postgres_options(url.expose_secret())?;
                let main = Db::postgres(&server, MAIN_CONNECTIONS, None).await?;
                make_schema(&main).await?;
                (Engine::Postgres, main, Db::postgres(&server, TELEMETRY_CONNECTIONS, Some("telemetry")).await?, None)
            }
        };
        migrate(&main, engine, Part::Main).await?;
        migrate(&telemetry, engine, Part::Telemetry).await?;
        let chain = Arc::new(Chain::open(&main, &options.data_dir.join("keys"), options.accept_new_audit_key).await?);
        let main = main.with_chain(Arc::clone(&chain)).await;
        chain.begin(&main).await?;
        drop(turn);
        let appends = Appends::start(main.clone());
        Ok(Self { engine, main, telemetry, chain, appends })
    }

    /// Which database it is.
    #[must_use]
    pub const fn engine(&self) -> Engine {
        self.engine
    }

    /// Whether both parts answer.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when one does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.main.ping().await?;
        self.telemetry.ping().await
    }

    /// Closes all connections once what is under way is done. Later calls answer [`StoreError::Unavailable`].
    pub async fn close(&self) {
        self.telemetry.close().await;
        self.main.close().await;
    }
}

fn postgres_options(url: &str) -> Result<PgConnectOptions, StoreError> {
    let wrong = || {
        let text = "DATABASE_URL is not a PostgreSQL URL: use postgres://USER:PASSWORD@HOST:5432/DATABASE, or leave it out for SQLite";
        StoreError::Unavailable(text.to_owned())
    };
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err(wrong());
    }
    PgConnectOptions::from_str(url).map_err(|_| wrong())
}
