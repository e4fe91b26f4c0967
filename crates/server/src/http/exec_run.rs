//! A kubectl that runs beside a cluster: between its agent, its caller, and the door that it asks.
//!
//! Who calls only reads and writes two queues; a task of its own has the run. So it ends, and its end is written down, however its caller leaves.

use std::{convert::Infallible, time::Duration};

use bytes::Bytes;
use mc_app::{
    AppError,
    kube::exec::{DoorKey, Exec, ExecEnd},
};
use mc_hub::{Run, RunFrame, RunReader, RunWriter, Tunnel};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, interval_at},
};

use super::{Http, connection, kube};

/// Pieces between the run and its caller, each way.
const PIECES: usize = 8;
/// Bytes between a connection of the run's and the door.
const DOOR_BYTES: usize = 64 * 1024;
/// Connections of one run that are served at a time.
const DOORS: usize = 64;
/// How often it is looked at again whether the caller's login or token still stands.
const RECHECK: Duration = Duration::from_secs(5);

/// What a run says.
#[derive(Debug)]
pub(super) enum Said {
    /// On its standard output, or its terminal.
    Stdout(Bytes),
    /// On its standard error.
    Stderr(Bytes),
    /// Nothing more.
    End(ExecEnd),
}

/// What a run is told.
#[derive(Debug)]
pub(super) enum Told {
    /// On its standard input.
    Stdin(Bytes),
    /// Nothing more there.
    End,
    /// Columns and rows of its terminal.
    Size(u16, u16),
}

/// Serves a run. It is told what is sent, and what it says is received; it ends when nobody receives any more.
pub(super) fn begin(http: Http, exec: Exec) -> (mpsc::Sender<Told>, mpsc::Receiver<Said>) {
    let (tell, told) = mpsc::channel(PIECES);
    let (say, said) = mpsc::channel(PIECES);
    tokio::spawn(async move {
        let Exec { run: Run { reader, writer, doors }, key, begun } = exec;
        let draining = http.0.draining.clone();
        let cut = |why: &str| ExecEnd::Cut(why.to_owned());
        // Whatever comes first ends all of it: the agent ends a run whose tunnel is let go.
        let end = tokio::select! {
            end = listen(reader, &say) => end,
            never = speak(writer, told) => match never {},
            never = serve_doors(&http, &key, doors) => match never {},
            () = caller_ends(&http, &key) => cut("the session has ended"),
            () = say.closed() => cut("the caller left"),
            () = draining.cancelled() => cut("the server is restarting"),
        };
        // Written down before it is told: who has heard the end finds it in the trail.
        http.app().cluster_exec_ended(begun, &end).await;
        // The caller may be gone.
        let _ = say.send(Said::End(end)).await;
    });
    (tell, said)
}

/// Passes on what it says.
async fn listen(mut reader: RunReader, say: &mpsc::Sender<Said>) -> ExecEnd {
    loop {
        let said = match reader.next().await {
            Ok(RunFrame::Stdout(data)) => Said::Stdout(data),
            Ok(RunFrame::Stderr(data)) => Said::Stderr(data),
            Ok(RunFrame::Exited(code)) => return ExecEnd::Exited(code),
            Ok(RunFrame::Cut(why)) => return ExecEnd::Cut(why),
            Err(error) => return ExecEnd::Cut(format!("the agent was lost: {error}")),
        };
        if say.send(said).await.is_err() {
            return ExecEnd::Cut("the caller left".to_owned());
        }
    }
}

/// Passes on what it is told.
async fn speak(writer: RunWriter, mut told: mpsc::Receiver<Told>) -> Infallible {
    while let Some(told) = told.recv().await {
        let sent = match told {
            Told::Stdin(data) => writer.stdin(data).await,
            Told::End => writer.end().await,
            Told::Size(columns, rows) => writer.resize(columns, rows).await,
        };
        if sent.is_err() {
            break;
        }
    }
    // The writer is held: to let go of it would end the run.
    let _writer = writer;
    std::future::pending().await
}

/// Serves the connections that it opens to its API server, which is the door.
async fn serve_doors(http: &Http, key: &DoorKey, mut doors: mpsc::Receiver<Tunnel>) -> Infallible {
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            Some(door) = doors.recv(), if open.len() < DOORS => {
                let router = super::door(http.clone(), key.clone());
                let (ours, theirs) = tokio::io::duplex(DOOR_BYTES);
                open.spawn(async move {
                    tokio::join!(kube::both_ways(ours, door.reader, door.writer, None), connection::serve_one(theirs, router));
                });
            }
            Some(_) = open.join_next() => {}
            // Until another connection comes, or the run ends.
            else => return std::future::pending().await,
        }
    }
}

/// Returns when the caller's login or token has ended.
async fn caller_ends(http: &Http, key: &DoorKey) {
    let mut recheck = interval_at(Instant::now() + RECHECK, RECHECK);
    loop {
        recheck.tick().await;
        // A database that is away for a moment ends nothing.
        if matches!(http.app().exec_caller(key).await, Err(AppError::Unauthenticated { .. })) {
            return;
        }
    }
}
