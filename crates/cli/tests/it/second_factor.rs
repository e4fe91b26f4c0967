//! Logging in with a second factor.

use mc_api::second_factor::TotpCode;
use mc_domain::time::{Clock as _, SystemClock};
use mc_testkit::{
    Server,
    server::{PASSWORD, add_user},
};
use totp_rs::{Builder, Secret};

use crate::mc::Mc;

/// An app's code now, or so many steps later.
fn code(seed: &str, steps: u64) -> String {
    let app = Builder::new().with_secret(Secret::try_from_base32(seed).expect("base32")).build().expect("an app");
    let now = u64::try_from(SystemClock.now().as_secs()).expect("a clock");
    app.generate(now + steps * 30).to_string()
}

#[tokio::test]
async fn the_code_is_asked_for_and_taken_from_stdin() {
    let server = Server::start().await.expect("server");
    add_user(&server.admin().await.expect("admin"), "olga", mc_domain::role::Role::Operator).await.expect("olga");
    let olga = server.login("olga").await.expect("olga logs in");
    let begun = olga.me_totp_begin().await.expect("a seed");
    let codes = olga.me_totp_confirm(&TotpCode { code: code(&begun.secret, 0) }).await.expect("in force").recovery_codes;

    let mc = Mc::new();
    mc.login(&server, "olga", PASSWORD).await.exits(2).says("pass --code-stdin");
    let (url, pin) = (server.url(), server.ca_pin().expect("pin").to_string());
    let login = ["login", "--server", &url, "--ca-pin", &pin, "--username", "olga", "--password-stdin", "--code-stdin"];
    mc.fed(&login, PASSWORD).await.exits(2).says("a line each");
    mc.fed(&login, &format!("{PASSWORD}\nabcd-efgh-jkmn-pqrs\n")).await.exits(3).says("this is not right");
    assert!(!mc.config().exists(), "a failed login leaves nothing behind");
    mc.fed(&login, &format!("{PASSWORD}\n{}\n", code(&begun.secret, 1))).await.exits(0);
    assert_eq!(mc.json(&["status"]).await["user"], "olga");
    mc.fed(&login, &format!("{PASSWORD}\n{}\n", codes[0])).await.exits(0);
}
