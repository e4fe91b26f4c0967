//! Second factors: what counts once counts once, also when many show it at the same moment.

use mc_domain::{
    action,
    id::{PasskeyId, SessionId, UserId},
    permit::Everything,
    role::Role,
    user::User,
};
use mc_store::{LoginChallenge, Passkey, SecondFactors, Shown, ShownFor, StoreError};

use crate::support::{TestStore, at, entry, permit, session, stored_user};

on_both_engines!(
    an_app_counts_once_confirmed,
    a_code_is_spent_once_by_many,
    a_recovery_code_is_spent_once,
    a_challenge_is_counted_and_ends,
    a_user_has_few_challenges,
    a_login_that_enrols_spends_its_challenge,
    a_passkeys_counter_grows,
    a_step_up_is_noted_in_the_session,
    codes_go_with_the_last_factor,
    a_reset_takes_everything,
);

async fn alice(store: &TestStore) -> User {
    stored_user(store, "alice", Role::Viewer).await
}

fn hashes(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

/// With an app whose step 100 is spent, and two recovery codes.
async fn enrolled(store: &TestStore) -> User {
    let alice = alice(store).await;
    store.totp_begin(&permit(Everything), alice.id, "seed", &entry("me_totp_begin")).await.unwrap();
    let confirm = permit::<_, action::MeTotpConfirm>(Everything);
    let done = store.totp_confirm(&confirm, alice.id, ("seed", 100), &hashes(&["r1", "r2"]), &entry("me_totp_confirm")).await;
    assert_eq!(done, Ok(true));
    alice
}

fn challenge(hash: &str, user: UserId, created: i64) -> LoginChallenge {
    let (hash, content) = (hash.to_owned(), "sealed".to_owned());
    LoginChallenge { hash, user_id: user, content, tries: 0, created_at: at(created), expires_at: at(created + 300) }
}

async fn begun(store: &TestStore, user: UserId, hash: &str) -> ShownFor {
    // Newer than all others here: of many, the oldest give way.
    store.login_challenge_insert(&challenge(hash, user, 100)).await.unwrap();
    ShownFor::Login(hash.to_owned())
}

async fn an_app_counts_once_confirmed(store: &TestStore) {
    let alice = alice(store).await;
    assert_eq!(store.second_factors(alice.id).await, Ok(SecondFactors::default()));
    let begin = permit::<_, action::MeTotpBegin>(Everything);
    store.totp_begin(&begin, alice.id, "one", &entry("me_totp_begin")).await.unwrap();
    store.totp_begin(&begin, alice.id, "two", &entry("me_totp_begin")).await.unwrap();
    assert_eq!(store.totp(alice.id).await, Ok(None));
    assert!(!store.second_factors(alice.id).await.unwrap().any());
    assert_eq!(store.totp_pending(alice.id, at(-1)).await.unwrap().as_deref(), Some("two"));
    assert_eq!(store.totp_pending(alice.id, at(0)).await, Ok(None), "it waited too long");
    let confirm = permit::<_, action::MeTotpConfirm>(Everything);
    let codes = hashes(&["r1"]);
    assert_eq!(store.totp_confirm(&confirm, alice.id, ("one", 7), &codes, &entry("me_totp_confirm")).await, Ok(false));
    assert_eq!(store.totp_confirm(&confirm, alice.id, ("two", 7), &codes, &entry("me_totp_confirm")).await, Ok(true));
    assert_eq!(store.totp_confirm(&confirm, alice.id, ("two", 8), &codes, &entry("me_totp_confirm")).await, Ok(false));
    let totp = store.totp(alice.id).await.unwrap().unwrap();
    assert_eq!((totp.seed.as_str(), totp.last_step), ("two", 7));
    assert_eq!(store.second_factors(alice.id).await, Ok(SecondFactors { totp: true, passkeys: 0, recovery_codes: 1 }));
    assert_eq!(store.audit_actions().await, ["user_create", "me_totp_begin", "me_totp_begin", "me_totp_confirm"]);
}

async fn a_code_is_spent_once_by_many(store: &TestStore) {
    let alice = enrolled(store).await;
    let tries = (0..16).map(|n| {
        let (store, user) = (store.store.clone(), alice.id);
        tokio::spawn(async move {
            let hash = format!("c{n}");
            store.login_challenge_insert(&challenge(&hash, user, n)).await.unwrap();
            store.second_factor_spend(user, &Shown::Totp { step: 101 }, &ShownFor::Login(hash), &entry("answer")).await.unwrap()
        })
    });
    let right = futures::future::join_all(tries).await.into_iter().filter(|done| *done.as_ref().unwrap()).count();
    assert_eq!(right, 1);
    let before = begun(store, alice.id, "before").await;
    assert_eq!(store.second_factor_spend(alice.id, &Shown::Totp { step: 100 }, &before, &entry("answer")).await, Ok(false));
    assert_eq!(
        store.second_factor_spend(alice.id, &Shown::Totp { step: 102 }, &before, &entry("answer")).await,
        Ok(true),
        "kept till then"
    );
    assert_eq!(store.second_factor_spend(alice.id, &Shown::Totp { step: 103 }, &before, &entry("answer")).await, Ok(false));
    assert_eq!(store.audit_actions().await.iter().filter(|action| *action == "answer").count(), 2, "no entry for what did not count");
}

async fn a_recovery_code_is_spent_once(store: &TestStore) {
    let alice = enrolled(store).await;
    let mallory = stored_user(store, "mallory", Role::Viewer).await;
    let code = Shown::Recovery { hash: "r1".to_owned() };
    let theirs = begun(store, mallory.id, "m").await;
    assert_eq!(store.second_factor_spend(mallory.id, &code, &theirs, &entry("answer")).await, Ok(false), "another user's");
    assert_eq!(store.second_factor_spend(alice.id, &code, &theirs, &entry("answer")).await, Ok(false), "another user's challenge");
    let (one, two) = (begun(store, alice.id, "one").await, begun(store, alice.id, "two").await);
    assert_eq!(store.second_factor_spend(alice.id, &code, &one, &entry("answer")).await, Ok(true));
    assert_eq!(store.second_factor_spend(alice.id, &code, &two, &entry("answer")).await, Ok(false));
    assert_eq!(store.second_factors(alice.id).await.unwrap().recovery_codes, 1);
    let replace = permit::<_, action::MeRecoveryCodes>(Everything);
    store.recovery_codes_replace(&replace, alice.id, &hashes(&["n1", "n2", "n3"]), &entry("me_recovery_codes")).await.unwrap();
    let old = Shown::Recovery { hash: "r2".to_owned() };
    assert_eq!(store.second_factor_spend(alice.id, &old, &two, &entry("answer")).await, Ok(false));
    assert_eq!(store.second_factors(alice.id).await.unwrap().recovery_codes, 3);
}

async fn a_challenge_is_counted_and_ends(store: &TestStore) {
    let alice = alice(store).await;
    store.login_challenge_insert(&challenge("c", alice.id, 0)).await.unwrap();
    let tries = (0..12).map(|_| {
        let store = store.store.clone();
        tokio::spawn(async move { store.login_challenge_try("c", at(1), 5).await.unwrap().is_some() })
    });
    let borne = futures::future::join_all(tries).await.into_iter().filter(|done| *done.as_ref().unwrap()).count();
    assert_eq!(borne, 5);
    assert_eq!(store.login_challenge("c", at(299)).await.unwrap().unwrap().tries, 5);
    assert_eq!(store.login_challenge("c", at(300)).await, Ok(None));
    store.login_challenge_insert(&challenge("late", alice.id, 0)).await.unwrap();
    assert_eq!(store.login_challenge_try("late", at(300), 5).await, Ok(None));
    assert_eq!(store.login_challenge_update("late", "other").await, Ok(true));
    assert_eq!(store.login_challenge_update("never", "other").await, Ok(false));
    store.challenge_prune(at(301)).await.unwrap();
    assert_eq!(store.login_challenge_update("late", "other").await, Ok(false), "it is forgotten");
}

async fn a_user_has_few_challenges(store: &TestStore) {
    let alice = alice(store).await;
    for n in 0..14 {
        store.login_challenge_insert(&challenge(&format!("c{n:02}"), alice.id, n)).await.unwrap();
    }
    let mut left = Vec::new();
    for n in 0..14 {
        if store.login_challenge(&format!("c{n:02}"), at(20)).await.unwrap().is_some() {
            left.push(n);
        }
    }
    assert_eq!(left, (4..14).collect::<Vec<_>>());
}

async fn a_login_that_enrols_spends_its_challenge(store: &TestStore) {
    let alice = alice(store).await;
    begun(store, alice.id, "c").await;
    let codes = hashes(&["r1"]);
    assert_eq!(store.totp_enrol("other", alice.id, ("seed", 5), &codes, &entry("enrol")).await, Ok(false));
    assert_eq!(store.totp_enrol("c", alice.id, ("seed", 5), &codes, &entry("enrol")).await, Ok(true));
    assert_eq!(store.totp_enrol("c", alice.id, ("mine", 5), &codes, &entry("enrol")).await, Ok(false));
    begun(store, alice.id, "second").await;
    assert_eq!(store.totp_enrol("second", alice.id, ("mine", 5), &codes, &entry("enrol")).await, Ok(false), "an app in force stays");
    assert_eq!(store.totp(alice.id).await.unwrap().unwrap().seed, "seed");
    assert_eq!(store.audit_actions().await, ["user_create", "enrol"]);
}

async fn added(store: &TestStore, user: UserId, credential: &str) -> Passkey {
    let passkey = Passkey {
        id: PasskeyId::new(),
        user_id: user,
        credential_id: credential.to_owned(),
        name: "phone".to_owned(),
        credential: "{}".to_owned(),
        created_at: at(0),
        last_used_at: None,
    };
    let add = permit::<_, action::MePasskeyAdd>(Everything);
    let done = store.passkey_insert(&add, &passkey, (credential, at(300)), &entry("me_passkey_add")).await;
    assert_eq!(done, Ok(true));
    passkey
}

async fn a_passkeys_counter_grows(store: &TestStore) {
    let (alice, bob) = (alice(store).await, stored_user(store, "bob", Role::Viewer).await);
    let passkey = added(store, alice.id, "k1").await;
    let add = permit::<_, action::MePasskeyAdd>(Everything);
    let twice = Passkey { id: PasskeyId::new(), user_id: bob.id, ..passkey.clone() };
    assert_eq!(store.passkey_insert(&add, &twice, ("k1", at(300)), &entry("x")).await, Ok(false), "the challenge is spent");
    assert!(matches!(store.passkey_insert(&add, &twice, ("fresh", at(300)), &entry("x")).await, Err(StoreError::Conflict(_))));

    let shown = |counter| Shown::Passkey { id: passkey.id, counter, credential: format!("{{\"counter\":{counter}}}") };
    let mut n = 0;
    let mut spend = async |user, counter| {
        n += 1;
        let challenge = ShownFor::Passwordless(format!("p{n}"), at(300));
        store.second_factor_spend(user, &shown(counter), &challenge, &entry("passkey_finish")).await.unwrap()
    };
    assert!(spend(alice.id, 0).await && spend(alice.id, 0).await, "a device without a counter");
    assert!(spend(alice.id, 5).await);
    for counter in [5, 4, 0] {
        assert!(!spend(alice.id, counter).await, "{counter}");
    }
    assert!(!spend(bob.id, 6).await, "another user's");
    assert!(spend(alice.id, 6).await);
    let again = ShownFor::Passwordless("p1".to_owned(), at(300));
    assert_eq!(store.second_factor_spend(alice.id, &shown(7), &again, &entry("x")).await, Ok(false), "the challenge is spent");
    let kept = store.passkey_by_credential("k1").await.unwrap().unwrap();
    assert_eq!((kept.credential.as_str(), kept.last_used_at), ("{\"counter\":6}", Some(at(0))));
    let rename = permit::<_, action::MePasskeyRename>(Everything);
    assert_eq!(store.passkey_rename(&rename, (bob.id, passkey.id), "mine", &entry("x")).await, Err(StoreError::NotFound));
    store.passkey_rename(&rename, (alice.id, passkey.id), "old phone", &entry("me_passkey_rename")).await.unwrap();
    assert_eq!(store.passkey_list(alice.id).await.unwrap()[0].name, "old phone");
}

async fn a_step_up_is_noted_in_the_session(store: &TestStore) {
    let alice = enrolled(store).await;
    let open = session(&alice);
    store.session_insert(&open, None, "t1", &entry("login")).await.unwrap();
    let for_it = ShownFor::StepUp(open.id, None);
    let late = || mc_domain::audit::AuditEntry { at: at(50), ..entry("me_step_up") };
    assert_eq!(store.second_factor_spend(alice.id, &Shown::Totp { step: 101 }, &for_it, &late()).await, Ok(true));
    let verified = store.session_live(open.id, at(51)).await.unwrap().unwrap().0.verified_at;
    assert_eq!(verified, at(50));
    let elsewhere = ShownFor::StepUp(SessionId::new(), None);
    assert_eq!(store.second_factor_spend(alice.id, &Shown::Totp { step: 102 }, &elsewhere, &late()).await, Ok(false));
    assert_eq!(
        store.second_factor_spend(alice.id, &Shown::Totp { step: 102 }, &for_it, &late()).await,
        Ok(true),
        "it was not spent in vain"
    );
    assert_eq!(store.second_factor_spend(alice.id, &Shown::Password, &for_it, &late()).await, Ok(true));
}

async fn codes_go_with_the_last_factor(store: &TestStore) {
    let alice = enrolled(store).await;
    let passkey = added(store, alice.id, "k1").await;
    store.totp_remove(&permit(Everything), alice.id, &entry("me_totp_remove")).await.unwrap();
    assert_eq!(store.second_factors(alice.id).await, Ok(SecondFactors { totp: false, passkeys: 1, recovery_codes: 2 }));
    let remove = permit::<_, action::MePasskeyRemove>(Everything);
    store.passkey_remove(&remove, (alice.id, passkey.id), &entry("me_passkey_remove")).await.unwrap();
    assert_eq!(store.second_factors(alice.id).await, Ok(SecondFactors::default()));
    assert_eq!(store.passkey_remove(&remove, (alice.id, passkey.id), &entry("x")).await, Err(StoreError::NotFound));
    assert_eq!(store.totp_remove(&permit(Everything), alice.id, &entry("x")).await, Err(StoreError::NotFound));
}

async fn a_reset_takes_everything(store: &TestStore) {
    let alice = enrolled(store).await;
    added(store, alice.id, "k1").await;
    begun(store, alice.id, "c").await;
    let open = session(&alice);
    store.session_insert(&open, None, "t1", &entry("login")).await.unwrap();
    let reset = permit::<_, action::UserSecondFactorReset>(alice.clone());
    store.second_factor_reset(&reset, &entry("user_second_factor_reset")).await.unwrap();
    assert_eq!(store.second_factors(alice.id).await, Ok(SecondFactors::default()));
    assert_eq!(store.login_challenge("c", at(1)).await, Ok(None));
    assert_eq!(store.session_live(open.id, at(1)).await, Ok(None));
}
