//! Users as admins see and change them: addresses, seats, sessions, and what stays of who is deleted.

use mc_testkit::server::PASSWORD;
use serde_json::{Value, json};

use crate::support::{Engine, World, entries, on_both_engines};

on_both_engines!(
    users_are_found_by_what_is_known_of_them,
    an_address_is_one_persons,
    a_deleted_user_leaves_a_name_and_a_trail,
    seats_are_counted,
    an_admin_sees_and_ends_sessions,
    an_account_without_a_password_begins_with_a_link,
);

const USERS: &str = "/api/v1/admin/users";

fn names(list: &Value) -> Vec<&str> {
    entries(list).filter_map(|user| user["username"].as_str()).collect()
}

async fn users_are_found_by_what_is_known_of_them(engine: Engine) {
    let world = World::start(engine).await;
    let wish =
        json!({"username": "ada", "password": PASSWORD, "role": "operator", "display_name": "Ada Lovelace", "email": "Ada@example.org"});
    let made = world.admin.post(USERS, &wish).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let ada = made.json();
    assert_eq!(
        (&ada["display_name"], &ada["email"], &ada["email_verified"]),
        (&json!("Ada Lovelace"), &json!("Ada@example.org"), &json!(false))
    );
    assert!(ada.get("link").is_none() && ada.get("password").is_none(), "{ada}");
    let id = world.user_add("bob", "viewer").await;
    assert_eq!(world.admin.patch(&format!("{USERS}/{id}"), &json!({"active": false})).await.status, 200);

    let find = async |query: &str| names(&world.admin.get(&format!("{USERS}?{query}")).await.json()).join(",");
    assert_eq!(find("").await, "ada,admin,bob");
    for (query, wanted) in [
        ("q=LOVELACE", "ada"),
        ("q=example.org", "ada"),
        ("q=%25", ""),
        ("status=disabled", "bob"),
        ("status=active", "ada,admin"),
        ("status=locked", ""),
        ("role=operator", "ada"),
        ("role=viewer&status=active", ""),
    ] {
        assert_eq!(find(query).await, wanted, "{query}");
    }
    let first = world.admin.get(&format!("{USERS}?limit=2")).await.json();
    assert_eq!((names(&first), &first["total"], &first["next_cursor"]), (vec!["ada", "admin"], &json!(3), &json!("admin")));
    let rest = world.admin.get(&format!("{USERS}?limit=2&cursor=admin")).await.json();
    assert_eq!((names(&rest), rest.get("next_cursor")), (vec!["bob"], None));
    assert_eq!(world.admin.get(&format!("{USERS}?status=asleep")).await.status, 400);
    world.login("ada").await;
    let seen = world.admin.get(&format!("{USERS}/{}", ada["id"].as_str().expect("an id"))).await.json();
    assert!(seen["last_login_at"].is_string(), "{seen}");
}

async fn an_address_is_one_persons(engine: Engine) {
    let world = World::start(engine).await;
    let (ada, bob) = (world.user_add("ada", "viewer").await, world.user_add("bob", "viewer").await);
    let set = async |id: &str, email: &str| world.admin.patch(&format!("{USERS}/{id}"), &json!({"email": email})).await;
    assert_eq!(set(&ada, "ada@example.org").await.json()["email"], "ada@example.org");
    let taken = set(&bob, "ADA@Example.org").await;
    assert_eq!((taken.status, taken.code().as_str()), (409, "email_taken"));
    for bad in ["ada", "a@b@c", "ada@example.org\r\nBcc: eve@example.org", "аda@example.org"] {
        assert_eq!(set(&bob, bad).await.status, 400, "{bad}");
    }
    assert!(set(&ada, "").await.json().get("email").is_none());
    assert_eq!(set(&bob, "ADA@Example.org").await.status, 200, "it is free again");
    assert_eq!(world.audit("user_update").await.len(), 3);
}

#[tokio::test]
async fn names_that_look_alike_are_impossible() {
    let world = World::start(Engine::Sqlite).await;
    let alike =
        ["Admin", "ADMIN", "аdmin", "admin\u{200b}", "adm\u{131}n", "ａｄｍｉｎ", " admin", "admin ", "ad\u{0301}min", "admin\u{202e}"];
    for name in alike {
        let refused = world.admin.post(USERS, &json!({"username": name, "password": PASSWORD, "role": "viewer"})).await;
        assert_eq!((refused.status, refused.code().as_str()), (400, "invalid"), "{name:?}");
    }
    for (n, name) in alike.iter().enumerate() {
        let place = [127, 0, 7, u8::try_from(n).expect("few") + 1];
        let tried = crate::support::Api::from_address(&world.server, Some(place.into())).login(name, PASSWORD).await;
        assert_eq!((tried.status, tried.code().as_str()), (401, "login_failed"), "{name:?} is nobody");
    }
}

async fn a_deleted_user_leaves_a_name_and_a_trail(engine: Engine) {
    let world = World::start(engine).await;
    let id = world.user_add("vera", "operator").await;
    let path = format!("{USERS}/{id}");
    assert_eq!(world.admin.patch(&path, &json!({"email": "vera@example.org"})).await.status, 200);
    let login = world.stranger().login("vera", PASSWORD).await;
    let vera = world.stranger().holding(&login.access_token());
    assert_eq!(vera.get("/api/v1/me").await.status, 200);
    assert_eq!(world.admin.delete(&path).await.status, 204);

    assert_eq!(vera.get("/api/v1/me").await.status, 401, "the session is over");
    assert_eq!(vera.refresh(&login.refresh_token()).await.code(), "session_ended");
    assert_eq!(world.stranger().login("vera", PASSWORD).await.code(), "login_failed");
    for answer in [world.admin.get(&path).await, world.admin.delete(&path).await, world.admin.patch(&path, &json!({"active": true})).await]
    {
        assert_eq!((answer.status, answer.code().as_str()), (404, "not_found"));
    }
    assert_eq!(names(&world.admin.get(USERS).await.json()), ["admin"]);
    let again = world.admin.post(USERS, &json!({"username": "vera", "password": PASSWORD, "role": "viewer"})).await;
    assert_eq!((again.status, again.code().as_str()), (409, "name_taken"), "nobody else becomes vera");
    let other = json!({"username": "vera2", "password": PASSWORD, "role": "viewer", "email": "vera@example.org"});
    assert_eq!(world.admin.post(USERS, &other).await.status, 201, "the address is free");
    assert_eq!(world.audit("user_delete").await[0]["resource"], "vera");
    assert!(world.audit("login").await.iter().any(|entry| entry["actor"] == "vera"), "what vera did stays on record");
    let me = world.admin.get("/api/v1/auth/me").await.json()["id"].as_str().expect("an id").to_owned();
    assert_eq!(world.admin.delete(&format!("{USERS}/{me}")).await.code(), "last_admin");
}

async fn seats_are_counted(engine: Engine) {
    let world = World::start(engine).await;
    let id = world.user_add("one", "viewer").await;
    let settings = "/api/v1/admin/settings";
    assert_eq!(
        world.admin.get(settings).await.json(),
        json!({"seat_cap": null, "seats_used": 2, "require_second_factor": [], "step_up": []})
    );
    let put = world.admin.put(settings, &json!({"seat_cap": 2, "step_up": ["admin"]})).await;
    assert_eq!(put.json(), json!({"seat_cap": 2, "seats_used": 2, "require_second_factor": [], "step_up": ["admin"]}), "{}", put.text());
    assert_eq!(world.admin.put(settings, &json!({"seat_cap": 0})).await.status, 400);
    assert_eq!(world.admin.put(settings, &json!({"step_up": ["nosuchrole"]})).await.status, 400);

    let make = async |name: &str| world.admin.post(USERS, &json!({"username": name, "password": PASSWORD, "role": "viewer"})).await;
    assert_eq!(make("two").await.code(), "seats_full");
    let active = async |yes: bool| world.admin.patch(&format!("{USERS}/{id}"), &json!({"active": yes})).await;
    assert_eq!(active(true).await.status, 200, "who has a seat keeps it");
    assert_eq!(active(false).await.status, 200);
    let (two, three) = tokio::join!(make("two"), make("three"));
    let mut statuses = [two.status, three.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409], "two at once do not share a seat: {} {}", two.text(), three.text());
    assert_eq!(active(true).await.code(), "seats_full");
    assert_eq!(world.admin.put(settings, &json!({})).await.json()["seat_cap"], Value::Null);
    assert_eq!(active(true).await.status, 200);
    assert_eq!(world.audit("settings_update").await.len(), 2);
}

async fn an_admin_sees_and_ends_sessions(engine: Engine) {
    let world = World::start(engine).await;
    let id = world.user_add("vera", "viewer").await;
    let (one, two) = (world.login("vera").await, world.login("vera").await);
    let path = format!("{USERS}/{id}/sessions");
    let list = world.admin.get(&path).await.json();
    assert_eq!(list["total"], 2, "{list}");
    assert!(
        entries(&list).all(|session| session["method"] == "password" && session["address"] == "127.0.0.1" && session["current"] == false)
    );
    assert_eq!(one.get("/api/v1/me").await.status, 200);
    assert_eq!(world.admin.delete(&path).await.status, 204);
    for caller in [one, two] {
        assert_eq!(caller.get("/api/v1/me").await.status, 401);
    }
    assert_eq!(world.admin.get(&path).await.json()["total"], 0);
    assert_eq!(world.admin.get("/api/v1/me").await.status, 200, "the admin's own stay");
}

async fn an_account_without_a_password_begins_with_a_link(engine: Engine) {
    let world = World::start(engine).await;
    for wrong in
        [json!({"username": "x", "role": "viewer"}), json!({"username": "x", "role": "viewer", "invite": true, "password": PASSWORD})]
    {
        assert_eq!(world.admin.post(USERS, &wrong).await.status, 400);
    }
    let made = world.admin.post(USERS, &json!({"username": "nora", "role": "viewer", "invite": true})).await.json();
    let url = made["link"]["url"].as_str().expect("a link");
    let (page, token) = url.split_once("#token=").expect("a fragment");
    assert!(page.ends_with("/reset") && token.starts_with("mcp_"), "{url}");
    for password in ["", PASSWORD] {
        assert_eq!(world.stranger().login("nora", password).await.code(), "login_failed");
    }
    let reset = json!({"token": token, "password": PASSWORD});
    assert_eq!(world.stranger().post("/api/v1/auth/password/reset", &reset).await.status, 204);
    assert_eq!(world.login("nora").await.get("/api/v1/me").await.json()["has_password"], true);
}
