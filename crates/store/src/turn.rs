//! Whose turn it is to open the files of SQLite.
//!
//! Programs that start at the same moment on the same data directory open it one after the other. SQLite waits for other writers by itself,
//! but not while it changes a new file to a write-ahead log: whoever comes second is refused at once.

use std::{
    fs::{File, OpenOptions},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    time::Duration,
};

use tokio::sync::oneshot;

use crate::error::StoreError;

/// How long a program waits for the one that is opening the files, which may be bringing them up to date.
const TURN_MAX: Duration = Duration::from_secs(60);

/// The right to open the files; given back when dropped, also by a program that is killed.
pub(crate) struct Turn {
    _locked: File,
}

/// Waits for the turn.
///
/// # Errors
/// [`StoreError::Unavailable`] when the lock file cannot be made, or another program keeps the turn for a minute.
pub(crate) async fn take(data_dir: &Path) -> Result<Turn, StoreError> {
    wait(&data_dir.join("opening.lock"), TURN_MAX).await
}

async fn wait(path: &Path, most: Duration) -> Result<Turn, StoreError> {
    let refused = |error: std::io::Error| StoreError::Unavailable(format!("opening.lock in the data directory: {}", error.kind()));
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path).map_err(refused)?;
    let (tell, told) = oneshot::channel();
    // Not the runtime's own threads: a program that gives up could not end before the lock is had.
    let waiter = std::thread::Builder::new().name("turn".to_owned()).spawn(move || {
        let locked = file.lock().map(|()| file);
        let _ = tell.send(locked);
    });
    waiter.map_err(refused)?;
    match tokio::time::timeout(most, told).await {
        Ok(Ok(locked)) => Ok(Turn { _locked: locked.map_err(refused)? }),
        Ok(Err(_)) => Err(StoreError::Internal("the turn was lost".to_owned())),
        Err(_) => {
            Err(StoreError::Unavailable("another program has been opening its files for a long time: look what it waits for".to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_after_the_other() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("opening.lock");
        let first = wait(&path, TURN_MAX).await.expect("nobody else is there");
        let refused = wait(&path, Duration::ZERO).await.map(drop);
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
        let second = tokio::spawn(async move { wait(&path, TURN_MAX).await.map(drop) });
        drop(first);
        assert_eq!(second.await.expect("it ends"), Ok(()));
    }
}
