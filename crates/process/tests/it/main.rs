//! The supervisor with real processes.

#![expect(clippy::unwrap_used, reason = "helpers outside of test functions fail the test by panicking")]

use std::{fs, path::Path, sync::Arc, time::Duration};

use mc_domain::{
    time::SystemClock,
    workload::{Workload, WorkloadState},
};
use mc_process::{
    group,
    lines::{OutputLine, Stream},
    policy::{Backoff, RestartPolicy},
    spawn::Program,
    supervise::{Settings, SuperviseError, Supervisor},
};
use tempfile::TempDir;
use tokio::sync::{mpsc, watch};

/// Far longer than anything here takes, so that a hang fails instead of hanging.
const LIMIT: Duration = Duration::from_secs(30);

fn settings(dir: &Path, script: &str) -> Settings {
    let argv = ["sh", "-c", script].map(str::to_owned).to_vec();
    let mut settings = Settings::new(Program { argv, ..Program::default() }, dir.join("workload.run"));
    settings.settle = Duration::from_millis(50);
    settings.backoff = Backoff { first: Duration::from_millis(10), ..Backoff::default() };
    settings
}

fn start(settings: Settings) -> (Supervisor, watch::Receiver<Workload>, mpsc::Receiver<OutputLine>) {
    let (lines, output) = mpsc::channel(64);
    let supervisor = Supervisor::start(settings, Arc::new(SystemClock), lines);
    let workload = supervisor.watch();
    (supervisor, workload, output)
}

async fn reach(workload: &mut watch::Receiver<Workload>, state: WorkloadState) -> Workload {
    let mut last = workload.borrow().clone();
    let seen = workload.wait_for(|workload| {
        last = workload.clone();
        workload.state == state
    });
    let reached = tokio::time::timeout(LIMIT, seen).await.is_ok();
    assert!(reached, "never became {state:?}, stayed {last:?}");
    last
}

async fn line(output: &mut mpsc::Receiver<OutputLine>) -> OutputLine {
    tokio::time::timeout(LIMIT, output.recv()).await.unwrap().unwrap()
}

async fn gone(pid: u32) {
    let ended = async {
        while group::stat(pid).is_some_and(|process| !process.zombie) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LIMIT, ended).await.unwrap();
}

#[tokio::test]
async fn output_comes_as_lines_and_a_restart_changes_the_process() {
    let dir = TempDir::new().unwrap();
    let (supervisor, mut workload, mut output) = start(settings(dir.path(), "echo out; echo err >&2; exec sleep 1000"));
    let before = reach(&mut workload, WorkloadState::Running).await;
    let mut first = [line(&mut output).await, line(&mut output).await];
    first.sort_by_key(|line| line.stream == Stream::Stderr);
    assert_eq!(first.map(|line| (line.stream, line.text)), [(Stream::Stdout, "out".to_owned()), (Stream::Stderr, "err".to_owned())]);

    let answer = supervisor.restart().await.unwrap();
    let after = workload.borrow().clone();
    assert_eq!(after.state, WorkloadState::Running);
    assert_ne!(after.pid, before.pid);
    assert_eq!(after.restarts, 1);
    assert_eq!(answer, format!("restarted, pid {} instead of {}", after.pid.unwrap(), before.pid.unwrap()));
    supervisor.quit().await;
    gone(after.pid.unwrap()).await;
}

#[tokio::test]
async fn a_deaf_process_is_killed_after_the_stop_timeout_with_its_children() {
    let dir = TempDir::new().unwrap();
    let mut settings = settings(dir.path(), "trap '' TERM; sleep 1000 & echo $!; while :; do sleep 1000; done");
    settings.stop_timeout = Duration::from_millis(100);
    let (supervisor, mut workload, mut output) = start(settings);
    let before = reach(&mut workload, WorkloadState::Running).await;
    let child: u32 = line(&mut output).await.text.parse().unwrap();
    supervisor.restart().await.unwrap();
    assert_ne!(workload.borrow().pid, before.pid);
    assert_eq!(workload.borrow().last_exit, Some(-9));
    gone(child).await;
    gone(before.pid.unwrap()).await;
    supervisor.quit().await;
}

#[tokio::test]
async fn killed_means_stopped_until_restarted_also_over_a_new_supervisor() {
    let dir = TempDir::new().unwrap();
    let (supervisor, mut workload, _output) = start(settings(dir.path(), "exec sleep 1000"));
    let pid = reach(&mut workload, WorkloadState::Running).await.pid.unwrap();
    supervisor.kill().await.unwrap();
    assert_eq!(workload.borrow().state, WorkloadState::Stopped);
    gone(pid).await;
    supervisor.quit().await;

    let (again, mut workload, _output) = start(settings(dir.path(), "exec sleep 1000"));
    reach(&mut workload, WorkloadState::Stopped).await;
    again.restart().await.unwrap();
    assert_eq!(workload.borrow().state, WorkloadState::Running);
    again.quit().await;
}

#[tokio::test]
async fn bad_ends_become_a_crash_loop() {
    let dir = TempDir::new().unwrap();
    let (supervisor, mut workload, _output) = start(settings(dir.path(), "exit 3"));
    let looping = reach(&mut workload, WorkloadState::CrashLoop).await;
    assert_eq!(looping.last_exit, Some(3));
    assert_eq!(looping.restarts, 4);
    assert!(looping.detail.contains("exit code 3, next try in 60 s"), "{}", looping.detail);
    assert_eq!(supervisor.restart().await, Err(SuperviseError::NotStarted("it started and ended at once: exit code 3".to_owned())));
    supervisor.quit().await;
}

#[tokio::test]
async fn policies_and_fatal_codes_are_respected() {
    let dir = TempDir::new().unwrap();
    let mut never = settings(dir.path(), "exit 4");
    never.policy = RestartPolicy::Never;
    let (_supervisor, mut workload, _output) = start(never);
    assert!(reach(&mut workload, WorkloadState::Failed).await.detail.contains("not started again"));

    let mut well = settings(dir.path(), "exit 0");
    well.policy = RestartPolicy::OnFailure;
    let (_supervisor, mut workload, _output) = start(well);
    assert_eq!(reach(&mut workload, WorkloadState::Stopped).await.last_exit, Some(0));

    let mut fatal = settings(dir.path(), "exit 78");
    fatal.fatal_exits = vec![78];
    let (_supervisor, mut workload, _output) = start(fatal);
    assert!(reach(&mut workload, WorkloadState::Failed).await.detail.contains("configuration is wrong"));
}

#[tokio::test]
async fn a_missing_program_is_failed_in_one_clear_line() {
    let dir = TempDir::new().unwrap();
    let mut missing = settings(dir.path(), "");
    missing.program.argv = vec!["/no/such/program".to_owned()];
    let (supervisor, mut workload, _output) = start(missing);
    let failed = reach(&mut workload, WorkloadState::Failed).await;
    assert!(failed.detail.starts_with("cannot start /no/such/program: No such file"), "{}", failed.detail);
    supervisor.quit().await;
}

#[tokio::test]
async fn a_cancelled_restart_does_not_kill() {
    let dir = TempDir::new().unwrap();
    let marker = dir.path().join("asked");
    let script = format!("trap 'touch {}' TERM; echo up; while :; do sleep 0.01; done", marker.display());
    let (supervisor, mut workload, mut output) = start(settings(dir.path(), &script));
    let pid = reach(&mut workload, WorkloadState::Running).await.pid;
    assert_eq!(line(&mut output).await.text, "up");
    let restart = {
        let supervisor = supervisor.clone();
        tokio::spawn(async move { supervisor.restart().await })
    };
    let asked = async {
        while !marker.exists() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LIMIT, asked).await.unwrap();
    restart.abort();
    let running = reach(&mut workload, WorkloadState::Running).await;
    assert_eq!(running.pid, pid);
    assert!(running.detail.contains("cancelled"), "{}", running.detail);
    supervisor.kill().await.unwrap();
    gone(pid.unwrap()).await;
}

#[tokio::test]
async fn a_kill_overtakes_a_restart() {
    let dir = TempDir::new().unwrap();
    let (supervisor, mut workload, mut output) = start(settings(dir.path(), "trap '' TERM; echo up; while :; do sleep 1000; done"));
    reach(&mut workload, WorkloadState::Running).await;
    assert_eq!(line(&mut output).await.text, "up");
    let restart = {
        let supervisor = supervisor.clone();
        tokio::spawn(async move { supervisor.restart().await })
    };
    reach(&mut workload, WorkloadState::Restarting).await;
    supervisor.kill().await.unwrap();
    assert_eq!(restart.await.unwrap(), Err(SuperviseError::Overridden));
    assert_eq!(workload.borrow().state, WorkloadState::Stopped);
    supervisor.quit().await;
}

#[tokio::test]
async fn what_a_dead_supervisor_left_is_ended_before_a_new_start() {
    let dir = TempDir::new().unwrap();
    // Stands in for a supervisor that was killed: the group runs, the note says so, nobody owns it.
    let mark = "left-over-mark";
    let (lines, _output) = mpsc::channel(4);
    let program = Program { argv: vec!["sleep".into(), "1000".into()], ..Program::default() };
    let mut orphan = mc_process::spawn::spawn(&program, (mc_process::run_file::MARK_VARIABLE, mark), &lines).unwrap();
    let pid = orphan.id().unwrap();
    fs::write(dir.path().join("workload.run"), format!("mark={mark}\npid=\nstart_ticks=\nstopped=no\n")).unwrap();
    // The mark is visible once the new program's image is in place.
    let marked = async {
        while !group::has_environment(pid, mc_process::run_file::MARK_VARIABLE, mark) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LIMIT, marked).await.unwrap();

    let (supervisor, mut workload, _output) = start(settings(dir.path(), "exec sleep 1000"));
    let running = reach(&mut workload, WorkloadState::Running).await;
    assert_ne!(running.pid, Some(pid));
    let status = tokio::time::timeout(LIMIT, orphan.wait()).await.unwrap().unwrap();
    assert!(!status.success(), "it was ended by a signal");
    supervisor.quit().await;
}
