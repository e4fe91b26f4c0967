//! Roles given and taken away.

use mc_domain::{
    action::{AssignmentCreate, AssignmentList, AssignmentRemove},
    id::AssignmentId,
    permit::Everything,
    role_assignment::{RoleAssignment, SubjectKind},
    time::Time,
};
use mc_store::StoreError;

use crate::{
    role::{name, stored_role},
    support::{TestStore, at, entry, permit},
};

on_both_engines!(given, ending, taken_away, roles_that_are_not, deleted_while_given);

fn assignment(role: &str, subject: &str, until: Option<Time>) -> RoleAssignment {
    RoleAssignment {
        id: AssignmentId::new(),
        role: name(role),
        subject_kind: SubjectKind::User,
        subject: subject.to_owned(),
        expires_at: until,
        created_at: at(0),
        created_by: "alice".to_owned(),
        reason: "on call".to_owned(),
        removed_at: None,
    }
}

pub(crate) async fn give(store: &TestStore, role: &str, subject: &str, until: Option<Time>) -> RoleAssignment {
    let given = assignment(role, subject, until);
    let proof = permit::<_, AssignmentCreate>(given.role.clone());
    store.assignment_insert(&proof, &given, &entry("assignment_create")).await.expect("it is given");
    given
}

async fn given(store: &TestStore) {
    stored_role(store, "ops").await;
    let first = give(store, "ops", "bob", None).await;
    let second = give(store, "viewer", "bob", Some(at(60))).await;
    let group = RoleAssignment { subject_kind: SubjectKind::Group, subject: "sre ✓".to_owned(), ..assignment("ops", "", None) };
    store.assignment_insert(&permit(name("ops")), &group, &entry("assignment_create")).await.unwrap();
    let set = store.role_set(at(1)).await.unwrap();
    assert_eq!(set.assignments, [first.clone(), second.clone(), group.clone()]);
    assert_eq!(set.version, 4, "a role and three assignments");
    let proof = permit::<_, AssignmentList>(Everything);
    let list = async |role: Option<&str>, subject| store.assignment_list(&proof, role.map(name).as_ref(), subject, at(1)).await.unwrap();
    assert_eq!(list(None, None).await, [group.clone(), second.clone(), first.clone()], "newest first");
    assert_eq!(list(Some("ops"), None).await, [group, first.clone()]);
    assert_eq!(list(Some("ops"), Some("bob")).await, [first]);
    assert_eq!(list(Some("viewer"), Some("nobody")).await, []);
    assert_eq!(store.assignment_by_id(second.id).await, Ok(Some(second)));
    assert_eq!(store.audit_actions().await.iter().filter(|action| *action == "assignment_create").count(), 3);
}

async fn ending(store: &TestStore) {
    give(store, "viewer", "bob", Some(at(60))).await;
    let live = async |second| {
        let set = store.role_set(at(second)).await.unwrap().assignments.len();
        let listed = store.assignment_list(&permit(Everything), None, None, at(second)).await.unwrap().len();
        assert_eq!(set, listed);
        set
    };
    assert_eq!((live(59).await, live(60).await), (1, 0));
}

async fn taken_away(store: &TestStore) {
    let given = give(store, "viewer", "bob", None).await;
    let take = async |second| {
        let proof = permit::<_, AssignmentRemove>(name("viewer"));
        store.assignment_remove(given.id, &proof, at(second), &entry("assignment_remove")).await
    };
    assert_eq!(take(5).await, Ok(2));
    assert_eq!(take(6).await, Err(StoreError::NotFound));
    assert!(store.role_set(at(7)).await.unwrap().assignments.is_empty());
    assert_eq!(store.assignment_by_id(given.id).await.unwrap().unwrap().removed_at, Some(at(5)));
    assert_eq!(store.audit_actions().await, ["assignment_create", "assignment_remove"]);
}

async fn roles_that_are_not(store: &TestStore) {
    let lost = assignment("none", "bob", None);
    let refused = store.assignment_insert(&permit(name("none")), &lost, &entry("assignment_create")).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    assert!(store.audit_actions().await.is_empty());
}

/// Whoever comes first wins; never is a role gone that somebody has.
async fn deleted_while_given(store: &TestStore) {
    for round in 0..8 {
        let role = format!("r-{round}");
        stored_role(store, &role).await;
        let given = assignment(&role, "bob", None);
        let (proof, entry_given, entry_deleted) = (permit(name(&role)), entry("assignment_create"), entry("role_delete"));
        let delete = permit(name(&role));
        let (given, deleted) =
            tokio::join!(store.assignment_insert(&proof, &given, &entry_given), store.role_delete(&delete, at(1), &entry_deleted),);
        assert!(given.is_ok() != deleted.is_ok(), "{given:?} {deleted:?}");
    }
}
