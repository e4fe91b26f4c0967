//! The audit trail: entries that are stored with the change they record, the check of the whole, an export of all of it.

use std::time::Duration;

use anyhow::ensure;
use mc_api::agent::AgentUpdate;
use mc_client::{AuditFormat, AuditQuery};
use mc_domain::{
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    time::{Clock as _, SystemClock},
};
use mc_store::{Options, Store};
use tokio::time::Instant;

use crate::run::Bench;

/// Writers at once, each with a change of its own and its entry in one transaction.
const WRITERS: usize = 64;

/// The most an entry may take when all of them write at once, in milliseconds: 2,000 entries a second.
const ENTRY_MS: f64 = 0.5;

/// Entries alone, written into a SQLite file of their own by the code that the server writes with.
async fn entries(bench: &mut Bench) -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let store = Store::open(&Options { database_url: None, data_dir: dir.path().to_owned(), accept_new_audit_key: false }).await?;
    let until = Instant::now() + bench.size.flood;
    let began = Instant::now();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut written = 0_u64;
                while Instant::now() < until {
                    let now = SystemClock.now();
                    let entry = AuditEntry::new(&Ctx::system(now), now, "login", AuditResult::Ok).detail(format!("writer {writer}"));
                    store.audit_append(&[entry]).await?;
                    written += 1;
                }
                anyhow::Ok(written)
            })
        })
        .collect();
    let mut written = 0;
    for writer in writers {
        written += writer.await??;
    }
    let seconds = began.elapsed().as_secs_f64();
    let end = store.audit_head().await?;
    ensure!(end.sequence == written, "{written} entries were written, and the trail ends at {}", end.sequence);
    store.close().await;
    bench.figure(format!("audit entry, {WRITERS} writers at once, SQLite"), seconds * 1e3 / written.max(1) as f64, "ms", Some(ENTRY_MS));
    bench.figure(format!("audit entries, {WRITERS} writers at once, SQLite"), written as f64 / seconds, "1/s", None);
    Ok(())
}

/// Writes for a while, then has all of it proved and exported.
pub(super) async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    entries(bench).await?;
    let before = bench.client.audit_verify().await?;
    ensure!(before.ok, "{}", before.text);
    let until = Instant::now() + bench.size.flood;
    let began = Instant::now();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| Ok((writer, bench.client.clone(), bench.fleet.any()?.name.clone())))
        .collect::<anyhow::Result<Vec<_>>>()?
        .into_iter()
        .map(|(writer, client, agent)| {
            tokio::spawn(async move {
                let mut written = 0_u64;
                while Instant::now() < until {
                    let tags = Some(vec![format!("w{writer}-{written}")]);
                    client.agent_update(&agent, &AgentUpdate { name: None, tags }).await?;
                    written += 1;
                }
                anyhow::Ok(written)
            })
        })
        .collect();
    let mut written = 0;
    for writer in writers {
        written += writer.await??;
    }
    let rate = written as f64 / began.elapsed().as_secs_f64();
    bench.figure(format!("audited changes over HTTP, {WRITERS} writers"), rate, "1/s", None);

    let found = bench.client.audit_verify().await?;
    ensure!(found.ok && found.entries >= before.entries + written, "{} ({} entries)", found.text, found.entries);
    let took = Duration::from_millis(found.took_ms.max(1));
    bench.figure("audit trail verified by the server", found.entries as f64 / took.as_secs_f64(), "entries/s", None);

    let resident = bench.watch_central()?.resident_bytes()?;
    let began = Instant::now();
    let (mut download, mut size) = (bench.client.audit_export(&AuditQuery::default(), AuditFormat::Proof).await?, 0_usize);
    while let Some(piece) = download.next().await? {
        size += piece.len();
    }
    let seconds = began.elapsed().as_secs_f64();
    bench.figure("audit trail exported with its proof", found.entries as f64 / seconds, "entries/s", None);
    bench.figure("audit trail exported: size", size as f64 / 1e6, "MB", None);
    let more = bench.watch_central()?.resident_bytes()? - resident;
    bench.figure("server: memory more after the export", more.max(0.0) / 1e6, "MB", None);
    Ok(())
}
