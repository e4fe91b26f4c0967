//! Times and durations as people write and read them.

use std::time::Duration;

use mc_domain::time::Time;

/// A duration in its one or two largest units: `45s`, `12m`, `5h`, `3d`.
pub(crate) fn short(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..172_800 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// A moment before now: `3m ago`.
pub(crate) fn ago(now: Time, at: Time) -> String {
    match now.since(at).as_secs() {
        0 => "now".to_owned(),
        _ => format!("{} ago", short(now.since(at))),
    }
}

/// A moment after now: `in 3h`, or `3h ago` once it has passed.
pub(crate) fn ahead(now: Time, at: Time) -> String {
    if at > now { format!("in {}", short(at.since(now))) } else { ago(now, at) }
}

/// Milliseconds as people read them: `340 ms`, `2.1 s`, `3m`.
pub(crate) fn millis(millis: i64) -> String {
    match millis {
        ..1_000 => format!("{} ms", millis.max(0)),
        1_000..60_000 => format!("{}.{} s", millis / 1_000, millis % 1_000 / 100),
        _ => short(Duration::from_millis(millis.unsigned_abs())),
    }
}

/// A duration as people type it: `90`, `90s`, `1h 30m`, `7d`.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let plain = text.parse::<u64>().map(Duration::from_secs);
    plain.or_else(|_| humantime::parse_duration(text)).map_err(|_| "use a duration such as 90s, 5m or 1h".to_owned())
}

/// A moment as people type it: RFC 3339, or a duration before now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    At(Time),
    Ago(Duration),
}

impl Moment {
    pub(crate) fn time(self, now: Time) -> Time {
        match self {
            Self::At(time) => time,
            Self::Ago(duration) => now.before(duration),
        }
    }
}

/// Reads a moment.
pub(crate) fn parse_moment(text: &str) -> Result<Moment, String> {
    if let Ok(time) = text.parse() {
        return Ok(Moment::At(time));
    }
    parse_duration(text)
        .map(Moment::Ago)
        .map_err(|_| "use a time such as 2026-11-22T05:31:07Z, or a duration before now such as 15m".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        let cases = [(0, "0s"), (59, "59s"), (60, "1m"), (3_599, "59m"), (3_600, "1h"), (172_799, "47h"), (172_800, "2d")];
        for (seconds, text) in cases {
            assert_eq!(short(Duration::from_secs(seconds)), text);
        }
        assert_eq!(millis(340), "340 ms");
        assert_eq!(millis(2_150), "2.1 s");
        assert_eq!(millis(180_000), "3m");
    }

    #[test]
    fn moments_are_times_or_ages() {
        let now = Time::from_micros(10_000_000);
        assert_eq!(parse_moment("5s").map(|moment| moment.time(now)), Ok(Time::from_micros(5_000_000)));
        assert_eq!(parse_moment("1970-01-01T00:00:01Z").map(|moment| moment.time(now)), Ok(Time::from_micros(1_000_000)));
        assert!(parse_moment("yesterday").is_err());
        assert_eq!(parse_duration("90"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_duration("1h 30m"), Ok(Duration::from_secs(5_400)));
    }

    #[test]
    fn ages_look_both_ways() {
        let now = Time::from_micros(100_000_000);
        assert_eq!(ago(now, now.after(Duration::from_secs(5))), "now");
        assert_eq!(ahead(now, now.after(Duration::from_secs(90))), "in 1m");
        assert_eq!(ahead(now, now.before(Duration::from_secs(90))), "1m ago");
    }
}
