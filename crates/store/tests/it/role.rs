//! Roles made here: kept, changed, deleted, counted.

use mc_domain::{
    action::{RoleCreate, RoleDelete, RoleUpdate},
    permit::Everything,
    role::{Role, RoleName},
};
use mc_store::{RoleUses, StoreError, StoredRole};

use crate::{
    role_assignment::give,
    support::{TestStore, at, entry, permit, stored_user},
};

on_both_engines!(kept, changing, deleting, names_are_taken_once, every_change_counts, audit_in_the_same_transaction, read_as_of_one_moment);

pub(crate) fn name(text: &str) -> RoleName {
    text.parse().expect("a role's name")
}

pub(crate) fn role(text: &str) -> StoredRole {
    StoredRole {
        name: name(text),
        title: "Deployers".to_owned(),
        description: "Restart what is in production".to_owned(),
        form: r#"{"rules":[]}"#.to_owned(),
        cedar: None,
        step_up: false,
        version: 1,
        created_at: at(0),
        updated_at: at(0),
        updated_by: "alice".to_owned(),
    }
}

pub(crate) async fn stored_role(store: &TestStore, text: &str) -> StoredRole {
    let role = role(text);
    store.role_insert(&permit::<_, RoleCreate>(Everything), &role, &entry("role_create")).await.expect("a new role");
    role
}

async fn kept(store: &TestStore) {
    assert_eq!(store.role_set(at(1)).await, Ok(mc_store::RoleSet::default()));
    let plain = stored_role(store, "ops").await;
    let by_hand = StoredRole { cedar: Some("permit (principal, action, resource);".to_owned()), step_up: true, ..role("hand") };
    store.role_insert(&permit::<_, RoleCreate>(Everything), &by_hand, &entry("role_create")).await.unwrap();
    assert_eq!(store.role_set(at(1)).await.unwrap().roles, [by_hand, plain], "by name");
}

async fn changing(store: &TestStore) {
    let old = stored_role(store, "ops").await;
    let wish = StoredRole { title: "Operations".to_owned(), step_up: true, updated_at: at(5), updated_by: "bob".to_owned(), ..old.clone() };
    let proof = permit::<_, RoleUpdate>(old.name.clone());
    store.role_update(&proof, &wish, &entry("role_update")).await.unwrap();
    assert_eq!(store.role_set(at(6)).await.unwrap().roles, [StoredRole { version: 2, ..wish.clone() }]);
    let late = store.role_update(&proof, &wish, &entry("role_update")).await;
    assert!(matches!(late, Err(StoreError::Conflict(_))), "what was read before the last change is refused: {late:?}");
    let unknown = store.role_update(&permit(name("none")), &wish, &entry("role_update")).await;
    assert_eq!(unknown, Err(StoreError::NotFound));
}

async fn deleting(store: &TestStore) {
    stored_role(store, "ops").await;
    let delete = async || store.role_delete(&permit::<_, RoleDelete>(name("ops")), at(9), &entry("role_delete")).await;
    let alice = stored_user(store, "alice", Role::Viewer).await;
    let given = give(store, "ops", &alice.id.to_string(), Some(at(9))).await;
    assert_eq!(store.role_uses(&name("ops"), at(8)).await, Ok(RoleUses { assignments: 1, ..RoleUses::default() }));
    store.by_hand("UPDATE user_account SET role = 'ops'").await.unwrap();
    assert!(matches!(delete().await, Err(StoreError::Conflict(_))), "it is somebody's own role");
    assert_eq!(store.role_uses(&name("ops"), at(9)).await, Ok(RoleUses { users: 1, ..RoleUses::default() }), "ended at its second");
    store.by_hand("UPDATE user_account SET role = 'viewer'").await.unwrap();
    assert!(delete().await.is_ok(), "an assignment that has ended keeps nobody from it");
    assert_eq!(delete().await, Err(StoreError::NotFound));
    assert!(store.role_set(at(9)).await.unwrap().roles.is_empty());
    assert!(store.assignment_by_id(given.id).await.unwrap().is_some(), "what was given stays on record");
}

async fn names_are_taken_once(store: &TestStore) {
    stored_role(store, "ops").await;
    let again = store.role_insert(&permit::<_, RoleCreate>(Everything), &role("ops"), &entry("role_create")).await;
    assert_eq!(again, Err(StoreError::NameTaken));
    assert_eq!(store.role_version().await, Ok(1), "what did not happen does not count");
}

async fn every_change_counts(store: &TestStore) {
    let tries = (0..16).map(|n| {
        let (store, role) = (store.store.clone(), role(&format!("ops-{n}")));
        tokio::spawn(async move { store.role_insert(&permit::<_, RoleCreate>(Everything), &role, &entry("role_create")).await })
    });
    let mut numbers: Vec<i64> = futures::future::join_all(tries).await.into_iter().map(|done| done.unwrap().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=16).collect::<Vec<_>>());
    assert_eq!(store.role_version().await, Ok(16));
}

async fn audit_in_the_same_transaction(store: &TestStore) {
    stored_role(store, "ops").await;
    store.role_update(&permit(name("ops")), &role("ops"), &entry("role_update")).await.unwrap();
    store.role_delete(&permit(name("ops")), at(1), &entry("role_delete")).await.unwrap();
    assert_eq!(store.audit_actions().await, ["role_create", "role_update", "role_delete"]);
    let _ = store.role_delete(&permit(name("ops")), at(1), &entry("role_delete")).await;
    assert_eq!(store.audit_actions().await.len(), 3, "no entry without its change");
}

/// While roles are made and deleted in pairs, no reading ever sees half a pair's first without its count.
async fn read_as_of_one_moment(store: &TestStore) {
    let writer = {
        let store = store.store.clone();
        tokio::spawn(async move {
            for n in 0..20 {
                let role = role(&format!("r-{n}"));
                store.role_insert(&permit::<_, RoleCreate>(Everything), &role, &entry("role_create")).await.unwrap();
            }
        })
    };
    loop {
        let set = store.role_set(at(1)).await.unwrap();
        assert_eq!(i64::try_from(set.roles.len()).unwrap(), set.version, "each insert counts one");
        if set.version == 20 {
            break;
        }
    }
    writer.await.unwrap();
}
