//! Identity providers, links, logins under way, and sessions that hang on a provider.

use mc_domain::{
    action::{ProviderCreate, ProviderDelete, ProviderList, ProviderUpdate},
    id::{ProviderId, SessionId},
    login::LoginMethod,
    permit::Everything,
    provider::{FactorTrust, IdentityLink, Provider, ProviderKind, Provisioning},
    role::Role,
    session::Session,
    user::User,
};
use mc_store::{OidcFlow, OidcRenewed, OidcSession, OidcTicket, SecretChange, StoreError, TicketKind};

use crate::support::{TestStore, at, entry, permit, secs, session, stored_user, user};

on_both_engines!(
    kept_and_changed,
    another_issuer_has_other_people,
    links,
    a_last_way_in_stays,
    flows_work_once,
    tickets_are_counted,
    asked_in_turn,
    ended_from_there
);

fn provider(name: &str) -> Provider {
    Provider {
        id: ProviderId::new(),
        name: name.parse().expect("a name"),
        label: "Label".into(),
        kind: ProviderKind::Entra,
        issuer: "https://login.example.com".into(),
        client_id: "client".into(),
        has_secret: true,
        scopes: vec!["email".into()],
        groups_claim: "groups".into(),
        role_rules: Vec::new(),
        default_role: Some(Role::Viewer.into()),
        provisioning: Provisioning::Create,
        second_factor: FactorTrust::Proved,
        ca_pem: Some("an authority".into()),
        graph_url: Some("https://graph.example.com".into()),
        enabled: true,
        created_at: at(0),
        updated_at: at(0),
    }
}

async fn stored(store: &TestStore, name: &str) -> Provider {
    let provider = provider(name);
    let proof = permit::<_, ProviderCreate>(Everything);
    store.provider_insert(&proof, &provider, Some("sealed"), &entry("provider_create")).await.expect("a new provider");
    provider
}

fn link(provider: &Provider, user: &User, subject: &str) -> IdentityLink {
    IdentityLink {
        provider_id: provider.id,
        provider: provider.name.clone(),
        subject: subject.into(),
        user_id: user.id,
        email: Some("a@example.org".into()),
        role_managed: true,
        linked_at: at(1),
        last_login_at: None,
    }
}

/// A session of a linked user, due at second 100.
async fn hanging(store: &TestStore, provider: &Provider, user: &User, subject: &str, sid: &str) -> Session {
    let mut session = session(user);
    session.method = LoginMethod::Oidc(provider.name.to_string());
    session.groups = vec![provider.group("ops")];
    session.second_factor = true;
    let hangs = OidcSession {
        session_id: session.id,
        provider_id: provider.id,
        subject: subject.into(),
        sid: Some(sid.into()),
        refresh_token: Some("refresh-1".into()),
        id_token: Some("id-1".into()),
        due_at: at(100),
        failing_since: None,
        ends_at: None,
    };
    store.oidc_session_insert(&session, &hangs, &session.id.to_string(), &entry("login")).await.expect("a session");
    session
}

async fn kept_and_changed(store: &TestStore) {
    let one = stored(store, "entra").await;
    assert_eq!(store.provider_by_name(&one.name).await, Ok(Some((one.clone(), Some("sealed".to_owned())))));
    assert_eq!(store.provider_by_id(one.id).await.unwrap().unwrap().0, one);
    let twin = Provider { id: ProviderId::new(), ..one.clone() };
    let again = store.provider_insert(&permit::<_, ProviderCreate>(Everything), &twin, None, &entry("provider_create")).await;
    assert_eq!(again, Err(StoreError::NameTaken));
    stored(store, "authentik").await;
    let names = store.provider_list(&permit::<_, ProviderList>(Everything)).await.unwrap();
    assert_eq!(names.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["authentik", "entra"]);
    assert_eq!(store.provider_proving().await.unwrap().len(), 2);

    let off = Provider {
        enabled: false,
        label: "Off".into(),
        second_factor: FactorTrust::Provider,
        ca_pem: None,
        graph_url: None,
        updated_at: at(5),
        ..one.clone()
    };
    let proof = permit::<_, ProviderUpdate>(one.clone());
    store.provider_update(&proof, &off, &SecretChange::Keep, &entry("provider_update")).await.unwrap();
    assert_eq!(store.provider_buttons().await.unwrap().len(), 1);
    assert_eq!(store.provider_proving().await.unwrap().iter().map(|name| name.as_str()).collect::<Vec<_>>(), ["authentik"]);
    assert_eq!(store.provider_by_name(&one.name).await, Ok(Some((off.clone(), Some("sealed".to_owned())))));
    store.provider_update(&proof, &off, &SecretChange::Remove, &entry("provider_update")).await.unwrap();
    assert_eq!(store.provider_by_name(&one.name).await.unwrap().unwrap().1, None);
    store.provider_delete(&permit::<_, ProviderDelete>(off), at(6), &entry("provider_delete")).await.unwrap();
    let gone = store.provider_delete(&permit::<_, ProviderDelete>(one), at(6), &entry("provider_delete")).await;
    assert_eq!(gone, Err(StoreError::NotFound));
    let actions = store.audit_actions().await;
    assert_eq!(actions, ["provider_create", "provider_create", "provider_update", "provider_update", "provider_delete"]);
}

async fn another_issuer_has_other_people(store: &TestStore) {
    let (one, ada) = (stored(store, "entra").await, stored_user(store, "ada", Role::Viewer).await);
    store.identity_insert(&link(&one, &ada, "s-ada"), &entry("identity_link")).await.unwrap();
    let session = hanging(store, &one, &ada, "s-ada", "1").await;
    let proof = permit::<_, ProviderUpdate>(one.clone());
    let renamed = Provider { label: "Other".into(), updated_at: at(5), ..one.clone() };
    store.provider_update(&proof, &renamed, &SecretChange::Keep, &entry("provider_update")).await.unwrap();
    assert!(store.session_live(session.id, at(6)).await.unwrap().is_some(), "a label changes nothing");
    let moved = Provider { issuer: "https://other.example.com".into(), updated_at: at(7), ..one.clone() };
    store.provider_update(&proof, &moved, &SecretChange::Keep, &entry("provider_update")).await.unwrap();
    assert_eq!(store.session_live(session.id, at(8)).await, Ok(None));
    assert_eq!(store.identity_by_subject(one.id, "s-ada").await, Ok(None));
}

async fn links(store: &TestStore) {
    let one = stored(store, "entra").await;
    let (ada, bob) = (stored_user(store, "ada", Role::Viewer).await, stored_user(store, "bob", Role::Viewer).await);
    store.identity_insert(&link(&one, &ada, "s-ada"), &entry("identity_link")).await.unwrap();
    let (found, whose) = store.identity_by_subject(one.id, "s-ada").await.unwrap().unwrap();
    assert_eq!((found, whose.id), (link(&one, &ada, "s-ada"), ada.id));
    assert_eq!(store.identity_by_subject(one.id, "S-ADA").await, Ok(None), "a subject is compared letter by letter");
    for taken in [link(&one, &bob, "s-ada"), link(&one, &ada, "s-other")] {
        assert!(matches!(store.identity_insert(&taken, &entry("identity_link")).await, Err(StoreError::Conflict(_))));
    }
    let eve = user("ada", Role::Viewer);
    let taken = store.identity_provision(&eve, &link(&one, &eve, "s-eve"), &entry("user_create")).await;
    assert_eq!(taken, Err(StoreError::NameTaken));
    let eve = user("eve", Role::Viewer);
    store.identity_provision(&eve, &link(&one, &eve, "s-eve"), &entry("user_create")).await.unwrap();
    assert_eq!(store.user_by_name(&eve.name).await.unwrap().unwrap().1, "", "without a password");
    let extras = store.user_extras(&[ada.id, bob.id, eve.id]).await.unwrap();
    assert_eq!((extras.get(&ada.id).map(|e| e.providers.clone()), extras.get(&bob.id)), (Some(vec!["entra".to_owned()]), None));
    store.identity_role(eve.id, &Role::Operator.into(), &entry("user_set_role")).await.unwrap();
    assert_eq!(store.user_by_id(eve.id).await.unwrap().unwrap().role, Role::Operator);
}

async fn a_last_way_in_stays(store: &TestStore) {
    let one = stored(store, "entra").await;
    let (ada, eve) = (stored_user(store, "ada", Role::Viewer).await, user("eve", Role::Viewer));
    store.identity_insert(&link(&one, &ada, "s-ada"), &entry("identity_link")).await.unwrap();
    store.identity_provision(&eve, &link(&one, &eve, "s-eve"), &entry("user_create")).await.unwrap();
    let session = hanging(store, &one, &ada, "s-ada", "1").await;
    let unlink = async |user: &User| store.identity_delete(user.id, &one.name, at(9), &entry("identity_unlink")).await;
    assert!(matches!(unlink(&eve).await, Err(StoreError::Conflict(_))), "nobody without a password is locked out");
    unlink(&ada).await.unwrap();
    assert_eq!(store.session_live(session.id, at(10)).await, Ok(None));
    assert_eq!(unlink(&ada).await, Err(StoreError::NotFound));
    assert_eq!(store.identity_list(eve.id).await.unwrap().len(), 1);
}

async fn flows_work_once(store: &TestStore) {
    let one = stored(store, "entra").await;
    let flow = |state: &str| OidcFlow {
        state_hash: state.into(),
        browser_hash: "browser".into(),
        provider_id: one.id,
        content: "sealed".into(),
        expires_at: at(600),
    };
    store.oidc_flow_insert(&flow("a"), at(0)).await.unwrap();
    store.oidc_flow_insert(&flow("b"), at(0)).await.unwrap();
    let taken = futures::future::join_all((0..8).map(|_| store.oidc_flow_take("a", at(1)))).await;
    assert_eq!(taken.into_iter().filter(|flow| matches!(flow, Ok(Some(_)))).count(), 1);
    assert_eq!(store.oidc_flow_take("b", at(600)).await, Ok(None), "too late");
    assert_eq!(store.oidc_flow_take("c", at(1)).await, Ok(None));
    assert_eq!(store.oidc_logout_spend(one.id, "jti", at(60)).await, Ok(true));
    assert_eq!(store.oidc_logout_spend(one.id, "jti", at(60)).await, Ok(false));
    store.oidc_prune(at(61)).await.unwrap();
    assert_eq!(store.oidc_logout_spend(one.id, "jti", at(90)).await, Ok(true));
}

async fn tickets_are_counted(store: &TestStore) {
    let (one, ada) = (stored(store, "entra").await, stored_user(store, "ada", Role::Viewer).await);
    let ticket = |hash: &str| OidcTicket {
        hash: hash.into(),
        kind: TicketKind::Link,
        provider_id: one.id,
        user_id: ada.id,
        content: "sealed".into(),
        tries_left: 2,
        expires_at: at(600),
    };
    store.oidc_ticket_insert(&ticket("a"), at(0)).await.unwrap();
    assert_eq!(store.oidc_ticket_try("a", TicketKind::Cli, at(1)).await, Ok(None), "for another door");
    assert_eq!(store.oidc_ticket_try("a", TicketKind::Link, at(1)).await.unwrap().map(|t| t.tries_left), Some(1));
    assert_eq!(store.oidc_ticket_try("a", TicketKind::Link, at(600)).await, Ok(None));
    assert!(store.oidc_ticket_try("a", TicketKind::Link, at(2)).await.unwrap().is_some());
    assert_eq!(store.oidc_ticket_try("a", TicketKind::Link, at(3)).await, Ok(None), "tried too often");
    assert_eq!((store.oidc_ticket_spend("a").await, store.oidc_ticket_spend("a").await), (Ok(true), Ok(false)));
    for n in 0..20 {
        store.oidc_ticket_insert(&ticket(&format!("t{n}")), at(4)).await.unwrap();
    }
    assert!(matches!(store.oidc_ticket_insert(&ticket("more"), at(5)).await, Err(StoreError::Conflict(_))));
    store.oidc_ticket_insert(&ticket("later"), at(601)).await.expect("the others have ended");
}

async fn asked_in_turn(store: &TestStore) {
    let (one, ada) = (stored(store, "entra").await, stored_user(store, "ada", Role::Viewer).await);
    store.identity_insert(&link(&one, &ada, "s-ada"), &entry("identity_link")).await.unwrap();
    let session = hanging(store, &one, &ada, "s-ada", "1").await;
    let (read, _) = store.session_live(session.id, at(1)).await.unwrap().unwrap();
    assert_eq!(read.groups, ["entra:ops"]);
    let ask = async |now| store.oidc_session_ask(session.id, at(now), secs(45)).await.unwrap();
    assert_eq!(ask(99).await, None, "not due");
    assert!(ask(100).await.is_some());
    assert_eq!(ask(101).await, None, "somebody else asks");
    assert!(ask(145).await.is_some(), "whoever asked has died");
    let renewed = OidcRenewed { refresh_token: Some("refresh-2".into()), id_token: None, groups: Some(Vec::new()), due_at: at(300) };
    store.oidc_session_renewed(session.id, &renewed).await.unwrap();
    let now = store.oidc_session(session.id).await.unwrap().unwrap();
    assert_eq!((now.refresh_token.as_deref(), now.id_token.as_deref(), now.due_at), (Some("refresh-2"), Some("id-1"), at(300)));
    assert!(store.session_live(session.id, at(200)).await.unwrap().unwrap().0.groups.is_empty());
    store.oidc_session_failing(session.id, at(300), at(360)).await.unwrap();
    assert_eq!(store.oidc_session(session.id).await.unwrap().unwrap().failing_since, Some(at(300)));
    assert_eq!(store.oidc_session_renewed(SessionId::new(), &renewed).await, Err(StoreError::NotFound));
    // Nobody begins a session for an account that was unlinked meanwhile.
    store.identity_delete(ada.id, &one.name, at(400), &entry("identity_unlink")).await.unwrap();
    let late = crate::support::session(&ada);
    let hangs = OidcSession { session_id: late.id, ..now };
    let refused = store.oidc_session_insert(&late, &hangs, "late", &entry("login")).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
}

async fn ended_from_there(store: &TestStore) {
    let (one, ada, bob) =
        (stored(store, "entra").await, stored_user(store, "ada", Role::Viewer).await, stored_user(store, "bob", Role::Viewer).await);
    store.identity_insert(&link(&one, &ada, "s-ada"), &entry("identity_link")).await.unwrap();
    store.identity_insert(&link(&one, &bob, "s-bob"), &entry("identity_link")).await.unwrap();
    let first = hanging(store, &one, &ada, "s-ada", "1").await;
    let second = hanging(store, &one, &ada, "s-ada", "2").await;
    let other = hanging(store, &one, &bob, "s-bob", "3").await;
    let end = async |subject, sid| store.oidc_sessions_end(one.id, subject, sid, at(9), &entry("backchannel_logout")).await.unwrap();
    assert_eq!(end(Some("s-bob"), Some("1")).await, [], "both must fit");
    assert_eq!(end(None, Some("1")).await, [first.id]);
    assert_eq!(end(Some("s-ada"), None).await, [second.id]);
    assert_eq!(end(Some("s-ada"), None).await, []);
    assert!(store.session_live(other.id, at(10)).await.unwrap().is_some());
    assert_eq!(store.audit_actions().await.iter().filter(|action| *action == "backchannel_logout").count(), 2);
}
