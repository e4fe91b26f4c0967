//! Recordings: begun, going on, ended once, found again, forgotten with their pieces.

use mc_domain::{
    action::RecordingList,
    id::{RecordingId, RequestId, UserId},
    permit::Everything,
    recording::{Recording, RecordingEnding, RecordingKind, RecordingProgress},
};
use mc_store::{RecordingFilter, StoreError};

use crate::support::{TestStore, at, entry, permit};

on_both_engines!(kept, ended_once, lost, forgotten);

fn recording(user: Option<UserId>, cluster: &str) -> Recording {
    Recording {
        id: RecordingId::new(),
        kind: RecordingKind::KubectlExec,
        cluster: cluster.to_owned(),
        namespace: "app".to_owned(),
        pod: "web".to_owned(),
        container: String::new(),
        command: vec!["sh".to_owned(), "-c".to_owned(), "echo \"ä\"".to_owned()],
        tty: true,
        user_id: user,
        user_name: if user.is_some() { "bob".to_owned() } else { "ci".to_owned() },
        request_id: RequestId::new(),
        started_at: at(0),
        ended_at: None,
        ending: None,
        exit_code: None,
        progress: RecordingProgress { cols: 80, rows: 24, ..RecordingProgress::default() },
    }
}

async fn begun(store: &TestStore, user: Option<UserId>, cluster: &str) -> Recording {
    let recording = recording(user, cluster);
    store.recording_insert(&recording, &entry("kube_request")).await.expect("it begins");
    recording
}

async fn end(store: &TestStore, recording: &Recording, seconds: i64) -> Recording {
    let ended = Recording {
        ended_at: Some(at(seconds)),
        ending: Some(RecordingEnding::Closed),
        exit_code: Some(-1),
        progress: RecordingProgress { bytes: 7, cols: 100, rows: 30, truncated: true },
        ..recording.clone()
    };
    store.recording_end(&ended, &entry("recording_end")).await.expect("it ends");
    ended
}

async fn stored(store: &TestStore, id: RecordingId) -> Option<Recording> {
    store.recording_by_id(id).await.expect("an answer")
}

async fn kept(store: &TestStore) {
    let bob = UserId::new();
    let first = begun(store, Some(bob), "dev").await;
    let second = begun(store, None, "prod").await;
    assert_eq!(stored(store, first.id).await, Some(first.clone()));
    let proof = permit::<_, RecordingList>(Everything);
    let list = async |filter: RecordingFilter| store.recording_list(&proof, &filter).await.expect("a list");
    let all = RecordingFilter { limit: 10, ..RecordingFilter::default() };
    assert_eq!(list(all.clone()).await, [second.clone(), first.clone()], "newest first");
    assert_eq!(list(RecordingFilter { user_id: Some(bob), ..all.clone() }).await, std::slice::from_ref(&first));
    assert_eq!(list(RecordingFilter { user: Some("ci".to_owned()), ..all.clone() }).await, std::slice::from_ref(&second));
    assert_eq!(list(RecordingFilter { cluster: Some("dev".to_owned()), ..all.clone() }).await, std::slice::from_ref(&first));
    assert_eq!(list(RecordingFilter { before: Some(second.id), ..all.clone() }).await, std::slice::from_ref(&first));
    assert_eq!(list(RecordingFilter { limit: 1, ..all }).await, [second]);
    let progress = RecordingProgress { bytes: u64::MAX, cols: u16::MAX, rows: 1, truncated: false };
    store.recording_progress(first.id, progress, at(5)).await.expect("it goes on");
    let bytes = u64::try_from(i64::MAX).expect("positive");
    assert_eq!(stored(store, first.id).await.map(|found| found.progress), Some(RecordingProgress { bytes, ..progress }));
}

async fn ended_once(store: &TestStore) {
    let recording = begun(store, None, "dev").await;
    let ended = end(store, &recording, 9).await;
    assert_eq!(stored(store, recording.id).await, Some(ended.clone()));
    let again = store.recording_end(&ended, &entry("recording_end")).await;
    assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
    let late = store.recording_progress(recording.id, RecordingProgress::default(), at(10)).await;
    assert!(matches!(late, Err(StoreError::NotFound)), "{late:?}");
    store.recording_forget(recording.id).await.expect("nothing to do");
    assert_eq!(stored(store, recording.id).await, Some(ended), "what has ended is not forgotten so");
    assert_eq!(store.audit_actions().await.iter().filter(|action| *action == "recording_end").count(), 1);
}

async fn lost(store: &TestStore) {
    let (gone, there, ended) = (begun(store, None, "dev").await, begun(store, None, "dev").await, begun(store, None, "dev").await);
    store.recording_progress(there.id, there.progress, at(60)).await.expect("it goes on");
    end(store, &ended, 1).await;
    let lost = store.recording_lost(at(30)).await.expect("an answer");
    assert_eq!(lost, [gone.clone()]);
    store.recording_forget(gone.id).await.expect("forgotten");
    assert_eq!(stored(store, gone.id).await, None);
}

async fn forgotten(store: &TestStore) {
    let (old, young) = (begun(store, None, "dev").await, begun(store, None, "dev").await);
    for id in [old.id, young.id] {
        for seq in 1..=450 {
            store.recording_append(id, seq, vec![0, 255, u8::try_from(seq % 200).expect("small")]).await.expect("a piece");
        }
        store.recording_append(id, 450, vec![9]).await.expect("again");
    }
    let pieces = store.recording_parts(old.id, 448, 10).await.expect("pieces");
    assert_eq!(pieces, [(449, vec![0, 255, 49]), (450, vec![0, 255, 50])], "the first of two counts");
    assert_eq!(store.recording_parts(old.id, 0, 3).await.expect("pieces").len(), 3);
    end(store, &old, 1).await;
    end(store, &young, 100).await;
    let due = store.recording_old(at(50)).await.expect("an answer");
    assert_eq!(due, [old.id]);
    store.recording_remove(&due, &entry("recording_retention")).await.expect("gone");
    assert_eq!((stored(store, old.id).await, store.recording_parts(old.id, 0, 10).await.expect("none")), (None, Vec::new()));
    assert_eq!(store.recording_parts(young.id, 0, 1_000).await.expect("pieces").len(), 450);
    assert_eq!(store.recording_old(at(50)).await.expect("an answer"), []);
}
