//! What every test here begins with: a server on a database of its own, its first admin, and agents made of frames.

pub(crate) mod api;
pub(crate) mod authenticator;
mod events;
pub(crate) mod exec;
pub(crate) mod factor;
pub(crate) mod kube;
pub(crate) mod terminal;

use std::time::Duration;

use mc_testkit::{
    Db, RawAgent, Server,
    program::LIMIT,
    raw_agent::Join,
    server::{PASSWORD, Setup},
};
use serde_json::{Value, json};

pub(crate) use api::{Answer, Api};
pub(crate) use events::{Events, Heard, Socket};

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// Runs each of the module's functions as a test on both engines, each on a database of its own.
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    Box::pin(super::$name($crate::support::Engine::Sqlite)).await;
                }
            )+
        }
        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    Box::pin(super::$name($crate::support::Engine::Postgres)).await;
                }
            )+
        }
    };
}
pub(crate) use on_both_engines;

/// A server with its first admin. Fields drop in this order: the database goes last.
pub(crate) struct World {
    pub(crate) server: Server,
    /// The first admin, logged in.
    pub(crate) admin: Api,
    /// The spent token of the set-up link.
    pub(crate) setup_token: String,
    pub(crate) db: Db,
}

impl World {
    /// One as it is without any settings.
    pub(crate) async fn start(engine: Engine) -> Self {
        Self::with(engine, |setup| setup).await
    }

    /// One whose agents' links are quick to be missed: a heartbeat a second, offline after two.
    pub(crate) async fn hasty(engine: Engine) -> Self {
        Self::with(engine, |setup| setup.variable("MC_AGENTS__HEARTBEAT", "1s").variable("MC_AGENTS__OFFLINE_AFTER", "2s")).await
    }

    /// One with settings.
    pub(crate) async fn with(engine: Engine, change: impl FnOnce(Setup) -> Setup) -> Self {
        let db = match engine {
            Engine::Sqlite => Db::sqlite(),
            Engine::Postgres => Db::postgres(),
        };
        Self::on(db.expect("a database"), change).await
    }

    /// One on this database.
    pub(crate) async fn on(db: Db, change: impl FnOnce(Setup) -> Setup) -> Self {
        let setup = Setup::default().without_admin();
        let setup = match db.url() {
            Some(url) => setup.variable("DATABASE_URL", url),
            None => setup,
        };
        let mut server = change(setup).start().await.expect("the server starts");
        let setup_token = setup_token(&mut server).await;
        let stranger = Api::new(&server);
        let answer = stranger.set_up(&setup_token, "admin").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let admin = stranger.holding(answer.json()["access_token"].as_str().expect("a token"));
        Self { server, admin, setup_token, db }
    }

    /// Somebody nobody knows.
    pub(crate) fn stranger(&self) -> Api {
        Api::new(&self.server)
    }

    /// A new user with the usual password; answers the id.
    pub(crate) async fn user_add(&self, name: &str, role: &str) -> String {
        let made = self.admin.post("/api/v1/admin/users", &json!({"username": name, "password": PASSWORD, "role": role})).await;
        assert_eq!(made.status, 201, "{}", made.text());
        made.json()["id"].as_str().expect("an id").to_owned()
    }

    /// A new user, logged in.
    pub(crate) async fn user(&self, name: &str, role: &str) -> Api {
        self.user_add(name, role).await;
        self.login(name).await
    }

    /// Gives a role to a user; answers the assignment.
    pub(crate) async fn role_give(&self, role: &str, user: &str) -> Value {
        let wish = json!({"role": role, "subject_kind": "user", "subject": user, "reason": "test"});
        let given = self.admin.post("/api/v1/admin/role-assignments", &wish).await;
        assert_eq!(given.status, 201, "{}", given.text());
        given.json()
    }

    /// A new role of these rules.
    pub(crate) async fn role_add(&self, name: &str, rules: Value) {
        let made = self.admin.post("/api/v1/admin/roles", &json!({"name": name, "rules": rules})).await;
        assert_eq!(made.status, 201, "{}", made.text());
    }

    /// A user of the usual password, logged in.
    pub(crate) async fn login(&self, name: &str) -> Api {
        let answer = self.stranger().login(name, PASSWORD).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        self.stranger().holding(answer.json()["access_token"].as_str().expect("a token"))
    }

    /// Ten minutes pass: what `caller` proved of themselves is too old for what asks for a fresh proof.
    pub(crate) async fn proof_ends(&self, caller: &Api) {
        self.db.execute(self.server.data_dir(), "UPDATE session SET verified_at = 1").await.expect("time passes");
        // What is kept in memory of somebody is forgotten with any change of theirs.
        let changed = caller.patch("/api/v1/me", &json!({"display_name": "Somebody"})).await;
        assert_eq!(changed.status, 200, "{}", changed.text());
    }

    /// A join token made with this wish.
    pub(crate) async fn join_token(&self, wish: Value) -> Value {
        let made = self.admin.post("/api/v1/join-tokens", &wish).await;
        assert_eq!(made.status, 201, "{}", made.text());
        made.json()
    }

    /// An API token of the admin's, made with this wish: the token and its secret.
    pub(crate) async fn api_token(&self, wish: Value) -> Value {
        let made = self.admin.post("/api/v1/tokens", &wish).await;
        assert_eq!(made.status, 201, "{}", made.text());
        made.json()
    }

    /// The text of a token for one agent.
    pub(crate) async fn token(&self) -> String {
        self.join_token(json!({})).await["token"].as_str().expect("a token").to_owned()
    }

    /// A joined agent that did not connect yet.
    pub(crate) async fn agent(&self, name: &str) -> RawAgent {
        RawAgent::join(&self.server, &self.token().await, name).await.expect("the agent joins")
    }

    /// A joined agent whose owner allows only these actions.
    pub(crate) async fn agent_allowing(&self, name: &str, allow: &[&str]) -> RawAgent {
        let mut join = Join::new(&self.token().await, name).expect("a request");
        if let Some(identity) = &mut join.request.identity {
            identity.allow = allow.iter().map(ToString::to_string).collect();
        }
        join.send(&self.server).await.expect("the agent joins")
    }

    /// Asks an agent for something; answers the command's id and the correlation id.
    pub(crate) async fn act(&self, agent: &str, wish: Value) -> (String, String) {
        let answer = self.admin.post(&format!("/api/v1/agents/{agent}/actions"), &wish).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
        (answer.json()["command_id"].as_str().expect("an id").to_owned(), answer.request_id())
    }

    /// Waits until a command is in this state.
    pub(crate) async fn command_in(&self, id: &str, state: &str) -> Value {
        self.admin.waits_for(&format!("/api/v1/commands/{id}"), |command| command["state"] == state).await
    }

    /// Waits until an agent is as wanted.
    pub(crate) async fn agent_becomes(&self, name: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        self.admin.waits_for(&format!("/api/v1/agents/{name}"), wanted).await
    }

    /// Waits until an entry of the audit trail is as wanted.
    pub(crate) async fn audited(&self, action: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let path = format!("/api/v1/admin/audit?limit=500&action={action}");
        let list = self.admin.waits_for(&path, |list| entries(list).any(&wanted)).await;
        entries(&list).find(|entry| wanted(entry)).expect("it was there").clone()
    }

    /// The audit trail's entries of an action, newest first.
    pub(crate) async fn audit(&self, action: &str) -> Vec<Value> {
        let list = self.admin.get(&format!("/api/v1/admin/audit?limit=500&action={action}")).await.json();
        entries(&list).cloned().collect()
    }
}

/// The items of a list.
pub(crate) fn entries(list: &Value) -> impl Iterator<Item = &Value> {
    list["items"].as_array().into_iter().flatten()
}

/// The token of the set-up link that a server without users prints.
pub(crate) async fn setup_token(server: &mut Server) -> String {
    let program = server.program().expect("it runs");
    program.find(|line| line.split_once("/setup#token=").map(|(_, token)| token.trim().to_owned())).await.expect("a set-up link")
}

/// Asks again until `check` has an answer: for what no event tells of. Fails when it never has one.
pub(crate) async fn eventually<T>(what: &str, mut check: impl AsyncFnMut() -> Option<T>) -> T {
    let mut pace = tokio::time::interval(Duration::from_millis(20));
    let asking = async {
        loop {
            pace.tick().await;
            if let Some(found) = check().await {
                return found;
            }
        }
    };
    tokio::time::timeout(LIMIT, asking).await.unwrap_or_else(|_| panic!("{what} did not come in time"))
}
