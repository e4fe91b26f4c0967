//! Users.

use mc_domain::{
    action::{UserCreate, UserList, UserSetRole, UserUpdate},
    permit::Everything,
    role::Role,
    user::User,
};
use mc_store::{StoreError, UserFilter};

use crate::support::{TestStore, at, entry, permit, secs, session, stored_user, twice, user};

on_both_engines!(first_user, one_first_user_of_many, names, last_admin, last_two_admins_at_once, disabling, password, touch);

async fn first_user(store: &TestStore) {
    assert_eq!(store.user_count().await, Ok(0));
    let alice = user("alice", Role::Admin);
    store.user_insert_first(&alice, "hash-1", &entry("setup_complete")).await.expect("there is none yet");
    assert_eq!(store.user_count().await, Ok(1));
    let refused = store.user_insert_first(&user("bob", Role::Admin), "hash-2", &entry("setup_complete")).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    assert_eq!(store.user_by_name(&alice.name).await, Ok(Some((alice.clone(), "hash-1".to_owned()))));
    assert_eq!(store.user_by_id(alice.id).await, Ok(Some(alice)));
    assert_eq!(store.user_by_name(&"bob".parse().unwrap()).await, Ok(None));
    assert_eq!(store.audit_actions().await, ["setup_complete"], "what was refused leaves no entry");
}

async fn one_first_user_of_many(store: &TestStore) {
    let tries = (0..16).map(|n| {
        let (store, user) = (store.store.clone(), user(&format!("u{n}"), Role::Admin));
        tokio::spawn(async move { store.user_insert_first(&user, "hash", &entry("setup_complete")).await })
    });
    let results = futures::future::join_all(tries).await;
    assert_eq!(results.into_iter().filter(|result| matches!(result, Ok(Ok(())))).count(), 1);
    assert_eq!(store.user_count().await, Ok(1));
}

async fn names(store: &TestStore) {
    stored_user(store, "bob", Role::Viewer).await;
    stored_user(store, "alice", Role::Operator).await;
    let again = store.user_insert(&permit::<_, UserCreate>(Everything), &user("bob", Role::Admin), "hash", &entry("user_create")).await;
    assert_eq!(again, Err(StoreError::NameTaken));
    let users = store.user_list(&permit::<_, UserList>(Everything), &UserFilter::default(), 100, None).await.unwrap().0;
    assert_eq!(
        users.iter().map(|user| (user.name.as_str(), user.role.built_in())).collect::<Vec<_>>(),
        [("alice", Some(Role::Operator)), ("bob", Some(Role::Viewer))]
    );
    assert_eq!(store.audit_actions().await.len(), 2);
}

async fn last_admin(store: &TestStore) {
    let alice = stored_user(store, "alice", Role::Admin).await;
    let bob = stored_user(store, "bob", Role::Viewer).await;
    let set_role =
        |user, role: Role| async move { store.user_set_role(&permit::<_, UserSetRole>(user), &role.into(), &entry("user_set_role")).await };
    let disable = |user, at| async move { store.user_set_disabled(&permit::<_, UserUpdate>(user), at, &entry("user_update")).await };
    assert_eq!(set_role(alice.clone(), Role::Operator).await, Err(StoreError::LastAdmin));
    assert_eq!(disable(alice.clone(), Some(at(1))).await, Err(StoreError::LastAdmin));
    assert_eq!(set_role(alice.clone(), Role::Admin).await, Ok(()));
    assert_eq!(set_role(bob.clone(), Role::Admin).await, Ok(()));
    assert_eq!(disable(bob.clone(), Some(at(1))).await, Ok(()));
    assert_eq!(set_role(alice.clone(), Role::Viewer).await, Err(StoreError::LastAdmin), "a disabled admin does not count");
    assert_eq!(disable(bob.clone(), None).await, Ok(()));
    assert_eq!(set_role(alice.clone(), Role::Viewer).await, Ok(()));
    assert_eq!(store.user_by_id(alice.id).await.unwrap().unwrap().role, Role::Viewer);
    let stranger = user("stranger", Role::Viewer);
    assert_eq!(set_role(stranger, Role::Viewer).await, Err(StoreError::NotFound));
    assert_eq!(store.audit_actions().await.iter().filter(|action| *action == "user_set_role").count(), 3);
}

async fn last_two_admins_at_once(store: &TestStore) {
    let alice = stored_user(store, "alice", Role::Admin).await;
    let bob = stored_user(store, "bob", Role::Admin).await;
    let set_role = |user: &User, role: Role| {
        let (store, proof) = (store.store.clone(), permit::<_, UserSetRole>(user.clone()));
        tokio::spawn(async move { store.user_set_role(&proof, &role.into(), &entry("user_set_role")).await })
    };
    for round in 0..10 {
        let (first, second) = tokio::join!(set_role(&alice, Role::Viewer), set_role(&bob, Role::Viewer));
        let results = [first.unwrap(), second.unwrap()];
        assert!(results.contains(&Ok(())) && results.contains(&Err(StoreError::LastAdmin)), "round {round}: {results:?}");
        for user in [&alice, &bob] {
            set_role(user, Role::Admin).await.unwrap().unwrap();
        }
    }
}

async fn disabling(store: &TestStore) {
    stored_user(store, "alice", Role::Admin).await;
    let bob = stored_user(store, "bob", Role::Viewer).await;
    let login = session(&bob);
    store.session_insert(&login, Some("hash"), "token", &entry("login")).await.unwrap();
    assert!(store.session_live(login.id, at(1)).await.unwrap().is_some());
    store.user_set_disabled(&permit::<_, UserUpdate>(bob.clone()), Some(at(2)), &entry("user_update")).await.unwrap();
    assert_eq!(store.session_live(login.id, at(3)).await, Ok(None));
    assert_eq!(store.user_by_id(bob.id).await.unwrap().unwrap().disabled_at, Some(at(2)));
    store.user_set_disabled(&permit::<_, UserUpdate>(bob.clone()), None, &entry("user_update")).await.unwrap();
    assert_eq!(store.user_by_id(bob.id).await.unwrap().unwrap().disabled_at, None);
    assert_eq!(store.session_live(login.id, at(3)).await, Ok(None), "a session that ended stays ended");
}

async fn password(store: &TestStore) {
    let alice = stored_user(store, "alice", Role::Admin).await;
    let login = session(&alice);
    store.session_insert(&login, Some("hash"), "token", &entry("login")).await.unwrap();
    store.user_set_password(&permit::<_, UserUpdate>(alice.clone()), "hash-2", at(5), &entry("user_update")).await.unwrap();
    assert_eq!(store.user_by_name(&alice.name).await.unwrap().unwrap().1, "hash-2");
    assert_eq!(store.session_live(login.id, at(6)).await, Ok(None));
    let refreshed = store.session_refresh("token", "next", at(6), at(9000), secs(10), twice).await;
    assert_eq!(refreshed, Ok(mc_store::Refresh::Ended));
    let stranger = permit::<_, UserUpdate>(user("stranger", Role::Viewer));
    assert_eq!(store.user_set_password(&stranger, "hash", at(5), &entry("user_update")).await, Err(StoreError::NotFound));
}

async fn touch(store: &TestStore) {
    let alice = stored_user(store, "alice", Role::Admin).await;
    let bob = stored_user(store, "bob", Role::Viewer).await;
    store.user_touch(&[(bob.id, at(60)), (alice.id, at(120))]).await.unwrap();
    store.user_touch(&[(bob.id, at(30)), (alice.id, at(180))]).await.unwrap();
    store.user_touch(&[]).await.unwrap();
    assert_eq!(store.user_by_id(bob.id).await.unwrap().unwrap().last_active_at, Some(at(60)), "never back in time");
    assert_eq!(store.user_by_id(alice.id).await.unwrap().unwrap().last_active_at, Some(at(180)));
}
