//! Reading small files that belong to somebody else: bounded, never waiting.
//!
//! The state directory is the gateway user's, and the agent may be root: a named pipe or a device in the place of a file must not hold
//! the agent up, and who owns a file decides what it may say.

use std::{
    fs::{File, OpenOptions},
    io::{self, ErrorKind, Read},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::Path,
};

use rustix::fs::OFlags;

/// Opens a regular file for reading without ever waiting for it.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    open_with(path, OFlags::NONBLOCK)
}

/// The first `max` bytes of a regular file.
pub(crate) fn read(path: &Path, max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(max).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The first `max` bytes of a regular file that is no link, and the user who owns it.
pub(crate) fn read_owned(path: &Path, max: u64) -> io::Result<(Vec<u8>, u32)> {
    let file = open_with(path, OFlags::NONBLOCK | OFlags::NOFOLLOW)?;
    let owner = file.metadata()?.uid();
    let mut bytes = Vec::new();
    file.take(max).read_to_end(&mut bytes)?;
    Ok((bytes, owner))
}

fn open_with(path: &Path, flags: OFlags) -> io::Result<File> {
    let flags = i32::try_from(flags.bits()).map_err(|_| ErrorKind::InvalidInput)?;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::from(ErrorKind::InvalidInput)) }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink, process::Command};

    use super::*;

    #[test]
    fn files_are_read_up_to_the_limit() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        fs::write(&path, "0123456789").unwrap();
        assert_eq!(read(&path, 4).unwrap(), b"0123");
        assert_eq!(read_owned(&path, 100).unwrap(), (b"0123456789".to_vec(), fs::metadata(&path).unwrap().uid()));
    }

    #[test]
    fn pipes_folders_and_links_are_refused_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert_eq!(read(&pipe, 4).unwrap_err().kind(), ErrorKind::InvalidInput);
        assert_eq!(read(dir.path(), 4).unwrap_err().kind(), ErrorKind::InvalidInput);
        let (file, link) = (dir.path().join("file"), dir.path().join("link"));
        fs::write(&file, "x").unwrap();
        symlink(&file, &link).unwrap();
        assert_eq!(read(&link, 4).unwrap(), b"x");
        assert!(read_owned(&link, 4).is_err());
    }
}
