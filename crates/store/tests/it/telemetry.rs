//! Logs: stored exactly once, read back, forgotten in time.

use mc_domain::{
    id::AgentId,
    log::{LogLevel, LogLine},
    metric::{Metric, Sample},
};
use mc_store::{LogFilter, LogOwner, Store, TelemetryBatch};
use uuid::Uuid;

use crate::support::{TestStore, at, line};

on_both_engines!(
    exactly_once,
    same_batch_from_many_connections,
    places_have_no_gaps,
    last_lines,
    log_filters,
    following,
    server_log,
    lines_go_after_a_week,
    two_hundred_thousand_lines,
    forgetting,
    spools_are_forgotten,
);

fn batch(agent_id: AgentId, spool_id: Uuid, number: u64, messages: &[&str]) -> TelemetryBatch {
    let lines = messages.iter().map(|message| line(i64::try_from(number).unwrap(), LogLevel::Info, message)).collect();
    TelemetryBatch { agent_id, spool_id, batch: number, lines, samples: Vec::new() }
}

async fn write(store: &Store, agent: AgentId, lines: Vec<LogLine>) {
    let batch = TelemetryBatch { agent_id: agent, spool_id: Uuid::now_v7(), batch: 1, lines, samples: Vec::new() };
    assert!(store.telemetry_append(&[batch]).await.unwrap()[0].fresh);
}

async fn read(store: &Store, agent: AgentId, filter: LogFilter, limit: u32) -> (Vec<String>, bool) {
    let (lines, more) = store.log_lines(LogOwner::Agent(agent), &filter, limit).await.unwrap();
    (lines.into_iter().map(|(_, line)| line.message).collect(), more)
}

async fn exactly_once(store: &TestStore) {
    let (web, api, spool) = (AgentId::new(), AgentId::new(), Uuid::now_v7());
    let first = [batch(web, spool, 1, &["a", "b"]), batch(api, spool, 1, &["x"]), batch(web, spool, 2, &["c"])];
    let stored = store.telemetry_append(&first).await.unwrap();
    assert_eq!(stored.iter().map(|stored| (stored.agent_id, stored.fresh)).collect::<Vec<_>>(), [(web, true), (api, true), (web, true)]);
    assert_eq!(stored[0].lines, [(1, line(1, LogLevel::Info, "a")), (2, line(1, LogLevel::Info, "b"))]);
    assert_eq!(stored[2].lines[0].0, 3);
    let again = store.telemetry_append(&[first[0].clone(), first[2].clone(), batch(web, spool, 3, &["d"])]).await.unwrap();
    assert_eq!(again.iter().map(|stored| (stored.fresh, stored.lines.len())).collect::<Vec<_>>(), [(false, 0), (false, 0), (true, 1)]);
    let twice = batch(web, spool, 4, &["e"]);
    let stored = store.telemetry_append(&[twice.clone(), twice]).await.unwrap();
    assert_eq!(stored.iter().map(|stored| stored.fresh).collect::<Vec<_>>(), [true, false], "also within one call");
    assert_eq!(store.telemetry_last_batch(web, spool).await, Ok(4));
    assert_eq!(store.telemetry_last_batch(web, Uuid::now_v7()).await, Ok(0));
    let anew = store.telemetry_append(&[batch(web, Uuid::now_v7(), 1, &["f"])]).await.unwrap();
    assert!(anew[0].fresh, "another spool counts for itself");
    assert_eq!(read(store, web, LogFilter::default(), 100).await.0, ["a", "b", "c", "d", "e", "f"]);
    assert_eq!(store.telemetry_append(&[]).await, Ok(Vec::new()));
}

async fn same_batch_from_many_connections(store: &TestStore) {
    let (web, spool) = (AgentId::new(), Uuid::now_v7());
    let tries = (0..16).map(|_| {
        let store = store.store.clone();
        tokio::spawn(async move { store.telemetry_append(&[batch(web, spool, 1, &["once"])]).await.unwrap()[0].fresh })
    });
    let fresh = futures::future::join_all(tries).await.into_iter().filter(|fresh| *fresh.as_ref().unwrap()).count();
    assert_eq!(fresh, 1);
    assert_eq!(read(store, web, LogFilter::default(), 9).await.0, ["once"]);
}

async fn places_have_no_gaps(store: &TestStore) {
    let web = AgentId::new();
    let writers = (0..8).map(|_| {
        let (store, spool) = (store.store.clone(), Uuid::now_v7());
        tokio::spawn(async move {
            for number in 1..=5 {
                store.telemetry_append(&[batch(web, spool, number, &["x", "y", "z"])]).await.unwrap();
            }
        })
    });
    for writer in futures::future::join_all(writers).await {
        writer.unwrap();
    }
    let lines = store.log_lines_after(LogOwner::Agent(web), &LogFilter::default(), 0, 1_000).await.unwrap();
    assert_eq!(lines.into_iter().map(|(seq, _)| seq).collect::<Vec<_>>(), (1..=120).collect::<Vec<_>>());
}

async fn last_lines(store: &TestStore) {
    let web = AgentId::new();
    write(store, web, (0..7).map(|n| line(n, LogLevel::Info, &format!("m{n}"))).collect()).await;
    write(store, AgentId::new(), vec![line(0, LogLevel::Info, "another agent's")]).await;
    let (page, more) = read(store, web, LogFilter::default(), 3).await;
    assert_eq!((page, more), (vec!["m4".to_owned(), "m5".to_owned(), "m6".to_owned()], true));
    let (page, more) = read(store, web, LogFilter { before: Some(5), ..LogFilter::default() }, 4).await;
    assert_eq!((page.len(), more), (4, false), "exactly as many as there are");
    assert_eq!(read(store, AgentId::new(), LogFilter::default(), 3).await, (Vec::new(), false));
}

async fn log_filters(store: &TestStore) {
    let web = AgentId::new();
    let lines = vec![
        line(1, LogLevel::Debug, "listening on 80%"),
        line(2, LogLevel::Warn, "Disk nearly full"),
        line(3, LogLevel::Error, "disk full_stop"),
        line(4, LogLevel::Info, "nul\0byte"),
    ];
    write(store, web, lines.clone()).await;
    let cases = [
        (LogFilter { level: Some(LogLevel::Warn), ..LogFilter::default() }, vec![1, 2]),
        (LogFilter { q: Some("DISK".to_owned()), ..LogFilter::default() }, vec![1, 2]),
        (LogFilter { q: Some("0%".to_owned()), ..LogFilter::default() }, vec![0]),
        (LogFilter { q: Some("l_s".to_owned()), ..LogFilter::default() }, vec![2]),
        (LogFilter { since: Some(at(3)), ..LogFilter::default() }, vec![2, 3]),
        (LogFilter { level: Some(LogLevel::Error), q: Some("nearly".to_owned()), ..LogFilter::default() }, vec![]),
    ];
    for (filter, expected) in cases {
        let found = store.log_lines(LogOwner::Agent(web), &filter, 10).await.unwrap().0;
        let places: Vec<_> = found.iter().map(|(seq, _)| usize::try_from(seq - 1).unwrap()).collect();
        assert_eq!(places, expected, "{filter:?}");
        let live: Vec<_> = (0..lines.len()).filter(|place| filter.matches(&lines[*place])).collect();
        assert_eq!(live, expected, "following live finds the same: {filter:?}");
    }
    assert_eq!(read(store, web, LogFilter::default(), 1).await.0, ["nul\u{fffd}byte"], "neither engine keeps NUL");
}

async fn following(store: &TestStore) {
    let web = AgentId::new();
    write(store, web, (0..5).map(|n| line(n, if n % 2 == 0 { LogLevel::Warn } else { LogLevel::Info }, "x")).collect()).await;
    let after = |seq, filter: LogFilter| async move {
        let lines = store.log_lines_after(LogOwner::Agent(web), &filter, seq, 2).await.unwrap();
        lines.into_iter().map(|(seq, _)| seq).collect::<Vec<_>>()
    };
    assert_eq!(after(0, LogFilter::default()).await, [1, 2]);
    assert_eq!(after(2, LogFilter::default()).await, [3, 4]);
    assert_eq!(after(1, LogFilter { level: Some(LogLevel::Warn), ..LogFilter::default() }).await, [3, 5]);
    assert_eq!(after(5, LogFilter::default()).await, [0; 0]);
}

async fn server_log(store: &TestStore) {
    let lines = vec![line(1, LogLevel::Info, "started"), line(2, LogLevel::Warn, "slow")];
    let numbered = store.server_log_append(lines.clone()).await.unwrap();
    assert_eq!(numbered, [(1, lines[0].clone()), (2, lines[1].clone())]);
    assert_eq!(store.server_log_append(vec![line(3, LogLevel::Info, "more")]).await.unwrap()[0].0, 3);
    assert_eq!(store.server_log_append(Vec::new()).await, Ok(Vec::new()));
    let (read, more) = store.log_lines(LogOwner::Server, &LogFilter::default(), 2).await.unwrap();
    assert_eq!((read.len(), read[1].1.message.as_str(), more), (2, "more", true));
}

async fn lines_go_after_a_week(store: &TestStore) {
    let web = AgentId::new();
    let day = 86_400;
    // More than one chunk of old lines, with one from a clock that runs ahead among them.
    let mut lines: Vec<_> = (0..4_500).map(|n| line(n, LogLevel::Info, "old")).collect();
    lines[10].at = at(100 * day);
    lines.extend((0..10).map(|n| line(8 * day + n, LogLevel::Info, "new")));
    write(store, web, lines).await;
    store.server_log_append(vec![line(0, LogLevel::Info, "old")]).await.unwrap();
    assert_eq!(store.telemetry_prune(at(6 * day)).await.unwrap().lines, 0);
    assert_eq!(store.telemetry_prune(at(8 * day)).await.unwrap().lines, 4_500);
    let (left, _) = read(store, web, LogFilter::default(), 100).await;
    assert_eq!(left.iter().filter(|message| *message == "new").count(), 10);
    assert_eq!(left.len(), 11);
    write(store, web, vec![line(8 * day, LogLevel::Info, "next")]).await;
    let (last, _) = store.log_lines(LogOwner::Agent(web), &LogFilter::default(), 1).await.unwrap();
    assert_eq!(last[0].0, 4_511, "places are never used again");
}

async fn two_hundred_thousand_lines(store: &TestStore) {
    let (web, spool) = (AgentId::new(), Uuid::now_v7());
    for number in 1..=11 {
        let lines = (0..20_000).map(|n| line(n, LogLevel::Info, "x")).collect();
        let batch = TelemetryBatch { agent_id: web, spool_id: spool, batch: number, lines, samples: Vec::new() };
        store.telemetry_append(&[batch]).await.unwrap();
    }
    let first = store.log_lines_after(LogOwner::Agent(web), &LogFilter::default(), 0, 1).await.unwrap();
    assert_eq!(first[0].0, 21_001, "the newest of 220,000 are left, and room for the next thousand");
}

async fn forgetting(store: &TestStore) {
    let (web, api, spool) = (AgentId::new(), AgentId::new(), Uuid::now_v7());
    for agent in [web, api] {
        let samples = (0..10).map(|n| Sample { at: at(n * 60), values: vec![(Metric::CPU, 1.0)] }).collect();
        let lines = (0..2_500).map(|n| line(n, LogLevel::Info, "x")).collect();
        store.telemetry_append(&[TelemetryBatch { agent_id: agent, spool_id: spool, batch: 7, lines, samples }]).await.unwrap();
    }
    store.telemetry_roll_up(at(3600)).await.unwrap();
    store.telemetry_forget(web).await.unwrap();
    let series =
        |agent| async move { store.metric_series(agent, &[Metric::CPU], at(0), at(3600), crate::support::secs(60)).await.unwrap() };
    assert_eq!(read(store, web, LogFilter::default(), 10).await, (Vec::new(), false));
    assert_eq!(series(web).await[0].points, []);
    assert_eq!(store.telemetry_last_batch(web, spool).await, Ok(0));
    assert_eq!(read(store, api, LogFilter::default(), 10).await.0.len(), 10, "another agent's stay");
    assert_eq!(series(api).await[0].points.len(), 10);
    assert_eq!(store.telemetry_last_batch(api, spool).await, Ok(7));
}

async fn spools_are_forgotten(store: &TestStore) {
    let (web, quiet, busy) = (AgentId::new(), Uuid::now_v7(), Uuid::now_v7());
    let day = 86_400;
    store.telemetry_append(&[batch(web, quiet, 3, &[]), batch(web, busy, 3, &[])]).await.unwrap();
    store.telemetry_prune(at(0)).await.unwrap();
    store.telemetry_append(&[batch(web, busy, 4, &[])]).await.unwrap();
    assert_eq!(store.telemetry_prune(at(8 * day)).await.unwrap().spools, 0);
    assert_eq!(store.telemetry_prune(at(9 * day)).await.unwrap().spools, 1);
    assert_eq!(store.telemetry_last_batch(web, quiet).await, Ok(0));
    assert_eq!(store.telemetry_last_batch(web, busy).await, Ok(4));
}
