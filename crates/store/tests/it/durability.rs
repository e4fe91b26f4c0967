//! What was acknowledged survives `kill -9`.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Command, Stdio},
};

use mc_domain::{id::AgentId, log::LogLevel};
use mc_store::{LogFilter, LogOwner, Options, Store, TelemetryBatch};
use mc_testkit::Db;
use uuid::Uuid;

use crate::support::{entry, line, options, session, stored_user};

/// The part that is killed. Reads where to write, then writes until it ends, saying each time what is stored.
#[tokio::test]
#[ignore = "run by the tests below as a process of its own"]
async fn writer() {
    let mut place = String::new();
    std::io::stdin().read_line(&mut place).expect("where to write");
    let (url, dir) = place.trim().split_once(' ').expect("URL or -, and folder");
    let database_url = (url != "-").then(|| url.into());
    let store = Store::open(&Options { database_url, data_dir: dir.into(), accept_new_audit_key: false }).await.expect("it opens");
    let alice = stored_user(&store, "alice", mc_domain::role::Role::Admin).await;
    let (agent, spool) = (AgentId::new(), Uuid::now_v7());
    for batch in 1.. {
        let login = session(&alice);
        store.session_insert(&login, Some("hash"), &login.id.to_string(), &entry("login")).await.expect("a session");
        let lines = vec![line(0, LogLevel::Info, "x")];
        store
            .telemetry_append(&[TelemetryBatch { agent_id: agent, spool_id: spool, batch, lines, samples: Vec::new() }])
            .await
            .expect("a batch");
        println!("stored {} {agent} {spool} {batch}", login.id);
    }
}

async fn survives(db: Db) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["durability::writer", "--exact", "--ignored", "--nocapture"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(child.stdin.take().unwrap(), "{} {}", db.url().unwrap_or("-"), db.data_dir().display()).unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap).filter(|line| line.starts_with("stored "));
    let mut stored: Vec<_> = said.by_ref().take(50).collect();
    child.kill().expect("SIGKILL");
    child.wait().unwrap();
    // What it still managed to say counts too.
    stored.extend(said.filter(|line| line.split(' ').count() == 5));
    let store = Store::open(&options(&db)).await.expect("it opens without repair");
    for line in &stored {
        let words: Vec<_> = line.split(' ').collect();
        let live = store.session_live(words[1].parse().unwrap(), crate::support::at(1)).await.unwrap();
        assert!(live.is_some(), "{line}");
    }
    let proof = crate::support::permit::<_, mc_domain::action::AuditVerify>(mc_domain::permit::Everything);
    let report = store.audit_verify(&proof, &[], &mc_store::Remembered::default()).await.unwrap();
    assert_eq!(report.bad, None, "the chain is whole");
    assert!(report.entries > u64::try_from(stored.len()).unwrap(), "{report:?}");
    let last: Vec<_> = stored.last().unwrap().split(' ').collect();
    let (agent, spool, batch) = (last[2].parse().unwrap(), last[3].parse().unwrap(), last[4].parse::<u64>().unwrap());
    let kept = store.telemetry_last_batch(agent, spool).await.unwrap();
    assert!(kept == batch || kept == batch + 1, "{kept} stored, {batch} acknowledged");
    let lines = store.log_lines_after(LogOwner::Agent(agent), &LogFilter::default(), 0, 1_000_000).await.unwrap();
    assert_eq!(u64::try_from(lines.len()).unwrap(), kept, "each batch with its lines");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_survives_kill() {
    survives(Db::sqlite().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_survives_kill() {
    survives(Db::postgres().unwrap()).await;
}
