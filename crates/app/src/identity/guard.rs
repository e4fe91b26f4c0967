//! Slowing down those who guess passwords, without letting them lock anybody out.
//!
//! Failures are counted for each account from each address, for each address, and for each account over all strangers; every count has some
//! free tries and then growing pauses. A device that came in before is counted for itself alone, and an address that came in before is not
//! held up by what strangers do to the account: a flood of guesses slows the guessers, never the owner at a known device or place. No count
//! is ever a lock: the pauses of an account as a whole stay at ten seconds, and what is not repeated is forgotten.
//!
//! A try is counted when it begins and taken back when it succeeds, so that many at once gain nothing.

use std::{
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

use dashmap::DashMap;
use mc_domain::time::Time;
use parking_lot::Mutex;

/// Counts kept before those that are over are forgotten.
const KEPT: usize = 100_000;
/// The longest typed name that is told from others, in characters.
const NAME_MAX: usize = 64;
/// Refused tries told apart in one summary.
const TOLD_APART: usize = 50;
/// Failures that are audited one by one in a minute, from one place and in all; the rest is summed up.
const SAID_FROM_ONE: u32 = 20;
const SAID_IN_ALL: u32 = 200;
const MINUTE: Duration = Duration::from_secs(60);

/// What a count is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Pair(String, IpAddr),
    Place(IpAddr),
    Account(String),
    Device([u8; 16]),
}

/// When a count begins to hold up, and how much.
struct Rule {
    free: u32,
    longest: Duration,
    forgotten: Duration,
}

impl Key {
    const fn rule(&self) -> Rule {
        let (free, longest, forgotten) = match self {
            Self::Pair(..) => (5, 300, 900),
            Self::Place(_) => (30, 60, 900),
            Self::Account(_) => (20, 10, 900),
            Self::Device(_) => (10, 300, 3_600),
        };
        Rule { free, longest: Duration::from_secs(longest), forgotten: Duration::from_secs(forgotten) }
    }
}

#[derive(Debug, Clone, Copy)]
struct Count {
    failures: u32,
    last: Time,
    open_at: Time,
}

/// Somebody who tries to come in.
#[derive(Debug, Clone)]
pub(crate) struct Try {
    /// The name as typed.
    pub(crate) name: String,
    /// From where.
    pub(crate) place: IpAddr,
    /// The known device it comes from.
    pub(crate) device: Option<[u8; 16]>,
    /// Whether that account came in from this address before.
    pub(crate) known_place: bool,
}

impl Try {
    pub(crate) fn new(name: &str, address: Option<&str>, device: Option<[u8; 16]>) -> Self {
        let name = name.chars().filter(|c| !c.is_control()).take(NAME_MAX).collect();
        let place = address.and_then(|address| address.parse().ok()).unwrap_or(IpAddr::from([0, 0, 0, 0]));
        Self { name, place: network(place), device, known_place: false }
    }

    fn keys(&self) -> Vec<Key> {
        if let Some(device) = self.device {
            return vec![Key::Device(device)];
        }
        let mut keys = vec![Key::Pair(self.name.clone(), self.place), Key::Place(self.place)];
        if !self.known_place {
            keys.push(Key::Account(self.name.clone()));
        }
        keys
    }
}

/// What counts as one place: an IPv4 address, or the /64 that one IPv6 caller owns.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        v4 @ IpAddr::V4(_) => v4,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// Tries that were refused since the last summary, and failures that were not said one by one.
#[derive(Debug, Default)]
struct Unsaid {
    by: std::collections::HashMap<(IpAddr, String), u64>,
    others: u64,
}

/// Failures said one by one in this minute.
#[derive(Debug, Default)]
struct Said {
    since: Time,
    in_all: u32,
    from: std::collections::HashMap<IpAddr, u32>,
}

/// Counts tries.
#[derive(Debug, Default)]
pub(crate) struct Guard {
    counts: DashMap<Key, Count>,
    unsaid: Mutex<Unsaid>,
    said: Mutex<Said>,
}

impl Guard {
    /// Whether the account as a whole is held up now: only then it matters where a try comes from.
    pub(crate) fn is_slowed(&self, attempt: &Try, now: Time) -> bool {
        attempt.device.is_none() && self.wait(&Key::Account(attempt.name.clone()), now).is_some()
    }

    /// Counts a try.
    ///
    /// # Errors
    /// How long to wait when it comes too soon; it is not counted then.
    pub(crate) fn admit(&self, attempt: &Try, now: Time) -> Result<(), Duration> {
        self.tidy(now);
        let keys = attempt.keys();
        if let Some(wait) = keys.iter().filter_map(|key| self.wait(key, now)).max() {
            self.unsay(attempt);
            return Err(wait);
        }
        for key in keys {
            let rule = key.rule();
            let mut count = self.counts.entry(key).or_insert(Count { failures: 0, last: now, open_at: now });
            if now.since(count.last) >= rule.forgotten {
                count.failures = 0;
            }
            count.failures = count.failures.saturating_add(1);
            count.last = now;
            count.open_at = opens(&rule, &count);
        }
        Ok(())
    }

    /// Takes back what [`Guard::admit`] counted: the try was right. The account is free for its owner's place and device again; what others
    /// did to it stays counted.
    pub(crate) fn succeeded(&self, attempt: &Try) {
        for key in attempt.keys() {
            let rule = key.rule();
            if matches!(key, Key::Pair(..) | Key::Device(_)) {
                self.counts.remove(&key);
            } else if let Some(mut count) = self.counts.get_mut(&key) {
                count.failures = count.failures.saturating_sub(1);
                count.open_at = opens(&rule, &count);
            }
        }
    }

    /// Whether a failure is audited for itself; when not, it is in the next summary.
    pub(crate) fn says(&self, attempt: &Try, now: Time) -> bool {
        let mut said = self.said.lock();
        if now.since(said.since) >= MINUTE {
            *said = Said { since: now, ..Said::default() };
        }
        let from = said.from.get(&attempt.place).copied().unwrap_or(0);
        let says = said.in_all < SAID_IN_ALL && from < SAID_FROM_ONE;
        if says {
            said.in_all += 1;
            said.from.insert(attempt.place, from + 1);
        } else {
            drop(said);
            self.unsay(attempt);
        }
        says
    }

    fn unsay(&self, attempt: &Try) {
        let mut unsaid = self.unsaid.lock();
        let key = (attempt.place, attempt.name.clone());
        if unsaid.by.len() < TOLD_APART || unsaid.by.contains_key(&key) {
            *unsaid.by.entry(key).or_insert(0) += 1;
        } else {
            unsaid.others += 1;
        }
    }

    /// What was refused or not said since the last call: from where, as whom, how often; and how much more.
    pub(crate) fn summary(&self) -> (Vec<(IpAddr, String, u64)>, u64) {
        let unsaid = std::mem::take(&mut *self.unsaid.lock());
        let mut by: Vec<_> = unsaid.by.into_iter().map(|((place, name), times)| (place, name, times)).collect();
        by.sort();
        (by, unsaid.others)
    }

    /// Until when strangers are held up at this account.
    pub(crate) fn slowed_until(&self, name: &str, now: Time) -> Option<Time> {
        self.wait(&Key::Account(name.to_owned()), now).map(|wait| now.after(wait))
    }

    /// The accounts at which strangers are held up now.
    pub(crate) fn slowed(&self, now: Time) -> Vec<String> {
        let names = self.counts.iter().filter_map(|entry| match entry.key() {
            Key::Account(name) if entry.open_at > now => Some(name.clone()),
            _ => None,
        });
        names.collect()
    }

    /// Forgets all that was counted at an account.
    pub(crate) fn forget(&self, name: &str) {
        self.counts.retain(|key, _| !matches!(key, Key::Account(known) | Key::Pair(known, _) if known == name));
    }

    fn wait(&self, key: &Key, now: Time) -> Option<Duration> {
        let count = self.counts.get(key)?;
        (count.open_at > now).then(|| count.open_at.since(now))
    }

    /// Keeps the counts bounded: first those that are over go, then those that never held anybody up, then the pairs.
    fn tidy(&self, now: Time) {
        if self.counts.len() <= KEPT {
            return;
        }
        self.counts.retain(|key, count| now.since(count.last) < key.rule().forgotten);
        if self.counts.len() > KEPT {
            self.counts.retain(|key, count| count.failures > key.rule().free);
        }
        if self.counts.len() > KEPT {
            self.counts.retain(|key, _| !matches!(key, Key::Pair(..)));
        }
    }
}

/// When the next try may come. While tries are free it is no moment at all: requests overtake each other, and one that began earlier must
/// not be held up by one that was counted before it.
fn opens(rule: &Rule, count: &Count) -> Time {
    let pause = pause(rule, count.failures);
    if pause.is_zero() { Time::default() } else { count.last.after(pause) }
}

/// How long to wait after so many failures: nothing at first, then a second, and twice as long each time.
fn pause(rule: &Rule, failures: u32) -> Duration {
    match failures.checked_sub(rule.free) {
        None | Some(0) => Duration::ZERO,
        Some(over) => Duration::from_secs(1_u64 << over.saturating_sub(1).min(20)).min(rule.longest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time::from_micros((1_795_305_600 + seconds) * 1_000_000)
    }

    fn from(name: &str, place: [u8; 4]) -> Try {
        Try::new(name, Some(&IpAddr::from(place).to_string()), None)
    }

    #[test]
    fn pauses_grow_and_end() {
        let guard = Guard::default();
        let mallory = from("ada", [192, 0, 2, 1]);
        for _ in 0..5 {
            assert_eq!(guard.admit(&mallory, at(0)), Ok(()));
        }
        assert_eq!(guard.admit(&mallory, at(0)), Ok(()), "the sixth begins the pauses");
        assert_eq!(guard.admit(&mallory, at(0)), Err(Duration::from_secs(1)));
        assert_eq!(guard.admit(&mallory, at(1)), Ok(()));
        assert_eq!(guard.admit(&mallory, at(1)), Err(Duration::from_secs(2)));
        let mut now = 1;
        for _ in 0..20 {
            now += 300;
            assert_eq!(guard.admit(&mallory, at(now)), Ok(()), "never longer than five minutes");
        }
        assert_eq!(guard.admit(&mallory, at(now + 900)), Ok(()), "what is not repeated is forgotten");
        assert_eq!(guard.admit(&mallory, at(now + 900)), Ok(()));
    }

    #[test]
    fn a_free_try_that_was_overtaken_is_not_held_up() {
        let guard = Guard::default();
        let ada = from("ada", [192, 0, 2, 1]);
        for second in (0..5).rev() {
            assert_eq!(guard.admit(&ada, at(second)), Ok(()));
        }
    }

    #[test]
    fn many_at_once_gain_nothing() {
        let guard = Guard::default();
        let mallory = from("ada", [192, 0, 2, 1]);
        let admitted = (0..100).filter(|_| guard.admit(&mallory, at(0)).is_ok()).count();
        assert_eq!(admitted, 6);
    }

    #[test]
    fn strangers_slow_strangers_and_never_the_owner() {
        let guard = Guard::default();
        for n in 0..200 {
            // Whether each is admitted does not matter here.
            let _ = guard.admit(&from("ada", [198, 51, 100, n]), at(0));
        }
        let stranger = from("ada", [203, 0, 113, 1]);
        assert!(guard.is_slowed(&stranger, at(0)));
        let wait = guard.admit(&stranger, at(0)).expect_err("it is slow");
        assert!(wait <= Duration::from_secs(10), "{wait:?}");
        assert_eq!(guard.admit(&stranger, at(10)), Ok(()), "slow is not shut");
        let known_device = Try { device: Some([7; 16]), ..stranger.clone() };
        assert_eq!(guard.admit(&known_device, at(0)), Ok(()));
        let known_place = Try { known_place: true, ..from("ada", [203, 0, 113, 2]) };
        assert_eq!(guard.admit(&known_place, at(0)), Ok(()));
        assert_eq!(guard.admit(&from("bob", [203, 0, 113, 3]), at(0)), Ok(()), "others do not notice");
        assert_eq!(guard.slowed(at(0)), ["ada"]);
        guard.forget("ada");
        assert_eq!(guard.slowed_until("ada", at(0)), None);
    }

    #[test]
    fn a_stolen_device_has_its_own_count() {
        let guard = Guard::default();
        let thief = Try { device: Some([7; 16]), ..from("ada", [192, 0, 2, 1]) };
        let admitted = (0..100).filter(|_| guard.admit(&thief, at(0)).is_ok()).count();
        assert_eq!(admitted, 11);
        let owner = Try { device: Some([8; 16]), ..thief };
        assert_eq!(guard.admit(&owner, at(0)), Ok(()));
    }

    #[test]
    fn a_right_password_takes_back_what_was_counted() {
        let guard = Guard::default();
        let ada = from("ada", [192, 0, 2, 1]);
        for _ in 0..100 {
            assert_eq!(guard.admit(&ada, at(0)), Ok(()));
            guard.succeeded(&ada);
        }
    }

    #[test]
    fn a_flood_is_summed_up() {
        let guard = Guard::default();
        let mallory = from("ada", [192, 0, 2, 1]);
        let said = (0..1_000).filter(|_| guard.says(&mallory, at(0))).count();
        assert_eq!(said, usize::try_from(SAID_FROM_ONE).unwrap());
        assert_eq!(guard.summary(), (vec![(mallory.place, "ada".to_owned(), 980)], 0));
        assert_eq!(guard.summary(), (vec![], 0));
        assert!(guard.says(&mallory, at(60)));
        let many = (0..250).filter(|n| guard.says(&from(&n.to_string(), [10, 0, 1, *n]), at(61))).count();
        assert_eq!(many, 199);
        let (by, others) = guard.summary();
        assert_eq!((by.len(), others), (TOLD_APART, 1));
    }
}
