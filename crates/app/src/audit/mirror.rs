//! Copies of checkpoints off the database: to a file, to a webhook off the machine.
//!
//! The database is the queue: each mirror remembers the number of the checkpoint it took last and asks for those behind it, so nothing is kept
//! in memory, nothing waits for a mirror, and what a mirror missed while it was away it gets when it is back.

use std::{fs::OpenOptions, io::Write as _, os::unix::fs::OpenOptionsExt as _, path::PathBuf, sync::Arc, time::Duration};

use mc_trail::Checkpoint;
use parking_lot::Mutex;
use secrecy::{ExposeSecret as _, SecretString};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{App, error::AppError};

/// Checkpoints copied at once.
const TOGETHER: u32 = 100;
/// How long a webhook may take.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// How long to wait after a failure: doubled each time, up to the most.
const WAIT: Duration = Duration::from_secs(1);
const WAIT_MAX: Duration = Duration::from_secs(60);
/// How much of a mirror file's end is read to find the last copy.
const TAIL: u64 = 64 * 1024;

/// What is wrong with each mirror.
#[derive(Default)]
pub(crate) struct Mirrors(Mutex<Vec<(&'static str, String)>>);

impl Mirrors {
    pub(crate) fn problems(&self) -> Vec<String> {
        self.0.lock().iter().map(|(name, problem)| format!("{name}: {problem}")).collect()
    }

    fn set(&self, name: &'static str, problem: Option<String>) {
        let mut all = self.0.lock();
        let before = all.iter().position(|(known, _)| *known == name);
        match (&problem, before) {
            (Some(problem), None) => {
                tracing::warn!(mirror = name, problem, "checkpoints of the audit trail are not mirrored; it is tried again")
            }
            (None, Some(_)) => tracing::info!(mirror = name, "checkpoints of the audit trail are mirrored again"),
            _ => {}
        }
        all.retain(|(known, _)| *known != name);
        all.extend(problem.map(|problem| (name, problem)));
    }
}

/// One place to copy to.
enum Target {
    File(PathBuf),
    Webhook(reqwest::Client, SecretString),
}

impl Target {
    const fn name(&self) -> &'static str {
        match self {
            Self::File(_) => "mirror_file",
            Self::Webhook(..) => "mirror_webhook",
        }
    }

    /// Takes checkpoints, in order. Errors say what failed and no address, which may hold a token.
    async fn take(&self, checkpoints: &[Checkpoint]) -> Result<(), String> {
        let lines: Result<Vec<String>, _> = checkpoints.iter().map(serde_json::to_string).collect();
        let text = lines.map_err(|error| error.to_string())?.join("\n") + "\n";
        match self {
            Self::File(path) => {
                let path = path.clone();
                let append = move || {
                    let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
                    file.write_all(text.as_bytes())?;
                    file.sync_all()
                };
                let done = tokio::task::spawn_blocking(append).await.map_err(|_| "writing was cut off".to_owned())?;
                done.map_err(|error| format!("the file cannot be written: {}", error.kind()))
            }
            Self::Webhook(client, url) => {
                let post = client.post(url.expose_secret()).header("content-type", "application/x-ndjson").body(text);
                let answer = post.send().await.map_err(|error| format!("no answer: {}", error.without_url()))?;
                let status = answer.status();
                if status.is_success() { Ok(()) } else { Err(format!("it answered {status}")) }
            }
        }
    }

    /// The number of the last copy a file holds.
    fn last(&self) -> Option<u64> {
        use std::io::{Read as _, Seek as _, SeekFrom};
        let Self::File(path) = self else { return None };
        let mut file = std::fs::File::open(path).ok()?;
        let size = file.metadata().ok()?.len();
        file.seek(SeekFrom::Start(size.saturating_sub(TAIL))).ok()?;
        let mut tail = Vec::new();
        file.read_to_end(&mut tail).ok()?;
        let text = String::from_utf8_lossy(&tail);
        text.lines().rev().find_map(|line| serde_json::from_str::<Checkpoint>(line).ok()).map(|checkpoint| checkpoint.number)
    }
}

/// Starts the mirrors that are configured.
pub(crate) fn start(app: &Arc<App>, stop: &CancellationToken, tracker: &TaskTracker) {
    let settings = &app.settings.audit;
    let file = settings.mirror_file.clone().map(Target::File);
    let webhook = settings.mirror_webhook.clone().and_then(|url| {
        let client = reqwest::Client::builder().timeout(ANSWER_MAX).redirect(reqwest::redirect::Policy::none()).build();
        let client = client.map_err(|error| app.mirrors.set("mirror_webhook", Some(format!("it cannot be used: {error}"))));
        Some(Target::Webhook(client.ok()?, url))
    });
    for target in file.into_iter().chain(webhook) {
        tracker.spawn(mirror(Arc::clone(app), target, stop.clone()));
    }
}

async fn mirror(app: Arc<App>, target: Target, stop: CancellationToken) {
    let mut newest = app.witness.follow();
    // A webhook begins with what is signed from now on; a file goes on where it ended.
    let mut next = match (&target, newest.borrow_and_update().as_ref().map_or(0, |newest| newest.number)) {
        (Target::File(_), _) => target.last().unwrap_or(0) + 1,
        (Target::Webhook(..), number) => number.max(1),
    };
    let mut wait = WAIT;
    loop {
        let copied = copy(&app, &target, next).await;
        app.mirrors.set(target.name(), copied.as_ref().err().cloned());
        let failed = copied.is_err();
        match copied {
            Ok(Some(then)) => {
                (next, wait) = (then, WAIT);
                continue;
            }
            Ok(None) => wait = WAIT,
            Err(_) => wait = (wait * 2).min(WAIT_MAX),
        }
        tokio::select! {
            changed = newest.changed(), if !failed => if changed.is_err() { return },
            () = tokio::time::sleep(wait), if failed => {}
            () = stop.cancelled() => {
                // What was signed last, on the way out.
                let _ = copy(&app, &target, next).await;
                return;
            }
        }
    }
}

/// Copies what follows; answers where to go on, or nothing when all is copied.
async fn copy(app: &App, target: &Target, next: u64) -> Result<Option<u64>, String> {
    let waiting = app.store.audit_checkpoints_from(next, TOGETHER).await.map_err(|error| AppError::from(error).to_string())?;
    let Some(last) = waiting.last() else { return Ok(None) };
    target.take(&waiting).await?;
    Ok(Some(last.number + 1))
}
