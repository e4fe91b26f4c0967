//! Process groups and process trees by way of `/proc`: who is in them, what they use, and signals to all of them.

use std::fs;

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

/// One process as `/proc/PID/stat` shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProcessStat {
    /// Process id.
    pub pid: u32,
    /// Its parent.
    pub parent: u32,
    /// Its process group.
    pub group: u32,
    /// Whether it ended and only waits to be collected.
    pub zombie: bool,
    /// Processor time used so far, in clock ticks.
    pub cpu_ticks: u64,
    /// When it started, in clock ticks since the machine did. With the pid it names a process for good.
    pub start_ticks: u64,
    /// Resident memory in pages.
    pub resident_pages: u64,
}

/// A process by its id; `None` when there is none.
#[must_use]
pub fn stat(pid: u32) -> Option<ProcessStat> {
    parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// Field numbers are those of proc_pid_stat(5); the command in parentheses may hold anything, so counting begins after its end.
fn parse(text: &str) -> Option<ProcessStat> {
    let (head, rest) = text.rsplit_once(')')?;
    let pid = head.split(' ').next()?.parse().ok()?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    let number = |field: usize| fields.get(field.checked_sub(3)?)?.parse::<u64>().ok();
    Some(ProcessStat {
        pid,
        parent: u32::try_from(number(4)?).ok()?,
        group: u32::try_from(number(5)?).ok()?,
        zombie: fields.first().is_some_and(|state| matches!(*state, "Z" | "X" | "x")),
        cpu_ticks: number(14)?.saturating_add(number(15)?),
        start_ticks: number(22)?,
        resident_pages: number(24)?,
    })
}

/// Every process that lives, zombies left out.
#[must_use]
pub fn all() -> Vec<ProcessStat> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .filter_map(stat)
        .filter(|process| !process.zombie)
        .collect()
}

/// The living members of a process group.
#[must_use]
pub fn members(group: u32) -> Vec<ProcessStat> {
    all().into_iter().filter(|process| process.group == group).collect()
}

/// A process and all that descend from it.
#[must_use]
pub fn tree(root: u32) -> Vec<ProcessStat> {
    let mut rest = all();
    let mut found: Vec<ProcessStat> = Vec::new();
    let mut parents = vec![root];
    while let Some(parent) = parents.pop() {
        let (mine, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(|process| process.pid == parent || process.parent == parent);
        parents.extend(mine.iter().map(|process| process.pid).filter(|pid| *pid != parent));
        found.extend(mine);
        rest = others;
    }
    found
}

/// Whether anything of the group still lives.
#[must_use]
pub fn alive(group: u32) -> bool {
    // The signal test is one system call but counts zombies; only when it says yes is `/proc` worth reading.
    group_id(group).is_some_and(|id| test_kill_process_group(id).is_ok()) && !members(group).is_empty()
}

/// Sends `signal` to the whole group; a group that is gone is no error.
pub fn signal(group: u32, signal: Signal) {
    if let Some(id) = group_id(group)
        && let Err(error) = kill_process_group(id, signal)
        && error != rustix::io::Errno::SRCH
    {
        tracing::warn!(group, ?signal, %error, "cannot signal the process group");
    }
}

/// Group 0 would be the caller's own and 1 every process there is: neither is ever meant.
fn group_id(group: u32) -> Option<Pid> {
    i32::try_from(group).ok().filter(|group| *group > 1).and_then(Pid::from_raw)
}

/// Whether the process was started with `name=value` in its environment. Unreadable counts as no.
#[must_use]
pub fn has_environment(pid: u32, name: &str, value: &str) -> bool {
    let wanted = format!("{name}={value}");
    fs::read(format!("/proc/{pid}/environ")).is_ok_and(|bytes| bytes.split(|byte| *byte == 0).any(|entry| entry == wanted.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stat_is_read_past_any_command_name() {
        let line = "77 (a) b (c) S 1 77 70 0 -1 4194560 10 0 0 0 5 6 0 0 20 0 1 0 12345 1000 42 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0";
        let expected = ProcessStat { pid: 77, parent: 1, group: 77, zombie: false, cpu_ticks: 11, start_ticks: 12345, resident_pages: 42 };
        assert_eq!(parse(line), Some(expected));
        assert_eq!(parse("nonsense"), None);
    }

    #[test]
    fn this_process_is_in_its_own_group_and_tree() {
        let me = std::process::id();
        let mine = stat(me).expect("this process");
        assert!(members(mine.group).iter().any(|process| process.pid == me));
        assert!(tree(me).iter().any(|process| process.pid == me));
        assert!(alive(mine.group));
    }

    #[test]
    fn dangerous_groups_are_refused() {
        assert!(group_id(0).is_none() && group_id(1).is_none() && group_id(u32::MAX).is_none());
    }
}
