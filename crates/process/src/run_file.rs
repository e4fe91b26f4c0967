//! The note beside a workload: which process group runs, so that a supervisor that was killed finds it again and nothing runs twice.
//!
//! The note is written before the start with a mark that the workload carries in its environment, and again after it with the
//! process id: whenever the supervisor dies in between, one of the two finds what is left.

use std::{fs, io, path::Path};

use crate::group::{self, ProcessStat};

/// The environment variable that carries a run's mark.
pub const MARK_VARIABLE: &str = "MC_WORKLOAD_RUN";

/// What the note says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunNote {
    /// The mark of the current run; empty when nothing runs.
    pub mark: String,
    /// The process that leads the group, with its start time in ticks.
    pub leader: Option<(u32, u64)>,
    /// Stopped on request: stays so over a restart of the supervisor.
    pub stopped: bool,
}

impl RunNote {
    /// The note at `path`; an empty one when there is none or it cannot be understood.
    #[must_use]
    pub fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_default();
        let field = |name: &str| text.lines().find_map(|line| line.split_once('=').filter(|(key, _)| *key == name)).map(|(_, value)| value);
        let number = |name: &str| field(name).and_then(|value| value.parse::<u64>().ok());
        let pid = number("pid").and_then(|pid| u32::try_from(pid).ok());
        Self {
            mark: field("mark").unwrap_or_default().to_owned(),
            leader: pid.zip(number("start_ticks")),
            stopped: field("stopped") == Some("yes"),
        }
    }

    /// Writes the note, whole or not at all.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let (pid, start) = self.leader.map_or_else(Default::default, |(pid, start)| (pid.to_string(), start.to_string()));
        let stopped = if self.stopped { "yes" } else { "no" };
        let fresh = path.with_extension("new");
        fs::write(&fresh, format!("mark={}\npid={pid}\nstart_ticks={start}\nstopped={stopped}\n", self.mark))?;
        fs::rename(&fresh, path)
    }

    /// The groups of this run that still live.
    #[must_use]
    pub fn left_over(&self) -> Vec<u32> {
        if self.mark.is_empty() {
            return Vec::new();
        }
        let marked = |process: &ProcessStat| group::has_environment(process.pid, MARK_VARIABLE, &self.mark);
        let leads = |process: &ProcessStat| self.leader == Some((process.pid, process.start_ticks));
        let mut groups: Vec<u32> = group::all()
            .iter()
            // With a leader noted only its group is ours; without one, whatever carries the mark and leads a group of its own.
            .filter(|process| self.leader.map_or(process.pid == process.group, |(pid, _)| process.group == pid))
            .filter(|process| leads(process) || marked(process))
            .map(|process| process.group)
            .collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_reads_back() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("workload.run");
        assert_eq!(RunNote::read(&path), RunNote::default());
        for note in [
            RunNote { mark: "m1".into(), leader: Some((77, 123)), stopped: false },
            RunNote { mark: "m2".into(), leader: None, stopped: true },
            RunNote::default(),
        ] {
            note.write(&path).expect("written");
            assert_eq!(RunNote::read(&path), note);
        }
    }

    #[test]
    fn a_reused_process_id_is_not_ours() {
        let me = std::process::id();
        let note = RunNote { mark: "nobody-carries-this".into(), leader: Some((me, 1)), stopped: false };
        assert_eq!(note.left_over(), Vec::<u32>::new());
    }
}
