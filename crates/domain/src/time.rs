//! Time: UTC, microseconds inside, RFC 3339 with milliseconds outside. The system clock is read here and nowhere else.

use std::{fmt, str::FromStr, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A moment, in microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Time(i64);

/// A string that is no RFC 3339 time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a time: use RFC 3339, such as 2026-11-22T05:31:07Z")]
pub struct NotATime(pub String);

impl Time {
    /// From microseconds since the epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch: how the database keeps it.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch: how tokens keep it.
    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// How long after `earlier` this is; zero when it is not after.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// This moment and then `by`.
    #[must_use]
    pub fn after(self, by: Duration) -> Self {
        Self(self.0.saturating_add(micros(by)))
    }

    /// This moment less `by`.
    #[must_use]
    pub fn before(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(micros(by)))
    }
}

fn micros(by: Duration) -> i64 {
    i64::try_from(by.as_micros()).unwrap_or(i64::MAX)
}

/// A duration to the second as people read it: `45 s`, `4 h`, `1 h 30 min`, `2 d 12 h`.
#[must_use]
pub fn in_words(duration: Duration) -> String {
    let whole = duration.as_secs();
    let parts = [(whole / 86_400, "d"), (whole / 3_600 % 24, "h"), (whole / 60 % 60, "min"), (whole % 60, "s")];
    let said: Vec<_> = parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count} {unit}")).collect();
    if said.is_empty() { "0 s".to_owned() } else { said.join(" ") }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.div_euclid(1_000) * 1_000;
        match Timestamp::from_microsecond(millis) {
            Ok(stamp) => write!(f, "{stamp:.3}"),
            Err(_) => f.write_str("9999-12-31T23:59:59.999Z"),
        }
    }
}

impl FromStr for Time {
    type Err = NotATime;
    fn from_str(text: &str) -> Result<Self, NotATime> {
        text.parse::<Timestamp>().map(|stamp| Self(stamp.as_microsecond())).map_err(|_| NotATime(text.chars().take(64).collect()))
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}

/// Where the time comes from, so that tests own it.
pub trait Clock: Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> Time;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Time {
        #[expect(clippy::disallowed_methods, reason = "this is the one home of the system clock")]
        let now = Timestamp::now();
        Time(now.as_microsecond())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_print_milliseconds_and_read_back() {
        let time = Time::from_micros(1_795_320_500_968_123);
        assert_eq!(time.to_string(), "2026-11-22T04:08:20.968Z");
        assert_eq!("2026-11-22T04:08:20.968Z".parse(), Ok(Time::from_micros(1_795_320_500_968_000)));
        assert!("yesterday".parse::<Time>().is_err());
    }

    #[test]
    fn durations_are_said_exactly_in_few_words() {
        let said = |seconds| in_words(Duration::from_secs(seconds));
        assert_eq!([0, 45, 60, 14_400, 5_400, 86_400].map(said), ["0 s", "45 s", "1 min", "4 h", "1 h 30 min", "1 d"]);
        assert_eq!(said(2 * 86_400 + 12 * 3_600 + 61), "2 d 12 h 1 min 1 s");
        assert_eq!(in_words(Duration::from_millis(1_900)), "1 s");
    }

    #[test]
    fn since_never_goes_negative() {
        let (early, late) = (Time::from_micros(1), Time::from_micros(3));
        assert_eq!(early.since(late), Duration::ZERO);
        assert_eq!(late.since(early), Duration::from_micros(2));
    }
}
