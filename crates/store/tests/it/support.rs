//! Stores on fresh databases, and things to put into them.

use std::{ops::Deref, time::Duration};

use mc_domain::{
    action::{self, Action},
    agent::{Agent, Credential, Identity},
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    id::{AgentId, JoinTokenId, SessionId, UserId},
    join_token::JoinToken,
    log::{LogLevel, LogLine},
    login::LoginMethod,
    permit::{Everything, Permitted},
    role::Role,
    session::Session,
    time::Time,
    user::User,
    workload::{AgentKind, Workload},
};
use mc_store::{AuditFilter, Options, Store};
use mc_testkit::Db;
use sqlx::{PgPool, SqlitePool, sqlite::SqliteConnectOptions};

/// A store with the database it lives in.
pub(crate) struct TestStore {
    pub(crate) store: Store,
    pub(crate) db: Db,
}

impl Deref for TestStore {
    type Target = Store;
    fn deref(&self) -> &Store {
        &self.store
    }
}

impl TestStore {
    pub(crate) async fn sqlite() -> Self {
        Self::on(Db::sqlite().expect("a folder")).await
    }

    pub(crate) async fn postgres() -> Self {
        Self::on(Db::postgres().expect("a PostgreSQL server")).await
    }

    async fn on(db: Db) -> Self {
        Self { store: Store::open(&options(&db)).await.expect("an empty database opens"), db }
    }

    /// The audit trail, oldest first.
    pub(crate) async fn audit(&self) -> Vec<AuditEntry> {
        self.audit_export(&permit(Everything), &AuditFilter::default(), 1_000, None).await.expect("the audit trail")
    }

    /// The names of the actions in the audit trail, oldest first.
    pub(crate) async fn audit_actions(&self) -> Vec<String> {
        self.audit().await.into_iter().map(|entry| entry.action).collect()
    }

    /// Runs SQL past the store, as somebody with the database in their hands would.
    pub(crate) async fn by_hand(&self, sql: &'static str) -> Result<u64, sqlx::Error> {
        match self.db.url() {
            Some(url) => {
                let pool = PgPool::connect(url).await?;
                let done = sqlx::query(sql).execute(&pool).await;
                pool.close().await;
                Ok(done?.rows_affected())
            }
            None => {
                let file = SqliteConnectOptions::new().filename(self.db.data_dir().join("mission-control.db"));
                let pool = SqlitePool::connect_with(file).await?;
                let done = sqlx::query(sql).execute(&pool).await;
                pool.close().await;
                Ok(done?.rows_affected())
            }
        }
    }
}

pub(crate) fn options(db: &Db) -> Options {
    Options { database_url: db.url().map(Into::into), data_dir: db.data_dir().to_owned(), accept_new_audit_key: false }
}

/// Stands in for the gate.
pub(crate) fn permit<T, A: Action>(thing: T) -> Permitted<T, A> {
    #[expect(clippy::disallowed_methods, reason = "these tests are about what happens once the gate has allowed it")]
    Permitted::grant(thing)
}

/// A moment, in seconds after a Monday's midnight.
pub(crate) fn at(seconds: i64) -> Time {
    Time::from_micros((1_795_305_600 + seconds) * 1_000_000)
}

pub(crate) const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn entry(action: &str) -> AuditEntry {
    AuditEntry::new(&Ctx::system(at(0)), at(0), action, AuditResult::Ok)
}

pub(crate) fn user(name: &str, role: Role) -> User {
    User::new(UserId::new(), name.parse().expect("a user name"), role.into(), at(0))
}

/// A user that is stored.
pub(crate) async fn stored_user(store: &Store, name: &str, role: Role) -> User {
    let user = user(name, role);
    store.user_insert(&permit::<_, action::UserCreate>(Everything), &user, "hash", &entry("user_create")).await.expect("a new user");
    user
}

pub(crate) fn session(user: &User) -> Session {
    Session {
        id: SessionId::new(),
        user_id: user.id,
        address: "192.0.2.7".to_owned(),
        device: "Firefox".to_owned(),
        method: LoginMethod::Password,
        verified_at: at(0),
        created_at: at(0),
        last_used_at: at(0),
        expires_at: at(3600),
        revoked_at: None,
        groups: Vec::new(),
        second_factor: false,
    }
}

pub(crate) fn join_token(hash: &str, uses: u32) -> JoinToken {
    JoinToken {
        id: JoinTokenId::new(),
        hash: hash.to_owned(),
        prefix: "mcj_AbCd".to_owned(),
        kind: None,
        tags: vec!["prod".parse().expect("a tag")],
        allow_api_key: false,
        uses,
        used: 0,
        last_used_at: None,
        last_used_address: None,
        created_at: at(0),
        expires_at: at(3600),
        revoked_at: None,
        created_by: "alice".to_owned(),
    }
}

pub(crate) fn agent(name: &str) -> Agent {
    Agent {
        id: AgentId::new(),
        name: name.parse().expect("an agent name"),
        kind: AgentKind::Host,
        identity: Identity { hostname: name.to_owned(), ..Identity::default() },
        tags: vec!["prod".parse().expect("a tag")],
        credential: Credential::Certificate { serial: "0a".to_owned(), next: None, not_after: at(7 * 86_400) },
        joined_at: at(0),
        owner: Some("alice".to_owned()),
        last_seen_at: None,
        goodbye_at: None,
        workload: Workload::default(),
        removed_at: None,
    }
}

/// Agents that joined, all with one token.
pub(crate) async fn stored_agents(store: &Store, names: &[String]) -> Vec<Agent> {
    let uses = u32::try_from(names.len()).expect("few agents");
    let token = join_token(&uuid::Uuid::now_v7().to_string(), uses);
    store.join_token_insert(&permit::<_, action::JoinTokenCreate>(Everything), &token, &entry("join_token_create")).await.expect("a token");
    let mut agents = Vec::new();
    for name in names {
        let agent = agent(name);
        store.agent_join(&token.hash, at(1), &agent, false, &entry("agent_join")).await.expect("it joins");
        agents.push(agent);
    }
    agents
}

pub(crate) async fn stored_agent(store: &Store, name: &str) -> Agent {
    stored_agents(store, &[name.to_owned()]).await.remove(0)
}

pub(crate) fn line(second: i64, level: LogLevel, message: &str) -> LogLine {
    LogLine { at: at(second), level, source: "stdout".to_owned(), message: message.to_owned() }
}

/// The entry of a refresh token that was used twice.
pub(crate) fn twice(_: &mc_domain::session::Session, _: &User) -> AuditEntry {
    entry("session_reuse")
}
