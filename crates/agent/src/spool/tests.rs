use super::*;

const MEGABYTE: u64 = 1024 * 1024;

fn batch(text: &str) -> v1::Telemetry {
    v1::Telemetry {
        lines: vec![v1::LogLine { at_micros: 1, level: 2, source: "stdout".into(), message: text.into() }],
        ..Default::default()
    }
}

async fn texts(spool: &Spool) -> Vec<(u64, String)> {
    let mut all = Vec::new();
    let mut last = 0;
    while let Some(batch) = spool.after(last).await {
        last = batch.batch;
        all.push((batch.batch, batch.lines.iter().map(|line| line.message.clone()).collect()));
    }
    all
}

/// Closes the spool and waits until its thread let go of the file.
async fn close(spool: Spool) {
    let mut state = spool.watch();
    drop(spool);
    while state.changed().await.is_ok() {}
}

#[tokio::test]
async fn batches_survive_and_leave_when_acknowledged() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("spool.redb");
    let spool = Spool::open(&path, MEGABYTE);
    for text in ["one", "two", "three"] {
        spool.append(batch(text), vec![("/log".into(), text.into())]).await;
    }
    let id = spool.id().await;
    spool.acknowledge(1).await;
    close(spool).await;

    let spool = Spool::open(&path, MEGABYTE);
    assert_eq!(spool.id().await, id);
    assert_eq!(texts(&spool).await, [(2, "two".into()), (3, "three".into())]);
    assert_eq!(spool.position("/log").await.as_deref(), Some("three"));
    assert!(spool.welcome(2).await);
    assert_eq!(texts(&spool).await, [(3, "three".into())]);
    spool.append(batch("four"), Vec::new()).await;
    assert_eq!(texts(&spool).await.last(), Some(&(4, "four".into())));
}

#[tokio::test]
async fn a_full_spool_drops_the_oldest_and_says_how_many_lines() {
    let dir = tempfile::tempdir().expect("a folder");
    let spool = Spool::open(&dir.path().join("spool.redb"), 10_000);
    for _ in 0..20 {
        spool.append(batch(&"x".repeat(1_000)), Vec::new()).await;
    }
    assert!(spool.watch().borrow().bytes <= 10_000);
    let mut kept = 0;
    let mut told = 0;
    let mut last = 0;
    spool.append(batch("small"), Vec::new()).await;
    spool.append(batch("last"), Vec::new()).await;
    while let Some(batch) = spool.after(last).await {
        last = batch.batch;
        kept += batch.lines.len() as u64;
        told += batch.dropped_lines;
    }
    assert_eq!(last, 22);
    assert!(told > 0, "some had to go");
    assert_eq!(kept + told, 22, "every line is there or told of");
}

#[tokio::test]
async fn a_disk_that_fails_is_survived_from_memory() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("missing").join("spool.redb");
    let spool = Spool::open(&path, MEGABYTE);
    for _ in 0..40 {
        spool.append(batch(&"y".repeat(50_000)), Vec::new()).await;
    }
    let state = *spool.watch().borrow();
    assert!(!state.on_disk && state.bytes <= MEMORY_MAX_BYTES as u64, "{state:?}");
    let kept = texts(&spool).await;
    assert_eq!(kept.last().map(|(number, _)| *number), Some(40), "the newest are kept");
    spool.acknowledge(40).await;
    assert!(texts(&spool).await.is_empty());
}

#[tokio::test]
async fn a_lost_numbering_begins_anew_without_losing_what_is_new() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("spool.redb");
    let spool = Spool::open(&path, MEGABYTE);
    spool.append(batch("old"), Vec::new()).await;
    let id = spool.id().await;
    close(spool).await;
    let spool = Spool::open(&path, MEGABYTE);
    spool.append(batch("new"), Vec::new()).await;
    assert!(!spool.welcome(9).await, "central has batches that this spool never heard of");
    assert_ne!(spool.id().await, id);
    assert_eq!(texts(&spool).await, [(2, "new".into())]);
}

#[tokio::test]
async fn a_file_that_is_no_spool_is_put_aside() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("spool.redb");
    std::fs::write(&path, "this is something else entirely").expect("written");
    let spool = Spool::open(&path, MEGABYTE);
    spool.append(batch("one"), Vec::new()).await;
    assert!(spool.watch().borrow().on_disk);
    assert!(dir.path().join("spool.damaged").exists());
}

#[tokio::test]
async fn results_survive_until_acknowledged() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("spool.redb");
    let spool = Spool::open(&path, MEGABYTE);
    let done = CommandUpdate { id: CommandId::new(), state: CommandState::Done, text: "restarted".into() };
    assert!(spool.result_put(done.clone()).await);
    close(spool).await;
    let spool = Spool::open(&path, MEGABYTE);
    assert_eq!(spool.unfinished().await, std::slice::from_ref(&done));
    spool.result_acknowledge(done.id, CommandState::Done).await;
    close(spool).await;
    assert!(Spool::open(&path, MEGABYTE).unfinished().await.is_empty());
}
