//! The kubeconfig as a file: locked as kubectl locks it, replaced as a whole, never half written.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    time::Duration,
};

use super::Kubeconfig;
use crate::failure::Failure;

/// How often, and how long apart, the lock is asked for. kubectl itself holds it for an instant.
const TRIES: usize = 50;
const TRY_EVERY: Duration = Duration::from_millis(100);

/// Reads a kubeconfig; a missing one is empty.
pub(crate) fn read(path: &Path) -> Result<Kubeconfig, Failure> {
    let bad = |why: String| Failure::failed(format!("cannot use the kubeconfig {}: {why}", path.display()));
    match fs::read_to_string(path) {
        Ok(text) => Kubeconfig::parse(&text).map_err(bad),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Kubeconfig::default()),
        Err(error) => Err(bad(error.to_string())),
    }
}

/// Changes a kubeconfig while nobody else does. One that does not change is not written.
pub(crate) async fn change<T>(path: &Path, change: impl FnOnce(&mut Kubeconfig) -> Result<T, String>) -> Result<T, Failure> {
    let bad = |why: String| Failure::failed(format!("cannot use the kubeconfig {}: {why}", path.display()));
    // A link is kept: what it leads to is replaced.
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if let Some(folder) = real.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| bad(error.to_string()))?;
    }
    let _lock = Lock::take(path, &real).await?;
    let mut config = read(&real)?;
    let before = config.clone();
    let answer = change(&mut config).map_err(bad)?;
    if config != before || !real.exists() {
        write(&real, &config.to_yaml().map_err(bad)?).map_err(|error| bad(error.to_string()))?;
    }
    Ok(answer)
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let fresh = with_suffix(path, &format!(".{}.new", std::process::id()));
    let written = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh).and_then(|mut file| {
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
        if let Ok(was) = fs::metadata(path) {
            // Root writing somebody's file leaves it theirs; nobody else can give files away.
            let _ = std::os::unix::fs::fchown(&file, Some(was.uid()), Some(was.gid()));
        }
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&fresh, path)
    });
    if written.is_err() {
        let _ = fs::remove_file(&fresh);
    }
    written
}

/// kubectl's lock: a file beside it that only one can make.
struct Lock(PathBuf);

impl Lock {
    /// kubectl takes the lock by the path it was given, so both are locked where a link makes them differ.
    async fn take(path: &Path, real: &Path) -> Result<Vec<Self>, Failure> {
        let mut locks = vec![Self::take_one(with_suffix(real, ".lock"), TRIES).await?];
        if path != real && path.parent() != real.parent() {
            locks.push(Self::take_one(with_suffix(path, ".lock"), TRIES).await?);
        }
        Ok(locks)
    }

    async fn take_one(path: PathBuf, tries: usize) -> Result<Self, Failure> {
        let mut left = tries;
        loop {
            match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
                Ok(_) => return Ok(Self(path)),
                Err(error) if error.kind() == ErrorKind::AlreadyExists && left > 0 => left -= 1,
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    let text = format!("somebody else is writing the kubeconfig; if nobody is, remove {}", path.display());
                    return Err(Failure::failed(text));
                }
                Err(error) => return Err(Failure::failed(format!("cannot lock the kubeconfig by {}: {error}", path.display()))),
            }
            tokio::time::sleep(TRY_EVERY).await;
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("exists").permissions().mode() & 0o777
    }

    async fn set(path: &Path, name: &str) -> Result<(), Failure> {
        change(path, |config| {
            config.set_current(name);
            Ok(())
        })
        .await
    }

    #[tokio::test]
    async fn it_is_made_private_and_unlocked_again() {
        let dir = tempfile::tempdir().expect("dir");
        let path = dir.path().join("new/config");
        set(&path, "one").await.expect("written");
        assert_eq!((mode(&path), mode(path.parent().expect("folder"))), (0o600, 0o700));
        assert_eq!(read(&path).expect("read").current(), Some("one"));
        assert_eq!(fs::read_dir(path.parent().expect("folder")).expect("listed").count(), 1, "neither lock nor leavings");
    }

    #[tokio::test]
    async fn nothing_is_written_without_a_change() {
        let dir = tempfile::tempdir().expect("dir");
        let path = dir.path().join("config");
        fs::write(&path, "# a comment\ncurrent-context: one\n").expect("written");
        set(&path, "one").await.expect("nothing to do");
        assert!(fs::read_to_string(&path).expect("read").starts_with("# a comment"));
    }

    #[tokio::test]
    async fn a_lock_is_waited_for() {
        let dir = tempfile::tempdir().expect("dir");
        let path = dir.path().join("config");
        let lock = dir.path().join("config.lock");
        fs::write(&lock, "").expect("locked");
        let (changed, ()) = tokio::join!(set(&path, "one"), async {
            tokio::task::yield_now().await;
            assert!(!path.exists(), "it was written in spite of the lock");
            fs::remove_file(&lock).expect("unlocked");
        });
        changed.expect("written");
        assert!(path.exists() && !lock.exists());
    }

    #[tokio::test]
    async fn a_lock_that_stays_is_named_and_left() {
        let dir = tempfile::tempdir().expect("dir");
        let lock = dir.path().join("config.lock");
        fs::write(&lock, "").expect("locked");
        let failure = Lock::take_one(lock.clone(), 1).await.map(|_| ()).expect_err("locked");
        assert!(failure.text().expect("text").contains("config.lock"), "{failure:?}");
        assert!(lock.exists());
    }

    #[tokio::test]
    async fn a_link_stays_a_link() {
        let dir = tempfile::tempdir().expect("dir");
        let (real, link) = (dir.path().join("real"), dir.path().join("link"));
        fs::write(&real, "current-context: one\n").expect("written");
        std::os::unix::fs::symlink(&real, &link).expect("linked");
        set(&link, "two").await.expect("written");
        assert!(link.is_symlink());
        assert_eq!(read(&real).expect("read").current(), Some("two"));
        assert_eq!(fs::read_dir(dir.path()).expect("listed").count(), 2);
    }

    #[tokio::test]
    async fn a_damaged_file_is_left_as_it_is() {
        let dir = tempfile::tempdir().expect("dir");
        let path = dir.path().join("config");
        for text in ["users: [secret-token", "just a text", "- a\n- list\n", "a: 1\na: 2\n"] {
            fs::write(&path, text).expect("written");
            let failure = set(&path, "one").await.expect_err("damaged");
            assert!(!failure.text().expect("text").contains("secret-token"), "{failure:?}");
            assert_eq!(fs::read_to_string(&path).expect("read"), text);
        }
        assert_eq!(fs::read_dir(dir.path()).expect("listed").count(), 1);
    }
}
