//! How many wrong codes are borne: six digits can be guessed by whoever may guess without end.
//!
//! Only whoever knows the password, or holds a session, can guess at all. Someone who does must not be able to lock the owner out, so guesses
//! from a device or an address the user has logged in from are counted apart from those of the rest of the world; and passkeys and
//! recovery codes, which cannot be guessed, are never held up.

use std::{net::IpAddr, time::Duration};

use dashmap::DashMap;
use mc_domain::{
    id::{SessionId, UserId},
    time::Time,
};

/// Wrong codes borne at once.
const BURST: u32 = 10;
/// How long it takes until one more is borne: with three codes right at any moment, a year of guessing finds one with a chance of a third.
const EACH: Duration = Duration::from_secs(240);
/// Counters kept before those that have run down are forgotten.
const REMEMBERED: usize = 10_000;

/// Who guesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Guesser {
    /// Somebody with a device from which this user has logged in before.
    Device(UserId, [u8; 16]),
    /// Somebody at an address from which this user has logged in before.
    Known(UserId, IpAddr),
    /// Everybody else who says to be this user.
    Unknown(UserId),
    /// Whoever holds this session.
    Session(SessionId),
}

/// Counts wrong codes.
#[derive(Default)]
pub(crate) struct Guesses {
    /// When all that was guessed is forgotten, for each guesser: a bucket that runs down with time.
    empty_at: DashMap<Guesser, Time>,
}

impl Guesses {
    /// Counts a guess before it is looked at; or says how long to wait.
    pub(crate) fn take(&self, guesser: Guesser, now: Time) -> Result<(), Duration> {
        if self.empty_at.len() > REMEMBERED {
            self.empty_at.retain(|_, empty| *empty > now);
        }
        let mut empty = self.empty_at.entry(guesser).or_insert(now);
        let filled = (*empty).max(now).after(EACH);
        let limit = now.after(EACH * BURST);
        if filled > limit {
            return Err(filled.since(limit));
        }
        *empty = filled;
        Ok(())
    }

    /// Takes a guess back that was right.
    pub(crate) fn right(&self, guesser: Guesser) {
        if let Some(mut empty) = self.empty_at.get_mut(&guesser) {
            *empty = empty.before(EACH);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_guesses_run_out_and_right_ones_do_not() {
        let (guesses, user, now) = (Guesses::default(), UserId::new(), Time::from_micros(1_795_320_500_000_000));
        let (stranger, owner) = (Guesser::Unknown(user), Guesser::Known(user, [192, 0, 2, 1].into()));
        for _ in 0..50 {
            guesses.take(stranger, now).expect("right ones are never held up");
            guesses.right(stranger);
        }
        for n in 0..BURST {
            assert!(guesses.take(stranger, now).is_ok(), "{n}");
        }
        assert_eq!(guesses.take(stranger, now), Err(EACH));
        assert!(guesses.take(owner, now).is_ok(), "the owner is not locked out");
        let later = now.after(EACH);
        assert!(guesses.take(stranger, later).is_ok(), "one more");
        assert!(guesses.take(stranger, later).is_err(), "and no second");
    }
}
