//! Requests for access: asked, decided once, given with the decision, over with their time.

use std::time::Duration;

use mc_domain::{
    access_request::{AccessRequest, AccessState, PENDING_MAX, Wanted},
    action::{AccessRequestApprove, AccessRequestCreate, AccessRequestDeny, AccessRequestEnd, AccessRequestList},
    id::{AccessRequestId, AssignmentId},
    permit::Everything,
    role::Role,
    role_assignment::{RoleAssignment, SubjectKind},
    user::User,
};
use mc_store::{AccessRequestFilter, StoreError, StoredRole};

use crate::{
    role::{name, role},
    support::{TestStore, at, entry, permit, stored_user},
};

on_both_engines!(kept, too_many, granted_once, granted_with_its_own_role, refused_and_taken_back, ended_early, over, two_decide_at_once);

fn wanting(user: &User, wanted: Wanted) -> AccessRequest {
    AccessRequest {
        id: AccessRequestId::new(),
        requester: user.id,
        requester_name: user.name.to_string(),
        wanted,
        reason: "on call".to_owned(),
        duration: Duration::from_secs(600),
        state: AccessState::Pending,
        created_at: at(0),
        decided_at: None,
        decided_by: None,
        decision_reason: None,
        expires_at: None,
        ended_at: None,
        assignment: None,
    }
}

fn kill(thing: &str) -> Wanted {
    Wanted::Action { action: "agent_kill".into(), kind: "agent".into(), thing: thing.into(), name: "alpha".into() }
}

async fn asked(store: &TestStore, user: &User, wanted: Wanted) -> AccessRequest {
    let request = wanting(user, wanted);
    let proof = permit::<_, AccessRequestCreate>(Everything);
    store.access_request_insert(&proof, &request, &entry("access_request_create")).await.expect("it is asked");
    request
}

/// The request as it is once it is granted, and what is given.
fn granted(request: &AccessRequest, by: &str) -> (AccessRequest, RoleAssignment) {
    let role = match &request.wanted {
        Wanted::Role(role) => role.clone(),
        Wanted::Action { .. } => request.grant_role().expect("a role"),
    };
    let given = RoleAssignment {
        id: AssignmentId::new(),
        role,
        subject_kind: SubjectKind::User,
        subject: request.requester.to_string(),
        expires_at: Some(at(600)),
        created_at: at(1),
        created_by: by.to_owned(),
        reason: request.reason.clone(),
        removed_at: None,
    };
    let request = AccessRequest {
        state: AccessState::Approved,
        decided_at: Some(at(1)),
        decided_by: Some(by.to_owned()),
        decision_reason: Some("go".to_owned()),
        expires_at: given.expires_at,
        assignment: Some(given.id),
        ..request.clone()
    };
    (request, given)
}

async fn grant(store: &TestStore, request: &AccessRequest, by: &str) -> Result<AccessRequest, StoreError> {
    let (request, given) = granted(request, by);
    let own = request.grant_role().map(|role_name| StoredRole { name: role_name, ..role("x") });
    let proof = permit::<_, AccessRequestApprove>(request.clone());
    store.access_request_approve(&proof, own.as_ref(), &given, &entry("access_request_approve")).await.map(|_| request)
}

async fn stored(store: &TestStore, id: AccessRequestId) -> AccessRequest {
    store.access_request_by_id(id).await.expect("an answer").expect("it is there")
}

async fn kept(store: &TestStore) {
    let (bob, eve) = (stored_user(store, "bob", Role::Viewer).await, stored_user(store, "eve", Role::Viewer).await);
    let first = asked(store, &bob, Wanted::Role(name("operator"))).await;
    let second = asked(store, &eve, kill("1")).await;
    let third = asked(store, &bob, kill("1")).await;
    assert_eq!(stored(store, first.id).await, first);
    let proof = permit::<_, AccessRequestList>(Everything);
    let list = async |filter| store.access_request_list(&proof, filter).await.expect("a list");
    let all = AccessRequestFilter { limit: 10, ..AccessRequestFilter::default() };
    assert_eq!(list(all).await, [third.clone(), second.clone(), first.clone()], "newest first");
    assert_eq!(list(AccessRequestFilter { requester: Some(eve.id), ..all }).await, std::slice::from_ref(&second));
    assert_eq!(list(AccessRequestFilter { before: Some(third.id), limit: 1, ..all }).await, [second]);
    assert_eq!(list(AccessRequestFilter { state: Some(AccessState::Approved), ..all }).await, []);
    assert_eq!(store.audit_actions().await.iter().filter(|action| *action == "access_request_create").count(), 3);
}

async fn too_many(store: &TestStore) {
    let bob = stored_user(store, "bob", Role::Viewer).await;
    for number in 0..PENDING_MAX {
        asked(store, &bob, kill(&number.to_string())).await;
    }
    let proof = permit::<_, AccessRequestCreate>(Everything);
    let again = store.access_request_insert(&proof, &wanting(&bob, kill("0")), &entry("x")).await;
    assert!(matches!(again, Err(StoreError::Conflict(text)) if text.contains("asked for this already")), "{again:?}");
    let more = store.access_request_insert(&proof, &wanting(&bob, kill("more")), &entry("x")).await;
    assert!(matches!(more, Err(StoreError::Conflict(text)) if text.contains("20 of your requests")), "{more:?}");
    let later = AccessRequest { created_at: at(8 * 86_400), ..wanting(&bob, kill("more")) };
    store.access_request_insert(&proof, &later, &entry("x")).await.expect("those that nobody decided do not count for ever");
}

async fn granted_once(store: &TestStore) {
    let bob = stored_user(store, "bob", Role::Viewer).await;
    let request = asked(store, &bob, Wanted::Role(name("operator"))).await;
    let approved = grant(store, &request, "ann").await.expect("granted");
    assert_eq!(stored(store, request.id).await, approved);
    let set = store.role_set(at(2)).await.expect("a set");
    assert_eq!((set.version, set.assignments.len()), (1, 1));
    assert_eq!(set.assignments.first().map(|given| Some(given.id)), Some(approved.assignment));
    assert!(matches!(grant(store, &request, "eve").await, Err(StoreError::Conflict(_))));
    assert_eq!(store.role_set(at(2)).await, Ok(set), "nothing is given twice");
    let gone = asked(store, &bob, Wanted::Role(name("no-such"))).await;
    assert!(matches!(grant(store, &gone, "ann").await, Err(StoreError::Conflict(_))));
    assert_eq!(stored(store, gone.id).await.state, AccessState::Pending, "a role that is gone cannot be given");
}

async fn granted_with_its_own_role(store: &TestStore) {
    let bob = stored_user(store, "bob", Role::Viewer).await;
    let request = asked(store, &bob, kill("1")).await;
    let approved = grant(store, &request, "ann").await.expect("granted");
    let set = store.role_set(at(2)).await.expect("a set");
    assert_eq!(set.roles.iter().map(|role| Some(role.name.clone())).collect::<Vec<_>>(), [approved.grant_role()]);
    let proof = permit::<_, AccessRequestEnd>(approved);
    store.access_request_end(&proof, at(5), &entry("access_request_end")).await.expect("ended");
    let set = store.role_set(at(6)).await.expect("a set");
    assert!(set.roles.is_empty() && set.assignments.is_empty(), "the role goes with the grant");
}

async fn refused_and_taken_back(store: &TestStore) {
    let bob = stored_user(store, "bob", Role::Viewer).await;
    let request = asked(store, &bob, kill("1")).await;
    let denied = AccessRequest {
        state: AccessState::Denied,
        decided_at: Some(at(3)),
        decided_by: Some("ann".to_owned()),
        decision_reason: Some("no".to_owned()),
        ..request.clone()
    };
    let proof = permit::<_, AccessRequestDeny>(denied.clone());
    store.access_request_close(&proof, &entry("access_request_deny")).await.expect("refused");
    assert_eq!(stored(store, request.id).await, denied);
    assert!(matches!(store.access_request_close(&proof, &entry("x")).await, Err(StoreError::Conflict(_))));
    assert!(matches!(grant(store, &request, "ann").await, Err(StoreError::Conflict(_))));
    assert!(!store.audit_actions().await.contains(&"x".to_owned()), "what did not happen is not recorded as done");
}

async fn ended_early(store: &TestStore) {
    let bob = stored_user(store, "bob", Role::Viewer).await;
    let approved = grant(store, &asked(store, &bob, Wanted::Role(name("operator"))).await, "ann").await.expect("granted");
    let proof = permit::<_, AccessRequestEnd>(approved.clone());
    store.access_request_end(&proof, at(5), &entry("access_request_end")).await.expect("ended");
    let ended = stored(store, approved.id).await;
    assert_eq!((ended.state, ended.ended_at), (AccessState::Ended, Some(at(5))));
    assert!(store.role_set(at(5)).await.expect("a set").assignments.is_empty());
    assert!(matches!(store.access_request_end(&proof, at(6), &entry("x")).await, Err(StoreError::Conflict(_))));
}

async fn over(store: &TestStore) {
    let bob = stored_user(store, "bob", Role::Viewer).await;
    let approved = grant(store, &asked(store, &bob, kill("1")).await, "ann").await.expect("granted");
    let waiting = asked(store, &bob, kill("2")).await;
    assert_eq!(store.access_request_due(at(599)).await, Ok(vec![]));
    assert_eq!(store.access_request_due(at(600)).await, Ok(vec![approved.clone()]));
    assert!(store.access_request_expire(&approved, at(601), &entry("access_request_expire")).await.expect("noted").is_some());
    assert!(store.access_request_expire(&approved, at(602), &entry("x")).await.is_err(), "noted once");
    let late = at(7 * 86_400);
    assert_eq!(store.access_request_due(late).await, Ok(vec![waiting.clone()]));
    let expired = AccessRequest { state: AccessState::Expired, ended_at: Some(late), ..waiting };
    assert_eq!(store.access_request_expire(&expired, late, &entry("access_request_expire")).await, Ok(None));
    assert_eq!(stored(store, expired.id).await, expired);
    assert_eq!(store.access_request_due(late).await, Ok(vec![]));
}

async fn two_decide_at_once(store: &TestStore) {
    let bob = stored_user(store, "bob", Role::Viewer).await;
    for _ in 0..10 {
        let request = asked(store, &bob, kill("1")).await;
        let (ann, eve) = tokio::join!(grant(store, &request, "ann"), grant(store, &request, "eve"));
        assert!(ann.is_ok() != eve.is_ok(), "{ann:?} {eve:?}");
        let set = store.role_set(at(2)).await.expect("a set");
        let given: Vec<_> = set.assignments.iter().filter(|given| Some(&given.role) == request.grant_role().as_ref()).collect();
        assert_eq!(given.len(), 1);
        assert_eq!(stored(store, request.id).await.decided_by.as_ref(), given.first().map(|given| &given.created_by));
    }
}
