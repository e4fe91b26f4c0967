//! Every operation of the OpenAPI document, asked for by everybody there is. What each may do comes from the table of actions; an operation
//! that is in neither this file's tables nor the actions fails the test, so that no new one is forgotten.

use mc_domain::{action::ALL, role::Role};
use mc_testkit::{
    raw_agent::{Join, RawCredential},
    server::PASSWORD,
};
use serde_json::{Value, json};

use crate::support::{Answer, Api, Engine, World, api::send, eventually};

/// Operations for anybody, with the status a stranger gets.
const PUBLIC: [(&str, u16); 25] = [
    ("health", 200),
    ("healthz", 200),
    ("readyz", 200),
    ("metrics", 200),
    ("setup_status", 200),
    ("setup_complete", 409),
    ("auth_login", 401),
    ("auth_refresh", 403),
    ("auth_logout", 204),
    ("invite_look", 403),
    ("invite_accept", 403),
    ("password_forgot", 202),
    ("password_reset", 403),
    ("email_verify", 403),
    ("password_judge", 200),
    ("provider_buttons", 200),
    ("oidc_start", 302),
    ("oidc_callback", 302),
    ("oidc_link", 401),
    ("oidc_backchannel_logout", 400),
    ("cli_exchange", 401),
    ("second_factor_answer", 401),
    ("second_factor_enrol", 401),
    ("passkey_begin", 409),
    ("passkey_finish", 409),
];
/// Operations whose action has another name.
const NAMED_OTHERWISE: [(&str, &str); 2] = [("agent_facets", "agent_list"), ("agent_act", "agent_restart")];
/// Operations on many things, where each thing is judged for itself.
const EACH_FOR_ITSELF: [&str; 1] = ["agents_act"];

/// Operations on one thing of somebody's own: it is the admin's, and nobody else is told that it exists.
const OF_THE_ADMIN: [&str; 8] = [
    "token_show",
    "token_rotate",
    "token_revoke",
    "access_request_show",
    "access_request_cancel",
    "access_request_end",
    "recording_show",
    "recording_cast",
];

/// A session of the admin's that was recorded.
const RECORDING: &str = "0197c3a1-6f2e-7c3d-9a51-2f0c6c1d7e13";
const RECORDED: &str = "INSERT INTO recording (id, kind, cluster, namespace, pod, container, command, tty, user_id, user_name, request_id, \
    started_at, seen_at, ended_at, ending, bytes, width, height, truncated) SELECT x'0197c3a16f2e7c3d9a512f0c6c1d7e13', 'kubectl_exec', 'dev', \
    'app', 'web', 'c', '[]', 0, id, 'admin', x'0197c3a16f2e7c3d9a512f0c6c1d7e14', 1, 1, 4102444800000000, 'closed', 0, 80, 24, 0 \
    FROM user_account WHERE name = 'admin'";

/// Operations on one's own things, asked for with an id that nobody has.
const OF_NOBODY: [&str; 4] = ["me_session_end", "me_passkey_rename", "me_passkey_remove", "me_identity_unlink"];

/// Operations on a cluster, asked for with a name that no cluster has: whoever may do nothing in one is answered the same.
const OF_NO_CLUSTER: [&str; 5] = ["cluster_show", "cluster_credential", "cluster_check", "cluster_exec", "cluster_exec_socket"];
/// Operations that show everybody what is theirs to see.
const OF_EVERYBODY: [&str; 1] = ["cluster_list"];

/// One operation of the document, ready to be asked for.
#[derive(Debug)]
struct Operation {
    name: String,
    method: String,
    path: String,
    body: Option<Value>,
}

impl Operation {
    async fn ask(&self, caller: &Api) -> Answer {
        let request = caller.request(&self.method, &self.path);
        send(match &self.body {
            Some(body) => request.json(body),
            None => request,
        })
        .await
    }

    /// The action that decides.
    fn action(&self) -> &str {
        NAMED_OTHERWISE.iter().find(|(name, _)| *name == self.name).map_or(self.name.as_str(), |(_, action)| action)
    }

    /// The weakest role that may do it.
    fn role(&self) -> Role {
        let action = self.action();
        let found = ALL.iter().find(|known| known.name == action).map(|known| known.weakest);
        found.unwrap_or_else(|| panic!("{} is new: name its action here, or its place among the public ones", self.name))
    }
}

/// Things to be asked about.
struct Things {
    agent: String,
    command: String,
    join_token: String,
    user: String,
    token: String,
    invite: String,
    role: String,
    assignment: String,
    access_request: String,
    recording: String,
}

impl Things {
    /// Things that are not there.
    fn none() -> Self {
        let none = || "x".to_owned();
        Self {
            agent: none(),
            command: none(),
            join_token: none(),
            user: none(),
            token: none(),
            role: none(),
            assignment: none(),
            invite: none(),
            access_request: none(),
            recording: none(),
        }
    }

    fn path(&self, template: &str) -> String {
        if template == "/api/v1/why" {
            return format!("{template}?action=agent_show&resource={}", self.agent);
        }
        let template = &template.replace("roles/{name}", &format!("roles/{}", self.role));
        let id = [
            ("agents/", &self.agent),
            ("commands/", &self.command),
            ("join-tokens/", &self.join_token),
            ("users/", &self.user),
            ("/tokens/", &self.token),
            ("invites/", &self.invite),
            ("me/sessions/", &self.user),
            ("role-assignments/", &self.assignment),
            ("access-requests/", &self.access_request),
            ("recordings/", &self.recording),
            ("me/passkeys/", &self.user),
        ];
        match id.iter().find(|(before, _)| template.contains(&format!("{before}{{id}}"))) {
            Some((_, id)) => template.replace("{id}", id),
            // The identity provider.
            None => template.replace("{name}", "idp").replace("{provider}", "idp"),
        }
    }
}

fn body(operation: &str) -> Option<Value> {
    let act = json!({"action": "restart", "reason": "matrix"});
    Some(match operation {
        "setup_complete" => json!({"token": "mcs_x", "username": "x", "password": "a long enough password"}),
        "auth_login" => json!({"username": "nobody", "password": "not the password"}),
        "invite_look" => json!({"token": "mci_x"}),
        "invite_accept" => json!({"token": "mci_x", "username": "x", "password": "a long enough password"}),
        "password_forgot" => json!({"email": "nobody@example.org"}),
        "password_reset" => json!({"token": "mcp_x", "password": "a long enough password"}),
        "email_verify" => json!({"token": "mcv_x"}),
        "password_judge" => json!({"password": "x"}),
        "invite_create" => json!({"role": "viewer"}),
        "settings_update" => json!({}),
        "me_update" => json!({"display_name": "Somebody"}),
        "second_factor_answer" => json!({"challenge": "mcc_x", "code": "123456"}),
        "second_factor_enrol" => json!({"challenge": "mcc_x"}),
        "passkey_finish" => json!({"challenge": "mcx_x", "credential": {}}),
        "me_step_up" => json!({"password": PASSWORD}),
        "me_totp_confirm" => json!({"code": "123456"}),
        "me_passkey_add" => json!({"challenge": "mcx_x", "name": "phone", "credential": {}}),
        "me_identity_link" => json!({}),
        "me_passkey_rename" => json!({"name": "phone"}),
        "me_password" => json!({"current": PASSWORD, "new": "an even longer password"}),
        "me_preferences_update" => json!({"theme": "dark"}),
        "agent_update" => json!({"tags": ["prod"]}),
        "access_request_create" => json!({"action": "agent_remove", "resource": "target", "reason": "matrix", "duration_seconds": 600}),
        "access_request_approve" => json!({}),
        "access_request_deny" => json!({"reason": "matrix"}),
        "cluster_check" => json!({"items": []}),
        "cluster_exec" => json!({"command": ["version"]}),
        "agent_act" => act,
        "agents_act" => json!({"agents": ["target"], "action": "restart", "reason": "matrix"}),
        "join_token_create" => json!({}),
        "token_create" => json!({"name": "matrix", "kind": "personal", "scopes": ["agent_*"]}),
        "token_rotate" => json!({}),
        "user_create" => json!({"username": "made", "password": "a long enough password", "role": "viewer"}),
        "user_set_role" => json!({"role": "viewer"}),
        "user_update" => json!({"active": true}),
        "role_create" => json!({"name": "made", "rules": [{"effect": "allow", "actions": ["agent_list"]}]}),
        "role_update" | "role_check" => json!({"name": "matrix", "rules": [{"effect": "deny", "actions": ["agent_kill"]}]}),
        "assignment_create" => json!({"role": "viewer", "subject_kind": "user", "subject": "spare"}),
        "simulate_who" => json!({"action": "agent_show", "resource": "target"}),
        "simulate_what" => json!({"user": "spare"}),
        "simulate_past" => json!({"deleted": "matrix"}),
        "provider_create" => provider("made"),
        "provider_update" => provider("idp"),
        "oidc_link" => json!({"ticket": "mco_x", "password": "not the password"}),
        "oidc_backchannel_logout" => json!({"logout_token": "x"}),
        "cli_exchange" => json!({"code": "mco_x", "verifier": "x"}),
        _ => return None,
    })
}

/// Operations that remove what others need: they come last.
const LAST: [&str; 5] = ["assignment_remove", "role_delete", "agent_remove", "user_delete", "provider_delete"];

/// An identity provider where nobody is at home.
fn provider(name: &str) -> Value {
    json!({"name": name, "label": "Matrix", "issuer": "https://127.0.0.1:9", "client_id": "matrix"})
}

/// The operations of the document.
async fn operations(world: &World, things: &Things) -> Vec<Operation> {
    let document = world.stranger().get("/api/openapi.json").await.json();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("methods") {
            let name = operation["operationId"].as_str().unwrap_or_else(|| panic!("{method} {path} has no name")).to_owned();
            let body = body(&name);
            assert!(body.is_some() || operation["requestBody"].is_null(), "{name} needs a body here");
            all.push(Operation { body, name, method: method.clone(), path: things.path(path) });
        }
    }
    all.sort_by_key(|operation| LAST.iter().position(|last| *last == operation.name));
    assert!(all.len() > 30, "{}", all.len());
    all
}

#[tokio::test]
async fn everybody_may_do_exactly_what_their_role_says() {
    let world = World::start(Engine::Sqlite).await;
    let viewer = world.user("viewer", "viewer").await;
    let developer = world.user("developer", "developer").await;
    let operator = world.user("operator", "operator").await;
    let agent = world.agent("target").await;
    let (_link, _) = agent.connect().await.expect("it connects");
    let (command, _) = world.act("target", json!({"action": "check"})).await;
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let matrix = json!({"name": "matrix", "rules": [{"effect": "deny", "actions": ["agent_kill"]}]});
    assert_eq!(world.admin.post("/api/v1/admin/roles", &matrix).await.status, 201);
    world.user_add("other", "viewer").await;
    let wish = json!({"role": "developer", "reason": "matrix", "duration_seconds": 600});
    let asked = world.login("other").await.post("/api/v1/access-requests", &wish).await.json();
    let things = Things {
        access_request: text(&asked["id"]),
        recording: RECORDING.to_owned(),
        role: "matrix".to_owned(),
        assignment: text(&world.role_give("operator", "other").await["id"]),
        agent: "target".to_owned(),
        command,
        join_token: text(&world.join_token(json!({})).await["id"]),
        user: world.user_add("spare", "viewer").await,
        token: text(&world.api_token(json!({"name": "admin's", "kind": "personal", "scopes": ["*"]})).await["token"]["id"]),
        invite: text(&world.admin.post("/api/v1/admin/invites", &json!({"role": "viewer"})).await.json()["invite"]["id"]),
    };
    assert_eq!(world.admin.post("/api/v1/admin/providers", &provider("idp")).await.status, 201);
    assert_eq!(world.db.execute(world.server.data_dir(), RECORDED).await.expect("a recording"), 1);
    let callers = [(Role::Viewer, &viewer), (Role::Developer, &developer), (Role::Operator, &operator), (Role::Admin, &world.admin)];
    let mut denials = Vec::new();
    for operation in operations(&world, &things).await {
        let stranger = operation.ask(&world.stranger()).await;
        if let Some((_, status)) = PUBLIC.iter().find(|(name, _)| *name == operation.name) {
            assert_eq!(stranger.status, *status, "{operation:?}: {}", stranger.text());
            continue;
        }
        assert_eq!((stranger.status, stranger.code().as_str()), (401, "unauthenticated"), "{operation:?}");
        for (role, caller) in callers {
            let answer = operation.ask(caller).await;
            if EACH_FOR_ITSELF.contains(&operation.name.as_str()) {
                let code = answer.json()["items"][0]["code"].clone();
                assert_eq!(code == "denied", role == Role::Viewer, "{operation:?} as {role}: {}", answer.text());
            } else if OF_EVERYBODY.contains(&operation.name.as_str()) {
                assert_eq!(answer.status, 200, "{operation:?} as {role}: {}", answer.text());
            } else if OF_NOBODY.contains(&operation.name.as_str())
                || OF_NO_CLUSTER.contains(&operation.name.as_str())
                || (OF_THE_ADMIN.contains(&operation.name.as_str()) && role != Role::Admin)
            {
                assert_eq!((answer.status, answer.code().as_str()), (404, "not_found"), "{operation:?} as {role}");
            } else if role >= operation.role() {
                // Not everything can be done twice, and the live events want a WebSocket: but nobody was refused.
                let done = answer.status < 300 || answer.status == 409 || (operation.name == "event_follow" && answer.status == 400);
                assert!(done, "{operation:?} as {role}: {} {}", answer.status, answer.text());
            } else {
                assert_eq!((answer.status, answer.code().as_str()), (403, "denied"), "{operation:?} as {role}");
                assert!(answer.text().contains(&format!("role:{role}")), "a denial names its rule: {}", answer.text());
                denials.push(answer.request_id());
            }
        }
    }
    assert!(denials.len() > 10, "{}", denials.len());
    for id in denials {
        let path = format!("/api/v1/admin/audit?result=denied&q={id}");
        world.admin.waits_for(&path, |list| list["total"] == 1).await;
    }
}

/// A user who has nothing but a role made here may do exactly what the simulator says, on what the role names and on nothing else.
#[tokio::test]
async fn a_role_made_here_is_what_the_simulator_says() {
    let world = World::start(Engine::Sqlite).await;
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let form = json!({"name": "prod-hands", "rules": [
        {"effect": "allow", "actions": ["agent_*", "command_*"], "agents": {"tags": ["prod"]}},
        {"effect": "allow", "actions": ["event_follow", "overview_show", "status_show", "role_list", "join_token_*", "user_list"]},
        {"effect": "deny", "actions": ["agent_kill", "join_token_revoke"]},
    ]});
    assert_eq!(world.admin.post("/api/v1/admin/roles", &form).await.status, 201);
    let hands = world.user("hands", "prod-hands").await;
    assert_eq!(world.admin.post("/api/v1/admin/providers", &provider("idp")).await.status, 201);
    let _links = [tagged(&world, "target", "prod").await, tagged(&world, "hidden", "stage").await];
    let (command, hidden_command) =
        (world.act("target", json!({"action": "check"})).await.0, world.act("hidden", json!({"action": "check"})).await.0);
    let said = world.admin.post("/api/v1/admin/simulate/what", &json!({"user": "hands"})).await.json();
    let may = |action: &str| {
        let mut items = said["items"].as_array().expect("items").iter();
        items.find(|item| item["action"] == action).map_or_else(|| panic!("{action}: {said:#}"), |item| text(&item["allowed"]))
    };
    let things = Things {
        invite: text(&world.admin.post("/api/v1/admin/invites", &json!({"role": "viewer"})).await.json()["invite"]["id"]),
        role: "prod-hands".to_owned(),
        assignment: "0197c3a1-6f2e-7c3d-9a51-2f0c6c1d7e11".to_owned(),
        access_request: "0197c3a1-6f2e-7c3d-9a51-2f0c6c1d7e12".to_owned(),
        recording: RECORDING.to_owned(),
        agent: "target".to_owned(),
        command,
        join_token: text(&world.join_token(json!({})).await["id"]),
        user: world.user_add("spare", "viewer").await,
        token: text(&world.api_token(json!({"name": "admin's", "kind": "personal", "scopes": ["*"]})).await["token"]["id"]),
    };
    let mut seen = [0, 0, 0];
    for operation in operations(&world, &things).await {
        let name = operation.name.as_str();
        if PUBLIC.iter().any(|(public, _)| *public == name) || EACH_FOR_ITSELF.contains(&name) || OF_THE_ADMIN.contains(&name) {
            continue;
        }
        if OF_NO_CLUSTER.contains(&name) || OF_EVERYBODY.contains(&name) {
            continue;
        }
        // One's own account is tried elsewhere: a new password would end the session that asks.
        if name.starts_with("me_") && name != "me_show" && name != "me_why" {
            continue;
        }
        let answer = operation.ask(&hands).await;
        match may(operation.action()).as_str() {
            "none" => {
                seen[0] += 1;
                assert_eq!((answer.status, answer.code().as_str()), (403, "denied"), "{operation:?}: {}", answer.text());
            }
            extent => {
                seen[if extent == "some" { 1 } else { 2 }] += 1;
                let done = answer.status < 300 || answer.status == 409 || (name == "event_follow" && answer.status == 400);
                assert!(done, "{operation:?} is said to be allowed on {extent}: {} {}", answer.status, answer.text());
            }
        }
    }
    assert!(seen.iter().all(|count| *count > 3), "{seen:?}");

    let hidden = Things { agent: "hidden".to_owned(), command: hidden_command, ..Things::none() };
    for operation in operations(&world, &hidden).await {
        let about = operation.path.contains("/agents/hidden") || operation.path.contains(&hidden.command) || operation.name == "me_why";
        if about {
            let answer = operation.ask(&hands).await;
            assert_eq!((answer.status, answer.code().as_str()), (404, "not_found"), "{operation:?}: {}", answer.text());
            if operation.method == "get" {
                assert_eq!(operation.ask(&world.admin).await.status, 200, "{operation:?}: it is there");
            }
        }
    }
}

/// An agent with a tag, linked.
async fn tagged(world: &World, name: &str, tag: &str) -> mc_testkit::raw_link::RawLink {
    let agent = world.agent(name).await;
    let (link, _) = agent.connect().await.expect("it connects");
    assert_eq!(world.admin.patch(&format!("/api/v1/agents/{name}"), &json!({"tags": [tag]})).await.status, 200);
    link
}

#[tokio::test]
async fn the_action_decides_and_not_the_door() {
    let world = World::start(Engine::Sqlite).await;
    let viewer = world.user("viewer", "viewer").await;
    world.agent("target").await;
    for action in ["restart", "kill", "check"] {
        let wish = json!({"action": action, "reason": "why"});
        let denied = viewer.post("/api/v1/agents/target/actions", &wish).await;
        assert_eq!(denied.status, 403);
        assert!(denied.text().contains(&format!("agent_{action}")), "{}", denied.text());
    }
    let unknown = viewer.post("/api/v1/agents/target/actions", &json!({"action": "shell"})).await;
    assert_eq!(unknown.status, 400);
}

#[tokio::test]
async fn credentials_that_ended_or_never_were_open_nothing() {
    let world = World::start(Engine::Sqlite).await;
    let login = world.stranger().login("admin", mc_testkit::server::PASSWORD).await;
    let revoked = world.stranger().holding(&login.access_token());
    assert_eq!(revoked.post("/api/v1/auth/logout", &json!({})).await.status, 204);
    let mut callers = vec![("revoked", revoked), ("refresh token", world.stranger().holding(&login.refresh_token()))];
    for garbage in ["", "x", "a.b.c", "eyJhbGciOiJSUzI1NiJ9.e30.AAAA"] {
        callers.push(("garbage", world.stranger().holding(garbage)));
    }
    callers.extend(ended_tokens(&world).await);
    let things = Things::none();
    closed_to(&world, &things, &callers).await;

    let brief = World::with(Engine::Sqlite, |setup| setup.variable("MC_AUTH__ACCESS_LIFE", "1s")).await;
    let expired = brief.admin.clone();
    eventually("the token's end", async || (expired.get("/api/v1/auth/me").await.status == 401).then_some(())).await;
    closed_to(&brief, &things, &[("expired", expired), ("of another server", brief.stranger().holding(&login.access_token()))]).await;
}

/// Tokens that work no more, and credentials made for another door.
async fn ended_tokens(world: &World) -> Vec<(&'static str, Api)> {
    let personal = |life: u64| json!({"name": "t", "kind": "personal", "scopes": ["*"], "expires_in_seconds": life});
    let secret = |token: &Value| token["secret"].as_str().expect("a secret").to_owned();
    let path = |token: &Value| format!("/api/v1/tokens/{}", token["token"]["id"].as_str().expect("an id"));
    let (revoked, expired, rotated) =
        (world.api_token(personal(60)).await, world.api_token(personal(1)).await, world.api_token(personal(60)).await);
    assert_eq!(world.admin.delete(&path(&revoked)).await.status, 204);
    let fresh = world.admin.post(&format!("{}/rotate", path(&rotated)), &json!({"overlap_seconds": 0})).await;
    assert_eq!(fresh.status, 200, "{}", fresh.text());
    let leaver_id = world.user_add("leaver", "admin").await;
    let of_leaver = world.login("leaver").await.post("/api/v1/tokens", &personal(600)).await.json();
    let off = world.admin.patch(&format!("/api/v1/admin/users/{leaver_id}"), &json!({"active": false})).await;
    assert_eq!(off.status, 200, "{}", off.text());
    let late = world.stranger().holding(&secret(&expired));
    eventually("the token's end", async || (late.get("/api/v1/auth/me").await.status == 401).then_some(())).await;

    let agent = world.agent("certified").await;
    let RawCredential::Certificate { certificate, key } = &agent.credential else { panic!("no certificate") };
    let mut join =
        Join::new(world.join_token(json!({"allow_api_key": true})).await["token"].as_str().expect("a token"), "keyed").expect("made");
    join.request.csr_der.clear();
    let keyed = join.send(&world.server).await.expect("joins");
    let RawCredential::ApiKey(api_key) = &keyed.credential else { panic!("no API key") };
    let holding = |text: &str| world.stranger().holding(text);
    vec![
        ("revoked token", holding(&secret(&revoked))),
        ("expired token", late),
        ("rotated away", holding(&secret(&rotated))),
        ("token of a disabled user", holding(&secret(&of_leaver))),
        ("join token", holding(&world.token().await)),
        ("agent's API key", holding(api_key)),
        ("agent's certificate", Api::certified(&world.server, certificate, key)),
    ]
}

/// Every operation that is not public refuses every one of these callers.
async fn closed_to(world: &World, things: &Things, callers: &[(&str, Api)]) {
    for operation in operations(world, things).await {
        if PUBLIC.iter().any(|(name, _)| *name == operation.name) {
            continue;
        }
        for (who, caller) in callers {
            let answer = operation.ask(caller).await;
            assert_eq!((answer.status, answer.code().as_str()), (401, "unauthenticated"), "{operation:?} as {who}");
        }
    }
}
