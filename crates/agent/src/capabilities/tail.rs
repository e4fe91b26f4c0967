//! One log file, read from where reading stopped: no async, no clock, so that every turn of a rotation can be tested.

use std::{
    fs::{self, File, Metadata},
    io::{self, Read, Seek, SeekFrom},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use mc_domain::log::LINE_MAX_BYTES;
use mc_process::lines::Splitter;
use serde::{Deserialize, Serialize};

/// How much is read at a time.
const CHUNK_BYTES: usize = 64 * 1024;
/// How much of a file that is met for the first time is looked at for dated lines.
const HISTORY_BYTES: u64 = 64 * 1024;

/// Where reading goes on, and in which file: a name alone does not tell after a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Position {
    device: u64,
    inode: u64,
    offset: u64,
}

/// One line of the file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TailLine {
    pub(crate) text: String,
    /// Where to read on after it; absent for a last line without an end.
    pub(crate) position: Option<String>,
    /// Written before the file was met for the first time.
    pub(crate) old: bool,
}

/// What one read brought.
#[derive(Debug, Default)]
pub(crate) struct Tailed {
    pub(crate) lines: Vec<TailLine>,
    /// A position that no line carries.
    pub(crate) position: Option<String>,
    /// Whether there is more to read at once.
    pub(crate) more: bool,
    /// Why the file cannot be read, for people.
    pub(crate) problem: Option<String>,
}

/// A file that is followed by its name.
#[derive(Debug)]
pub(crate) struct Tail {
    path: PathBuf,
    open: Option<Open>,
    resume: Option<Position>,
    /// The file was looked for before: one that appears later is read from its beginning.
    met: bool,
}

#[derive(Debug)]
struct Open {
    file: File,
    device: u64,
    inode: u64,
    /// Where the splitter's first byte was.
    base: u64,
    /// Where the next byte comes from.
    offset: u64,
    splitter: Splitter,
    /// What lies before was written before the file was met.
    old_until: u64,
    /// The first line may have begun before where reading began.
    skip_first: bool,
}

impl Tail {
    /// Follows `path`, from `resume` (as a line carried it) where that still means something.
    pub(crate) fn new(path: PathBuf, resume: Option<&str>) -> Self {
        let resume: Option<Position> = resume.and_then(|text| serde_json::from_str(text).ok());
        Self { path, open: None, met: false, resume }
    }

    /// Reads a little more.
    pub(crate) fn read(&mut self) -> Tailed {
        let mut out = Tailed::default();
        if self.open.is_none() {
            match self.find() {
                Ok(open) => {
                    out.position = open.position(open.offset);
                    self.open = Some(open);
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    self.met = true;
                    return out;
                }
                Err(error) => {
                    out.problem = Some(format!("cannot read it: {error}"));
                    return out;
                }
            }
        }
        let Some(open) = self.open.as_mut() else { return out };
        match open.read(&mut out.lines) {
            Ok(0) => self.at_end(&mut out),
            Ok(_) => out.more = true,
            Err(error) => {
                out.problem = Some(format!("cannot read it: {error}"));
                self.open = None;
            }
        }
        // A line's own position is further on than where reading began.
        out.position = out.position.filter(|_| out.lines.is_empty());
        out
    }

    /// At the end of the open file: it may have been truncated, or another may have its name by now.
    fn at_end(&mut self, out: &mut Tailed) {
        let Some(open) = self.open.as_mut() else { return };
        match fs::metadata(&self.path) {
            Ok(now) if (now.dev(), now.ino()) == (open.device, open.inode) => {
                if now.len() < open.offset {
                    open.restart();
                    out.more = true;
                }
            }
            Ok(_) => {
                // What was written between the last read and the rename is read before the file is let go.
                if open.read(&mut out.lines).is_ok_and(|read| read > 0) {
                    out.more = true;
                    return;
                }
                out.lines.extend(open.splitter.finish().map(|text| TailLine { text, position: None, old: false }));
                self.open = None;
                out.more = true;
            }
            // Renamed and not yet made anew: the old one may still be written to.
            Err(_) => {}
        }
    }

    fn find(&mut self) -> io::Result<Open> {
        // A file that was read before and is gone makes its successor one that appeared later.
        let first = !std::mem::replace(&mut self.met, true) && self.resume.is_none();
        if let Some(resume) = self.resume.take()
            && let Some(open) = resume.open(&self.path)
        {
            return Ok(open);
        }
        let file = File::open(&self.path)?;
        let about = file.metadata()?;
        if !about.is_file() {
            return Err(io::Error::other("it is no regular file"));
        }
        let begin = if first { about.len().saturating_sub(HISTORY_BYTES) } else { 0 };
        let mut open = Open::at(file, &about, begin)?;
        if first {
            open.old_until = about.len();
            open.skip_first = begin > 0;
        }
        Ok(open)
    }
}

impl Position {
    /// The file of this position: the one of that name, or one beside it that the name was taken from.
    fn open(self, path: &Path) -> Option<Open> {
        let fits = |path: &Path| {
            let file = File::open(path).ok()?;
            let about = file.metadata().ok()?;
            let same = about.is_file() && (about.dev(), about.ino()) == (self.device, self.inode) && about.len() >= self.offset;
            if same { Open::at(file, &about, self.offset).ok() } else { None }
        };
        fits(path).or_else(|| {
            let siblings = fs::read_dir(path.parent()?).ok()?;
            siblings
                .filter_map(Result::ok)
                .filter(|entry| std::os::unix::fs::DirEntryExt::ino(entry) == self.inode)
                .find_map(|entry| fits(&entry.path()))
        })
    }
}

impl Open {
    fn at(mut file: File, about: &Metadata, offset: u64) -> io::Result<Self> {
        file.seek(SeekFrom::Start(offset))?;
        Ok(Self {
            file,
            device: about.dev(),
            inode: about.ino(),
            base: offset,
            offset,
            splitter: Splitter::new(LINE_MAX_BYTES),
            old_until: 0,
            skip_first: false,
        })
    }

    fn restart(&mut self) {
        self.offset = 0;
        self.base = 0;
        self.old_until = 0;
        self.skip_first = false;
        self.splitter = Splitter::new(LINE_MAX_BYTES);
    }

    fn position(&self, offset: u64) -> Option<String> {
        serde_json::to_string(&Position { device: self.device, inode: self.inode, offset }).ok()
    }

    fn read(&mut self, lines: &mut Vec<TailLine>) -> io::Result<usize> {
        let mut chunk = vec![0_u8; CHUNK_BYTES];
        self.file.seek(SeekFrom::Start(self.offset))?;
        let read = self.file.read(&mut chunk)?;
        self.offset = self.offset.saturating_add(read as u64);
        let mut whole = Vec::new();
        for part in chunk.get(..read).unwrap_or_default().split_inclusive(|byte| *byte == b'\n') {
            self.splitter.push(part, &mut whole);
            for text in whole.drain(..) {
                if std::mem::take(&mut self.skip_first) {
                    continue;
                }
                let after = self.base.saturating_add(self.splitter.complete_bytes());
                lines.push(TailLine { text, position: self.position(after), old: after <= self.old_until });
            }
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    struct Log {
        dir: tempfile::TempDir,
    }

    impl Log {
        fn new() -> Self {
            Self { dir: tempfile::tempdir().expect("a folder") }
        }

        fn path(&self) -> PathBuf {
            self.dir.path().join("app.log")
        }

        fn write(&self, text: &str) {
            let mut file = File::options().create(true).append(true).open(self.path()).expect("opened");
            file.write_all(text.as_bytes()).expect("written");
        }

        fn rotate(&self) {
            fs::rename(self.path(), self.dir.path().join("app.log.1")).expect("renamed");
        }
    }

    /// Reads until there is no more; returns the texts that are not old.
    fn drain(tail: &mut Tail) -> Vec<String> {
        all(tail).into_iter().filter(|line| !line.old).map(|line| line.text).collect()
    }

    fn all(tail: &mut Tail) -> Vec<TailLine> {
        let mut lines = Vec::new();
        loop {
            let read = tail.read();
            lines.extend(read.lines);
            if !read.more {
                return lines;
            }
        }
    }

    #[test]
    fn what_was_there_is_old_and_what_comes_is_new() {
        let log = Log::new();
        log.write("old-1\nold-2\n");
        let mut tail = Tail::new(log.path(), None);
        let old = all(&mut tail);
        assert!(old.iter().all(|line| line.old) && old.len() == 2);
        log.write("new");
        assert!(drain(&mut tail).is_empty(), "half a line is no line");
        log.write("-1\nnew-2\n");
        assert_eq!(drain(&mut tail), ["new-1", "new-2"]);
    }

    #[test]
    fn long_histories_begin_at_a_line() {
        let log = Log::new();
        log.write(&"0123456789\n".repeat(20_000));
        let old = all(&mut Tail::new(log.path(), None));
        assert!(old.len() > 5_000 && old.len() < 6_000, "{}", old.len());
        assert!(old.iter().all(|line| line.text == "0123456789"));
    }

    #[test]
    fn a_file_that_appears_later_is_read_whole() {
        let log = Log::new();
        let mut tail = Tail::new(log.path(), None);
        assert!(drain(&mut tail).is_empty());
        log.write("first\n");
        assert_eq!(drain(&mut tail), ["first"]);
    }

    #[test]
    fn rotation_loses_nothing() {
        let log = Log::new();
        let mut tail = Tail::new(log.path(), None);
        drain(&mut tail);
        log.write("a\n");
        assert_eq!(drain(&mut tail), ["a"]);
        log.write("b\nlast without end");
        log.rotate();
        assert_eq!(drain(&mut tail), ["b"], "still the same file while there is no new one");
        log.write("c\n");
        assert_eq!(drain(&mut tail), ["last without end", "c"]);
    }

    #[test]
    fn truncation_begins_anew() {
        let log = Log::new();
        let mut tail = Tail::new(log.path(), None);
        drain(&mut tail);
        log.write("one\ntwo\n");
        assert_eq!(drain(&mut tail), ["one", "two"]);
        File::create(log.path()).expect("truncated");
        log.write("x\n");
        assert_eq!(drain(&mut tail), ["x"]);
    }

    #[test]
    fn reading_goes_on_where_it_stopped_also_after_a_rotation() {
        let log = Log::new();
        let mut tail = Tail::new(log.path(), None);
        drain(&mut tail);
        log.write("a\nb\nc\n");
        let lines = all(&mut tail);
        let after_a = lines.first().and_then(|line| line.position.clone()).expect("a position");
        drop(tail);
        assert_eq!(drain(&mut Tail::new(log.path(), Some(&after_a))), ["b", "c"]);
        log.rotate();
        log.write("d\n");
        assert_eq!(drain(&mut Tail::new(log.path(), Some(&after_a))), ["b", "c", "d"]);
        fs::remove_file(log.dir.path().join("app.log.1")).expect("removed");
        assert_eq!(drain(&mut Tail::new(log.path(), Some(&after_a))), ["d"], "the old file is gone, the new one was never read");
        assert!(drain(&mut Tail::new(log.path(), Some("damaged"))).is_empty(), "as a file met for the first time");
    }

    #[test]
    fn what_is_no_file_is_a_problem_and_no_loop() {
        let log = Log::new();
        let read = Tail::new(log.dir.path().to_owned(), None).read();
        assert!(!read.more && read.problem.is_some_and(|problem| problem.contains("no regular file")));
    }
}
