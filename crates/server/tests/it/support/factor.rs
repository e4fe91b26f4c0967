//! An authenticator app, and what users do with it.

use mc_domain::time::{Clock as _, SystemClock};
use mc_testkit::server::PASSWORD;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret, Totp};

use super::{Answer, Api, World};

/// Seconds of a code.
const STEP: u64 = 30;

/// An app with one account. Its codes are counted from when it was set up, so that a test has two that follow each other and are good for
/// half a minute at least.
pub(crate) struct App {
    totp: Totp,
    began: u64,
    /// The seed as text, to be looked for where it must not be.
    pub(crate) seed: String,
}

impl App {
    /// One that scanned this.
    pub(crate) fn scanned(enrolment: &Value) -> Self {
        let seed = enrolment["secret"].as_str().expect("a seed").to_owned();
        assert!(enrolment["url"].as_str().expect("an address").contains(&seed));
        assert!(enrolment["qr_svg"].as_str().expect("a picture").contains("<svg"));
        let secret = Secret::try_from_base32(&seed).expect("base32");
        let totp = Builder::new().with_secret(secret).build().expect("an app");
        let began = u64::try_from(SystemClock.now().as_secs()).expect("a clock");
        Self { totp, began, seed }
    }

    /// The code of so many steps after the app was set up.
    pub(crate) fn code(&self, steps: u64) -> String {
        self.totp.generate(self.began + steps * STEP).to_string()
    }

    /// A code that is none of those that count now.
    pub(crate) fn wrong(&self) -> String {
        let right: Vec<String> = (0..6).map(|n| self.totp.generate(self.began + n * STEP - 2 * STEP).to_string()).collect();
        (0..).map(|n| format!("{n:06}")).find(|code| !right.contains(code)).expect("a wrong code")
    }
}

impl World {
    /// Sets up an app for whoever calls; spends its first code. The recovery codes come with it.
    pub(crate) async fn enrol(&self, caller: &Api) -> (App, Vec<String>) {
        let begun = caller.post("/api/v1/me/totp", &json!({})).await;
        assert_eq!(begun.status, 200, "{}", begun.text());
        let app = App::scanned(&begun.json());
        let confirmed = caller.post("/api/v1/me/totp/confirm", &json!({"code": app.code(0)})).await;
        assert_eq!(confirmed.status, 200, "{}", confirmed.text());
        (app, recovery_codes(&confirmed))
    }

    /// Gives the password from this caller's place, and expects to be asked for more: the challenge.
    pub(crate) async fn challenge(&self, caller: &Api, name: &str) -> Value {
        let asked = caller.login(name, PASSWORD).await;
        assert_eq!(asked.status, 202, "{}", asked.text());
        assert!(asked.cookie("__Host-mc_access").is_none() && asked.cookie("__Host-mc_refresh").is_none(), "no session yet");
        asked.json()
    }
}

impl Api {
    /// Answers a challenge with one thing.
    pub(crate) async fn second_factor(&self, asked: &Value, what: &str, shown: impl Into<Value>) -> Answer {
        self.post("/api/v1/auth/second-factor", &json!({"challenge": asked["challenge"], what: shown.into()})).await
    }
}

/// The recovery codes of an answer.
pub(crate) fn recovery_codes(answer: &Answer) -> Vec<String> {
    let codes = answer.json()["recovery_codes"].clone();
    codes.as_array().expect("codes").iter().map(|code| code.as_str().expect("a code").to_owned()).collect()
}
