//! The trail's far end and its size: entries that reached their age go as whole segments, and an export of many entries takes no memory.

use std::{path::Path, sync::Arc, time::Duration};

use mc_app::{App, Settings, audit::entry::AuditFilter, settings::AuditSettings, tasks};
use mc_domain::{
    actor::Actor,
    audit::{AuditEntry, AuditResult},
    ctx::Ctx,
    id::RequestId,
    time::{Clock, SystemClock, Time},
};
use mc_store::{Options, Store};
use mc_testkit::Db;
use mc_trail::{PublicKey, export};
use parking_lot::Mutex;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::support::{Engine, World, eventually, on_both_engines};

on_both_engines!(old_entries_end_as_whole_segments, an_export_takes_no_memory);

const DAY: Duration = Duration::from_secs(86_400);

/// A clock that is moved by hand.
struct Hand(Mutex<Time>);

impl Clock for Hand {
    fn now(&self) -> Time {
        *self.0.lock()
    }
}

/// Entries are kept for 90 days.
fn settings(dir: &Path) -> Settings {
    Settings {
        data_dir: dir.to_owned(),
        agent_address: "localhost:1".to_owned(),
        public_url: "https://localhost:2".to_owned(),
        access_life: DAY,
        refresh_life: DAY,
        step_up_life: DAY,
        token_life_max: DAY,
        heartbeat: DAY,
        offline_after: DAY,
        certificate_life: DAY,
        jwt_key_file: None,
        seal_key: None,
        oidc_http_loopback: false,
        mail: None,
        audit: AuditSettings { retention: 90 * DAY, mirror_file: None, mirror_webhook: None },
        recordings: mc_app::settings::RecordingSettings { stdin: false, max_bytes: 1_048_576, retention: Duration::from_secs(86_400) },
        bcrypt_cost: 4,
    }
}

fn options(db: &Db, dir: &Path) -> Options {
    Options { database_url: db.url().map(|url| url.to_owned().into()), data_dir: dir.to_owned(), accept_new_audit_key: false }
}

fn console(app: &App) -> Ctx {
    Ctx { actor: Actor::Console, request_id: RequestId::new(), address: None, now: app.now() }
}

/// The whole trail with its proof, as a download has it.
async fn exported(app: &App) -> String {
    let mut export = app.audit_export_proven(&console(app), AuditFilter::default()).await.expect("it begins");
    let mut text = String::new();
    while let Some(lines) = app.audit_export_lines(&mut export).await.expect("it goes on") {
        lines.iter().for_each(|line| text += &export::write(line).expect("a line"));
    }
    text
}

fn proved(text: &str, key: &PublicKey) -> mc_trail::Report {
    export::verify(text.as_bytes(), Some(key.clone())).expect("an export").report
}

async fn old_entries_end_as_whole_segments(engine: Engine) {
    let db = if engine == Engine::Sqlite { Db::sqlite() } else { Db::postgres() }.expect("a database");
    let dir = tempfile::tempdir().expect("a folder");
    let today = SystemClock.now();
    let clock = Arc::new(Hand(Mutex::new(today.before(200 * DAY))));
    let store = Store::open(&options(&db, dir.path())).await.expect("it opens");
    let app = App::start(settings(dir.path()), store.clone(), Arc::clone(&clock) as Arc<dyn Clock>).await.expect("it starts");
    let key = app.audit_key(&console(&app)).expect("a key");
    let mut earlier = String::new();
    // A few entries and a signature every twenty days.
    for _ in 0..10 {
        for _ in 0..5 {
            assert!(app.audit_verify(&console(&app)).await.expect("it answers").report.bad.is_none());
        }
        earlier = exported(&app).await;
        *clock.0.lock() = app.now().after(20 * DAY);
    }
    let before = store.audit_head().await.expect("an end");
    assert_eq!((before.first_sequence, before.sequence), (1, 60), "nothing ends by itself");
    *clock.0.lock() = today;
    let (stop, tracker) = (CancellationToken::new(), TaskTracker::new());
    tasks::start(&app, &stop, &tracker);
    // Signed 200, 180, … 20 days ago, six entries each: the first five or six are over.
    let first = eventually("old entries to end", async || {
        let kept = app.audit_verify(&console(&app)).await.expect("it answers").report;
        assert_eq!(kept.bad, None, "whole at any moment");
        (kept.segments == 1 && kept.first_sequence > 1).then_some(kept.first_sequence)
    })
    .await;
    assert!((31..=37).contains(&first) && first % 6 == 1, "whole segments: {first}");
    let swept = eventually("the rows to go", async || {
        let gone = store.audit_expired(today.before(90 * DAY)).await.expect("it answers").0.is_none();
        (gone && exported(&app).await.lines().filter(|line| line.contains("\"line\":\"entry\"")).count() < 60).then_some(())
    });
    swept.await;
    let text = exported(&app).await;
    let report = proved(&text, &key);
    assert_eq!((report.bad, report.segments, report.first_sequence), (None, 1, first), "and proved without the server");
    assert!(text.contains("audit_retention"), "it is recorded");
    // The digest is what holds the rest together: without it, or with another, nothing is whole.
    let without: String = text.lines().filter(|line| !line.contains("\"line\":\"segment\"")).map(|line| format!("{line}\n")).collect();
    assert!(proved(&without, &key).bad.is_some());
    assert_eq!(proved(&earlier, &key).bad, None, "an export from before is good for ever");
    stop.cancel();
    tracker.close();
    tracker.wait().await;
    app.settle().await;
    store.close().await;
}

/// A server whose trail has so many more entries with details of so many characters.
async fn filled(engine: Engine, entries: usize, detail: usize) -> World {
    const TOGETHER: usize = 500;
    let mut world = World::start(engine).await;
    world.server.stop().await.expect("it ends");
    let store = Store::open(&options(&world.db, world.server.data_dir())).await.expect("it opens");
    let now = SystemClock.now();
    for _ in 0..entries / TOGETHER {
        let entry = |_| AuditEntry::new(&Ctx::system(now), now, "login", AuditResult::Ok).detail("x".repeat(detail));
        store.audit_append(&(0..TOGETHER).map(entry).collect::<Vec<_>>()).await.expect("they are stored");
    }
    store.close().await;
    world.server.start_again().await.expect("it starts");
    world
}

/// How many MB more than before the server needed at most while an export was read slowly, and how many MB that was.
async fn exported_with(world: &mut World, path: &str) -> (f64, f64) {
    let process = format!("/proc/{}", world.server.program().expect("it runs").pid().expect("it runs"));
    let memory = |what: &str| -> f64 {
        let status = std::fs::read_to_string(format!("{process}/status")).expect("its state");
        let line = status.lines().find(|line| line.starts_with(what)).expect("a figure");
        line.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<f64>().ok()).expect("a number") / 1_024.0
    };
    // One export warms up what every answer needs.
    let (api, mut size) = (world.admin.clone(), 0);
    assert_eq!(api.get(&format!("{path}&action=setup_complete")).await.status, 200);
    std::fs::write(format!("{process}/clear_refs"), "5").expect("the kernel forgets the peak");
    let before = memory("VmRSS:");
    let mut answer = api.request("GET", path).send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    while let Some(piece) = answer.chunk().await.expect("more") {
        size += piece.len();
    }
    (memory("VmHWM:") - before, size as f64 / 1e6)
}

async fn an_export_takes_no_memory(engine: Engine) {
    let mut world = filled(engine, 20_000, 3_900).await;
    let (more, size) = exported_with(&mut world, "/api/v1/admin/audit?format=ndjson").await;
    assert!(size > 75.0, "{size} MB");
    assert!(more < size / 2.0, "{more} MB more for {size} MB");
}

/// For people to read: `cargo nextest run -p mc-server --run-ignored only a_million_rows --no-capture`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes; measures, and asserts nothing about time"]
async fn a_million_rows() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let mut world = filled(engine, 1_000_000, 20).await;
        for path in ["format=csv", "format=json", "format=ndjson", "format=ndjson&with_proof=true"] {
            let began = std::time::Instant::now();
            let (more, size) = exported_with(&mut world, &format!("/api/v1/admin/audit?{path}")).await;
            println!("{engine:?} {path}: {size:.0} MB, {more:.1} MB of memory more, {:.0} s", began.elapsed().as_secs_f64());
        }
    }
}
