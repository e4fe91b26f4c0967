//! Guessing passwords is slow, and keeps nobody out but the guesser.

use std::net::Ipv4Addr;

use futures::future::join_all;
use mc_testkit::server::PASSWORD;
use serde_json::json;

use crate::support::{Answer, Api, Engine, World, api::send, on_both_engines};

on_both_engines!(strangers_are_slowed_and_the_owner_is_not, a_flood_leaves_a_short_trail);

fn at(world: &World, place: [u8; 4]) -> Api {
    Api::from_address(&world.server, Some(Ipv4Addr::from(place).into()))
}

/// Wrong passwords for this name, each from another address.
async fn guess(world: &World, name: &str, net: u8, times: u8) -> Vec<Answer> {
    join_all((1..=times).map(async |n| at(world, [127, 0, net, n]).login(name, "not the password").await)).await
}

async fn with_device(api: &Api, name: &str, device: &str) -> Answer {
    let request = api.request("POST", "/api/v1/auth/login").header("cookie", format!("__Host-mc_device={device}"));
    send(request.json(&json!({"username": name, "password": PASSWORD}))).await
}

fn parts(answer: &Answer) -> (u16, String, Vec<String>) {
    let mut problem = answer.json();
    for varies in ["request_id", "detail"] {
        problem[varies] = json!("");
    }
    (answer.status, problem.to_string(), answer.headers.keys().map(ToString::to_string).collect())
}

async fn strangers_are_slowed_and_the_owner_is_not(engine: Engine) {
    let world = World::start(engine).await;
    let id = world.user_add("ada", "viewer").await;
    let home = at(&world, [127, 0, 2, 1]);
    let first = home.login("ada", PASSWORD).await;
    let (device, attributes) = first.cookie("__Host-mc_device").expect("the device is known from now on");
    for wanted in ["HttpOnly", "Secure", "SameSite=Strict", "Path=/;"] {
        assert!(attributes.contains(wanted), "{attributes}");
    }
    for (name, net) in [("ada", 10), ("nobody", 11)] {
        let answers = guess(&world, name, net, 21).await;
        assert!(answers.iter().all(|answer| [401, 429].contains(&answer.status)));
        assert!(answers.iter().filter(|answer| answer.status == 401).count() >= 20, "the first ones are free");
    }
    // Pauses are a second at first: tried until one meets a pause, for a user there is and for one there is not.
    let held = async |name: &str, net: u8| {
        for n in 1..=250 {
            let answer = at(&world, [127, 0, net, n]).login(name, PASSWORD.to_uppercase().as_str()).await;
            if answer.status == 429 {
                return answer;
            }
        }
        panic!("{name} was never held up");
    };
    let (known, unknown) = (held("ada", 12).await, held("nobody", 13).await);
    assert_eq!(known.code(), "rate_limited");
    assert_eq!(parts(&known), parts(&unknown), "nobody learns who is a user here");
    let wait: u64 = known.header("retry-after").parse().expect("seconds");
    assert!((1..=10).contains(&wait), "slow, and never shut: {wait}");

    let locked = held("ada", 14).await;
    assert_eq!(locked.status, 429);
    let away = at(&world, [127, 0, 3, 1]);
    assert_eq!(with_device(&away, "ada", &device).await.status, 200, "a known device at an unknown place");
    assert_eq!(home.login("ada", PASSWORD).await.status, 200, "a known place without its device");
    let bob = world.user_add("bob", "viewer").await;
    assert_eq!(at(&world, [127, 0, 3, 3]).login("bob", PASSWORD).await.status, 200, "others do not notice: {bob}");

    assert_eq!(world.admin.patch(&format!("/api/v1/admin/users/{id}"), &json!({"unlock": true})).await.status, 200);
    assert_eq!(at(&world, [127, 0, 3, 4]).login("ada", PASSWORD).await.status, 200, "an admin lets everybody try again");
}

async fn a_flood_leaves_a_short_trail(engine: Engine) {
    let mut world = World::start(engine).await;
    let here = at(&world, [127, 0, 4, 1]);
    let mut held = 0;
    for _ in 0..18 {
        let answer = here.login("ada", "not the password").await;
        held += u32::from(answer.status == 429);
    }
    assert!(held > 0, "one place is slowed at one name");
    let failed = world.audit("login").await.iter().filter(|entry| entry["result"] == "failed").count();
    assert_eq!(failed + usize::try_from(held).expect("few"), 18, "what is held up is not written one by one");
    world.server.stop().await.expect("it ends");
    world.server.start_again().await.expect("it starts again");
    let trail = world.audit("login_flood").await;
    assert_eq!(trail.len(), 1, "{trail:?}");
    assert_eq!((trail[0]["resource"].as_str(), trail[0]["address"].as_str()), (Some("ada"), Some("127.0.4.1")));
    assert!(trail[0]["detail"].as_str().is_some_and(|text| text.starts_with(&format!("{held} tries"))), "{trail:?}");
}
